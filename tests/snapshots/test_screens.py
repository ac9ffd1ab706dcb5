"""How the screens look. A picture that changed is looked at beside the old one before it is taken over.

`make snapshots` draws them anew.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from agent_tui.app import AgentApp
from agent_tui.config import Settings
from agent_tui.domain.account import AccountHealth, Fault, Health
from agent_tui.domain.times import HOUR, MINUTE, Micros
from agent_tui.screens.desk import DeskScreen
from agent_tui.store.open import open_worker
from agent_tui.terminal.environment import Terminal
from tests.desk_data import NOW, pinned_time
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.states import STATES, State, reach

Compare = Callable[..., bool]
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "160x44": (160, 44)}
THEMES = ("dark", "light", "terminal", "plain")


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    time.tzset()
    monkeypatch.setenv("HOME", str(tmp_path))  # paths are shown from there
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    with pinned_time(NOW):
        yield


def pressing(*keys: str, rest: float = 0.0) -> Callable[[Pilot[Any]], Awaitable[None]]:
    """Press keys one after the other, each settled; then show what would show once the agent rests."""

    async def press(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, AgentApp)
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await settle(app, pilot)
        await pilot.pause(rest)
        desk = desk_of(app)
        if desk.answering.is_open:
            await _kept(desk, app, pilot)
        else:
            desk.follow()
        desk.absorb()
        desk.bars.tell_place()
        desk.bars.tell_hints()
        if keys and keys[-1] != "e":
            desk.bars.quiet()
        await settle(app, pilot)

    return press


async def _kept(desk: DeskScreen, app: AgentApp, pilot: Pilot[Any]) -> None:
    """What was typed is kept now, not at the end of a second."""
    if not desk.answering.pane.touched:
        return
    desk.answering.journal()
    for _turn in range(200):
        await settle(app, pilot)
        if any(line.rstrip().endswith(("saved", "saved │")) or " saved " in line for line in text_of(app)):
            return
    pytest.fail("what was typed was not kept")


async def _settled_draft(desk: DeskScreen, app: AgentApp, pilot: Pilot[Any]) -> None:
    """What was typed is kept by now, also below what floats above it: whether it is has nothing to do with the hour."""
    pane = desk.answering.pane
    if not pane.touched or not pane.pending or any("kept aside" in line for line in text_of(app)):
        return
    desk.answering.journal()
    for _turn in range(200):
        await settle(app, pilot)
        if not pane.pending:
            return
    pytest.fail("what was typed was not kept")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_list(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(make_app(settings=Settings(theme=theme)), terminal_size=size, run_before=pressing("j"))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_conversation(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    app = make_app(settings=Settings(theme=theme))
    assert snap_compare(app, terminal_size=size, run_before=pressing("j", "enter"))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_composer(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int], theme: str) -> None:
    app = make_app(settings=Settings(theme=theme))
    assert snap_compare(app, terminal_size=size, run_before=pressing("j", "r", *"Hello"))


OTHERS: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "note": ((120, 40), ("j", "N", *"Ask")),
    "new message": ((80, 24), ("c",)),
    "forward": ((120, 40), ("j", "f")),
    "quotes open": ((120, 40), ("j", "enter", "enter")),
    "waiting": ((80, 24), ("g", "w")),
    "solved": ((80, 24), ("g", "d")),
    "nothing": ((80, 24), ("g", "s")),
    "undo line": ((80, 24), ("j", "e")),
    "undo list": ((100, 30), ("e", "j", "i", "Z")),
    "selected": ((80, 24), ("x", "j", "x", "j", "j", "x")),
    "prefix": ((80, 24), ("g",)),
    "status": ((80, 24), ("s",)),
    "priority": ((80, 24), ("P",)),
    "assign": ((80, 24), ("A",)),
    "tag": ((80, 24), ("t", *"vip")),
    "snooze": ((80, 24), ("h",)),
    "spam": ((80, 24), ("exclamation_mark",)),
    "search": ((80, 24), ("slash", *"refund")),
    "search beside": ((120, 40), ("slash", *"from:olena")),
    "search, nothing": ((80, 24), ("slash", *"qqqqq")),
    "palette": ((80, 24), ("ctrl+p", *"as")),
    "command line": ((80, 24), ("colon", *"15")),
    "help": ((120, 40), ("question_mark",)),
    "help, small": ((80, 24), ("question_mark",)),
    "panel": ((80, 24), ("j", "b")),
    "panel beside": ((120, 40), ("j", "b")),
    "evidence": ((100, 30), ("j", "enter", "w")),
    "attachments": ((80, 24), ("j", "enter", "v")),
    "links": ((80, 24), ("j", "enter", "L")),
    "tiny": ((20, 5), ("j",)),
    "forty columns": ((40, 12), ("j",)),
    "large": ((250, 60), ("j",)),
}


@pytest.mark.parametrize(("size", "keys"), OTHERS.values(), ids=OTHERS.keys())
def test_states(make_app: MakeApp, snap_compare: Compare, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    assert snap_compare(
        make_app(),
        terminal_size=size,
        run_before=pressing(*keys, rest=0.5 if keys[-1:] == ("g",) or "slash" in keys else 0.0),
    )


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
def test_what_keys_alone_do_not_reach(
    make_app: MakeApp, snap_compare: Compare, tmp_path: Path, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(_some_files(tmp_path / "files"))
    app = make_app(filled=state.filled, **state.options)
    for happen in state.before:
        happen(tmp_path / "desk0")

    async def go(pilot: Pilot[Any]) -> None:
        await reach(state, app, pilot)
        desk = desk_of(app)
        if desk.answering.is_open:
            await _settled_draft(desk, app, pilot)
        else:
            desk.follow()
        await settle(app, pilot)
        assert type(app.screen).__name__ == state.shows

    assert snap_compare(app, terminal_size=SIZES["80x24"], run_before=go)


def _some_files(folder: Path) -> Path:
    """What there is to attach."""
    folder.mkdir()
    for name, size in (("invoice-118.pdf", 84_000), ("photo of the parcel.jpg", 2_400_000), ("notes.txt", 300)):
        (folder / name).write_bytes(b"x" * size)
    (folder / "Contracts").mkdir()
    return folder


def test_every_screen_has_a_picture() -> None:
    import agent_tui.screens

    folder = agent_tui.screens.__path__[0]
    modules = [import_module(f"agent_tui.screens.{path.stem}") for path in Path(folder).glob("*.py")]
    screens = {
        name
        for module in modules
        for name, found in vars(module).items()
        if isinstance(found, type) and issubclass(found, Screen) and found.__module__ == module.__name__
    }
    bases = {"Modal", "Panes", "Floating", "LiveSheet"}
    assert bases < screens
    assert screens - bases == {state.shows for state in STATES.values()}


def test_empty(make_app: MakeApp, snap_compare: Compare) -> None:
    assert snap_compare(make_app(filled=False), terminal_size=(80, 24), run_before=pressing())


def test_over_ssh(make_app: MakeApp, snap_compare: Compare) -> None:
    app = make_app(terminal=Terminal(over_ssh=True))
    assert snap_compare(app, terminal_size=(120, 40), run_before=pressing("j"))


def test_ascii(make_app: MakeApp, snap_compare: Compare) -> None:
    app = make_app(settings=Settings(ascii=True))
    assert snap_compare(app, terminal_size=(120, 40), run_before=pressing("j", "enter"))


def test_broken_line(make_app: MakeApp, snap_compare: Compare) -> None:
    app = make_app()
    worker = open_worker(app.desk.settings.downloads.parent)
    fault = Fault("unreachable", {"reason": "timeout", "host": "imap.aurora.example"})
    worker.set_health(
        AccountHealth("mail", Health.WAITING, Micros(NOW - HOUR), fault, next_try_at=Micros(NOW + 5 * MINUTE))
    )
    worker.close()
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressing("j"))


def test_wide_rows_with_tags(make_app: MakeApp, snap_compare: Compare) -> None:
    app = make_app()
    keys = ("t", *"vip", "enter", "backslash")
    assert snap_compare(app, terminal_size=(130, 24), run_before=pressing(*keys))
