"""What stands where a list is empty: what that means, and where something waits."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from agent_tui.domain.conversation import View
from agent_tui.named_keys import way
from agent_tui.widgets.cells import Line, wrap
from agent_tui.widgets.look import look_of
from agent_tui.words import _, grouped, ngettext


def empty_view(view: View | None, waiting: int) -> str:
    """One sentence for an empty view."""
    if view in (View.INBOX, View.MINE, View.UNASSIGNED):
        said = _("Nothing waits for you.") if view is not View.UNASSIGNED else _("Nothing waits for an owner.")
        if waiting:
            said += " " + ngettext(
                "{n} conversation waits for a customer{way}.", "{n} conversations wait for customers{way}.", waiting
            ).format(n=grouped(waiting), way=way("go.waiting"))
        return said
    return {
        View.WAITING: _("No conversation waits for a customer."),
        View.SNOOZED: _("Nothing is snoozed."),
        View.SOLVED: _("Nothing is solved yet."),
        View.SPAM: _("No spam."),
    }.get(view or View.ALL, _("No conversations yet. What arrives shows here."))


class QuietNote(Widget):
    """A sentence in place of rows."""

    DEFAULT_CSS = """
    QuietNote { display: none; height: 1fr; background: $ground; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = ""

    def tell(self, searched: str | None, view: View | None, waiting: int, not_understood: str = "") -> None:
        """Say why there is nothing; of a search also what was not understood of it."""
        if searched is not None and not_understood:
            text = f"{_('Nothing found.')} {not_understood}"
        elif searched is not None:
            text = (
                _("Nothing found.")
                if searched.strip()
                else _("Type to search. Names, words, “phrases”, from: tag: is:")
            )
        else:
            text = empty_view(view, waiting)
        self.say(text)

    def say(self, text: str) -> None:
        """Any sentence."""
        if text != self.text:
            self.text = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The sentence stands one line below the top."""
        palette, cells = look_of(self).palette, self.size.width
        lines = wrap(self.text, max(10, cells - 4))
        line = Line()
        if 1 <= y <= len(lines):
            line.add("   ", palette("text")).add(lines[y - 1], palette("quiet"))
        return line.strip(cells, palette("text"))
