"""Marking as spam: the question names whom it is about, and where spam is looked through, the key that takes it out."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from agent_tui import words
from agent_tui.desk import actions
from agent_tui.domain.conversation import Status, View
from agent_tui.screens.sheet import Question
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for


async def test_the_question_names_the_conversation_that_is_read(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("!")
        await wait_for(pilot, app, lambda: isinstance(app.screen, Question))
        await settle(app, pilot)
        assert any("Spam: #15 Олена Коваленко · Повернення за замовлення 4417" in line for line in text_of(app))
        await pilot.press("y")
        await settle(app, pilot)
        assert screen.desk.reads.rows([conversation], "dana")[conversation].status is Status.SPAM


async def test_a_long_subject_gives_way_and_the_question_is_whole(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    with closing(sqlite3.connect(tmp_path / "desk0" / "store.db")) as store, store:
        store.execute(
            "UPDATE conversation SET subject = 'THIRD stove that leaks. ' || ? || 'END'", ("I have had enough. " * 9,)
        )
    words.set_language("pseudo")
    try:
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await settle(app, pilot)
            await pilot.press("!")
            await wait_for(pilot, app, lambda: isinstance(app.screen, Question))
            await settle(app, pilot)
            (line,) = [line for line in text_of(app) if "THIRD stove" in line and "‹Spam: #" in line]
            assert re.search(r"‹Spam: #\d+ .+ · THIRD stove that leaks\. I[^…]*…~+› *│", line), line
    finally:
        words.set_language("")


async def test_the_question_about_several_tells_how_many(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("x", "j", "x", "!")
        await wait_for(pilot, app, lambda: isinstance(app.screen, Question))
        await settle(app, pilot)
        assert any("Spam · 2 conversations" in line for line in text_of(app))


async def test_spam_that_is_none_is_taken_out_by_the_key_that_the_line_names(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        row = screen.desk.reads.page(View.INBOX, "dana", None, 5)[1]
        assert "not spam" not in text_of(app)[-1]
        assert "e solve" in text_of(app)[-1]
        await pilot.press("g", "!")
        await settle(app, pilot)
        assert "not spam" not in text_of(app)[-1], "there is none"
        await pilot.press("g", "i")
        app.desk.write_now(lambda writes: writes.apply("dana", "spam", actions.spam([row.id]).targets))
        await pilot.press("g", "!")
        await wait_for(pilot, app, lambda: "E not spam" in text_of(app)[-1])
        assert "e solve" not in text_of(app)[-1]
        await pilot.press("enter")
        await settle(app, pilot)
        assert "E not spam" in text_of(app)[-1]
        await pilot.press("E")
        await settle(app, pilot)
        assert screen.desk.reads.rows([row.id], "dana")[row.id].status is Status.OPEN
