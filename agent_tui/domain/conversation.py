"""Conversations: their status, priority, channel, and the rows of the list."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros


class Status(StrEnum):
    """The category of a status; a backend's own name for it is kept beside it and written back exactly."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    SOLVED = "solved"
    CLOSED = "closed"
    SPAM = "spam"


class Priority(IntEnum):
    """How pressing a conversation is."""

    LOW = 0
    NORMAL = 1
    HIGH = 2
    URGENT = 3


class Channel(StrEnum):
    """The kind of road a message came by."""

    EMAIL = "email"
    CHAT = "chat"
    SMS = "sms"
    CALL = "call"
    WEB = "web"


class View(StrEnum):
    """The fixed views of the inbox."""

    INBOX = "inbox"
    """New and open."""
    MINE = "mine"
    """New and open, assigned to me."""
    UNASSIGNED = "unassigned"
    """New and open, assigned to nobody."""
    WAITING = "waiting"
    SNOOZED = "snoozed"
    SOLVED = "solved"
    """Solved and closed."""
    SPAM = "spam"
    ALL = "all"
    """Everything but spam."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """What one row of the list tells."""

    id: int
    number: int
    customer: SafeText
    channel: Channel
    subject: SafeText
    snippet: SafeText
    """The start of the last message's visible text."""
    status: Status
    priority: Priority
    assignee: str | None
    unread: bool
    last_at: Micros
    """Arrival of the last message: the age that is shown, and the order of the list."""
    tags: tuple[SafeText, ...] = ()
    snoozed_until: Micros | None = None
    has_attachments: bool = False
    delivery_failed: bool = False
    """The last answer was rejected, bounced, or is unknown."""
    draft: bool = False
    """I have a parked draft here."""


@dataclass(frozen=True, slots=True)
class PageKey:
    """A place in a list that is ordered newest first: everything after it is older."""

    last_at: Micros
    id: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation whole, without its messages."""

    id: int
    number: int
    account: str
    """The account its last message in came through: the reply route."""
    channel: Channel
    """The channel of the reply route."""
    origin: Channel
    subject: SafeText
    status: Status
    native_status: SafeText
    priority: Priority
    assignee: str | None
    contact_id: int | None
    customer: SafeText
    tags: tuple[SafeText, ...]
    created_at: Micros
    last_at: Micros
    last_in_at: Micros | None
    last_out_at: Micros | None
    snoozed_until: Micros | None
    snooze_zone: str | None
    unread: bool
    message_count: int
    native_id: str | None = None
    """The backend's own id of the conversation, where it has such a thing (a chat, a ticket)."""
    related: tuple[int, ...] = field(default=())
    """Conversations that share references but were not joined, because the people differ."""


@dataclass(frozen=True, slots=True)
class TwinLetter:
    """What seems to be the same letter, in another conversation, and whether somebody answers it there."""

    number: int
    """Of that conversation."""
    answered: bool
    answered_at: Micros | None
    """None where another program answered it."""
    begun: bool
    """A draft of an answer lies there."""


@dataclass(frozen=True, slots=True)
class OtherConversation:
    """One line of the side panel: what else this customer wrote about."""

    id: int
    number: int
    subject: SafeText
    channel: Channel
    status: Status
    last_at: Micros
