"""Conversations one after the other, page by page: for the command line and for exports."""

from __future__ import annotations

from collections.abc import Iterator

from agent_tui.desk.workspace import Desk
from agent_tui.domain.conversation import ConversationRow, PageKey, View

PAGE = 200


def rows(desk: Desk, view: View) -> Iterator[ConversationRow]:
    """All rows of a view, newest first."""
    before: PageKey | None = None
    while True:
        page = desk.reads.page(view, desk.agent, before, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        before = PageKey(page[-1].last_at, page[-1].id)


def every_conversation(desk: Desk) -> Iterator[int]:
    """Ids of all conversations, spam included."""
    for view in (View.ALL, View.SPAM):
        for row in rows(desk, view):
            yield row.id
