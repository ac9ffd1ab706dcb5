"""A message that nothing holds any more and that no line takes is not called held."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.domain.times import MINUTE, SECOND, Micros
from agent_tui.screens.outbox import OutboxSheet
from tests.desk_data import NOW
from tests.screens.conftest import MakeApp, settle, text_of
from tests.screens.states import Happen, line_lost, login_refused, outbox_full
from tests.screens.test_composing import wait_for


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (line_lost, "It waits for the line; next try 16:45."),
        (login_refused, "It leaves when that is mended."),
        (None, "It waits for the worker, which sends it as soon as it can."),
    ],
)
async def test_what_is_overdue_says_what_it_waits_for(
    make_app: MakeApp, tmp_path: Path, health: Happen | None, said: str
) -> None:
    app = make_app()
    outbox_full(tmp_path / "desk0")
    if health is not None:
        health(tmp_path / "desk0")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("g", "x")
        await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
        sheet = app.screen
        assert isinstance(sheet, OutboxSheet)
        sheet.list.go(next(at for at, line in enumerate(sheet.found) if "priya" in line.text))
        await wait_for(pilot, app, lambda: "s send now" in "\n".join(text_of(app)))
        assert any("held" in line and "priya" in line for line in text_of(app))
        assert said not in " ".join(" ".join(text_of(app)).replace("│", " ").split())
        later = Micros(NOW + MINUTE + 3 * SECOND)
        app.desk.settings = replace(app.desk.settings, clock=lambda: later)
        await wait_for(pilot, app, lambda: said in " ".join(" ".join(text_of(app)).replace("│", " ").split()))
        assert any("waits" in line and "priya" in line for line in text_of(app))
        shown = "\n".join(text_of(app))
        assert "r try now" in shown
        assert "s send now" not in shown
