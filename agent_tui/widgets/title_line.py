"""A title, or keys, in one line of a box; keys in a second one where they need it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from agent_tui.widgets.cells import Line, cut, shown, width, with_less_of
from agent_tui.widgets.hint_line import Hint, add_hints, in_lines
from agent_tui.widgets.look import Look, look_of
from agent_tui.widgets.one_line import OneLine


class TitleLine(OneLine):
    """A title left, keys behind it."""

    def __init__(
        self,
        title: str,
        hints: Sequence[Hint] = (),
        *,
        ground: str = "ground",
        indent: int = 1,
        most_lines: int = 1,
        gives_way: Sequence[str] = (),
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.indent = indent
        self.ground = ground
        self.said = title
        self.gives_way = gives_way
        """Parts of the title that are cut before the rest is, the first one first: what somebody wrote."""
        self.most_lines = most_lines
        """How many lines the box has room for: keys that find none in them are left out."""
        self._hints = tuple(hints)

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The keys behind the title."""
        return self._hints

    @hints.setter
    def hints(self, hints: tuple[Hint, ...]) -> None:
        self._hints = hints
        self._fit()

    def say(self, title: str) -> None:
        """Another title."""
        if title != self.said:
            self.said = title
            self._fit()
            self.refresh()

    def on_resize(self) -> None:
        """Another width."""
        self._fit()

    def _fit(self) -> None:
        if self.most_lines > 1 and self.size.width:
            self.styles.height = len(self._lines(self.size.width))

    def _lines(self, cells: int) -> list[list[Hint]]:
        """The keys of each line."""
        begin = self.indent + (min(width(shown(self.said)), cells - 1 - self.indent) + 3 if self.said else 0)
        return in_lines(self._hints, cells - 1, begin, self.indent, 3)[: self.most_lines]

    def render_line(self, y: int) -> Strip:
        """The line, or the second one of keys."""
        if not y:
            return super().render_line(y)
        look, cells = look_of(self), self.size.width
        line, lines = Line().add(" " * self.indent, look.palette("text", self.ground)), self._lines(cells)
        add_hints(line, lines[y] if y < len(lines) else (), cells - 1, look, ground=self.ground)
        return line.strip(cells, look.palette("text", self.ground))

    def fill(self, line: Line, width_: int, look: Look) -> None:
        """Title, then keys."""
        palette, ground = look.palette, self.ground
        line.add(" " * self.indent, palette("text", ground))
        if self.said:
            room = width_ - 1 - self.indent
            title = with_less_of(shown(self.said), self.gives_way, room)
            line.add(cut(title, room, look.glyphs.ellipsis), palette("text", ground, "bold"))
            line.add("   ", palette("text", ground))
        add_hints(line, self._lines(width_)[0], width_ - 1, look, ground=ground)
