"""Who is alive: one worker for each workspace, and the desks that look at it.

Both are flocks, which die with their process however it ends; what is written into the file is for people to read.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from agent_tui import __version__

_PROBE_TAKES = 0.5
"""Others look whether a lock is held by taking it for a moment, so one refusal is not the last word."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the worker's lock."""

    pid: int
    version: str


class FileLock:
    """A held flock. Freed by `release`, by leaving the block, and by the end of the process."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, path: Path, *, shared: bool = False, wait: float = 0.0) -> Self | None:
        """The lock, or None where somebody else has it after `wait` seconds."""
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        end = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= end:
                    os.close(handle)
                    return None
                time.sleep(0.02)
            else:
                return cls(handle)

    def write(self, text: str) -> None:
        """Say who holds it."""
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text.encode(), 0)

    def release(self) -> None:
        """Let go."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def take_worker_lock(path: Path) -> FileLock | None:
    """Become the worker of a workspace; None where there is one."""
    lock = FileLock.take(path, wait=_PROBE_TAKES)
    if lock is not None:
        lock.write(json.dumps({"pid": os.getpid(), "version": __version__}))
    return lock


def worker_holder(path: Path) -> Holder | None:
    """The running worker, or None where there is none."""
    if not path.exists():
        return None
    lock = FileLock.take(path, shared=True)
    if lock is not None:
        lock.release()
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
        return Holder(int(found["pid"]), str(found["version"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(0, "")


def desk_present(path: Path) -> FileLock:
    """Held by each desk for as long as it lives: a worker that a desk has started looks here before it ends."""
    while (lock := FileLock.take(path, shared=True, wait=1.0)) is None:
        pass  # only ever held by others for a moment
    return lock


def any_desk(path: Path) -> bool:
    """Some desk is alive."""
    if not path.exists():
        return False
    lock = FileLock.take(path)
    if lock is None:
        return True
    lock.release()
    return False
