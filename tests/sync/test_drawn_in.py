"""Mails that would draw others into a conversation, or into spam; and those who belong there all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_tui import sentences
from agent_tui.backends.api import MailArrived
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Rule
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.times import MINUTE, now
from agent_tui.sync.incoming import Result
from tests.sync.ingest_bench import MAIL, US, Bench
from tests.sync.workspace import mail, safe

NAMES = ("ann", "bob", "cleo", "dora", "emil")
CUSTOMERS = [f"{name}@{name}.test" for name in NAMES]
EVERYBODY = ", ".join(CUSTOMERS)
MALLORY = "Ann Young <mallory@evil.test>"


def authors(bench: Bench, result: Result) -> set[str]:
    assert result.conversation_id is not None
    return {str(message.author.address) for message in bench.workspace.messages(result.conversation_id)}


def to_spam(bench: Bench, result: Result) -> None:
    assert result.conversation_id is not None
    with bench.store.ingest() as tx:
        tx.set_status(result.conversation_id, Status.SPAM, "set", now())


def we_write(bench: Bench, conversation: Result, to: str, cc: str = "") -> str:
    """We answer, and it leaves; its Message-ID."""
    item = bench.workspace.queue(conversation.conversation_id, to, cc=cc)
    bench.store.due("mail", now())
    assert bench.store.claim(item.id) is not None
    bench.store.settle(item.id, OutboxState.SENT)
    return item.token


def answers(bench: Bench, header: str, to: str = US) -> list[Result]:
    """What five customers answered to it."""
    return [
        bench.mail(
            mail(address, to, "Re: Offer", In_Reply_To=f"<{header}>", Message_ID=f"<{n}@x>"), now() - (20 - n) * MINUTE
        )
        for n, address in enumerate(CUSTOMERS)
    ]


@pytest.mark.parametrize("sender", [MALLORY, "news@list.test"])
@pytest.mark.parametrize("to", [US, f"news@list.test, {US}"])
def test_one_mail_under_an_id_that_many_answered_joins_none_of_them(bench: Bench, sender: str, to: str) -> None:
    """Also where it is forged in the name of whom they answered."""
    before = answers(bench, "offer@list", to)
    bench.mail(mail(sender, US, "Offer", Message_ID="<offer@list>", Cc=EVERYBODY))
    bench.mail(mail(sender, US, "Re: Offer", In_Reply_To="<1@x>"))
    later = [bench.mail(mail(a, US, In_Reply_To=f"<{n}@x>")) for n, a in enumerate(CUSTOMERS)]
    assert [one.conversation_id for one in later] == [one.conversation_id for one in before]
    found = [authors(bench, one) & set(CUSTOMERS) for one in before]
    assert found == [{address} for address in CUSTOMERS]
    assert all("mallory@evil.test" not in authors(bench, one) for one in before)


@pytest.mark.parametrize("spam", [True, False])
@pytest.mark.parametrize("ours", [True, False])
def test_who_comes_first_under_an_id_gathers_none_of_its_answers(bench: Bench, ours: bool, spam: bool) -> None:
    if ours:  # our own newsletter, to all in blind copy
        bench.mail(mail(US, US, "Our news", Message_ID="<news@list>"), now() - 90 * MINUTE, role="sent")
    bait = bench.mail(mail(MALLORY, US, "News", Message_ID="<news@list>", Cc=EVERYBODY), now() - 50 * MINUTE)
    if spam:
        to_spam(bench, bait)
    found = answers(bench, "news@list")
    assert [authors(bench, one) for one in found] == [{address} for address in CUSTOMERS]
    assert all(bench.status(one) is not Status.SPAM for one in found)
    assert authors(bench, bait) == {"mallory@evil.test"}


def test_a_forged_sender_whom_all_answer_gathers_one_at_the_most(bench: Bench) -> None:
    """He writes in the name of a mailing that we never got, to those who will answer it."""
    bait = bench.mail(mail("news@shop.test", US, "News", Message_ID="<news@list>", Cc=EVERYBODY), now() - 50 * MINUTE)
    found = answers(bench, "news@list", f"news@shop.test, {US}")
    assert len({one.conversation_id for one in found}) == len(CUSTOMERS)
    assert len(authors(bench, bait) & set(CUSTOMERS)) <= 1


def test_an_answer_of_ours_to_all_whom_he_named_lets_them_only_answer_us(bench: Bench) -> None:
    bait = bench.mail(mail(MALLORY, US, "News", Message_ID="<news@list>", Cc="bob@bob.test"), now() - 50 * MINUTE)
    ours = we_write(bench, bait, "mallory@evil.test", cc="bob@bob.test")
    private = bench.mail(mail("bob@bob.test", US, In_Reply_To="<news@list>"))
    assert private.conversation_id != bait.conversation_id
    assert bench.mail(mail("bob@bob.test", US, In_Reply_To=f"<{ours}>")).conversation_id == bait.conversation_id


# Spam


def test_the_spam_of_one_swallows_nothing_of_another(bench: Bench) -> None:
    victim = bench.mail(mail("victim@customer.test", US, In_Reply_To="<news@list>", Message_ID="<v1@x>"), now() - 30)
    spam = bench.mail(mail(MALLORY, US, In_Reply_To="<news@list>", Message_ID="<s1@evil>"), now() - 40)
    to_spam(bench, spam)
    bench.mail(mail(MALLORY, "undisclosed:;", Message_ID="<news@list>", Cc="victim@customer.test"), now() - 10)
    later = bench.mail(mail("victim@customer.test", US, In_Reply_To="<v1@x>"))
    assert later.conversation_id == victim.conversation_id
    assert bench.status(victim) is Status.NEW
    assert authors(bench, victim) == {"victim@customer.test"}
    assert bench.mail(mail(MALLORY, US, In_Reply_To="<s1@evil>")).conversation_id == spam.conversation_id


def test_who_took_part_before_it_was_spam_stands_in_the_inbox(bench: Bench) -> None:
    first = bench.mail(mail(MALLORY, US, Message_ID="<1@evil>", Cc="bob@bob.test"), now() - 9 * MINUTE)
    token = we_write(bench, first, "mallory@evil.test", cc="bob@bob.test")
    into = bench.mail(mail("bob@bob.test", US, In_Reply_To=f"<{token}>", Message_ID="<2@b>"), now() - MINUTE)
    assert into.conversation_id == first.conversation_id
    to_spam(bench, first)
    for header in (token, "2@b", "1@evil"):
        later = bench.mail(mail("bob@bob.test", US, In_Reply_To=f"<{header}>", Cc="mallory@evil.test"))
        assert later.conversation_id != first.conversation_id
        assert bench.status(later) is Status.NEW
        found = bench.workspace.reads.conversation(later.conversation_id or 0)
        assert found is not None
        assert found.related == (first.conversation_id,)


@pytest.mark.parametrize("done", [Status.SOLVED, Status.CLOSED])
def test_a_colleague_opens_again_what_was_done(bench: Bench, done: Status) -> None:
    first = bench.mail(mail("ann@ann.test", US, Message_ID="<1@a>", Cc="karl@ann.test"), now() - MINUTE)
    assert first.conversation_id is not None
    with bench.store.ingest() as tx:
        tx.set_status(first.conversation_id, done, "set", now())
    later = bench.mail(mail("karl@ann.test", f"ann@ann.test, {US}", In_Reply_To="<1@a>"))
    assert later.conversation_id == first.conversation_id
    assert bench.status(first) is Status.OPEN


def test_spam_is_joined_with_nothing(bench: Bench) -> None:
    at = now() - 9 * MINUTE
    one = bench.mail(mail(Message_ID="<1@a>"), at)
    three = bench.mail(mail(Message_ID="<3@a>", In_Reply_To="<2@a>"), at + MINUTE)
    to_spam(bench, one)
    two = bench.mail(mail(Message_ID="<2@a>", In_Reply_To="<1@a>"), at + 30)
    assert two.conversation_id == one.conversation_id
    assert (bench.status(one), bench.status(three)) == (Status.SPAM, Status.NEW)
    assert len(bench.workspace.messages(three.conversation_id or 0)) == 1


# Who belongs there


def test_a_colleague_who_answers_all_joins(bench: Bench) -> None:
    first = bench.mail(mail("ann@ann.test", US, Message_ID="<1@a>", Cc="karl@ann.test, eva@ann.test"), now() - 9)
    two = bench.mail(
        mail("karl@ann.test", f"ann@ann.test, {US}", In_Reply_To="<1@a>", Message_ID="<2@k>", Cc="eva@ann.test"),
        now() - 8,
    )
    three = bench.mail(mail("eva@ann.test", f"karl@ann.test, {US}", In_Reply_To="<2@k>", Cc="ann@ann.test"), now() - 7)
    assert {first.conversation_id, two.conversation_id} == {three.conversation_id}
    last = bench.workspace.messages(three.conversation_id or 0)[-1]
    assert last.placement.rule is Rule.IN_REPLY_TO
    why = sentences.placement(last.placement)
    assert why[-1] == "Let in because: it and the message it goes by were each sent to the other one's author"


@pytest.mark.parametrize("by_a_list", [b"", b"List-Id: <sales.example.test>\r\n"])
def test_a_colleague_joins_also_where_the_first_mail_came_by_two_addresses_of_ours(
    bench: Bench, by_a_list: bytes
) -> None:
    raw = mail("ann@ann.test", f"{US}, sales@example.test", Message_ID="<1@a>", Cc="karl@ann.test")
    ours = replace(MAIL, own_addresses=(safe(US), safe("sales@example.test")))
    bench.workspace.writes.put_account(ours)
    copies = [MailArrived(b"Delivered-To: " + to + b"\r\n" + raw, now()) for to in (US.encode(), b"sales@example.test")]
    copies[1] = replace(copies[1], raw=by_a_list + copies[1].raw)
    first, second = bench.take(*copies, account=ours)
    assert (first.message_id == second.message_id) is not bool(by_a_list)
    karl = bench.mail(mail("karl@ann.test", f"ann@ann.test, {US}", In_Reply_To="<1@a>"))
    assert karl.conversation_id == first.conversation_id


def test_a_colleague_joins_also_where_the_newer_mail_is_read_first(bench: Bench) -> None:
    mails = [
        mail("ann@ann.test", US, Message_ID="<1@a>", Cc="karl@ann.test, eva@ann.test"),
        mail("karl@ann.test", f"ann@ann.test, {US}", In_Reply_To="<1@a>", Message_ID="<2@k>", Cc="eva@ann.test"),
        mail("eva@ann.test", f"ann@ann.test, {US}", In_Reply_To="<1@a>", Message_ID="<3@e>", Cc="karl@ann.test"),
    ]
    for n, raw in reversed(list(enumerate(mails))):
        bench.mail(raw, now() - (9 - n) * MINUTE, live=False)
    (row,) = bench.workspace.rows()
    assert [m.message_id for m in bench.workspace.messages(row.id)] == ["1@a", "2@k", "3@e"]


def test_a_partner_whom_we_asked_keeps_no_colleague_out(bench: Bench) -> None:
    first = bench.mail(mail("ann@ann.test", US, Message_ID="<1@a>", Cc="karl@ann.test"), now() - 9 * MINUTE)
    token = we_write(bench, first, "partner@p.test")
    partner = bench.mail(mail("partner@p.test", US, In_Reply_To=f"<{token}>"))
    karl = bench.mail(mail("karl@ann.test", f"ann@ann.test, {US}", In_Reply_To="<1@a>"))
    assert {partner.conversation_id, karl.conversation_id} == {first.conversation_id}


def test_a_customers_unknown_second_address_begins_its_own_and_his_known_one_does_not(bench: Bench) -> None:
    first = bench.mail(mail("ann@ann.test", US, Message_ID="<1@a>"), now() - 9 * MINUTE)
    token = we_write(bench, first, "ann@ann.test")
    unknown = bench.mail(mail("ann@gmail.test", US, In_Reply_To=f"<{token}>"))
    assert unknown.conversation_id != first.conversation_id
    contact = bench.workspace.reads.conversation(first.conversation_id or 0)
    assert contact is not None
    with bench.store.ingest() as tx:
        tx.add_identity(contact.contact_id or 0, "email", safe("ann@home.test"), "test")
    assert bench.mail(mail("ann@home.test", US, In_Reply_To="<1@a>")).conversation_id == first.conversation_id


def test_members_of_a_list_stay_apart_as_ever(bench: Bench) -> None:
    post = bench.mail(mail("lea@l.test", "talk@lists.test", Message_ID="<1@l>", List_Id="<talk.lists.test>"), now() - 9)
    for n, address in enumerate(CUSTOMERS):
        answer = bench.mail(mail(address, "lea@l.test", Cc="talk@lists.test", In_Reply_To="<1@l>"), now() - 8 + n)
        assert authors(bench, answer) == {address}
    assert authors(bench, post) == {"lea@l.test"}


# What is told


def test_a_join_is_told_in_the_conversation(bench: Bench) -> None:
    at = now() - 9 * MINUTE
    bench.mail(mail(Message_ID="<1@a>"), at)
    number = bench.workspace.rows()[0].number
    third = bench.mail(mail(Message_ID="<3@a>", In_Reply_To="<2@a>"), at + 2 * MINUTE)
    joined = bench.mail(mail(Message_ID="<2@a>", In_Reply_To="<1@a>"), at + MINUTE)
    assert joined.conversation_id == third.conversation_id, "the livelier one stays"
    (event,) = bench.workspace.events(joined.conversation_id or 0)
    assert (event.code, event.by, event.parameters) == ("joined", "", {"number": str(number)})
    assert sentences.event(event, "me") == f"Joined with #{number}: a message that came ties the two together"
    assert bench.workspace.reads.by_number(number) == joined.conversation_id
