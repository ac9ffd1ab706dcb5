"""A workspace with its store, an account on a real mail system, and the worker, for the tests of this room."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent_tui.backends.api import Backend, Misconfigured, SecretUnavailable
from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel
from agent_tui.domain.message import Event, Message, Person
from agent_tui.domain.outbox import DraftFile, DraftKind, OutboxItem, OutboxState
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import SECOND, Micros, now
from agent_tui.locations import Locations, locate, prepare
from agent_tui.store.open import open_reads, open_worker, open_workspace, open_writes
from agent_tui.store.ports import DeskReads, DeskWrites, QueueOrder
from agent_tui.sync.launch import desk_lock
from agent_tui.sync.parse import ParseLimits
from agent_tui.sync.services import Timing, WorkerSettings
from agent_tui.sync.worker import Worker
from tests.servers.mailserver import MailServer, MailUser

QUICK = Timing(
    tick=0.05,
    poll=0.2,
    poll_watched=0.5,
    backoff=0.05,
    backoff_cap=0.2,
    locked_retry=0.2,
    send_backoff=0.05,
    send_backoff_cap=0.2,
    put_off_steps=(0.2,) * 20,
    proof_steps=(0.05, 0.2, 0.5),
    sends_end_in=5.0,
)
safe = SafeText.trusted


def person(address: str, name: str = "") -> Person:
    """Somebody."""
    return Person(safe(name), safe(address))


def mail(
    sender: str = "ann@customer.test",
    to: str = "support@example.test",
    subject: str = "Hello",
    text: str = "Text",
    **headers: str,
) -> bytes:
    """A small mail. Header names are given with underscores."""
    lines = {"From": sender, "To": to, "Subject": subject, "Date": "Mon, 01 Jun 2026 10:00:00 +0000"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines.setdefault("Message-ID", f"<{uuid.uuid4().hex}@customer.test>")
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return (head + "\r\n" + text + "\r\n").encode("utf-8", "surrogatepass")


class Workspace:
    """A store with everybody's view of it."""

    def __init__(self, home: Path) -> None:
        self.locations: Locations = prepare(locate(home))
        open_workspace(self.locations.data)
        self.reads: DeskReads = open_reads(self.locations.data)
        self.writes: DeskWrites = open_writes(self.locations.data)

    def close(self) -> None:
        self.reads.close()
        self.writes.close()

    # looking

    def rows(self, view: str = "all") -> list[Any]:
        from agent_tui.domain.conversation import View

        return list(self.reads.page(View(view), "me", None, 500))

    def messages(self, conversation_id: int) -> list[Message]:
        return [i for i in self.reads.items(conversation_id, None, 500) if isinstance(i, Message)]

    def all_messages(self) -> list[Message]:
        return [m for view in ("all", "spam") for row in self.rows(view) for m in self.messages(row.id)]

    def events(self, conversation_id: int) -> list[Event]:
        return [i for i in self.reads.items(conversation_id, None, 500) if isinstance(i, Event)]

    def outbox_states(self) -> list[OutboxState]:
        return [item.state for item in self.reads.outbox(open_only=False)]

    # writing

    def queue(
        self,
        conversation_id: int | None,
        to: str,
        *,
        account: str = "mail",
        sender: str = "support@example.test",
        answers: Message | None = None,
        hold: float = 0.0,
        scheduled: bool = False,
        text: str = "An answer",
        subject: str = "Re: Hello",
        cc: str = "",
        files: Sequence[DraftFile] = (),
    ) -> OutboxItem:
        """What the composer does: freeze a mail and queue it."""
        token = f"{uuid.uuid4().hex}@example.test"
        references = [*(self.reads.references(answers.id) if answers else ())]
        raw = mail(
            sender,
            to,
            subject,
            text,
            Message_ID=f"<{token}>",
            In_Reply_To=f"<{references[-1]}>" if references else "",
            References=" ".join(f"<{r}>" for r in references),
            Cc=cc,
        )
        return self.writes.queue(
            "me",
            QueueOrder(
                draft_id=uuid.uuid4().hex,
                conversation_id=conversation_id,
                account=account,
                kind=DraftKind.REPLY if conversation_id else DraftKind.NEW,
                to=[person(to)],
                cc=[person(cc)] if cc else (),
                bcc=(),
                subject=safe(subject),
                text=safe(text),
                quoted=(),
                signature=None,
                token=token,
                raw=self.writes.put_file(raw),
                envelope_from=safe(sender),
                envelope_to=[safe(address) for address in (to, cc) if address],
                author=person(sender),
                references=references,
                not_before=Micros(now() + int(hold * SECOND)),
                scheduled=scheduled,
                beside=files,
            ),
        )


def mail_account(server: MailServer, user: MailUser, name: str = "mail", **options: Any) -> Account:
    """An account of a user of a mail system."""
    given: dict[str, Any] = {
        "host": server.host,
        "port": server.imaps_port,
        "security": "tls",
        "user": user.address,
        "smtp_host": server.host,
        "smtp_port": server.smtps_port or server.smtp_port or 465,
        "smtp_security": "starttls" if server.smtp_port and not server.smtps_port else "tls",
        "addresses": [user.address],
        "ca_file": str(server.ca_file),
        "timeout": 20,
    }
    return Account(
        id=name,
        backend="imap",
        label=safe(name),
        channel=Channel.EMAIL,
        options={**given, **options},
        own_addresses=(safe(user.address),),
    )


def settings(
    workspace: Workspace,
    secrets: Mapping[tuple[str, str], str] | None = None,
    backends: Mapping[str, type[Backend]] | None = None,
    timing: Timing = QUICK,
    limits: ParseLimits | None = None,
    **more: Any,
) -> WorkerSettings:
    """The worker's settings in a test."""

    async def secret(account: str, option: str) -> str:
        try:
            return (secrets or {})[account, option]
        except KeyError:
            raise SecretUnavailable("secret", reason="not_stored") from None

    def find(name: str) -> type[Backend]:
        if backends and name in backends:
            return backends[name]
        from agent_tui.backends.registry import BrokenBackend, load

        try:
            return load(name)
        except BrokenBackend as error:
            raise Misconfigured("no such backend", backend=name) from error

    locations = workspace.locations
    return replace(
        WorkerSettings(
            data=locations.data,
            lock=locations.worker_lock,
            desk_lock=desk_lock(locations),
            socket=locations.worker_socket,
            secret=secret,
            find_backend=find,
            timing=timing,
            limits=limits or ParseLimits(),
        ),
        **more,
    )


@asynccontextmanager
async def running(given: WorkerSettings) -> AsyncIterator[Worker]:
    """A worker that runs in this process."""
    reads = open_reads(given.data)
    worker = Worker(given, open_worker(given.data), reads)
    task = asyncio.ensure_future(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await task
        reads.close()


async def run_once(given: WorkerSettings) -> int:
    """`--once` in this process."""
    reads = open_reads(given.data)
    try:
        return await Worker(replace(given, once=True), open_worker(given.data), reads).run()
    finally:
        reads.close()


async def until(condition: Callable[[], Any], seconds: float = 20.0, what: str = "") -> Any:
    """Wait until a condition holds; its value."""
    end = asyncio.get_running_loop().time() + seconds
    while not (value := await asyncio.to_thread(condition)):
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        await asyncio.sleep(0.02)
    return value


def texts(messages: Sequence[Message]) -> list[str]:
    """What they say."""
    return [str(m.visible_text) for m in messages]


__all__ = [
    "NOTHING",
    "QUICK",
    "Workspace",
    "mail",
    "mail_account",
    "person",
    "run_once",
    "running",
    "settings",
    "until",
]
