"""When a key was last pressed at a desk of a workspace: what can wait does, while somebody is at the keys."""

from __future__ import annotations

import os
import struct
import time
from pathlib import Path

_MOMENT = struct.Struct("=d")


class LastKey:
    """Eight bytes that desks write and the worker reads.

    The clock is that of the machine since its start, the same for all processes. A file that cannot be opened, or that
    tells a moment to come (from before a restart, or from another machine), says that nobody is there: all goes on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._tried = False

    def pressed(self) -> None:
        """A key was pressed now. Costs some microseconds, and never fails."""
        file = self._open()
        if file is not None:
            try:
                os.pwrite(file, _MOMENT.pack(time.monotonic()), 0)
            except OSError:
                pass  # a full disk

    def ago(self) -> float:
        """Seconds since then; infinite where nothing is known."""
        file = self._open()
        try:
            told = os.pread(file, _MOMENT.size, 0) if file is not None else b""
        except OSError:
            told = b""
        if len(told) != _MOMENT.size:
            return float("inf")
        since = time.monotonic() - _MOMENT.unpack(told)[0]
        return since if since >= 0 else float("inf")  # what is no number is no moment either

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open(self) -> int | None:
        if not self._tried:
            self._tried = True
            try:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except OSError:
                self._file = None
        return self._file
