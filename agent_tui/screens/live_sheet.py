"""A sheet that stays true: its lines are read anew when something was committed, and its keys follow the cursor."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from agent_tui.desk.workspace import Desk
from agent_tui.screens.sheet import Floating
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.widgets.title_line import TitleLine
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import _

LOOK_EVERY = 0.5


class LiveSheet(Floating[object]):
    """Lines that change while they are looked at. Nothing is drawn where nothing changed."""

    wide = True

    def __init__(self, title: str, desk: Desk) -> None:
        self.desk = desk
        self._version = desk.reads.data_version()
        super().__init__(title, self.read())

    def read(self) -> list[SheetLine]:
        """The lines as they are now."""
        raise NotImplementedError

    def keys_here(self) -> Sequence[tuple[str, str, Callable[[], object]]]:
        """(key, word, what it does) for the line under the cursor."""
        return ()

    @property
    def here(self) -> object:
        """The value under the cursor."""
        at = self.list.cursor
        return self.found[at].value if 0 <= at < len(self.found) else None

    def hints(self) -> tuple[Hint, ...]:
        """Keys of the line under the cursor."""
        own = tuple(Hint(key, word) for key, word, _do in self.keys_here())
        return (*own, Hint("esc", _("close")))

    def on_mount(self) -> None:
        """Look again from time to time."""
        super().on_mount()
        self.tell_keys()
        self.set_interval(LOOK_EVERY, self.look_again)

    def look_again(self) -> None:
        """Read anew where another process committed."""
        version = self.desk.reads.data_version()
        if version != self._version:
            self._version = version
            self.show()

    def show(self) -> None:
        """Read anew; the cursor stays on what it stood on."""
        kept = self.here
        lines = self.read()
        if lines == self.given:
            return
        self.show_lines(lines, self.list.cursor)
        at = next((i for i, line in enumerate(self.found) if line.value == kept and kept is not None), None)
        if at is not None:
            self.list.go(at)
        self.tell_keys()

    def tell_keys(self) -> None:
        """The keys that mean something here."""
        line = self.query_one("#sheet-hints", TitleLine)
        hints = self.hints()
        if hints != line.hints:
            line.hints = hints
            line.refresh()

    def on_virtual_list_moved(self, event: VirtualList.Moved) -> None:
        """Another line, other keys."""
        event.stop()
        self.tell_keys()

    def key(self, stroke: str) -> bool:
        """One of the keys of this line."""
        for key, _word, do in self.keys_here():
            if key == stroke:
                do()
                return True
        return super().key(stroke)

    def do(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something off the keys and show what came of it."""

        async def run() -> None:
            await work
            self.show()

        self.run_worker(run(), group="sheet", exit_on_error=False)
