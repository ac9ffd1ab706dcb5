"""What is typed while a composer or a picker is still opening, or while a message is being queued, waits for what comes
then: it is never taken as commands of a screen that goes, and never lost in a text that is gone."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from textual import events
from textual.app import App

LOOK_AGAIN = 0.01
LEAVES = "ctrl+q"
AT_MOST = 2.0
"""A screen that is not ready by then never will be: what was typed is dropped, since it was meant for it."""


class TypedAhead:
    """Holds keys back until the screen says `is_ready`."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._held: deque[events.Key] = deque()
        self._since = 0.0
        self._replaying = False
        self._in_vain = False
        """The last ones waited in vain: the key that leaves waits no more."""

    def _ready(self) -> bool:
        return bool(getattr(self._app.screen, "is_ready", True))

    def holds(self, key: events.Key) -> bool:
        """Whether this key has to wait; it then comes again by itself, in its order."""
        if self._replaying or (not self._held and self._ready()):
            self._in_vain = self._in_vain and self._replaying
            return False
        if self._in_vain and key.key == LEAVES:
            return False
        sending = getattr(self._app.screen, "sending", None)
        if sending is not None and sending.repeats(key.key):
            return False
        if not self._held:
            self._since = time.monotonic()
            self._app.set_timer(LOOK_AGAIN, self._look)
        self._held.append(key)
        return True

    async def _look(self) -> None:
        while self._held and self._ready():
            self._replaying = True
            try:
                await self._app.on_event(self._held.popleft())
            finally:
                self._replaying = False
        if not self._held:
            return
        if getattr(self._app.screen, "sending", None):
            self._since = time.monotonic()  # it ends, however long a full or busy disk takes
        if time.monotonic() - self._since > AT_MOST:
            self._held.clear()
            self._in_vain = True
        else:
            self._app.set_timer(LOOK_AGAIN, self._look)
