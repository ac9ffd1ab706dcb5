"""The line at the bottom: what may be pressed now, what just happened, and where in the list one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.strip import Strip

from agent_tui.named_keys import key_shown
from agent_tui.widgets.cells import Line, cut, shown, width, wrap
from agent_tui.widgets.look import Look, look_of
from agent_tui.widgets.one_line import OneLine


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and its word."""

    key: str
    word: str
    stays: bool = False
    """Shown before the others where there is no room for all: the way to all keys."""

    count: str = ""
    """How many it leads to; stands behind the word where there is room for it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What just happened, with the keys that go with it. `role` is `text`, or `late` where it failed."""

    text: str
    hints: tuple[Hint, ...] = ()
    role: str = "text"


MOST_FOLLOWING = 3
"""Lines of the keys that follow a prefix."""
MOST_SAID = 3
"""Lines of what just happened."""


def in_lines(hints: Sequence[Hint], room: int, first: int, further: int, gap: int) -> list[list[Hint]]:
    """Keys line by line, each line up to cell `room`: the first begins at cell `first`, the others at `further`."""
    lines: list[list[Hint]] = [[]]
    at = first
    for hint in hints:
        need = width(key_shown(hint.key)) + 1 + width(hint.word)
        if at + need > room:
            lines.append([])
            at = further
        lines[-1].append(hint)
        at += need + gap
    return lines


def add_hints(
    line: Line, hints: Sequence[Hint], room: int, look: Look, gap: str = "   ", ground: str = "ground"
) -> None:
    """As many as there is room for, one after the other."""
    for hint in hints:
        key = key_shown(hint.key)
        if line.width + width(key) + 1 + width(hint.word) > room:
            return
        line.add(key, look.palette("accent", ground)).add(f" {hint.word}{gap}", look.palette("quiet", ground))


def _keys_width(hints: Sequence[Hint]) -> int:
    """Cells of the keys, each with the gap behind it."""
    return sum(width(key_shown(hint.key)) + width(hint.word) + 4 for hint in hints)


class HintLine(OneLine):
    """The line at the bottom; of more where a sentence needs them."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hints: tuple[Hint, ...] = ()
        self._said: Said | None = None
        self._right: tuple[tuple[str, str], ...] = ()
        self._pending = ""

    def hint(self, hints: Sequence[Hint], pending: str = "") -> None:
        """Offer these keys; `pending` is the prefix they continue."""
        if (tuple(hints), pending) != (self._hints, self._pending):
            self._hints, self._pending = tuple(hints), pending
            self._fit()
            self.refresh()

    def _fit(self) -> None:
        """More lines where one is too few."""
        cells = self.size.width
        if self._pending:
            high = len(self._counted(cells)) if cells else 1
        else:
            high = len(self._lines_of(self._said, cells)) if self._said else 1
        if self.styles.height is None or self.styles.height.value != high:
            self.styles.height = high

    def _counted(self, cells: int) -> list[list[Hint]]:
        """The keys that follow a prefix, line by line, with as many counts as there is room for."""
        counted = [replace(hint, word=f"{hint.word} {hint.count}".rstrip()) for hint in self._hints]
        start = len(self._pending) + 4
        lines = in_lines(counted, cells - 1, start, start, 2)
        for at in range(len(counted) - 1, -1, -1):
            if len(lines) <= MOST_FOLLOWING:
                break
            counted[at] = self._hints[at]
            lines = in_lines(counted, cells - 1, start, start, 2)
        return lines[:MOST_FOLLOWING]

    def on_resize(self) -> None:
        """Another width."""
        self._fit()

    def render_line(self, y: int) -> Strip:
        """The line; what follows a prefix, and a long sentence, go on in others."""
        look, line = look_of(self), Line()
        if self._said and not self._pending and self.size.height > 1:
            return self._said_line(y, self._said, look)
        if not y or not self._pending:
            return super().render_line(y)
        line.add(" " * (len(self._pending) + 4), look.palette("text"))
        lines = self._counted(self.size.width)
        add_hints(line, lines[y] if y < len(lines) else (), self.size.width - 1, look, "  ")
        return line.strip(self.size.width, look.palette("text"))

    def _said_line(self, y: int, said: Said, look: Look) -> Strip:
        """One of the lines of a long sentence; its keys come behind it."""
        cells, line = self.size.width, Line()
        lines = self._lines_of(said, cells, look.glyphs.ellipsis)
        line.add(" ", look.palette("text")).add(lines[y] if y < len(lines) else "", look.palette(said.role))
        if y == len(lines) - 1:
            line.add("   " if lines[y] else "", look.palette("text"))
            add_hints(line, said.hints, cells - 1, look)
        return line.strip(cells, look.palette("text"))

    @staticmethod
    def _lines_of(said: Said, cells: int, ellipsis: str = "…") -> list[str]:
        """What is said as lines, all of it where that is possible; its keys get one of their own before they are lost."""
        lines = wrap(shown(said.text), max(4, cells - 2)) or [""]
        if len(lines) > MOST_SAID:
            lines[MOST_SAID - 1 :] = [cut(" ".join(lines[MOST_SAID - 1 :]), cells - 2, ellipsis)]
        keys = _keys_width(said.hints if len(lines) > 1 else said.hints[:1])
        if keys and len(lines) < MOST_SAID and width(lines[-1]) + 1 + keys > cells - 1:
            lines.append("")
        return lines

    @staticmethod
    def _fitting(hints: Sequence[Hint], room: int) -> list[Hint]:
        """Those that stay, and of the others as many as there is room for."""
        kept = list(hints)
        while _keys_width(kept) - 3 > room:
            spare = [hint for hint in kept if not hint.stays]
            if not spare:
                break
            kept.remove(spare[-1])
        return kept

    def say(self, said: Said | None) -> None:
        """Tell what happened, in place of the hints; None goes back to them."""
        if said != self._said:
            self._said = said
            self._fit()
            self.refresh()

    def place(self, *parts: tuple[str, str]) -> None:
        """The right end: texts with their roles."""
        if parts != self._right:
            self._right = parts
            self.refresh()

    def fill(self, line: Line, width_: int, look: Look) -> None:
        """Left what may be done or was done, right where one is."""
        palette = look.palette
        right = [(shown(text), role) for text, role in self._right if text and not self._pending]
        said = shown(self._said.text) if self._said and not self._pending else ""
        keys = _keys_width(self._said.hints[:1]) if self._said and said else 0
        # What happened is told whole before anything else, with the first of its keys: the one that takes it back.
        while said and right and width(said) + keys + sum(width(text) + 2 for text, _role in right) + 4 > width_:
            right.pop()
        taken = sum(width(text) + 2 for text, _role in right)
        room = max(0, width_ - taken - (3 if right else 1))
        line.add(" ", palette("text"))
        hints = self._hints
        if self._said and not self._pending:
            line.add(cut(said, max(4, room - 1), look.glyphs.ellipsis), palette(self._said.role))
            line.add("   ", palette("text"))
            hints = self._said.hints
        elif self._pending:
            line.add(self._pending, palette("accent", weight="bold")).add("   ", palette("text"))
        if self._pending:
            add_hints(line, self._counted(width_)[0], width_ - 1, look, "  ")
        else:
            add_hints(line, self._fitting(hints, room - line.width), room, look)
        if right:
            line.up_to(width_ - taken + 1, palette("text"))
            for text, role in right:
                line.add(text, palette(role)).add("  ", palette("text"))
