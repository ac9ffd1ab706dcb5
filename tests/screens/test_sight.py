"""Above an open text stands what is answered; and a draft has seen no more of a conversation than was in sight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.domain.account import AccountHealth, Health
from agent_tui.domain.times import MINUTE, Micros
from agent_tui.screens.presend import PresendCheck
from agent_tui.store.open import open_worker
from agent_tui.widgets.panel_rows import PanelRows
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, type_text, wait_for
from tests.screens.test_unseen import LONG, arrives

NARROW, MEDIUM = (80, 24), (120, 40)


async def parked(app: AgentApp, pilot: Pilot[Any]) -> int:
    """A draft that waits, its agent back in the list."""
    conversation = await open_refund(app, pilot)
    await pilot.press("r")
    await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
    await type_text(pilot, "Half")
    await pilot.press("escape")
    await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
    await pilot.press("u")
    await settle(app, pilot)
    return conversation


async def comes(app: AgentApp, pilot: Pilot[Any], home: Path, conversation: int, *texts: str) -> None:
    """The customer writes, and the list knows."""
    reads = desk_of(app).desk.reads
    before = len(reads.items(conversation, None, 50))
    for number, text in enumerate(texts):
        arrives(home, conversation, text, 2 + number)
    desk_of(app).absorb()
    await settle(app, pilot)
    assert len(reads.items(conversation, None, 50)) == before + len(texts)


async def goes_on(app: AgentApp, pilot: Pilot[Any], keys: tuple[str, ...]) -> None:
    """The draft is open again, and what is typed is text."""
    screen = desk_of(app)
    for key in keys:
        await pilot.press(key)
        await settle(app, pilot)
    await wait_for(pilot, app, lambda: screen.answering.is_open and screen.is_ready)


@pytest.mark.parametrize("keys", [("g", "t", "enter"), ("enter", "r")], ids=" ".join)
@pytest.mark.parametrize("size", [NARROW, MEDIUM])
async def test_a_draft_that_waited_has_not_seen_what_stands_below(
    make_app: MakeApp, tmp_path: Path, size: tuple[int, int], keys: tuple[str, ...]
) -> None:
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        conversation = await parked(app, pilot)
        screen = desk_of(app)
        await comes(app, pilot, tmp_path / "desk0", conversation, LONG, LONG, "Please cancel everything")
        if "enter" in keys[:1]:
            screen.inbox.list.go(screen.inbox.place_of(conversation) or 0)
        await goes_on(app, pilot, keys)
        assert "Half" in screen.answering.pane.text.text
        assert not any("cancel everything" in line for line in text_of(app))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        assert any("you have not seen it" in line for line in text_of(app))


@pytest.mark.parametrize("size", [NARROW, MEDIUM])
async def test_with_everything_in_sight_it_is_not_asked(
    make_app: MakeApp, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        conversation = await parked(app, pilot)
        await comes(app, pilot, tmp_path / "desk0", conversation, "Take your time")
        await goes_on(app, pilot, ("g", "t", "enter"))
        assert any("Take your time" in line for line in text_of(app))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
        assert app.screen is desk_of(app)


async def test_what_was_read_beside_the_text_was_seen(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        conversation = await parked(app, pilot)
        screen = desk_of(app)
        await comes(app, pilot, tmp_path / "desk0", conversation, LONG, "Please cancel everything")
        await goes_on(app, pilot, ("g", "t", "enter"))
        await pilot.press("tab", "g", "g")
        await settle(app, pilot)
        await pilot.press("n", "n", "n", "n", "n", "G")
        await settle(app, pilot)
        assert any("cancel everything" in line for line in text_of(app))
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)


async def test_an_answer_begun_anew_has_seen_what_was_in_sight(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        conversation = await open_refund(app, pilot)
        await pilot.press("u")
        await settle(app, pilot)
        await comes(app, pilot, tmp_path / "desk0", conversation, "Do not send it", LONG)
        screen.thread.clear()
        screen.inbox.list.go(screen.inbox.place_of(conversation) or 0)
        await goes_on(app, pilot, ("r",))
        await type_text(pilot, "Sent")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        assert any("you have not seen it" in line for line in text_of(app))
        await pilot.press("v")
        await wait_for(pilot, app, lambda: any("Do not send it" in line for line in text_of(app)))


@pytest.mark.parametrize("length", [4, 60])
async def test_the_end_of_what_is_answered_stands_above_the_text(
    make_app: MakeApp, tmp_path: Path, length: int
) -> None:
    app = make_app()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        said = "\n".join(f"said {n}" for n in range(length))
        await comes(app, pilot, tmp_path / "desk0", conversation, said)
        await goes_on(app, pilot, ("r",))

        def above() -> str:
            return text_of(app)[screen.answering.pane.region.y - 1]

        await wait_for(pilot, app, lambda: f"said {length - 1}" in above())
        await pilot.press(*("enter",) * 12)
        await settle(app, pilot)
        assert f"said {length - 1}" in above(), "the text grows, and it stays in sight"
        await pilot.press("tab", "k")
        await settle(app, pilot)
        moved = above()
        assert f"said {length - 1}" not in moved
        await pilot.press("r", "x")
        await settle(app, pilot)
        assert above() == moved, "where the agent went it stays"


@pytest.mark.parametrize("back", ["tab", "escape", "r"])
async def test_the_customer_never_stands_over_an_open_text(make_app: MakeApp, back: str) -> None:
    app = make_app()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await goes_on(app, pilot, ("r",))
        await type_text(pilot, "BB")
        await pilot.press("tab", "b")
        await settle(app, pilot)
        assert screen.panel.has_focus
        assert not screen.query_one("#reading").display
        await pilot.press(back, *"ZZ")
        await settle(app, pilot)
        assert any(line.startswith(" BBZZ") for line in text_of(app)), "what is typed is in sight"
        assert not screen.answering.pane.not_shown(), "and so is who gets it"


async def test_the_panel_offers_to_open_what_can_be_opened(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("b")
        await settle(app, pilot)
        assert isinstance(screen.panel.rows, PanelRows)
        for at, line in enumerate(screen.panel.rows.panel):
            assert screen.panel.cursor == at
            assert ("enter open" in text_of(app)[-1]) is (line.conversation is not None)
            await pilot.press("j")
            await pilot.pause()


async def test_in_a_text_only_keys_that_work_there_are_named(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        worker = open_worker(tmp_path / "desk0")
        present = app.desk.now()
        worker.set_health(AccountHealth("mail", Health.WAITING, present, next_try_at=Micros(present + MINUTE)))
        worker.close()
        await wait_for(pilot, app, lambda: any("(ctrl+r now)" in line for line in text_of(app)))
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open and screen.is_ready)
        await comes(app, pilot, tmp_path / "desk0", conversation, LONG, "And this")
        shown = "\n".join(text_of(app))
        assert "Next try" in shown
        assert "ctrl+r now" not in shown
        assert "new messages below  tab to it" in shown
        await pilot.press("tab")
        await settle(app, pilot)
        shown = "\n".join(text_of(app))
        assert "line 0 of a long message" in shown
        assert "ctrl+r now" in shown
        assert "1 new message below  G to it" in shown
