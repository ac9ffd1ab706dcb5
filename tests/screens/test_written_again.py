"""What came back, or could not leave, is written again by one key: in its conversation and in the outbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.message import Delivery, Message
from agent_tui.domain.outbox import DraftKind, OutboxState
from agent_tui.domain.text import SafeText
from agent_tui.screens.outbox import OutboxSheet
from agent_tui.store.open import open_worker
from agent_tui.widgets.composer import ComposerPane
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import type_text, wait_for
from tests.screens.test_minding import bring_to, home_of, send_one

ADDRESS = SafeText("olena.k@example.com")
SIZE = (80, 24)


async def send_back(app: AgentApp, pilot: Pilot[Any], tmp_path: Path) -> int:
    """One that left, and a report that its address does not exist."""
    item_id = await send_one(app, pilot)
    report(app, tmp_path, item_id)
    await settle(app, pilot)
    return item_id


def report(app: AgentApp, tmp_path: Path, item_id: int) -> None:
    bring_to(home_of(tmp_path), item_id, OutboxState.SENT)
    item = app.desk.reads.outbox_item(item_id)
    assert item is not None
    assert item.message_id is not None
    worker = open_worker(home_of(tmp_path))
    try:
        with worker.ingest() as tx:
            tx.set_deliverable("email", ADDRESS, Deliverable.HARD, SafeText("550 5.1.1"))
            detail = SafeText(f"{ADDRESS}: 5.1.1 550 5.1.1 User unknown")
            tx.set_delivery(item.message_id, Delivery.BOUNCED, detail, reopens=True)
    finally:
        worker.close()
    desk_of(app).absorb()


def said(app: AgentApp) -> str:
    return " ".join("\n".join(text_of(app)).replace("│", " ").split())


async def opened(app: AgentApp, pilot: Pilot[Any]) -> ComposerPane:
    await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
    await settle(app, pilot)
    return desk_of(app).answering.pane


async def test_the_key_in_the_conversation_writes_it_again(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        first = await send_back(app, pilot, tmp_path)
        desk_of(app).thread.list.focus()
        await pilot.press("G")
        told = "does not exist; the message came back. W writes it again, to another address."
        await wait_for(pilot, app, lambda: told in " ".join("\n".join(text_of(app)).split()))
        assert "W write again" in text_of(app)[-1]
        await pilot.press("W")
        pane = await opened(app, pilot)
        assert pane.fields.fields["to"].has_focus
        assert pane.text.text.startswith("Hello")
        assert "AGAIN" in "\n".join(text_of(app))
        assert app.desk.reads.outbox() == []
        assert pane.draft().conversation_id is not None

        await pilot.press("ctrl+a", "ctrl+k")
        await type_text(pilot, "olena@example.net")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: bool(app.desk.reads.outbox()))
        reading = desk_of(app).thread.open
        assert reading is not None
        await wait_for(pilot, app, lambda: not reading.came_back)
        (second,) = app.desk.reads.outbox()
        had = app.desk.reads.outbox_item(first)
        assert had is not None
        assert (second.kind, [one.address for one in second.to]) == (DraftKind.AGAIN, ["olena@example.net"])
        assert second.conversation_id == had.conversation_id
        assert (had.state, had.token != second.token) == (OutboxState.SENT, True)


async def test_the_first_one_says_that_it_was_written_again(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 30), notifications=True) as pilot:
        await send_back(app, pilot, tmp_path)
        await pilot.press("W")
        await opened(app, pilot)
        await pilot.press("ctrl+a", "ctrl+k")
        await type_text(pilot, "olena@example.net")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: bool(app.desk.reads.outbox()))
        await settle(app, pilot)
        desk_of(app).thread.list.focus()
        await wait_for(pilot, app, lambda: "It was written again at " in said(app))
        assert "W writes it again" not in said(app)
        assert "W write again" not in text_of(app)[-1]
        await pilot.press("g", "x")
        await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
        await wait_for(
            pilot,
            app,
            lambda: (
                "write again" not in said(app) and "Outbox" in said(app) and "It was written again at " in said(app)
            ),
        )
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
        reading = desk_of(app).thread.open
        assert reading is not None
        first = next(one for one in reading.items if isinstance(one, Message) and one.failed)
        desk_of(app).thread.list.go(desk_of(app).thread.list.rows.place_of(first))  # type: ignore[attr-defined]
        await pilot.press("W")
        await opened(app, pilot)
        await pilot.press("ctrl+a", "ctrl+k")
        await type_text(pilot, "olena@example.net")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: "It was written again already" in said(app))
        assert len(app.desk.reads.outbox()) == 1


async def test_the_hint_comes_with_the_report(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item_id = await send_one(app, pilot)
        desk_of(app).thread.list.focus()
        await settle(app, pilot)
        assert "W write again" not in text_of(app)[-1]
        report(app, tmp_path, item_id)
        await settle(app, pilot)
        assert "W write again" in text_of(app)[-1]


async def test_a_wrong_address_is_asked_about_as_ever(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await send_back(app, pilot, tmp_path)
        await pilot.press("W")
        await opened(app, pilot)
        await pilot.press("ctrl+s")
        asked = f"Mail to {ADDRESS} came back: the address does"
        await wait_for(pilot, app, lambda: asked in "\n".join(text_of(app)))
        assert app.desk.reads.outbox() == []


async def test_what_waits_is_gone_on_with(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await send_back(app, pilot, tmp_path)
        await pilot.press("W")
        pane = await opened(app, pilot)
        await pilot.press("x")
        had = pane.draft().id
        await pilot.press("escape", "escape")
        await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
        await settle(app, pilot)
        await pilot.press("W")
        pane = await opened(app, pilot)
        assert pane.draft().id == had
        assert len(app.desk.reads.drafts("dana")) == 1


async def test_the_key_in_the_outbox_writes_it_again(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await send_back(app, pilot, tmp_path)
        await pilot.press("g", "x")
        await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
        await settle(app, pilot)
        assert "write again" in "\n".join(text_of(app))
        await pilot.press("e")
        pane = await opened(app, pilot)
        assert pane.draft().kind is DraftKind.AGAIN
        assert pane.fields.fields["to"].has_focus
        assert [str(one.address) for one in pane.draft().to] == [ADDRESS]


async def test_what_never_left_is_the_draft_that_it_was(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item_id = await send_one(app, pilot)
        bring_to(home_of(tmp_path), item_id, OutboxState.REJECTED)
        desk_of(app).absorb()
        desk_of(app).thread.list.focus()
        await pilot.press("G")
        told = "W writes it again, to another address."
        await wait_for(pilot, app, lambda: told in " ".join("\n".join(text_of(app)).split()))
        await pilot.press("W")
        pane = await opened(app, pilot)
        assert pane.draft().kind is DraftKind.REPLY
        assert pane.text.text.startswith("Hello")
        assert app.desk.reads.outbox() == []


@pytest.mark.parametrize(
    ("state", "said"),
    [(OutboxState.UNKNOWN, "the outbox settles that first"), (OutboxState.SENT, "This did not come back")],
)
async def test_what_may_have_arrived_is_not_written_again(
    make_app: MakeApp, tmp_path: Path, state: OutboxState, said: str
) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        item_id = await send_one(app, pilot)
        bring_to(home_of(tmp_path), item_id, state)
        desk_of(app).absorb()
        await settle(app, pilot)
        await pilot.press("W")
        await wait_for(pilot, app, lambda: said in " ".join("\n".join(text_of(app)).split()))
        assert not desk_of(app).answering.is_open
