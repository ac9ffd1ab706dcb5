"""Reasons to look again: the mark in its colour, the sentence, and the key that mends it at the right end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from agent_tui.widgets.cells import Line, shown, width
from agent_tui.widgets.look import Look


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One line; the lines that a long sentence goes on in have neither mark nor key."""

    text: str
    mark: str = ""
    role: str = "due"
    key: str = ""
    word: str = ""


class ReasonRows:
    """Lines of the pre-send check for a `VirtualList`."""

    def __init__(self, found: Sequence[ReasonLine]) -> None:
        self.found = list(found)
        self._word = max((width(line.word) for line in found), default=0)

    @property
    def count(self) -> int:
        """How many lines."""
        return len(self.found)

    @property
    def lines(self) -> int:
        """Each row is one line."""
        return len(self.found)

    def top(self, row: int) -> int:
        """Each row is one line."""
        return row

    def height(self, row: int) -> int:
        """Each row is one line."""
        return 1

    def at(self, line: int) -> int:
        """Each row is one line."""
        return line

    def draw(self, row: int, part: int, width_: int, look: Look, *, current: bool, active: bool) -> Strip:
        """Mark, sentence, key and its word."""
        said, line, palette = self.found[row], Line(), look.palette
        line.add(" ", palette("text"))
        line.cell(said.mark, 3, palette(said.role, weight="bold"))
        line.add(shown(said.text), palette("text"))
        if said.key:
            line.up_to(width_ - self._word - 4, palette("text"))
            line.add(said.key, palette("accent")).add(f"  {said.word}", palette("quiet"))
        return line.strip(width_, palette("text"))
