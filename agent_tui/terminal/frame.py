"""The screen as it should be: Textual's updates, put together as rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from rich.segment import Segment
from rich.style import Style

from agent_tui.terminal.cells import Cells, Row, ascii_cells, blank_row, cells, join, leading_marks, mended, with_marks
from agent_tui.terminal.pens import PenBox

Piece: TypeAlias = "tuple[int, tuple[Segment, ...]]"
"""Where a piece of a row begins, and its text."""

_CACHE_LIMIT = 16_384
_PIECES_KEPT = 1_024


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
        self._pieces: dict[tuple[Segment, ...], Row] = {}
        self._lent: dict[tuple[int, int], tuple[Cells, Cells]] = {}
        """By row and place: cells of another piece that got marks from the piece behind them; with them, and without."""

    def _piece(self, segments: tuple[Segment, ...]) -> Row:
        """A piece of a row as cells. Where a list moved, the same pieces come again in other rows."""
        found = self._pieces.get(segments)
        if found is None:
            text: Cells = ""
            pens = ""
            for content, style, _ in segments:
                if text and (marks := self._leading(content)):
                    text = with_marks(text, marks)
                drawn = self._segment(content, style)
                text, pens = join(text, drawn.text), pens + drawn.pens
            if len(self._pieces) >= _PIECES_KEPT:
                self._pieces.clear()
            found = self._pieces[segments] = Row(text, pens)
        return found

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

    def _leading(self, content: str) -> str:
        return "" if content.isascii() or not self._combines else leading_marks(content)

    def _lend(self, y: int, start: int, text: Cells, marks: str) -> Cells:
        """Put the marks that a piece begins with onto the cells before it, and take off what it put there before."""
        end = text[-2:]  # the last letter before the piece, which may be a wide one
        marked, bare = self._lent.pop((y, start), (end, end))
        if marked == end:
            text = join(text[:-2], bare)
        if marks:
            lent = with_marks(text, marks)
            self._lent[y, start] = lent[-2:], text[-2:]
            return lent
        return text

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
            marks = self._leading(next((segment.text for segment in segments if segment.text), ""))
            if marks or (y, start) in self._lent:
                text = self._lend(y, start, text, marks)
            drawn = self._piece(segments)
            text, pens = join(text, drawn.text), pens + drawn.pens
            x += len(drawn.pens)
        if x < self.width:
            text, pens = join(text, old.text[x:]), pens + old.pens[x:]
        elif x > self.width:
            text, pens = text[: self.width], pens[: self.width]
        self.rows[y] = Row(mended(text), pens)
