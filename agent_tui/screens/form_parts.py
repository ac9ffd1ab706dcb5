"""Pieces of the account's form: the word before a field, and the sentence below."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.strip import Strip
from textual.widget import Widget

from agent_tui.widgets.cells import Line, in_cell, wrap
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.look import Look, look_of
from agent_tui.widgets.one_line import OneLine
from agent_tui.widgets.title_line import TitleLine
from agent_tui.words import _

LABEL = 30
MOST_LINES = 5


class FormLabel(OneLine):
    """The word before a field, with a mark where its value cannot be right."""

    DEFAULT_CSS = f"FormLabel {{ width: {LABEL}; }}"

    def __init__(self, text: str, *, id: str) -> None:
        super().__init__(id=id)
        self.text = text
        self.wrong = False

    def mark(self, wrong: bool) -> None:
        """Right or wrong."""
        if wrong != self.wrong:
            self.wrong = wrong
            self.refresh()

    def fill(self, line: Line, cells: int, look: Look) -> None:
        """The word."""
        role = "late" if self.wrong else "quiet"
        line.add("!" if self.wrong else " ", look.palette("late")).cell(self.text, cells - 3, look.palette(role))


class FormRows(VerticalScroll):
    """The fields. The title tells of those that stand below the last one on the screen."""

    def on_resize(self) -> None:
        """Room for more of them, or for fewer."""
        self.call_after_refresh(self.tell_more)

    def tell_more(self) -> None:
        """More below, or not."""
        title = self.screen.query_one("#form-title", TitleLine)
        hints = (Hint("down", _("more below")),) if self.scroll_target_y < self.max_scroll_y else ()
        if hints != title.hints:
            title.hints = hints
            title.refresh()


class FormNote(Widget):
    """What the field is for, what is wrong with it, or how the check goes: as many lines as it takes."""

    DEFAULT_CSS = "FormNote { height: 1; background: $ground; }"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.text, self.role = "", "faint"

    def say(self, text: str, role: str = "faint") -> None:
        """Another sentence."""
        if (text, role) != (self.text, self.role):
            self.text, self.role = text, role
            self._fit()
            self.refresh()

    def on_resize(self) -> None:
        """Another width, other lines."""
        self._fit()

    def _lines(self) -> list[str]:
        return wrap(in_cell(self.text), max(10, self.size.width - 2))

    def _fit(self) -> None:
        self.styles.height = max(1, min(MOST_LINES, len(self._lines())))

    def render_line(self, y: int) -> Strip:
        """One line of the sentence."""
        look, line, lines = look_of(self), Line(), self._lines()
        if y < len(lines):
            line.add(" ", look.palette("text")).add(lines[y], look.palette(self.role))
        return line.strip(self.size.width, look.palette("text"))
