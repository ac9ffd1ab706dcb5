"""Where list and conversation take one another's place, nothing else is seen between them."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from agent_tui.app import AgentApp
from tests.screens.conftest import MakeApp, settle, text_of

LATER = str.maketrans("▌●", "  ")
NARROW = [(59, 40), (80, 24), (60, 16)]


class Pictures:
    """What the panes show, picture by picture, without what comes a little later: the bar of the cursor's row comes with
    the keys, and what was read is committed first."""

    def __init__(self, app: AgentApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self._app = app
        self.seen: list[list[str]] = []
        display = app._display

        def watched(screen: Screen[Any], renderable: Any) -> None:
            display(screen, renderable)
            self.seen.append(self.now())

        monkeypatch.setattr(app, "_display", watched)

    def now(self) -> list[str]:
        return [line.translate(LATER) for line in text_of(self._app)[1:-1]]

    async def between(self, pilot: Pilot[Any], *keys: str) -> list[list[str]]:
        """Pictures of neither what was there nor what came then."""
        before = self.now()
        self.seen.clear()
        await pilot.press(*keys)
        await settle(self._app, pilot)
        after = self.now()
        assert before != after
        assert self.seen
        return [picture for picture in self.seen if picture not in (before, after)]


@pytest.mark.parametrize("size", NARROW)
async def test_list_and_conversation_are_painted_once(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot)
        pictures = Pictures(app, monkeypatch)
        for _each in range(3):
            assert await pictures.between(pilot, "enter") == []
            assert await pictures.between(pilot, "J") == []
            assert await pictures.between(pilot, "q") == []
            await pilot.press("j")
            await settle(app, pilot)


async def test_a_conversation_opened_at_another_size_is_painted_once(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("enter")
        await pilot.press("q", "j")
        await pilot.resize_terminal(59, 40)
        await settle(app, pilot)
        pictures = Pictures(app, monkeypatch)
        assert await pictures.between(pilot, "enter") == []
