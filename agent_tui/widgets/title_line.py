"""A title, or keys, in one line of a box."""

from __future__ import annotations

from collections.abc import Sequence

from agent_tui.widgets.cells import Line, cut, shown, width
from agent_tui.widgets.hint_line import Hint, key_shown
from agent_tui.widgets.look import Look
from agent_tui.widgets.one_line import OneLine


class TitleLine(OneLine):
    """A title left, keys behind it."""

    def __init__(
        self, title: str, hints: Sequence[Hint] = (), *, ground: str = "ground", indent: int = 1, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.indent = indent
        self.ground = ground
        self.said = title
        self.hints = tuple(hints)

    def say(self, title: str) -> None:
        """Another title."""
        if title != self.said:
            self.said = title
            self.refresh()

    def fill(self, line: Line, width_: int, look: Look) -> None:
        """Title, then keys."""
        palette, ground = look.palette, self.ground
        line.add(" " * self.indent, palette("text", ground))
        if self.said:
            line.add(
                cut(shown(self.said), width_ - 1 - self.indent, look.glyphs.ellipsis), palette("text", ground, "bold")
            )
            line.add("   ", palette("text", ground))
        for hint in self.hints:
            key = key_shown(hint.key)
            if line.width + width(key) + 1 + width(hint.word) > width_ - 1:
                break
            line.add(key, palette("accent", ground)).add(f" {hint.word}   ", palette("quiet", ground))
