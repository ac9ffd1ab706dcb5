"""What the desk and the worker ask of a store. SQLite serves it here; another database can serve it later.

Reads return at once (milliseconds) and never wait for a writer. Writes are whole units of work: each either
happened and is durable when the call returns, or raises `StoreError` and nothing of it happened.
Every write also records what it touched in the change feed, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent_tui.domain.account import Account, AccountHealth, BackendInfo, Fault
from agent_tui.domain.action import ActionStep, Field, UndoResult
from agent_tui.domain.contact import Contact, Deliverable
from agent_tui.domain.conversation import (
    Channel,
    Conversation,
    ConversationRow,
    OtherConversation,
    PageKey,
    Status,
    View,
)
from agent_tui.domain.message import (
    Attachment,
    Automatic,
    Delivery,
    Direction,
    Item,
    Message,
    Person,
    Placement,
    Span,
)
from agent_tui.domain.outbox import Draft, DraftKind, OutboxItem, OutboxState
from agent_tui.domain.search import Count, Hit, Query
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros


class StoreError(Exception):
    """The store could not do it: `code` is `disk_full`, `locked`, `read_only`, `network_file_system`, `newer_version`, `broken`."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters: dict[str, str] = parameters


# Plain data of the ports


@dataclass(frozen=True, slots=True)
class ViewCount:
    """How many conversations a view holds, and how many of them are unread."""

    total: int
    unread: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What was touched since a sequence number. `everything` where too much was, or the past is not kept."""

    sequence: int
    conversations: frozenset[int] = frozenset()
    drafts: bool = False
    outbox: bool = False
    accounts: bool = False
    everything: bool = False


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that could not be read: its reason, and where its raw form is."""

    id: int
    account: str
    code: str
    parameters: Mapping[str, str]
    at: Micros
    raw: str | None
    """SHA-256 in the file store."""
    size: int
    origin: str = ""
    """File or folder it came from."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of what the program did: connected, sent, failed, retried, set aside."""

    id: int
    at: Micros
    account: str
    code: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldTarget:
    """A field of a conversation and the value it shall have, as JSON text."""

    conversation_id: int
    field: Field
    after: str


@dataclass(frozen=True, slots=True)
class QueueOrder:
    """All that is frozen when a draft is queued."""

    draft_id: str
    conversation_id: int | None
    account: str
    kind: DraftKind
    to: Sequence[Person]
    cc: Sequence[Person]
    bcc: Sequence[Person]
    subject: SafeText
    text: SafeText
    quoted: Sequence[Span]
    signature: Span | None
    token: str
    raw: str | None
    """SHA-256 of the mail's bytes, already in the file store."""
    envelope_from: SafeText
    envelope_to: Sequence[SafeText]
    author: Person
    references: Sequence[str]
    not_before: Micros
    scheduled: bool
    files: Sequence[Attachment] = ()
    native_conversation: str | None = None
    then_status: Status | None = None
    """Send and solve: the status instead of waiting."""
    seen_order: int = 0


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """Something the desk wants from the network. It never carries a secret."""

    id: int
    account: str
    kind: str
    """`check`, `pull`, `fetch_body`, `settle`, …"""
    arguments: Mapping[str, str]
    state: str
    """`asked`, `working`, `done`, `failed`."""
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteWrite:
    """A change made here that must reach the backend: marks, a move, a status."""

    id: int
    account: str
    kind: str
    """`marks`, `move`, `status`."""
    payload: Mapping[str, Any]
    attempts: int
    not_before: Micros


# For the desk: reading


class InboxReads(Protocol):
    """The list."""

    def view_counts(self, agent: str) -> Mapping[View, ViewCount]:
        """Maintained counts of all views."""
        ...

    def page(self, view: View, agent: str, before: PageKey | None, limit: int) -> Sequence[ConversationRow]:
        """Rows older than `before`, newest first; from the top where it is None."""
        ...

    def page_after(self, view: View, agent: str, after: PageKey, limit: int) -> Sequence[ConversationRow]:
        """The rows directly newer than `after`, still newest first."""
        ...

    def newer(self, view: View, agent: str, key: PageKey) -> int:
        """How many rows of the view are newer than `key`."""
        ...

    def rows(self, ids: Sequence[int], agent: str) -> Mapping[int, ConversationRow]:
        """The present state of these rows, whatever view they are in now."""
        ...


class ConversationReads(Protocol):
    """One conversation and its customer."""

    def conversation(self, conversation_id: int) -> Conversation | None: ...

    def by_number(self, number: int) -> int | None: ...

    def items(self, conversation_id: int, before: int | None, limit: int) -> Sequence[Item]:
        """Items in order of time, ending right before the order `before` (or with the newest)."""
        ...

    def newest_order(self, conversation_id: int) -> int:
        """Order of the newest message or note; 0 where there is none."""
        ...

    def message(self, message_id: int) -> Message | None: ...

    def message_raw(self, message_id: int) -> bytes | None:
        """The raw bytes of a message, from the file store."""
        ...

    def references(self, message_id: int) -> Sequence[str]:
        """References for an answer to this message: its own, then its Message-ID."""
        ...

    def contact(self, contact_id: int) -> Contact | None: ...

    def others(self, contact_id: int, besides: int, limit: int) -> Sequence[OtherConversation]: ...

    def attachments(self, conversation_id: int) -> Sequence[tuple[Message, Attachment]]: ...

    def file_bytes(self, sha256: str) -> bytes | None: ...

    def known_recipients(self, addresses: Sequence[str]) -> frozenset[str]:
        """Those of the addresses that took part in any conversation here before."""
        ...


class SearchReads(Protocol):
    """The search index."""

    def hits(
        self, query: Query, agent: str, before: int | None, limit: int, by_relevance: bool = False
    ) -> Sequence[Hit]:
        """At most one hit a conversation, newest first (before the order `before`), or the best of the newest few thousand."""
        ...

    def count(self, query: Query, agent: str, cap: int = 10_000) -> Count: ...

    def tags(self) -> Sequence[tuple[SafeText, int]]:
        """All tags with how often they are used."""
        ...


class DeskReads(InboxReads, ConversationReads, SearchReads, Protocol):
    """All the desk reads."""

    def accounts(self) -> Sequence[Account]: ...

    def health(self) -> Sequence[AccountHealth]: ...

    def backends(self) -> Sequence[BackendInfo]: ...

    def outbox(self, *, open_only: bool = True, limit: int = 200) -> Sequence[OutboxItem]:
        """Newest first. Open: held, queued, sending, unknown, and rejected ones nobody settled."""
        ...

    def outbox_item(self, item_id: int) -> OutboxItem | None: ...

    def drafts(self, agent: str) -> Sequence[Draft]: ...

    def draft(self, draft_id: str) -> Draft | None: ...

    def steps(self, agent: str, limit: int = 50) -> Sequence[ActionStep]:
        """What this agent did, newest first: the undo list."""
        ...

    def activity(self, limit: int = 200) -> Sequence[Activity]: ...

    def set_aside(self, limit: int = 200) -> Sequence[SetAside]: ...

    def request(self, request_id: int) -> WorkRequest | None: ...

    def data_version(self) -> int:
        """Changes whenever another connection committed. One PRAGMA: cheap enough for every tick."""
        ...

    def changes_since(self, sequence: int) -> Changes: ...

    def close(self) -> None: ...


# For the desk: writing


class DeskWrites(Protocol):
    """All the desk changes. Each call blocks until durable: call it off the event loop."""

    def apply(self, agent: str, code: str, targets: Sequence[FieldTarget]) -> ActionStep | None:
        """Change fields as one step, with their inverses, events and remote writes. None where nothing changed."""
        ...

    def undo(self, agent: str, step_id: int | None = None) -> tuple[UndoResult, ActionStep | None]:
        """Take back the newest step (or this one) field by field, where the field still has the value it left."""
        ...

    def redo(self, agent: str) -> tuple[UndoResult, ActionStep | None]: ...

    def mark_read(self, conversation_id: int, up_to: int) -> bool:
        """Opening a conversation marks its messages read up to this order, here and (remote write) on the server."""
        ...

    def add_note(self, agent: str, conversation_id: int, text: SafeText) -> int:
        """Write a note; it is the newest step and can be undone."""
        ...

    def save_draft(self, draft: Draft) -> None: ...

    def drop_draft(self, draft_id: str) -> None: ...

    def queue(self, agent: str, order: QueueOrder) -> OutboxItem:
        """Freeze a draft into the outbox as `held`, with its message in the conversation and the status changed; drops the draft."""
        ...

    def stop_held(self, agent: str, item_id: int) -> Draft | None:
        """Take a held item back: it becomes the draft it was. None where it had left `held`."""
        ...

    def send_now(self, item_id: int) -> bool:
        """Release a held item at once."""
        ...

    def settle_unknown(self, agent: str, item_id: int, was_sent: bool) -> bool:
        """The agent's own word on an unknown item: it was sent, or it is to be sent again (same Message-ID)."""
        ...

    def discard_rejected(self, agent: str, item_id: int, *, as_draft: bool) -> Draft | None: ...

    def put_file(self, content: bytes) -> str:
        """Write bytes into the file store, synced; returns their SHA-256."""
        ...

    def put_account(self, account: Account) -> None: ...

    def remove_account(self, account: str) -> None:
        """Stop using it. What came by it stays."""
        ...

    def ask(self, account: str, kind: str, arguments: Mapping[str, str]) -> int:
        """Put a request for the worker; returns its id."""
        ...

    def close(self) -> None: ...


# For the worker


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


@dataclass(frozen=True, slots=True)
class ConversationState:
    """What ingest must know of a conversation."""

    id: int
    status: Status
    contact_id: int | None
    native_id: str | None
    last_at: Micros
    assignee: str | None


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


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """Where a server holds a message."""

    folder: str
    uidvalidity: int
    uid: int
    email_id: str = ""
    seen: bool = False
    answered: bool = False


class IngestTransaction(Protocol):
    """One transaction of ingest: all of it or nothing, with its cursor."""

    # looking
    def message_by_native(self, account: str, native_id: str) -> int | None: ...
    def message_by_copy(self, account: str, folder: str, uidvalidity: int, uid: int) -> int | None: ...
    def message_by_email_id(self, account: str, email_id: str) -> int | None: ...
    def candidates(self, account: str, header_ids: Sequence[str]) -> Sequence[Candidate]:
        """Messages of the account with these Message-IDs, in the order of the ids asked."""
        ...

    def orphans(self, account: str, header_id: str) -> Sequence[Candidate]:
        """Messages that refer to this Message-ID and came before it (history arrives backwards)."""
        ...

    def outbox_by_token(self, account: str, token: str) -> OutboxItem | None: ...
    def conversation_by_native(self, account: str, native_id: str) -> int | None: ...
    def conversation_state(self, conversation_id: int) -> ConversationState: ...
    def participants(self, conversation_id: int) -> frozenset[tuple[str, str]]:
        """(kind, normalised value) of everyone who wrote in it or was written to by us; ours excluded."""
        ...

    def contact_of(self, kind: str, value: str) -> int | None: ...
    def conversation_of(self, message_id: int) -> int | None: ...

    # writing
    def add_contact(self, name: SafeText, kind: str, value: SafeText, evidence: str) -> int: ...
    def add_identity(self, contact_id: int, kind: str, value: SafeText, evidence: str) -> None: ...
    def see_contact(self, contact_id: int, kind: str, value: str, name: SafeText, at: Micros) -> None:
        """He wrote: keep when, and his name where we had only an address."""
        ...

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

    def move_message(self, message_id: int, conversation_id: int, placement: Placement) -> None: ...
    def merge_conversation(self, source: int, target: int, placement: Placement) -> None:
        """History showed that two were one: move all messages and close the empty one's row."""
        ...

    def put_copy(self, message_id: int, account: str, place: CopyPlace) -> None:
        """Record where it is, and take over the server's marks unless a write of ours is still on its way."""
        ...

    def copy_gone(self, account: str, folder: str, uidvalidity: int, uid: int) -> None: ...
    def folder_reset(self, account: str, folder: str) -> None: ...
    def folder_renamed(self, account: str, old: str, new: str) -> None: ...
    def set_status(
        self, conversation_id: int, status: Status, cause: str, at: Micros, native: SafeText = NOTHING
    ) -> None:
        """Change the status with its event; a snooze ends."""
        ...

    def set_delivery(self, message_id: int, delivery: Delivery, detail: SafeText = NOTHING) -> None: ...
    def set_deliverable(self, kind: str, value: str, state: Deliverable, detail: SafeText) -> None: ...
    def stop_scheduled(self, conversation_id: int) -> Sequence[int]:
        """Scheduled items of the conversation that are still held become drafts again: the customer wrote first."""
        ...

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
    def add_event(
        self,
        conversation_id: int,
        code: str,
        parameters: Mapping[str, str],
        at: Micros,
        by: SafeText = NOTHING,
    ) -> None: ...
    def save_cursor(self, account: str, stream: str, cursor: str, done: bool = False) -> None: ...


class WorkerStore(Protocol):
    """What the worker asks. Blocking: it calls from its own thread."""

    def ingest(self) -> AbstractContextManager[IngestTransaction]:
        """One transaction; commits at the end of the block, rolls back on an exception."""
        ...

    def put_raw(self, raws: Iterable[bytes]) -> Sequence[str]:
        """Write raw messages into the file store and sync them; returns SHA-256 of each. Done before their rows."""
        ...

    def read_raw(self, sha256: str) -> bytes | None: ...
    def cursor(self, account: str, stream: str) -> tuple[str, bool] | None:
        """(cursor, done) of a stream (`pull`, `history`)."""
        ...

    def accounts(self) -> Sequence[Account]: ...
    def publish_backends(self, infos: Sequence[BackendInfo]) -> None: ...
    def put_account(self, account: Account) -> None: ...
    def set_health(self, health: AccountHealth) -> None: ...
    def log_activity(self, account: str, code: str, parameters: Mapping[str, str]) -> None: ...
    def remember(self, account: str, key: str, value: str) -> None: ...
    def recall(self, account: str, key: str) -> str | None: ...

    def due(self, account: str, at: Micros) -> Sequence[OutboxItem]:
        """Held items whose time has come become queued; returns what is queued for this account, oldest first."""
        ...

    def claim(self, item_id: int) -> OutboxItem | None:
        """queued → sending, attempts + 1. None where it is not queued any more."""
        ...

    def mark_leaving(self, item_id: int) -> None:
        """Commit, durably, that the body is about to leave."""
        ...

    def settle(
        self,
        item_id: int,
        state: OutboxState,
        *,
        fault: Fault | None = None,
        retry_at: Micros | None = None,
        native_id: str = "",
        native_conversation: str | None = None,
        sent_copy: str = "",
    ) -> None:
        """What became of it: sent, rejected (the conversation's status is taken back), unknown, or queued again at `retry_at`."""
        ...

    def recover(self, account: str) -> Sequence[OutboxItem]:
        """After a crash: `sending` without mark → queued; with mark → unknown. Returns the unknown ones."""
        ...

    def unknown(self, account: str) -> Sequence[OutboxItem]: ...
    def unfiled(self, account: str) -> Sequence[OutboxItem]:
        """Sent ones of which it is not settled whether a copy is filed: a crash came between."""
        ...

    def places(self, account: str, message_id: int) -> Sequence[CopyPlace]:
        """Where the server holds a message now."""
        ...

    def next_due(self) -> Micros | None:
        """When the next held item, retry or snooze is due."""
        ...

    def outbox_open(self) -> int:
        """Items that still have to leave and are not scheduled for later."""
        ...

    def wake_snoozed(self, at: Micros) -> Sequence[int]:
        """Snoozed conversations whose time has come are open again, each with its event, once."""
        ...

    def remote_writes(self, account: str, at: Micros) -> Sequence[RemoteWrite]: ...
    def settle_remote_write(
        self, write_id: int, *, done: bool, retry_at: Micros | None = None, fault: Fault | None = None
    ) -> None: ...
    def requests(self) -> Sequence[WorkRequest]:
        """Asked ones; they become `working`."""
        ...

    def answer(self, request_id: int, *, ok: bool, result: Mapping[str, Any]) -> None: ...
    def merge_search_index(self, budget: float) -> bool:
        """Merge the index for at most `budget` seconds; true where more is left."""
        ...

    def close(self) -> None: ...
