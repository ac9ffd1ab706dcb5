"""The screen as it should be: Textual's updates, put together as rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from rich.style import Style

from agent_tui.terminal.cells import Cells, Row, ascii_cells, blank_row, cells, join, leading_marks, mended, with_marks
from agent_tui.terminal.pens import PenBox

Segment: TypeAlias = "tuple[str, Style | None]"
Piece: TypeAlias = "tuple[int, Iterable[Segment]]"
"""Where a piece of a row begins, and its text."""

_CACHE_LIMIT = 16_384


class Frame:
    """Rows of cells. A row is replaced, never changed: a copy of the list is a picture of the moment."""

    def __init__(self, width: int, height: int, pens: PenBox, *, ascii_only: bool = False) -> None:
        self.width = width
        self.height = height
        self.pens = pens
        self.rows: list[Row] = [blank_row(width)] * height
        self._combines = not ascii_only
        self._cells: Callable[[str], Cells] = ascii_cells if ascii_only else cells
        self._drawn: dict[tuple[str, int], Row] = {}

    def _segment(self, text: str, style: Style | None) -> Row:
        pen = self.pens.of(style)
        found = self._drawn.get((text, pen))
        if found is None:
            here = self._cells(text)
            blank = self.pens.blank(pen)
            pens = chr(pen) * len(here)
            if blank != pen and " " in here:
                mark, empty = chr(pen), chr(blank)
                pens = "".join([empty if cell == " " else mark for cell in here])
            if len(self._drawn) >= _CACHE_LIMIT:
                self._drawn.clear()
            found = self._drawn[text, pen] = Row(here, pens)
        return found

    def put(self, y: int, pieces: Sequence[Piece]) -> None:
        """Place pieces on a row, left to right; what they do not cover stays."""
        if not 0 <= y < self.height:
            return
        old = self.rows[y]
        text: Cells = ""
        pens = ""
        x = 0
        for start, segments in sorted(pieces, key=lambda piece: piece[0]):
            if start > x:
                text, pens = join(text, old.text[x:start]), pens + old.pens[x:start]
                x = start
            elif start < x:
                text, pens, x = text[:start], pens[:start], start
            for content, style in segments:
                if not content.isascii() and self._combines and (marks := leading_marks(content)):
                    text = with_marks(text, marks)
                drawn = self._segment(content, style)
                text, pens = join(text, drawn.text), pens + drawn.pens
                x += len(drawn.pens)
        if x < self.width:
            text, pens = join(text, old.text[x:]), pens + old.pens[x:]
        elif x > self.width:
            text, pens = text[: self.width], pens[: self.width]
        self.rows[y] = Row(mended(text), pens)
