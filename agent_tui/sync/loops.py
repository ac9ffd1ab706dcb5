"""Mail that goes round in circles: when it is one."""

from __future__ import annotations

from collections import deque

from agent_tui.domain.message import Automatic
from agent_tui.domain.times import HOUR, Micros
from agent_tui.sync.identity import Key

LIMIT = 8
"""Automatic messages of one author within an hour: what comes beyond is a loop."""
ROUNDS = 3
"""Mail that came back to us so often is a loop, whoever wrote it."""
_AUTHORS_KEPT = 4096


class LoopGuard:
    """Counts automatic messages by author. Bounded, and closed rather than open where it has to forget."""

    def __init__(self, limit: int = LIMIT, window: int = HOUR) -> None:
        self._limit = limit
        self._window = window
        self._seen: dict[Key, deque[Micros]] = {}

    def is_loop(self, author: Key | None, automatic: Automatic, at: Micros, rounds: int = 0) -> bool:
        """This message is one too many."""
        if rounds >= ROUNDS:
            return True
        if author is None or automatic not in (Automatic.REPLY, Automatic.REPORT):
            return False
        times = self._seen.pop(author, None) or deque(maxlen=self._limit + 1)
        self._seen[author] = times  # the newest stands last
        times.append(at)
        if len(self._seen) > _AUTHORS_KEPT:
            self._seen.pop(next(iter(self._seen)))
        return len(times) > self._limit and abs(times[-1] - times[0]) <= self._window
