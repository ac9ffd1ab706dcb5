"""What a terminal emulator shows, cell by cell, and a check that nothing foreign reached it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, TypeAlias

import pyte
from rich.cells import split_graphemes

from tests.pty_terminal import PtyTerminal, Screen, Stream

Cell: TypeAlias = "tuple[Any, ...]"

OURS = re.compile(
    r"\x1b\[[0-9;]*[mHKXCGrMLJ]|\x1bM|\x1b\[\?(?:7|25|1004|1049|2004|2026)[hl]|\x1b\[>1u|\x1b\[<u"
    r"|\x1b\[2[23];2t|\x1b\]2;agent-tui(?: demo)?\x07|[\r\n\b]"
)
"""All the control that our output is made of."""


class Agreeing(Screen):
    """A terminal that counts cells exactly as Textual does: what many code points make is one glyph. Others, pyte
    itself among them, count clusters of emoji and Thai or Indian vowels differently, so that Textual's own output
    shifts there and says nothing about what was meant.
    """

    def reset(self) -> None:
        super().reset()
        self._last: tuple[str, int, tuple[int, int], Any] | None = None
        """The glyph drawn last, where it stands, where the cursor was then, and its pen: more of it may come."""

    def draw(self, data: str) -> None:
        cursor = self.cursor
        if self._last and self._last[2:] == ((cursor.y, cursor.x), cursor.attrs):
            data, cursor.x = self._last[0] + data, self._last[1]
        for start, end, width in split_graphemes(data)[0]:
            self._glyph(data[start:end], width)
        self.dirty.add(cursor.y)

    def _glyph(self, glyph: str, width: int) -> None:
        line, cursor = self.buffer[self.cursor.y], self.cursor
        if width == 0:  # marks of the glyph before, styled differently
            at = next((x for x in range(min(cursor.x, self.columns) - 1, -1, -1) if line[x].data), None)
            if at is not None:
                line[at] = line[at]._replace(data=line[at].data + glyph)
            return
        cursor.x = min(cursor.x, self.columns - width)
        begin = cursor.x
        line[begin] = cursor.attrs._replace(data=glyph)
        for x in range(begin + 1, begin + width):
            line[x] = cursor.attrs._replace(data="")
        cursor.x = begin + width
        self._last = (glyph, begin, (cursor.y, cursor.x), cursor.attrs)


def agreeing(terminal: PtyTerminal) -> PtyTerminal:
    """The terminal with such an emulator, before anything is drawn on it."""
    terminal.screen = Agreeing(terminal.screen.columns, terminal.screen.lines)
    terminal._stream = Stream(terminal.screen)
    return terminal


def fresh(width: int, height: int) -> tuple[Screen, Stream]:
    """An emulator that does not wrap, as Textual sets terminals up."""
    screen = Screen(width, height)
    screen.reset_mode(pyte.modes.DECAWM >> 5, private=True)
    return screen, Stream(screen)


def seen(screen: pyte.Screen) -> list[list[Cell]]:
    """The cells, each blank without the colour of the letter that is not there."""

    def cell(x: int, y: int) -> Cell:
        c = screen.buffer[y][x]
        flags = (c.bold, c.italics, c.underscore, c.strikethrough, c.reverse)
        if c.data == " ":
            shows = c.underscore or c.strikethrough or c.reverse
            return (" ", c.fg if shows else "", c.bg, *((flags[2:]) if shows else ()))
        return (c.data, c.fg, c.bg, *flags)

    return [[cell(x, y) for x in range(screen.columns)] for y in range(screen.lines)]


def differences(first: list[list[Cell]], second: list[list[Cell]], limit: int = 5) -> list[tuple[int, int, Cell, Cell]]:
    """Where two screens differ, for a message that helps."""
    found = []
    for y, (row, other) in enumerate(zip(first, second, strict=True)):
        for x, (a, b) in enumerate(zip(row, other, strict=True)):
            if a != b:
                found.append((y, x, a, b))
    return found[:limit]


def foreign(data: bytes) -> str:
    """The control characters among the bytes that are not ours; empty where all is well."""
    rest = OURS.sub("", data.decode("utf-8"))
    return "".join(c for c in rest if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E)


def desk(
    *, plain: bool = False, columns: int = 120, rows: int = 40, env: Mapping[str, str] | None = None
) -> PtyTerminal:
    """The small desk on a pty, painted."""
    terminal = PtyTerminal(
        [sys.executable, "-m", "tests.terminal.demo_app"],
        columns=columns,
        rows=rows,
        env={"AGENT_TUI_OUTPUT": "plain" if plain else "", **(env or {})},
    )
    terminal.wait("Inbox 19")
    terminal.quiet(0.2)
    return terminal
