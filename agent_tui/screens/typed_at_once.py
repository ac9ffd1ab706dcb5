"""What a slow line brings at one go is told from a paste where it begins with the key of the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen


class TypedAtOnce:
    """Takes it as what is searched for: that changes nothing, whoever wrote the text."""

    def __init__(self, screen: DeskScreen) -> None:
        self._screen = screen

    def __call__(self, text: str) -> bool:
        """Whether it was taken: its first line is. What stands behind a control character may have been meant as a key."""
        screen, strokes = self._screen, self._screen.strokes
        command = strokes.keymap.look_up(screen.hearing, (text[:1],)) if not strokes.pending else None
        if command is None or command.id != "search" or not screen.is_ready:
            return False
        sought = next((text[1:at] for at, sign in enumerate(text) if not sign.isprintable()), text[1:])
        screen.run_command("search")
        field = screen.inbox.field
        field.value, field.cursor_position = sought, len(sought)
        return True
