"""A message that refers to a conversation without belonging there: both name the other one, and lead to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.store.open import open_worker
from tests.desk_data import message, person
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for

S = SafeText.trusted
OTHER = person("Olena", "olena@home.test")


def refer(home: Path, to: int, status: Status = Status.NEW) -> int:
    """Somebody writes who has no part in it."""
    worker = open_worker(home)
    with worker.ingest() as tx:
        contact = tx.add_contact(OTHER.name, "email", OTHER.address, "test")
        at = message("", 0, OTHER).arrived_at
        made = tx.add_conversation("mail", Channel.EMAIL, S("Refund approved"), contact, status, at, related=[to])
        evidence = {"header": "m@x", "message": "7", "conversation": str(to), "reason": "not_a_participant"}
        tx.add_message(message("It is me", 0, OTHER), made, Placement(Rule.STRANGER, evidence))
    worker.close()
    return made


@pytest.mark.parametrize("size", [(80, 24), (160, 40)])
async def test_it_names_the_other_one_and_leads_there(make_app: MakeApp, tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        old = await open_refund(app, pilot)
        screen = desk_of(app)
        found = screen.desk.reads.conversation(old)
        assert found is not None
        new = refer(tmp_path / "desk0", old)
        screen.absorb()
        screen.open(new)
        said = f"refers to #{found.number}, and is not joined to it (w)"
        await wait_for(pilot, app, lambda: any(said in line for line in text_of(app)))
        await pilot.press("w")
        await settle(app, pilot)
        assert any(f"#{found.number} {found.subject}" in line for line in text_of(app))
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: screen.thread.shown == old)


async def test_the_panel_names_it_with_its_subject_and_opens_it(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(160, 40)) as pilot:
        old = await open_refund(app, pilot)
        screen = desk_of(app)
        found = screen.desk.reads.conversation(old)
        assert found is not None
        new = refer(tmp_path / "desk0", old)
        screen.absorb()
        screen.open(new)
        await settle(app, pilot)
        row = next(at for at, line in enumerate(screen.panel.rows.panel) if line.conversation == old)  # type: ignore[attr-defined]
        line = screen.panel.rows.panel[row]  # type: ignore[attr-defined]
        assert line.value == f"#{found.number} {found.subject}"
        screen.set_focus(screen.panel)
        screen.panel.go(row)
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: screen.thread.shown == old)


@pytest.mark.parametrize(("status", "told"), [(Status.NEW, True), (Status.SPAM, False)])
async def test_beside_the_customer_it_bears_its_address_and_no_subject_of_its_choice(
    make_app: MakeApp, tmp_path: Path, status: Status, told: bool
) -> None:
    app = make_app()
    async with app.run_test(size=(160, 40)) as pilot:
        old = await open_refund(app, pilot)
        screen = desk_of(app)
        new = refer(tmp_path / "desk0", old, status)
        found = screen.desk.reads.conversation(new)
        assert found is not None
        screen.absorb()
        screen.open(old)
        await settle(app, pilot)
        lines = [line.value for line in screen.panel.rows.panel if line.conversation == new]  # type: ignore[attr-defined]
        assert lines == ([f"#{found.number} {OTHER.address}"] if told else [])
