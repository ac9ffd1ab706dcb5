"""The desk's watch over its worker: one that was killed or crashed is started again, more slowly each time it dies young."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LOOK_EVERY = 2.0
"""Seconds between looks at the worker's lock; a look is one flock."""
YOUNG = 30.0
"""A worker that ends sooner than this has trouble, and the next start waits longer."""
LONGEST_PAUSE = 60.0
SETTLED = 5
"""Looks after which a worker that is there counts as one that lives."""


class WorkerKeeper:
    """Calls `ensure` (true where it started one) at first, and whenever `missing`. A daemon thread of its own."""

    def __init__(self, ensure: Callable[[], bool], missing: Callable[[], bool], look_every: float = LOOK_EVERY) -> None:
        self._ensure = ensure
        self._missing = missing
        self._look_every = look_every
        self._settled = SETTLED * look_every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker-keeper", daemon=True)
        self.starts = 0
        """How many workers were started."""
        self.failing = False
        """Three in a row died young, and none has lived since."""

    def start(self) -> None:
        """Begin; the first look is at once."""
        self._thread.start()

    def stop(self) -> None:
        """No further worker is started."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(self._look_every + 1)

    def _run(self) -> None:
        pause, started_at, died_young, not_before = self._look_every, 0.0, 0, 0.0
        first = True
        while not self._stopped.is_set():
            now = time.monotonic()
            if not first and not self._missing():
                if now - started_at > self._settled:
                    self.failing = False
            elif now >= not_before:
                first = False
                if self._begun():
                    self.starts += 1
                    young = bool(started_at) and now - started_at < YOUNG + pause
                    died_young = died_young + 1 if young else 0
                    pause = min(pause * 2, LONGEST_PAUSE) if young else self._look_every
                    started_at, not_before = now, now + pause
                    self.failing = died_young >= 3
            self._stopped.wait(self._look_every)

    def _begun(self) -> bool:
        try:
            return self._ensure()
        except OSError:  # no process can be had right now
            return True
