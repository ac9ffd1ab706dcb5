"""A conversation that stood on the screen before: what is shown of it, and whose keys act, when it is come back to."""

from __future__ import annotations

from pathlib import Path

from agent_tui.domain.conversation import Status, View
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for
from tests.screens.test_unseen import arrives, opened


async def test_a_terminal_made_wide_shows_the_row_on_which_the_keys_act(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        read = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("u", "j", "j")
        await settle(app, pilot)
        row = screen.inbox.current
        assert row is not None
        assert row != read
        await pilot.resize_terminal(130, 40)
        await settle(app, pilot)
        assert screen.thread.shown == row
        await pilot.press("e")
        await settle(app, pilot)
        solved = screen.desk.reads.conversation(row)
        assert solved is not None
        assert solved.status is Status.SOLVED


async def test_opened_again_it_lands_on_what_came_since(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        conversation = await opened(app, pilot, tmp_path / "desk0")
        await pilot.press("u")
        await settle(app, pilot)
        arrives(tmp_path / "desk0", conversation, "One thing more")
        screen = desk_of(app)
        await wait_for(pilot, app, lambda: bool(screen.thread.unseen.messages))
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: any("One thing more" in line for line in text_of(app)))
        assert screen.thread.message is not None
        assert screen.thread.message.text == "One thing more"
        assert sum("· new" in line for line in text_of(app)) == 1


async def test_what_was_read_in_the_last_visit_is_new_no_more(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_refund(app, pilot)
        assert any("· new" in line for line in text_of(app))
        await pilot.press("u", "enter")
        await settle(app, pilot)
        assert not any("· new" in line for line in text_of(app))


async def test_beside_a_new_message_stands_no_customer_of_the_list(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(160, 44)) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        rows = screen.desk.reads.page(View.INBOX, "dana", None, 1)
        assert screen.inbox.current == rows[0].id
        assert screen.panel.rows.count
        await pilot.press("c")
        await wait_for(pilot, app, lambda: screen.answering.is_open and screen.is_ready)
        assert not screen.panel.rows.count
        screen.absorb()
        assert not screen.panel.rows.count
        await pilot.press("escape", "escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert screen.panel.rows.count
