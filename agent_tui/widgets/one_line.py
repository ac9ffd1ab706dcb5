"""Bars of one line: they draw what they are told and refresh only where it differs."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from agent_tui.widgets.cells import Line
from agent_tui.widgets.look import Look, look_of


class OneLine(Widget):
    """A widget of one line, drawn by `fill`."""

    DEFAULT_CSS = """
    OneLine { height: 1; width: 1fr; background: $ground; }
    """
    ground = "ground"

    def fill(self, line: Line, width: int, look: Look) -> None:
        """Put the line together."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """The line."""
        look, cells, line = look_of(self), self.size.width, Line()
        if y == 0:
            self.fill(line, cells, look)
        return line.strip(cells, look.palette("text", self.ground))
