"""When to look for what others did: where the hands rest, not between two keys."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

REST, AT_LEAST = 0.1, 1.0
"""Seconds behind a key in which nothing is taken in, and how long that waits for keys that do not end."""


GARBAGE = (5_000, 50, 20)
"""Objects, and rounds, between two searches for garbage where the hands never rest: a frame makes thousands of objects,
and nearly all of them go by themselves."""


def collect_rarely() -> None:
    """What stands by now is no garbage; from here on it is searched for between keys (`tidy`)."""
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()


class BetweenKeys:
    """Taking in what others did draws much at once; a key pressed meanwhile would wait for it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key_at = self._looked_at = float("-inf")

    def pressed(self) -> None:
        """A key was pressed now."""
        self._key_at = self._clock()

    def may_look(self) -> bool:
        """Whether it is time; asked again and again."""
        moment = self._clock()
        if moment - self._key_at < REST and moment - self._looked_at < AT_LEAST:
            return False
        self._looked_at = moment
        return True

    def tidy(self) -> None:
        """Search for garbage while the hands rest: that takes as long as painting."""
        if self._clock() - self._key_at >= REST and gc.isenabled() and gc.get_count()[1]:
            gc.collect(1)
