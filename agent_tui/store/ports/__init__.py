"""What the desk and the worker ask of a store. SQLite serves it here; another database can serve it later.

Reads return at once (milliseconds) and never wait for a writer. Writes are whole units of work: each either
happened and is durable when the call returns, or raises `StoreError` and nothing of it happened.
Every write also records what it touched in the change feed, in the same transaction.
"""

from __future__ import annotations

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
from agent_tui.store.ports.worker import (
    Candidate as Candidate,
    ConversationState as ConversationState,
    CopyPlace as CopyPlace,
    IngestTransaction as IngestTransaction,
    NewMessage as NewMessage,
    WorkerStore as WorkerStore,
)
