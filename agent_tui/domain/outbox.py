"""Drafts and what is on its way out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from agent_tui.domain.account import Fault
from agent_tui.domain.message import Person
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import NEVER, SECOND, Micros

TAKEN_UP: Final = 2 * SECOND
"""A worker with a line takes up what is due sooner than this."""
SET_BACK: Final = 5 * SECOND
"""A clock that stands so far before a moment that was had been set back; keeping time moves it by less."""


class DraftKind(StrEnum):
    """What a draft will become."""

    REPLY = "reply"
    REPLY_ALL = "reply_all"
    FORWARD = "forward"
    AGAIN = "again"
    """One that came back or could not leave, to those who did not get it."""
    NEW = "new"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that goes with a draft, copied into the file store when it is attached."""

    name: SafeText
    type: SafeText
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A text being written. Its id is its own; several of one kind may be open."""

    id: str
    agent: str
    kind: DraftKind
    conversation_id: int | None
    account: str
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    bcc: tuple[Person, ...]
    subject: SafeText
    text: str
    """As typed, quote and signature included. The one text that is not from outside."""
    files: tuple[DraftFile, ...] = ()
    answers: int | None = None
    """The message it answers, forwards or sends again."""
    seen_order: int = 0
    """Order of the newest item of the conversation that the agent had on screen."""
    updated_at: Micros = NEVER
    from_address: SafeText = NOTHING
    unread: tuple[tuple[str, SafeText], ...] = ()
    """What was typed as a recipient and is no address yet, each with its field: `to`, `cc` or `bcc`."""


class OutboxState(StrEnum):
    """`held → queued → sending → sent | rejected | unknown`; a stopped one went back to a draft."""

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    """Taken back before it left: undone, or the customer wrote first."""


class Release(StrEnum):
    """Which held items may leave once their time has come. The customer may have written first, and what came while
    nobody looked is not here yet."""

    ALL = "all"
    UNSCHEDULED = "unscheduled"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message that was queued: recipients, text and bytes are frozen."""

    id: int
    conversation_id: int | None
    message_id: int | None
    """The message that stands for it in the conversation."""
    account: str
    kind: DraftKind
    state: OutboxState
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    bcc: tuple[Person, ...]
    subject: SafeText
    text: SafeText
    token: str
    """Our own mark: the Message-ID of a mail without brackets, the transaction id of a chat message."""
    not_before: Micros
    scheduled: bool
    """Meant for a later time; stops when the customer writes first."""
    attempts: int
    created_at: Micros
    created_by: str
    fault: Fault | None = None
    raw: str | None = None
    """SHA-256 of the frozen bytes of a mail, under which the file store has them."""
    native_conversation: str | None = None
    envelope_from: SafeText = NOTHING
    envelope_to: tuple[SafeText, ...] = ()
    envelope_id: str = ""
    """The name that a server took for its envelope; empty before that. Only a delivery report tells it again."""
    marked_at: Micros | None = None
    """Set and committed right before the body leaves: from then on it is never sent again unasked."""
    sent_copy: str = ""
    """`""` not yet settled, `server` the server files its own, `appended` we did, `missing` it failed, `none`."""
    detail: Mapping[str, str] = field(default_factory=dict)
    """`again`: how often the agent sent it again while it was unknown. `looked` and `answer`: when proof was looked for
    last, and what came of it: `found`, `not_there`, `no_folder`, `not_sent`, or the code of what kept it from looking.
    `put_off`: as the property says. `said_by`: the agent on whose word alone it is sent."""
    files: tuple[DraftFile, ...] = ()
    """Files that go beside the text; a mail holds its own within its bytes."""
    partly: bool = False
    """Others have it already: `envelope_to` names those alone who were refused for now (RFC 5321, 4.5.4.1)."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Recipients who were refused for good while others were only for now, with the server's words."""
    wrote_first: SafeText = NOTHING
    """Whose message stopped it, where he is not the customer."""

    @property
    def doubtful(self) -> int:
        """How often it may have arrived by now, where it is unknown."""
        return max(1 + int(self.detail.get("again", "0")), self.put_off)

    @property
    def put_off(self) -> int:
        """How often the other side had the whole of it and said `later`: each time it may have arrived all the same."""
        return int(self.detail.get("put_off", "0"))

    @property
    def can_be_taken_back(self) -> bool:
        """Nobody can have it yet: it is held, or waits for its line, and never got as far as its text."""
        may_have_left = self.partly or self.put_off or int(self.detail.get("again", "0"))
        return self.state is OutboxState.HELD or (self.state is OutboxState.QUEUED and not may_have_left)

    def leaves_at(self, present: Micros) -> Micros:
        """When it leaves by itself, where it can: a clock that was set back makes no hold of seconds one of an hour."""
        set_back = self.state is OutboxState.HELD and not self.scheduled and self.created_at > present + SET_BACK
        return min(self.not_before, present) if set_back else self.not_before

    def is_overdue(self, present: Micros) -> bool:
        """Nothing holds it any more, and yet nobody took it up: its account has no line, or there is no worker."""
        return self.state is OutboxState.HELD and self.not_before + TAKEN_UP <= present

    @property
    def is_stuck(self) -> bool:
        """It could not leave yet: it waits for its next try, or is being tried again right now."""
        return self.fault is not None and self.state in (OutboxState.QUEUED, OutboxState.SENDING)
