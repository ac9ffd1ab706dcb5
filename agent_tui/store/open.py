"""The door of the store. A workspace is a folder: the database, the files beside it, and the worker's lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui.store.connect import SCHEMA_VERSION, make_private, schema_version
from agent_tui.store.reads.desk import SqliteReads

if TYPE_CHECKING:
    from agent_tui.store.ports import DeskReads, DeskWrites, WorkerStore


def open_workspace(home: Path, *, wait: float = 20.0) -> None:
    """Create the workspace, or bring it to the present schema. Milliseconds where nothing is to do.

    A migration takes the worker's lock, and waits for it no longer than `wait` seconds.
    """
    make_private(home)
    if schema_version(home) != SCHEMA_VERSION:
        from agent_tui.store.migrate import migrate

        migrate(home, wait=wait)


def open_reads(home: Path) -> DeskReads:
    """What the desk reads through. Nothing heavy is imported for it."""
    return SqliteReads(home)


def open_writes(home: Path) -> DeskWrites:
    """What the desk writes through; opened at the first write."""
    from agent_tui.store.writes.desk import SqliteWrites

    return SqliteWrites(home)


def open_worker(home: Path) -> WorkerStore:
    """What the worker works on."""
    from agent_tui.store.writes.worker import SqliteWorker

    return SqliteWorker(home)
