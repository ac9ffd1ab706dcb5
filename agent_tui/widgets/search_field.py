"""The field of the search. It keeps to text; moving through the hits is told to the list."""

from __future__ import annotations

from typing import cast

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Input

from agent_tui.widgets.cells import width
from agent_tui.widgets.in_order import run_own_binding


class SearchField(Input):
    """One line to search in."""

    DEFAULT_CSS = """
    SearchField {
        height: 1; width: 1fr; border: none; padding: 0 1; background: $raised; color: $text;
    }
    SearchField:focus { border: none; background: $raised; }
    SearchField > .input--cursor { background: $raised; color: $text; text-style: underline; }
    """

    class FromField(Message):
        """Tells which field it is from."""

        @property
        def control(self) -> SearchField:
            """The field."""
            return cast(SearchField, self._sender)

    class Left(FromField):
        """Done typing: with Enter, or with Esc."""

        def __init__(self, *, enter: bool, empty: bool) -> None:
            super().__init__()
            self.enter = enter
            self.empty = empty

    class Stepped(FromField):
        """To another hit while typing."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, select_on_focus=False)
        self.cursor_blink = False
        self.leaving = False
        """Enter or Esc was pressed: keys wait until who holds the field has found them a place, and says so here."""

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's caret stands: behind the letters before it, without the cell that Textual adds."""
        region = self.content_region
        return Offset(region.x + width(self.value[: self.cursor_position]) - self.scroll_offset.x, region.y)

    def takes_key(self, key: str) -> bool:
        """Asked before the key is queued for us: what is typed behind Enter or Esc is not meant for the field."""
        self.leaving = self.leaving or key in ("enter", "escape")
        return False

    async def on_key(self, event: events.Key) -> None:
        """Enter goes to the hits, Esc back, up and down through them."""
        if event.key in ("enter", "escape"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Left(enter=event.key == "enter", empty=not self.value.strip()))
        elif event.key in ("up", "down"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Stepped(1 if event.key == "down" else -1))
        else:
            await run_own_binding(self, event)
