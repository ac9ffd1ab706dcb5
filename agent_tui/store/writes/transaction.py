"""The writer: one transaction at a time, whole or not at all, with what it touched in the change feed."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent_tui.store.connect import BUSY, connect_writer
from agent_tui.store.errors import Values, as_store_error, is_busy, run

PATIENCE = 30.0
"""Seconds to wait for another process to end its transaction; theirs are short, so this is for a stopped one."""
PAUSE = 0.002
"""Shorter than SQLite's own pauses, so that a key press gets its turn between two batches of ingest."""
FEED_KEPT = 20_000


class Transaction:
    """What a unit of work writes through."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._touched: dict[tuple[str, int], None] = {}
        self.last: dict[int, tuple[str, Values]] = {}
        """Statements that wait for the end, by item: what goes into the search index. FTS5 writes out all it holds at
        each savepoint, and SQLite makes one for every statement that fires a trigger: a segment for every message."""

        self.indexed_from: int | None = None
        """Kept by `index.reached`."""
        self.marks: dict[tuple[str, str], dict[int, bool]] = {}
        """Marks that wait to be written to a server, by account and mark: read once a transaction."""

    def run(self, sql: str, values: Values = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return run(self._connection, sql, values)

    def many(self, sql: str, values: Sequence[Values]) -> None:
        """Run one statement for many rows."""
        for some in values:
            run(self._connection, sql, some)

    def one(self, sql: str, values: Values = ()) -> Any:
        """The first row, or None."""
        return run(self._connection, sql, values).fetchone()

    def all(self, sql: str, values: Values = ()) -> list[Any]:
        """All rows."""
        return run(self._connection, sql, values).fetchall()

    def value(self, sql: str, values: Values = ()) -> Any:
        """The first column of the first row, or None."""
        row = run(self._connection, sql, values).fetchone()
        return row[0] if row else None

    def insert(self, sql: str, values: Values = ()) -> int:
        """Run an INSERT; returns the row's id."""
        return int(run(self._connection, sql, values).lastrowid or 0)

    def touch(self, kind: str, ref: int = 0) -> None:
        """Tell the change feed: `conversation` with its id, `drafts`, `outbox`, `accounts`, `other`."""
        self._touched[(kind, ref)] = None

    def touched(self) -> list[tuple[str, int]]:
        """What the feed is told, each once."""
        return list(self._touched)


class Writer:
    """The only writing connection of a process; its threads take turns."""

    def __init__(self, home: Path, cache: int = 8) -> None:
        self._home = home
        self._connection = connect_writer(home, cache)
        self._lock = threading.Lock()
        self._full: bool | None = None

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        """One transaction. Durable: on the disk when it returns; else it is safe from a crash, not from a power cut."""
        with self._lock:
            self._begin(durable)
            unit = Transaction(self._connection)
            try:
                yield unit
                self._feed(unit)
                for sql, values in unit.last.values():
                    unit.run(sql, values)
                self._commit()
            except BaseException as error:
                self._roll_back()
                if isinstance(error, sqlite3.Error):
                    raise as_store_error(error, self._home) from error
                raise

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """The connection outside a transaction, for upkeep."""
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise as_store_error(error, self._home) from error

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._connection.close()

    def _begin(self, durable: bool) -> None:
        try:
            if self._full is not durable:
                self._connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                self._full = durable
            self._take_lock()
        except sqlite3.Error as error:
            raise as_store_error(error, self._home) from error

    def _take_lock(self) -> None:
        # SQLite's own pauses grow to ten milliseconds, and slept through those in which the lock was free.
        self._connection.execute("PRAGMA busy_timeout=0")
        try:
            self._patiently("BEGIN IMMEDIATE")
        finally:
            self._connection.execute(f"PRAGMA busy_timeout={BUSY}")

    def _commit(self) -> None:
        self._patiently("COMMIT")

    def _patiently(self, statement: str) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute(statement)
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() >= end:
                    raise
                time.sleep(PAUSE)
            else:
                return

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                pass  # SQLite has rolled back by itself, as after a full disk

    def _feed(self, unit: Transaction) -> None:
        touched = unit.touched()
        if not touched:
            return
        unit.many("INSERT INTO feed (kind, ref) VALUES (?, ?)", touched)
        newest = unit.value("SELECT max(seq) FROM feed")
        if newest % 256 < len(touched):
            unit.run("DELETE FROM feed WHERE seq <= ?", (newest - FEED_KEPT,))
