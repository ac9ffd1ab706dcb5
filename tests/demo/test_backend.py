"""The adapter of the demo keeps the contract."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent_tui.backends.api import (
    AuthenticationFailed,
    Found,
    Hint,
    MailArrived,
    MarksChange,
    Misconfigured,
    NotFound,
    Outgoing,
    RateLimited,
    Rejected,
    RemoteCopy,
    Sent,
    TextArrived,
    Unknown,
    Unreachable,
)
from agent_tui.domain.account import Capability
from agent_tui.domain.times import SECOND, Micros
from tests.demo.service import ALL, Service, answer, backend, nothing


async def _everything(path: Path, channel: str) -> tuple[list[str], list[str]]:
    """Native ids that a first pull and the history behind it bring."""
    door = backend(path, channel)
    await door.open()
    first = [change async for batch in door.pull(None) for change in batch.changes]
    older = [change async for batch in door.history(None) for change in batch.changes]
    await door.close()
    return [_id(change) for change in first], [_id(change) for change in older]


def _id(change: object) -> str:
    assert isinstance(change, MailArrived | TextArrived)
    return change.native_id if isinstance(change, TextArrived) else str(change.copy and change.copy.uid)


@pytest.mark.parametrize("channel", ["email", "chat"])
async def test_the_first_pull_and_history_bring_each_message_once(tmp_path: Path, channel: str) -> None:
    service = Service(tmp_path / "service.db")
    first, older = await _everything(service.path, channel)
    assert len(first) >= 60
    assert len(first + older) == len(set(first + older)) == service.server.count(channel, ALL)


async def test_history_goes_on_behind_any_batch(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    door = backend(service.path)
    await door.open()
    async for _ in door.pull(None):
        pass
    whole = [_id(change) async for batch in door.history(None) for change in batch.changes]
    pieces: list[str] = []
    cursor = None
    for _ in range(100):
        batch = await anext(door.history(cursor))
        pieces += [_id(change) for change in batch.changes]
        cursor = batch.cursor
        if batch.done:
            break
    assert pieces == whole
    await door.close()


async def test_a_pull_brings_what_came_since_and_ends(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    door = backend(service.path, clock=service.clock)
    await door.open()
    cursor = [batch.cursor async for batch in door.pull(None)][-1]
    assert [batch async for batch in door.pull(cursor)][-1].done
    service.watch(40)
    batches = [batch async for batch in door.pull(cursor)]
    raws = [change.raw for batch in batches for change in batch.changes if isinstance(change, MailArrived)]
    assert len(raws) == 2
    assert b"olena.kovalenko" in raws[0]
    assert batches[-1].done
    await door.close()


async def test_watching_lets_customers_write(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    door = backend(service.path, clock=service.clock)
    await door.open()

    async def first_hint() -> Hint:
        async for sign in door.watch():
            if isinstance(sign, Hint):
                return sign
        raise AssertionError

    waiting = asyncio.create_task(first_hint())
    while not waiting.done():
        service.clock.now = Micros(service.clock.now + SECOND)
        await asyncio.sleep(0.05)
    assert isinstance(await waiting, Hint)
    await door.close()


async def test_an_answer_is_taken_once_and_found_again(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    service.watch(5)
    mail = service.server.before("email", ALL, 1)[0]
    door = backend(service.path, clock=service.clock)
    await door.open()
    item = answer(mail, "Here it is.", "mine@aurora.example")
    assert isinstance(await door.find_sent(item), NotFound)
    assert isinstance(await door.send(item, nothing), Sent)
    assert isinstance(await door.send(item, nothing), Sent)
    assert isinstance(await door.find_sent(item), Found)
    assert [message.token for message in service.said(mail.thread)].count(item.token) == 1
    await door.close()


@pytest.mark.parametrize(("fault", "known"), [("lose_answer", Found), ("lose_message", NotFound)])
async def test_a_lost_answer_is_settled_by_the_record(tmp_path: Path, fault: str, known: type[object]) -> None:
    service = Service(tmp_path / "service.db")
    service.watch(5)
    mail = service.server.before("email", ALL, 1)[0]
    door = backend(service.path, clock=service.clock)
    await door.open()
    service.server.inject(fault)
    item = answer(mail, "Here it is.", "mine@aurora.example")
    left: list[int] = []

    async def leaving(*, named: bool = False) -> None:
        left.append(service.server.count("email", ALL))

    before = service.server.count("email", ALL)
    assert isinstance(await door.send(item, leaving), Unknown)
    assert left == [before], "the mark is committed before anything is handed over"
    assert isinstance(await door.find_sent(item), known)
    await door.close()


async def test_the_record_outlives_the_process(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    service.watch(5)
    item = answer(service.server.before("email", ALL, 1)[0], "Here it is.", "mine@aurora.example")
    door = backend(service.path, clock=service.clock)
    await door.open()
    await door.send(item, nothing)
    await door.close()
    service.server.close()
    again = backend(service.path, clock=service.clock)
    await again.open()
    assert isinstance(await again.find_sent(item), Found)
    await again.close()


async def test_faults_of_the_line(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    door = backend(service.path)
    service.server.inject("refuse_login")
    with pytest.raises(AuthenticationFailed):
        await door.open()
    await door.open()
    service.server.inject("rate_limit")
    with pytest.raises(RateLimited) as limited:
        await anext(door.pull(None))
    assert limited.value.retry_after > 0
    service.server.inject("unreachable")
    with pytest.raises(Unreachable):
        await anext(door.pull(None))
    await door.close()
    with pytest.raises(Unreachable):
        await anext(door.pull(None))


@pytest.mark.parametrize(("fault", "passing"), [("busy", True), ("refuse_message", False)])
async def test_a_refused_message_has_not_left(tmp_path: Path, fault: str, passing: bool) -> None:
    service = Service(tmp_path / "service.db")
    service.watch(5)
    item = answer(service.server.before("email", ALL, 1)[0], "Here it is.", "mine@aurora.example")
    door = backend(service.path, clock=service.clock)
    await door.open()
    service.server.inject(fault)

    async def leaving(*, named: bool = False) -> None:
        raise AssertionError("nothing may leave")

    refused = await door.send(item, leaving)
    assert isinstance(refused, Rejected)
    assert refused.passing is passing
    assert isinstance(await door.find_sent(item), NotFound)
    await door.close()


async def test_a_chat_gives_the_token_back_and_vouches_for_the_address(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    service.watch(10)
    door = backend(service.path, "chat", service.clock)
    await door.open()
    cursor = [batch.cursor async for batch in door.pull(None)][-1]
    line = service.server.before("chat", ALL, 1)[0]
    item = Outgoing("txn-1", b"", "Take the 3.", "", (), line.thread, line.author)
    assert isinstance(await door.send(item, nothing), Sent)
    service.watch(45)
    changes = [change async for batch in door.pull(cursor) for change in batch.changes]
    texts = [change for change in changes if isinstance(change, TextArrived)]
    assert [text.token for text in texts if text.outgoing] == ["txn-1"]
    theirs = next(text for text in texts if not text.outgoing and text.conversation == line.thread)
    assert theirs.emails == ["emma.fairbanks@mailbox.example"]
    await door.close()


async def test_there_is_no_chat_that_nobody_began(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    door = backend(service.path, "chat")
    await door.open()
    refused = await door.send(Outgoing("txn-1", b"", "Hello?", "", (), "nobody", ""), nothing)
    assert isinstance(refused, Rejected)
    assert Capability.NEW_CONVERSATION not in door.available
    assert Capability.NEW_CONVERSATION in backend(service.path).available
    await door.close()


async def test_marks_are_kept_there(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    service.watch(5)
    mail = service.server.before("email", ALL, 1)[0]
    door = backend(service.path, clock=service.clock)
    await door.open()
    copy = RemoteCopy("INBOX", 1, mail.seq)
    await door.set_marks(MarksChange([copy], seen=True, answered=True))
    kept = service.server.before("email", ALL, 1)[0]
    assert (kept.seen, kept.answered) == (True, True)
    await door.set_marks(MarksChange([copy], seen=False))
    kept = service.server.before("email", ALL, 1)[0]
    assert (kept.seen, kept.answered) == (False, True)
    await door.close()


@pytest.mark.parametrize("kind", ["folder", "text", "below a file"])
async def test_a_file_that_is_none_needs_a_person(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing"
    if kind == "folder":
        path.mkdir()
    else:
        path.write_text("no database, but long enough to be looked at as one " * 30)
    door = backend(path / "service.db" if kind == "below a file" else path)
    with pytest.raises(Misconfigured) as told:
        await door.open()
    assert told.value.needs_person
    assert told.value.parameters["option"] == "path"
    await door.close()


async def test_a_file_that_breaks_later_is_a_lost_line(tmp_path: Path) -> None:
    service = Service(tmp_path / "service.db")
    door = backend(service.path, clock=service.clock)
    await door.open()
    service.server.records._database.execute("DROP TABLE messages")
    with pytest.raises(Unreachable):
        await anext(door.pull(None))
    await door.close()


async def test_two_doors_may_open_a_new_service_at_once(tmp_path: Path) -> None:
    path = tmp_path / "service.db"
    doors = [backend(path), backend(path, "chat")]
    await asyncio.gather(*(door.open() for door in doors))
    numbers = [sum(len(batch.changes) for batch in [b async for b in door.pull(None)]) for door in doors]
    assert all(number >= 60 for number in numbers)
    history = [sum(len(batch.changes) for batch in [b async for b in door.history(None)]) for door in doors]
    service = Service(path)
    assert numbers[0] + history[0] == service.server.count("email", ALL)
    for door in doors:
        await door.close()
