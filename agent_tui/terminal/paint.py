"""From the cells last sent to the cells wanted, in the fewest bytes found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import ne
from typing import Final, NamedTuple

from agent_tui.terminal.cells import Row, is_certain
from agent_tui.terminal.pens import PLAIN, PenBox

GAP: Final = 5
"""Unchanged cells between two changed ones that are cheaper to repeat than to jump over."""

SKIP: Final = 16
"""Cells that are compared at once where nothing changed: panes beside the one that did."""

LONG_BLANK: Final = re.compile(" {12,}")
ERASE_FROM: Final = 6
CLEAR_FROM: Final = 4


class Run(NamedTuple):
    """Changed cells of one row that one pen draws."""

    y: int
    x: int
    end: int
    pen: int
    blank: bool
    """Nothing but blanks: any pen with the same ground will do."""


@dataclass(slots=True)
class Pencil:
    """What the terminal has in its hand: where its cursor is and how it would draw. `None` is unknown."""

    pen: int | None = None
    at: tuple[int, int] | None = None


def is_drifty(row: Row) -> bool:
    """Whether terminals may disagree about where the cells of a row stand."""
    return not isinstance(row.text, str) and not all(is_certain(cell) for cell in row.text)


def blank_from(row: Row) -> int:
    """Where the blanks of one pen begin with which a row ends."""
    text = row.text
    if isinstance(text, str):
        ink = len(text.rstrip(" "))
    else:
        ink = next((x for x in range(len(text), 0, -1) if text[x - 1] != " "), 0)
    return max(ink, len(row.pens.rstrip(row.pens[-1:])))


def cleared_from(old: Row, new: Row) -> int:
    """Where the end of a row begins that is erased as a whole; its width where so few cells of it changed that
    blanks are cheaper."""
    width, start = len(new.pens), blank_from(new)
    if old.text[start:] == new.text[start:] and old.pens[start:] == new.pens[start:]:
        return width
    changed = [x for x in range(start, width) if old.text[x] != " " or old.pens[x] != new.pens[x]]
    return start if changed and changed[-1] - changed[0] + 1 >= CLEAR_FROM else width


def runs_of_row(y: int, old: Row, new: Row, pens: PenBox, *, bce: bool = True) -> list[Run]:
    """The changed parts of a row, each with its pen."""
    text, marks, was_text, was_marks = new.text, new.pens, old.text, old.pens
    width, x = len(marks), 0
    found: list[Run] = []
    whole = is_drifty(new) or is_drifty(old)
    ground = ord(marks[-1])
    erasable = pens.erases(ground) and (bce or not pens.pen(ground).bg)
    cleared = cleared_from(old, new) if erasable else width
    if not cleared:
        return [Run(y, 0, width, ground, True)]
    while x < width:
        if not whole and text[x] == was_text[x] and marks[x] == was_marks[x]:
            x += 1
            while text[x : x + SKIP] == was_text[x : x + SKIP] and marks[x : x + SKIP] == was_marks[x : x + SKIP]:
                x += SKIP
                if x >= width:
                    break
            continue
        if x >= cleared:
            found.append(Run(y, x, width, ground, True))
            break
        if text[x] == "" and x and (not found or found[-1].end < x):
            x -= 1
        pen = ord(marks[x])
        blank = text[x] == " " and pens.blank(pen) == pen and pens.erases(pen)
        end = j = x + 1
        while j < width and j - end <= GAP:
            mark = ord(marks[j])
            if mark != pen:
                if blank and text[j] != " " and pens.covers(mark, pen):
                    pen, blank = mark, False
                elif text[j] != " " or not pens.covers(pen, mark):
                    break
            elif text[j] != " ":
                blank = False
            if whole or text[j] != was_text[j] or mark != ord(was_marks[j]):
                end = j + 1
            j += 1
        while end < width and text[end] == "":
            end += 1
        if cleared <= end and pens.covers(pen, ground):
            end = width
        found.append(Run(y, x, end, pen, all(cell == " " for cell in text[x:end]) and pens.erases(pen)))
        x = end
    return found


def fewest_bytes(old: Sequence[Row], new: Sequence[Row]) -> int:
    """What painting cannot cost less than: a byte for each new letter, and two to come to each row but one."""
    letters = rows = 0
    for before, after in zip(old, new, strict=True):
        if before.text != after.text:
            changed = "".join(compress(after.text, map(ne, after.text, before.text)))
            letters += len(changed) - changed.count(" ")
            rows += 1
    return letters + 2 * max(0, rows - 1)


def move(at: tuple[int, int] | None, y: int, x: int, width: int) -> str:
    """The shortest way for the cursor. `(y, width)` is the state behind the last column."""
    if at == (y, x):
        return ""
    if at is not None:
        if at[0] == y:
            if x == 0:
                return "\r"
            if at[1] < width:
                distance = x - at[1]
                if -3 <= distance < 0:
                    return "\b" * -distance
                if distance > 0:
                    return "\x1b[C" if distance == 1 else f"\x1b[{distance}C"
        elif at[0] == y - 1 and x == 0:
            return "\r\n"
    if x == 0:
        return f"\x1b[{y + 1}H" if y else "\x1b[H"
    return f"\x1b[{y + 1};{x + 1}H"


class Brush:
    """Turns runs into bytes."""

    def __init__(self, pens: PenBox, *, erases_in_colour: bool = True) -> None:
        self._pens = pens
        self._bce = erases_in_colour

    def difference(self, old: Sequence[Row], new: Sequence[Row], pencil: Pencil) -> tuple[str, Pencil]:
        """The bytes that make `new` of `old`, and what the terminal has in its hand afterwards."""
        free: list[Run] = []
        bound: list[Run] = []
        for y, (before, after) in enumerate(zip(old, new, strict=True)):
            if before == after:
                continue
            runs = runs_of_row(y, before, after, self._pens, bce=self._bce)
            (bound if is_drifty(after) or is_drifty(before) else free).extend(runs)
        first = self._emit([*free, *bound], new, pencil)
        if len({run.pen for run in free}) < 2:
            return first
        second = self._emit([*self._by_pen(free, pencil.pen), *bound], new, pencil)
        return first if len(first[0]) <= len(second[0]) else second

    def _by_pen(self, runs: Iterable[Run], pen: int | None) -> list[Run]:
        groups: dict[int, list[Run]] = {}
        blanks: dict[int, list[Run]] = {}
        for run in runs:
            (blanks if run.blank else groups).setdefault(run.pen, []).append(run)
        for mark, group in blanks.items():
            host = mark
            for other in groups:
                if self._pens.covers(other, mark):
                    host = other
                    break
            groups[host] = sorted([*groups.get(host, ()), *group])
        ordered = sorted(groups, key=lambda mark: (mark != pen, self._pens.order(mark)))
        return [run for mark in ordered for run in groups[mark]]

    def _emit(self, runs: Sequence[Run], rows: Sequence[Row], pencil: Pencil) -> tuple[str, Pencil]:
        out: list[str] = []
        pen, at = pencil.pen, pencil.at
        for index, run in enumerate(runs):
            width = len(rows[run.y].pens)
            out.append(move(at, run.y, run.x, width))
            wanted = self._hand(pen, runs, index)
            out.append(self._pens.change(pen, wanted))
            pen = wanted
            cells = rows[run.y].text[run.x : run.end]
            erasable = self._pens.erases(pen) and (self._bce or not self._pens.pen(pen).bg)
            if isinstance(cells, str):
                drawn, left = self._plain(cells, erasable, run.end == width)
                at = (run.y, run.end - left)
            else:
                drawn, left = self._wide(cells, run.x, erasable, run.end == width)
                at = (run.y, run.end - left) if left or is_certain(self._last(cells)) else None
            out.append(drawn)
        return "".join(out), Pencil(pen, at)

    def _hand(self, pen: int | None, runs: Sequence[Run], index: int) -> int:
        """The pen to draw a run with: for blanks the one in hand, or the one needed next, where its ground is right."""
        run = runs[index]
        if not run.blank:
            return run.pen
        if pen is not None and self._pens.covers(pen, run.pen):
            return pen
        if index + 1 < len(runs) and self._pens.covers(runs[index + 1].pen, run.pen):
            return runs[index + 1].pen
        return run.pen

    @classmethod
    def _plain(cls, cells: str, erasable: bool, to_end: bool) -> tuple[str, int]:
        """The bytes of simple cells, and how many cells before the end the cursor stops."""
        if not erasable:
            return cells, 0
        body = cells.rstrip(" ")
        blanks = len(cells) - len(body)
        if len(body) > LONG_BLANK_WORTH:
            body = LONG_BLANK.sub(lambda gap: f"\x1b[{len(gap[0])}X\x1b[{len(gap[0])}C", body)
        tail, left = cls._blanks(blanks, to_end)
        return body + tail, left

    @staticmethod
    def _blanks(count: int, to_end: bool) -> tuple[str, int]:
        """Blanks at the end of a run, and how many of them the cursor did not pass."""
        if to_end and count >= CLEAR_FROM:
            return "\x1b[K", count
        if count >= ERASE_FROM:
            return f"\x1b[{count}X", count
        return " " * count, 0

    @staticmethod
    def _last(cells: Sequence[str]) -> str:
        return next((cell for cell in reversed(cells) if cell), "")

    @classmethod
    def _wide(cls, cells: Sequence[str], x: int, erasable: bool, to_end: bool) -> tuple[str, int]:
        """The bytes of cells among which are wide or combined ones; behind each doubtful one the column is set anew."""
        out: list[str] = []
        doubtful = False
        body = len(cells)
        while erasable and body and cells[body - 1] == " ":
            body -= 1
        for column, cell in enumerate(cells[:body], x):
            if not cell:
                continue
            if doubtful:
                out.append(f"\x1b[{column + 1}G")
            out.append(cell)
            doubtful = not is_certain(cell)
        tail, left = cls._blanks(len(cells) - body, to_end)
        if tail and doubtful:
            out.append(f"\x1b[{x + body + 1}G")
        return "".join(out) + tail, left


LONG_BLANK_WORTH: Final = 16
"""Shorter texts cannot hold a gap worth erasing."""

START: Final = Pencil(PLAIN, (0, 0))
"""What the terminal has in its hand after a reset."""
