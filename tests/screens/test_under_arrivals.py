"""Fifty mails come in while one works: nothing moves under the hands, and the answer goes to whom it was written."""

from __future__ import annotations

from pathlib import Path

from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Placement, Rule
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.times import MINUTE
from agent_tui.screens.desk import DeskScreen
from agent_tui.store.open import open_worker
from tests.desk_data import NOW, OLENA, message, person
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import SIZE, open_refund, type_text, wait_for

ANSWER = "It left our bank on Monday and is with you tomorrow."


class Arrivals:
    """Mails that come in, each a conversation of its own above all others."""

    def __init__(self, home: Path) -> None:
        self._worker = open_worker(home)
        self.number = 0

    def come(self, count: int) -> None:
        """So many more."""
        for _ in range(count):
            self.number += 1
            with self._worker.ingest() as tx:
                who = person(f"New {self.number}", f"new{self.number}@example.com")
                contact = tx.add_contact(who.name, "email", who.address, "test")
                one = message(f"Hello {self.number}", -self.number * 1000, who, unread=True, contact_id=contact)
                made = tx.add_conversation("mail", one.channel, one.subject, contact, Status.NEW, NOW, None)
                tx.add_message(one, made, Placement(Rule.NEW))

    def close(self) -> None:
        self._worker.close()


async def test_nothing_moves_under_fifty_arrivals(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        arrivals = Arrivals(tmp_path / "desk0")

        async def come(count: int) -> None:
            arrivals.come(count)
            screen.absorb()
            await settle(app, pilot)

        def opened() -> int:
            found = screen.thread.open.conversation if screen.thread.open else None
            assert found is not None
            return found.id

        try:
            # moving in the list
            await pilot.press("u")
            for key in ("j", "j", "j", "k", "j"):
                wanted = _beside(screen, 1 if key == "j" else -1)
                await come(3)
                await pilot.press(key)
                await settle(app, pilot)
                assert screen.inbox.current == wanted, "a key leads to the neighbour that was seen"
            top = screen.inbox.list.first_line
            held = screen.inbox.current
            await come(5)
            assert (screen.inbox.current, screen.inbox.list.first_line) == (held, top)
            # opening and reading
            await pilot.press("enter")
            await come(5)
            assert opened() == held
            screen.open(conversation)
            await settle(app, pilot)
            first = screen.thread.list.first_line
            for _ in range(3):
                await come(3)
                assert opened() == conversation
                assert screen.thread.list.first_line == first
            # typing
            await pilot.press("r")
            await wait_for(pilot, app, lambda: screen.answering.is_open)
            for word in ANSWER.split():
                await type_text(pilot, word + " ")
                await come(1)
            typed = screen.answering.pane.text.text
            assert typed.startswith(ANSWER)
            assert screen.answering.pane.text.has_focus
            await come(50 - arrivals.number)
            assert arrivals.number == 50
            assert screen.answering.pane.text.text == typed
            assert opened() == conversation
            shown = "\n".join(text_of(app))
            assert "REPLY" in shown
            assert "olena.k@example.com" in shown
            await pilot.press("ctrl+s")
            await wait_for(pilot, app, lambda: not screen.answering.is_open)
        finally:
            arrivals.close()
        queued = [one for one in screen.desk.reads.outbox() if one.text.startswith(ANSWER)]
        assert len(queued) == 1
        assert queued[0].state is OutboxState.HELD
        assert queued[0].conversation_id == conversation
        assert [person_.address for person_ in queued[0].to] == [OLENA.address]
        assert not queued[0].cc


def _beside(screen: DeskScreen, step: int) -> int:
    """The conversation next to the one under the cursor, as it stands on the screen now."""
    row = screen.inbox.row(screen.inbox.list.cursor + step)
    assert row is not None
    return row.id


async def test_the_first_fetch_brings_older_mail_below_what_is_there(make_app: MakeApp, tmp_path: Path) -> None:
    """Newest first, then the history behind it, then one between: nothing is missing, and nothing moves."""
    app = make_app(filled=False)
    worker = open_worker(tmp_path / "desk0")

    def come(*ages: int) -> None:
        for age in ages:
            with worker.ingest() as tx:
                who = person(f"Customer {age}", f"c{age}@example.com")
                contact = tx.add_contact(who.name, "email", who.address, "test")
                one = message(f"Hello {age}", age * MINUTE, who, unread=True, contact_id=contact)
                made = tx.add_conversation("mail", one.channel, one.subject, contact, Status.NEW, NOW, None)
                tx.add_message(one, made, Placement(Rule.NEW))
        screen.absorb()

    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        await settle(app, pilot)
        await pilot.press("escape")  # past the welcome
        await settle(app, pilot)
        try:
            come(10, 20)
            await settle(app, pilot)
            assert "1 of 2" in text_of(app)[-1]
            await pilot.press("j")
            come(*range(40, 50))
            await settle(app, pilot)
            rows = [line for line in text_of(app) if "Customer" in line]
            assert len(rows) == 12
            assert "Customer 49" in rows[-1]
            assert "2 of 12" in text_of(app)[-1]
            come(15, 30)
            await settle(app, pilot)
            assert "2 new  g g" in text_of(app)[-1]
            assert "above" not in text_of(app)[-1]
            assert "Customer 20" in text_of(app)[2]
            await pilot.press("g", "g")
            await settle(app, pilot)
            assert "1 of 14" in text_of(app)[-1]
            assert "new" not in text_of(app)[-1]
            assert [line.split()[2] for line in text_of(app) if "Customer" in line][:4] == ["10", "15", "20", "30"]
        finally:
            worker.close()
