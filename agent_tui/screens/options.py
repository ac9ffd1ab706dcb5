"""How a desk behaves on its line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How this desk behaves on this line."""

    follow: bool = True
    """The conversation follows the cursor once it rests."""
    compact: bool | None = None
    """One line a row; None decides by the room there is."""
