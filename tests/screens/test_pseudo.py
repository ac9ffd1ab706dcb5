"""A language a third longer than English cuts no label at 80 columns: each text shows both of its ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent_tui import words
from tests.screens.conftest import MakeApp, settle, text_of


@pytest.fixture(autouse=True)
def _pseudo() -> Iterator[None]:
    words.set_language("pseudo")
    yield
    words.set_language("")


STATES = {
    "list": (),
    "waiting": ("g", "w"),
    "conversation": ("j", "enter"),
    "help": ("question_mark",),
    "help, end": ("question_mark", "G"),
    "status": ("s",),
    "priority": ("P",),
    "assign": ("A",),
    "snooze": ("h",),
    "spam": ("exclamation_mark",),
    "palette": ("ctrl+p",),
    "prefix": ("g",),
    "solved": ("e",),
    "undo list": ("e", "Z"),
    "evidence": ("j", "enter", "w"),
    "attachments": ("j", "enter", "v"),
    "panel": ("j", "b"),
    "search": ("slash", "q", "q", "q"),
    "no such key": ("asterisk",),
    "reply": ("j", "enter", "r"),
    "note": ("j", "enter", "N"),
    "new message": ("c",),
    "nothing to send": ("j", "enter", "r", "ctrl+s"),
    "drafts": ("g", "t"),
    "outbox": ("g", "x"),
    "accounts": ("g", "c"),
    "activity": ("g", "y"),
    "set aside": ("g", "k"),
}


@pytest.mark.parametrize("keys", STATES.values(), ids=STATES.keys())
async def test_no_label_is_cut(make_app: MakeApp, keys: tuple[str, ...]) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for key in keys:
            await pilot.press(key)
            await settle(app, pilot)
        await pilot.pause(0.6 if keys == ("g",) else 0.15)
        first, last = words.PSEUDO_ENDS
        lines = text_of(app)
        if app.screen.is_modal:
            box = app.screen.query_one("#box").region
            lines = [line[box.x : box.right] for line in lines[box.y : box.bottom]]
        cut = [line for line in lines if line.count(first) != line.count(last)]
        assert not cut
        assert any(first in line for line in text_of(app))
