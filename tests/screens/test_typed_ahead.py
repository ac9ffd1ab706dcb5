"""Keys that come in one burst, as over a slow line: each goes where it was meant for, and none of them closes the desk."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.screens.sheet import Sheet
from agent_tui.screens.typed_ahead import AT_MOST
from agent_tui.widgets.composer import ComposerPane
from agent_tui.widgets.sheet_rows import SheetLine
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for

SIZE = (80, 24)


def burst(app: AgentApp, *keys: str) -> None:
    """All of them at once."""
    for key in keys:
        letter = len(key) == 1
        app.post_message(events.Key(_character_to_key(key) if letter else key, key if letter else None))


async def begins(app: AgentApp, pilot: Pilot[Any], key: str) -> ComposerPane:
    """Something is written."""
    screen = desk_of(app)
    burst(app, key)
    await wait_for(pilot, app, lambda: screen.answering.is_open and screen.is_ready)
    return screen.answering.pane


async def is_the_desk(app: AgentApp, pilot: Pilot[Any]) -> None:
    """It is what stands there, and it answers keys."""
    screen = desk_of(app)
    await wait_for(pilot, app, lambda: app.screen is screen)
    await settle(app, pilot)
    assert any(line.strip() for line in text_of(app))
    before = screen.inbox.list.cursor
    await pilot.press("j")
    await wait_for(pilot, app, lambda: screen.inbox.list.cursor == before + 1)


@pytest.mark.parametrize("twice", ["enter", "escape"])
@pytest.mark.parametrize(
    "keys",
    [
        ("t", "q", "v", "i", "p"),
        ("A", "d", "a", "n", "a"),
        ("h", "3", "h"),
        (":", "h", "e", "l", "p"),
        ("ctrl+p", "t", "h", "e", "m", "e"),
    ],
    ids=lambda keys: keys[0],
)
async def test_a_box_that_is_left_twice_closes_once(make_app: MakeApp, keys: tuple[str, ...], twice: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press(keys[0])
        await wait_for(pilot, app, lambda: app.screen is not desk_of(app))
        burst(app, *keys[1:], twice, twice)
        await pilot.pause(0.3)
        for _box in range(3):  # what Enter meant behind it may have opened something
            if app.screen is not desk_of(app):
                await pilot.press("escape")
                await pilot.pause(0.1)
        while desk_of(app).thread.list.has_focus or desk_of(app).reading:
            await pilot.press("u")
            await settle(app, pilot)
        await is_the_desk(app, pilot)


async def test_what_is_typed_behind_the_enter_of_a_box_is_meant_for_the_desk(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        number = screen.inbox.row(0)
        burst(app, "t", *"qvip", "enter", "j", "j")
        await wait_for(pilot, app, lambda: screen.inbox.list.cursor == 2)
        assert number is not None
        await wait_for(pilot, app, lambda: "qvip" in screen.desk.reads.rows([number.id], "dana")[number.id].tags)


async def test_what_is_typed_behind_the_last_field_is_text(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        pane = await begins(app, pilot, "c")
        burst(app, *"a@b.test", "tab", "tab", "tab", *"Привет", "tab", *"Body line")
        await wait_for(pilot, app, lambda: pane.text.text.startswith("Body line"))
        assert (pane.fields.value("to"), pane.fields.value("subject")) == ("a@b.test", "Привет")


async def test_what_is_typed_behind_the_key_that_leads_up_or_beside_is_no_text(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen, pane = desk_of(app), await begins(app, pilot, "r")
        before = pane.text.text
        burst(app, "tab", "k")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus and screen.is_ready)
        await settle(app, pilot)
        assert pane.text.text == before
        await pilot.press("r")
        await wait_for(pilot, app, lambda: pane.text.has_focus)
        pane.fields.display = True
        pane.text.move_cursor((0, 0))
        burst(app, "up", "X")
        await wait_for(pilot, app, lambda: pane.fields.value("subject").endswith("X"))
        assert pane.text.text == before


async def test_where_no_key_ever_finds_a_place_the_one_that_leaves_still_does(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        box = Sheet("A box", [SheetLine("a line")])
        app.push_screen(box)
        await wait_for(pilot, app, lambda: app.screen is box and box.focused is not None)
        box.set_focus(None)
        burst(app, "x")
        await pilot.pause(AT_MOST + 0.2)
        burst(app, "ctrl+q")
        await pilot.pause(0.2)
        assert app._exit


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)], ids=str)
@pytest.mark.parametrize("way", ["enter", "tab", "b", "g m enter", "?"])
async def test_what_is_typed_behind_the_key_that_closes_moves_in_what_stood_below(
    make_app: MakeApp, way: str, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        for key in way.split():
            await pilot.press(key)
            await settle(app, pilot)
        before = screen.inbox.list.cursor
        burst(app, "q", "j")
        await wait_for(pilot, app, lambda: app.screen is screen and screen.inbox.list.cursor == before + 1)
        assert screen.inbox.list.has_focus


async def test_what_is_typed_behind_the_key_that_opens_moves_in_what_is_opened(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        shown, before = screen.inbox.current, screen.inbox.list.cursor
        burst(app, "o", "j")
        await wait_for(pilot, app, lambda: screen.thread.list.has_focus)
        await settle(app, pilot)
        assert (screen.thread.shown, screen.inbox.list.cursor) == (shown, before)
        burst(app, "b", "q", "q", "j")  # the customer beside it comes, and goes first
        await wait_for(pilot, app, lambda: screen.inbox.list.has_focus and screen.inbox.list.cursor == before + 1)


async def test_the_caret_goes_to_the_field_in_which_something_is_no_address(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        pane = await begins(app, pilot, "r")
        pane.fields.focus_field("bcc")
        await settle(app, pilot)
        burst(app, *"mari")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("is no address" in line for line in text_of(app)))
        assert app.focused is pane.fields.fields["bcc"]
