"""How long another writer waits for the store."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from agent_tui.store.writes.transaction import Writer


class LockProbe(threading.Thread):
    """Takes and gives back the write lock twenty times a second, as the desk does, and remembers how long it waited."""

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
        writer = Writer(self._database.parent)
        while not self._over.wait(0.05):
            begun = time.perf_counter()
            with writer.transaction(durable=False):
                self.waits.append((time.perf_counter() - begun) * 1000)
        writer.close()
