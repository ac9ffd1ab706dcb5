"""The conversation above a text: where it stands when the text opens, and how much of it the draft has seen."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from agent_tui.desk.compose import Started
from agent_tui.domain.message import Message, Note
from agent_tui.screens.thread_pane import Landing
from agent_tui.widgets.thread_rows import ThreadRows

if TYPE_CHECKING:
    from agent_tui.screens.hands_answer import Answering

LAID_OUT = 3.0
"""Seconds that laying out may take; what is in sight is looked at behind it all the same."""


class Sight:
    """What is in sight while something is written."""

    def __init__(self, answering: Answering) -> None:
        self.screen = answering.screen
        self.pane = answering.pane
        self.there = 0
        """The newest that stood in the conversation, seen or not, when the text was opened."""

    def order(self, conversation: int) -> int | None:
        """Up to where it was seen; None where it is not open."""
        thread = self.screen.thread
        if thread.open is None or thread.open.id != conversation:
            return None
        return thread.unseen.seen_order(thread.open.items)

    async def settle(self, started: Started) -> None:
        """The text was opened. As soon as both are laid out, it is known what stands above it."""
        thread = self.screen.thread
        thread.settling = True
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._land(started), LAID_OUT)
        finally:
            thread.settling = False
        now = self.pane.started
        if thread.open is None or now is None or now.draft.conversation_id != thread.open.id:
            return
        thread.look_below()
        seen = thread.unseen.seen_order(thread.open.items, now.draft.seen_order if now.resumed else None)
        self.there = thread.open.seen_order
        self.screen.run_worker(self.screen.mark_read(), group="read", exit_on_error=False)
        self.pane.started = replace(now, draft=replace(now.draft, seen_order=seen))

    async def _land(self, started: Started) -> None:
        """Bring it into sight, until both are laid out and the next refresh changes nothing."""
        window, pane = self.screen.thread.list, self.pane
        said, before = self._said(started), None
        while before != (now := (window.region, pane.region)) or (pane.display and not pane.region):
            before, painted = now, asyncio.Event()
            said = said if said[0] else self._said(started)
            self._bring(*said)
            self.screen.call_after_refresh(painted.set)
            await painted.wait()

    def _said(self, started: Started) -> tuple[list[Message | Note], bool]:
        """What is to be in sight: what nobody saw since the draft was put aside, the newest, or what is answered. And
        whether nobody saw it."""
        draft, opened = started.draft, self.screen.thread.open
        if opened is None or draft.conversation_id != opened.id:
            return [], False
        spoken = [one for one in opened.items if isinstance(one, Message | Note)]
        newer = [one for one in spoken if one.order > draft.seen_order] if started.resumed else []
        missed = self.screen.thread.unseen.missed(newer, draft.seen_order)
        answered: list[Message | Note] = [one for one in spoken if isinstance(one, Message) and one.id == draft.answers]
        return missed or newer[-1:] or answered, bool(missed)

    def _bring(self, said: list[Message | Note], missed: bool) -> None:
        """Its end right above the text; of several that have no room together, and of what nobody saw, the first from its
        head on."""
        window = self.screen.thread.list
        rows = window.rows
        if not said or not isinstance(rows, ThreadRows):
            return
        first, last = rows.place_of(said[0]), rows.place_of(said[-1])
        head, end = rows.top(first) + rows.blocks[first].lead, rows.top(last) + rows.height(last) - 1
        landing = Landing(head, end, several=missed or len(said) > 1)
        from_head = landing.first_line(rows.lines, window.size.height) == head
        window.land(rows, first if from_head else last, landing)

    def look_again(self) -> None:
        """The agent was in the conversation: what stood in its window then was seen."""
        thread, started = self.screen.thread, self.pane.started
        if thread.open is None or started is None or started.draft.conversation_id != thread.open.id:
            return
        thread.look_below()
        seen = thread.unseen.seen_order(thread.open.items, started.draft.seen_order)
        if seen > started.draft.seen_order:
            self.pane.has_seen(seen)
