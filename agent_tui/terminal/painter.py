"""Keeps what the terminal shows and brings it to what it should show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent_tui.terminal import scroll
from agent_tui.terminal.cells import Row, blank_row
from agent_tui.terminal.paint import START, Brush, Pencil, fewest_bytes, move
from agent_tui.terminal.pens import PLAIN, PenBox

BRACKETED_FROM: Final = 8192
"""Frames of more bytes are announced (mode 2026), so that the terminal shows them whole."""

HIDDEN_FROM: Final = 1024
"""During a frame of more bytes a visible cursor is hidden: it would be seen running."""

MOVE_PAYS: Final = 0.6
"""Rows are moved where no more than this share of the letters is left to paint: what is left lies in pieces, and a
region costs bytes of its own, so that beyond it both ways cost alike, and only one is tried."""

CLEAR: Final = "\x1b[m\x1b[r\x1b[H\x1b[2J"


class Painter:
    """What was sent last, and the bytes to what comes next."""

    def __init__(self, pens: PenBox, *, scrolls: bool = True, brackets: bool = False, bce: bool = True) -> None:
        self._pens = pens
        self._brush = Brush(pens, erases_in_colour=bce)
        self._scrolls = scrolls
        self._brackets = brackets
        self._front: list[Row] | None = None
        self._pencil = Pencil()
        self._shown: bool | None = None

    def forget(self) -> None:
        """What the terminal shows is unknown from now on, and whether its cursor does."""
        self._front = None
        self._pencil = Pencil()
        self._shown = None

    def paint(self, rows: Sequence[Row], caret: tuple[int, int] | None = None) -> str:
        """The bytes that bring the terminal to these rows, its cursor at `caret` (column, row) or hidden."""
        width = len(rows[0].pens) if rows else 0
        front = self._front
        scrolled = False
        if front is None or len(front) != len(rows) or (front and len(front[0].pens) != width):
            text, pencil = self._brush.difference([blank_row(width)] * len(rows), rows, START)
            text = CLEAR + text
        else:
            text, pencil, scrolled = self._changed(front, rows, width)
        self._front = list(rows)
        self._pencil = pencil
        brackets = self._brackets and not scrolled and len(text.encode("utf-8", "replace")) > BRACKETED_FROM
        text = self._with_caret(text, caret, width)
        return f"\x1b[?2026h{text}\x1b[?2026l" if brackets else text

    def _changed(self, front: list[Row], rows: Sequence[Row], width: int) -> tuple[str, Pencil, bool]:
        shift = scroll.find(front, rows) if self._scrolls else None
        if shift is None:
            return *self._brush.difference(front, rows, replace(self._pencil)), False
        pen = self._pencil.pen
        lead = ""
        if pen is None or self._pens.pen(pen).bg or not self._pens.erases(pen):
            lead, pen = self._pens.change(pen, PLAIN), PLAIN
        after = scroll.moved(front, shift, width)

        def moving() -> tuple[str, Pencil, bool]:
            rest, then = self._brush.difference(after, rows, Pencil(pen, None))
            return f"{lead}{scroll.sequence(shift)}{rest}", then, True

        def plain() -> tuple[str, Pencil, bool]:
            return *self._brush.difference(front, rows, replace(self._pencil)), False

        fewest = fewest_bytes(front, rows)
        if fewest_bytes(after, rows) > MOVE_PAYS * fewest:
            return plain()
        found = moving()
        if len(found[0]) <= fewest:  # what is sure to cost more is not painted to find out
            return found
        other = plain()
        return other if len(other[0]) < len(found[0]) else found

    def _with_caret(self, text: str, caret: tuple[int, int] | None, width: int) -> str:
        if caret is None:
            if self._shown is False:
                return text
            self._shown = False
            return f"\x1b[?25l{text}"
        x, y = caret
        place = move(self._pencil.at, y, x, width)
        self._pencil.at = (y, x)
        if not self._shown:
            self._shown = True
            return f"{text}{place}\x1b[?25h"
        if len(text) > HIDDEN_FROM:
            return f"\x1b[?25l{text}{place}\x1b[?25h"
        return f"{text}{place}"
