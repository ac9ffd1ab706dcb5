"""Mail that goes round in circles: when it is one.

Nothing is counted here: how often an author wrote by machine is asked of the store, so that a worker that was started
anew knows what the one before it saw. That reads the messages of an hour, and for automatic ones alone.
"""

from __future__ import annotations

from collections.abc import Callable

from agent_tui.domain.message import Automatic
from agent_tui.domain.times import HOUR, Micros

LIMIT = 8
"""Automatic messages of one author within an hour: what comes beyond is a loop."""
ROUNDS = 3
"""Mail that came back to us so often is a loop, whoever wrote it."""

CountsAutomatic = Callable[[str, Micros, Micros], int]
"""How many automatic messages came from an address between two times."""


def is_unheard(automatic: Automatic, rounds: int) -> bool:
    """By itself it tells nobody anything: a machine answers, or it came back once too often."""
    return rounds >= ROUNDS or automatic in (Automatic.REPLY, Automatic.REPORT)


def is_loop(author: str, automatic: Automatic, at: Micros, rounds: int, came: CountsAutomatic) -> bool:
    """This message is one too many. What answers by itself one day asks here before it does."""
    if rounds >= ROUNDS:
        return True
    if not author or automatic not in (Automatic.REPLY, Automatic.REPORT):
        return False
    return came(author, Micros(at - HOUR), at) >= LIMIT
