"""Pens: how text is drawn, numbered, and the fewest bytes from one to the next.

A change of ground and letter in true colour is forty bytes, a page has two hundred of them: only the attributes
that differ are sent.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.color import Color, ColorSystem
from rich.style import Style

from agent_tui.terminal.eight_bit import nearest

PLAIN: Final = 0
"""The pen after a reset: the terminal's own colours."""

COLOUR_SYSTEMS: Final = {16: ColorSystem.STANDARD, 256: ColorSystem.EIGHT_BIT, 1 << 24: ColorSystem.TRUECOLOR}

LAST_NUMBER: Final = 0xD7FF
"""Pen numbers live in strings, one character each; surrogates begin above."""


class Pen(NamedTuple):
    """One way to draw."""

    fg: str = ""
    """Colour of the letter as SGR parameters; empty is the terminal's."""

    bg: str = ""
    """Colour of the ground, likewise."""

    flags: tuple[str, ...] = ()
    """Other attributes, as SGR parameters."""


_SHOWS_ON_BLANK: Final = frozenset({"4", "7", "9", "21", "53"})
_FLAGS: Final = (("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("reverse", "7"), ("strike", "9"))
# Blinking, links and hidden text are left out on purpose: nothing moves by itself, no text leads elsewhere.


class PenBox:
    """The pens in use. A pen's number never changes while the box lives."""

    def __init__(self, colours: int = 1 << 24, ground: str | None = None) -> None:
        self._system = COLOUR_SYSTEMS.get(colours)
        self._ground = "" if ground is None else self._parameters(Color.parse(ground), foreground=False)
        self._numbers: dict[Pen, int] = {}
        self._pens: list[Pen] = []
        self._blanks: list[int] = []
        self._of_style: dict[Style | None, int] = {}
        self._changes: dict[tuple[int, int], str] = {}
        self._number(Pen())

    def _parameters(self, colour: Color | None, *, foreground: bool) -> str:
        if colour is None or colour.is_default or self._system is None:
            return ""
        if self._system is ColorSystem.EIGHT_BIT and colour.triplet is not None:
            return f"{38 if foreground else 48};5;{nearest(*colour.triplet)}"
        return ";".join(colour.downgrade(self._system).get_ansi_codes(foreground))

    def _number(self, pen: Pen) -> int:
        number = self._numbers.get(pen)
        if number is None:
            if len(self._pens) > LAST_NUMBER:
                return PLAIN  # fifty thousand pens: someone paints a picture; text stays readable
            number = self._numbers[pen] = len(self._pens)
            self._pens.append(pen)
            self._blanks.append(number)
            if not _SHOWS_ON_BLANK.intersection(pen.flags):
                self._blanks[number] = self._number(Pen(bg=pen.bg))
        return number

    def of(self, style: Style | None) -> int:
        """The number of the pen that draws a style."""
        number = self._of_style.get(style)
        if number is None:
            number = PLAIN if style is None else self._number(self._pen(style))
            if len(self._of_style) > 20_000:
                self._of_style.clear()
            self._of_style[style] = number
        return number

    def _pen(self, style: Style) -> Pen:
        fg = self._parameters(style.color, foreground=True)
        bg = self._parameters(style.bgcolor, foreground=False)
        flags = tuple(code for name, code in _FLAGS if getattr(style, name))
        return Pen(fg, "" if bg == self._ground else bg, flags)

    def blank(self, number: int) -> int:
        """The pen that a blank drawn with this one is equal to: a blank has no letter to colour."""
        return self._blanks[number]

    def pen(self, number: int) -> Pen:
        return self._pens[number]

    def erases(self, number: int) -> bool:
        """Whether a blank of this pen is what erasing leaves: no line under or through it, not reversed."""
        return not _SHOWS_ON_BLANK.intersection(self._pens[number].flags)

    def order(self, number: int) -> tuple[str, str, tuple[str, ...]]:
        """Sorts pens so that neighbours share their ground."""
        pen = self._pens[number]
        return (pen.bg, pen.fg, pen.flags)

    def covers(self, number: int, blank: int) -> bool:
        """Whether a blank cell comes out right when drawn with this pen."""
        return self._blanks[number] == blank

    def change(self, old: int | None, new: int) -> str:
        """The bytes from one pen to another; `None` is a pen nobody knows."""
        if old == new:
            return ""
        if old is None:
            return self._fresh(self._pens[new])
        key = (old, new)
        found = self._changes.get(key)
        if found is None:
            found = self._changes[key] = self._delta(self._pens[old], self._pens[new])
        return found

    @staticmethod
    def _fresh(pen: Pen) -> str:
        parameters = [part for part in ("0", *pen.flags, pen.fg, pen.bg) if part]
        return "\x1b[m" if parameters == ["0"] else f"\x1b[{';'.join(parameters)}m"

    def _delta(self, old: Pen, new: Pen) -> str:
        fresh = self._fresh(new)
        if set(old.flags) - set(new.flags):
            return fresh  # attributes are taken off by a reset: their own codes differ between terminals
        parts = [flag for flag in new.flags if flag not in old.flags]
        if new.fg != old.fg:
            parts.append(new.fg or "39")
        if new.bg != old.bg:
            parts.append(new.bg or "49")
        delta = f"\x1b[{';'.join(parts)}m"
        return delta if len(delta) <= len(fresh) else fresh
