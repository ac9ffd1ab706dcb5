"""The word at the end of a row: of several that are true, the one that matters where it is read."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from agent_tui.domain.conversation import Channel, ConversationRow, Priority, Status, View
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.widgets.inbox_rows import RowContext, comfortable, compact, state_of
from agent_tui.widgets.look import Look
from agent_tui.widgets.palette import Palette, shipped

S = SafeText.trusted
ROW = ConversationRow(
    id=1,
    number=1,
    customer=S("Ann"),
    channel=Channel.EMAIL,
    subject=S("Question"),
    snippet=S("Hello"),
    status=Status.OPEN,
    priority=Priority.NORMAL,
    assignee=None,
    unread=False,
    last_at=Micros(0),
)


def test_beside_a_conversation_a_subject_in_one_line_takes_what_a_state_leaves() -> None:
    shop = "Refund of order 4417"
    row = replace(ROW, subject=S(shop))
    look, context = Look(Palette(shipped()["dark"])), RowContext("dana", lambda: Micros(0))
    said = compact(row, 46, look, context, current=False).text
    assert shop in said
    failed = compact(replace(row, delivery_failed=True), 46, look, context, current=False).text
    assert " failed " in failed
    assert failed.split("failed")[1] == said[-len(failed.split("failed")[1]) :], "ages stand under each other"


@pytest.mark.parametrize(
    ("status", "view", "word"),
    [
        (Status.OPEN, View.INBOX, "failed"),
        (Status.WAITING, View.ALL, "failed"),
        (Status.SOLVED, View.INBOX, "solved"),
        (Status.SOLVED, View.ALL, "solved"),
        (Status.SOLVED, None, "solved"),
        (Status.SOLVED, View.SOLVED, "failed"),
        (Status.SPAM, View.INBOX, "spam"),
        (Status.SPAM, View.SPAM, "failed"),
    ],
)
def test_a_failure_that_was_solved_is_shown_as_solved_but_among_the_solved(
    status: Status, view: View | None, word: str
) -> None:
    row = replace(ROW, status=status, delivery_failed=True)
    assert state_of(row, Micros(0), view)[0] == word


@pytest.mark.parametrize(
    ("cells", "lines", "shows"),
    [(80, 1, True), (60, 1, False), (42, 2, True), (30, 2, False), (140, 1, True)],
)
def test_tags_stand_where_the_subject_leaves_them_room(cells: int, lines: int, shows: bool) -> None:
    row = replace(ROW, subject=S("Повернення 4417"), tags=(S("vip"), S("борг"), S("x")))
    context, look = RowContext("dana", lambda: Micros(0)), Look(Palette(shipped()["dark"]))
    draw = compact if lines == 1 else partial(comfortable, part=1)
    said = draw(row=row, cells=cells, look=look, context=context, current=False).text
    assert ("vip борг +1" in said) is shows
    assert "Повернення 4417" in said or not shows, "the subject is never cut for them"
    assert len(said) == cells


@pytest.mark.parametrize(
    ("assignee", "priority", "end"),
    [
        (None, Priority.NORMAL, "…  now "),
        ("petro", Priority.NORMAL, "… petro         now "),
        (None, Priority.URGENT, "… urgent  now "),
        ("petro", Priority.URGENT, "… petro urgent  now "),
    ],
)
def test_a_long_subject_goes_on_where_no_name_and_no_state_stand(
    assignee: str | None, priority: Priority, end: str
) -> None:
    look, context = Look(Palette(shipped()["dark"])), RowContext("dana", lambda: Micros(0))
    name = None if assignee is None else S(assignee)
    row = replace(ROW, subject=S("word" * 40), assignee=name, priority=priority)
    said = compact(row, 80, look, context, current=False).text
    assert len(said) == 80
    assert said.endswith(end)
