"""The contract kit on mail, against real servers."""

from __future__ import annotations

import asyncio
import imaplib
import itertools
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest

from agent_tui.backends.api import Backend, Outgoing
from agent_tui.backends.testing import BackendContract, Site
from tests.backends.imap.helpers import Memory, backend_for, make_backend, options_for
from tests.servers.mailserver import MailServer
from tests.servers.scripted import SmtpScript

_numbers = itertools.count(1)


class MailSite(Site):
    """A mailbox, and a customer with another."""

    secret = "wrong-canary-5521"

    def __init__(self, server: MailServer) -> None:
        self.server, self.user, self.customer = server, server.new_user(), server.new_user()
        self.memory = Memory()
        self.losers: list[SmtpScript] = []
        self._line: imaplib.IMAP4_SSL | None = None

    def backend(self) -> Backend:
        return backend_for(self.server, self.user, self.memory)

    async def arrive(self, text: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "ann@customer.test", self.user.address, "Hello"
        mail["Message-ID"] = f"<arrived-{next(_numbers)}@customer.test>"
        # eight bits as they are, and a control character in a header that no composer would let out
        head = mail.as_bytes().replace(b"Subject: Hello", b"Subject: Hello \x1b]0;x\x07")
        body = text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogatepass")
        raw = head.replace(b"\n", b"\r\n") + body + b"\r\n"
        kind, data = await asyncio.to_thread(self._mailbox().append, "INBOX", "", "", raw)
        assert kind == "OK", data

    def _mailbox(self) -> imaplib.IMAP4_SSL:
        if self._line is None:
            self._line = self.server.mailbox(self.user)
        return self._line

    def outgoing(self, text: str, token: str) -> Outgoing:
        raw = (
            f"From: {self.user.address}\r\nTo: {self.customer.address}\r\nSubject: Answer\r\n"
            f"Message-ID: <{token}>\r\n\r\n{text}\r\n"
        ).encode()
        return Outgoing(token, raw, text, self.user.address, [self.customer.address], None, "")

    async def delivered(self, text: str) -> int:
        return sum(text.encode() in raw for raw in self.server.raw_messages(self.customer))

    def stranger(self) -> Backend:
        return make_backend(options_for(self.server, self.user), {"password": self.secret})

    def losing(self) -> Backend:
        script = SmtpScript.losing_the_answer()
        self.losers.append(script)
        return backend_for(self.server, self.user, smtp_host="127.0.0.1", smtp_port=script.port, smtp_security="plain")

    def close(self) -> None:
        if self._line is not None:
            self._line.logout()
        for script in self.losers:
            script.stop()


class MailContract(BackendContract):
    """Common to all servers."""

    many = 45
    """More than the first batch holds."""


class TestOnPymail(MailContract):
    """A server without extensions: the fall-backs."""

    @pytest.fixture
    async def site(self, pymail: MailServer) -> AsyncIterator[Site]:
        site = MailSite(pymail)
        yield site
        site.close()


@pytest.mark.servers
class TestOnDovecotAndPostfix(MailContract):
    """Servers with everything."""

    @pytest.fixture
    async def site(self, postfix: MailServer) -> AsyncIterator[Site]:
        site = MailSite(postfix)
        yield site
        site.close()
