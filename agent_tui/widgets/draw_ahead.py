"""The rows that come next are drawn while nobody waits: a list that moves shows many new ones at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.timer import Timer

from agent_tui.widgets.look import look_of

if TYPE_CHECKING:
    from agent_tui.widgets.virtual_list import VirtualList

PAUSE = 0.004
"""Seconds between two rows: a key that comes meanwhile waits for one of them at most."""


class DrawAhead:
    """Draws for a list whose rows keep what was drawn."""

    def __init__(self, control: VirtualList) -> None:
        self._list = control
        self._timer: Timer | None = None
        self._left: Iterator[int] = iter(())

    def moved(self, *, down: bool) -> None:
        """The window stands elsewhere. Once that is painted, half a window more is drawn behind it."""
        self._left = self._behind(down=down)
        if self._timer is None:
            self._timer = self._list.set_interval(PAUSE, self._draw, pause=True)
        self._list.call_after_refresh(self._timer.resume)

    def _behind(self, *, down: bool) -> Iterator[int]:
        control, rows = self._list, self._list.rows
        height = control.size.height
        if not rows.count or height <= 0:
            return iter(())
        edge = rows.at(max(0, min(control.first_line + (height if down else -1), rows.lines - 1)))
        many = height // 2 // rows.height(edge) + 1
        return iter(range(edge, min(edge + many, rows.count)) if down else range(edge, max(-1, edge - many), -1))

    def _draw(self) -> None:
        control = self._list
        row = next(self._left, None)
        if row is None or row >= control.rows.count:
            if self._timer is not None:
                self._timer.pause()
            return
        look = look_of(control)
        for part in range(control.rows.height(row)):
            control.rows.draw(row, part, control.size.width, look, current=False, active=control.has_focus)
