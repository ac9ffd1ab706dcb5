"""Stepping back: who reads at the screen goes before who fetches and reads for him."""

from __future__ import annotations

import os

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
