"""An application on a real store, with a pinned clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_tui.app import AgentApp, AppOptions
from agent_tui.config import Settings
from agent_tui.desk.workspace import Desk
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.presend import PresendCheck
from agent_tui.screens.sheet import Question
from agent_tui.screens.welcome import Welcome
from agent_tui.terminal.environment import Terminal
from tests.desk_data import open_test_desk

READING = PresendCheck.READING
"""As it is for people. Tests read faster."""
MakeApp = Callable[..., AgentApp]


@pytest.fixture(autouse=True)
def _utc() -> None:
    time.tzset()


@pytest.fixture(autouse=True)
def _reads_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PresendCheck, "READING", 0.0)
    monkeypatch.setattr(Question, "READING", 0.0)
    monkeypatch.setattr(Welcome, "READING", 0.0)


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[MakeApp]:
    desks: list[Desk] = []

    def make(*, filled: bool = True, settings: Settings | None = None, **options: Any) -> AgentApp:
        home = tmp_path / f"desk{len(desks)}"
        home.mkdir()
        desk = open_test_desk(home, filled=filled)
        desks.append(desk)
        options.setdefault("terminal", Terminal())
        return AgentApp(desk, AppOptions(settings or Settings(), **options))

    yield make
    for desk in desks:
        desk.close()


def desk_of(app: AgentApp) -> DeskScreen:
    screen = app.desk_screen
    assert screen is not None
    return screen


async def settle(app: AgentApp, pilot: Any) -> None:
    """Until no worker and no write is under way."""
    await app.workers.wait_for_complete()
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()


def text_of(app: AgentApp) -> list[str]:
    """The screen as lines of text."""
    width, height = app.size
    lines = []
    for strips in app.screen._compositor.render_strips():
        lines.append(strips.text)
    assert len(lines) == height
    return [line[:width] for line in lines]
