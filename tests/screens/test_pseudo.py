"""A language a third longer than English cuts no label at 80 columns: each text shows both of its ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent_tui import words
from agent_tui.app import AgentApp
from agent_tui.named_keys import key_shown
from agent_tui.widgets.title_line import TitleLine
from tests.screens.conftest import MakeApp, text_of
from tests.screens.states import STATES, State, reach


@pytest.fixture(autouse=True)
def _pseudo() -> Iterator[None]:
    words.set_language("pseudo")
    yield
    words.set_language("")


KEYS = {
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


LONG = " and the second one that I ordered in spring leaks as well, I have had enough of it"


def write_long(home: Path) -> None:
    """Subjects and names that no box has room for: they give way, not the words around them."""
    with closing(sqlite3.connect(home / "store.db")) as store, store:
        store.execute(
            "UPDATE conversation SET subject = subject || ?, customer = customer || ' Featherstonehaugh'", (LONG,)
        )


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS.keys())
async def test_no_label_is_cut(make_app: MakeApp, tmp_path: Path, keys: tuple[str, ...], long: bool) -> None:
    app = make_app()
    if long:
        write_long(tmp_path / "desk0")
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(State(keys), app, pilot)
        await pilot.pause(0.6 if keys == ("g",) else 0.15)
        assert_whole(app)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
async def test_no_label_of_any_state_is_cut(make_app: MakeApp, tmp_path: Path, state: State) -> None:
    app = make_app(filled=state.filled, **state.options)
    for happen in state.before:
        happen(tmp_path / "desk0")
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(state, app, pilot)
        await pilot.pause(0.15)
        assert_whole(app)


def assert_whole(app: AgentApp) -> None:
    """Every text shows both its ends: on its line, or on one of the next where it flows. And no key is left out."""
    assert_keys(app)
    first, last = words.PSEUDO_ENDS
    lines = text_of(app)
    if app.screen.is_modal:
        box = app.screen.query_one("#box").region
        lines = [line[box.x : box.right] for line in lines[box.y : box.bottom]]
    assert any(first in line for line in lines)
    text = "\n".join(line.strip(" │┌┐└┘─") for line in lines)
    assert f"{first}…" not in text
    opened = 0
    for line in lines:
        if f"{last}   j " in line:  # more of it stands below: the last line of the window goes on there
            opened = 0
        opened += line.count(first) - line.count(last)
        assert opened in (0, 1, 2), line  # one text may stand within another
        if "…" in line:
            assert opened == 0, line
    assert not opened, text


def assert_keys(app: AgentApp) -> None:
    """Every key that is offered stands there with its word."""
    lines = text_of(app)
    for offers in app.screen.query(TitleLine):
        region = offers.region
        if not offers.display or not region.area:
            continue
        text = "\n".join(line[region.x : region.right] for line in lines[region.y : region.bottom])
        missing = [hint for hint in offers.hints if f"{key_shown(hint.key)} {hint.word}" not in text]
        assert not missing, (offers.id, missing, text)
