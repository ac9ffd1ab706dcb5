"""When to look for what others did: where the hands rest, not between two keys."""

from __future__ import annotations

import time
from collections.abc import Callable

REST, AT_LEAST = 0.1, 1.0
"""Seconds behind a key in which nothing is taken in, and how long that waits for keys that do not end."""


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
