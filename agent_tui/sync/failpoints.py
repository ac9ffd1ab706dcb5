"""Named places in ingest and send where a test may kill or fail the process.

Off, a place costs one comparison. `AGENT_TUI_FAILPOINT=name[:kill|:fail|:disk_full][@n]` arms one of them in a
process that is about to start: at the n-th time it is reached, the process is killed (the default), or the place
raises. Tests walk through `NAMES`, so that a new place is tested from the day it is written.
"""

from __future__ import annotations

import errno
import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

VARIABLE = "AGENT_TUI_FAILPOINT"

INGEST: Mapping[str, str] = {
    "ingest.arrived": "a batch is here, nothing of it is written",
    "ingest.raw_written": "the raw messages lie in the file store, no row knows them",
    "ingest.message_added": "a message is in the open transaction",
    "ingest.before_commit": "all rows and the cursor are in the open transaction",
    "ingest.committed": "the batch and its cursor are committed",
}
SEND: Mapping[str, str] = {
    "send.claimed": "the item is `sending`, nothing has left",
    "send.before_mark": "the backend is about to let the body leave, the mark is not committed",
    "send.marked": "the mark is committed, no byte of the body has left",
    "send.answered": "the server took it over, the item still says `sending`",
    "send.settled": "the item says `sent`, no copy is filed",
    "send.filed": "the copy is filed, the item does not know",
}
NAMES: Mapping[str, str] = {**INGEST, **SEND}
"""All places, with what is true when they are reached."""
BEFORE_MARK = ("send.claimed", "send.before_mark")
"""Killed here, a message is sent again, exactly once."""

_FORM = re.compile(r"(?P<name>[a-z._]+)(?::(?P<effect>kill|fail|disk_full))?(?:@(?P<count>\d+))?")


class Failed(Exception):
    """Raised at a place that was told to fail."""


@dataclass(slots=True)
class _Armed:
    name: str
    effect: str
    left: int

    def reach(self, name: str) -> None:
        if name != self.name:
            return
        self.left -= 1
        if self.left != 0:
            return
        match self.effect:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "disk_full":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            case _:
                raise Failed(name)


def _read(text: str) -> _Armed | None:
    if not text:
        return None
    form = _FORM.fullmatch(text)
    if form is None or form["name"] not in NAMES:
        raise ValueError(f"{VARIABLE}: no such place: {text!r}")
    return _Armed(form["name"], form["effect"] or "kill", int(form["count"] or 1))


_first = _read(os.environ.get(VARIABLE, ""))
_armed: list[_Armed] = [_first] if _first else []


def reach(name: str) -> None:
    """Say that a place is reached."""
    if _armed:
        _armed[-1].reach(name)


@contextmanager
def armed(text: str) -> Iterator[None]:
    """Arm one place in this process, for tests."""
    place = _read(text)
    assert place is not None
    _armed.append(place)
    try:
        yield
    finally:
        _armed.remove(place)
