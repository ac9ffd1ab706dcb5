"""What the desk reads and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from agent_tui.domain.account import Account, AccountHealth, BackendInfo
from agent_tui.domain.action import ActionStep, UndoResult
from agent_tui.domain.contact import Contact
from agent_tui.domain.conversation import (
    Conversation,
    ConversationRow,
    OtherConversation,
    PageKey,
    TwinLetter,
    View,
)
from agent_tui.domain.message import (
    Attachment,
    Item,
    Message,
)
from agent_tui.domain.outbox import Draft, OutboxItem
from agent_tui.domain.search import Count, Hit, Query
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.store.ports.data import Activity, Changes, FieldTarget, QueueOrder, SetAside, ViewCount, WorkRequest

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

    def older(self, view: View, agent: str, key: PageKey) -> int:
        """How many rows of the view are older than `key`."""
        ...

    def keys(self, view: View, agent: str, ids: Sequence[int]) -> Mapping[int, PageKey]:
        """Where those of these conversations stand that are in the view now."""
        ...

    def rows(self, ids: Sequence[int], agent: str) -> Mapping[int, ConversationRow]:
        """The present state of these rows, whatever view they are in now."""
        ...


class ConversationReads(Protocol):
    """One conversation and its customer."""

    def conversation(self, conversation_id: int) -> Conversation | None: ...

    def standing(self, conversation_id: int) -> int:
        """The conversation itself, or the one that it was joined to."""
        ...

    def by_number(self, number: int) -> int | None: ...

    def items(self, conversation_id: int, before: int | None, limit: int) -> Sequence[Item]:
        """Items in order of time, ending right before the order `before` (or with the newest)."""
        ...

    def newest_order(self, conversation_id: int) -> int:
        """Order of the newest message or note; 0 where there is none."""
        ...

    def woken(self, after: int) -> Sequence[tuple[int, int]]:
        """Conversations whose snooze ended behind this order, each with the order of that event, the oldest first."""
        ...

    def message(self, message_id: int) -> Message | None: ...

    def message_raw(self, message_id: int) -> bytes | None:
        """The raw bytes of a message, from the file store."""
        ...

    def references(self, message_id: int) -> Sequence[str]:
        """References for an answer to this message: its own, then its Message-ID."""
        ...

    def twins(self, message_id: int, limit: int) -> Sequence[TwinLetter]:
        """The same letter in other conversations, as far as its Message-ID and author tell, the oldest first."""
        ...

    def contact(self, contact_id: int) -> Contact | None: ...

    def addresses(self, ids: Sequence[int]) -> Mapping[int, SafeText]:
        """The mail address of the customer of each conversation: a name is what its bearer likes it to be."""
        ...

    def others(self, contact_id: int, besides: int, limit: int) -> Sequence[OtherConversation]: ...

    def attachments(self, conversation_id: int) -> Sequence[tuple[Message, Attachment]]: ...

    def file_bytes(self, sha256: str) -> bytes | None: ...

    def has_file(self, sha256: str) -> bool:
        """Whether the bytes are there, without reading them."""
        ...

    def known_recipients(self, addresses: Sequence[str], besides: int | None = None) -> frozenset[str]:
        """Those of the addresses that took part in any conversation here before, or in any but one."""
        ...

    def hard_bounced(self, addresses: Sequence[str]) -> frozenset[str]:
        """Those of the addresses that a server said do not exist."""
        ...


class SearchReads(Protocol):
    """The search index."""

    def hits(
        self, query: Query, agent: str, before: int | None, limit: int, by_relevance: bool = False
    ) -> Sequence[Hit]:
        """At most one hit a conversation, newest first (before the order `before`), or the best of the newest few thousand.

        By relevance there is one page: with a `before` it is empty. Spam is found only where it is asked for.
        """
        ...

    def count(self, query: Query, agent: str, cap: int = 10_000) -> Count: ...

    def hits_within(self, query: Query, agent: str, conversation_id: int) -> Sequence[int]:
        """Orders of all messages and notes of a conversation in which the words of a search stand, oldest first."""
        ...

    def marks(self, query: Query, field: str, text: str) -> Sequence[tuple[int, int]]:
        """Where in a text of a field (`text`, `subject`, …) a search matches, in any form of its words: [start, end)."""
        ...

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

    def held_back(self, agent: str) -> Sequence[OutboxItem]:
        """Scheduled messages of this agent that stopped as the customer wrote first, newest first: as long as their
        drafts lie there untouched."""
        ...

    def drafts(self, agent: str) -> Sequence[Draft]: ...

    def draft(self, draft_id: str) -> Draft | None: ...

    def steps(self, agent: str, limit: int = 50) -> Sequence[ActionStep]:
        """What this agent did, newest first: the undo list."""
        ...

    def activity(self, limit: int = 200) -> Sequence[Activity]: ...

    def set_aside(self, limit: int = 200, *, behind: int = 0) -> Sequence[SetAside]:
        """Messages that could not be read, newest first: those that came behind the one of this number."""
        ...

    def request(self, request_id: int) -> WorkRequest | None: ...

    def data_version(self) -> int:
        """Changes whenever another connection committed. One PRAGMA: cheap enough for every tick."""
        ...

    def changes_since(self, sequence: int) -> Changes: ...

    def only_reading(self) -> str:
        """`StoreError.code` of a disk that takes no more, while not even another process can write; else empty."""
        ...

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

    def save_draft(self, draft: Draft, over: Micros | None = None) -> bool:
        """Keep a draft. `over` is the `updated_at` of the version it goes on from, `NEVER` where it is new: false, and
        nothing kept, where another desk wrote on it, sent it or threw it away since. None: whatever stands there."""
        ...

    def drop_draft(self, draft_id: str) -> None:
        """Forget a draft of which something else was made: there is no step of it."""
        ...

    def discard_draft(self, agent: str, draft: Draft) -> ActionStep:
        """Throw a draft away as a step that holds all of it, also what no transaction had kept yet."""
        ...

    def queue(self, agent: str, order: QueueOrder) -> OutboxItem:
        """Freeze a draft into the outbox as `held`, with its message in the conversation and the status changed; drops the draft."""
        ...

    def take_back(self, agent: str, item_id: int) -> Draft | None:
        """Take back what is held or waits for its line: it is the draft it was. None where somebody may have it."""
        ...

    def send_now(self, item_id: int) -> bool:
        """Release a held item at once, or one that waits for its next try."""
        ...

    def settle_unknown(self, agent: str, item_id: int, was_sent: bool) -> bool:
        """The agent's own word on an unknown item: it was sent, or it is to be sent again (same Message-ID)."""
        ...

    def edit_rejected(self, item_id: int) -> Draft | None:
        """A rejected item becomes the draft it was. None where it is not rejected, or was dealt with."""
        ...

    def discard_rejected(self, agent: str, item_id: int) -> ActionStep | None:
        """Be done with a rejected item as a step; the message stays as rejected. None as above."""
        ...

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
