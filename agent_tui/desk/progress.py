"""How far something is that may take a while: told by the thread that does it, read by the screen that waits."""

from __future__ import annotations


class Stopped(Exception):
    """The agent did not want to wait for the rest."""


class Progress:
    """Steps that are done, of how many; and whether the rest is still wanted."""

    def __init__(self) -> None:
        self.done = 0
        self.whole = 0
        self._stopped = False

    def begin(self, whole: int) -> None:
        """So many steps are ahead."""
        self.done, self.whole = 0, whole

    def step(self) -> None:
        """One step is done."""
        self.done += 1

    def stop(self) -> None:
        """The rest is not wanted. What is under way ends before its next step."""
        self._stopped = True

    def check(self) -> None:
        """Between two steps. Raises `Stopped` where the rest is not wanted."""
        if self._stopped:
            raise Stopped
