"""How a desk behaves on its line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.screen import Screen

from agent_tui.widgets.cells import in_cell
from agent_tui.words import _, ngettext

DEMO = 75
"""Exit code of a desk that was left for the demo; the command line opens it."""


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How this desk behaves on this line."""

    follow: bool = True
    """The conversation follows the cursor once it rests."""
    compact: bool | None = None
    """One line a row; None decides by the room there is."""
    arrange: Callable[[Screen[None]], None] = lambda screen: None
    """Gives what a screen shows its size at once, before anything of it is drawn."""


def settings_in_words(wrong: Sequence[str]) -> str:
    """What of the settings could not be used: the first of it, and how many more."""
    said, more = _("Settings: {what}.").format(what=in_cell(wrong[0])), len(wrong) - 1
    rest = ngettext("{n} more: agent-tui doctor names it.", "{n} more: agent-tui doctor names them.", more)
    return f"{said} {rest.format(n=more)}" if more else said
