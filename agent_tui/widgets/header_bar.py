"""The bar at the top: the views with their counts, the connections, and what is on its way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_tui.domain.account import AccountHealth, Health
from agent_tui.domain.conversation import View
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.times import Micros
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, in_cell, width
from agent_tui.widgets.look import Look
from agent_tui.widgets.one_line import OneLine
from agent_tui.words import _, grouped, ngettext

SHOWN = (View.INBOX, View.MINE, View.UNASSIGNED, View.WAITING, View.SNOOZED, View.SOLVED)
_GLYPHS = {
    Health.CONNECTED: ("dot", "good"),
    Health.CONNECTING: ("half", "due"),
    Health.WAITING: ("half", "due"),
    Health.OFF: ("ring", "faint"),
    Health.REFUSED: ("ring", "late"),
    Health.LOCKED: ("ring", "late"),
}
_OPEN = (OutboxState.HELD, OutboxState.QUEUED, OutboxState.SENDING)


@dataclass(frozen=True, slots=True)
class OutboxNumbers:
    """How many messages are on their way, wait for their line, were not sent, and of how many that is not known."""

    sending: int = 0
    waiting: int = 0
    failed: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class HeaderState:
    """What the bar tells."""

    view: View | None = None
    """None while a search stands in its place."""
    counts: Mapping[View, int] | None = None
    health: tuple[AccountHealth, ...] = ()
    outbox: OutboxNumbers = OutboxNumbers()
    stuck: frozenset[str] = frozenset()
    """Accounts that messages could not leave from: they receive, but do not send."""


def outbox_numbers(items: Sequence[OutboxItem], present: Micros) -> OutboxNumbers:
    """Of the whole outbox. What is scheduled for later is in none of them; whose time has passed waits like any other."""
    waits = [item.is_stuck or item.is_overdue(present) for item in items]
    on_their_way = (item.state in _OPEN and not item.scheduled for item in items)
    return OutboxNumbers(
        sending=sum(leaving and not waiting for leaving, waiting in zip(on_their_way, waits, strict=True)),
        waiting=sum(waits),
        failed=sum(item.state is OutboxState.REJECTED for item in items),
        unknown=sum(item.state is OutboxState.UNKNOWN for item in items),
    )


class HeaderBar(OneLine):
    """The bar at the top."""

    DEFAULT_CSS = "HeaderBar { dock: top; background: $raised; }"
    ground = "raised"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._state = HeaderState()
        self._stand: tuple[View, ...] = SHOWN
        """The views that there was room for."""

    def left_out(self) -> dict[View, str]:
        """The counts of the views that do not stand here."""
        return {view: self._number(view) for view in self._state.counts or () if view not in self._stand}

    def show(self, state: HeaderState) -> None:
        """Tell something else; nothing is drawn where nothing changed."""
        if state != self._state:
            self._state = state
            self.refresh()

    def fill(self, line: Line, width_: int, look: Look) -> None:
        """Views to the left as far as there is room, state to the right."""
        right = self._right(look, self._state, short=width_ < 100)
        room = width_ - max(sum(width(text) for text, _role in right), self._room_right(look, width_)) - 2
        line.add("  ", look.palette("text", "raised"))
        for text, role, weight in self._views(room, look):
            line.add(text, look.palette(role, "raised", weight))
        line.up_to(width_ - 1 - sum(width(text) for text, _role in right), look.palette("text", "raised"))
        for text, role in right:
            line.add(text, look.palette(role, "raised"))

    def _room_right(self, look: Look, width_: int) -> int:
        """What stands there while one message is on its way: no view goes and comes again with each that is sent."""
        quiet = HeaderState(health=self._state.health, outbox=OutboxNumbers(sending=1))
        return sum(width(text) for text, _role in self._right(look, quiet, short=width_ < 100))

    def _views(self, room: int, look: Look) -> list[tuple[str, str, str]]:
        state = self._state
        shown = list(SHOWN)
        if state.view is not None and state.view not in shown:
            shown.append(state.view)
        while len(shown) > 1 and self._views_width(shown) + 2 > room:
            spare = next(view for view in reversed(shown) if view is not state.view)
            shown.remove(spare)
        self._stand = tuple(shown)
        parts: list[tuple[str, str, str]] = []
        for view in shown:
            current = view is state.view
            parts.append((labels.view(view), "accent" if current else "quiet", "bold" if current else ""))
            number = self._number(view)
            parts.append((f" {number}  " if number else "  ", "accent" if current else "faint", ""))
        return parts

    def _number(self, view: View) -> str:
        counts = self._state.counts or {}
        return "" if view not in counts else grouped(counts[view])

    def _views_width(self, views: Sequence[View]) -> int:
        return sum(
            width(labels.view(view)) + (len(self._number(view)) + 1 if self._number(view) else 0) + 2 for view in views
        )

    def _right(self, look: Look, state: HeaderState, *, short: bool) -> list[tuple[str, str]]:
        parts: list[tuple[str, str]] = []
        if short and len(state.health) > 1:
            up = sum(one.health is Health.CONNECTED and one.account not in state.stuck for one in state.health)
            whole = up == len(state.health)
            parts.append((look.glyphs.dot if whole else look.glyphs.half, "good" if whole else "due"))
            parts.append((" " + _("{up} of {all}").format(up=up, all=len(state.health)), "quiet"))
        else:
            for one in state.health[:6]:
                glyph, role = _GLYPHS[one.health]
                if one.health is Health.CONNECTED and one.account in state.stuck:
                    glyph, role = _GLYPHS[Health.WAITING]
                if parts:
                    parts.append((" ", "quiet"))
                parts.append((getattr(look.glyphs, glyph), role))
                parts.append((f" {in_cell(one.account)}", "quiet"))
        numbers = state.outbox
        if numbers.sending:
            text = ngettext("{n} sending", "{n} sending", numbers.sending).format(n=numbers.sending)
            parts += [("  " if parts else "", "quiet"), (text, "accent")]
        if numbers.waiting:
            text = ngettext("{n} waits", "{n} wait", numbers.waiting).format(n=numbers.waiting)
            parts += [("  " if parts else "", "quiet"), (text, "due")]
        if numbers.failed:
            text = ngettext("{n} not sent", "{n} not sent", numbers.failed).format(n=numbers.failed)
            parts += [("  " if parts else "", "quiet"), (text, "late")]
        if numbers.unknown:
            text = ngettext("{n} unknown", "{n} unknown", numbers.unknown).format(n=numbers.unknown)
            parts += [("  " if parts else "", "quiet"), (text, "late")]
        return parts
