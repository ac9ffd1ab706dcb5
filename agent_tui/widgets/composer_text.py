"""The field that an answer is written in: quiet on the line, and nothing pasted into it is a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.message import Message
from textual.widgets import TextArea

from agent_tui.desk.quoting import clean
from agent_tui.widgets.in_order import run_own_binding


class ComposerText(TextArea, inherit_bindings=True):
    """Text. Its caret does not blink, nothing in it moves but what is typed."""

    DEFAULT_CSS = """
    ComposerText, ComposerText:focus {
        height: 1fr; border: none; padding: 0 1; background: $ground; color: $text;
        scrollbar-size: 0 0; scrollbar-gutter: auto;
    }
    ComposerText.-note, ComposerText.-note:focus { background: $note; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+home", "to_start", show=False),
        Binding("ctrl+end", "to_end", show=False),
        Binding("ctrl+shift+home", "to_start(True)", show=False),
        Binding("ctrl+shift+end", "to_end(True)", show=False),
    ]

    class Left(Message):
        """Esc was pressed: the agent turns to something else, what he wrote stays."""

    class Beside(Message):
        """Tab: to the conversation that is answered."""

    class Above(Message):
        """Up from the first line: to the recipients."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            compact=True,
        )
        self.cursor_blink = False
        self.turning = False
        """A key that leads elsewhere was pressed: what is typed behind it waits until that is so (`turned`)."""

    def watch(self, obj: DOMNode, attribute_name: str, callback: Callable[..., Any], init: bool = True) -> None:
        """Not the app's theme: the app would hold us until that is set next, and our colours are the stylesheet's."""
        if obj is not self.app or attribute_name != "theme":
            super().watch(obj, attribute_name, callback, init)

    def takes_key(self, key: str) -> bool:
        """Asked before the key is queued for us, so that what is typed behind it is not taken for text."""
        if key == "escape":
            self._turn(self.Left())
        elif key == "tab":
            self._turn(self.Beside())
        elif key == "up" and self.cursor_at_first_line:
            self._turn(self.Above())
        return self.turning

    def _turn(self, message: Message) -> None:
        self.turning = True
        self.post_message(message)

    def action_to_start(self, select: bool = False) -> None:
        """To where the text begins."""
        self.move_cursor(self.document.start, select=select)

    def action_to_end(self, select: bool = False) -> None:
        """Behind the text."""
        self.move_cursor(self.document.end, select=select)

    async def _on_key(self, event: events.Key) -> None:
        if not await run_own_binding(self, event):
            await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        """A paste is text of somebody else: only what may be shown gets in."""
        if self.read_only:
            return
        event.stop()
        event.prevent_default()
        result = self._replace_via_keyboard(clean(event.text), *self.selection)
        if result is not None:
            self.move_cursor(result.end_location)
