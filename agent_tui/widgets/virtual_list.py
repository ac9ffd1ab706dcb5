"""One list for everything that scrolls: conversations in the inbox and lines of a conversation.

It draws line by line from a provider and keeps nothing else. A cursor that moves refreshes the lines it left and the
lines it reached, not the widget; where the list scrolls, the output layer sends what changed.
"""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import events
from textual.binding import BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent_tui.widgets.draw_ahead import DrawAhead
from agent_tui.widgets.look import Look, look_of


class Rows(Protocol):
    """Where a list gets its lines from. A row is one or more lines."""

    @property
    def count(self) -> int:
        """How many rows."""
        ...

    @property
    def lines(self) -> int:
        """How many lines all rows have."""
        ...

    def top(self, row: int) -> int:
        """The first line of a row."""
        ...

    def height(self, row: int) -> int:
        """How many lines a row has."""
        ...

    def at(self, line: int) -> int:
        """The row that a line belongs to."""
        ...

    def draw(self, row: int, part: int, width: int, look: Look, *, current: bool, active: bool) -> Strip:
        """Line `part` of a row; `active` where the list has the focus."""
        ...


class NoRows:
    """An empty list."""

    count = 0
    lines = 0

    def top(self, row: int) -> int:
        """Nothing stands anywhere."""
        return 0

    def height(self, row: int) -> int:
        """Nothing has a height."""
        return 1

    def at(self, line: int) -> int:
        """No line belongs to anything."""
        return 0

    def draw(self, row: int, part: int, width: int, look: Look, *, current: bool, active: bool) -> Strip:
        """An empty line."""
        return Strip.blank(width, look.palette("text"))


class VirtualList(ScrollView, can_focus=True):
    """A list of rows with a cursor."""

    DEFAULT_CSS = """
    VirtualList {
        background: $ground;
        scrollbar-size: 0 0;
        overflow-x: hidden;
        overflow-y: hidden;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = []
    half_page_step = False
    """At its edge the list moves by half a page: cheaper where something stands beside it."""

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, control: VirtualList, row: int) -> None:
            super().__init__()
            self._control = control
            self.row = row

        @property
        def control(self) -> VirtualList:
            """The list it happened in."""
            return self._control

    class Picked(Message):
        """A row was clicked."""

        def __init__(self, control: VirtualList, row: int) -> None:
            super().__init__()
            self._control = control
            self.row = row

        @property
        def control(self) -> VirtualList:
            """The list it happened in."""
            return self._control

    def __init__(self, rows: Rows | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.rows: Rows = rows or NoRows()
        self.cursor = 0
        self.ahead: DrawAhead | None = None
        """Where the rows keep what was drawn."""
        self._fitted = 0
        """How many lines there were when the list was last told."""

    # the rows

    def set_rows(self, rows: Rows, cursor: int = 0, *, top: int | None = None) -> None:
        """Show other rows, with the cursor on one of them."""
        self.rows = rows
        self._fit_size()
        self.cursor = max(0, min(cursor, rows.count - 1))
        if top is not None:
            self._scroll_to_line(top)
        else:
            self.reveal()
        self.refresh()
        self._place_terminal_cursor()

    def rows_changed(self, *indexes: int) -> None:
        """The number of rows changed below the window, or in it; these others are drawn anew, and nothing moves."""
        bottom = self.first_line + self.size.height
        below = min(self._fitted, self.rows.lines) >= bottom
        self._fit_size()
        self.cursor = max(0, min(self.cursor, self.rows.count - 1))
        if below:
            self.redraw(*indexes)
        else:
            self.refresh()
        self._place_terminal_cursor()

    def redraw(self, *indexes: int) -> None:
        """Draw some rows anew."""
        for index in indexes:
            if 0 <= index < self.rows.count:
                self._refresh_row(index)

    def _fit_size(self) -> None:
        self._fitted = self.rows.lines
        size = Size(self.size.width, self._fitted)
        if size == self.virtual_size:
            return
        if self.styles.is_auto_height:
            self.virtual_size = size
        else:  # where the rows do not make the height, nothing has to be laid out anew: history comes in by thousands
            self.set_reactive(VirtualList.virtual_size, size)

    def _refresh_row(self, index: int) -> None:
        y = self.rows.top(index) - self.first_line
        height = self.rows.height(index)
        if y + height > 0 and y < self.size.height:
            self.refresh(Region(0, max(0, y), self.size.width, height + min(0, y)))

    # the window

    @property
    def first_line(self) -> int:
        """The line at the top of the window."""
        return self.scroll_offset.y

    def _scroll_to_line(self, line: int) -> None:
        last, before = max(0, self.rows.lines - self.size.height), self.first_line
        self.scroll_to(y=max(0, min(line, last)), animate=False, force=True, immediate=True)
        if self.ahead is not None and self.first_line != before:
            self.ahead.moved(down=self.first_line > before)

    def scroll_lines(self, step: int) -> None:
        """Move the window, not the cursor."""
        self._scroll_to_line(self.first_line + step)

    def reveal(self, *, moving_down: bool = True) -> None:
        """Bring the cursor's row into the window."""
        height = self.size.height
        if not self.rows.count or height <= 0:
            return
        top, tall = self.rows.top(self.cursor), self.rows.height(self.cursor)
        first = self.first_line
        if top < first:
            self._scroll_to_line(top - (height // 2 if self.half_page_step and not moving_down else 0))
        elif top + tall > first + height:
            step = height // 2 // tall * tall if self.half_page_step else 0
            self._scroll_to_line(min(top, top + tall - height + step))

    # the cursor

    def go(self, row: int) -> bool:
        """Put the cursor on a row; false where it stands there already."""
        row = max(0, min(row, self.rows.count - 1))
        if row == self.cursor or not self.rows.count:
            return False
        old, self.cursor = self.cursor, row
        first = self.first_line
        self.reveal(moving_down=row > old)
        if self.first_line == first:
            self._refresh_row(old)
            self._refresh_row(row)
        self._place_terminal_cursor()
        self.post_message(self.Moved(self, row))
        return True

    def page(self, pages: int) -> None:
        """Move by whole windows; the cursor keeps its place in the window."""
        if not self.rows.count:
            return
        tall = max(1, self.rows.height(self.cursor))
        rows = max(1, self.size.height // tall)
        first = self.first_line
        target = max(0, min(self.cursor + pages * rows, self.rows.count - 1))
        self._scroll_to_line(first + (self.rows.top(target) - self.rows.top(self.cursor)))
        if not self.go(target):
            self._place_terminal_cursor()

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's real cursor stands: on the cursor's row, where braille displays and readers look."""
        region = self.content_region
        y = min(max(0, self.caret_line() - self.first_line), max(0, region.height - 1))
        return Offset(region.x, region.y + y)

    def caret_line(self) -> int:
        """The line of the cursor's row that is its own."""
        return self.rows.top(self.cursor)

    def _place_terminal_cursor(self) -> None:
        if self.has_focus and self.is_attached:
            self.app.cursor_position = self.cursor_screen_offset

    # drawing and events

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        width, look = self.size.width, look_of(self)
        line = y + self.first_line
        if line >= self.rows.lines:
            return Strip.blank(width, look.palette("text"))
        row = self.rows.at(line)
        part = line - self.rows.top(row)
        return self.rows.draw(row, part, width, look, current=row == self.cursor, active=self.has_focus)

    def on_resize(self, event: events.Resize) -> None:
        """Another size: the cursor stays in sight."""
        self._fit_size()
        self.settle_window()
        self._place_terminal_cursor()

    def settle_window(self) -> None:
        """Where the window stands once its size is another."""
        self._scroll_to_line(self.first_line)
        self.reveal()

    def on_focus(self) -> None:
        """The cursor's row may look different with the focus."""
        self._refresh_row(self.cursor)
        self._place_terminal_cursor()

    def on_blur(self) -> None:
        """And without it."""
        if self.is_attached:
            self._refresh_row(self.cursor)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines down."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines up."""
        event.stop()
        self.scroll_lines(-3)

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a row; a click on the row of the cursor opens it."""
        line = event.y + self.first_line
        if line < self.rows.lines:
            row = self.rows.at(line)
            if not self.go(row):
                self.post_message(self.Picked(self, row))
