"""What floats over the desk: a list to choose from, with or without a field to type in, and a sheet to read.

One class each. They know nothing of what they ask: a caller gives lines and gets the value of the chosen one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from agent_tui.screens.modal import Modal
from agent_tui.widgets.cells import width
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.search_field import SearchField
from agent_tui.widgets.sheet_rows import SheetLine, SheetRows, flowed
from agent_tui.widgets.title_line import TitleLine
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import _

T = TypeVar("T")
CLOSING = frozenset({"escape", "q", "left", "u"})
STEPS = {"j": 1, "down": 1, "k": -1, "up": -1}
SPACE_AROUND = 6
WIDEST, BORDERS = 110, 2


class Floating(Modal[T | None], Generic[T]):
    """A box over the desk with a title, lines, and a hint line."""

    DEFAULT_CSS = """
    Floating { align: center middle; background: transparent; }
    Floating > #box {
        width: 64; max-width: 100%; height: auto; max-height: 100%;
        border: solid $line; background: $ground; padding: 0;
    }
    Floating > #box > VirtualList { height: auto; }
    Floating > #box > SearchField { padding: 0 2; }
    """
    wide = False

    def __init__(self, title: str, lines: Sequence[SheetLine], cursor: int = 0, *, enter: str = "") -> None:
        super().__init__()
        self.said_title = title
        self.gives_way: Sequence[str] = ()
        """Parts of the title that are cut first where it is too long."""
        self.said_enter = enter
        """What Enter does with a line, in a word."""
        self.given = list(lines)
        self.found = self.given
        """The lines as they stand in the box: what flows is broken there."""
        self.list = VirtualList(id="choices")
        self._first = cursor

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(id="box"):
            yield TitleLine(self.said_title, indent=2, gives_way=self.gives_way, id="sheet-title")
            yield from self.field()
            yield self.list
            yield TitleLine("", self.hints(), indent=2, most_lines=2, id="sheet-hints")

    def field(self) -> ComposeResult:
        """A field above the lines, where there is one."""
        yield from ()

    def hints(self) -> tuple[Hint, ...]:
        """What may be pressed."""
        chosen = self.said_enter and any(line.value is not None for line in self.given)
        return (*((Hint("enter", self.said_enter),) if chosen else ()), Hint("esc", _("close")))

    def on_mount(self) -> None:
        """Fit to what is shown."""
        self.fit()
        self.list.set_rows(SheetRows(self.found), self._row_of(self._first))
        self.take_focus()

    def take_focus(self) -> None:
        """Where keys go."""
        self.list.focus()

    def on_resize(self) -> None:
        """The screen changed."""
        before = self.found
        self.fit()
        if self.found != before:
            self.list.set_rows(SheetRows(self.found), self.list.cursor)

    def show_lines(self, lines: Sequence[SheetLine], cursor: int) -> None:
        """Other lines."""
        self.given = list(lines)
        self.fit()
        self.list.set_rows(SheetRows(self.found), self._row_of(cursor))

    def _row_of(self, index: int) -> int:
        """Where a line that was given stands, below others that take several."""
        value = self.given[index].value if 0 <= index < len(self.given) else None
        return next((at for at, line in enumerate(self.found) if value is not None and line.value == value), index)

    def fit(self) -> None:
        """As wide as the lines need, as high as the screen has."""
        lines = (width(line.text) + width(line.right) + 14 for line in self.given)
        need = 0 if self.wide else max(width(self.said_title) + 8, *lines)
        # Where there is no room beside it, a sheet leaves no ends of lines to be seen there.
        narrow = self.wide and self.size.width < WIDEST + SPACE_AROUND
        room = max(16, self.size.width - (2 if narrow else SPACE_AROUND))
        wanted = self.size.width if self.wide else max(56, need)
        cells = min(room, wanted, WIDEST)
        self.query_one("#box").styles.width = cells
        self.found = flowed(self.given, cells - BORDERS)
        high = max(1, min(len(self.found), self.size.height - SPACE_AROUND))
        self.list.styles.height = high

    @property
    def is_ready(self) -> bool:
        """Keys have a place to go."""
        return self.focused is not None

    def press(self, stroke: str) -> bool:
        """A key outside of text."""
        if any(line.key == stroke and line.value is not None for line in self.found):
            return self.key(stroke)  # what a line names as its key is that, also where it moves or leaves elsewhere
        if stroke in CLOSING:
            self.dismiss(None)
        elif stroke in STEPS:
            self.step(STEPS[stroke])
        elif stroke in ("pagedown", "ctrl+d", "space"):
            self.list.page(1)
        elif stroke in ("pageup", "ctrl+u"):
            self.list.page(-1)
        elif stroke in ("home", "g"):
            self.list.go(0)
        elif stroke in ("end", "G"):
            self.list.go(self.list.rows.count - 1)
        elif stroke in ("enter", "o", "l", "right"):
            self.choose(self.list.cursor)
        else:
            return self.key(stroke)
        return True

    def key(self, stroke: str) -> bool:
        """Any other key: the line that has it as its own."""
        for index, line in enumerate(self.found):
            if line.key == stroke and line.value is not None:
                self.choose(index)
                return True
        return True

    def step(self, step: int) -> None:
        """To the next line that can be chosen."""
        at = self.list.cursor + step
        if not any(line.value is not None for line in self.found):
            self.list.scroll_lines(step)
            return
        while 0 <= at < len(self.found) and self.found[at].value is None:
            at += step
        if 0 <= at < len(self.found):
            self.list.go(at)

    def choose(self, index: int) -> None:
        """Give back the value of a line."""
        if 0 <= index < len(self.found) and self.found[index].value is not None:
            self.dismiss(self.found[index].value)  # type: ignore[arg-type]

    @on(VirtualList.Picked)
    def _clicked(self, event: VirtualList.Picked) -> None:
        event.stop()
        self.choose(event.row)


class Picker(Floating[object]):
    """A few things to choose from, each with a key where it has one.

    Beside those keys only Enter chooses: `o` and `l` open things elsewhere, and are letters of lines here.
    """

    def press(self, stroke: str) -> bool:
        """A letter is a line's own, or nothing."""
        if stroke in ("o", "l", "right"):
            return self.key(stroke)
        return super().press(stroke)

    def hints(self) -> tuple[Hint, ...]:
        """Choose or leave."""
        return (Hint("enter", self.said_enter or _("choose")), Hint("esc", _("leave it")))


class Question(Picker):
    """Yes or no, where yes hides, removes or sends something. Gives back True for yes.

    No is what Enter says. What was pressed before the question was painted, or in the moment after it, is no answer:
    it was meant for something else.
    """

    READING = 0.3
    """Seconds on the screen before a key is an answer."""

    def __init__(self, title: str, yes: str, no: str, gives_way: Sequence[str] = ()) -> None:
        lines = [
            SheetLine(yes, key="y", value=True, flows=True),
            SheetLine(no, key="n", value=False, flows=True),
        ]
        super().__init__(title, lines, 1)
        self.gives_way = gives_way
        self._stands_since = math.inf

    def on_mount(self) -> None:
        """It can be read when it is painted."""
        super().on_mount()
        self.call_after_refresh(self._stands)

    def _stands(self) -> None:
        self._stands_since = time.monotonic()

    def press(self, stroke: str) -> bool:
        """A key, once it can be an answer."""
        if stroke not in CLOSING and time.monotonic() < self._stands_since + self.READING:
            return True
        return super().press(stroke)


class Sheet(Floating[object]):
    """Something to read."""

    wide = True

    def fit(self) -> None:
        """With the key that goes on, where there is more than fits."""
        super().fit()
        line, hints = self.query_one("#sheet-hints", TitleLine), self.hints()
        if len(self.found) > self.size.height - SPACE_AROUND:
            hints = (Hint("space", _("on")), Hint("pageup", _("back up")), *hints)
        if line.hints != hints:
            line.hints = hints
            line.refresh()


class People(Sheet):
    """Everybody a message goes to."""

    def hints(self) -> tuple[Hint, ...]:
        """On to the fields, or back to the text."""
        return (Hint("enter", _("change")), Hint("esc", _("back")))


Offer = Callable[[str], list[SheetLine]]


class Finder(Floating[object]):
    """A field, and below it what fits to what is typed. The field stays where it is, however many lines that are.

    With `by_key` the key of a line that stands there at first chooses it at once; `complete` is what Tab makes of
    what is typed.
    """

    DEFAULT_CSS = "Finder { align: center top; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", show=False)]

    def __init__(
        self,
        title: str,
        offer: Offer,
        *,
        typed: str = "",
        by_key: bool = False,
        complete: Callable[[str], str] | None = None,
    ) -> None:
        first = offer(typed)
        super().__init__(title, first)
        self._keys = {line.key: line.value for line in first if line.key} if by_key else {}
        self.list.can_focus = False  # tab would take the keys away from the field
        self._offer = offer
        self._typed = typed
        self._complete = complete

    def fit(self) -> None:
        """From its fixed top down as far as there is room."""
        super().fit()
        top = self.size.height // 6
        self.query_one("#box").styles.margin = (top, 0, 0, 0)
        self.list.styles.height = max(1, min(len(self.found), self.size.height - top - SPACE_AROUND))

    def field(self) -> ComposeResult:
        """The field."""
        yield SearchField(id="finder")

    @property
    def is_ready(self) -> bool:
        """What is typed behind Enter or Esc is meant for what comes then."""
        return super().is_ready and not self.query_one(SearchField).leaving

    def hints(self) -> tuple[Hint, ...]:
        """Choose or leave."""
        tab = (Hint("tab", _("complete")),) if self._complete is not None else ()
        return (Hint("enter", _("choose")), *tab, Hint("esc", _("leave it")))

    def take_focus(self) -> None:
        """The field has the focus all the time."""
        field = self.query_one(SearchField)
        field.value = self._typed
        field.focus()

    def action_complete(self) -> None:
        """Tab: as far as it is clear what is meant."""
        field = self.query_one(SearchField)
        if self._complete is not None:
            field.value = self._complete(field.value)
            field.cursor_position = len(field.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value in self._keys:
            self.dismiss(self._keys[event.value])
            return
        lines = self._offer(event.value)
        self.show_lines(lines, next((i for i, line in enumerate(lines) if line.value is not None), 0))

    @on(SearchField.Stepped)
    def _stepped(self, event: SearchField.Stepped) -> None:
        event.stop()
        self.step(event.step)

    @on(SearchField.Left)
    def _left(self, event: SearchField.Left) -> None:
        event.stop()
        if event.enter:
            self.choose(self.list.cursor)
        else:
            self.dismiss(None)
        event.control.leaving = False  # where nothing could be chosen it goes on
