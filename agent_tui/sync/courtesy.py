"""Stepping back: who reads at the screen goes before who fetches and reads for him."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

GAP = 0.004
"""Seconds between two transactions of ingest: whoever waits for the lock asks every two milliseconds."""
QUIET = 0.12
"""So many seconds after a key, history goes on: a held key, and fast typing, come in shorter steps."""
WAITS_AT_MOST, THEN_WORKS = 2.0, 0.2
"""Seconds that history waits for keys that do not end, and seconds that it then works whoever types."""

_GROUP = "/proc/self/autogroup"


def step_back(nice: int) -> None:
    """Take a smaller share of the processors, by so much.

    Where Linux shares them out between sessions first, niceness counts only within one; so the group of a session of
    our own, with nobody else in it, steps back too.
    """
    os.nice(nice)
    if os.getsid(0) == os.getpid():
        try:
            with open(_GROUP, "w", encoding="ascii") as group:
                group.write(str(nice))
        except OSError:
            pass  # there are no such groups here


def wait_politely() -> None:
    """Work that comes takes a processor from nobody: it waits until one is free."""
    if hasattr(os, "SCHED_BATCH"):
        try:
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        except OSError:
            pass  # not allowed here


def _nobody() -> float:
    return float("inf")


class Pace:
    """When ingest may go on: one for all accounts of a store, asked from the threads that read and write for them."""

    def __init__(
        self,
        key_ago: Callable[[], float] = _nobody,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._key_ago = key_ago
        self._clock, self._sleep = clock, sleep
        self._ended = float("-inf")
        """When the last transaction did."""
        self._waits_since: float | None = None
        self._works_until = float("-inf")

    def pause(self) -> float:
        """Seconds to wait before anything that is not new is read or written: somebody types or moves right now.

        Asked again and again until it is 0. Who waits must keep no mail back that is new.
        """
        moment, ago = self._clock(), self._key_ago()
        if ago >= QUIET:
            self._waits_since = None
        elif moment >= self._works_until:
            if self._waits_since is None:
                self._waits_since = moment
            if moment - self._waits_since < WAITS_AT_MOST:
                return QUIET - ago
            self._waits_since, self._works_until = None, moment + THEN_WORKS
        return 0.0

    async def let_keys_pass(self) -> None:
        """Wait until hands rest at the keys."""
        while True:
            left = self.pause()
            if not left:
                return
            await asyncio.sleep(left)

    def let_others_write(self) -> None:
        """Leave a gap behind the last transaction, whichever account it was for."""
        left = self._ended + GAP - self._clock()
        if left > 0:
            self._sleep(left)

    def ended(self) -> None:
        """A transaction has ended."""
        self._ended = self._clock()
