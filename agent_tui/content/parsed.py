"""What reading a mail gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from agent_tui.domain.message import Automatic, Person, Span
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros

CONTENT_VERSION = 1
"""Raised when reading gets better, so that stored messages may be read anew."""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file found in a mail."""

    part: str
    """Its place, as `2.1`, opaque to others; `content.mail.file_bytes(raw, part)` gives its bytes."""
    name: SafeText
    type: SafeText
    size: int
    inline: bool = False
    content_id: SafeText = NOTHING


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """One recipient that a delivery report speaks of."""

    address: SafeText
    """Normalised."""
    action: str
    """`failed`, `delayed`, `delivered`, `relayed`, `expanded`."""
    permanent: bool
    status: SafeText = NOTHING
    """As `5.1.1`."""
    diagnostic: SafeText = NOTHING


@dataclass(frozen=True, slots=True)
class Heading:
    """What tells a mail from others under the same Message-ID; what could not be read is empty."""

    sent_at: Micros | None = None
    """From Date."""
    subject: SafeText = NOTHING
    to: Sequence[str] = ()
    """Addresses of To, normalised."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a delivery report says, and about which message."""

    about: SafeText = NOTHING
    """Message-ID of the message it is about, without brackets; empty where it does not tell."""
    recipients: Sequence[ReportedRecipient] = ()
    stated: bool = False
    """Its recipients stand in the fields made for them; else they were read out of its words."""
    envelope: SafeText = NOTHING
    """The name that the message's envelope was given when it was sent (Original-Envelope-Id of RFC 3464)."""
    returned: bool = False
    """It gives back that message or its head, and came the way reports come: from nobody.

    Without that, `about` is only what its author says he answers, which everybody can say who knows an id.
    """
    heading: Heading = Heading()
    """Of the message that it gives back."""


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as safe text. Nothing in it came through unread; nothing of it is a command."""

    message_id: str
    """Normalised, without brackets; empty where it has none that can be used."""
    in_reply_to: Sequence[str]
    references: Sequence[str]
    author: Person
    """Of From; with an empty address where it is ambiguous or no clean address."""
    sender: Person | None
    reply_to: Sequence[Person]
    to: Sequence[Person]
    cc: Sequence[Person]
    bcc: Sequence[Person]
    delivered_to: Sequence[str]
    """Addresses of Delivered-To and X-Original-To, normalised."""
    subject: SafeText
    sent_at: Micros | None
    """From Date; None where it has none that makes sense."""
    received_at: Micros | None
    """Of the topmost Received line."""
    text: SafeText
    """All of it; below it what an invitation says."""
    quoted: Sequence[Span]
    signature: Span | None
    links: Sequence[SafeText]
    files: Sequence[ParsedFile]
    automatic: Automatic
    report: DeliveryReport | None
    warnings: Sequence[str]
    """Codes. Of its sender: `two_from`, `no_author`, `doubled_header`, `reply_to_differs`, `lookalike_sender`,
    `auth_failed`. Of its text: `alternatives_differ`, `link_differs:SAID → LEADS`, `hidden_text`, `encrypted`, `signed`
    (nothing was verified), `truncated`, `broken_mime`, `no_headers`, `partial` (its headers alone are here)."""
    verified: bool = False
    """The configured server says that it comes from the domain of its author."""
    loop_count: int = 0
    """How often it seems to have gone round: our own loop header, Received lines."""
    headers: Mapping[str, SafeText] = field(default_factory=dict)
    """A few more for display: `List-Id`, `X-Mailer`, `Authentication-Results`."""


class UnreadableMail(Exception):
    """A mail that could not be read at all, or not within its bounds. `code` is put into words by the screens:
    `empty`, `not_a_mail`, `too_complex`, `reader_failed` (with `kind`), and of files `no_such_part` (with `part`)."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters: dict[str, str] = parameters
