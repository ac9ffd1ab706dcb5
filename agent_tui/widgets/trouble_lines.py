"""Lines above the hints that stand as long as something is wrong: a connection, a message that did not leave.

They take their room from below, so that no row of the list moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip
from textual.widget import Widget

from agent_tui import sentences
from agent_tui.domain.account import AccountHealth, Fault, Health
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.times import Micros
from agent_tui.widgets import ages
from agent_tui.widgets.cells import Line, cut, in_cell, shown
from agent_tui.widgets.look import look_of
from agent_tui.words import _, ngettext

MOST = 3
NAME = 8
BROKEN = (Health.WAITING, Health.REFUSED, Health.LOCKED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line: a sign, what it concerns, what is wrong and what to do."""

    glyph: str
    role: str
    name: str
    text: str


def troubles(health: Sequence[AccountHealth], outbox: Sequence[OutboxItem], present: Micros) -> tuple[Trouble, ...]:
    """What is wrong now, messages first."""
    found = []
    lost = [item for item in outbox if item.state in (OutboxState.REJECTED, OutboxState.UNKNOWN)]
    if lost:
        found.append(_unsent(lost))
    found.extend(_connection(one, present) for one in health if one.health in BROKEN)
    return tuple(found[:MOST])


def _unsent(items: Sequence[OutboxItem]) -> Trouble:
    rejected = [item for item in items if item.state is OutboxState.REJECTED]
    if rejected:
        count = ngettext("{n} message was not sent.", "{n} messages were not sent.", len(rejected))
        why = sentences.fault(rejected[0].fault) if rejected[0].fault else ""
        return Trouble("!", "late", "", f"{count.format(n=len(rejected))} {why} " + _("g x shows the outbox."))
    count = ngettext(
        "Whether {n} message was sent is not known.", "Whether {n} messages were sent is not known.", len(items)
    )
    return Trouble("!", "late", "", f"{count.format(n=len(items))} " + _("g x lets you settle it."))


def _connection(one: AccountHealth, present: Micros) -> Trouble:
    text = sentences.fault(one.fault or Fault("unreachable")) if one.fault else _("No connection.")
    text += " " + _("Since {time}.").format(time=ages.moment(one.since, present))
    if one.health is Health.WAITING and one.next_try_at:
        text += " " + _("Next try {time} (ctrl+r now).").format(time=ages.moment(one.next_try_at, present))
    role = "due" if one.health is Health.WAITING else "late"
    return Trouble("half" if one.health is Health.WAITING else "ring", role, in_cell(one.account), text)


class TroubleLines(Widget):
    """As many lines as there are troubles; none most of the time."""

    DEFAULT_CSS = "TroubleLines { dock: bottom; display: none; height: 1; margin-bottom: 1; background: $raised; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: tuple[Trouble, ...] = ()

    def show(self, found: tuple[Trouble, ...]) -> None:
        """Tell these; nothing is drawn where nothing changed."""
        if found != self._found:
            self._found = found
            self.display = bool(found)
            self.styles.height = max(1, len(found))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One trouble."""
        look, cells, line = look_of(self), self.size.width, Line()
        palette = look.palette
        if y < len(self._found):
            one = self._found[y]
            line.add(" ", palette("text", "raised"))
            line.add(getattr(look.glyphs, one.glyph, one.glyph), palette(one.role, "raised", "bold"))
            line.add(" ", palette("text", "raised"))
            if one.name:
                line.add(cut(one.name, NAME * 2), palette("text", "raised", "bold")).add(
                    "  ", palette("text", "raised")
                )
            text = cut(shown(one.text), max(0, cells - line.width - 1), look.glyphs.ellipsis)
            line.add(text, palette("text", "raised"))
        return line.strip(cells, palette("text", "raised"))
