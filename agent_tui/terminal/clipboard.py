"""Copying by the terminal (OSC 52): it works over SSH, where no clipboard of the machine does."""

from __future__ import annotations

import base64
import re
from typing import Final

LIMIT: Final = 100_000
"""Bytes of text; terminals drop what is longer, some of them with an error on the screen."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text as it may be pasted elsewhere: no controls but the line's end and the tab."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def wrapped(sequence: str, *, tmux: bool) -> str:
    """A sequence for the outer terminal; inside tmux it travels in a device control string."""
    if not tmux:
        return sequence
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def payload(text: str) -> str:
    """What of a text is copied."""
    return clean(text).encode("utf-8", "replace")[:LIMIT].decode("utf-8", "ignore")


def copy_sequence(text: str, *, tmux: bool = False) -> str:
    """What makes the terminal copy a text. mosh takes only the selection `c`, so that is the one named."""
    encoded = base64.b64encode(payload(text).encode()).decode("ascii")
    return wrapped(f"\x1b]52;c;{encoded}\x07", tmux=tmux)
