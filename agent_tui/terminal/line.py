"""The way to the terminal: a thread that writes, so that a slow line never holds the desk.

One frame at most is under way. What should be shown meanwhile is not queued: when the line is free again, the newest
state is painted.
"""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable

PIECE = 4096
STOP_SECONDS = 3.0
"""How long leaving waits for a line that takes nothing."""


class Line(threading.Thread):
    """Writes to a terminal in the order given."""

    def __init__(self, fd: int, on_idle: Callable[[], None]) -> None:
        super().__init__(name="terminal-output", daemon=True)
        self._fd = fd
        self._on_idle = on_idle
        self._waiting: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._writing = False
        self._ending = False
        self._lost = False

    @property
    def is_busy(self) -> bool:
        """Whether bytes are still on their way."""
        with self._changed:
            return self._writing or bool(self._waiting)

    def send(self, data: bytes) -> None:
        """Write these bytes after those before them."""
        with self._changed:
            if self._lost or self._ending or not data:
                return
            self._waiting.append(data)
            self._changed.notify()

    def stop(self) -> None:
        """Write what waits, then end. A line that takes nothing is left after a while."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self.is_alive():
            self.join(STOP_SECONDS)

    def run(self) -> None:
        while True:
            with self._changed:
                self._writing = False
                while not self._waiting and not self._ending:
                    self._changed.wait()
                if not self._waiting:
                    return
                data = b"".join(self._waiting)
                self._waiting.clear()
                self._writing = True
            self._write(data)
            with self._changed:
                self._writing = False
                free = not self._waiting and not self._ending
            if free:
                self._on_idle()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self._lost:
            try:
                view = view[os.write(self._fd, view[:PIECE]) :]
            except BlockingIOError:
                select.select([], [self._fd], [], 1.0)
            except OSError:  # the terminal is gone; who reads from it says so
                with self._changed:
                    self._lost = True
                    self._waiting.clear()
