"""Lines of a sheet: plain texts with roles, some of which can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from agent_tui.widgets.cells import Line, cut, shown, width
from agent_tui.widgets.look import Look


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line: a key or mark left, the text, something right."""

    text: str = ""
    key: str = ""
    right: str = ""
    role: str = "text"
    weight: str = ""
    value: object = None
    """What choosing it gives; None where it cannot be chosen."""


class SheetRows:
    """Lines of a sheet for a `VirtualList`."""

    def __init__(self, found: Sequence[SheetLine], key_width: int = 0) -> None:
        self.found = list(found)
        self.key_width = key_width or max((width(line.key) + 2 for line in found if line.key), default=0)

    @property
    def count(self) -> int:
        """How many lines."""
        return len(self.found)

    @property
    def lines(self) -> int:
        """Each row is one line."""
        return len(self.found)

    def top(self, row: int) -> int:
        """Each row is one line."""
        return row

    def height(self, row: int) -> int:
        """Each row is one line."""
        return 1

    def at(self, line: int) -> int:
        """Each row is one line."""
        return line

    def draw(self, row: int, part: int, width_: int, look: Look, *, current: bool, active: bool) -> Strip:
        """Bar, key, text, right."""
        said, line, palette = self.found[row], Line(), look.palette
        chosen = current and said.value is not None
        ground = look.cursor_ground if chosen else "ground"
        line.add(look.glyphs.bar if chosen else " ", palette("accent", ground)).add(" ", palette("text", ground))
        if self.key_width:
            line.cell(said.key, self.key_width, palette("accent", ground))
        right = cut(shown(said.right), max(0, width_ // 2), look.glyphs.ellipsis)
        room = max(0, width_ - line.width - 1 - (width(right) + 2 if right else 0))
        line.add(cut(shown(said.text), room, look.glyphs.ellipsis), palette(said.role, ground, said.weight))
        if right:
            line.up_to(width_ - 1 - width(right), palette("text", ground))
            line.add(right, palette("faint", ground))
        return line.strip(width_, palette("text", ground))
