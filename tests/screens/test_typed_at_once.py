"""A stalled line brings many keys in one read: a search is searched, anything else acts on nothing."""

from __future__ import annotations

import pytest

from agent_tui.terminal.driver import Burst
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import wait_for


@pytest.mark.parametrize("begins", ["/", "."])
@pytest.mark.parametrize("behind", ["", "\r", "\rjjej", "\x1b[B", "\ndelete it"])
async def test_a_search_is_searched(make_app: MakeApp, begins: str, behind: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await app.on_event(Burst(f"{begins}invoice{behind}", []))
        screen = desk_of(app)
        await wait_for(pilot, app, lambda: screen.inbox.hits is not None and screen.inbox.list.rows.count == 1)
        assert screen.inbox.field.value == "invoice"
        assert screen.focused is screen.inbox.field
        await pilot.press("x")
        assert screen.inbox.field.value == "invoicex"


@pytest.mark.parametrize("text", ["delete it", "ejkhaser", ":solve all now", "g/invoices", ""])
async def test_anything_else_acts_on_nothing(make_app: MakeApp, text: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        before = text_of(app)
        await app.on_event(Burst(text, []))
        await settle(app, pilot)
        assert text_of(app)[:-1] == before[:-1]
        assert "Pasted text was left out" in text_of(app)[-1]


async def test_behind_a_prefix_it_is_a_paste(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("g")
        await app.on_event(Burst("/invoices", []))
        await settle(app, pilot)
        assert "Pasted text was left out" in text_of(app)[-1]
