"""Rows of the list: who, by which road, what about, whose, and how old. One line or two."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rich.style import Style
from textual.strip import Strip

from agent_tui import ages
from agent_tui.domain.conversation import Channel, ConversationRow, Priority, Status, View
from agent_tui.domain.times import Micros
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, cut, in_cell, width
from agent_tui.widgets.look import Look
from agent_tui.words import _, language, pgettext

CUSTOMER, ASSIGNEE = 20, 5
TAGS_FROM = 120
"""Tags have room in a compact row from this width on."""
CHANNEL_FROM, ASSIGNEE_FROM, SNIPPET_FROM = 66, 76, 60


@dataclass(slots=True)
class RowContext:
    """What a row must know besides its conversation."""

    agent: str
    now: Callable[[], Micros]
    selected: Collection[int] = ()
    view: View | None = None
    """The view whose rows these are; None among hits."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns as wide as their longest word in the agent's language, so that no label is cut."""

    channel: int
    state: int
    age: int


@lru_cache(maxsize=4)
def columns(code: str) -> Columns:
    """The columns of a language."""
    channels = [labels.channel(kind) for kind in Channel]
    states = [*_state_words(), *(labels.priority(one) for one in (Priority.HIGH, Priority.URGENT)), "00:00", "30 Nov"]
    return Columns(
        channel=max(map(width, channels)),
        state=max(map(width, states)),
        age=max(4, width(pgettext("age", "now"))),
    )


def _state_words() -> tuple[str, ...]:
    return (
        _("failed"),
        _("draft"),
        _("asleep"),
        pgettext("state", "wait"),
        pgettext("state", "solved"),
        pgettext("state", "spam"),
    )


def state_of(row: ConversationRow, present: Micros, view: View | None = None) -> tuple[str, str]:
    """The word of the state column and its role: what is wrong first, then what waits.

    Who solved it behind a failure has dealt with that, and is shown so; where all rows are solved the failure tells more.
    """
    done = row.status in (Status.SOLVED, Status.CLOSED, Status.SPAM) and view not in (View.SOLVED, View.SPAM)
    if row.delivery_failed and not done:
        return _("failed"), "late"
    if row.draft and row.status is not Status.SNOOZED:  # solved or spam: what was begun is not forgotten with it
        return _("draft"), "accent"
    if row.status in (Status.SOLVED, Status.CLOSED):
        return pgettext("state", "solved"), "good"
    if row.status is Status.SPAM:
        return pgettext("state", "spam"), "due"
    if row.status is Status.SNOOZED:
        until = ages.until(row.snoozed_until, present) if row.snoozed_until else _("asleep")
        return until, "faint"
    if row.status is Status.WAITING:
        return pgettext("state", "wait"), "faint"
    if row.priority >= Priority.HIGH:
        return labels.priority(row.priority), labels.PRIORITY_ROLES[row.priority]
    return "", "faint"


def subject_of(row: ConversationRow) -> str:
    """The subject, or what stands for it: chats have none, there the last words tell what it is about."""
    subject = in_cell(row.subject).strip()
    if not subject and row.channel is not Channel.EMAIL:
        subject = in_cell(row.snippet).strip()
    return subject or _("no subject")


def customer_of(row: ConversationRow) -> str:
    """Who, or that nobody is known."""
    return in_cell(row.customer).strip() or _("unknown sender")


def assignee_of(name: str | None, agent: str) -> str:
    """Whose it is: `You`, a name, or nothing."""
    if name is None:
        return ""
    return _("You") if name == agent else in_cell(name)


class _Pen:
    """Styles of one row."""

    def __init__(self, look: Look, *, current: bool) -> None:
        self.ground = look.cursor_ground if current else "ground"
        self._palette = look.palette

    def __call__(self, role: str, weight: str = "") -> Style:
        return self._palette(role, self.ground, weight)


def _lead(line: Line, row: ConversationRow, pen: _Pen, look: Look, context: RowContext, *, current: bool) -> None:
    glyphs = look.glyphs
    line.add(glyphs.bar if current else " ", pen("accent"))
    line.add(glyphs.dot if row.unread else " ", pen("accent"))
    line.add(glyphs.check if row.id in context.selected else " ", pen("accent", "bold"))


def compact(row: ConversationRow, cells: int, look: Look, context: RowContext, *, current: bool) -> Strip:
    """One line. As it narrows the assignee goes first, then the channel, then the snippet."""
    pen, line, present, fixed = _Pen(look, current=current), Line(), context.now(), columns(language())
    _lead(line, row, pen, look, context, current=current)
    line.cell(customer_of(row), CUSTOMER if cells >= 60 else max(8, cells // 3), _customer(row, pen))
    line.add(" ", pen("text"))
    if cells >= CHANNEL_FROM:
        line.cell(labels.channel(row.channel), fixed.channel, pen("faint")).add(" ", pen("text"))
    right = 1 + fixed.state + 1 + fixed.age + 1 + (ASSIGNEE + 1 if cells >= ASSIGNEE_FROM else 0)
    tags = _tags(row) if cells >= TAGS_FROM else ""
    room = max(0, cells - line.width - right - (width(tags) + 1 if tags else 0))
    _subject(line, row, room, pen, look, with_snippet=cells >= SNIPPET_FROM)
    if tags:
        line.add(" ", pen("text")).add(tags, pen("quiet"))
    line.add(" ", pen("text"))
    if cells >= ASSIGNEE_FROM:
        line.cell(assignee_of(row.assignee, context.agent), ASSIGNEE, pen("quiet")).add(" ", pen("text"))
    state, role = state_of(row, present, context.view)
    line.right(state, fixed.state, pen(role)).add(" ", pen("text"))
    line.right(ages.age(row.last_at, present), fixed.age, pen("quiet"))
    return line.strip(cells, pen("text"))


def comfortable(
    row: ConversationRow, part: int, cells: int, look: Look, context: RowContext, *, current: bool
) -> Strip:
    """Two lines: who and how old; the road, what about, and the state."""
    pen, line, present, fixed = _Pen(look, current=current), Line(), context.now(), columns(language())
    if part == 0:
        _lead(line, row, pen, look, context, current=current)
        assignee = assignee_of(row.assignee, context.agent)
        right = fixed.age + 2 + (width(assignee) + 1 if assignee and cells >= 36 else 0)
        line.cell(customer_of(row), cells - line.width - right, _customer(row, pen)).add(" ", pen("text"))
        if assignee and cells >= 36:
            line.add(assignee, pen("faint")).add(" ", pen("text"))
        line.right(ages.age(row.last_at, present), fixed.age, pen("quiet"))
        return line.strip(cells, pen("text"))
    line.add(look.glyphs.bar if current else " ", pen("accent")).add("  ", pen("text"))
    line.cell(labels.channel(row.channel), fixed.channel, pen("faint")).add(" ", pen("text"))
    state, role = state_of(row, present, context.view)
    right = width(state) + 2 if state else 1
    line.cell(subject_of(row), cells - line.width - right, pen("text" if row.unread else "quiet"))
    if state:
        line.add(" ", pen("text")).add(state, pen(role))
    return line.strip(cells, pen("text"))


def _customer(row: ConversationRow, pen: _Pen) -> Style:
    return pen("text", "bold") if row.unread else pen("text")


def _tags(row: ConversationRow) -> str:
    shown = [cut(in_cell(tag), 12) for tag in row.tags[:2]]
    more = len(row.tags) - len(shown)
    return " ".join([*shown, *([f"+{more}"] if more > 0 else [])])


def _subject(line: Line, row: ConversationRow, room: int, pen: _Pen, look: Look, *, with_snippet: bool) -> None:
    subject = cut(subject_of(row), room, look.glyphs.ellipsis)
    line.add(subject, pen("text"))
    left = room - width(subject)
    told = not row.subject.strip() and row.channel is not Channel.EMAIL
    snippet = in_cell(row.snippet).strip() if with_snippet and not told else ""
    if snippet and left > 6:
        between = f" {look.glyphs.middot} "
        line.add(between, pen("faint")).cell(snippet, left - width(between), pen("faint"))
    else:
        line.add(" " * left, pen("text"))


class RowSource(Protocol):
    """Where the rows come from: the list of a view."""

    @property
    def count(self) -> int:
        """How many."""
        ...

    def row(self, index: int) -> ConversationRow | None:
        """The row at a place."""
        ...


class ListRows:
    """The rows of a view for a `VirtualList`."""

    def __init__(self, source: RowSource, context: RowContext, height: int) -> None:
        self.source = source
        self.context = context
        self.per_row = height

    @property
    def count(self) -> int:
        """How many conversations."""
        return self.source.count

    @property
    def lines(self) -> int:
        """How many lines."""
        return self.source.count * self.per_row

    def top(self, row: int) -> int:
        """First line of a row."""
        return row * self.per_row

    def height(self, row: int) -> int:
        """All rows are alike."""
        return self.per_row

    def at(self, line: int) -> int:
        """The row of a line."""
        return line // self.per_row

    def draw(self, row: int, part: int, width: int, look: Look, *, current: bool, active: bool) -> Strip:
        """One line of a row; an empty one where it cannot be read any more."""
        conversation = self.source.row(row)
        if conversation is None:
            return Strip.blank(width, look.palette("text"))
        if self.per_row == 1:
            return compact(conversation, width, look, self.context, current=current)
        return comfortable(conversation, part, width, look, self.context, current=current)
