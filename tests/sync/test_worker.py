"""The worker with several accounts: failures stay where they are, clocks run, requests are answered, and it ends."""

from __future__ import annotations

import asyncio
import functools
import logging
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from agent_tui import sentences, sentences_delivery
from agent_tui.backends.api import (
    AuthenticationFailed,
    CannotTell,
    Found,
    NotFound,
    Outgoing,
    RateLimited,
    Rejected,
    SecretUnavailable,
    Sent,
    TextArrived,
    Unknown,
    Unreachable,
)
from agent_tui.domain.account import AccountHealth, Health
from agent_tui.domain.action import Field
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Delivery, Direction
from agent_tui.domain.outbox import DraftFile, OutboxState
from agent_tui.domain.times import MINUTE, SECOND, Micros, now
from agent_tui.sentences import activity
from agent_tui.store.ports import FieldTarget, WorkRequest
from agent_tui.sync import launch, wake, worker
from agent_tui.sync.services import WorkerSettings
from tests.hostile import controls
from tests.sync.scripted import BACKENDS, SERVICES, Scripted, Service, account
from tests.sync.workspace import QUICK, Workspace, run_once, running, safe, settings, until


def given(workspace: Workspace, *names: str, **more: Any) -> WorkerSettings:
    secrets = {(name, "token"): f"token-{name}" for name in names}
    return settings(workspace, secrets, BACKENDS, **more)


def health(workspace: Workspace, name: str) -> AccountHealth | None:
    return next((h for h in workspace.reads.health() if h.account == name), None)


def is_health(workspace: Workspace, name: str, wanted: Health) -> bool:
    found = health(workspace, name)
    return found is not None and found.health is wanted


def chat_item(workspace: Workspace, row: Any, name: str = "a", **more: Any) -> int:
    return workspace.queue(row.id, "ann", account=name, **more).id


def state(workspace: Workspace, item: int) -> OutboxState:
    found = workspace.reads.outbox_item(item)
    assert found is not None
    return found.state


async def test_a_hanging_account_hurts_no_other(workspace: Workspace) -> None:
    workspace.writes.put_account(account("stuck", Service(hang_pull=True)))
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a", "stuck")):
        SERVICES["a"].says("hello")
        await until(workspace.rows)
        assert is_health(workspace, "stuck", Health.CONNECTING)
    assert SERVICES["a"].tokens[0] == "token-a"


async def test_a_silent_server_is_noticed(workspace: Workspace) -> None:
    workspace.writes.put_account(account("stuck", Service(hang_pull=True)))
    quick = replace(QUICK, step_limit=0.2)
    async with running(given(workspace, "stuck", timing=quick)):
        await until(lambda: is_health(workspace, "stuck", Health.WAITING))
        found = health(workspace, "stuck")
        assert found is not None
        assert found.fault is not None
        assert found.fault.code == "unreachable"


async def test_a_failure_is_told_before_the_dead_line_is_closed(workspace: Workspace) -> None:
    """The end of a dead line takes its time, in which the desk must not show it as alive."""
    service = Service(fail_pull=lambda: Unreachable("x", reason="timeout"), slow_close=60)
    workspace.writes.put_account(account("a", service))
    worker_settings = given(workspace, "a", timing=replace(QUICK, backoff=30, backoff_cap=30))
    async with running(worker_settings):
        await until(lambda: is_health(workspace, "a", Health.WAITING), 5)
        found = health(workspace, "a")
        assert found is not None
        assert found.fault is not None
        assert found.fault.parameters["reason"] == "timeout"
        assert service.closing, "told while the old line is still being closed"


async def test_asked_to_connect_while_the_old_line_is_closing(workspace: Workspace) -> None:
    """The wish is not lost: the next try follows the end of the old line, not the pause."""
    failures = [Unreachable("x")]
    service = Service(fail_pull=lambda: failures.pop(0) if failures else None, slow_close=0.5)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a", timing=replace(QUICK, backoff=3600, backoff_cap=3600))):
        await until(lambda: is_health(workspace, "a", Health.WAITING), 5)
        assert service.closing
        workspace.writes.ask("a", "check", {})
        await until(lambda: is_health(workspace, "a", Health.CONNECTED), 10)


async def test_failures_pass_and_what_came_meanwhile_comes(workspace: Workspace) -> None:
    failures = [Unreachable("x"), RuntimeError("a bug in the adapter"), RateLimited("x", retry_after=0.05)]
    service = Service(fail_pull=lambda: failures.pop(0) if failures else None)
    workspace.writes.put_account(account("a", service))
    service.says("hello")
    async with running(given(workspace, "a")):
        await until(workspace.rows)
        await until(lambda: is_health(workspace, "a", Health.CONNECTED))
    assert service.opened >= 4


async def test_a_refused_login_is_tried_once(workspace: Workspace) -> None:
    service = Service(fail_open=lambda: AuthenticationFailed("no"))
    workspace.writes.put_account(account("a", service))
    dropped: list[str] = []
    async with running(given(workspace, "a", drop_token=dropped.append)):
        await until(lambda: is_health(workspace, "a", Health.REFUSED))
        await asyncio.sleep(0.5)
        assert service.opened == 1
        assert dropped == ["a"]
        service.fail_open = lambda: None
        request = workspace.writes.ask("a", "check", {})
        answer = await until(lambda: _answered(workspace, request))
        assert answer.state == "done"
        await until(lambda: is_health(workspace, "a", Health.CONNECTED))


async def test_a_closed_vault_shows_as_locked_and_opens_later(workspace: Workspace) -> None:
    opened = False

    async def secret(_account: str, _option: str) -> str:
        if not opened:
            raise SecretUnavailable("secret", reason="vault_locked")
        return "token"

    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a", secret=secret)):
        await until(lambda: is_health(workspace, "a", Health.LOCKED))
        opened = True
        await until(lambda: is_health(workspace, "a", Health.CONNECTED))


async def test_a_broken_account_says_which_option(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a", poll_interval="never"))
    async with running(given(workspace, "a")):
        await until(lambda: is_health(workspace, "a", Health.REFUSED))
        found = health(workspace, "a")
        assert found is not None
        assert found.fault is not None
        assert dict(found.fault.parameters) == {"option": "poll_interval"}


async def test_accounts_come_change_and_go_while_it_runs(workspace: Workspace) -> None:
    async with running(given(workspace, "a")):
        workspace.writes.put_account(account("a"))
        SERVICES["a"].says("hello")
        await until(workspace.rows)
        SERVICES["other"] = Service()
        SERVICES["other"].says("from elsewhere", native="e1", room="r2")
        SERVICES["other"].says("and more", native="e2", room="r2")
        changed = replace(account("a", SERVICES["a"]), options={"server": "other"})
        workspace.writes.put_account(changed)
        await until(lambda: SERVICES["other"].opened)
        workspace.writes.remove_account("a")
        await until(lambda: SERVICES["other"].closed == SERVICES["other"].opened)
        assert health(workspace, "a") is None, "a removed account is told of nowhere"
        opened = SERVICES["other"].opened
        await asyncio.sleep(0.3)
        assert SERVICES["other"].opened == opened
    assert workspace.rows()


async def test_history_gives_way_to_what_is_new(workspace: Workspace) -> None:
    old = [TextArrived(f"o{n}", f"old{n}", "bob", "Bob", f"old {n}", Micros(now() - MINUTE * n)) for n in range(40)]
    service = Service(old=list(old), slow_history=0.05)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        await until(lambda: len(workspace.rows()) >= 3)
        service.says("new")
        await until(lambda: any("new" in row.snippet for row in workspace.rows()))
        assert len(workspace.rows()) < 41
        await until(lambda: len(workspace.rows()) == 41)
        found = health(workspace, "a")
        assert found is not None
        assert (found.history_done, found.history_total) == (40, 40)
    service.old.append(old[0])
    pulls = service.pulls
    assert await run_once(given(workspace, "a")) == 0
    assert service.pulls == pulls + 1
    assert len(workspace.rows()) == 41


# Out


async def _one_row(workspace: Workspace, name: str = "a") -> Any:
    SERVICES[name].says("hello")
    return (await until(workspace.rows))[0]


@pytest.mark.parametrize("scheduled", [True, False])
@pytest.mark.parametrize("once", [True, False])
async def test_who_wrote_while_nobody_looked_wrote_first(workspace: Workspace, scheduled: bool, once: bool) -> None:
    """The desk was closed when its time came: what came until then is heard before anything held leaves."""
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
    item = chat_item(workspace, row, hold=0.05, scheduled=scheduled)
    await asyncio.sleep(0.1)
    SERVICES["a"].says("I have it already, thank you")
    if once:
        await run_once(given(workspace, "a"))
    else:
        async with running(given(workspace, "a")):
            await until(lambda: state(workspace, item) is not OutboxState.HELD)
    assert state(workspace, item) is OutboxState.STOPPED
    assert SERVICES["a"].sent == []


@pytest.mark.parametrize(("author", "told"), [("ann", "the customer wrote first"), ("karl", "Karl wrote first")])
async def test_what_the_program_did_names_who_wrote_first(workspace: Workspace, author: str, told: str) -> None:
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a")):
        SERVICES["a"].says("hello", author="ann")
        row = (await until(workspace.rows))[0]
    chat_item(workspace, row, hold=0.05)
    workspace.queue(row.id, "ann", account="a")
    SERVICES["a"].says("And?", author=author)
    await run_once(given(workspace, "a"))
    did = [sentences.activity(one.code, one.parameters) for one in workspace.reads.activity()]
    assert f"A message was not sent: {told}" in did
    opened = {sentences.event(one, "me") for one in workspace.events(row.id)}
    assert f"Open again: {told.removesuffix(' first')}" in opened


async def test_where_nothing_can_be_heard_what_is_scheduled_waits_and_the_rest_goes_in_the_end(
    workspace: Workspace,
) -> None:
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
    later, at_once = chat_item(workspace, row, hold=0.01, scheduled=True), chat_item(workspace, row, hold=0.01)
    SERVICES["a"].fail_pull = lambda: Unreachable("no folder")
    async with running(given(workspace, "a")):
        await until(lambda: state(workspace, at_once) is OutboxState.SENT)
        assert state(workspace, later) is OutboxState.HELD
        SERVICES["a"].fail_pull = lambda: None
        await until(lambda: state(workspace, later) is OutboxState.SENT)
    assert len(SERVICES["a"].sent) == 2


async def test_a_held_one_leaves_when_its_time_has_come(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row, hold=0.6)
        await asyncio.sleep(0.2)
        assert SERVICES["a"].sent == []
        await until(lambda: state(workspace, item) is OutboxState.SENT)
    assert [one.text for one in SERVICES["a"].sent] == ["An answer"]
    assert SERVICES["a"].sent[0].recipient == "ann"


async def test_a_held_one_that_is_taken_back_never_leaves(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row, hold=0.5)
        assert workspace.writes.take_back("me", item) is not None
        await asyncio.sleep(0.8)
    assert SERVICES["a"].sent == []


async def test_passing_refusals_are_tried_again(workspace: Workspace) -> None:
    answers: list[Rejected] = [Rejected("busy", passing=True, retry_after=0.05)] * 3
    service = Service(answer=lambda item: answers.pop() if answers else Sent(native_id="s1"))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.SENT)
    found = workspace.reads.outbox_item(item)
    assert found is not None
    assert found.attempts == 4
    assert len(service.sent) == 1


@pytest.mark.parametrize("told_before", [False, True])
async def test_what_was_put_off_when_it_was_whole_is_tried_a_few_times(workspace: Workspace, told_before: bool) -> None:
    """A server may deliver and say `later`: each further try may double it, and then nobody knows."""
    answers = [Rejected("busy", {"server_said": "451"}, passing=True) for _ in range(20)]
    service = Service(answer=lambda item: answers.pop(), proof=CannotTell(True))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a", timing=replace(QUICK, put_off_steps=(0.05, 0.05, 0.05)))):
        row = await _one_row(workspace)
        if told_before:  # a refusal without the body in between forgets nothing
            item = chat_item(workspace, row)
            await until(lambda: len(answers) == 18)
            service.had_it_whole = True
        else:
            service.had_it_whole = True
            item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
    found = workspace.reads.outbox_item(item)
    assert found is not None
    assert (len(service.sent), found.put_off, found.doubtful) == (4, 4, 4)


async def test_a_refusal_proves_nothing_of_a_try_that_was_put_off(workspace: Workspace) -> None:
    """The other side had all of it and said `later`: refused at the next try, it may have arrived by the first."""
    service = Service(answer=lambda item: Rejected("busy", passing=True), proof=CannotTell(True), had_it_whole=True)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: len(service.sent) == 2)
        service.answer, service.had_it_whole = lambda item: Rejected("message_refused"), False
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
    found = workspace.reads.outbox_item(item)
    assert found is not None
    assert found.put_off >= 2
    assert found.doubtful == found.put_off


async def test_what_was_put_off_is_looked_for_also_behind_another_fault(workspace: Workspace) -> None:
    """The line was lost in between, and the agent had it sent again: the first try may still have arrived."""
    service = Service(answer=lambda item: Rejected("busy", passing=True), proof=CannotTell(True), had_it_whole=True)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: len(service.sent) == 1)
        service.answer = lambda item: Unknown("unreachable")
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
        sent, service.proof = len(service.sent), Found("s1")
        workspace.writes.settle_unknown("dana", item, False)
        await until(lambda: state(workspace, item) is OutboxState.SENT)
    assert len(service.sent) == sent, "it is there: it was not sent again"


async def test_what_was_put_off_and_is_there_is_not_sent_again(workspace: Workspace) -> None:
    answers = [Rejected("busy", passing=True) for _ in range(20)]
    service = Service(answer=lambda item: answers.pop(), proof=Found("s1"), had_it_whole=True)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a", timing=replace(QUICK, put_off_steps=(0.05,)))):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.SENT)
    assert len(service.sent) == 1
    assert "proven_sent" in [one.code for one in workspace.reads.activity()]


async def test_files_beside_a_text_are_handed_over(workspace: Workspace) -> None:
    service = Service()
    workspace.writes.put_account(account("a", service))
    content = b"\x89PNG\0 a picture"
    file = DraftFile(safe("a.png"), safe("image/png"), len(content), workspace.writes.put_file(content))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row, files=[file])
        await until(lambda: state(workspace, item) is OutboxState.SENT)
    (sent,) = service.sent
    assert [(f.name, f.type, f.size, f.content) for f in sent.files] == [("a.png", "image/png", len(content), content)]


async def test_of_many_who_were_refused_each_is_named(workspace: Workspace) -> None:
    refused = {f"n{n:03}@b.test": "550 5.1.1 no such user, says a server of many words " * 5 for n in range(120)}
    workspace.writes.put_account(account("a", Service(answer=lambda item: Sent(refused=refused))))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: (found := workspace.reads.outbox_item(item)) is not None and found.sent_copy)
    message = next(m for m in workspace.messages(row.id) if m.direction is Direction.OUT)
    assert len(sentences_delivery.each(message.delivery, message.delivery_detail)) == len(refused)
    assert all(address in message.delivery_detail for address in refused)
    assert workspace.reads.hard_bounced([*refused]) == refused.keys()


async def test_who_was_refused_is_told_in_clean_words(workspace: Workspace) -> None:
    service = Service(answer=lambda item: Sent(refused={"bob@b.test": "550 5.1.1 \x1b[2Jno such user\r\nX: y"}))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: (found := workspace.reads.outbox_item(item)) is not None and found.sent_copy)
    message = next(m for m in workspace.messages(row.id) if m.direction is Direction.OUT)
    assert message.delivery is Delivery.BOUNCED
    assert "bob@b.test: 550 5.1.1" in message.delivery_detail
    assert not controls(message.delivery_detail)
    assert workspace.reads.hard_bounced(["bob@b.test"]) == {"bob@b.test"}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Sent(refused={"bob@b.test": "550 no such user"}), "recipient_refused"),
        (Rejected("refused", {"address": "bob@b.test"}), "rejected"),
    ],
    ids=["some refused", "all"],
)
async def test_the_log_file_names_no_recipient(
    workspace: Workspace, caplog: pytest.LogCaptureFixture, answer: Sent | Rejected, code: str
) -> None:
    """It leaves the machine with a report; who it was about stands in the agent's own list."""
    caplog.set_level(logging.INFO, "agent_tui.sync")
    service = Service(answer=lambda item: answer)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: code in {told.code for told in workspace.reads.activity()})
    assert f"a: item {item} {code}" in caplog.text
    assert "bob@b.test" not in caplog.text
    if isinstance(answer, Sent):
        assert "bob@b.test" in {told.parameters.get("address") for told in workspace.reads.activity()}
    else:
        assert f"a: item {item} rejected, refused" in caplog.text


async def test_an_error_before_the_mark_is_tried_again(workspace: Workspace) -> None:
    errors: list[BaseException] = [Unreachable("x"), ValueError("a bug")]
    service = Service(before_mark=lambda: errors.pop(0) if errors else None)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.SENT)
    assert len(service.sent) == 1


@pytest.mark.parametrize("error", [Unreachable("x"), ValueError("a bug"), TimeoutError()])
async def test_an_error_after_the_mark_is_unknown_for_good(workspace: Workspace, error: BaseException) -> None:
    asked: list[Outgoing] = []

    def answer(item: Outgoing) -> BaseException:
        asked.append(item)
        return error

    service = Service(answer=answer)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
        await asyncio.sleep(0.6)
        assert state(workspace, item) is OutboxState.UNKNOWN
    assert len(asked) == 1


async def test_a_refusal_takes_the_status_back(workspace: Workspace) -> None:
    service = Service(answer=lambda item: Rejected("blocked"))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        assert workspace.rows()[0].status is Status.WAITING
        await until(lambda: state(workspace, item) is OutboxState.REJECTED)
        assert workspace.rows()[0].status is not Status.WAITING


async def test_proof_settles_what_is_unknown(workspace: Workspace) -> None:
    service = Service(answer=lambda item: Unknown())
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
        service.proof = Found("s7")
        await until(lambda: state(workspace, item) is OutboxState.SENT)


async def test_a_backends_own_record_allows_the_second_try(workspace: Workspace) -> None:
    answers: list[Any] = [Unknown()]
    service = Service(answer=lambda item: answers.pop() if answers else Sent(), proof=NotFound())
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.SENT)
    first, second = service.sent
    assert first.token == second.token


async def test_the_services_own_copy_settles_and_doubles_nothing(workspace: Workspace) -> None:
    service = Service(answer=lambda item: Unknown())
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: state(workspace, item) is OutboxState.UNKNOWN)
        token = service.sent[0].token
        service.changes.append(TextArrived("x9", "room", "us", "Us", "An answer", now(), outgoing=True, token=token))
        service.hint.set()
        await until(lambda: state(workspace, item) is OutboxState.SENT)
        assert len(workspace.messages(row.id)) == 2


async def test_what_is_leaving_may_finish_when_it_is_told_to_end(workspace: Workspace) -> None:
    service = Service(slow_send=0.5)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(service.sending.is_set)
    assert state(workspace, item) is OutboxState.SENT


async def test_two_workers_never_send_the_same(workspace: Workspace) -> None:
    """Should two ever run (the lock forbids it), each item is claimed by one."""
    service = Service(slow_send=0.05)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")), running(given(workspace, "a")):
        row = await _one_row(workspace)
        items = [chat_item(workspace, row, text=f"{n}") for n in range(8)]
        await until(lambda: all(state(workspace, item) is OutboxState.SENT for item in items))
    assert sorted(one.text for one in service.sent) == [f"{n}" for n in range(8)]


async def test_a_status_goes_to_the_backend(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        await until(lambda: workspace.reads.accounts()[0].capabilities)
        workspace.writes.apply("me", "solve", [FieldTarget(row.id, Field.STATUS, '"solved"')])
        await until(lambda: SERVICES["a"].statuses)
    assert SERVICES["a"].statuses == [("room", Status.SOLVED)]


async def test_what_somebody_else_changed_meanwhile_is_told_and_not_written_again(workspace: Workspace) -> None:
    service = Service(conflicts=True)
    workspace.writes.put_account(account("a", service))

    def told() -> list[str]:
        return [activity(one.code, one.parameters) for one in workspace.reads.activity()]

    said = "A change could not be made at the server. It was changed at the server meanwhile; theirs was kept."
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        await until(lambda: workspace.reads.accounts()[0].capabilities)
        workspace.writes.apply("me", "solve", [FieldTarget(row.id, Field.STATUS, '"solved"')])
        await until(lambda: said in told())
        await asyncio.sleep(0.3)
    assert service.statuses == [("room", Status.SOLVED)]


# By the clock


async def test_a_snoozed_one_wakes_once(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a")):
        row = await _one_row(workspace)
        until_ = now() + SECOND // 2
        snooze = f'{{"until": {until_}, "zone": "Europe/Kyiv"}}'
        workspace.writes.apply("me", "snooze", [FieldTarget(row.id, Field.SNOOZE, snooze)])
        assert workspace.rows()[0].status is Status.SNOOZED
        await until(lambda: workspace.rows()[0].status is Status.OPEN)
        await asyncio.sleep(0.3)
        codes = [item.code for item in workspace.reads.items(row.id, None, 50) if hasattr(item, "code")]
        assert codes.count("woken") == 1


# Requests


def _answered(workspace: Workspace, request: int) -> WorkRequest | None:
    found = workspace.reads.request(request)
    return found if found is not None and found.state in ("done", "failed") else None


async def test_requests_are_answered_whatever_happens(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a"))
    workspace.writes.put_account(account("bad", Service(fail_open=lambda: Unreachable("x", host="h"))))
    async with running(given(workspace, "a", "bad")):
        asked = {
            name: workspace.writes.ask(who, kind, {})
            for name, who, kind in [
                ("good", "a", "check"),
                ("bad", "bad", "check"),
                ("pull", "a", "pull"),
                ("badpull", "bad", "pull"),
                ("nobody", "nobody", "pull"),
                ("odd", "a", "dance"),
            ]
        }
        answers = {
            name: await until(functools.partial(_answered, workspace, request)) for name, request in asked.items()
        }
    assert {name: answer.state for name, answer in answers.items()} == {
        "good": "done",
        "bad": "failed",
        "pull": "done",
        "badpull": "failed",
        "nobody": "failed",
        "odd": "failed",
    }
    assert answers["bad"].result == {"code": "unreachable", "parameters": {"host": "h"}}
    assert answers["good"].result["proven"] == ["connected"]


async def test_a_pull_that_was_asked_for_has_happened(workspace: Workspace) -> None:
    service = Service()
    workspace.writes.put_account(account("a", service))
    slow = replace(QUICK, poll_watched=60, tick=0.05)
    async with running(given(workspace, "a", timing=slow)):
        await until(lambda: is_health(workspace, "a", Health.CONNECTED))
        service.changes.append(TextArrived("q", "room", "ann", "Ann", "no hint for this one", now()))
        request = workspace.writes.ask("a", "pull", {})
        await until(lambda: _answered(workspace, request))
        assert len(workspace.rows()) == 1


# Beginning and end


async def test_a_worker_of_another_version_ends_itself(workspace: Workspace) -> None:
    settings_ = given(workspace)
    async with running(settings_) as one:
        await until(lambda: wake.send(settings_.socket))
        assert wake.send(settings_.socket, "version 0.0.0")
        async with asyncio.timeout(10):
            await one._stopped.wait()
    assert not settings_.socket.exists()


async def test_an_attached_worker_stays_while_a_desk_lives_and_something_has_to_leave(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "DESK_GRACE", 0.1)
    workspace.writes.put_account(account("a", Service(fail_open=lambda: Unreachable("x"))))
    desk = launch.join(workspace.locations)
    item = workspace.queue(None, "ann", account="a").id
    scheduled = workspace.queue(None, "ann", account="a", hold=3600, scheduled=True).id
    one = worker.Worker(given(workspace, "a", attached=True), _store(workspace), workspace.reads)
    task = asyncio.ensure_future(one.run())
    await asyncio.sleep(0.6)
    assert not task.done()
    desk.release()
    await asyncio.sleep(0.6)
    assert not task.done()
    assert state(workspace, item) is OutboxState.HELD or state(workspace, item) is OutboxState.QUEUED
    SERVICES["a"].fail_open = lambda: None
    async with asyncio.timeout(20):
        assert await task == 0
    assert state(workspace, item) is OutboxState.SENT
    assert state(workspace, scheduled) is OutboxState.HELD


def _store(workspace: Workspace) -> Any:
    from agent_tui.store.open import open_worker

    return open_worker(workspace.locations.data)


async def test_no_token_gets_into_a_log(workspace: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service = Service(fail_pull=lambda: RuntimeError("oops"), proof=CannotTell())
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace, "a")):
        await until(lambda: is_health(workspace, "a", Health.WAITING))
    assert "token-a" not in caplog.text
    assert "token-a" not in repr(workspace.reads.activity()) + repr(workspace.reads.health())


async def test_one_accounts_overdue_item_keeps_no_other_busy(workspace: Workspace) -> None:
    """Only what is an account's own, and not due yet, decides when it looks again."""
    workspace.writes.put_account(account("a"))
    workspace.writes.put_account(account("b", Service(fail_open=lambda: Unreachable("x"))))
    workspace.queue(None, "ann", account="b")
    store = _store(workspace)
    store.due("b", now())
    assert store.next_due_of("a", now()) is None
    assert store.next_due_of("b", now()) is None
    workspace.queue(None, "ann", account="a", hold=60)
    later = store.next_due_of("a", now())
    assert later is not None
    assert 0 < later - now() <= MINUTE
    store.close()


class _Filing(Scripted):
    """A backend that sends well and cannot file its copies."""

    name = "filing"
    filed: ClassVar[list[str]] = []

    async def file_sent(self, item: Outgoing) -> str:
        self.filed.append(item.token)
        raise Unreachable("the folder is gone")


async def test_a_copy_that_cannot_be_filed_is_no_reason_to_send_again(workspace: Workspace) -> None:
    workspace.writes.put_account(replace(account("a"), backend="filing"))
    given_ = replace(given(workspace, "a"), find_backend=lambda name: _Filing)
    async with running(given_):
        row = await _one_row(workspace)
        item = chat_item(workspace, row)
        await until(lambda: (workspace.reads.outbox_item(item) or pytest.fail("gone")).sent_copy == "missing")
        await asyncio.sleep(0.4)
        assert state(workspace, item) is OutboxState.SENT
    assert len(SERVICES["a"].sent) == len(_Filing.filed) == 1
    assert "copy_missing" in [line.code for line in workspace.reads.activity()]


async def test_a_label_asks_for_no_new_connection(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a"))
    async with running(given(workspace, "a")):
        await until(lambda: is_health(workspace, "a", Health.CONNECTED))
        opened = SERVICES["a"].opened
        workspace.writes.put_account(replace(account("a", SERVICES["a"]), signature=safe("Regards")))
        await asyncio.sleep(0.4)
        assert SERVICES["a"].opened == opened == 1


async def test_once_answers_what_was_asked(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a"))
    SERVICES["a"].says("hello")
    request = workspace.writes.ask("a", "pull", {})
    assert await run_once(given(workspace, "a")) == 0
    answer = _answered(workspace, request)
    assert answer is not None
    assert answer.state == "done"
    assert len(workspace.rows()) == 1


async def test_without_a_socket_the_worker_looks_by_itself(workspace: Workspace) -> None:
    workspace.writes.put_account(account("a"))
    elsewhere = workspace.locations.data / "no" / "such" / "folder" / "socket"
    async with running(given(workspace, "a", socket=elsewhere)):
        row = await _one_row(workspace)
        items = [chat_item(workspace, row, text=f"{n}") for n in range(3)]
        await until(lambda: all(state(workspace, item) is OutboxState.SENT for item in items), 5)


async def test_an_idle_worker_writes_nothing(workspace: Workspace) -> None:
    """What it writes makes every desk look: between events there must be silence."""
    workspace.writes.put_account(account("a"))
    often = replace(QUICK, poll=0.05, poll_watched=0.05)
    async with running(given(workspace, "a", timing=often)):
        await _one_row(workspace)
        await until(lambda: is_health(workspace, "a", Health.CONNECTED))
        await asyncio.sleep(0.5)
        before, pulls = workspace.reads.data_version(), SERVICES["a"].pulls
        await until(lambda: SERVICES["a"].pulls > pulls + 5)
        assert workspace.reads.data_version() == before
