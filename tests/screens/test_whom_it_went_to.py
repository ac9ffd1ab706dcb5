"""A conversation says whom a message of ours went to where that is not the customer, and that it was a forward."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.domain.message import Delivery, Direction, Person, Placement, Rule
from agent_tui.screens.presend import PresendCheck
from agent_tui.store.open import open_worker
from tests.desk_data import OLENA, message, person
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_brought_in import KARL
from tests.screens.test_composing import SIZE, open_refund, type_text, wait_for

LOUD = person("Olena", OLENA.address.upper())


@pytest.mark.parametrize(("to", "told"), [(KARL, True), (OLENA, False), (LOUD, False)])
async def test_one_recipient_is_named_where_he_is_not_the_customer(
    make_app: MakeApp, tmp_path: Path, to: Person, told: bool
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        conversation = await open_refund(app, pilot)
        ours = replace(message("Please look", 0, KARL), direction=Direction.OUT, to=(to,), unread=False)
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            tx.add_message(replace(ours, delivery=Delivery.SENT), conversation, Placement(Rule.IN_REPLY_TO))
        worker.close()
        desk_of(app).absorb()
        await pilot.press("G")
        await wait_for(pilot, app, lambda: any("Please look" in line for line in text_of(app)))
        assert any(f"to {to.address}" in line for line in text_of(app)) is told


async def test_a_forward_says_that_it_is_one_and_to_whom(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("f")
        await wait_for(pilot, app, lambda: screen.answering.is_open and screen.is_ready)
        await type_text(pilot, KARL.address)
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open or isinstance(app.screen, PresendCheck))
        if screen.answering.is_open:
            await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await settle(app, pilot)
        await pilot.press("G")
        await wait_for(pilot, app, lambda: any(f"to {KARL.address}" in line for line in text_of(app)))
        assert any("You" in line and "forwarded" in line for line in text_of(app))
        await pilot.press("w")
        await settle(app, pilot)
        assert any("Written as: a forward" in line for line in text_of(app))
