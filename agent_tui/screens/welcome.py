"""The first screen of an empty workspace: three ways to begin."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Vertical

from agent_tui.screens.modal import Modal
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.sheet_rows import SheetLine, SheetRows, flowed
from agent_tui.widgets.title_line import TitleLine
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import _

WIDTH = 76


class Welcome(Modal[str | None]):
    """Gives back `demo`, `add`, `import` or `help`; None leaves the desk empty."""

    DEFAULT_CSS = f"""
    Welcome {{ align: center middle; background: transparent; }}
    Welcome > #box {{ width: {WIDTH}; max-width: 100%; height: auto; border: solid $line; background: $ground; }}
    """

    READING = 0.3
    """Seconds on the screen before a key is a choice: what was typed before was meant for something else."""

    def __init__(self, accounts_key: str = "") -> None:
        super().__init__()
        self._stands_since = math.inf
        self._accounts_key = accounts_key.split()
        """The strokes that the desk behind it names for adding an account: they do it here, too."""
        self._typed: list[str] = []
        self.list = VirtualList(id="choices")
        self.keys = {"d": "demo", "a": "add", "i": "import", "question_mark": "help", "?": "help"}
        self.rows: list[SheetLine] = []
        self.lines = [
            SheetLine(_("look around with live demo customers, no account needed"), key="d", value="demo"),
            SheetLine(_("add a mailbox or another channel"), key="a", value="add"),
            SheetLine(_("import mail from files"), key="i", value="import"),
            SheetLine(_("keys"), key="?", value="help"),
            SheetLine(),
            SheetLine(_("Everything stays on this machine."), role="quiet"),
        ]

    def compose(self) -> ComposeResult:
        """Title and ways."""
        with Vertical(id="box"):
            yield TitleLine(_("Welcome"), indent=2, id="welcome-title")
            yield self.list
            yield TitleLine(
                "", (Hint("enter", _("choose")), Hint("esc", _("an empty desk"))), indent=2, id="welcome-keys"
            )

    def on_mount(self) -> None:
        """Show the ways."""
        self._lay()
        self.list.focus()
        self.call_after_refresh(self._stands)

    def _stands(self) -> None:
        """It is painted: it can be read from now on."""
        self._stands_since = time.monotonic()

    def on_resize(self) -> None:
        """Break what is too long anew."""
        self._lay()

    def _lay(self) -> None:
        cells = min(self.size.width, WIDTH) - 2
        self.rows = flowed([replace(line, flows=True) for line in self.lines], cells)
        self.list.set_rows(SheetRows(self.rows), self.list.cursor)
        self.list.styles.height = len(self.rows)

    def _step(self, step: int) -> None:
        """To the next way."""
        at = self.list.cursor + step
        while 0 <= at < len(self.rows) and self.rows[at].value is None:
            at += step
        if 0 <= at < len(self.rows):
            self.list.go(at)

    def press(self, stroke: str) -> bool:
        """One of the ways."""
        if stroke not in ("escape", "q") and time.monotonic() < self._stands_since + self.READING:
            return True
        self._typed = [*self._typed, stroke][-len(self._accounts_key) or None :]
        if self._typed == self._accounts_key:
            self.dismiss("add")
        elif stroke in self.keys:
            self.dismiss(self.keys[stroke])
        elif stroke in ("j", "down", "k", "up"):
            self._step(1 if stroke in ("j", "down") else -1)
        elif stroke in ("enter", "o", "l"):
            chosen = self.rows[self.list.cursor].value
            self.dismiss(chosen if isinstance(chosen, str) else None)
        elif stroke in ("escape", "q"):
            self.dismiss(None)
        return True
