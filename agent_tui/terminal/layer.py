"""The one door: an application that is an `OutputLayer` sends few bytes and lets nothing foreign through.

`AGENT_TUI_OUTPUT=plain` leaves the output to Textual, `AGENT_TUI_SCROLL=0` does without scroll regions.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import RenderableType
from textual import events
from textual.app import App, ScreenStackError
from textual.driver import Driver
from textual.filter import ANSIToTruecolor, LineFilter

from agent_tui.terminal import _compat, clipboard, environment, notify
from agent_tui.terminal.cells import safe_text
from agent_tui.terminal.driver import Burst, LineLost, PaintingDriver, PasteCut, ReadingDriver
from agent_tui.terminal.keyboard import fold, folded_character

if TYPE_CHECKING:
    from textual.screen import Screen

Returned = TypeVar("Returned")

_TEXT_FIELDS = (("textual.widgets._input", "Input"), ("textual.widgets._text_area", "TextArea"))
"""Looked up where they are loaded: what was never imported cannot have the focus."""


class OutputLayer(App[Returned]):
    """Textual's `App` with our output, keyboard and clipboard. The hooks below are there to be overridden."""

    cursor_visible: bool = True
    """Whether the terminal's real cursor is shown. It stands where the focus is: at the caret of a text field, at
    `cursor_position` where a widget with the focus put it inside itself (a list, on its selected row), else at the
    beginning of the widget."""

    plain: bool = False
    """Whether this desk is to be drawn by Textual's own output; set before `__init__`, which chooses the driver."""

    _ground: str | None = None
    _on_terminal: bool = False

    # Hooks

    def takes_text(self) -> bool:
        """Whether typed letters are text now. Keys of other layouts fold and pastes are held back elsewhere."""
        try:
            focused = self.focused
        except ScreenStackError:
            return False
        for module, name in _TEXT_FIELDS:
            kind = getattr(sys.modules.get(module), name, None)
            if kind is not None and isinstance(focused, kind):
                return not getattr(focused, "read_only", False)
        return False

    def paste_held(self, text: str) -> None:
        """A paste came where no text is taken. It was not played as keys."""
        self.bell()

    def paste_cut(self) -> None:
        """A paste was too long, and its end was left out."""
        self.bell()

    def line_lost(self, signal_number: int) -> None:
        """The session ends from outside. What is written must be safe by the end of this."""
        self.exit(return_code=128 + signal_number)

    # What Textual asks

    def get_line_filters(self) -> Sequence[LineFilter]:
        """None that looks through all that is drawn for a terminal's sixteen colours: they leave as they are."""
        return [one for one in super().get_line_filters() if not isinstance(one, ANSIToTruecolor)]

    # What the application may ask for

    @property
    def terminal(self) -> environment.Terminal:
        """What the terminal is."""
        driver = self._painting
        return driver.terminal if driver is not None else environment.detect()

    @property
    def ground(self) -> str | None:
        """The colour that is sent as the terminal's own ground (as `#11141b`), since the theme says they are the
        same. It saves bytes, and lets the agent's own background through."""
        return self._ground

    @ground.setter
    def ground(self, colour: str | None) -> None:
        if colour != self._ground:
            self._ground = colour
            if (driver := self._painting) is not None:
                driver.output.set_ground(colour)
                self.refresh()

    def redraw(self) -> None:
        """Draw the whole screen again, as after another program wrote into it."""
        if (driver := self._painting) is not None:
            driver.output.redraw()
        else:
            self.refresh()

    def place_cursor(self) -> None:
        """Bring the real cursor to where it belongs now, where nothing was drawn that would."""
        if (driver := self._painting) is not None and _compat.takes_frames(self):
            driver.output.place(self._caret())

    def arrange(self, screen: Screen[Any]) -> None:
        """Give the widgets of a screen the sizes that they will have in its next frame. What was shown or hidden before
        a frame can be filled to its size then, and is drawn once."""
        with self.batch_update():
            _compat.arrange(screen)

    def copy_to_clipboard(self, text: str) -> None:
        super().copy_to_clipboard(clipboard.payload(text))
        if self.terminal.has_tmux_passthrough:  # tmux takes the plain one or passes this one on, by its settings
            self._send(clipboard.copy_sequence(text, tmux=True))

    def notify_outside(self, text: str) -> None:
        """Ring, and tell the terminal to notify. Only on the agent's wish."""
        self._send(notify.notification_sequence(text, tmux=self.terminal.has_tmux_passthrough))

    def set_window_title(self, title: notify.Title) -> None:
        """Name the window, of a fixed set."""
        if (driver := self._painting) is not None:
            driver.set_title(title)

    # Wiring

    async def run_async(self, *, headless: bool = False, inline: bool = False, **options: Any) -> Returned | None:
        self._on_terminal = not headless and not inline and self.driver_class is PaintingDriver
        if self._on_terminal:
            self.stylesheet.set_variables(self.get_css_variables())
        return await super().run_async(headless=headless, inline=inline, **options)

    def get_css_variables(self) -> dict[str, str]:
        variables = super().get_css_variables()
        if self._on_terminal:  # the terminal draws the caret: a drawn one costs two cells a letter
            variables |= {
                "input-cursor-background": "transparent",
                "input-cursor-foreground": variables.get("foreground", "ansi_default"),
                "input-cursor-text-style": "none",
            }
        return variables

    def get_driver_class(self) -> type[Driver]:
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        return ReadingDriver if self.plain or environment.output_is_plain() else PaintingDriver

    @property
    def _painting(self) -> PaintingDriver | None:
        driver = _compat.driver_of(self)
        return driver if isinstance(driver, PaintingDriver) else None

    def _send(self, sequence: str) -> None:
        driver = _compat.driver_of(self)
        if driver is not None and not self.is_headless:
            driver.write(sequence)

    def _caret(self) -> tuple[int, int] | None:
        focused = self.focused
        if focused is None or not self.cursor_visible:
            return None
        offset = _compat.caret_of(focused) or self.cursor_position
        if not focused.region.contains_point(offset):
            offset = focused.content_region.offset
        return (offset.x, offset.y)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._painting
        update = _compat.update_of(renderable)
        if update is None or driver is None:
            if renderable is not None:
                _compat.with_safe_text(renderable, safe_text)
            super()._display(screen, renderable)
            return
        if not _compat.takes_frames(self):
            return
        if getattr(self.focused, "cursor_blink", False):
            self.focused.cursor_blink = False  # type: ignore[union-attr]
        driver.output.set_ground(self._ground)
        driver.output.take(update, self._caret())
        self.post_display_hook()

    async def _on_resize(self, event: events.Resize) -> None:  # beside App's own: Textual calls both
        if (driver := self._painting) is not None:
            driver.output.resized(event.size.width, event.size.height)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, Burst):
            if self.takes_text():
                for key in event.keys:
                    await self.on_event(key)
            else:
                typed = getattr(self.screen, "typed_at_once", None)
                if typed is None or not typed(event.text):
                    self.paste_held(event.text)
            return
        if isinstance(event, PasteCut):
            self.paste_cut()
            return
        if isinstance(event, LineLost):
            self.line_lost(event.signal_number)
            return
        if isinstance(event, events.Paste) and not event.is_forwarded and not self.takes_text():
            self.paste_held(event.text)
            return
        if isinstance(event, events.Key) and not event.is_forwarded:
            event = self._folded(event)
        await super().on_event(event)

    def _folded(self, event: events.Key) -> events.Key:
        key = fold(event.key, event.character, self.takes_text())
        return event if key == event.key else events.Key(key, folded_character(event.character))
