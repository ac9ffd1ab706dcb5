"""What a mail account needs to know: one declaration for the form, the flags and the documentation."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ByteSize, ConfigDict, Field, model_validator

from agent_tui.backends.api import secret
from agent_tui.content.domains import ascii_domain

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"[A-Za-z0-9_:\[][A-Za-z0-9_.:\-\[\]%]*\Z")


class Security(StrEnum):
    """How the line is protected."""

    TLS = "tls"
    """From the first byte."""
    STARTTLS = "starttls"
    PLAIN = "plain"
    """Not at all: only to this very machine."""


class Login(StrEnum):
    """How we say who we are."""

    PASSWORD = "password"  # noqa: S105
    OAUTH = "oauth"


def _line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control characters")
    return text.strip()


def _host(text: str) -> str:
    text = _line(text)
    if not text:
        return text
    ascii_name = text if text.isascii() else ascii_domain(text)
    if ascii_name is None or not _HOST.match(ascii_name):
        raise ValueError("is no host name")
    return ascii_name.strip("[]")


def _folder(text: str) -> str:
    """Folder names may hold a TAB, a quote, anything but what ends a line."""
    if re.search(r"[\x00\r\n]", text):
        raise ValueError("must not hold line ends")
    return "INBOX" if text.upper() == "INBOX" else text


Line = Annotated[str, AfterValidator(_line)]
Host = Annotated[str, AfterValidator(_host)]
Folder = Annotated[str, AfterValidator(_folder)]
Port = Annotated[int, Field(ge=1, le=65535)]


class ImapOptions(BaseModel):
    """Options of a mail account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Host = Field(title="IMAP server", description="As imap.example.com", min_length=1)
    port: Port = Field(default=993, title="IMAP port")
    security: Security = Field(default=Security.TLS, title="IMAP protection")
    user: Line = Field(title="User", description="Often the whole address", min_length=1)
    auth: Login = Field(default=Login.PASSWORD, title="Sign in by")
    password: str = secret("Password", when=("auth", "password"))
    token: str = secret("Token", "An OAuth access token, asked anew for each sign-in", when=("auth", "oauth"))

    smtp_host: Host = Field(default="", title="SMTP server", description="Empty: the IMAP server")
    smtp_port: Port = Field(default=465, title="SMTP port")
    smtp_security: Security = Field(default=Security.TLS, title="SMTP protection")
    smtp_user: Line = Field(default="", title="SMTP user", description="Empty: as for IMAP")
    smtp_password: str = secret("SMTP password", "Empty: as for IMAP", asked=False)

    addresses: tuple[Line, ...] = Field(
        default=(), title="Own addresses", description="The first is the one new mails come from"
    )
    name: Line = Field(default="", title="Your name", description="As customers see it")
    signature: str = Field(default="", title="Signature")

    folders: tuple[Folder, ...] = Field(default=("INBOX",), title="Folders to watch", min_length=1)
    sent_folder: Folder = Field(default="auto", title="Folder of sent mails", description="auto, none, or its name")
    archive_folder: Folder = Field(default="", title="Folder for solved conversations", description="Empty: they stay")

    poll_interval: int = Field(
        default=120, title="Seconds between looks", description="Where the server cannot tell by itself", ge=5, le=86400
    )
    idle_renew: float = Field(
        default=120,
        title="Seconds a quiet line is trusted",
        description="Then it is proven alive or renewed; at most 29 minutes",
        ge=0.2,
        le=1740,
    )
    timeout: float = Field(default=30, title="Seconds to wait for an answer", ge=0.2, le=600)
    ca_file: Line = Field(
        default="", title="Certificate authority", description="A file with certificates to trust besides the system's"
    )
    trusted_authserv: Line = Field(
        default="",
        title="Server that checks senders",
        description="As it names itself in Authentication-Results; empty: nothing is said of senders",
    )
    max_size: ByteSize = Field(
        default=ByteSize(50 << 20), title="Largest mail fetched at once", description="As 50 MiB", ge=1024
    )

    @model_validator(mode="after")
    def _own_address(self) -> ImapOptions:
        """Without an address of its own the account answers as its user, if that is one."""
        if not self.addresses and "@" in self.user:
            object.__setattr__(self, "addresses", (self.user,))
        return self

    @property
    def smtp_server(self) -> str:
        """Host of submission."""
        return self.smtp_host or self.host

    @property
    def submission_user(self) -> str:
        """User of submission."""
        return self.smtp_user or self.user
