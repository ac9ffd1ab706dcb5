from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui.config import Sending, Settings
from agent_tui.desk import opening
from agent_tui.desk.actions import solve
from agent_tui.desk.services import services
from agent_tui.locations import locate, prepare


def test_an_empty_workspace_opens(tmp_path: Path) -> None:
    locations = prepare(locate(tmp_path / "home"))
    settings = Settings(agent="dana", colleagues=("ihor",), sending=Sending(hold_seconds=3, quote="none"))
    desk = opening.open_desk(locations, settings)
    try:
        work = services(desk, lambda a, o, s: None, lambda a: None)
        assert desk.accounts() == ()
        assert desk.assignees == ("dana", "ihor")
        assert desk.settings.hold_seconds == 3
        assert desk.settings.layout.quote == "none"
        assert desk.settings.editing.parent == locations.data, "what runs may go with the last session"
        assert work.actions.apply_now(solve([])) is None
        assert work.drafts.parked() == []
    finally:
        desk.close()


def test_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Europe/Kyiv")
    assert opening.machine_zone() == "Europe/Kyiv"
    monkeypatch.setenv("TZ", "Nowhere/Land")
    assert opening.machine_zone()
