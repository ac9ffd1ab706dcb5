"""What ingest asks of one transaction: what is here already, whose it is, and what an arrival changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent_tui.domain.contact import Deliverable
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Attachment, Automatic, Delivery, Direction, Person, Placement, Span
from agent_tui.domain.outbox import OutboxItem
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros

TWINS_CAP = 8
"""So many messages under one Message-ID are told apart; where there are more, the id tells of none but ours."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that another one may be tied to."""

    message_id: int
    conversation_id: int
    header: str
    """The Message-ID by which it was found."""
    direction: Direction
    ours: bool
    """We made its Message-ID."""
    author: SafeText
    """Address of who wrote it, as it says."""
    doubted: bool = False
    """It may be another's than it says."""
    answers: bool = False
    """It was found by what it refers to, and that is the one that it answers, not one further up."""


@dataclass(frozen=True, slots=True)
class StoredMail:
    """What ingest must know of a message that is here before it lets anything change it."""

    header_id: str
    size: int
    partial: bool
    """Only its head is here."""
    delivery: Delivery
    delivery_detail: SafeText
    written_to: frozenset[str]
    """Addresses that it went to: those of its head, and those of its envelope where we sent it."""
    direction: Direction
    author: SafeText
    """Address of who wrote it, as it says."""
    raw: str | None
    envelope_id: str = ""
    """The name that a server took for its envelope, where we sent it."""


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """Who wrote a message of a conversation, and to whom, as it says."""

    direction: Direction
    author: SafeText
    contact_id: int | None
    written_to: frozenset[str]
    """Nobody where it came from outside and went to a crowd: that gives nobody a part, and would take long to read."""
    doubted: bool = False
    """It may be another's than it says."""


@dataclass(frozen=True, slots=True)
class Twin:
    """What came under the same Message-ID from the same author."""

    message_id: int
    here: bool
    """In the same account; what was imported from files counts for every account."""
    conversation_id: int
    status: Status
    warnings: frozenset[str]
    automatic: Automatic
    raw: str | None
    """None where not all of it is here."""
    size: int
    """Bytes."""
    dealt_with: bool
    """The status of its conversation changed after it came."""


@dataclass(frozen=True, slots=True)
class ConversationState:
    """What ingest must know of a conversation."""

    id: int
    number: int
    status: Status
    contact_id: int | None
    native_id: str | None
    last_at: Micros
    last_in_at: Micros | None
    assignee: str | None
    only_filed: bool = False
    """It is spam by the folder that it came in: nobody ever set its status."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be stored."""

    account: str
    channel: Channel
    native_id: str
    """SHA-256 of a mail's raw bytes, or the backend's own id: unique within the account."""
    direction: Direction
    author: Person
    to: Sequence[Person]
    cc: Sequence[Person]
    bcc: Sequence[Person]
    reply_to: Sequence[Person]
    subject: SafeText
    sent_at: Micros
    arrived_at: Micros
    text: SafeText
    quoted: Sequence[Span]
    signature: Span | None
    links: Sequence[SafeText]
    files: Sequence[Attachment]
    """Their ids are ignored."""
    automatic: Automatic
    warnings: Sequence[str]
    header_id: str
    """Message-ID without brackets; one we made up where it had none."""
    in_reply_to: Sequence[str]
    references: Sequence[str]
    contact_id: int | None
    raw: str | None
    size: int
    unread: bool
    delivery: Delivery = Delivery.NONE
    content_version: int = 1
    partial: bool = False
    called: SafeText = NOTHING
    """What its author calls himself, where the mail is surely his: the conversation bears his name as he wrote it here."""


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """Where a server holds a message."""

    folder: str
    uidvalidity: int
    uid: int
    email_id: str = ""
    seen: bool = False
    answered: bool = False


class FindsMessages(Protocol):
    """Is it here already."""

    def message_by_native(self, account: str, native_id: str) -> int | None: ...
    def message_by_copy(self, account: str, folder: str, uidvalidity: int, uid: int) -> int | None: ...
    def message_by_email_id(self, account: str, email_id: str) -> int | None: ...
    def conversation_of(self, message_id: int) -> int | None: ...
    def outbox_by_token(self, account: str, token: str) -> OutboxItem | None: ...


class TellsPlaces(Protocol):
    """What decides where a message belongs."""

    def candidates(self, account: str, header_ids: Sequence[str]) -> Sequence[Candidate]:
        """Messages of the account with these Message-IDs, in the order of the ids asked.

        Of those under one id ours and then the ones that came first, at most `TWINS_CAP` and one more: anybody may
        send thousands under one id, and each that refers to it would wait for all of them.
        """
        ...

    def orphans(self, account: str, header_id: str, most: int) -> Sequence[Candidate]:
        """Messages that refer to this Message-ID and came before it (history arrives backwards): the first ones."""
        ...

    def sent_in_envelope(self, account: str, envelope_id: str) -> Candidate | None:
        """What we sent in the envelope of this name."""
        ...

    def participants(self, conversation_id: int) -> frozenset[tuple[str, str]]:
        """(kind, normalised value) of everyone who wrote in it or was written to by us; ours excluded."""
        ...

    def wrote_in(self, conversation_id: int, contact_id: int) -> bool:
        """A message of the conversation came from this contact; delivery reports are nobody's words, and neither is
        what is in doubt."""
        ...

    def answered_elsewhere(self, conversation_id: int, since: Micros) -> bool:
        """It holds an answer of ours that another program sent after this time."""
        ...

    def letters(self, conversation_id: int, limit: int) -> Sequence[StoredLetter]:
        """The newest messages of the conversation without delivery reports, the oldest first."""
        ...

    def contact_of(self, kind: str, value: str) -> int | None: ...

    def automatic_from(self, address: str, since: Micros, until: Micros) -> int:
        """How many automatic answers and reports came from this address in between, among the newest 2,000 messages."""
        ...

    def conversation_by_native(self, account: str, native_id: str) -> int | None: ...
    def conversation_state(self, conversation_id: int) -> ConversationState: ...
    def stored_mail(self, message_id: int) -> StoredMail: ...


class TellsTwins(Protocol):
    """What came by two addresses of ours."""

    def twins(self, account: str, header_id: str, author: SafeText) -> Sequence[Twin]:
        """What came from him under this Message-ID, in all accounts, the oldest first: at most `TWINS_CAP` and one."""
        ...

    def tell_twin(self, conversation_id: int, other: int, at: Micros) -> None:
        """Say in a conversation, once, that the same letter seems to lie in the other one."""
        ...


class KeepsPeople(Protocol):
    """Customers and their addresses."""

    def add_contact(self, name: SafeText, kind: str, value: SafeText, evidence: str) -> int: ...
    def add_identity(self, contact_id: int, kind: str, value: SafeText, evidence: str) -> None: ...
    def see_contact(
        self, contact_id: int, kind: str, value: str, name: SafeText, at: Micros, *, renames: bool = True
    ) -> None:
        """He wrote: keep when, how he spells his address, and his name: where we had only an address, and where it
        `renames` also a newer one."""
        ...

    def set_deliverable(self, kind: str, value: str, state: Deliverable, detail: SafeText) -> None: ...


class KeepsMessages(Protocol):
    """Messages, and where they stand."""

    def add_conversation(
        self,
        account: str,
        channel: Channel,
        subject: SafeText,
        contact_id: int | None,
        status: Status,
        at: Micros,
        native_id: str | None = None,
        related: Sequence[int] = (),
    ) -> int: ...

    def add_message(self, message: NewMessage, conversation_id: int, placement: Placement) -> int:
        """Store, place, index, and bring the conversation's row up to date (last, unread, snippet, counts)."""
        ...

    def update_text(self, message_id: int, text: SafeText, edited: bool) -> None: ...
    def complete_message(self, message_id: int, message: NewMessage) -> None:
        """The body of a partial message came."""
        ...

    def make_ours(self, message_id: int, contact_id: int | None) -> None:
        """What was taken for somebody's who uses our address proved to be written by us, to this customer."""
        ...

    def move_message(self, message_id: int, conversation_id: int, placement: Placement) -> None: ...
    def explain_messages(self, ids: Sequence[int], placement: Placement) -> None:
        """Say better why messages stand where they do, where nothing was found that ties them to another."""
        ...

    def merge_conversation(self, source: int, target: int, placement: Placement) -> None:
        """History showed that two were one: move all messages and close the empty one's row."""
        ...

    def set_delivery(
        self, message_id: int, delivery: Delivery, detail: SafeText = NOTHING, *, reopens: bool = False
    ) -> None:
        """How far a message of ours got. With `reopens`, a last answer that came back opens its conversation again."""
        ...


class KeepsCopies(Protocol):
    """Where a server holds a message."""

    def put_copy(self, message_id: int, account: str, place: CopyPlace) -> None:
        """Record where it is, and take over the server's marks unless a write of ours is still on its way."""
        ...

    def left_junk(self, message_id: int) -> None:
        """It lies elsewhere than among spam now: that is no doubt about it any more."""
        ...

    def copy_gone(self, account: str, folder: str, uidvalidity: int, uid: int) -> None: ...
    def folder_reset(self, account: str, folder: str) -> None: ...
    def folder_renamed(self, account: str, old: str, new: str) -> None: ...


class MovesConversations(Protocol):
    """What an arrival changes of a conversation."""

    def set_status(
        self,
        conversation_id: int,
        status: Status,
        cause: str,
        at: Micros,
        native: SafeText = NOTHING,
        who: SafeText = NOTHING,
    ) -> None:
        """Change the status with its event, which names who did it by writing; a snooze ends."""
        ...

    def set_assignee(self, conversation_id: int, assignee: SafeText, cause: str) -> None:
        """Who has it now, with its event; nobody where it is empty."""
        ...

    def set_tags(self, conversation_id: int, tags: Sequence[SafeText], cause: str) -> None:
        """All its tags, with the event of what changed."""
        ...

    def stop_held(self, conversation_id: int, queued_before: Micros, who: SafeText = NOTHING) -> Sequence[int]:
        """Items of the conversation that are still held, and were queued before this time, become drafts again: the
        customer wrote first, or `who` did. What the worker has released or claimed by then goes."""
        ...

    def add_event(
        self,
        conversation_id: int,
        code: str,
        parameters: Mapping[str, str],
        at: Micros,
        by: SafeText = NOTHING,
    ) -> None: ...


class KeepsStreams(Protocol):
    """How far a stream was read, and what of it could not be."""

    def save_cursor(self, account: str, stream: str, cursor: str, done: bool = False) -> None: ...
    def set_aside(
        self,
        account: str,
        native_id: str,
        code: str,
        parameters: Mapping[str, str],
        raw: str | None,
        size: int,
        origin: str,
    ) -> None: ...


class IngestTransaction(
    FindsMessages,
    TellsPlaces,
    TellsTwins,
    KeepsPeople,
    KeepsMessages,
    KeepsCopies,
    MovesConversations,
    KeepsStreams,
    Protocol,
):
    """One transaction of ingest: all of it or nothing, with its cursor."""
