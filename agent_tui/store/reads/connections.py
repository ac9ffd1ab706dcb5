"""Reading connections: one a thread, so that a long count never stands before a cursor key."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from agent_tui.store.connect import connect_reader, read_with_others, reads_alone, refusal
from agent_tui.store.disk import is_full
from agent_tui.store.errors import Values, run, store_errors


class ReadConnections:
    """Opens a connection for each thread that asks, and closes them all together."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._all: list[sqlite3.Connection] = []
        self._closed = False
        self._gate = threading.RLock()
        """While this process reads alone its threads take turns, so that all connections can be closed between two."""
        self._watching: sqlite3.Connection | None = self._open()
        """PRAGMA data_version is only comparable on one and the same connection."""
        self._mine.connection = self._open()

    def _open(self) -> sqlite3.Connection:
        connection = connect_reader(self._home)
        with self._lock:
            if self._closed:
                connection.close()
                raise sqlite3.ProgrammingError("closed")
            self._all.append(connection)
        return connection

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        found: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if found is None:
            found = self._mine.connection = self._open()
        return found

    def all(self, sql: str, values: Values = ()) -> list[Any]:
        """All rows of a query."""
        with store_errors(), self._turn():
            return run(self.connection, sql, values).fetchall()

    def one(self, sql: str, values: Values = ()) -> Any:
        """The first row of a query, or None."""
        with store_errors(), self._turn():
            return run(self.connection, sql, values).fetchone()

    def prepare(self, statement: str) -> None:
        """Make something temporary on this thread's connection, which else cannot write: it touches no file."""
        with store_errors(), self._turn():
            connection = self.connection
            connection.execute("PRAGMA query_only=OFF")
            try:
                connection.execute(statement)
            finally:
                connection.execute("PRAGMA query_only=ON")

    def data_version(self) -> int:
        """Changes with every commit of another connection."""
        if reads_alone(self._home) and not is_full(self._home):
            self._let_others_in()
        watching = self._watching
        if watching is None:
            watching = self._watching = self._open()
        with store_errors(), self._lock:
            return int(watching.execute("PRAGMA data_version").fetchone()[0])

    def only_reading(self) -> str:
        """Why nothing can be written while this process reads alone; empty where others may open the store."""
        return refusal(self._home) if reads_alone(self._home) else ""

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._turn(), self._lock:
            self._closed = True
            self._close_all()

    def _turn(self) -> AbstractContextManager[object]:
        return self._gate if reads_alone(self._home) else nullcontext()

    def _let_others_in(self) -> None:
        """There is room again: other processes may open the store, and this one may write."""
        with self._gate, self._lock:
            self._close_all()
            self._mine, self._watching = threading.local(), None

    def _close_all(self) -> None:
        for connection in self._all:
            connection.close()
        self._all.clear()
        read_with_others(self._home)
