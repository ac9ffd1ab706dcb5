"""What the worker asks beside ingest: files, accounts, the outbox step by step, and what was asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from agent_tui.domain.account import Account, AccountHealth, BackendInfo, Fault
from agent_tui.domain.outbox import OutboxItem, OutboxState, Release
from agent_tui.domain.times import Micros
from agent_tui.store.ports.data import RemoteWrite, WorkRequest
from agent_tui.store.ports.ingest import CopyPlace, IngestTransaction


class RawFiles(Protocol):
    """Bytes, kept beside the database."""

    def put_raw(self, raws: Iterable[bytes]) -> Sequence[str]:
        """Write raw messages into the file store and sync them; returns SHA-256 of each. Done before their rows."""
        ...

    def read_raw(self, sha256: str) -> bytes | None: ...


class Streams(Protocol):
    """How far each stream was read."""

    def cursor(self, account: str, stream: str) -> tuple[str, bool] | None:
        """(cursor, done) of a stream (`pull`, `history`)."""
        ...


class AccountBook(Protocol):
    """Accounts, how they are, and what is remembered of them."""

    def accounts(self) -> Sequence[Account]: ...
    def publish_backends(self, infos: Sequence[BackendInfo]) -> None: ...
    def put_account(self, account: Account) -> None: ...
    def learn(self, account: Account) -> None:
        """What an open backend can do, and addresses and name where none are kept; nothing that the desk decides."""
        ...

    def set_health(self, health: AccountHealth) -> None: ...
    def log_activity(self, account: str, code: str, parameters: Mapping[str, str]) -> None: ...
    def remember(self, account: str, key: str, value: str) -> None: ...
    def recall(self, account: str, key: str) -> str | None: ...


class OutboxSteps(Protocol):
    """The way out, step by step."""

    def due(self, account: str, at: Micros, release: Release = Release.ALL) -> Sequence[OutboxItem]:
        """Held items whose time has come become queued, those that `release` lets go; returns what is queued for this account, oldest first."""
        ...

    def claim(self, item_id: int) -> OutboxItem | None:
        """queued → sending, attempts + 1. None where it is not queued any more."""
        ...

    def mark_leaving(self, item_id: int, envelope_id: str = "") -> None:
        """Commit, durably, that the body is about to leave, in an envelope that the server took this name for."""
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
        put_off: int | None = None,
    ) -> None:
        """What became of it: sent, rejected (the conversation's status is taken back), unknown, or queued again at
        `retry_at`; how often it was put off by now (`OutboxItem.put_off`), where that is told."""
        ...

    def sent_partly(
        self, item_id: int, left: Sequence[str], refused: Mapping[str, str], fault: Fault, retry_at: Micros
    ) -> None:
        """Some have it, some were refused for good; sending → queued again, for those who are left and nobody else."""
        ...

    def recover(self, account: str) -> Sequence[OutboxItem]:
        """After a crash: `sending` without mark → queued; with mark → unknown. Returns the unknown ones."""
        ...

    def looked(self, item_id: int, answer: str) -> None:
        """What a look for proof came to, for the agent to read: see `OutboxItem.detail`."""
        ...

    def unknown(self, account: str) -> Sequence[OutboxItem]: ...
    def unfiled(self, account: str) -> Sequence[OutboxItem]:
        """Sent ones of which it is not settled whether a copy is filed: a crash came between."""
        ...

    def outbox_open(self) -> int:
        """Items that still have to leave and are not scheduled for later."""
        ...


class Schedules(Protocol):
    """What is due when."""

    def next_due_of(self, account: str, after: Micros) -> Micros | None:
        """When the next held item, retry or remote write of this account is due that is not due yet."""
        ...

    def next_due(self) -> Micros | None:
        """When the next held item, retry or snooze is due."""
        ...

    def wake_snoozed(self, at: Micros) -> Sequence[int]:
        """Snoozed conversations whose time has come are open again, each with its event, once."""
        ...


class RemoteWrites(Protocol):
    """Changes that must reach a server."""

    def remote_writes(self, account: str, at: Micros) -> Sequence[RemoteWrite]: ...
    def settle_remote_write(
        self, write_id: int, *, done: bool, retry_at: Micros | None = None, fault: Fault | None = None
    ) -> None: ...

    def places(self, account: str, message_id: int) -> Sequence[CopyPlace]:
        """Where the server holds a message now."""
        ...


class Requests(Protocol):
    """What the desk asked for."""

    def requests(self) -> Sequence[WorkRequest]:
        """Asked ones; they become `working`."""
        ...

    def answer(self, request_id: int, *, ok: bool, result: Mapping[str, Any]) -> None: ...


class Upkeep(Protocol):
    """Work on the index that nothing waits for."""

    def merge_search_index(self, budget: float) -> bool:
        """Merge the index for at most `budget` seconds; true where more is left."""
        ...


class WorkerStore(RawFiles, Streams, AccountBook, OutboxSteps, Schedules, RemoteWrites, Requests, Upkeep, Protocol):
    """What the worker asks. Blocking: it calls from its own thread."""

    def ingest(self) -> AbstractContextManager[IngestTransaction]:
        """One transaction; commits at the end of the block, rolls back on an exception."""
        ...

    def close(self) -> None: ...
