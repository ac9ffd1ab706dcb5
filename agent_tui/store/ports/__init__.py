"""What the desk and the worker ask of a store. SQLite serves it here; another database can serve it later.

Reads return at once (milliseconds) and never wait for a writer. Writes are whole units of work: each either
happened and is durable when the call returns, or raises `StoreError` and nothing of it happened.
Every write also records what it touched in the change feed, in the same transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_tui.store.ports.data import (
    Activity as Activity,
    Changes as Changes,
    FieldTarget as FieldTarget,
    QueueOrder as QueueOrder,
    RemoteWrite as RemoteWrite,
    SetAside as SetAside,
    StoreError as StoreError,
    ViewCount as ViewCount,
    WorkRequest as WorkRequest,
)
from agent_tui.store.ports.desk import (
    ConversationReads as ConversationReads,
    DeskReads as DeskReads,
    DeskWrites as DeskWrites,
    InboxReads as InboxReads,
    SearchReads as SearchReads,
)

if TYPE_CHECKING:
    from agent_tui.store.ports.ingest import (
        TWINS_CAP as TWINS_CAP,
        Candidate as Candidate,
        ConversationState as ConversationState,
        CopyPlace as CopyPlace,
        IngestTransaction as IngestTransaction,
        NewMessage as NewMessage,
        StoredLetter as StoredLetter,
        StoredMail as StoredMail,
        TellsPlaces as TellsPlaces,
        Twin as Twin,
    )
    from agent_tui.store.ports.worker import WorkerStore as WorkerStore

_OF_INGEST = frozenset(
    {
        "Candidate",
        "ConversationState",
        "CopyPlace",
        "IngestTransaction",
        "NewMessage",
        "StoredLetter",
        "StoredMail",
        "TWINS_CAP",
        "TellsPlaces",
        "Twin",
    }
)


def __getattr__(name: str) -> Any:
    """What only the worker asks for is loaded by it: a desk that starts does not wait for it."""
    if name == "WorkerStore":
        from agent_tui.store.ports.worker import WorkerStore

        return WorkerStore
    if name not in _OF_INGEST:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from agent_tui.store.ports import ingest

    return getattr(ingest, name)
