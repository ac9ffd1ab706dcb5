"""From key presses to commands: counts, prefixes, and what may follow. Pure; the screen feeds it."""

from __future__ import annotations

from dataclasses import dataclass

from agent_tui.screens.commands import Command, Where
from agent_tui.screens.keymap import Keymap

MOST = 99_999_999
"""A count beyond this is a cat on the keyboard."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command was asked for, after a count where one was typed."""

    command: Command
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """More must follow: what was typed so far."""

    typed: str


@dataclass(frozen=True, slots=True)
class NoMeaning:
    """These strokes mean nothing here."""

    typed: str


class Strokes:
    """Collects strokes until they are a command."""

    def __init__(self, keymap: Keymap) -> None:
        self.keymap = keymap
        self._strokes: tuple[str, ...] = ()
        self._count = ""

    @property
    def pending(self) -> str:
        """What was typed of an unfinished command, as it is shown."""
        return " ".join((*([self._count] if self._count else []), *self._strokes))

    @property
    def prefix(self) -> tuple[str, ...]:
        """The strokes of an unfinished sequence, without the count."""
        return self._strokes

    def forget(self) -> bool:
        """Drop what was begun; true where there was something."""
        had = bool(self._strokes or self._count)
        self._strokes, self._count = (), ""
        return had

    def feed(self, stroke: str, where: Where) -> Run | Waiting | NoMeaning:
        """One more stroke."""
        if stroke == "escape" and self.forget():
            return NoMeaning("")
        if not self._strokes and stroke.isdecimal() and stroke.isascii() and (self._count or stroke != "0"):
            self._count = str(min(int(self._count + stroke), MOST))
            return Waiting(self.pending)
        self._strokes = (*self._strokes, stroke)
        command = self.keymap.look_up(where, self._strokes)
        if command:
            count = int(self._count) if self._count else None
            self.forget()
            return Run(command, count)
        if self.keymap.continuations(where, self._strokes):
            return Waiting(self.pending)
        typed = self.pending
        self.forget()
        return NoMeaning(typed)


def stroke_of(key: str, character: str | None) -> str:
    """The name of a key press as keymaps write it: the character itself, or the key's name."""
    if character and len(character) == 1 and character.isprintable() and character != " ":
        return character
    return key
