"""Somebody whom we asked writes into a customer's conversation: whose news it is, and what the customer has by then."""

from __future__ import annotations

import pytest

from agent_tui import sentences
from agent_tui.domain.conversation import Status
from agent_tui.domain.parties import Said, customers_side, passes_by
from agent_tui.domain.times import HOUR, MINUTE, now
from agent_tui.sync.incoming import Result
from tests.sync.ingest_bench import US, Bench
from tests.sync.workspace import mail

ANN, KARL = "Ann <ann@customer.test>", "Karl <karl@supplier.test>"


def asked(bench: Bench) -> Result:
    return bench.mail(mail(ANN, Message_ID="<q@customer.test>"), now() - 3 * HOUR)


def handed_on(bench: Bench, to: str = KARL, header: str = "<f@example.test>", **more: str) -> Result:
    """By another program, which files what it sent."""
    raw = mail(US, to, "Fwd: Hello", Message_ID=header, In_Reply_To="<q@customer.test>", **more)
    return bench.mail(raw, now() - 2 * HOUR, "sent")


def karl_writes(bench: Bench, **more: str) -> Result:
    return bench.mail(mail(KARL, US, "Re: Fwd: Hello", In_Reply_To="<f@example.test>", **more), now() - MINUTE)


def told(bench: Bench, result: Result) -> list[str]:
    assert result.conversation_id is not None
    return [sentences.event(one, "me") for one in bench.workspace.events(result.conversation_id)]


def test_only_what_the_customer_gets_sets_waiting(bench: Bench) -> None:
    first = asked(bench)
    second = handed_on(bench)
    assert second.conversation_id == first.conversation_id
    assert (bench.status(first), told(bench, first)) == (Status.NEW, [])
    third = handed_on(bench, ANN, "<a@example.test>", Cc=KARL)
    assert third.conversation_id == first.conversation_id
    assert bench.status(first) is Status.WAITING


def test_whom_the_customer_named_gets_it_for_him(bench: Bench) -> None:
    first = bench.mail(mail(ANN, Message_ID="<q@customer.test>", Cc="boss@customer.test"), now() - 3 * HOUR)
    handed_on(bench, "boss@customer.test")
    assert bench.status(first) is Status.WAITING


def test_what_he_writes_opens_again_and_stops_what_is_held_under_his_name(bench: Bench) -> None:
    first = asked(bench)
    handed_on(bench)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test", hold=3600, scheduled=True)
    handed_on(bench, ANN, "<a@example.test>")
    assert bench.status(first) is Status.WAITING
    result = karl_writes(bench)
    assert (result.conversation_id, result.stopped, result.who) == (first.conversation_id, 1, "Karl")
    assert bench.status(first) is Status.OPEN
    assert "Open again: Karl wrote" in told(bench, first)
    (stopped,) = bench.workspace.reads.held_back("me")
    assert (stopped.id, stopped.wrote_first) == (item.id, "Karl")


def test_the_customer_is_told_of_as_the_customer(bench: Bench) -> None:
    first = asked(bench)
    handed_on(bench, ANN, "<a@example.test>")
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test", hold=3600, scheduled=True)
    result = bench.mail(mail(ANN, US, "Re: Hello", In_Reply_To="<a@example.test>"), now())
    assert (result.stopped, result.who) == (1, "")
    assert "Open again: the customer wrote" in told(bench, first)
    assert [(one.id, one.wrote_first) for one in bench.workspace.reads.held_back("me")] == [(item.id, "")]


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ((Said("ann", {"boss"}, ours=False), Said("us", {"karl"}, ours=True)), {"ann", "boss"}),
        ((Said("us", {"karl"}, ours=True), Said("ann", {"karl"}, ours=False)), {"ann"}),
        ((Said("us", {"karl"}, ours=True), Said("karl", {"kate"}, ours=False)), {"ann"}),
        ((Said("us", {"ann", "boss"}, ours=True),), {"ann", "boss", "us"}),
        ((Said("ann", set(), ours=False), Said("ann.home", set(), ours=False)), {"ann", "ann.home"}),
    ],
)
def test_who_is_on_the_customers_side(said: tuple[Said, ...], side: set[str]) -> None:
    assert customers_side({"ann"}, said) == side


def test_nobody_is_passed_by_where_no_customer_is_known() -> None:
    assert passes_by({"ann"}, {"karl"})
    assert not passes_by({"ann"}, {"karl", "ann"})
    assert not passes_by(set(), {"karl"})
    assert not passes_by({"ann"}, set())
