"""What is said in a conversation: messages to and from the customer, notes of the team, and events.

A note is a type of its own. Nothing that sends accepts one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros


class Direction(StrEnum):
    """From the customer, or to him."""

    IN = "in"
    OUT = "out"


class Automatic(StrEnum):
    """Messages that no person wrote for us."""

    NO = "no"
    REPLY = "reply"
    """An auto-reply: out of office, a ticket system's acknowledgement."""
    REPORT = "report"
    """A delivery report."""
    LIST = "list"
    """A mailing list or bulk mail."""


class Delivery(StrEnum):
    """How far a message of ours got."""

    NONE = "none"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    BOUNCED = "bounced"
    DELAYED = "delayed"
    DELIVERED = "delivered"


UNPROVEN = "(unproven) "
"""Stands before the address in what a report said of one of several recipients, where any of the others may have forged
it: each of them knows all that a report gives back."""


IN_DOUBT = frozenset({"two_from", "own_address", "lookalike_sender", "auth_failed", "doubled_header", "in_junk"})
"""Warnings of a message that may be another's than it says: it proves nothing of those whom it names."""


def in_doubt(warnings: Iterable[str]) -> bool:
    """Whether any of these says so."""
    return not IN_DOUBT.isdisjoint(warnings)


class Rule(StrEnum):
    """Why a message stands in its conversation."""

    IN_REPLY_TO = "in_reply_to"
    """Its In-Reply-To names a message of the conversation."""
    REFERENCES = "references"
    OUR_MESSAGE_ID = "our_message_id"
    """It answers a Message-ID that we made."""
    NATIVE = "native"
    """The backend itself says which conversation it belongs to."""
    DELIVERY_REPORT = "delivery_report"
    """A report about a message of the conversation."""
    OUTBOX = "outbox"
    """We wrote it here."""
    NEW = "new"
    """Nothing ties it to another: it begins a conversation."""
    STRANGER = "stranger"
    """It refers to a conversation, but its author has no part in it: it begins one of its own."""
    MOVED = "moved"
    """A person put it here."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Why a message stands where it stands. `evidence` holds codes and parameters; screens put them into words."""

    rule: Rule
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address as a message gave them. An address that could not be read cleanly is empty."""

    name: SafeText
    address: SafeText

    @property
    def shown(self) -> SafeText:
        """The name, or the address where there is none."""
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message."""

    id: int
    name: SafeText
    """As its sender named it, made safe; never used as a path as it is."""
    type: SafeText
    size: int
    """Bytes, decoded."""
    inline: bool = False
    part: str = ""
    """Where it stands in the raw message, as `1.2`."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a message's text: [start, end) in characters."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Message:
    """A public message, in or out."""

    id: int
    order: int
    """Its place in time: arrival in microseconds, made unique."""
    direction: Direction
    channel: Channel
    account: str
    author: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    bcc: tuple[Person, ...]
    subject: SafeText
    sent_at: Micros
    """As its author claims."""
    arrived_at: Micros
    text: SafeText
    """All of it; `quoted` and `signature` say what to fold."""
    quoted: tuple[Span, ...] = ()
    signature: Span | None = None
    attachments: tuple[Attachment, ...] = ()
    automatic: Automatic = Automatic.NO
    delivery: Delivery = Delivery.NONE
    delivery_detail: SafeText = NOTHING
    placement: Placement = field(default_factory=lambda: Placement(Rule.NEW))
    unread: bool = False
    message_id: SafeText = NOTHING
    """The Message-ID without its angle brackets."""
    warnings: tuple[str, ...] = ()
    """Codes such as `reply_to_differs`, `lookalike`, `auth_failed`, `two_from`: screens put them into words."""
    reply_to: tuple[Person, ...] = ()
    links: tuple[SafeText, ...] = ()
    """Targets of the links in the text, in order, as they would be opened."""
    raw: bool = True
    """Its raw form is kept here."""
    answered: bool = False
    """Its server says that somebody answered it, with whatever program."""
    again_at: Micros | None = None
    """When it was written again last; what was taken back or refused does not count."""
    again_of: int | None = None
    """The message that was written again by this one."""

    @property
    def doubted(self) -> bool:
        """It may be another's than it says."""
        return self.direction is Direction.IN and in_doubt(self.warnings)

    @property
    def failed(self) -> bool:
        """It is ours, and somebody does not get it: it came back, or never left. What is unknown may have arrived."""
        return self.direction is Direction.OUT and self.delivery in (Delivery.BOUNCED, Delivery.REJECTED)

    @property
    def is_left_over(self) -> bool:
        """Somebody does not get it, and it was not written again."""
        return self.failed and self.again_at is None

    @property
    def visible_text(self) -> SafeText:
        """The text without quotes and signature."""
        gaps = sorted([*self.quoted, *([self.signature] if self.signature else [])], key=lambda s: s.start)
        kept, at = [], 0
        for gap in gaps:
            kept.append(self.text[at : gap.start])
            at = max(at, gap.end)
        kept.append(self.text[at:])
        return SafeText.trusted("".join(kept).strip("\n"))


@dataclass(frozen=True, slots=True)
class Note:
    """Words for the team alone."""

    id: int
    order: int
    author: SafeText
    text: SafeText
    created_at: Micros


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a conversation, as a code with parameters: `status`, `assignee`, `woken`, …"""

    id: int
    order: int
    code: str
    parameters: Mapping[str, str]
    by: SafeText
    """The agent, or empty where no person did it."""
    at: Micros


Item = Message | Note | Event
"""What stands in a conversation, in one order."""


def answered_elsewhere(items: Iterable[Item]) -> frozenset[int]:
    """Messages that somebody answered with another program: the server says so, and nothing of ours stands behind them."""
    found: set[int] = set()
    for item in items:
        if not isinstance(item, Message):
            continue
        if item.direction is Direction.OUT:
            found.clear()
        elif item.answered:
            found.add(item.id)
    return frozenset(found)
