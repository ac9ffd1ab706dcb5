"""A scheduled message that did not go is told as long as nobody took it up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.domain.message import Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import SECOND, Micros, now
from agent_tui.screens.bars import SAID_FOR
from agent_tui.store.open import open_worker
from tests.desk_data import NOW, OLENA, message
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import SIZE, open_refund, type_text, wait_for

SAID = "wrote first; your message for"


@pytest.mark.parametrize("other", ["", "Karl"])
async def test_a_scheduled_message_that_was_held_back_is_told(make_app: MakeApp, tmp_path: Path, other: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Good morning")
        await pilot.press("ctrl+n")
        await wait_for(pilot, app, lambda: app.screen is not screen)
        await pilot.press(*"tomorrow", "enter")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert not any(SAID in line for line in text_of(app))
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            tx.add_message(message("One more thing", -60_000_000, OLENA), conversation, Placement(Rule.IN_REPLY_TO))
            assert tx.stop_held(conversation, now(), SafeText.trusted(other))
        worker.close()
        await wait_for(pilot, app, lambda: any(SAID in line for line in text_of(app)))
        (line,) = [line for line in text_of(app) if SAID in line]
        assert f"{other or OLENA.name} {SAID}" in line
        assert "is a draft again (g t)." in line
        screen.desk.settings = replace(screen.desk.settings, clock=lambda: Micros(NOW + SECOND))  # time has passed
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await wait_for(pilot, app, lambda: not any(SAID in line for line in text_of(app)))
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert screen.desk.reads.held_back("dana") == []
        assert not any(SAID in line for line in text_of(app))


async def test_a_message_that_was_just_sent_stops_too_and_undo_goes_on_with_it(
    make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("t", *"late", "enter")
        await settle(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Good morning")
        await pilot.press("ctrl+s")

        await wait_for(pilot, app, lambda: "Goes to olena.k@example.com in 10 s.   z undo" in text_of(app)[-1])
        await pilot.press("j", "k", "escape")
        await pilot.pause(SAID_FOR / 8)
        assert "Goes to olena.k@example.com in 10 s.   z undo" in text_of(app)[-1], "it stands as long as the hold runs"
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            tx.add_message(message("One more thing", -60_000_000, OLENA), conversation, Placement(Rule.IN_REPLY_TO))
            assert tx.stop_held(conversation, now())
        worker.close()
        told = f"Not sent: {OLENA.name} wrote first; your message is a draft again (g t)."
        await wait_for(pilot, app, lambda: any(told in line for line in text_of(app)))
        assert not any("Goes to" in line for line in text_of(app))
        await pilot.press("z")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert "Good morning" in screen.answering.pane.draft().text
        row = screen.desk.reads.rows([conversation], "dana")[conversation]
        assert [str(tag) for tag in row.tags if tag == "late"] == ["late"], "nothing older was taken back"


async def test_what_is_said_of_the_hold_names_the_key_that_takes_it_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Good morning")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: "in 10 s.   z undo" in text_of(app)[-1])
        await pilot.press("i")
        await wait_for(pilot, app, lambda: "z undo   Z list" in text_of(app)[-1])
        screen.bars.quiet()
        await wait_for(pilot, app, lambda: "in 10 s.   Z undo" in text_of(app)[-1])
        await pilot.press("N")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await wait_for(pilot, app, lambda: "in 10 s." not in text_of(app)[-1])
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: "in 10 s.   Z undo" in text_of(app)[-1])


async def test_what_the_agent_took_back_himself_is_not_told(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Too early")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await pilot.press("z")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert screen.desk.reads.held_back("dana") == []


@pytest.mark.parametrize("height", range(21, 28))
async def test_who_wrote_first_is_in_sight_or_told_of_below(make_app: MakeApp, tmp_path: Path, height: int) -> None:
    """What stops the answer takes lines of the window, and so does the draft that it is again."""
    app = make_app()
    async with app.run_test(size=(80, height), notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Good morning")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: "in 10 s." in text_of(app)[-1])
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            news = message("One more thing", -60_000_000, OLENA, unread=True)
            tx.add_message(news, conversation, Placement(Rule.IN_REPLY_TO))
            assert tx.stop_held(conversation, now())
        worker.close()
        await wait_for(pilot, app, lambda: any("Not sent" in line for line in text_of(app)))
        await wait_for(pilot, app, lambda: any("Your draft waits here" in line for line in text_of(app)))
        await settle(app, pilot)
        seen = any("One more thing" in line for line in text_of(app))
        assert seen is not any("1 new message below" in line for line in text_of(app)), "\n".join(text_of(app))
