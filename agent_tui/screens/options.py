"""How a desk behaves on its line."""

from __future__ import annotations

from dataclasses import dataclass

DEMO = 75
"""Exit code of a desk that was left for the demo; the command line opens it."""


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How this desk behaves on this line."""

    follow: bool = True
    """The conversation follows the cursor once it rests."""
    compact: bool | None = None
    """One line a row; None decides by the room there is."""
