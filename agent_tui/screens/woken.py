"""A snooze that ended is told once; its row is marked as unread until it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_tui.widgets.inbox_rows import customer_of
from agent_tui.words import _, grouped, ngettext

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen


class Woken:
    """Says which conversations are awake again."""

    def __init__(self, screen: DeskScreen) -> None:
        self._screen = screen
        self._told = int(screen.desk.now())
        """Places are times: what stands behind this one was not told yet."""

    def tell(self) -> None:
        """Say it in the line at the bottom."""
        desk = self._screen.desk
        found = desk.reads.woken(self._told)
        if not found:
            return
        self._told = found[-1][1]
        rows = desk.reads.rows([conversation for conversation, _order in found], desk.agent)
        if len(rows) == 1:
            (row,) = rows.values()
            said = _("Awake again: #{number} {customer}").format(number=row.number, customer=customer_of(row))
        else:
            said = ngettext("{n} conversation is awake again.", "{n} conversations are awake again.", len(rows))
            said = said.format(n=grouped(len(rows)))
        self._screen.bars.say(said, role="accent")
