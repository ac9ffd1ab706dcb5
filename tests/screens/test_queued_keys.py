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
from agent_tui.screens.welcome import Welcome
from agent_tui.store.ports import StoreError
from tests.screens.conftest import READING, MakeApp, desk_of, settle, text_of
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


@pytest.mark.parametrize("typed", ["refund", "jjj", "e!", "возврат"])
async def test_what_is_typed_behind_the_key_that_searches_is_searched_for(make_app: MakeApp, typed: str) -> None:
    """In one write, as a slow line delivers it: none of it acts on the row under the cursor."""
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        cursor, row = screen.inbox.list.cursor, screen.inbox.row()
        app.post_message(events.Key("slash", "/"))
        for letter in typed:
            app.post_message(events.Key("exclamation_mark" if letter == "!" else letter, letter))
        await wait_for(pilot, app, lambda: screen.inbox.field.value == typed)
        assert app.screen is screen
        assert not screen.answering.is_open
        await pilot.press("escape")
        await settle(app, pilot)
        assert screen.inbox.list.cursor == cursor
        assert screen.inbox.row() == row


async def test_what_is_typed_behind_the_key_that_leads_back_to_the_text_is_text(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await pilot.press("tab")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus)
        for letter in "reject":
            app.post_message(events.Key(letter, letter))
        await wait_for(pilot, app, lambda: screen.answering.pane.text.text.startswith("eject"))


async def test_what_is_typed_behind_a_search_and_enter_is_meant_for_its_hits(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        before = {row.id: row.status for row in app.desk.reads.rows(range(1, 40), app.desk.agent).values()}
        app.post_message(events.Key("slash", "/"))
        for letter in "refund":
            app.post_message(events.Key(letter, letter))
        app.post_message(events.Key("enter", None))
        app.post_message(events.Key("e", "e"))
        await wait_for(pilot, app, lambda: screen.inbox.hits is not None and screen.inbox.list.has_focus)
        hit = screen.inbox.row()
        assert hit is not None
        await wait_for(pilot, app, lambda: any("Solved" in line for line in text_of(app)))
        after = {row.id: row.status for row in app.desk.reads.rows(range(1, 40), app.desk.agent).values()}
        assert {number for number in before if after[number] is not before[number]} <= {hit.id}


async def test_what_is_typed_behind_the_end_of_a_search_is_meant_for_the_list(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        for key, letter in (("slash", "/"), ("q", "q"), ("x", "x"), ("escape", None), ("j", "j"), ("j", "j")):
            app.post_message(events.Key(key, letter))
        await wait_for(pilot, app, lambda: screen.inbox.list.cursor == 2)
        await settle(app, pilot)
        assert screen.inbox.hits is None
        assert screen.is_ready


async def test_a_search_that_fails_holds_no_keys_back(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)

        def broken(*_arguments: object) -> None:
            raise StoreError("broken")

        monkeypatch.setattr(screen.inbox.searching, "hits", broken)
        for key, letter in (("slash", "/"), ("q", "q"), ("enter", None)):
            app.post_message(events.Key(key, letter))
        await wait_for(pilot, app, lambda: screen.inbox.field.value == "q" and screen.is_ready)
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: screen.inbox.list.has_focus)


@pytest.mark.parametrize("keys", ["a", "enter", "d", "question_mark"])
async def test_what_was_typed_before_the_welcome_chooses_nothing(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setattr(Welcome, "READING", 30.0)
    app = make_app(filled=False)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        app.post_message(events.Key(keys, keys if len(keys) == 1 else None))
        await settle(app, pilot)
        assert type(app.screen).__name__ == "Welcome"
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))


async def test_keys_wait_for_the_welcome_of_an_empty_workspace(make_app: MakeApp) -> None:
    app = make_app(filled=False)
    async with app.run_test(size=SIZE) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        screen = desk_of(app)
        assert screen.is_ready
        app.pop_screen()
        screen.welcoming = True
        app.post_message(events.Key("question_mark", "?"))
        await pilot.pause(0.1)
        assert len(app.screen_stack) == 2, "no sheet of keys: the key waits"
        screen.minding.welcome()
        await settle(app, pilot)
        assert [type(one).__name__ for one in app.screen_stack[2:]] == ["Welcome"], "and chooses nothing there"
