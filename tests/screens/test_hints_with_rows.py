"""The keys that are offered go with the rows: told anew when the first come or the last go, not at the next key."""

from __future__ import annotations

from agent_tui.app import AgentApp
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Placement, Rule
from agent_tui.store.open import open_worker
from tests.desk_data import OLENA, mail_account, message
from tests.screens.conftest import MakeApp, desk_of, settle, text_of


def first_mail(app: AgentApp) -> None:
    worker = open_worker(app.desk.settings.downloads.parent)
    try:
        with worker.ingest() as tx:
            contact = tx.add_contact(OLENA.name, "email", OLENA.address, "test")
            one = message("hello", 0, OLENA, unread=True, contact_id=contact)
            made = tx.add_conversation("mail", one.channel, one.subject, contact, Status.NEW, one.arrived_at, None)
            tx.add_message(one, made, Placement(Rule.NEW))
    finally:
        worker.close()


async def test_the_first_mail_brings_its_keys(make_app: MakeApp) -> None:
    app = make_app(filled=False)
    worker = open_worker(app.desk.settings.downloads.parent)
    worker.put_account(mail_account())
    worker.close()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        if app.screen is not screen:
            await pilot.press("escape")
            await settle(app, pilot)
        assert "c write" in text_of(app)[-1]
        assert "e solve" not in text_of(app)[-1]
        first_mail(app)
        screen.absorb()
        await settle(app, pilot)
        assert screen.inbox.list.rows.count == 1
        line = text_of(app)[-1]
        assert all(key in line for key in ("enter open", "r reply", "e solve")), line
        assert "c write" not in line
