"""An ingestor over a real store, and mails to feed it with."""

from __future__ import annotations

from dataclasses import replace

from agent_tui.backends.api import Change, MailArrived, RemoteCopy
from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.times import Micros, now
from agent_tui.store.ports import WorkerStore
from agent_tui.sync.incoming import IngestAccount, Result
from agent_tui.sync.ingest import Ahead, Ingestor
from agent_tui.sync.parse import ParserTeam
from tests.sync.workspace import Workspace, safe

US = "support@example.test"
MAIL = Account("mail", "imap", safe("Mail"), Channel.EMAIL, {}, own_addresses=(safe(US),))
CHAT = Account("chat", "demo", safe("Chat"), Channel.CHAT, {})


class Bench:
    """An ingestor over a workspace."""

    def __init__(self, workspace: Workspace, store: WorkerStore, team: ParserTeam, us: str = US) -> None:
        self.us = us
        self.workspace = workspace
        self.store = store
        self.ingestor = Ingestor(store, team)
        for account in (replace(MAIL, own_addresses=(safe(us),)), CHAT):
            workspace.writes.put_account(account)

    def take(self, *changes: Change, live: bool = True, account: Account = MAIL, cursor: str = "") -> list[Result]:
        prepared = self.ingestor.prepare(changes)
        ahead = Ahead("pull", cursor) if cursor else None
        return self.ingestor.commit(IngestAccount.of(account, [self.us]), prepared, ahead, live=live)

    def mail(
        self,
        raw: bytes,
        at: int | None = None,
        role: str = "inbox",
        live: bool = True,
        uid: int = 0,
        *,
        seen: bool = False,
        answered: bool = False,
    ) -> Result:
        copy = RemoteCopy(role, 1, uid) if uid else None
        change = MailArrived(raw, Micros(at or now()), copy, role, seen=seen, answered=answered)
        return self.take(change, live=live)[0]

    def status(self, result: Result) -> Status:
        assert result.conversation_id is not None
        found = self.workspace.reads.conversation(result.conversation_id)
        assert found is not None
        return found.status


def report(
    about: str,
    address: str,
    action: str,
    status: str,
    *,
    head: str = "",
    to: str = "",
    kind: str = "text/rfc822-headers",
    envelope: str = "",
) -> bytes:
    """A delivery report as mail servers write it. Of the message it gives back its id, with the fields of `head`.

    Else with the head of what `Workspace.queue` sends `to` the one who is reported on, or to another one.
    """
    sent = f"Date: Mon, 01 Jun 2026 10:00:00 +0000\r\nFrom: {US}\r\nTo: {to or address}\r\nSubject: Re: Hello"
    head = head or sent
    named = f"Original-Envelope-Id: {envelope}\r\n" if envelope else ""
    returned = f"{head}\r\nMessage-ID: <{about}>" if about else head
    return (
        "From: Mail Delivery System <mailer-daemon@mx.test>\r\nTo: support@example.test\r\n"
        f"Subject: Undelivered\r\nMessage-ID: <{now()}@mx.test>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{named}Reporting-MTA: dns; mx.test\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: {kind}\r\n\r\n{returned}\r\n\r\n--b--\r\n"
    ).encode()
