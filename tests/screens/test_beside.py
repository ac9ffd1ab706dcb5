"""Beside an open composer: reading, coming back, and what arrives meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui import ages, sentences
from agent_tui.app import AgentApp
from agent_tui.config import Settings
from agent_tui.desk.sending import HowToSend
from agent_tui.domain.account import AccountHealth, Health
from agent_tui.domain.conversation import Status, View
from agent_tui.domain.message import Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import DAY, Micros
from agent_tui.screens.presend import PresendCheck
from agent_tui.store.open import open_worker
from tests.desk_data import OLENA, mail_account, message
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, type_text, wait_for

SIZE = (120, 40)


async def begin_reply(app: AgentApp, pilot: Pilot[Any]) -> int:
    conversation = await open_refund(app, pilot)
    await pilot.press("r")
    await wait_for(pilot, app, lambda: desk_of(app).answering.pane.text.has_focus)
    return conversation


def olena_writes(app: AgentApp, conversation: int, text: str) -> None:
    worker = open_worker(app.desk.settings.downloads.parent)
    try:
        with worker.ingest() as tx:
            tx.add_message(message(text, 0, OLENA, unread=True), conversation, Placement(Rule.NEW))
    finally:
        worker.close()


@pytest.mark.parametrize("key", ["r", "tab", "escape"])
async def test_there_is_a_way_back_to_the_text(make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await begin_reply(app, pilot)
        screen = desk_of(app)
        await type_text(pilot, "half")
        await pilot.press("tab")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus)
        assert "r write on" in text_of(app)[-1]
        await pilot.press(key)
        await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)
        assert screen.answering.pane.text.text.startswith("half")


@pytest.mark.parametrize("key", ["e", "i", "N", "f", "!", "c", "J", "K", "z", "g t", "g i", "g x"])
async def test_letters_change_nothing_while_a_text_is_open(make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await begin_reply(app, pilot)
        screen = desk_of(app)
        await pilot.press("tab")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus)
        before = screen.desk.reads.conversation(conversation)
        for _time in range(2):  # it is said each time
            screen.bars.quiet()
            await pilot.press(*key.split())
            await settle(app, pilot)
            assert app.screen is screen
            assert screen.desk.reads.conversation(conversation) == before
            assert "Your text is open below" in text_of(app)[-1]
            assert screen.answering.conversation == screen.thread.shown == conversation
            assert screen.thread.list.has_focus


async def test_a_word_typed_beside_the_text_lands_nowhere_else(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await begin_reply(app, pilot)
        screen = desk_of(app)
        await pilot.press("tab")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus)
        before = screen.desk.reads.conversation(conversation)
        await type_text(pilot, "secret")
        await settle(app, pilot)
        assert screen.answering.conversation == conversation
        assert screen.answering.pane.text.text.startswith("et"), "r leads back, the rest is text"
        assert screen.desk.reads.conversation(conversation) == before


async def test_hits_beside_an_open_text_are_not_changed_either(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await begin_reply(app, pilot)
        screen = desk_of(app)
        await pilot.press("tab")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus)
        await pilot.press("/")
        await wait_for(pilot, app, lambda: screen.inbox.field.has_focus)
        await type_text(pilot, "is:open")
        await wait_for(pilot, app, lambda: screen.inbox.hits is not None and screen.inbox.list.rows.count > 0)
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: screen.inbox.list.has_focus)
        here = screen.inbox.current
        assert here is not None
        before = screen.desk.reads.conversation(here)
        for key in ("e", "c", "x"):
            await pilot.press(key)
            await settle(app, pilot)
            assert screen.answering.conversation == conversation
            assert "Your text is open below" in text_of(app)[-1]
        assert screen.desk.reads.conversation(here) == before
        await pilot.press("tab")
        await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)


async def test_who_writes_meanwhile_is_told_at_once(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await begin_reply(app, pilot)
        screen = desk_of(app)
        await type_text(pilot, "half")
        assert "wrote just now" not in "\n".join(text_of(app))
        olena_writes(app, conversation, "Never mind, it came")
        await wait_for(pilot, app, lambda: "wrote just now" in "\n".join(text_of(app)))
        assert "tab to read it" in "\n".join(text_of(app))
        await type_text(pilot, "x")
        assert "wrote just now" in "\n".join(text_of(app)), "typing does not take it away"
        await pilot.press("tab")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus)
        shown = "\n".join(text_of(app))
        assert "wrote just now" not in shown
        assert "Never mind, it came" in shown


async def test_a_draft_opened_from_the_list_of_drafts_has_the_whole_width(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 40), notifications=True) as pilot:
        await begin_reply(app, pilot)
        screen = desk_of(app)
        await type_text(pilot, "half")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await pilot.press("u")
        screen.thread.clear()
        screen.thread._built_for = 0
        await pilot.press("g", "t")
        await settle(app, pilot)
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await wait_for(pilot, app, lambda: screen.thread._built_for == 80)


async def test_in_the_fields_esc_is_told_to_go_to_the_text(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await begin_reply(app, pilot)
        assert "esc keep" in text_of(app)[-1]
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert "esc to the text" in text_of(app)[-1]


async def test_the_number_is_that_of_the_conversation_on_screen(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        found = screen.desk.reads.conversation(conversation)
        assert found is not None
        screen.inbox.list.go(3)
        screen.bars.tell_place()
        await pilot.pause()
        assert text_of(app)[-1].rstrip().endswith(f"#{found.number}")
        await pilot.press("c")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await pilot.pause()
        assert text_of(app)[-1].rstrip().endswith("new")


async def test_asking_for_news_in_a_conversation_keeps_the_place_in_the_list(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        await pilot.press("j", "j", "j")
        held = screen.inbox.current
        await pilot.press("enter")
        await settle(app, pilot)
        await pilot.press("e")
        await settle(app, pilot)
        await pilot.press("ctrl+r")
        await settle(app, pilot)
        await pilot.press("u")
        await settle(app, pilot)
        assert screen.inbox.current != held, "what was solved left the list"
        assert screen.inbox.list.cursor == 3


async def test_up_at_the_top_lets_in_what_is_new(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        worker = open_worker(app.desk.settings.downloads.parent)
        try:
            with worker.ingest() as tx:
                contact = tx.add_contact(OLENA.name, "email", OLENA.address, "test")
                one = message("hello", -1000, OLENA, unread=True, contact_id=contact)
                made = tx.add_conversation("mail", one.channel, one.subject, contact, Status.NEW, one.arrived_at, None)
                tx.add_message(one, made, Placement(Rule.NEW))
        finally:
            worker.close()
        screen.absorb()
        await pilot.pause()
        assert "1 new above  g g" in text_of(app)[-1]
        await pilot.press("k")
        await pilot.pause()
        assert screen.inbox.current == made
        assert "new above" not in text_of(app)[-1]


async def test_letters_of_the_list_confirm_nothing_in_a_picker(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        for opener in ("!", "s", "P"):
            before = screen.desk.reads.page(View.ALL, "dana", None, 50)
            await pilot.press(opener)
            await pilot.pause()
            assert app.screen is not screen
            for key in (opener, "right"):
                await pilot.press(key)
                await settle(app, pilot)
                assert app.screen is not screen, f"{key} confirmed {opener}"
            await pilot.press("escape")
            await settle(app, pilot)
            assert screen.desk.reads.page(View.ALL, "dana", None, 50) == before


async def test_what_happened_is_told_whole(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        said = "The message could not be sent because the server refused the address."
        screen.bars.say(said, screen.bars.hint("undo"), screen.bars.hint("help"))
        await pilot.pause()
        assert any(said in line for line in text_of(app)[-2:]), "its keys may have a line of their own"


OUR_SIGNS = set("·…│┌┐└┘─├┤●○◐▌▎▸▾✓→“”’")


async def test_ascii_draws_with_ascii_alone(make_app: MakeApp) -> None:
    app = make_app(settings=Settings(ascii=True))
    async with app.run_test(size=(160, 44), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        screen.inbox.list.go(2)
        await settle(app, pilot)
        for opener in (
            "",
            "enter",
            "x",
            "!",
            "s",
            "A",
            "t",
            "h",
            "?",
            ":",
            "ctrl+p",
            "Z",
            "w",
            "v",
            "g x",
            "g c",
            "g t",
        ):
            await pilot.press(*opener.split())
            await settle(app, pilot)
            lines = text_of(app)
            assert not OUR_SIGNS & set("".join(lines)), (opener, [one for one in lines if OUR_SIGNS & set(one)])
            if app.screen is not screen:
                assert "+--" in "\n".join(lines), opener
                await pilot.press("escape")
                await settle(app, pilot)
        await begin_reply(app, pilot)
        await type_text(pilot, "half")
        await pilot.press("ctrl+r")
        await settle(app, pilot)
        lines = text_of(app)
        assert not OUR_SIGNS & set("".join(lines)), [one for one in lines if OUR_SIGNS & set(one)]


async def test_a_parked_draft_is_told_in_its_conversation(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await begin_reply(app, pilot)
        screen = desk_of(app)
        await type_text(pilot, "half")
        assert "Your draft waits here" not in "\n".join(text_of(app))
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await wait_for(pilot, app, lambda: "Your draft waits here.  r write on" in "\n".join(text_of(app)))


async def test_an_answer_for_later_tells_its_time_in_the_conversation(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await begin_reply(app, pilot)
        screen = desk_of(app)
        await type_text(pilot, "See you")
        at = Micros(screen.desk.now() + 3 * DAY)
        screen.answering.going_out.send(HowToSend(at=at))
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert screen.thread.shown == conversation
        said = f"Your answer leaves {ages.moment(at, screen.desk.now())}."
        await wait_for(pilot, app, lambda: said in "\n".join(text_of(app)))


async def test_all_that_may_follow_a_prefix_is_shown(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        await pilot.press("g")
        await wait_for(pilot, app, lambda: "m mine" in "\n".join(text_of(app)[-3:]))
        await wait_for(pilot, app, lambda: "set aside" in "\n".join(text_of(app)[-3:]))
        await pilot.press("escape")
        await pilot.pause()
        assert screen.hint_line.size.height == 1


async def test_words_where_nothing_was_found(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press(":")
        await pilot.pause()
        await type_text(pilot, "prioritty")
        await pilot.pause()
        assert "No command has this name" in "\n".join(text_of(app))


async def test_a_desk_without_accounts_says_how_to_begin(make_app: MakeApp) -> None:
    app = make_app(filled=False)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        if app.screen is not desk_of(app):
            await pilot.press("escape")
            await settle(app, pilot)
        accounts = app.desk.accounts()
        assert ("g c adds one" in "\n".join(text_of(app))) is (not accounts)


async def test_imported_files_are_no_connection(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        worker = open_worker(app.desk.settings.downloads.parent)
        try:
            worker.put_account(replace(mail_account(), id="files", label=SafeText.trusted("files"), offline=True))
            worker.set_health(AccountHealth("files", Health.OFF, app.desk.now()))
        finally:
            worker.close()
        desk_of(app).absorb()
        await pilot.pause()
        assert "2 of 2" in text_of(app)[0]


async def test_a_snooze_says_until_when(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("h")
        await pilot.pause()
        await pilot.press("enter")
        await settle(app, pilot)
        assert " until " in text_of(app)[-1]


async def test_who_gets_it_does_not_move_when_it_is_saved(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 30), notifications=True) as pilot:
        await begin_reply(app, pilot)
        screen = desk_of(app)
        pane = screen.answering.pane
        pane.fields.set({"cc": "maria@partner.example, billing@partner.example"})
        pane.changed()
        await pilot.pause()

        def names() -> str:
            line = next(line for line in text_of(app) if " REPLY " in line)
            return line.replace("saved", "").rstrip()

        before = names()
        assert "maria@partner.example" in before
        await wait_for(pilot, app, lambda: pane.head.shown_state.state == "saved")
        assert names() == before


async def test_read_it_in_the_check_leads_back_to_the_text(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await begin_reply(app, pilot)
        screen = desk_of(app)
        await type_text(pilot, "half")
        olena_writes(app, conversation, "Never mind, it came")
        await wait_for(pilot, app, lambda: "wrote just now" in "\n".join(text_of(app)))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        await pilot.press("v")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus)
        await wait_for(pilot, app, lambda: "r write on" in text_of(app)[-1])
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)


def test_evidence_has_no_numbers_of_the_store() -> None:
    placed = Placement(Rule.IN_REPLY_TO, {"message": "4711", "conversation": "815", "field": "in_reply_to"})
    said = " ".join(sentences.placement(placed))
    assert "4711" not in said
    assert "815" not in said
    assert "in_reply_to" not in said
