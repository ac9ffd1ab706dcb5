"""Lines of a sheet: plain texts with roles, some of which can be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.strip import Strip

from agent_tui.widgets.cells import Line, cut, cut_name, shown, width, wrap
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
    flows: bool = False
    """Told whole, in as many lines as it takes."""
    indent: int = 0
    """Cells before each line of what flows."""
    hang: int = 0
    """Signs at its beginning, as a name in a column, that the lines after the first stand beside."""
    names_file: bool = False
    """It is the name of a file, which keeps its ending where it is cut."""


BESIDE = 3
"""Cells of a line that are not text: the bar, a space, the right edge."""


def keys_width(found: Sequence[SheetLine]) -> int:
    """Cells of the column of keys."""
    return max((width(line.key) + 2 for line in found if line.key), default=0)


def flowed(found: Sequence[SheetLine], cells: int) -> list[SheetLine]:
    """The lines as they stand in so many cells: what flows is broken there."""
    room = cells - BESIDE - keys_width(found)
    lines: list[SheetLine] = []
    for line in found:
        if not line.flows:
            lines.append(line)
            continue
        beside = min(width(line.right) + 2, cells // 2) if line.right else 0
        head, body = line.text[: line.hang], line.text[line.hang :]
        pieces = wrap(body, max(10, room - line.indent - line.hang - beside)) or [""]
        before = " " * line.indent
        lines.append(replace(line, text=before + head + pieces[0], flows=False))
        before += " " * line.hang
        lines += [SheetLine(before + piece, role=line.role, weight=line.weight) for piece in pieces[1:]]
    return lines


class SheetRows:
    """Lines of a sheet for a `VirtualList`."""

    def __init__(self, found: Sequence[SheetLine], key_width: int = 0) -> None:
        self.found = list(found)
        self.key_width = key_width or keys_width(found)

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
        if self.key_width and (said.key or not said.weight):  # a heading stands above the keys, too
            line.cell(said.key, self.key_width, palette("accent", ground))
        left = max(0, width_ - line.width - 3 - width(said.text))  # what a short text leaves is the right one's
        right = cut(shown(said.right), max(width_ // 2, left), look.glyphs.ellipsis)
        room = max(0, width_ - line.width - 1 - (width(right) + 2 if right else 0))
        text = cut_name(said.text, room) if said.names_file else cut(shown(said.text), room, look.glyphs.ellipsis)
        line.add(text, palette(said.role, ground, said.weight))
        if right:
            line.up_to(width_ - 1 - width(right), palette("text", ground))
            line.add(right, palette("faint", ground))
        return line.strip(width_, palette("text", ground))
