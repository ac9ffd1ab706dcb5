"""What is opened and closed again leaves nothing behind: no node in the app, and no widget that something still holds."""

from __future__ import annotations

import gc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from agent_tui.app import AgentApp
from agent_tui.domain.conversation import View
from agent_tui.screens.commands import Where
from tests.screens.conftest import MakeApp, desk_of, settle
from tests.screens.test_composing import open_refund, wait_for
from tests.screens.test_minding import home_of, publish

WARM, ROUNDS = 1, 3
OPENS = {
    "pickers": ("t", "h", "A", "s", "P", "!", "ctrl+p", ":"),
    "sheets": ("?", "Z", "g t", "g x", "g y", "g c", "g c a", "g k", "v", "L", "w"),
    "composers": ("r", "a", "f", "c", "N"),
    "places": ("/", "/ o r d e r enter", "b", "J", "g a", "u"),
}
"""Every kind of what floats and of what is written; the search, the customer, another conversation, view and pane."""

Place = tuple[type, bool, Where, View, Widget | None, int]


def _place(app: AgentApp) -> Place:
    """Where one is."""
    screen = desk_of(app)
    return type(app.screen), screen.answering.is_open, screen.where, screen.view, screen.focused, _opened(app)


def _opened(app: AgentApp) -> int:
    opened = desk_of(app).thread.open
    return opened.id if opened is not None else 0


async def _there_and_back(app: AgentApp, pilot: Pilot[Any], keys: str) -> None:
    home = _place(app)
    await pilot.press(*keys.split())
    await wait_for(pilot, app, lambda: _place(app) != home)
    for _ in range(12):
        await pilot.pause(0.02)
        if _place(app) == home:
            return
        await pilot.press(*_back(app, home))
        await settle(app, pilot)
    raise AssertionError(f"{keys} leads to {_place(app)}")


def _back(app: AgentApp, home: Place) -> tuple[str, ...]:
    """The keys of the next step."""
    screen = desk_of(app)
    lists = (screen.thread.list, screen.inbox.list)
    in_search = screen.where is Where.SEARCH
    if app.screen is not screen or screen.answering.is_open or in_search or screen.focused not in lists:
        return ("escape",)
    if screen.view is not home[3]:
        return ("g", "i")
    if screen.focused is screen.inbox.list:
        return ("enter",)
    ids = [row.id for row in screen.desk.reads.page(View.INBOX, screen.desk.agent, None, 50)]
    return ("J",) if ids.index(_opened(app)) < ids.index(home[-1]) else ("K",)


def _nodes(app: AgentApp) -> int:
    return sum(1 for screen in app.screen_stack for _ in screen.walk_children())


def _alive() -> Counter[str]:
    """Widgets that exist, in the app or not."""
    gc.collect()
    return Counter(type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, Widget))


@pytest.mark.parametrize("kind", OPENS)
async def test_what_is_closed_leaves_nothing_behind(make_app: MakeApp, tmp_path: Path, kind: str) -> None:
    app = make_app()
    publish(home_of(tmp_path)).close()  # what an account can be of
    async with app.run_test(size=(120, 40)) as pilot:
        await open_refund(app, pilot)
        for _ in range(WARM):  # what is made once and kept
            for keys in OPENS[kind]:
                await _there_and_back(app, pilot, keys)
        nodes, alive = _nodes(app), _alive()
        for _ in range(ROUNDS):
            for keys in OPENS[kind]:
                await _there_and_back(app, pilot, keys)
        assert _nodes(app) <= nodes
        assert _alive() - alive == Counter()
