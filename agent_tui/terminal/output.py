"""The screen that should be seen, the screen that was sent, and the line between them."""

from __future__ import annotations

from collections.abc import Callable

from agent_tui.terminal import _compat
from agent_tui.terminal.environment import Terminal
from agent_tui.terminal.frame import Frame, Piece
from agent_tui.terminal.line import Line
from agent_tui.terminal.painter import Painter
from agent_tui.terminal.pens import PenBox


class Output:
    """Takes updates, paints when the line is free."""

    def __init__(self, terminal: Terminal, *, scrolls: bool, ground: str | None = None) -> None:
        self._terminal = terminal
        self._scrolls = scrolls
        self._line: Line | None = None
        self._waits = False
        self._caret: tuple[int, int] | None = None
        self._renew(ground)

    def _renew(self, ground: str | None) -> None:
        self.ground = ground
        self._pens = PenBox(self._terminal.colours, ground)
        self._painter = Painter(
            self._pens,
            scrolls=self._scrolls,
            brackets=self._terminal.brackets_frames,
            bce=self._terminal.erases_in_colour,
        )
        self._frame: Frame | None = None

    def set_ground(self, ground: str | None) -> None:
        """The colour that is the terminal's own. The whole screen must be drawn anew behind this."""
        if ground != self.ground:
            self._renew(ground)

    def open(self, fd: int, when_free: Callable[[], None]) -> None:
        """The terminal is ours, its content unknown; `when_free` is called from another thread."""
        self._line = Line(fd, when_free)
        self._line.start()
        self._painter.forget()

    def close(self) -> None:
        """Leave the terminal to others."""
        line, self._line = self._line, None
        if line is not None:
            line.stop()

    def control(self, sequence: str) -> None:
        """Send a sequence of our own, in order with the frames."""
        if self._line is not None:
            self._line.send(sequence.encode("utf-8", "replace"))

    def take(self, update: _compat.Update, caret: tuple[int, int] | None) -> None:
        """A part of the screen changed."""
        frame = self._frame
        width = update.width if update.width is not None else (frame.width if frame else 0)
        if frame is None or (frame.width, frame.height) != (width, update.height):
            frame = self._frame = Frame(width, update.height, self._pens, ascii_only=not self._terminal.utf8)
        rows: dict[int, list[Piece]] = {}
        for y, x, strip in update.strips:
            rows.setdefault(y, []).append((x, _compat.segments(strip)))
        for y, pieces in rows.items():
            frame.put(y, pieces)
        self._caret = self._inside(caret)
        self.paint()

    def place(self, caret: tuple[int, int] | None) -> None:
        """The cursor moved though nothing was drawn."""
        if self._frame is not None and (caret := self._inside(caret)) != self._caret:
            self._caret = caret
            self.paint()

    def _inside(self, caret: tuple[int, int] | None) -> tuple[int, int] | None:
        frame = self._frame
        if caret is None or frame is None:
            return None
        return caret if 0 <= caret[0] < frame.width and 0 <= caret[1] < frame.height else None

    def forget(self) -> None:
        """What the terminal shows is unknown: the next frame is painted whole."""
        self._painter.forget()

    def resized(self, width: int, height: int) -> None:
        """The terminal was resized, perhaps back to the size it had: what it lost on the way is drawn again."""
        self.forget()
        if self._frame is not None and (self._frame.width, self._frame.height) == (width, height):
            self.paint()

    def redraw(self) -> None:
        """Paint the whole screen again."""
        self.forget()
        self.paint()

    def paint(self) -> None:
        """Send what changed, or remember to do so when the line is free."""
        line, frame = self._line, self._frame
        if line is None or frame is None or not frame.height or not frame.width:
            return
        if line.is_busy:
            self._waits = True
            return
        self._waits = False
        text = self._painter.paint(frame.rows, self._caret)
        if text:
            line.send(text.encode("utf-8", "replace"))

    def freed(self) -> None:
        """The line is free again."""
        if self._waits:
            self.paint()
