"""After an account was removed: it is told nowhere as one that is off, and nothing begins that could not leave."""

from __future__ import annotations

from operator import methodcaller
from pathlib import Path

from agent_tui.domain.account import AccountHealth, Health
from agent_tui.store.open import open_worker
from tests.desk_data import NOW
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import SIZE, open_refund, type_text, wait_for


async def test_nothing_of_it_is_left_in_the_bar_and_what_cannot_leave_says_so(
    make_app: MakeApp, tmp_path: Path
) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Half a thought")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        for account in app.desk.accounts():
            await app.desk.write(methodcaller("remove_account", account.id))
        worker = open_worker(tmp_path / "desk0")
        worker.set_health(AccountHealth("mail", Health.OFF, since=NOW))
        worker.close()
        await settle(app, pilot)
        screen.absorb()
        assert app.desk.reads.health() == []
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await settle(app, pilot)
        shown = "\n".join(text_of(app))
        assert "Half a thought" in shown
        assert "cannot be sent" in shown
        assert "is not here any more. Add it again (g c)." in shown
        await pilot.press("escape", "c")
        await settle(app, pilot)
        assert "Add one (g c)." in "\n".join(text_of(app))
