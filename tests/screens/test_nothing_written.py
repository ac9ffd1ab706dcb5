"""What holds no more than the program put there is no draft: not in the list, not in the store, not aside."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.desk.plain import StoreError
from agent_tui.desk.workspace import Desk
from agent_tui.screens.desk import DeskScreen
from agent_tui.widgets.composer import JOURNAL_AFTER
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for

WAYS = ["c", "r", "a", "f", "N"]


async def begin(app: AgentApp, pilot: Pilot[Any], key: str) -> DeskScreen:
    await open_refund(app, pilot)
    screen = desk_of(app)
    await pilot.press(key)
    await wait_for(pilot, app, lambda: screen.answering.is_open and screen.is_ready)
    screen.answering.pane.text.focus()
    await settle(app, pilot)
    return screen


async def leave(app: AgentApp, pilot: Pilot[Any]) -> None:
    await pilot.press("escape")
    await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
    await settle(app, pilot)


def kept(app: AgentApp) -> list[str]:
    return [draft.text for draft in desk_of(app).answering.drafts.parked()]


@pytest.mark.parametrize("key", WAYS)
async def test_what_is_left_untouched_is_no_draft(make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot, key)
        await leave(app, pilot)
        assert kept(app) == []
        assert not any("Draft kept" in line for line in text_of(app))


@pytest.mark.parametrize("key", WAYS)
async def test_what_was_typed_and_taken_out_again_is_no_draft(make_app: MakeApp, key: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await begin(app, pilot, key)
        await pilot.press("x")
        await wait_for(pilot, app, lambda: bool(kept(app)))
        assert kept(app)[0].startswith("x"), "one character is kept"
        await pilot.press("backspace")
        await pilot.pause(JOURNAL_AFTER)
        await wait_for(pilot, app, lambda: not kept(app))
        await pilot.press("y")
        await leave(app, pilot)
        assert kept(app)[0].startswith("y"), "what is typed then is kept again"
        assert any("Draft kept" in line for line in text_of(app))
        assert len(kept(app)) == 1
        if key != "c":
            await pilot.press(key)
            await wait_for(pilot, app, lambda: screen.answering.is_open and screen.is_ready)
            screen.answering.pane.text.focus()  # a forward goes on with whom it goes to
            await settle(app, pilot)
            await pilot.press("backspace")
            await leave(app, pilot)
            assert kept(app) == [], "also where it is gone on with"


async def test_the_end_of_the_desk_keeps_one_character_and_no_empty_message(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await begin(app, pilot, "r")
        await pilot.press("x", "backspace")
        screen.answering.keep_now()
        assert kept(app) == []
        await pilot.press("x")
        screen.answering.keep_now()
        assert kept(app)[0].startswith("x")


async def test_aside_of_a_store_that_takes_nothing_lies_no_empty_message(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        screen = await begin(app, pilot, "r")
        with monkeypatch.context() as patched:
            patched.setattr(Desk, "submit", refuses)
            await pilot.press("x")
            screen.answering.keep_now()
            assert kept(app)[0].startswith("x")
            await pilot.press("backspace")
            screen.answering.keep_now()
            assert kept(app) == []


def refuses(desk: Desk, work: object) -> None:
    raise StoreError("disk_full")
