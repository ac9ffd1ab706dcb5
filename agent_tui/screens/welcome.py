"""The first screen of an empty workspace: three ways to begin."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.sheet_rows import SheetLine, SheetRows
from agent_tui.widgets.title_line import TitleLine
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import _

CHOICES = ("demo", "add", "import", "help")


class Welcome(ModalScreen[str | None]):
    """Gives back `demo`, `add`, `import` or `help`; None leaves the desk empty."""

    DEFAULT_CSS = """
    Welcome { align: center middle; background: transparent; }
    Welcome > #box { width: 76; max-width: 100%; height: auto; border: solid $line; background: $ground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.list = VirtualList(id="choices")
        self.keys = {"d": "demo", "a": "add", "i": "import", "question_mark": "help", "?": "help"}
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
            yield TitleLine(_("Welcome"), id="welcome-title")
            yield self.list
            yield TitleLine("", (Hint("enter", _("choose")), Hint("esc", _("an empty desk"))), id="welcome-keys")

    def on_mount(self) -> None:
        """Show the ways."""
        self.list.set_rows(SheetRows(self.lines), 0)
        self.list.styles.height = len(self.lines)
        self.list.focus()

    def press(self, stroke: str) -> bool:
        """One of the ways."""
        if stroke in self.keys:
            self.dismiss(self.keys[stroke])
        elif stroke in ("j", "down", "k", "up"):
            step = 1 if stroke in ("j", "down") else -1
            self.list.go(max(0, min(len(CHOICES) - 1, self.list.cursor + step)))
        elif stroke in ("enter", "o", "l"):
            self.dismiss(CHOICES[min(self.list.cursor, len(CHOICES) - 1)])
        elif stroke in ("escape", "q"):
            self.dismiss(None)
        return True
