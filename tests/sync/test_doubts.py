"""What a look for proof came to is kept beside the message, whoever asked and whatever kept it from looking."""

from __future__ import annotations

import pytest

from agent_tui.backends.api import CannotTell, Found, ProtocolError, Unknown
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.times import SECOND, Micros, now
from tests.sync.scripted import Service, account
from tests.sync.test_worker import _one_row, chat_item, given, state
from tests.sync.workspace import Workspace, running, until


def detail(workspace: Workspace, item: int) -> dict[str, str]:
    found = workspace.reads.outbox_item(item)
    assert found is not None
    return dict(found.detail)


@pytest.mark.parametrize(("looked", "answer"), [(True, "not_there"), (False, "no_folder")])
async def test_a_look_that_found_nothing_is_kept_with_its_time(workspace: Workspace, looked: bool, answer: str) -> None:
    service = Service(answer=lambda item: Unknown("no_answer"), proof=CannotTell(looked))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
        before = now()
        workspace.writes.ask("a", "settle", {"item": str(item)})
        await until(lambda: Micros(int(detail(workspace, item).get("looked", "0"))) >= before)
        assert detail(workspace, item)["answer"] == answer
        assert int(detail(workspace, item)["looked"]) - before < 30 * SECOND
        await until(lambda: "not_proven" in [one.code for one in workspace.reads.activity()])
        lost = next(one for one in workspace.reads.activity() if one.code == "unknown")
        assert lost.parameters["to"]
    assert state(workspace, item) is OutboxState.UNKNOWN


async def test_what_is_found_settles_and_says_so(workspace: Workspace) -> None:
    service = Service(answer=lambda item: Unknown("no_answer"))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
        service.proof = Found("s7")
        workspace.writes.ask("a", "settle", {"item": str(item)})
        await until(lambda: state(workspace, item) is OutboxState.SENT)
        assert detail(workspace, item)["answer"] == "found"


async def test_no_connection_is_an_answer(workspace: Workspace) -> None:
    service = Service(answer=lambda item: Unknown("no_answer"))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
    service.fail_open = lambda: ProtocolError("open")
    async with running(given(workspace, "a")):
        before = now()
        workspace.writes.ask("a", "settle", {"item": str(item)})
        await until(lambda: int(detail(workspace, item).get("looked", "0")) >= before)
        assert detail(workspace, item)["answer"] == "unreachable"


async def test_each_doubling_the_agent_wants_is_counted(workspace: Workspace) -> None:
    service = Service(answer=lambda item: Unknown("no_answer"))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        for times in (1, 2, 3):
            await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
            found = workspace.reads.outbox_item(item)
            assert found is not None
            assert (found.doubtful, len(service.sent)) == (times, times)
            workspace.writes.settle_unknown("us", item, was_sent=False)
        await until(lambda: len(service.sent) == 4)
