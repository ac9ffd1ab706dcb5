"""A message of which nobody knows whether it left: every key has an answer, and none doubles it by silence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent_tui import sentences
from agent_tui.domain.account import Fault
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.times import Micros
from agent_tui.screens import outbox
from agent_tui.screens.outbox import OutboxSheet
from agent_tui.screens.sheet import Question
from agent_tui.store.open import open_worker
from agent_tui.store.ports import WorkerStore
from tests.screens.conftest import MakeApp, text_of
from tests.screens.test_composing import wait_for
from tests.screens.test_minding import SIZE, home_of, send_one, state_of


@contextmanager
def worker_of(tmp_path: Path) -> Iterator[WorkerStore]:
    worker = open_worker(home_of(tmp_path))
    try:
        yield worker
    finally:
        worker.close()


def drops(worker: WorkerStore, item: int) -> None:
    """The server takes the body and hangs up."""
    assert item in [one.id for one in worker.due("mail", Micros(2_000_000_000_000_000))]
    worker.claim(item)
    worker.mark_leaving(item)
    worker.settle(item, OutboxState.UNKNOWN, fault=Fault("no_answer", {"host": "mx.test"}))


async def test_a_second_doubling_is_asked_for_and_the_tries_are_told(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Question, "READING", 60.0)
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        with worker_of(tmp_path) as worker:
            drops(worker, item)
            await pilot.press("g", "x")
            await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
            await wait_for(pilot, app, lambda: "Tried once, at" in "\n".join(text_of(app)))
            assert isinstance(app.screen, OutboxSheet)
            assert "\n".join(line.text for line in app.screen.found).count("may have") == 1
            await pilot.press("a")
            await wait_for(pilot, app, lambda: state_of(app, item) is OutboxState.QUEUED)
            drops(worker, item)
            await wait_for(pilot, app, lambda: "Tried 2 times, last at" in "\n".join(text_of(app)))
            await pilot.press("a")
            asked = "It may arrive 3 times; a sends it again, any other key leaves it."
            await wait_for(pilot, app, lambda: asked in "\n".join(text_of(app)))
            await pilot.press("a")  # held too long: no answer
            assert state_of(app, item) is OutboxState.UNKNOWN
            await pilot.press("y")  # leaves it, and says nothing else
            await wait_for(pilot, app, lambda: asked not in "\n".join(text_of(app)))
            assert state_of(app, item) is OutboxState.UNKNOWN
            await pilot.press("a")
            await wait_for(pilot, app, lambda: asked in "\n".join(text_of(app)))
            monkeypatch.setattr(Question, "READING", 0.0)
            await pilot.press("a")
            await wait_for(pilot, app, lambda: state_of(app, item) is OutboxState.QUEUED)


async def test_that_it_was_sent_is_asked_and_told_as_the_agents_word(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Question, "READING", 60.0)
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        with worker_of(tmp_path) as worker:
            drops(worker, item)
            await pilot.press("g", "x")
            await wait_for(pilot, app, lambda: "Tried once, at" in "\n".join(text_of(app)))
            await pilot.press("y", "y")  # held too long: no answer
            asked = "It would count as sent on your word, and that cannot be undone;"
            await wait_for(pilot, app, lambda: asked in "\n".join(text_of(app)))
            assert state_of(app, item) is OutboxState.UNKNOWN
            await pilot.press("a")  # leaves it, and sends nothing
            await wait_for(pilot, app, lambda: asked not in "\n".join(text_of(app)))
            assert state_of(app, item) is OutboxState.UNKNOWN
            monkeypatch.setattr(Question, "READING", 0.0)
            await pilot.press("y", "y")
            await wait_for(pilot, app, lambda: state_of(app, item) is OutboxState.SENT)
            said = "You said that it was sent; there is no proof of it."
            await wait_for(pilot, app, lambda: said in "\n".join(text_of(app)))
            await pilot.press("o", "G")
            await wait_for(pilot, app, lambda: "You said that the message in doubt was sent" in "\n".join(text_of(app)))


async def test_where_others_have_it_the_doubt_is_about_those_who_were_left(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        with worker_of(tmp_path) as worker:
            assert item in [one.id for one in worker.due("mail", Micros(2_000_000_000_000_000))]
            worker.claim(item)
            later = Fault("some_later", {"bob@b.test": "450 later"})
            worker.sent_partly(item, ["bob@b.test", "cat@c.test"], {}, later, retry_at=Micros(0))
            worker.claim(item)
            worker.settle(item, OutboxState.UNKNOWN, fault=Fault("message_refused", {"server_said": "451 later"}))
            worker.looked(item, "others_have_it")
            await pilot.press("g", "x")
            await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
            assert isinstance(app.screen, OutboxSheet)
            said = "\n".join(line.text for line in app.screen.found)
    assert "The others have it; whether bob@b.test +1 got it nobody knows." in said
    assert "proves nothing here: the others have it." in said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("not_there", "Looked for it in Sent of"),
        ("unreachable", "no connection to"),
        ("no_folder", "shows no Sent folder"),
        ("protocol_error", "did not answer as it should"),
    ],
)
async def test_a_look_for_it_is_answered(make_app: MakeApp, tmp_path: Path, answer: str, said: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        with worker_of(tmp_path) as worker:
            drops(worker, item)
            await pilot.press("g", "x")
            await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
            await pilot.press("p")
            await wait_for(pilot, app, lambda: "It is being looked for." in "\n".join(text_of(app)))
            worker.looked(item, answer)
            await wait_for(pilot, app, lambda: said in "\n".join(text_of(app)))
            assert "being looked for" not in "\n".join(text_of(app))


async def test_what_was_found_says_when_it_left(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        with worker_of(tmp_path) as worker:
            drops(worker, item)
            await pilot.press("g", "x", "p")
            worker.looked(item, "found")
            worker.settle(item, OutboxState.SENT)
            await wait_for(pilot, app, lambda: "Found in Sent: it left at" in "\n".join(text_of(app)))


async def test_no_worker_is_an_answer_too(make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PATIENCE", 0.2)
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        with worker_of(tmp_path) as worker:
            drops(worker, item)
        await pilot.press("g", "x", "p")
        await wait_for(pilot, app, lambda: "no worker answers" in "\n".join(text_of(app)))


def test_activity_names_the_message() -> None:
    told = {"item": "7", "subject": "Refund {x}", "to": "anna@shop.example +1"}
    assert sentences.activity("unknown", told).endswith("not known: “Refund {x}” to anna@shop.example +1")
    assert sentences.activity("unknown", {"item": "7"}).endswith("not known")
