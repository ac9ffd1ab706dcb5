"""What every mail system of the tests offers, whichever servers stand behind it."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MailUser:
    """A mailbox of a test."""

    address: str
    password: str


@dataclass
class MailServer(ABC):
    """Ports and files of a running mail system. Users are fresh, so that tests share the servers and nothing else."""

    kind: str = field(init=False, default="")
    host: str = field(init=False, default="localhost")
    imap_port: int = field(init=False, default=0)
    """STARTTLS."""
    imaps_port: int = field(init=False, default=0)
    smtp_port: int = field(init=False, default=0)
    """Submission: STARTTLS and AUTH. 0 where the system has none."""
    smtps_port: int = field(init=False, default=0)
    mx_port: int = field(init=False, default=0)
    """Takes mail for the system's users without AUTH."""
    ca_file: Path = field(init=False, default=Path())

    @abstractmethod
    def new_user(self) -> MailUser:
        """A fresh mailbox."""

    @abstractmethod
    def stop(self) -> None:
        """End everything; may be called twice."""

    def deliver(self, raw: bytes, to: str, sender: str = "customer@customer.test") -> None:
        """Let a mail arrive as from outside, by SMTP."""
        with smtplib.SMTP("127.0.0.1", self.mx_port, timeout=20) as smtp:
            smtp.sendmail(sender, [to], raw)

    def tls(self) -> ssl.SSLContext:
        """A context that trusts this system's authority."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def mailbox(self, user: MailUser) -> imaplib.IMAP4_SSL:
        """A connection that looks into a mailbox from outside, logged in, by the standard library alone."""
        line = imaplib.IMAP4_SSL(self.host, self.imaps_port, ssl_context=self.tls(), timeout=20)
        line.login(user.address, user.password)
        return line

    def raw_messages(self, user: MailUser, folder: str = "INBOX") -> list[bytes]:
        """All mails of a folder."""
        line = self.mailbox(user)
        try:
            line.select(f'"{folder}"', readonly=True)
            _, data = line.uid("FETCH", "1:*", "(BODY.PEEK[])")
            return [part[1] for part in data if isinstance(part, tuple)]
        finally:
            line.logout()

    def wait_for_mail(self, user: MailUser, number: int = 1, folder: str = "INBOX", seconds: float = 20) -> list[bytes]:
        """Until a folder holds so many mails."""
        end = time.monotonic() + seconds
        while True:
            found = self.raw_messages(user, folder)
            if len(found) >= number:
                return found
            if time.monotonic() > end:
                raise AssertionError(f"{len(found)} of {number} mails in {folder} of {user.address}")
            time.sleep(0.1)
