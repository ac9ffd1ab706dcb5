"""The end that comes from outside: SIGTERM, a lost line. The terminal is left as it was found."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)

GRACE_SECONDS: Final = 5.0
"""How long an orderly end may take before the terminal is put right and the process ended without it."""


class Ending:
    """Asks for an orderly end on the first signal; after the second, or when that takes too long, ends at once."""

    def __init__(self, ask: Callable[[int], bool], abandon: Callable[[], None]) -> None:
        self._ask = ask
        self._abandon = abandon
        self._asked = False

    def watch(self) -> None:
        """Take the signals over; only the main thread may."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in ENDINGS:
            signal.signal(number, self._came)

    def _came(self, number: int, _: FrameType | None) -> None:
        if self._asked or not self._ask(number):
            self._end(number)
            return
        self._asked = True
        timer = threading.Timer(GRACE_SECONDS, self._end, (number,))
        timer.daemon = True
        timer.start()

    def _end(self, number: int) -> None:
        self._abandon()
        os._exit(128 + number)
