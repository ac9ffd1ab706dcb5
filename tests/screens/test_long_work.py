"""Files that take long: the desk hears keys meanwhile, tells how far it is, and Esc stops it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.desk.conversation import Conversations
from agent_tui.domain.message import Attachment, Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.store.open import open_worker
from tests.desk_data import OLENA, message
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import wait_for

SIZE = (120, 30)


class Slow:
    """The files come one by one, when the test lets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let = threading.Semaphore(0)

        def contents(conversations: Conversations, message_id: int, files: Iterable[Attachment]) -> Iterator[bytes]:
            for _file in files:
                self.let.acquire(timeout=20)
                yield b"content"

        monkeypatch.setattr(Conversations, "contents", contents)
        monkeypatch.setattr("agent_tui.screens.long_work.MOMENT", 0.1)
        monkeypatch.setattr("agent_tui.screens.long_work.TOLD_EVERY", 0.02)
        monkeypatch.setattr("agent_tui.screens.beginning.MOMENT", 0.1)

    def go_on(self, files: int = 1_000) -> None:
        self.let.release(files)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    made = Slow(monkeypatch)
    yield made
    made.go_on()


async def with_files(app: AgentApp, pilot: Pilot[Any], home: Path, number: int = 3) -> int:
    """A conversation whose last message has files, open on the screen."""
    await settle(app, pilot)
    conversation = desk_of(app).inbox.current
    assert conversation is not None
    files = tuple(
        Attachment(0, SafeText(f"f{at}.txt"), SafeText("text/plain"), 7, False, str(at)) for at in range(number)
    )
    worker = open_worker(home)
    with worker.ingest() as tx:
        found = message("Files.", -60_000_000, OLENA, files=files, native_id="with", header_id="with")
        tx.add_message(found, conversation, Placement(Rule.IN_REPLY_TO))
    worker.close()
    await settle(app, pilot)
    await pilot.press("enter")
    await settle(app, pilot)
    await pilot.press("g", "g")
    while desk_of(app).thread.message is None or not desk_of(app).thread.message.attachments:  # type: ignore[union-attr]
        await pilot.press("n")
        await settle(app, pilot)
    return conversation


def says(app: AgentApp, words: str) -> bool:
    return any(words in line for line in text_of(app))


async def test_a_forward_that_takes_long_is_told_and_opens(make_app: MakeApp, tmp_path: Path, slow: Slow) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await with_files(app, pilot, tmp_path / "desk0")
        await pilot.press("f")
        await wait_for(pilot, app, lambda: says(app, "0 of 3 files  esc stop"))
        assert desk_of(app).is_ready
        slow.go_on(2)
        await wait_for(pilot, app, lambda: says(app, "2 of 3 files"))
        slow.go_on(1)
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await wait_for(pilot, app, lambda: not says(app, "of 3 files"))
        assert len(desk_of(app).answering.pane.draft().files) == 3


async def test_esc_stops_a_forward(make_app: MakeApp, tmp_path: Path, slow: Slow) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await with_files(app, pilot, tmp_path / "desk0")
        await pilot.press("f")
        await wait_for(pilot, app, lambda: says(app, "0 of 3 files"))
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: says(app, "Stopped; nothing is forwarded."))
        slow.go_on()
        await settle(app, pilot)
        assert not desk_of(app).answering.is_open
        assert desk_of(app).thread.shown == conversation  # Esc meant the files, not the conversation
        assert not says(app, "of 3 files")


async def test_a_late_forward_opens_under_nobodys_fingers(make_app: MakeApp, tmp_path: Path, slow: Slow) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await with_files(app, pilot, tmp_path / "desk0")
        await pilot.press("f")
        await wait_for(pilot, app, lambda: says(app, "0 of 3 files"))
        await pilot.press("c")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        written = desk_of(app).answering.pane.draft().id
        slow.go_on()
        await wait_for(pilot, app, lambda: says(app, "The message to forward is ready."))
        assert desk_of(app).answering.pane.draft().id == written
        kept = desk_of(app).answering.drafts.parked()
        assert [len(draft.files) for draft in kept if draft.id != written] == [3]


async def test_saving_all_is_told_and_esc_keeps_what_is_saved(make_app: MakeApp, tmp_path: Path, slow: Slow) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await with_files(app, pilot, tmp_path / "desk0")
        await pilot.press("v", "a")
        slow.go_on(1)
        await wait_for(pilot, app, lambda: says(app, "1 of 3 files"))
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: says(app, "Stopped; 1 file was saved."))
        assert len(list(app.desk.settings.downloads.iterdir())) == 1


async def test_files_that_do_not_go_along_are_told(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: Slow
) -> None:
    monkeypatch.setattr("agent_tui.desk.compose.MOST_FORWARDED", 2)
    slow.go_on()
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await with_files(app, pilot, tmp_path / "desk0")
        await pilot.press("f")
        await wait_for(pilot, app, lambda: says(app, "Only the first 2 of 3 files go along;"))
        assert says(app, "not all files go along")
