"""Addresses that some programs take for one another: two people stay two, and an answer goes to who wrote."""

from __future__ import annotations

import pytest

from agent_tui.desk.recipients import answer_to, wire_address
from agent_tui.domain.message import Message, Rule
from agent_tui.domain.times import MINUTE, now
from tests.sync.ingest_bench import US, Bench
from tests.sync.workspace import mail


def message_of(bench: Bench, number: int | None) -> Message:
    return next(m for m in bench.workspace.all_messages() if m.id == number)


@pytest.mark.parametrize(
    ("customer", "stranger", "wire", "warned"),
    [
        ("kunde@strasse.test", "kunde@straße.test", "kunde@xn--strae-oqa.test", True),
        ("kunde@strasse.test", "kunde@xn--strae-oqa.test", "kunde@xn--strae-oqa.test", True),
        ("ann@φωσ.test", "ann@φως.test", "ann@xn--3xahj.test", True),
        ("weiss@shop.test", "weiß@shop.test", "weiß@shop.test", False),
    ],
)
def test_who_resembles_a_customer_is_not_he(
    bench: Bench, customer: str, stranger: str, wire: str, warned: bool
) -> None:
    ours = bench.mail(mail(US, customer, Message_ID="<ours@x>"), now() - MINUTE, role="sent")
    reads = bench.workspace.reads
    assert not reads.known_recipients([stranger])
    came = bench.mail(mail(f"Kunde <{stranger}>", US, text="Pay it to me.", In_Reply_To="<ours@x>"))
    assert came.conversation_id != ours.conversation_id
    message = message_of(bench, came.message_id)
    assert message.placement.rule is Rule.STRANGER
    assert ("lookalike_sender" in message.warnings) is warned
    one, other = (reads.conversation(result.conversation_id or 0) for result in (ours, came))
    assert one is not None
    assert other is not None
    assert one.contact_id != other.contact_id
    (to,) = answer_to(message, [US]).to
    assert to.address == stranger
    assert (wire_address(to.address) or to.address) == wire
    assert reads.known_recipients([stranger]) == {stranger}


def test_the_customer_himself_goes_on_in_either_spelling(bench: Bench) -> None:
    ours = bench.mail(mail(US, "Kunde@Straße.test", Message_ID="<ours@x>"), now() - MINUTE, role="sent")
    came = bench.mail(mail("kunde@xn--strae-oqa.test", US, In_Reply_To="<ours@x>"))
    assert came.conversation_id == ours.conversation_id
