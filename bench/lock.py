"""How long another writer waits for the store."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self


class LockProbe(threading.Thread):
    """Takes and gives back the write lock twenty times a second, and remembers how long it waited."""

    def __init__(self, database: Path) -> None:
        super().__init__(daemon=True)
        self._database = database
        self._over = threading.Event()
        self.waits: list[float] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        self._over.set()
        self.join(30)

    def run(self) -> None:
        connection = sqlite3.connect(self._database, timeout=30, isolation_level=None)
        while not self._over.wait(0.05):
            begun = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            self.waits.append((time.perf_counter() - begun) * 1000)
            connection.execute("ROLLBACK")
        connection.close()
