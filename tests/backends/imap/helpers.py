"""An account for the tests, and the worker's part of the dialog in a few lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from agent_tui.backends.api import (
    AccountContext,
    Change,
    ChangeBatch,
    CopyGone,
    CopySeen,
    FolderRenamed,
    FolderReset,
    MailArrived,
    MessageUnreadable,
    Outgoing,
    SecretUnavailable,
)
from agent_tui.backends.imap import ImapBackend
from agent_tui.backends.imap.options import ImapOptions
from tests.servers.mailserver import MailServer, MailUser


@dataclass
class Memory:
    """What an account remembers."""

    facts: dict[str, str] = field(default_factory=dict)

    async def remember(self, key: str, value: str) -> None:
        self.facts[key] = value

    def recall(self, key: str) -> str | None:
        return self.facts.get(key)


def options_for(server: MailServer, user: MailUser, **changes: Any) -> ImapOptions:
    """Options that fit a server of the tests, with implicit TLS."""
    values: dict[str, Any] = {
        "host": server.host,
        "port": server.imaps_port,
        "user": user.address,
        "smtp_port": server.smtps_port or 465,
        "ca_file": str(server.ca_file),
        "timeout": 10,
    }
    return ImapOptions(**{**values, **changes})


def make_backend(options: ImapOptions, secrets: dict[str, str], memory: Memory | None = None) -> ImapBackend:
    """A backend as the worker would make it."""
    kept = memory or Memory()

    async def secret(name: str) -> str:
        if name not in secrets:
            raise SecretUnavailable(name, option=name)
        return secrets[name]

    return ImapBackend(
        AccountContext("mail", options, secret, frozenset(options.addresses), kept.remember, kept.recall)
    )


def backend_for(server: MailServer, user: MailUser, memory: Memory | None = None, **changes: Any) -> ImapBackend:
    """A backend for a user of a server."""
    return make_backend(options_for(server, user, **changes), {"password": user.password}, memory)


def mail(
    number: int | str, *, body: str = "Text", sender: str = "ann@customer.test", to: str = "u@example.test"
) -> bytes:
    """A small mail that can be told from others."""
    return (
        f"From: Ann <{sender}>\r\nTo: {to}\r\nSubject: Mail {number}\r\nMessage-ID: <m{number}@customer.test>\r\n"
        f"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\n{body} {number}\r\n"
    ).encode()


def subject(raw: bytes) -> str:
    """Subject line of a mail of ours."""
    return next(line[9:].decode() for line in raw.splitlines() if line.startswith(b"Subject: "))


def outgoing(sender: str, *to: str, token: str = "out1@example.test", raw: bytes | None = None) -> Outgoing:
    """A frozen mail."""
    made = (
        f"From: Agent <{sender}>\r\nTo: {', '.join(to)}\r\nSubject: Answer\r\nMessage-ID: <{token}>\r\n"
        "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\r\nHello\r\n.\r\n..dots\r\n"
    ).encode()
    return Outgoing(token, raw if raw is not None else made, "Hello", sender, to, None, "")


@dataclass
class Mirror:
    """What the store would hold: applies changes and keeps the cursor, as a commit would."""

    cursor: str | None = None
    history_cursor: str | None = None
    mails: dict[tuple[str, int, int], MailArrived] = field(default_factory=dict)
    marks: dict[tuple[str, int, int], tuple[bool, bool]] = field(default_factory=dict)
    aside: list[MessageUnreadable] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    batches: list[ChangeBatch] = field(default_factory=list)
    doubled: int = 0

    def apply(self, batch: ChangeBatch) -> None:
        """Commit a batch."""
        self.batches.append(batch)
        for change in batch.changes:
            self.changes.append(change)
            match change:
                case MailArrived(copy=copy) if copy is not None:
                    key = (copy.folder, copy.uidvalidity, copy.uid)
                    self.doubled += key in self.mails
                    self.mails[key] = change
                    self.marks[key] = (change.seen, change.answered)
                case CopySeen(copy=copy):
                    self.marks[copy.folder, copy.uidvalidity, copy.uid] = (change.seen, change.answered)
                case CopyGone():
                    self.mails.pop((change.folder, change.uidvalidity, change.uid), None)
                case FolderReset():
                    for key in [k for k in self.mails if k[0] == change.folder]:
                        del self.mails[key]
                case FolderRenamed():
                    for key in [k for k in self.mails if k[0] == change.old]:
                        self.mails[change.new, key[1], key[2]] = self.mails.pop(key)
                case MessageUnreadable():
                    self.aside.append(change)
                case _:
                    pass

    async def pull(self, backend: ImapBackend, stop_after: int | None = None) -> list[Change]:
        """Pull until done (or killed after so many batches); gives the changes of this pull."""
        before = len(self.changes)
        await self._run(backend.pull(self.cursor), "cursor", stop_after)
        return self.changes[before:]

    async def history(self, backend: ImapBackend, stop_after: int | None = None) -> bool:
        """History until done or killed; true where it is done."""
        await self._run(backend.history(self.history_cursor), "history_cursor", stop_after)
        return self.batches[-1].done

    async def _run(self, stream: AsyncIterator[ChangeBatch], cursor: str, stop_after: int | None) -> None:
        number = 0
        async for batch in stream:
            self.apply(batch)
            setattr(self, cursor, batch.cursor)
            number += 1
            if number == stop_after:
                return

    def subjects(self, folder: str = "INBOX") -> list[str]:
        """Subjects of the mails of a folder, by UID."""
        return [subject(m.raw) for key, m in sorted(self.mails.items()) if key[0] == folder]


def append(server: MailServer, user: MailUser, *raws: bytes, folder: str = "INBOX", flags: str = "") -> None:
    """Put mails into a folder from outside."""
    line = server.mailbox(user)
    for raw in raws:
        kind, data = line.append(f'"{folder}"', flags, None, raw)
        assert kind == "OK", data
    line.logout()
