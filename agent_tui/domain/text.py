"""The type of text that is safe to show in a terminal."""

from __future__ import annotations

from typing import Self


class SafeText(str):
    """Text without control characters, escape sequences or direction overrides.

    Made by `agent_tui.content.safe.safe` alone; the store may restore what it stored. A test names every
    caller of `trusted`, so that no other road leads from outside onto the screen.
    """

    __slots__ = ()

    @classmethod
    def trusted(cls, text: str) -> Self:
        """Mark a text as safe without looking at it: for `content.safe`, for the store, for our own literals."""
        return cls(text)


NOTHING = SafeText.trusted("")
