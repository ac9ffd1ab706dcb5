"""Every use of what Textual does not promise, in one place; `tests/terminal/test_compat.py` notices when it changes.

Public doors used besides: `App(driver_class)`, `App.get_driver_class`, `App.on_event`, `App.copy_to_clipboard`,
`Driver.write`, `Driver.start_application_mode`, `Driver.stop_application_mode`, `Driver.process_message`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from rich.segment import Segment
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.geometry import Offset
from textual.keys import _character_to_key
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.app import App
    from textual.driver import Driver
    from textual.drivers.linux_driver import LinuxDriver
    from textual.screen import Screen
    from textual.widget import Widget

Placed: TypeAlias = "tuple[int, int, Strip]"
"""Row, column, strip."""


class Update(NamedTuple):
    """What the compositor wants drawn."""

    height: int
    width: int | None
    """None where the update does not tell."""
    strips: list[Placed]


def update_of(renderable: object) -> Update | None:
    """The strips of an update of a full-screen application, or none where it is something else."""
    if isinstance(renderable, LayoutUpdate):
        region = renderable.region
        placed = []
        for y, line in enumerate(renderable.strips, region.y):
            x = region.x
            for strip in line:
                placed.append((y, x, strip))
                x += strip.cell_length
        return Update(region.bottom, region.right, placed)
    if isinstance(renderable, ChopsUpdate):
        ends = renderable.chop_ends
        width = max((row[-1] for row in ends if row), default=None)
        return Update(len(renderable.chops), width, list(_chops(renderable)))
    return None


def _chops(update: ChopsUpdate) -> Iterator[Placed]:
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > x2 or end <= x1:
                continue
            yield y, x, strip if end <= x2 else strip.crop(0, min(end, x2) - x)


def segments(strip: Strip) -> tuple[Segment, ...]:
    """The texts of a strip with their styles; control codes of somebody's are none."""
    found = strip._segments
    if any(segment.control for segment in found):
        found = [segment for segment in found if not segment.control]
    return tuple(found)


def with_safe_text(renderable: object, safe: Any) -> None:
    """Put `safe(text)` in place of every text of an update that Textual itself will send."""

    def cleaned(strip: Strip) -> Strip:
        texts = [(segment, safe(segment.text)) for segment in strip._segments]
        if all(segment.text == text for segment, text in texts):
            return strip
        return Strip([Segment(text, segment.style) for segment, text in texts], strip.cell_length)

    if isinstance(renderable, LayoutUpdate):
        renderable.strips = [[cleaned(strip) for strip in line] for line in renderable.strips]
    elif isinstance(renderable, ChopsUpdate):
        renderable.chops = [
            {x: None if strip is None else cleaned(strip) for x, strip in line.items()} for line in renderable.chops
        ]


def takes_frames(app: App[Any]) -> bool:
    """Whether Textual would send a frame now."""
    return bool(not app._batch_count and app._running and not app._closed)


def arrange(screen: Screen[Any]) -> None:
    """Lay a screen out now; inside a batch it is not drawn with it, but soon."""
    screen._refresh_layout()


def driver_of(app: App[Any]) -> Driver | None:
    """The driver in use."""
    return app._driver


def caret_of(widget: Widget) -> Offset | None:
    """Where a text field has its caret on the screen, or none where the widget has no caret."""
    offset = getattr(widget, "cursor_screen_offset", None)
    if not isinstance(offset, Offset):
        return None
    if getattr(widget, "cursor_at_end", False):  # at its end an Input names the cell behind the caret
        return Offset(offset.x - 1, offset.y)
    return offset


def output_fd(driver: LinuxDriver) -> int:
    """Where Textual's driver writes."""
    file = driver._file
    return 2 if file is None else file.fileno()


def parser(debug: bool) -> XTermParser:
    """Reads keys out of what the terminal sends."""
    return XTermParser(debug)


def key_name(character: str) -> str:
    """Textual's name of the key that types a character."""
    return _character_to_key(character)
