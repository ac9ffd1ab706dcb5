"""A line over the text being written: what came into the conversation meanwhile, and the key to read it."""

from __future__ import annotations

from agent_tui.widgets.cells import Line, cut
from agent_tui.widgets.look import Look
from agent_tui.widgets.one_line import OneLine
from agent_tui.words import _


class NewsLine(OneLine):
    """Shown only while there is something to tell."""

    DEFAULT_CSS = "NewsLine { display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = ""

    def say(self, text: str) -> None:
        """Tell it; nothing takes the line away."""
        if text != self.text:
            self.text = text
            self.display = bool(text)
            self.refresh()

    def fill(self, line: Line, width: int, look: Look) -> None:
        """The sentence, then its key."""
        palette = look.palette
        word = _("to read it")
        room = max(4, width - len(word) - 10)
        line.add(" ", palette("text")).add(cut(self.text, room, look.glyphs.ellipsis), palette("due", weight="bold"))
        line.add("   ", palette("text")).add("tab", palette("accent")).add(f" {word}", palette("quiet"))
