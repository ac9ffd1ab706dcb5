"""Plain data of the ports, and the error of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent_tui.domain.action import Field
from agent_tui.domain.conversation import (
    Status,
)
from agent_tui.domain.message import (
    Attachment,
    Person,
    Span,
)
from agent_tui.domain.outbox import DraftFile, DraftKind
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros


class StoreError(Exception):
    """The store could not do it.

    `code` is `disk_full`, `no_more_files` (inodes used up), `quota_used_up`, `full_and_taken` (another process reads it alone
    as long as there is no room), `disk_refuses`, `locked`, `read_only`, `network_file_system`, `newer_version`, `broken`.
    """

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

    @property
    def by_our_fault(self) -> bool:
        """The program stumbled over it, so that it can be read once the program is mended."""
        return self.code in _OUR_FAULTS


_OUR_FAULTS = frozenset({"reader_failed", "parse_error", "ingest_error"})


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
    """As the message shows them."""
    beside: Sequence[DraftFile] = ()
    """Those that go beside the text, where the message has no bytes of its own."""
    native_conversation: str | None = None
    then_status: Status | None = None
    """Send and solve: the status instead of waiting."""
    past_customer: bool = False
    """It goes to others alone."""
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
