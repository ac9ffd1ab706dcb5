"""Keys as sentences name them: those of the keymap in use.

State of the module, as the language is in `words`: a sentence is made far from where keys are bound.
"""

from __future__ import annotations

from collections.abc import Mapping

_in_use: dict[str, str] = {}
_SHOWN_KEYS = {
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "question_mark": "?",
    "slash": "/",
}


def use(keys: Mapping[str, str]) -> None:
    """From the next sentence on these are named: commands with their keys as people read them."""
    _in_use.clear()
    _in_use.update(keys)


def named(command: str) -> str:
    """The key of a command (`go.outbox`: `g x`); where it has none, what is typed on the command line for it."""
    return _in_use.get(command) or f":{command}"


def way(command: str) -> str:
    """How one gets there, behind the words of a sentence: ` (g x)`."""
    return f" ({named(command)})"


def key_shown(key: str) -> str:
    """A key as people read it."""
    return " ".join(_SHOWN_KEYS.get(stroke, stroke) for stroke in key.split())
