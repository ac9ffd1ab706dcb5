"""Words and keys that an agent stumbles over: what acts on a selection, what leaves a sheet, what cannot be undone."""

from __future__ import annotations

from agent_tui.screens.outbox import OutboxSheet
from tests.screens.conftest import MakeApp, desk_of, settle, text_of


async def test_a_selection_names_what_changes_all_of_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("x", "j", "x")
        await settle(app, pilot)
        line = text_of(app)[-1]
        assert "2 selected" in line
        assert "e solve" in line
        assert "reply" not in line
        await pilot.resize_terminal(120, 40)
        await settle(app, pilot)
        assert "X unselect" in text_of(app)[-1]
        await pilot.press("X")
        await settle(app, pilot)
        assert "r reply" in text_of(app)[-1]


async def test_among_hits_too_a_selection_names_what_changes_all_of_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        inbox = desk_of(app).inbox
        await pilot.press("x", "slash", *"the")
        await settle(app, pilot)
        assert not inbox.selected, "what was selected in the view cannot be seen"
        await pilot.press("enter", "x")
        await settle(app, pilot)
        assert "e solve" in text_of(app)[-1]
        assert "next hit" not in text_of(app)[-1]
        await pilot.press("escape")
        await settle(app, pilot)
        assert inbox.hits is not None
        assert "next hit" in text_of(app)[-1]
        await pilot.press("x", "escape", "escape")
        assert not inbox.selected


async def test_a_selection_stays_for_the_next_change_until_its_rows_leave(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        inbox = desk_of(app).inbox
        await pilot.press("x", "j", "x")
        held = set(inbox.selected)
        await pilot.press("t", *"bulk", "enter")
        await settle(app, pilot)
        assert inbox.selected == held
        await pilot.press("A", "0")
        await settle(app, pilot)
        await pilot.press("P", "h")
        await settle(app, pilot)
        assert inbox.selected == held
        assert "2 selected" in text_of(app)[-1]
        rows = inbox.desk.reads.rows(sorted(held), inbox.desk.agent).values()
        assert all("bulk" in row.tags and row.assignee is None and row.priority == 2 for row in rows)
        await pilot.press("e")
        await settle(app, pilot)
        assert not inbox.selected
        await pilot.press("x", "i")
        await settle(app, pilot)
        assert inbox.selected
        await pilot.press("escape")
        assert not inbox.selected


async def test_the_key_back_leaves_a_sheet(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "x")
        await settle(app, pilot)
        assert any(isinstance(screen, OutboxSheet) for screen in app.screen_stack)
        await pilot.press("u")
        await settle(app, pilot)
        assert app.screen is desk_of(app)


async def test_a_typed_time_is_told_as_people_say_it(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("h", *"tomorrow 9")
        await settle(app, pilot)
        shown = "\n".join(text_of(app))
        assert "Tomorrow" in shown
        assert "+0000" not in shown
