"""Pieces of the account's form: the word before a field, and the sentence below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.containers import VerticalScroll
from textual.strip import Strip
from textual.widget import Widget

from agent_tui.widgets.cells import Line, in_cell, width, wrap
from agent_tui.widgets.composer_fields import OneField, take_to_holder
from agent_tui.widgets.composer_text import ComposerText
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.look import Look, look_of
from agent_tui.widgets.one_line import OneLine
from agent_tui.widgets.title_line import TitleLine
from agent_tui.words import _

LABEL = 30
MOST_LABEL = 50
"""Cells of the words before the fields: as many as the longest takes, between these."""
MOST_LINES = 5
SIGNATURE_LINES = 4


class FormLabel(OneLine):
    """The word before a field, with a mark where its value cannot be right."""

    def __init__(self, text: str, cells: int, *, id: str) -> None:
        super().__init__(id=id)
        self.styles.width = cells
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
        line.add("!" if self.wrong else " ", look.palette("late" if self.wrong else "text")).cell(
            self.text, cells - 3, look.palette(role)
        )


def label_width(titles: Iterable[str]) -> int:
    """Cells of the words before the fields: one column for all of them, which no word is cut in."""
    return max(LABEL, min(MOST_LABEL, 3 + max((width(in_cell(title)) for title in titles), default=0)))


class OneChoice(OneField):
    """A field that holds one of a few words: the arrows or Space go through them, letters go to their word."""

    THROUGH = frozenset({"tab", "shift+tab", "ctrl+s", "ctrl+r", "ctrl+o", "ctrl+q", "ctrl+z"})

    def __init__(self, value: str, choices: Sequence[str], *, id: str) -> None:
        super().__init__(value, id=id)
        self.choices = tuple(choices)
        self._typed = ""
        """Letters in a row: a word that is typed out is found, whatever other words its letters begin."""

    def on_blur(self) -> None:
        """The next letter begins anew."""
        self._typed = ""

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()

    async def _on_key(self, event: events.Key) -> None:
        if event.key in self.THROUGH:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        here = self.choices.index(self.value) if self.value in self.choices else -1
        if event.key in ("space", "right"):
            self.value = self.choices[(here + 1) % len(self.choices)]
        elif event.key == "left":
            self.value = self.choices[(here - 1) % len(self.choices)] if here >= 0 else self.choices[-1]
        elif event.character:
            letter = event.character.lower()
            for typed in (self._typed + letter, letter):
                found = next((one for one in self.choices if one.startswith(typed)), None)
                if found is not None:
                    self.value, self._typed = found, typed
                    break
        if event.key in ("space", "left", "right"):
            self._typed = ""
        self.cursor_position = 0


class SomeLines(ComposerText):
    """A field of several lines, among those of one: the arrows leave it at its ends, Enter only while it is empty."""

    DEFAULT_CSS = f"""
    SomeLines, SomeLines:focus {{ height: {SIGNATURE_LINES}; padding: 0; }}
    SomeLines:focus {{ background: $raised; }}
    """

    def __init__(self, value: str, *, id: str) -> None:
        super().__init__(id=id)
        self.text = value

    @property
    def value(self) -> str:
        """What was typed, as a field of one line has it."""
        return self.text

    def takes_key(self, key: str) -> bool:
        """Out at the ends, and with Tab and Esc."""
        out = {"tab": 1, "shift+tab": -1, "escape": 0}
        step = out.get(key)
        if key == "up" and self.cursor_at_first_line:
            step = -1
        elif (key == "down" and self.cursor_at_last_line) or (key == "enter" and not self.text):
            step = 1
        return take_to_holder(self, key, step)


class FormRows(VerticalScroll):
    """The fields. The title tells of those that stand above the first one on the screen, or below the last."""

    def on_resize(self) -> None:
        """Room for more of them, or for fewer."""
        self.call_after_refresh(self.keep_in_sight)

    def leave_room(self, lines: int) -> None:
        """As high as the screen allows beside the frame, the title, the keys, and a note of so many lines."""
        self.styles.max_height = max(3, self.app.size.height - 4 - lines)
        self.call_after_refresh(self.keep_in_sight)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What is above and below goes with every step, whoever took it."""
        super().watch_scroll_y(old_value, new_value)
        self.tell_more()

    def keep_in_sight(self) -> None:
        """The field with the caret, also where it was shown a moment ago, or rows came above it."""
        if (field := self.screen.focused) is not None and self in field.ancestors:
            self.scroll_to_widget(field, animate=False)
        self.tell_more()

    def tell_more(self) -> None:
        """More above and below, or not."""
        title = self.screen.query_one("#form-title", TitleLine)
        # Where fields went, it stands higher than it was scrolled to.
        here = min(round(self.scroll_y), self.max_scroll_y)
        above = (Hint("up", _("more above")),) if here > 0 else ()
        below = (Hint("down", _("more below")),) if here < self.max_scroll_y else ()
        hints = above + below
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

    @property
    def lines(self) -> int:
        """How many it takes now."""
        return max(1, min(MOST_LINES, len(self._lines())))

    def on_resize(self) -> None:
        """Another width, other lines."""
        self._fit()

    def _lines(self) -> list[str]:
        return wrap(in_cell(self.text), max(10, self.size.width - 2))

    def _fit(self) -> None:
        self.styles.height = self.lines

    def render_line(self, y: int) -> Strip:
        """One line of the sentence."""
        look, line, lines = look_of(self), Line(), self._lines()
        if y < len(lines):
            line.add(" ", look.palette("text")).add(lines[y], look.palette(self.role))
        return line.strip(self.size.width, look.palette("text"))
