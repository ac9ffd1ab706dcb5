"""Finds what moved up or down, so that the terminal can move it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from agent_tui.terminal.cells import Row, blank_row

CHUNK = 12
"""Rows are compared in pieces of this many cells: a moved row may have changed in one place."""

FEWEST_ROWS = 4
"""Below this a region costs as much as it saves."""

FEWEST_VOTES = 4


class Shift(NamedTuple):
    """Rows `top` to `bottom` (both included) move up by `by`, or down where it is negative."""

    top: int
    bottom: int
    by: int


def find(old: Sequence[Row], new: Sequence[Row]) -> Shift | None:
    """The move that explains most of what changed, or none."""
    changed = [y for y, (before, after) in enumerate(zip(old, new, strict=True)) if before != after]
    if len(changed) < FEWEST_ROWS:
        return None
    first, last = changed[0], changed[-1]
    places: dict[tuple[int, object], int] = {}
    for y in range(first, last + 1):
        text = old[y].text
        for x in range(0, len(text), CHUNK):
            chunk = (x, text[x : x + CHUNK])
            places[chunk] = -1 if chunk in places else y
    votes: Counter[int] = Counter()
    rows: dict[int, list[int]] = {}
    for y in changed:
        text = new[y].text
        seen: set[int] = set()
        for x in range(0, len(text), CHUNK):
            piece = text[x : x + CHUNK]
            if len(set(piece)) < 3:
                continue
            place = places.get((x, piece), -1)
            if place >= 0 and place != y:
                votes[place - y] += 1
                seen.add(place - y)
        for by in seen:
            rows.setdefault(by, []).append(y)
    if not votes:
        return None
    by, count = votes.most_common(1)[0]
    moved = rows[by]
    if count < FEWEST_VOTES or len(moved) < FEWEST_ROWS - 1:
        return None
    top, bottom = moved[0], moved[-1]
    return Shift(min(top, top + by), max(bottom, bottom + by), by)


def moved(rows: Sequence[Row], shift: Shift, width: int) -> list[Row]:
    """The rows as they stand after the move; what comes in is blank, on the terminal's own ground."""
    after = list(rows)
    inside = list(rows[shift.top : shift.bottom + 1])
    size = len(inside)
    for index in range(size):
        source = index + shift.by
        after[shift.top + index] = inside[source] if 0 <= source < size else blank_row(width)
    return after


def sequence(shift: Shift) -> str:
    """What makes the terminal move the rows. The pen has the terminal's ground by then; where the
    cursor ends differs between terminals."""
    region = f"\x1b[{shift.top + 1};{shift.bottom + 1}r"
    lines = abs(shift.by)
    if lines <= 2:
        step = (
            f"\x1b[{shift.bottom + 1}H" + "\n" * lines if shift.by > 0 else f"\x1b[{shift.top + 1}H" + "\x1bM" * lines
        )
    else:  # insert and delete line are older and more widely known than SU and SD
        step = f"\x1b[{shift.top + 1}H\x1b[{lines}{'M' if shift.by > 0 else 'L'}"
    return f"{region}{step}\x1b[r"
