"""What happened by itself is told once: a snooze that ended, a message that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_tui.domain.times import DAY
from agent_tui.named_keys import way
from agent_tui.widgets.inbox_rows import customer_of
from agent_tui.words import _, grouped, ngettext

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen

MOST = 1_000
"""Messages set aside that are looked at; of more than these, the number is not told exactly."""


class ToldOnce:
    """Says it in the line at the bottom, once; what it is about is marked, or is found by the key that is named."""

    def __init__(self, screen: DeskScreen) -> None:
        self._screen = screen
        self._woken = int(screen.desk.now())
        """Places are times: what stands behind this one was not told yet."""
        self._set_aside = 0
        """The number of the newest message set aside that was told."""
        self._since = self._woken - DAY
        """A desk that opens tells of those of a day: nobody may have looked when a file was imported."""

    def tell(self) -> None:
        """What is new since it was told last. Messages that cannot be read come first: nothing else shows them."""
        unreadable, awake = self._unreadable(), self._awake()
        if unreadable or awake:
            said = " ".join(filter(None, (unreadable, awake)))
            self._screen.bars.say(said, role="due" if unreadable else "accent")

    def _awake(self) -> str:
        desk = self._screen.desk
        found = desk.reads.woken(self._woken)
        if not found:
            return ""
        self._woken = found[-1][1]
        rows = desk.reads.rows([conversation for conversation, _order in found], desk.agent)
        if len(rows) == 1:
            (row,) = rows.values()
            return _("Awake again: #{number} {customer}").format(number=row.number, customer=customer_of(row))
        said = ngettext("{n} conversation is awake again.", "{n} conversations are awake again.", len(rows))
        return said.format(n=grouped(len(rows)))

    def _unreadable(self) -> str:
        found = self._screen.desk.reads.set_aside(MOST, behind=self._set_aside)
        number = sum(one.at > self._since for one in found)
        if not number:
            return ""
        self._set_aside = found[0].id
        said = ngettext(
            "{n} message could not be read and was set aside{way}.",
            "{n} messages could not be read and were set aside{way}.",
            number,
        )
        many = f"{grouped(number)}+" if number == MOST else grouped(number)
        return said.format(n=many, way=way("go.set_aside"))
