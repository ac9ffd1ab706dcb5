"""How things are drawn at the moment: the palette of the theme, the glyphs of the terminal, the kind of cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

from textual.widget import Widget

from agent_tui.widgets.palette import Palette


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Signs of one cell. The ASCII set is for terminals and locales that have no others."""

    dot: str = "●"
    ring: str = "○"
    half: str = "◐"
    bar: str = "▌"
    edge: str = "▎"
    rule: str = "─"
    wall: str = "│"
    middot: str = "·"
    ellipsis: str = "…"
    folded: str = "▸"
    opened: str = "▾"
    check: str = "✓"
    arrow: str = "→"
    down: str = "↓"


UNICODE = Glyphs()
ASCII = Glyphs("*", "o", "~", ">", "|", "-", "|", "-", "...", "+", "-", "v", "->", "v")


@dataclass(slots=True)
class Look:
    """What every widget needs to draw a line."""

    palette: Palette
    glyphs: Glyphs = UNICODE
    light_cursor: bool = False
    """The cursor row is told by its bar alone: few bytes a key."""

    @property
    def cursor_ground(self) -> str:
        """What the cursor row stands on."""
        return "ground" if self.light_cursor else "cursor"


class HasLook(Protocol):
    """An app that draws."""

    look: Look


def look_of(widget: Widget) -> Look:
    """The look of the app that a widget lives in."""
    return cast(HasLook, widget.app).look
