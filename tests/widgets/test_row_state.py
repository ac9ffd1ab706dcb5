"""The word at the end of a row: of several that are true, the one that matters where it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_tui.domain.conversation import Channel, ConversationRow, Priority, Status, View
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.widgets.inbox_rows import state_of

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
