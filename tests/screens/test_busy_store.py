"""Something else has the store: the desk says so, keeps what is typed, and does what it was told once it is free."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from agent_tui.desk.drafts import SideJournal, new_id
from agent_tui.domain.conversation import Status, View
from agent_tui.domain.outbox import Draft, DraftKind, OutboxState
from agent_tui.domain.text import NOTHING
from agent_tui.domain.times import NEVER
from tests.desk_data import NOW
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import SIZE, open_refund, type_text, wait_for

SAID = "What you did is still being written; it is not lost."


async def test_a_key_that_waits_for_the_store_is_not_in_vain(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        current = screen.inbox.current
        assert current is not None
        other = sqlite3.connect(tmp_path / "desk0" / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await pilot.press("e")
        await wait_for(pilot, app, lambda: any(SAID in line for line in text_of(app)))
        other.execute("ROLLBACK")
        other.close()

        def solved() -> bool:
            found = app.desk.reads.conversation(current)
            return found is not None and found.status is Status.SOLVED

        await wait_for(pilot, app, solved)
        await wait_for(pilot, app, lambda: not any(SAID in line for line in text_of(app)))


async def test_what_is_typed_meanwhile_lies_aside_and_leaves_when_it_can(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        other = sqlite3.connect(tmp_path / "desk0" / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await type_text(pilot, "Precious")
        await wait_for(pilot, app, lambda: any("kept aside: store busy" in line for line in text_of(app)))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any(SAID in line for line in text_of(app)))
        assert app.desk.reads.outbox() == []
        other.execute("ROLLBACK")
        other.close()
        await wait_for(pilot, app, lambda: [one.state for one in app.desk.reads.outbox()] == [OutboxState.HELD])
        await settle(app, pilot)
        assert screen.answering.drafts.parked() == []


async def test_what_lay_aside_is_in_the_store_again_at_the_next_start(make_app: MakeApp) -> None:
    """The folder aside goes with the session; a draft must not stay there."""
    app = make_app()
    desk = app.desk
    row = desk.reads.page(View.INBOX, desk.agent, None, 1)[0]
    aside = Draft(
        new_id(), desk.agent, DraftKind.NOTE, row.id, "mail", (), (), (), NOTHING, "Kept aside", updated_at=NOW
    )
    SideJournal(desk.settings.runtime).keep(aside, over=NEVER)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: [one.text for one in desk.reads.drafts(desk.agent)].count("Kept aside") == 1)
        await settle(app, pilot)
    assert SideJournal(desk.settings.runtime).all() == []
