"""The fields over the text: from one to the next, into the text, and back to where the caret was."""

from __future__ import annotations

import pytest

from agent_tui.desk.recipients import shown
from agent_tui.screens.presend import PresendCheck
from tests.desk_data import OLENA
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import SIZE, open_refund, type_text, wait_for


async def test_tab_goes_through_the_fields_into_the_text(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("c")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        pane = desk_of(app).answering.pane
        await pilot.press(*"bob@example.com", "tab", "c", "tab", "b", "tab", "s", "shift+tab", "d", "tab", "tab")
        await pilot.pause()
        await pilot.press("T")
        assert [pane.fields.value(name) for name in ("to", "cc", "bcc", "subject")] == [
            "bob@example.com",
            "c",
            "bd",
            "s",
        ]
        assert pane.text.text.startswith("T")


async def test_esc_leaves_the_caret_where_it_was(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await type_text(pilot, "Hi")
        pane = desk_of(app).answering.pane
        pane.fields.focus_field("to")
        await pilot.pause()
        await type_text(pilot, ", new@example.com")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
        assert pane.fields.fields["to"].has_focus


async def test_fields_fold_when_they_are_left_for_the_text(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        pane = desk_of(app).answering.pane
        for leave in ("ctrl+r", "escape", "tab"):
            await pilot.press("ctrl+r")
            await pilot.pause()
            assert pane.fields.display
            assert pane.text.size.height >= 5
            await pilot.press(leave, *(["tab"] * 3 if leave == "tab" else []))
            await settle(app, pilot)
            assert pane.text.has_focus
            assert not pane.fields.display
        await pilot.press("ctrl+r")
        await type_text(pilot, ", x@example.com")
        await pilot.press("escape", "escape", "r")
        await wait_for(pilot, app, lambda: pane.is_open and pane.started is not None and pane.started.resumed)
        assert not pane.fields.display


async def test_the_composer_grows_with_its_text(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        pane = desk_of(app).answering.pane
        pane.text.load_text("")
        await settle(app, pilot)
        low = pane.text.size.height
        await pilot.press(*["enter"] * 30)
        await settle(app, pilot)
        assert pane.text.size.height >= 12
        assert desk_of(app).thread.list.size.height >= 3
        await pilot.press(*["backspace"] * 30)
        await settle(app, pilot)
        assert pane.text.size.height == low


async def test_what_is_being_written_is_discarded_and_brought_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        answering = desk_of(app).answering
        await wait_for(pilot, app, lambda: answering.is_open)
        await type_text(pilot, "Precious")
        await pilot.press("ctrl+p")
        await wait_for(pilot, app, lambda: app.screen is not desk_of(app))
        await pilot.press(*"discard", "enter")
        await wait_for(pilot, app, lambda: not answering.is_open)
        assert any("Discarded what you wrote." in line for line in text_of(app))
        assert answering.drafts.parked() == []
        await pilot.press("z")
        await wait_for(pilot, app, lambda: bool(answering.drafts.parked()))
        await pilot.press("r")
        await wait_for(pilot, app, lambda: answering.is_open)
        await type_text(pilot, "More")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not answering.is_open)
        assert "PreciousMore" in answering.drafts.parked()[0].text.replace(" ", "")


async def test_all_who_fit_are_gone_through(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("c")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        fields = desk_of(app).answering.pane.fields
        await type_text(pilot, "exam")
        await wait_for(pilot, app, lambda: len(fields.offers.people) == 5)
        people = fields.offers.people
        for at, person in enumerate(people, 1):
            assert any(f"<{person.address}>" in line and f"{at} of 5" in line for line in text_of(app))
            await pilot.press("down")
            await pilot.pause()
        assert fields.fields["cc"].has_focus, "behind the last one the arrow goes on"
        await pilot.press("up", "end", "x", "backspace")
        await wait_for(pilot, app, lambda: bool(fields.offers.people))
        await pilot.press("down", "down", "up", "right")
        assert fields.value("to") == shown((people[1],))


@pytest.mark.parametrize("typed", ["olen", "Олен", "ковал", "OLENA.k@ex"])
async def test_known_people_are_offered_and_taken_by_the_arrow_alone(make_app: MakeApp, typed: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("c")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        fields = desk_of(app).answering.pane.fields
        await type_text(pilot, f"bob@example.com, {typed}")
        await wait_for(pilot, app, lambda: bool(fields.offers.people))
        assert any("right takes it" in line and "<olena.k@example.com>" in line for line in text_of(app))
        await pilot.press("tab")
        await settle(app, pilot)
        assert fields.value("to") == f"bob@example.com, {typed}"
        assert not fields.offers.people
        await pilot.press("shift+tab", "end", "x", "backspace")
        await wait_for(pilot, app, lambda: bool(fields.offers.people))
        await pilot.press("right")
        assert fields.value("to") == f"bob@example.com, {shown((OLENA,))}"
        await pilot.pause(0.3)
        assert not fields.offers.people
