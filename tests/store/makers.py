"""What the tests of the store are made of."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent_tui.domain.account import Account, Capability
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Attachment, Automatic, Direction, Person, Placement, Rule
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import SECOND, Micros
from agent_tui.store.open import open_reads, open_worker, open_workspace, open_writes
from agent_tui.store.ports import DeskReads, DeskWrites, IngestTransaction, NewMessage, QueueOrder, WorkerStore

START = Micros(1_700_000_000 * SECOND)
AGENT = "dana"
S = SafeText.trusted


class Workspace:
    """A workspace with all its doors open."""

    def __init__(self, home: Path) -> None:
        self.home = home
        open_workspace(home)
        self.reads: DeskReads = open_reads(home)
        self.writes: DeskWrites = open_writes(home)
        self.worker: WorkerStore = open_worker(home)

    def close(self) -> None:
        self.reads.close()
        self.writes.close()
        self.worker.close()

    def arrive(self, text: str = "Hello", **kwargs: Any) -> tuple[int, int]:
        """A message in a conversation of its own, or in `into`; returns (conversation, message)."""
        with self.worker.ingest() as tx:
            return arrive(tx, text, **kwargs)


def account(account_id: str = "mail", **changes: Any) -> Account:
    made = Account(
        id=account_id,
        backend="imap",
        label=S("Support"),
        channel=Channel.EMAIL,
        options={"archive_folder": "Archive"},
        capabilities=frozenset({Capability.PULL, Capability.SEND, Capability.FLAGS, Capability.MOVE}),
        own_addresses=(S("help@acme.example"),),
        own_name=S("Acme Support"),
    )
    return replace(made, **changes)


_made = 0


def message(text: str = "Hello", *, at: int = 0, sender: str = "ann@example.com", **changes: Any) -> NewMessage:
    global _made  # noqa: PLW0603
    _made += 1
    native = hashlib.sha256(f"{text}{at}{sender}{_made}".encode()).hexdigest()
    made = NewMessage(
        account="mail",
        channel=Channel.EMAIL,
        native_id=native,
        direction=Direction.IN,
        author=Person(S("Ann Smith"), S(sender)),
        to=(Person(NOTHING, S("help@acme.example")),),
        cc=(),
        bcc=(),
        reply_to=(),
        subject=S("Question"),
        sent_at=Micros(START + at),
        arrived_at=Micros(START + at),
        text=S(text),
        quoted=(),
        signature=None,
        links=(),
        files=(),
        automatic=Automatic.NO,
        warnings=(),
        header_id=f"m{_made}@example.com",
        in_reply_to=(),
        references=(),
        contact_id=None,
        raw=None,
        size=len(text),
        unread=True,
    )
    return replace(made, **changes)


def arrive(
    tx: IngestTransaction,
    text: str = "Hello",
    *,
    into: int | None = None,
    status: Status = Status.NEW,
    contact: int | None = None,
    **kwargs: Any,
) -> tuple[int, int]:
    new = message(text, **kwargs)
    if into is None:
        into = tx.add_conversation(new.account, new.channel, new.subject, contact, status, new.arrived_at, None)
    return into, tx.add_message(new, into, Placement(Rule.NEW))


def file(name: str = "bill.pdf", *, inline: bool = False) -> Attachment:
    return Attachment(0, S(name), S("application/pdf"), 1234, inline, "2")


def draft(draft_id: str = "d1", *, conversation: int | None = None, text: str = "Dear Ann", **changes: Any) -> Draft:
    made = Draft(
        id=draft_id,
        agent=AGENT,
        kind=DraftKind.REPLY if conversation else DraftKind.NEW,
        conversation_id=conversation,
        account="mail",
        to=(Person(S("Ann"), S("ann@example.com")),),
        cc=(),
        bcc=(),
        subject=S("Re: Question"),
        text=text,
        updated_at=START,
    )
    return replace(made, **changes)


def order(draft_id: str = "d1", *, conversation: int | None = None, **changes: Any) -> QueueOrder:
    made = QueueOrder(
        draft_id=draft_id,
        conversation_id=conversation,
        account="mail",
        kind=DraftKind.REPLY if conversation else DraftKind.NEW,
        to=(Person(S("Ann"), S("ann@example.com")),),
        cc=(),
        bcc=(),
        subject=S("Re: Question"),
        text=S("Dear Ann"),
        quoted=(),
        signature=None,
        token=f"{draft_id}.token@acme.example",
        raw=None,
        envelope_from=S("help@acme.example"),
        envelope_to=(S("ann@example.com"),),
        author=Person(S("Acme Support"), S("help@acme.example")),
        references=("m1@example.com",),
        not_before=START,
        scheduled=False,
    )
    return replace(made, **changes)
