"""Lines above the hints that stand as long as something is wrong: a connection, a message that did not leave.

They take their room from below, so that no row of the list moves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.strip import Strip
from textual.widget import Widget

from agent_tui import ages, sentences
from agent_tui.domain.account import AccountHealth, Fault, Health
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.times import Micros
from agent_tui.named_keys import named, way
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, cut, in_cell, shown, width, wrap
from agent_tui.widgets.look import look_of
from agent_tui.words import _, ngettext

MOST = 3
LONGEST, LONGEST_IF_LOW = 3, 2
"""Lines of one of them; and where the screen has no more rows than `LOW`."""
LOW = 24
SHORTEST = 8
"""Cells of a server's words that are left of them at least."""
NAME = 16
LONGEST_NAME = 40
BROKEN = (Health.WAITING, Health.REFUSED, Health.LOCKED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line: a sign, what it concerns, what is wrong and what to do."""

    glyph: str
    role: str
    name: str
    text: str
    todo: str = ""
    """What stands behind the text whatever room there is: how it goes on, and the key that helps."""
    said: str = ""
    """A server's words within the text: they give way first."""

    @property
    def whole(self) -> str:
        """All of it."""
        return self._with_todo(self.text)

    def _with_todo(self, text: str) -> str:
        return f"{text} {self.todo}".strip()

    def lines(self, room: int, most: int) -> list[str]:
        """At most so many lines: a server's words are cut. Our own take one more before they are, and what to do never is."""
        said = self.said if self.said in self.text else ""

        def less_said(cells: int) -> str:
            return self.text.replace(said, cut(said, cells, "…")) if said else self.text

        ours = less_said(SHORTEST)

        def less(cells: int) -> str:
            return cut(ours, cells, "…")

        by_said, by_ours = range(SHORTEST, max(SHORTEST, width(said)) + 1), range(1, width(ours) + 1)
        for shorter, cells, limit in (
            (less_said, by_said, most),
            (less_said, by_said, LONGEST),
            (less, by_ours, LONGEST),
        ):
            if found := self._longest(shorter, cells, room, limit):
                return found
        return wrap(self.todo, room)[:LONGEST]

    def _longest(self, shorter: Callable[[int], str], cells: range, room: int, limit: int) -> list[str]:
        """The lines with as much of it as fits into the limit; none where the least of it does not."""

        def lines(many: int) -> list[str]:
            return wrap(self._with_todo(shorter(many)), room) or [""]

        fit = bisect_left(cells, True, key=lambda many: len(lines(many)) > limit)
        return lines(cells[fit - 1]) if fit else []


def troubles(
    health: Sequence[AccountHealth],
    outbox: Sequence[OutboxItem],
    present: Micros,
    held_back: Sequence[tuple[str, Micros | None]] = (),
    *,
    worker_failing: bool = False,
    only_reading: str = "",
    typing: bool = False,
) -> tuple[Trouble, ...]:
    """What is wrong now, messages first. `held_back` are (customer, the time it was meant for, if it was).

    While a text is typed the key that tries at once means something else there, and is not named.
    """
    again = "" if typing else " " + _("({key} now)").format(key=named("refresh"))
    found = []
    if only_reading:  # why the worker fails as well
        found.append(Trouble("!", "late", "", labels.only_reading(only_reading)))
    elif worker_failing:
        text = _("Nothing is fetched or sent: the worker ends as soon as it starts. `agent-tui doctor` says why.")
        found.append(Trouble("!", "late", "", text))
    for state in (OutboxState.REJECTED, OutboxState.UNKNOWN):
        lost = [item for item in outbox if item.state is state]
        if lost:
            found.append(_unsent(lost))
    stuck = [item for item in outbox if item.is_stuck]
    if stuck:
        found.append(_waiting(stuck, present, again))
    found.extend(
        Trouble("!", "due", "", sentences.held_back(cut(in_cell(name).strip(), LONGEST_NAME), _meant_for(at, present)))
        for name, at in held_back
    )
    found.extend(_connection(one, present, again) for one in health if is_broken(one))
    return tuple(found[:MOST])


def is_broken(one: AccountHealth) -> bool:
    """It has no connection; also while that is tried again, or the line would come and go with each try."""
    return one.health in BROKEN or (one.health is Health.CONNECTING and one.fault is not None)


def _meant_for(at: Micros | None, present: Micros) -> str:
    return ages.moment(at, present) if at is not None else ""


def _unsent(items: Sequence[OutboxItem]) -> Trouble:
    rejected = [item for item in items if item.state is OutboxState.REJECTED]
    if rejected:
        count = ngettext("{n} message was not sent.", "{n} messages were not sent.", len(rejected))
        fault = rejected[0].fault
        text = " ".join((count.format(n=len(rejected)), sentences.fault(fault))).strip()
        return Trouble("!", "late", "", text, _outbox(_("{key} shows the outbox.")), _said(fault))
    count = ngettext(
        "Whether {n} message was sent is not known.", "Whether {n} messages were sent is not known.", len(items)
    )
    return Trouble("!", "late", "", count.format(n=len(items)), _outbox(_("{key} lets you settle it.")))


def _said(fault: Fault | None) -> str:
    """The server's words as a sentence has them."""
    return " ".join(str(fault.parameters.get("server_said", "")).split()) if fault is not None else ""


def _outbox(said: str) -> str:
    return said.format(key=named("go.outbox"))


def _waiting(items: Sequence[OutboxItem], present: Micros, again: str) -> Trouble:
    """They leave by themselves; the agent has to know that they have not yet, and may not wait for the next try."""
    first = min(items, key=lambda item: item.not_before)
    when = ages.next_try(first.not_before, present)
    key = _("next try {time}").format(time=when) + again
    count = ngettext("{n} message waits in the outbox{way}", "{n} messages wait in the outbox{way}", len(items))
    waits = count.format(n=len(items), way=way("go.outbox"))
    return Trouble("half", "due", "", sentences.fault(first.fault, "send"), f"{waits}; {key}.", _said(first.fault))


def _connection(one: AccountHealth, present: Micros, again: str) -> Trouble:
    text = sentences.fault(one.fault or Fault("unreachable")) if one.fault else _("No connection.")
    todo = _("Since {time}.").format(time=ages.moment(one.since, present))
    if one.health is Health.WAITING and one.next_try_at:
        when = ages.next_try(one.next_try_at, present)
        todo += " " + _("Next try {time}{again}.").format(time=when, again=again)
    if one.health is Health.CONNECTING:
        todo += " " + _("It is tried now.")
    trying = one.health in (Health.WAITING, Health.CONNECTING)
    glyph, role = ("half", "due") if trying else ("ring", "late")
    return Trouble(glyph, role, in_cell(one.account), text, todo, _said(one.fault))


class TroubleLines(Widget):
    """As many lines as the troubles need; none most of the time."""

    DEFAULT_CSS = "TroubleLines { display: none; height: 1; background: $raised; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._found: tuple[Trouble, ...] = ()
        self._lines: list[tuple[Trouble | None, str]] = []
        self._broken_for = (0, 0)
        """Width, and most lines of each."""

    def show(self, found: tuple[Trouble, ...]) -> None:
        """Tell these; nothing is drawn where nothing changed."""
        if found != self._found:
            self._found = found
            self._break(*self._room())

    def _room(self) -> tuple[int, int]:
        size = self.app.size
        return size.width, LONGEST if size.height > LOW else LONGEST_IF_LOW

    def _break(self, cells: int, most: int) -> None:
        """Into lines of the screen's width."""
        self._lines, self._broken_for = [], (cells, most)
        for one in self._found:
            room = max(10, cells - _indent(one) - 1)
            first, *more = one.lines(room, most)
            self._lines.append((one, first))
            self._lines += [(None, " " * _indent(one) + piece) for piece in more]
        self.display = bool(self._lines)
        self.styles.height = max(1, len(self._lines))
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Another width; its own height changes with each break."""
        if self._found and self._room() != self._broken_for:
            self._break(*self._room())

    def render_line(self, y: int) -> Strip:
        """A sign, what it concerns, what is wrong; or how that goes on."""
        look, cells, line = look_of(self), self.size.width, Line()
        palette = look.palette
        if y < len(self._lines):
            one, text = self._lines[y]
            if one is not None:
                line.add(" ", palette("text", "raised"))
                line.add(getattr(look.glyphs, one.glyph, one.glyph), palette(one.role, "raised", "bold"))
                line.add(" ", palette("text", "raised"))
                line.add(cut(one.name, NAME), palette("text", "raised", "bold"))
                line.up_to(_indent(one), palette("text", "raised"))
            line.add(shown(text), palette("text", "raised"))
        return line.strip(cells, palette("text", "raised"))


def _indent(one: Trouble) -> int:
    return 3 + (width(cut(one.name, NAME)) + 2 if one.name else 0)
