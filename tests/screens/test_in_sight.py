"""At 80 columns one pane is in sight, and keys never change what is not."""

from __future__ import annotations

import pytest

from agent_tui.app import AgentApp
from agent_tui.domain.conversation import Status, View
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for

NARROW, MEDIUM, WIDE = (80, 24), (120, 40), (170, 44)


async def test_a_search_begun_in_a_conversation_is_in_sight(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        screen = desk_of(app)
        await pilot.press("j", "enter")
        await settle(app, pilot)
        await pilot.press("slash", *"refund")
        await wait_for(pilot, app, lambda: screen.inbox.hits is not None)
        await settle(app, pilot)
        assert any("/" in line and "refund" in line for line in text_of(app))
        assert screen.inbox.display
        await pilot.press("enter")
        await settle(app, pilot)
        current = screen.inbox.current
        assert current is not None
        row = screen.inbox.row()
        assert row is not None
        assert any(row.customer[:10] in line for line in text_of(app)), "what a key acts on stands on the screen"
        await pilot.press("escape")
        await settle(app, pilot)
        assert screen.inbox.hits is None


@pytest.mark.parametrize("ways", [("tab", "slash"), ("ctrl+p", *"search", "enter")], ids=["key", "palette"])
async def test_a_search_begun_beside_a_text_gets_every_letter(make_app: MakeApp, ways: tuple[str, ...]) -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        screen = desk_of(app)
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await pilot.press(*"BB")
        before = {row.id: row for row in screen.desk.reads.page(View.INBOX, "dana", None, 50)}
        await pilot.press(*ways, *"exz")
        await wait_for(pilot, app, lambda: screen.inbox.field.has_focus and screen.inbox.field.value == "exz")
        await settle(app, pilot)
        assert screen.inbox.field.has_focus
        assert [draft.text[:2] for draft in screen.desk.reads.drafts("dana")] == ["BB"]
        await pilot.press("escape")
        await settle(app, pilot)
        assert not screen.inbox.selected
        assert {row.id: row for row in screen.desk.reads.page(View.INBOX, "dana", None, 50)}.keys() == before.keys()
        assert not any(line.startswith(" /") for line in text_of(app))


async def test_a_field_that_lost_the_keys_is_closed_by_going_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        screen = desk_of(app)
        await settle(app, pilot)
        await pilot.press("slash")
        screen.inbox.list.focus()
        await settle(app, pilot)
        assert any(line.startswith(" /") for line in text_of(app))
        await pilot.press("escape")
        await settle(app, pilot)
        assert not any(line.startswith(" /") for line in text_of(app))


async def test_another_width_keeps_in_sight_what_has_the_keys(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=MEDIUM) as pilot:
        screen = desk_of(app)
        await pilot.press("enter", "tab", "j", "j")
        await settle(app, pilot)
        current = screen.inbox.current
        assert current is not None
        await pilot.resize_terminal(*NARROW)
        await settle(app, pilot)
        assert screen.inbox.display
        assert not screen.query_one("#reading").display
        await pilot.press("e")
        await wait_for(pilot, app, lambda: _status(app, current) is Status.SOLVED)


async def test_a_conversation_that_is_read_stays_in_sight(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=MEDIUM) as pilot:
        screen = desk_of(app)
        await pilot.press("j", "enter")
        await settle(app, pilot)
        shown = screen.thread.shown
        assert shown is not None
        await pilot.resize_terminal(*NARROW)
        await settle(app, pilot)
        assert screen.query_one("#reading").display
        assert screen.thread.shown == shown
        await pilot.press("e")
        await wait_for(pilot, app, lambda: _status(app, shown) is Status.SOLVED)


async def test_while_the_list_is_out_of_sight_keys_mean_the_conversation(make_app: MakeApp) -> None:
    """However the focus came to be elsewhere."""
    app = make_app()
    async with app.run_test(size=NARROW) as pilot:
        screen = desk_of(app)
        await pilot.press("enter")
        await settle(app, pilot)
        shown = screen.thread.shown
        screen.inbox.list.focus()
        screen.inbox.list.go(2)
        await settle(app, pilot)
        assert shown is not None
        screen.run_command("solve")
        await wait_for(pilot, app, lambda: _status(app, shown) is Status.SOLVED)
        solved = [row.id for row in screen.desk.reads.page(View.SOLVED, "dana", None, 50)]
        assert screen.inbox.current not in solved or screen.inbox.current == shown


@pytest.mark.parametrize("asked", [False, True])
async def test_the_customer_stands_beside_where_there_is_room(make_app: MakeApp, asked: bool) -> None:
    app = make_app()
    async with app.run_test(size=MEDIUM) as pilot:
        screen = desk_of(app)
        await pilot.press("enter")
        await settle(app, pilot)
        if asked:
            await pilot.press("b")
            await settle(app, pilot)
        assert screen.panel.display is asked
        await pilot.resize_terminal(*WIDE)
        await settle(app, pilot)
        assert screen.panel.display
        await pilot.press("b")
        await settle(app, pilot)
        assert not screen.panel.display
        await pilot.press("b")
        await settle(app, pilot)
        assert screen.panel.display
        await pilot.resize_terminal(*MEDIUM)
        await settle(app, pilot)
        assert screen.panel.display is asked


def _status(app: AgentApp, conversation: int) -> Status:
    row = desk_of(app).desk.reads.conversation(conversation)
    assert row is not None
    return row.status
