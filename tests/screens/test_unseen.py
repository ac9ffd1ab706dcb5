"""What comes into the open conversation out of sight: told, unread until it is seen, and never put away unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.domain.conversation import Status, View
from agent_tui.domain.message import Placement, Rule
from agent_tui.domain.times import MINUTE
from agent_tui.store.open import open_worker
from agent_tui.widgets.hint_line import Hint
from tests.desk_data import OLENA, message
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import wait_for

LONG = "\n".join(f"line {n} of a long message" for n in range(60))


def arrives(home: Path, conversation: int, text: str, minutes: int = 2) -> None:
    worker = open_worker(home)
    with worker.ingest() as tx:
        tx.add_message(message(text, -minutes * MINUTE, OLENA, unread=True), conversation, Placement(Rule.IN_REPLY_TO))
    worker.close()


async def opened(app: AgentApp, pilot: Pilot[Any], home: Path) -> int:
    """A long conversation, read, its window at the top."""
    await settle(app, pilot)
    screen = desk_of(app)
    rows = screen.desk.reads.page(View.INBOX, "dana", None, 50)
    conversation = next(row.id for row in rows if "Повернення" in row.subject)
    arrives(home, conversation, LONG, 1)
    screen.open(conversation)
    await wait_for(pilot, app, lambda: not unread(app, conversation))
    await pilot.press("g", "g")
    await settle(app, pilot)
    return conversation


def unread(app: AgentApp, conversation: int) -> bool:
    row = desk_of(app).desk.reads.conversation(conversation)
    assert row is not None
    return row.unread


def status(app: AgentApp, conversation: int) -> Status:
    row = desk_of(app).desk.reads.conversation(conversation)
    assert row is not None
    return row.status


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_is_told_and_read_only_when_it_is_seen(
    make_app: MakeApp, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        conversation = await opened(app, pilot, tmp_path / "desk0")
        arrives(tmp_path / "desk0", conversation, "URGENT, please call me")
        await wait_for(pilot, app, lambda: any("1 new message below" in line for line in text_of(app)))
        arrives(tmp_path / "desk0", conversation, "Really urgent", 3)
        await wait_for(pilot, app, lambda: any("2 new messages below" in line for line in text_of(app)))
        await pilot.pause(0.3)
        assert unread(app, conversation)
        await pilot.press("G")
        await wait_for(pilot, app, lambda: not unread(app, conversation))
        await wait_for(pilot, app, lambda: any("Really urgent" in line for line in text_of(app)))
        assert "new message" not in "\n".join(text_of(app))


@pytest.mark.parametrize("keys", [["G"], ["r"]], ids=["G", "above the text"])
async def test_of_a_long_one_the_head_is_shown_first(make_app: MakeApp, tmp_path: Path, keys: list[str]) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        conversation = await opened(app, pilot, tmp_path / "desk0")
        screen = desk_of(app)
        if keys == ["r"]:  # it comes while a draft waits
            await pilot.press("r", *"Hello", "escape")
            await wait_for(pilot, app, lambda: not screen.answering.is_open)
            await pilot.press("g", "g")
            await settle(app, pilot)
        arrives(tmp_path / "desk0", conversation, "STOP, the wrong company\n" + LONG)
        await wait_for(pilot, app, lambda: any("1 new message below" in line for line in text_of(app)))
        await pilot.press(*keys)
        await wait_for(pilot, app, lambda: any("STOP, the wrong company" in line for line in text_of(app)))


async def test_who_is_read_is_answered(make_app: MakeApp, tmp_path: Path) -> None:
    """Also where the tail of the message before is in sight, and its head is not."""
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        conversation = await opened(app, pilot, tmp_path / "desk0")
        arrives(tmp_path / "desk0", conversation, "Short and urgent")
        await wait_for(pilot, app, lambda: any("1 new message below" in line for line in text_of(app)))
        thread = desk_of(app).thread
        assert thread.message is not None
        before = thread.message.id
        await pilot.press("G")
        await settle(app, pilot)
        assert thread.message.text == "Short and urgent"
        assert any(line.startswith("▌●") for line in text_of(app)), "the mark is in sight"
        await pilot.press("g", "g")
        await settle(app, pilot)
        assert thread.message.id <= before
        await pilot.press("n", *["j"] * (thread.list.rows.height(thread.list.cursor) - 6))
        await settle(app, pilot)
        following = thread.list.caret_line()
        inside = thread.list.first_line <= following < thread.list.first_line + thread.list.size.height
        assert inside or thread.list.rows.height(thread.list.cursor) >= thread.list.size.height // 2


@pytest.mark.parametrize("writing", [False, True], ids=["reading", "above the text that answers it"])
async def test_what_comes_into_sight_is_read_at_once(make_app: MakeApp, tmp_path: Path, writing: bool) -> None:
    app = make_app()
    async with app.run_test(size=(120, 60), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        rows = screen.desk.reads.page(View.INBOX, "dana", None, 50)
        conversation = next(row.id for row in rows if "Повернення" in row.subject)
        screen.open(conversation)
        await wait_for(pilot, app, lambda: not unread(app, conversation))
        if writing:
            await pilot.press("r")
            await wait_for(pilot, app, lambda: screen.answering.is_open and screen.is_ready)
        arrives(tmp_path / "desk0", conversation, "there is room for this")
        await wait_for(pilot, app, lambda: any("there is room for this" in line for line in text_of(app)))
        await wait_for(pilot, app, lambda: not unread(app, conversation))
        assert not any("new message" in line for line in text_of(app))


@pytest.mark.parametrize("key", ["e", "h", "exclamation_mark"])
async def test_it_is_shown_before_its_conversation_is_put_away(make_app: MakeApp, tmp_path: Path, key: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        conversation = await opened(app, pilot, tmp_path / "desk0")
        before = status(app, conversation)
        arrives(tmp_path / "desk0", conversation, "Wait, I have a question")
        await wait_for(pilot, app, lambda: any("1 new message below" in line for line in text_of(app)))
        await pilot.press(key)
        if key != "e":  # a choice is asked for first
            await settle(app, pilot)
            await pilot.press("y" if key == "exclamation_mark" else "enter")
        await wait_for(pilot, app, lambda: any("Wait, I have a question" in line for line in text_of(app)))
        assert "Not yet" in text_of(app)[-1]
        assert status(app, conversation) is before
        await pilot.press("e")
        await wait_for(pilot, app, lambda: status(app, conversation) is Status.SOLVED)


async def test_another_conversation_starts_anew(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        conversation = await opened(app, pilot, tmp_path / "desk0")
        arrives(tmp_path / "desk0", conversation, "URGENT")
        await wait_for(pilot, app, lambda: any("1 new message below" in line for line in text_of(app)))
        await pilot.press("J")
        await settle(app, pilot)
        assert not any("new message" in line for line in text_of(app))
        assert unread(app, conversation)


async def test_the_head_says_that_there_is_more_below(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(app, pilot, tmp_path / "desk0")
        assert text_of(app)[2].rstrip().endswith("↓ more"), text_of(app)[:4]
        await pilot.press("G")
        await settle(app, pilot)
        assert "more" not in text_of(app)[2]


async def test_what_comes_into_sight_moves_no_line_below(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(120, 60), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        rows = screen.desk.reads.page(View.INBOX, "dana", None, 50)
        conversation = next(row.id for row in rows if "Повернення" in row.subject)
        screen.open(conversation)
        await wait_for(pilot, app, lambda: not unread(app, conversation))
        arrives(tmp_path / "desk0", conversation, "Here already")
        told: list[object] = []
        tell = screen.thread.foot.tell

        def telling(said: tuple[tuple[str, Hint], ...]) -> None:
            told.extend(said)
            tell(said)

        screen.thread.foot.tell = telling  # type: ignore[method-assign]
        await wait_for(pilot, app, lambda: any("Here already" in line for line in text_of(app)))
        await wait_for(pilot, app, lambda: not unread(app, conversation))
        assert not told


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(("key", "head"), [("N", "You"), ("r", "You")], ids=["note", "answer"])
async def test_what_one_wrote_stands_in_sight(
    make_app: MakeApp, tmp_path: Path, size: tuple[int, int], key: str, head: str
) -> None:
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await opened(app, pilot, tmp_path / "desk0")
        await pilot.press(key)
        screen = desk_of(app)
        await wait_for(pilot, app, lambda: screen.writing is not None and screen.writing.pane.text.has_focus)
        await pilot.press("o", "k", "a", "y")
        await pilot.press("ctrl+s")
        await settle(app, pilot)
        while screen.writing is not None:
            await pilot.press("ctrl+s")  # what the check asks
            await settle(app, pilot)
        await wait_for(pilot, app, lambda: any(line.strip(" │▎").startswith("okay") for line in text_of(app)))
        assert any(head in line for line in text_of(app))
