"""Rows of the list: who, by which road, what about, whose, and how old. One line or two."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from rich.style import Style
from textual.strip import Strip

from agent_tui import ages
from agent_tui.domain.conversation import Channel, ConversationRow, Priority, Status, View
from agent_tui.domain.times import Micros
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, cut, in_cell, width
from agent_tui.widgets.look import Glyphs, Look
from agent_tui.widgets.palette import Palette
from agent_tui.words import _, language, pgettext

CUSTOMER, ASSIGNEE = 20, 5
TAGS_FROM = 120
"""Tags have room in a compact row from this width on."""
CHANNEL_FROM, ASSIGNEE_FROM, SNIPPET_FROM = 66, 76, 60
DRAWN = 256
"""So many drawn lines are kept: more than any window shows twice over."""


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


class _Shown(NamedTuple):
    """All that the lines of a row depend on besides its conversation: where both are equal, so is what is drawn."""

    palette: Palette
    glyphs: Glyphs
    ground: str
    current: bool
    selected: bool
    assignee: str
    state: str
    role: str
    age: str
    language: str

    def pen(self, role: str, weight: str = "") -> Style:
        """The style of a role on the ground of this row."""
        return self.palette(role, self.ground, weight)


def _shown(row: ConversationRow, look: Look, context: RowContext, *, current: bool) -> _Shown:
    present = context.now()
    state, role = state_of(row, present, context.view)
    return _Shown(
        look.palette,
        look.glyphs,
        look.cursor_ground if current else "ground",
        current,
        row.id in context.selected,
        assignee_of(row.assignee, context.agent),
        state,
        role,
        ages.age(row.last_at, present),
        language(),
    )


def compact(row: ConversationRow, cells: int, look: Look, context: RowContext, *, current: bool) -> Strip:
    """One line. As it narrows the assignee goes first, then the channel, then the snippet."""
    return _compact(row, cells, _shown(row, look, context, current=current))


def comfortable(
    row: ConversationRow, part: int, cells: int, look: Look, context: RowContext, *, current: bool
) -> Strip:
    """Two lines: who and how old; the road, what about, and the state."""
    return _comfortable(row, part, cells, _shown(row, look, context, current=current))


# A list that moves by a row shows all others again: they are drawn once.


@lru_cache(maxsize=DRAWN)
def _compact(row: ConversationRow, cells: int, shown: _Shown) -> Strip:
    pen, line, fixed = shown.pen, Line(), columns(shown.language)
    _lead(line, row, shown)
    line.cell(customer_of(row), CUSTOMER if cells >= 60 else max(8, cells // 3), _customer(row, shown))
    line.add(" ", pen("text"))
    if cells >= CHANNEL_FROM:
        line.cell(labels.channel(row.channel), fixed.channel, pen("faint")).add(" ", pen("text"))
    # beside a conversation the subject takes what a state leaves: a column of them would cut it for nothing
    state = fixed.state if cells >= SNIPPET_FROM else width(shown.state)
    whose = ASSIGNEE if cells >= ASSIGNEE_FROM else 0
    right = 1 + (whose + 1 if whose else 0) + (state + 1 if state else 0) + fixed.age + 1
    room, tags = max(0, cells - line.width - right), _tags(row)
    if tags and (cells >= TAGS_FROM or _has_room(row, tags, room)):
        room = max(0, room - width(tags) - 1)
    else:
        tags = ""
    if width(subject_of(row)) > room and not tags and not shown.assignee:
        # a long subject goes on where nobody's name stands, and no state
        room, whose = room + (whose + 1 if whose else 0), 0
        if state and not shown.state:
            room, state = room + state + 1, 0
    _subject(line, row, room, shown, with_snippet=cells >= SNIPPET_FROM)
    if tags:
        line.add(" ", pen("text")).add(tags, pen("quiet"))
    line.add(" ", pen("text"))
    if whose:
        line.cell(shown.assignee, whose, pen("quiet")).add(" ", pen("text"))
    if state:
        line.right(shown.state, state, pen(shown.role)).add(" ", pen("text"))
    line.right(shown.age, fixed.age, pen("quiet"))
    return line.strip(cells, pen("text"))


@lru_cache(maxsize=DRAWN)
def _comfortable(row: ConversationRow, part: int, cells: int, shown: _Shown) -> Strip:
    pen, line, fixed = shown.pen, Line(), columns(shown.language)
    if part == 0:
        _lead(line, row, shown)
        assignee = shown.assignee if cells >= 36 else ""
        right = fixed.age + 2 + (width(assignee) + 1 if assignee else 0)
        line.cell(customer_of(row), cells - line.width - right, _customer(row, shown)).add(" ", pen("text"))
        if assignee:
            line.add(assignee, pen("faint")).add(" ", pen("text"))
        line.right(shown.age, fixed.age, pen("quiet"))
        return line.strip(cells, pen("text"))
    line.add(shown.glyphs.bar if shown.current else " ", pen("accent")).add("  ", pen("text"))
    line.cell(labels.channel(row.channel), fixed.channel, pen("faint")).add(" ", pen("text"))
    right = width(shown.state) + 2 if shown.state else 1
    room, tags = cells - line.width - right, _tags(row)
    beside = bool(tags) and _has_room(row, tags, room)
    line.cell(subject_of(row), room - (width(tags) + 1 if beside else 0), pen("text" if row.unread else "quiet"))
    if beside:
        line.add(" ", pen("text")).add(tags, pen("faint"))
    if shown.state:
        line.add(" ", pen("text")).add(shown.state, pen(shown.role))
    return line.strip(cells, pen("text"))


def _lead(line: Line, row: ConversationRow, shown: _Shown) -> None:
    glyphs, pen = shown.glyphs, shown.pen
    line.add(glyphs.bar if shown.current else " ", pen("accent"))
    line.add(glyphs.dot if row.unread else " ", pen("accent"))
    line.add(glyphs.check if shown.selected else " ", pen("accent", "bold"))


def _customer(row: ConversationRow, shown: _Shown) -> Style:
    return shown.pen("text", "bold" if row.unread else "")


def _has_room(row: ConversationRow, tags: str, room: int) -> bool:
    """The subject is not cut for them."""
    return width(subject_of(row)) + 1 + width(tags) <= room


def _tags(row: ConversationRow) -> str:
    shown = [cut(in_cell(tag), 12) for tag in row.tags[:2]]
    more = len(row.tags) - len(shown)
    return " ".join([*shown, *([f"+{more}"] if more > 0 else [])])


def _subject(line: Line, row: ConversationRow, room: int, shown: _Shown, *, with_snippet: bool) -> None:
    pen = shown.pen
    subject = cut(subject_of(row), room, shown.glyphs.ellipsis)
    line.add(subject, pen("text"))
    left = room - width(subject)
    told = not row.subject.strip() and row.channel is not Channel.EMAIL
    snippet = in_cell(row.snippet).strip() if with_snippet and not told else ""
    if snippet and left > 6:
        between = f" {shown.glyphs.middot} "
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
