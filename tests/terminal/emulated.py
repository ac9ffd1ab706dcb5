"""What a terminal emulator shows, cell by cell, and a check that nothing foreign reached it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, TypeAlias

import pyte

from tests.pty_terminal import PtyTerminal, Screen, Stream

Cell: TypeAlias = "tuple[Any, ...]"

OURS = re.compile(
    r"\x1b\[[0-9;]*[mHKXCGrMLJ]|\x1bM|\x1b\[\?(?:7|25|1004|1049|2004|2026)[hl]|\x1b\[>1u|\x1b\[<u"
    r"|\x1b\[2[23];2t|\x1b\]2;agent-tui(?: demo)?\x07|[\r\n\b]"
)
"""All the control that our output is made of."""


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
