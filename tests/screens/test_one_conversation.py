"""List and conversation point at the same one, however it came onto the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.domain.conversation import View
from agent_tui.domain.message import Note, Placement, Rule
from agent_tui.screens.drafts_list import DraftsSheet
from agent_tui.screens.presend import PresendCheck
from agent_tui.store.open import open_worker
from tests.desk_data import OLENA, message
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, type_text, wait_for

SIZE = (120, 40)


async def draft_of_refund(app: AgentApp, pilot: Pilot[Any]) -> int:
    """A draft waits in a conversation, and the desk is back at the top of its list."""
    conversation = await open_refund(app, pilot)
    screen = desk_of(app)
    await pilot.press("r")
    await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)
    await type_text(pilot, "half")
    await pilot.press("escape")
    await wait_for(pilot, app, lambda: not screen.answering.is_open)
    await pilot.press("u")
    await settle(app, pilot)
    return conversation


async def resume_by_the_list_of_drafts(app: AgentApp, pilot: Pilot[Any]) -> None:
    screen = desk_of(app)
    await pilot.press("g", "t")
    await wait_for(pilot, app, lambda: isinstance(app.screen, DraftsSheet))
    await settle(app, pilot)
    await pilot.press("enter")
    await wait_for(pilot, app, lambda: screen.answering.is_open and screen.answering.pane.text.has_focus)


async def test_the_list_follows_a_conversation_opened_by_its_draft(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await draft_of_refund(app, pilot)
        screen = desk_of(app)
        place = screen.inbox.place_of(conversation)
        screen.inbox.list.go(0 if place else 1)
        await settle(app, pilot)
        assert screen.inbox.current != conversation
        await resume_by_the_list_of_drafts(app, pilot)
        assert screen.inbox.current == conversation
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await pilot.press("tab")
        await wait_for(pilot, app, lambda: screen.inbox.list.has_focus)
        assert screen.thread.shown == screen.inbox.current == conversation


@pytest.mark.parametrize("key", ["tab", "escape", "click"])
async def test_where_the_list_has_it_not_the_pane_follows_the_list(make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await draft_of_refund(app, pilot)
        screen = desk_of(app)
        away = next(
            view
            for view in View
            if (rows := screen.desk.reads.page(view, "dana", None, 50)) and conversation not in {row.id for row in rows}
        )
        screen.go_to(away)
        await settle(app, pilot)
        await resume_by_the_list_of_drafts(app, pilot)
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open and screen.thread.list.has_focus)
        assert screen.thread.shown == conversation
        here = screen.inbox.current
        assert here is not None
        if key == "click":
            screen.set_focus(screen.inbox.list)
            await wait_for(pilot, app, lambda: screen.thread.shown == here)
        else:
            screen.press(key)
            assert screen.thread.shown == here, "before any other key acts"
        await settle(app, pilot)
        assert screen.inbox.list.has_focus
        assert "Your draft waits here" not in "\n".join(text_of(app))


async def test_a_conversation_joined_to_another_while_it_is_read_and_answered(
    make_app: MakeApp, tmp_path: Path
) -> None:
    """Pane and draft go along, and what came meanwhile is told before the answer leaves."""
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        source = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)
        await type_text(pilot, "half")
        others = screen.desk.reads.page(View.INBOX, "dana", None, 50)
        target = next(row.id for row in others if row.id != source)
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            tx.merge_conversation(source, target, Placement(Rule.REFERENCES))
            tx.add_message(message("The delayed one", -60_000_000, OLENA), target, Placement(Rule.IN_REPLY_TO))
        worker.close()
        await wait_for(pilot, app, lambda: screen.thread.shown == target)
        shown = "\n".join(text_of(app))
        assert screen.thread.open is not None
        assert any(getattr(item, "text", "") == "The delayed one" for item in screen.thread.open.items)
        assert "half" in shown
        assert screen.answering.conversation == target
        await type_text(pilot, " done")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        assert "you have not seen it" in "\n".join(text_of(app))
        await pilot.press("v")
        await wait_for(pilot, app, lambda: app.screen is screen)
        screen.open(source)  # a list that does not know it yet
        await settle(app, pilot)
        assert screen.thread.shown == target


async def test_a_note_written_beside_goes_along(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        source = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("N")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "ask")
        target = next(row.id for row in screen.desk.reads.page(View.INBOX, "dana", None, 50) if row.id != source)
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            tx.merge_conversation(source, target, Placement(Rule.REFERENCES))
        worker.close()
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        notes = [one for one in screen.desk.reads.items(target, None, 50) if isinstance(one, Note)]
        assert notes[-1].text == "ask"
