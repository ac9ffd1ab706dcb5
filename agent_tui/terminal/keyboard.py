"""Keys of other layouts, pastes that nobody bracketed, and sequences that would end the program."""

from __future__ import annotations

import re
from typing import Final

from agent_tui.layouts import POSITIONS
from agent_tui.terminal._compat import key_name

MODIFIERS: Final = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})
_STRONG: Final = MODIFIERS - {"shift"}


def fold(key: str, character: str | None, in_text_field: bool) -> str:
    """The name of the key at the same place of a Latin keyboard. Inside text fields letters stay what they are;
    with Ctrl or Alt they fold everywhere."""
    *modifiers, last = key.split("+")
    strong = _STRONG.intersection(modifiers)
    if in_text_field and not strong:
        return key
    letter = last if len(last) == 1 else (character or "")
    latin = POSITIONS.get(letter)
    if latin is None:
        return key
    return "+".join([*modifiers, key_name(latin)])


def folded_character(character: str | None) -> str | None:
    """The character at the same place of a Latin keyboard."""
    return None if character is None else POSITIONS.get(character, character)


_REPORT: Final = re.compile(r"\x1b\[(\d+)((?::\d*)*)(?:;(\d*)(:\d+)?)?((?:;[\d:]*)?)([u~ABCDEFHPQRS])")
_RELEASED: Final = ":3"


def without_alternates(text: str) -> str:
    """Key reports without the alternate keys and event types of the kitty protocol (flags 4 and 2): we never ask for
    them, Textual's parser raises on them, and a program before us may have left the flags on."""
    return _REPORT.sub(_plain_report, text) if "\x1b[" in text and ":" in text else text


def _plain_report(found: re.Match[str]) -> str:
    code, _, modifiers, kind, rest, end = found.groups()
    if kind == _RELEASED:
        return ""
    return f"\x1b[{code}{'' if modifiers is None else ';' + modifiers}{rest}{end}"


PASTE_KEYS: Final = 8
"""So many different printable keys in one read are no typing."""

PASTE_GAP: Final = 0.1
"""Seconds within which the next read still belongs to the paste before it."""

_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)


class PasteGuard:
    """Tells a paste from typing where the terminal does not bracket it."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def is_burst(self, text: str, now: float) -> bool:
        """Whether what was read at once is a paste without brackets. Held keys and a lagging line pass: they bring
        few different keys."""
        typed = _SEQUENCE.sub("", text)
        keys = {character for character in typed if character.isprintable()}
        follows = now - self._last <= PASTE_GAP and bool(keys)
        if len(keys) < PASTE_KEYS and not follows:
            return False
        self._last = now
        return True
