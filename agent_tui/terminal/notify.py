"""A word to the agent who looks elsewhere: the bell, or a notification of the terminal (OSC 9), and the title."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from agent_tui.terminal.clipboard import wrapped

BELL: Final = "\x07"
LIMIT: Final = 200
"""Characters of a notification."""

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff]+")


class Title(Enum):
    """The window titles there are. None is ever made of text from outside: terminals report titles back as input."""

    DESK = "agent-tui"
    DEMO = "agent-tui demo"


TITLE_SAVED: Final = "\x1b[22;2t"
TITLE_RESTORED: Final = "\x1b[23;2t"


def title_sequence(title: Title) -> str:
    """What sets the window's title."""
    return f"\x1b]2;{title.value}\x07"


def clean(text: str) -> str:
    """The text as a notification may carry it: one line, no controls."""
    return _CONTROL.sub(" ", text).strip()[:LIMIT]


def notification_sequence(text: str, *, tmux: bool = False) -> str:
    """The bell always, which passes everything; then the words, for terminals that know OSC 9."""
    words = clean(text)
    if not words:
        return BELL
    if words[0].isdigit() and ";" in words:
        words = f"· {words}"  # some terminals read a number in front as a command of theirs
    return BELL + wrapped(f"\x1b]9;{words}\x07", tmux=tmux)
