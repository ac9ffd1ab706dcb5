"""What was typed before a question stood on the screen is no answer to it."""

from __future__ import annotations

import asyncio

import pytest
from textual import events

from agent_tui.desk.letters import Letter
from agent_tui.desk.sending import HowToSend
from agent_tui.domain.outbox import OutboxItem
from agent_tui.screens.presend import PresendCheck
from agent_tui.screens.sheet import Question
from agent_tui.store.ports import StoreError
from tests.screens.conftest import READING, MakeApp, desk_of, settle
from tests.screens.test_composing import SIZE, open_refund, type_text, wait_for


@pytest.mark.parametrize("times", [2, 3, 5])
@pytest.mark.parametrize("at_once", [True, False])
async def test_send_pressed_several_times_leaves_the_check_open(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, times: int, at_once: bool
) -> None:
    """The later ones come from the same impatience as the first: nobody has read the reasons yet."""
    monkeypatch.setattr(PresendCheck, "READING", 30.0)
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        before = len(screen.desk.reads.outbox(open_only=False))
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Please find attached")
        for _ in range(times):
            if at_once:
                app.post_message(events.Key("ctrl+s", None))
            else:
                await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        await settle(app, pilot)
        await pilot.press("ctrl+s")
        await settle(app, pilot)
        assert isinstance(app.screen, PresendCheck)
        assert screen.answering.is_open
        assert len(screen.desk.reads.outbox(open_only=False)) == before
        # and one that is pressed in sight of the reasons sends
        monkeypatch.setattr(PresendCheck, "READING", READING)
        await pilot.pause(READING)
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        items = [item for item in screen.desk.reads.outbox() if item.conversation_id == conversation]
        assert items[0].text.startswith("Please find attached")
        assert len(screen.desk.reads.outbox(open_only=False)) == before + 1


@pytest.mark.parametrize("ending", ["queued", "refused"])
async def test_what_is_typed_while_it_is_queued_goes_where_the_hands_are_then(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Queued: to the desk, as if it had taken no time. Refused: into the text, which stands there still."""
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "It left today")
        going = screen.answering.going_out
        held, send = asyncio.Event(), going.sending.send

        async def slow(letter: Letter, how: HowToSend) -> OutboxItem:
            await held.wait()
            if ending == "refused":
                raise StoreError("busy")
            return await send(letter, how)

        monkeypatch.setattr(going.sending, "send", slow)
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: going.busy)
        typed = events.Key("question_mark", "?")
        for key in (events.Key("ctrl+s", None), typed):
            app.post_message(key)
        await pilot.pause(0.1)
        assert "today?" not in screen.answering.pane.text.text
        held.set()
        if ending == "refused":
            await wait_for(pilot, app, lambda: "It left today?" in screen.answering.pane.text.text)
            assert screen.answering.is_open
        else:
            await wait_for(pilot, app, lambda: app.screen is not screen)
            assert not screen.answering.is_open
            assert "today?" not in screen.desk.reads.outbox()[0].text


async def test_text_typed_on_mends_nothing_and_esc_leads_back(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PresendCheck, "READING", 30.0)
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Please find attached")
        screen.answering.pane.fields.set({"cc": "maria@partner.example"})
        screen.answering.pane.changed()
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        await pilot.press("d", "f", "ctrl+s")
        await settle(app, pilot)
        assert isinstance(app.screen, PresendCheck)
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: screen is app.screen_stack[-1])
        assert [str(person.address) for person in screen.answering.pane.draft().cc] == ["maria@partner.example"]


@pytest.mark.parametrize("answer", ["enter", "y", "o", "enter enter", "y y"])
async def test_what_was_typed_before_a_question_marks_nothing_as_spam(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """In mutt and vim `!` is the shell; the keys behind it were meant for that, in one write with it."""
    monkeypatch.setattr(Question, "READING", 30.0)
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        row = desk_of(app).inbox.row()
        assert row is not None
        app.post_message(events.Key("exclamation_mark", "!"))
        for key in answer.split():
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_for(pilot, app, lambda: isinstance(app.screen, Question))
        await settle(app, pilot)
        assert any(isinstance(screen, Question) for screen in app.screen_stack)
        monkeypatch.setattr(Question, "READING", 0.0)
        await pilot.press("enter")  # no is what Enter says
        await settle(app, pilot)
        assert app.screen is desk_of(app)
        found = app.desk.reads.conversation(row.id)
        assert found is not None
        assert found.status is row.status
