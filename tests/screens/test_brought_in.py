"""A supplier wrote into a customer's conversation: whom `r` answers, and that the customer gets nothing is in sight."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agent_tui.domain.message import Delivery, Direction, Placement, Rule
from agent_tui.store.open import open_worker
from tests.desk_data import OLENA, message, person
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import SIZE, open_refund, wait_for

KARL = person("Karl", "karl@supplier.example")


async def test_r_answers_whom_the_cursor_stands_on(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        asked = message("Please look", -30_000_000, KARL)
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            ours = replace(asked, direction=Direction.OUT, to=(KARL,), unread=False, delivery=Delivery.SENT)
            tx.add_message(ours, conversation, Placement(Rule.IN_REPLY_TO))
            tx.add_message(message("It was the valve", -60_000_000, KARL), conversation, Placement(Rule.IN_REPLY_TO))
        worker.close()
        await wait_for(pilot, app, lambda: screen.desk.reads.newest_order(conversation) > asked.arrived_at)
        await settle(app, pilot)
        screen.absorb()
        here = screen.thread.message
        assert here is not None
        assert here.author.address == OLENA.address
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert [one.address for one in screen.answering.pane.draft().to] == [OLENA.address]
        assert not any("not to" in line for line in text_of(app))
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await settle(app, pilot)
        for _step in range(4):
            await pilot.press("n")
            await settle(app, pilot)
        assert screen.thread.message is not None
        assert screen.thread.message.author == KARL
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await settle(app, pilot)
        (head,) = [line for line in text_of(app) if KARL.address in line and "REPLY" in line]
        assert f"not to {OLENA.name}" in head
