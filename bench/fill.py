"""Fills a workspace with a generated mailbox, through the same door of the store that the worker uses."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Automatic, Direction, Person, Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.store.open import open_worker, open_workspace
from agent_tui.store.ports import IngestTransaction, NewMessage
from bench.mailbox import SUPPORT, TEXTS, Mail, mails, native_id

ACCOUNT = "bench"
BATCH = 400
S = SafeText.trusted  # the texts are made here


def data_folder(home: Path) -> Path:
    """Where the store of `--home` lies."""
    return home / "data"


def fill(home: Path, count: int) -> float:
    """A workspace with so many mails; returns the seconds it took, also where it stands already."""
    done = home / ".complete"
    present = _schema()
    if done.exists() and (kept := done.read_text().split())[:1] == [present]:
        return float(kept[1])
    shutil.rmtree(home, ignore_errors=True)
    data = data_folder(home)
    data.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    open_workspace(data)
    worker = open_worker(data)
    worker.put_account(
        Account(
            id=ACCOUNT,
            backend="import",
            label=S("Support"),
            channel=Channel.EMAIL,
            options={},
            own_addresses=(S(SUPPORT),),
            own_name=S("Aurora"),
            offline=True,
        )
    )
    filler = _Filler()
    stream = mails(count)
    while batch := list(itertools.islice(stream, BATCH)):
        with worker.ingest() as tx:
            for mail in batch:
                filler.add(tx, mail)
    while worker.merge_search_index(1.0):
        pass
    worker.close()
    seconds = time.perf_counter() - begun
    done.write_text(f"{present} {seconds:.1f}\n")
    return seconds


def _schema() -> str:
    """What tables there are, and what mails: a workspace of older ones is filled anew."""
    with tempfile.TemporaryDirectory(prefix="schema-") as folder:
        open_workspace(Path(folder))
        connection = sqlite3.connect(Path(folder) / "store.db")
        rows = connection.execute("SELECT sql FROM sqlite_master ORDER BY name, sql").fetchall()
        connection.close()
    return hashlib.sha256(repr((TEXTS, rows)).encode()).hexdigest()[:16]


class _Filler:
    def __init__(self) -> None:
        self._conversations: dict[int, int] = {}
        self._contacts: dict[str, int] = {}

    def add(self, tx: IngestTransaction, mail: Mail) -> None:
        contact = self._contacts.get(mail.address)
        if contact is None:
            contact = self._contacts[mail.address] = tx.add_contact(S(mail.name), "email", S(mail.address), "bench")
        conversation = self._conversations.get(mail.conversation)
        if conversation is None:
            conversation = tx.add_conversation(ACCOUNT, Channel.EMAIL, S(mail.subject), contact, Status.OPEN, mail.at)
            self._conversations[mail.conversation] = conversation
        customer, us = Person(S(mail.name), S(mail.address)), Person(S("Aurora"), S(SUPPORT))
        tx.add_message(
            NewMessage(
                account=ACCOUNT,
                channel=Channel.EMAIL,
                native_id=native_id(mail),
                direction=Direction.IN if mail.inbound else Direction.OUT,
                author=customer if mail.inbound else us,
                to=(us if mail.inbound else customer,),
                cc=(),
                bcc=(),
                reply_to=(),
                subject=S(mail.subject),
                sent_at=mail.at,
                arrived_at=mail.at,
                text=S(mail.text),
                quoted=(),
                signature=None,
                links=(),
                files=(),
                automatic=Automatic.NO,
                warnings=(),
                header_id=mail.message_id,
                in_reply_to=(),
                references=(),
                contact_id=contact if mail.inbound else None,
                raw=None,
                size=len(mail.text),
                unread=mail.unread and mail.inbound,
            ),
            conversation,
            Placement(Rule.NEW),
        )
