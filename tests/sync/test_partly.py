"""Some have it, some were refused for now: those alone are tried again, and nobody gets it twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from agent_tui import sentences_delivery
from agent_tui.backends.api import Found, Outgoing, Rejected, Sent, Unknown
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Delivery, Direction, Message
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.sync import push
from agent_tui.sync.services import WorkerSettings
from tests.sync.scripted import BACKENDS, Service, account
from tests.sync.workspace import Workspace, running, settings, until

ANN, BOB, CAT = "ann@a.test", "bob@b.test", "cat@c.test"
GREY = "450 4.2.0 greylisted"
NEVER = "550 5.1.1 no such user"

Answer = Sent | Rejected | Unknown


def answering(*answers: Answer) -> Callable[[Outgoing], Answer]:
    """One after the other; the last one again and again."""
    left = list(answers)
    return lambda item: left.pop(0) if len(left) > 1 else left[0]


def given(workspace: Workspace) -> WorkerSettings:
    return settings(workspace, {("a", "token"): "token"}, BACKENDS)


async def queued(workspace: Workspace, service: Service, cc: str = BOB) -> OutboxItem:
    service.says("hello", author=ANN)
    (row,) = await until(workspace.rows)
    return workspace.queue(row.id, ANN, account="a", cc=cc)


def item_of(workspace: Workspace, item: OutboxItem) -> OutboxItem:
    found = workspace.reads.outbox_item(item.id)
    assert found is not None
    return found


def written(workspace: Workspace) -> Message:
    return next(m for m in workspace.all_messages() if m.direction is Direction.OUT)


def envelopes(service: Service) -> Sequence[Sequence[str]]:
    return [list(item.envelope_to) for item in service.sent]


def activity(workspace: Workspace) -> list[str]:
    return [told.code for told in workspace.reads.activity()]


async def test_who_was_refused_for_now_is_tried_again_alone(workspace: Workspace) -> None:
    service = Service(answer=answering(Sent(later={BOB: GREY}), Sent()))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).sent_copy)
    assert envelopes(service) == [[ANN, BOB], [BOB]]
    assert {(sent.token, sent.raw) for sent in service.sent} == {(item.token, service.sent[0].raw)}
    assert item_of(workspace, item).fault is None
    assert written(workspace).delivery is Delivery.SENT
    assert {"sent_partly", "sent"} <= {*activity(workspace)}
    assert "recipient_refused" not in activity(workspace)
    assert [row.status for row in workspace.rows("all")] == [Status.WAITING]


async def test_meanwhile_it_waits_and_is_no_bounce(workspace: Workspace) -> None:
    service = Service(answer=answering(Sent(later={BOB: GREY}), Rejected("unreachable", passing=True)))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).partly)
        await until(lambda: item_of(workspace, item).attempts > 2)
        present = item_of(workspace, item)
        assert present.state in (OutboxState.QUEUED, OutboxState.SENDING)
        assert present.fault is not None
        assert written(workspace).delivery in (Delivery.QUEUED, Delivery.SENDING)
        assert [row.status for row in workspace.rows("all")] == [Status.WAITING]
        assert not workspace.reads.hard_bounced([BOB])


async def test_who_is_refused_for_good_beside_them_is_told_at_once(workspace: Workspace) -> None:
    service = Service(answer=answering(Sent(refused={ANN: NEVER}, later={BOB: GREY}), Sent()))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).partly)
        assert written(workspace).delivery is Delivery.BOUNCED
        await until(lambda: item_of(workspace, item).sent_copy)
    assert envelopes(service)[1:] == [[BOB]]
    assert written(workspace).delivery is Delivery.BOUNCED
    assert written(workspace).delivery_detail == f"{ANN}: {NEVER}\n"
    assert workspace.reads.hard_bounced([ANN, BOB]) == {ANN}
    assert activity(workspace).count("recipient_refused") == 1, "told once, however often the others are tried"


@pytest.mark.parametrize(
    "last",
    [Rejected("recipients_refused", {"server_said": NEVER}), Sent(refused={BOB: NEVER})],
    ids=["all that were left", "beside others"],
)
async def test_who_is_refused_in_the_end_did_not_get_it_and_the_others_did(workspace: Workspace, last: Answer) -> None:
    service = Service(answer=answering(Sent(later={BOB: GREY}), last))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).sent_copy)
    assert item_of(workspace, item).state is OutboxState.SENT
    assert written(workspace).delivery is Delivery.BOUNCED
    assert written(workspace).delivery_detail == f"{BOB}: {NEVER}\n"
    assert [row.status for row in workspace.rows("all")] == [Status.OPEN]


async def test_it_is_not_tried_for_ever(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "ATTEMPTS", 3)
    service = Service(answer=answering(Sent(later={BOB: GREY})))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).sent_copy)
    assert len(service.sent) == 3
    assert written(workspace).delivery_detail == f"{BOB}: {GREY}\n"


async def test_a_copy_of_what_others_got_proves_nothing_of_the_ones_left(workspace: Workspace) -> None:
    service = Service(answer=answering(Sent(later={BOB: GREY}), Unknown("no_answer"), Sent()), proof=Found("x"))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).detail.get("answer"))
        assert item_of(workspace, item).state is OutboxState.UNKNOWN
        workspace.writes.settle_unknown("me", item.id, False)
        await until(lambda: item_of(workspace, item).sent_copy)
    assert envelopes(service) == [[ANN, BOB], [BOB], [BOB]]


async def test_killed_between_two_tries_it_goes_on_with_the_ones_left(workspace: Workspace) -> None:
    service = Service(answer=answering(Sent(later={BOB: GREY}), Rejected("unreachable", passing=True)))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).partly)
    service.answer = answering(Sent())
    async with running(given(workspace)):
        await until(lambda: item_of(workspace, item).sent_copy)
    assert envelopes(service)[-1] == [BOB]
    assert all(envelope == [BOB] for envelope in envelopes(service)[1:])


async def test_put_off_behind_the_body_it_is_not_proven_by_the_copy_of_the_others(workspace: Workspace) -> None:
    answers = answering(Sent(later={BOB: GREY}), Rejected("message_refused", passing=True), Sent())
    service = Service(answer=answers, proof=Found("x"))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).sent_copy)
    assert item_of(workspace, item).attempts == 3
    assert envelopes(service)[-1] == [BOB]
    assert "proven_sent" not in activity(workspace)


@pytest.mark.parametrize("last", [Rejected("recipients_refused", {"server_said": NEVER, "address": BOB}), None])
async def test_refused_after_it_was_put_off_behind_the_body_nobody_knows_of_the_ones_left(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, last: Rejected | None
) -> None:
    """A server that says `later` to the whole of it may have delivered: no later refusal, nor the last try, tells."""
    put_off = Rejected("message_refused", {"server_said": "451 4.3.0 later"}, passing=True)
    if last is None:
        monkeypatch.setattr(push, "ATTEMPTS", 2)
    answers = answering(Sent(later={BOB: GREY}), put_off, *([last] if last else []), Sent())
    service = Service(answer=answers, had_it_whole=True)
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).state is OutboxState.UNKNOWN)
        assert len(service.sent) == (3 if last else 2)
        assert written(workspace).delivery is Delivery.UNKNOWN
        assert item_of(workspace, item).put_off == 1
        assert not workspace.reads.hard_bounced([ANN, BOB])
        assert [row.status for row in workspace.rows("all")] == [Status.WAITING]
        await until(lambda: item_of(workspace, item).detail.get("answer") == "others_have_it")
        assert "recipient_refused" not in activity(workspace)
        workspace.writes.settle_unknown("me", item.id, False)
        await until(lambda: item_of(workspace, item).sent_copy)
    assert envelopes(service)[1:] == [[BOB]] * (3 if last else 2), "who has it gets it from no further try"


@pytest.mark.parametrize(
    ("last", "marked", "told"),
    [
        (Rejected("recipients_refused", {"server_said": NEVER, "address": BOB}), {BOB}, f"{CAT}: 550"),
        (Rejected("recipients_refused", {"server_said": NEVER}), set(), f"{BOB}: 550\n{CAT}: 550\n"),
        (
            Rejected("sender_refused", {"server_said": NEVER, "address": "us@us.test"}),
            set(),
            f"{BOB}: 550 no such user",
        ),
        (Rejected("data_refused", {"server_said": NEVER}), set(), f"{BOB}: 550 no such user"),
    ],
    ids=["one of two", "nobody named", "sender", "data"],
)
async def test_only_words_to_an_address_mark_it(
    workspace: Workspace, last: Rejected, marked: set[str], told: str
) -> None:
    service = Service(answer=answering(Sent(later={BOB: GREY, CAT: GREY}), last))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service, cc=BOB)
        await until(lambda: item_of(workspace, item).sent_copy)
    assert written(workspace).delivery is Delivery.BOUNCED
    assert told in written(workspace).delivery_detail
    assert "does not exist" not in sentences_delivery.delivery(Delivery.BOUNCED, told)
    assert workspace.reads.hard_bounced([ANN, BOB, CAT]) == marked


@pytest.mark.parametrize(
    ("words", "marks"),
    [
        (NEVER, True),
        ("550-5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("553 5.1.3 bad address syntax", True),
        ("550 5.1.8 <us@us.test>: Sender address rejected: Domain not found", False),
        ("550 5.1.7 bad sender", False),
        ("554 5.7.1 Service unavailable; Client host [5.1.2.3] blocked", False),
        ("550 5.1.1.7 is blocked", False),
        ("554 5.7.1 said 550 5.1.1 before", False),
        ("450 5.1.1 odd", False),
        ("550 no 5.1.1", False),
    ],
)
async def test_a_refusal_marks_an_address_only_by_a_code_that_speaks_of_it(
    workspace: Workspace, words: str, marks: bool
) -> None:
    service = Service(answer=answering(Sent(refused={BOB: words})))
    workspace.writes.put_account(account("a", service))
    async with running(given(workspace)):
        item = await queued(workspace, service)
        await until(lambda: item_of(workspace, item).sent_copy)
    assert written(workspace).delivery_detail == f"{BOB}: {words}\n"
    assert workspace.reads.hard_bounced([ANN, BOB]) == ({BOB} if marks else set())
