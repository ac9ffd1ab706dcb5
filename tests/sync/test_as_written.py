"""Addresses are kept, shown and answered as they were written; only what compares them folds their case."""

from __future__ import annotations

import pytest

from agent_tui.content.addresses import folded
from agent_tui.content.compose import NewMail, compose
from agent_tui.content.mail import read_mail
from agent_tui.desk.recipients import address_key, answer_to
from agent_tui.domain.message import Message
from agent_tui.domain.times import HOUR, MINUTE, now
from agent_tui.sync.identity import as_written, email_key
from agent_tui.sync.incoming import Result
from tests.sync.ingest_bench import US, Bench
from tests.sync.workspace import mail

TOKEN = "Reply+AbC-xYz@gh.test"
OTHER = "reply+abc-XYZ@GH.test"


def stored(bench: Bench, result: Result) -> Message:
    found = bench.workspace.reads.message(result.message_id or 0)
    assert found is not None
    return found


def spellings(bench: Bench, result: Result) -> list[str]:
    conversation = bench.workspace.reads.conversation(result.conversation_id or 0)
    assert conversation is not None
    contact = bench.workspace.reads.contact(conversation.contact_id or 0)
    assert contact is not None
    return [one.value for one in contact.identities]


@pytest.mark.parametrize("written", [TOKEN, OTHER])
def test_an_answer_goes_to_the_spelling_of_the_message_that_is_answered(bench: Bench, written: str) -> None:
    both = {one: bench.mail(mail(one, text=one)) for one in (TOKEN, OTHER)}
    (to,) = answer_to(stored(bench, both[written]), frozenset({US})).to
    local, _, domain = written.partition("@")
    assert to.address == f"{local}@{domain.lower()}"
    raw = compose(NewMail(sender=to, to=(to,), subject="x", text="y", message_id="1@x.test", date=now()))
    assert f"To: {to.address}\r\n".encode() in raw


def test_the_same_address_in_another_case_is_the_same_customer_and_shown_as_he_writes_it_now(bench: Bench) -> None:
    first = bench.mail(mail(TOKEN), now() - HOUR)
    assert spellings(bench, first) == [TOKEN]
    newer = bench.mail(mail("REPLY+abc-xyz@gh.test", text="again"), now() - MINUTE)
    assert spellings(bench, first) == spellings(bench, newer) == ["REPLY+abc-xyz@gh.test"]
    bench.mail(mail(OTHER, text="history"), now() - 2 * HOUR, live=False)
    assert spellings(bench, first) == ["REPLY+abc-xyz@gh.test"]
    assert bench.workspace.reads.known_recipients([TOKEN.lower()]) == {TOKEN.lower()}


def test_a_name_is_told_where_the_spelling_changed_before(bench: Bench) -> None:
    first = bench.mail(mail(TOKEN), now() - HOUR)
    bench.mail(mail(f"Olena <{OTHER}>", text="again"), now() - MINUTE)
    found = bench.workspace.reads.conversation(first.conversation_id or 0)
    assert found is not None
    assert found.customer == "Olena"


def test_a_reply_to_that_differs_in_case_alone_goes_nowhere_else() -> None:
    read = read_mail(f"From: {TOKEN}\r\nReply-To: {OTHER}\r\nSubject: x\r\n\r\nHi\r\n".encode())
    assert "reply_to_differs" not in read.warnings


@pytest.mark.parametrize(
    ("one", "other"), [(TOKEN, OTHER), ("É.D@x.test", "é.d@X.test"), ("АННА@x.test", "анна@x.test")]
)
def test_only_the_key_is_folded(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)
    assert address_key(one) == address_key(other)
    assert as_written(one) == one
    assert folded(as_written(other)) == folded(one)
