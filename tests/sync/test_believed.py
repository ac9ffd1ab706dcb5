"""Which delivery reports are believed: what they give back is what we sent, or the name of our envelope."""

from __future__ import annotations

import pytest

from agent_tui.backends.api import MailArrived
from agent_tui.domain.message import Delivery, Message, Rule
from agent_tui.domain.outbox import OutboxItem
from agent_tui.domain.times import MINUTE, now
from agent_tui.sync.incoming import IngestAccount, Result
from agent_tui.sync.parse import ParseContext
from tests.sync.ingest_bench import MAIL, US, Bench, report
from tests.sync.workspace import mail

ANN, BOB = "ann@customer.test", "bob@customer.test"
ENVELOPE = "0123456789abcdef0123456789abcdef"
SENT = {"Date": "Mon, 01 Jun 2026 10:00:00 +0000", "Subject": "Re: Hello", "To": ANN}


def answered(bench: Bench, *, envelope: str = "", cc: str = "") -> tuple[Result, OutboxItem]:
    """What Ann wrote, and our answer to her and to `cc`, which left in an envelope of this name."""
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, ANN, cc=cc)
    bench.store.due("mail", now())
    assert bench.store.claim(item.id) is not None
    bench.store.mark_leaving(item.id, envelope)
    return first, item


def head(**changed: str) -> str:
    """The head of our answer, with changes."""
    fields = {name: value for name, value in {**SENT, **changed}.items() if value}
    return "\r\n".join(f"{name}: {value}" for name, value in fields.items())


def in_words(token: str, fields: str) -> bytes:
    """As qmail and others report."""
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.test\r\nTo: {US}\r\nSubject: failure notice\r\n\r\n"
        f"<{ANN}>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        f"--- Below this line is a copy of the message.\r\n\r\nReturn-Path: <{US}>\r\nReceived: from a by b;\r\n"
        f"  1 Jun 2026 10:00:00 -0000\r\n{fields}\r\nMessage-ID: <{token}>\r\n\r\nAn answer\r\n"
    ).encode()


def believed(bench: Bench, first: Result, item: OutboxItem, raw: bytes, context: ParseContext | None = None) -> bool:
    """It stands in the conversation and marks Ann's address; else neither, nor anything else of it."""
    prepared = bench.ingestor.prepare([MailArrived(raw, now())], context=context or ParseContext())
    (told,) = bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared)
    messages: dict[int, Message] = {m.id: m for m in bench.workspace.all_messages()}
    found = {
        told.conversation_id == first.conversation_id,
        messages[told.message_id or 0].placement.rule is Rule.DELIVERY_REPORT,
        messages[item.message_id or 0].delivery is Delivery.BOUNCED,
        bench.workspace.reads.hard_bounced([ANN]) == {ANN},
    }
    assert len(found) == 1
    assert not bench.workspace.reads.hard_bounced([BOB])
    return found.pop()


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"Subject": "[External] Re:\r\n  Hello"},
        {"Subject": "=?utf-8?q?RE=3A_hello?="},
        {"Subject": "Re: Hel"},
        {"Date": "Mon, 1 Jun 2026 12:00:00 +0200"},
        {"To": '"Ann, the first" <ANN@Customer.test>, eve@evil.test'},
    ],
)
@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822", "in words"])
def test_what_servers_do_to_a_head_contradicts_nothing(bench: Bench, kind: str, changed: dict[str, str]) -> None:
    first, item = answered(bench)
    fields = head(**changed)
    words = kind == "in words"
    raw = in_words(item.token, fields) if words else report(item.token, ANN, "failed", "5.1.1", head=fields, kind=kind)
    assert believed(bench, first, item, raw)


@pytest.mark.parametrize(
    "changed",
    [
        {"Subject": "Your invoice"},
        {"Date": "Mon, 01 Jun 2026 10:05:00 +0000"},
        {"Date": "Mon, 01 Jun 2026 10:00:30 +0000"},
        {"To": "list@lists.test"},
    ],
)
@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822", "in words"])
def test_another_head_under_our_message_id_is_not_believed(bench: Bench, kind: str, changed: dict[str, str]) -> None:
    first, item = answered(bench)
    fields = head(**changed)
    words = kind == "in words"
    raw = in_words(item.token, fields) if words else report(item.token, ANN, "failed", "5.1.1", head=fields, kind=kind)
    assert not believed(bench, first, item, raw)


@pytest.mark.parametrize("envelope", ["", ENVELOPE])
@pytest.mark.parametrize(
    "left_out",
    [
        {"Date": "", "Subject": "", "To": ""},
        {"Date": ""},
        {"Date": "yesterday"},
        {"Subject": ""},
        {"To": ""},
        {"To": "undisclosed-recipients:;"},
    ],
)
@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822", "in words"])
def test_our_message_id_alone_is_no_proof(bench: Bench, kind: str, left_out: dict[str, str], envelope: str) -> None:
    """It stands in the References of later mail, which others see."""
    first, item = answered(bench, envelope=envelope)
    fields = head(**left_out) or "X-Nothing: else"
    words = kind == "in words"
    raw = in_words(item.token, fields) if words else report(item.token, ANN, "failed", "5.1.1", head=fields, kind=kind)
    assert not believed(bench, first, item, raw)


def test_our_message_id_alone_is_enough_from_our_own_server(bench: Bench) -> None:
    first, item = answered(bench)
    raw = report(item.token, ANN, "failed", "5.1.1", head="X-Nothing: else")
    assert believed(bench, first, item, *by_our_server(raw))


def test_what_has_no_subject_cannot_give_one_back(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, ANN, subject="")
    assert believed(bench, first, item, report(item.token, ANN, "failed", "5.1.1", head=head(Subject="")))


def test_a_report_of_what_another_program_of_ours_sent_is_held_against_its_copy(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    bench.mail(mail(US, ANN, "Re: Hello", In_Reply_To="<1@a>", Message_ID="<phone@x>"), role="sent")
    other = bench.mail(report("phone@x", ANN, "failed", "5.1.1", head=head(Subject="Your invoice")))
    assert other.conversation_id != first.conversation_id
    assert not bench.workspace.reads.hard_bounced([ANN])
    assert bench.mail(report("phone@x", ANN, "failed", "5.1.1", head=head())).conversation_id == first.conversation_id
    assert bench.workspace.reads.hard_bounced([ANN])


def test_our_right_head_and_a_foreign_recipient_marks_nobody(bench: Bench) -> None:
    bench.mail(mail("victim@v.test"))
    first, item = answered(bench, cc=BOB)
    told = bench.mail(report(item.token, "victim@v.test", "failed", "5.1.1", head=head()))
    assert told.conversation_id == first.conversation_id
    assert not bench.workspace.reads.hard_bounced([ANN, BOB, "victim@v.test"])
    assert {m.id: m for m in bench.workspace.all_messages()}[item.message_id or 0].delivery is not Delivery.BOUNCED


# The name of the envelope


@pytest.mark.parametrize("returned", ["nothing", "another head", "not believed by our server"])
def test_the_name_of_our_envelope_is_proof(bench: Bench, returned: str) -> None:
    first, item = answered(bench, envelope=ENVELOPE)
    about = "" if returned == "nothing" else item.token
    fields = head(Subject="Rewritten by a gateway") if returned == "another head" else head()
    raw = report(about, ANN, "failed", "5.1.1", head=fields, envelope=ENVELOPE)
    if returned == "not believed by our server":
        raw = b"Authentication-Results: mx.example.test; dmarc=fail\r\n" + raw
    assert believed(bench, first, item, raw, ParseContext(trusted_authserv="mx.example.test"))


def test_another_name_than_that_of_our_envelope_is_not_believed(bench: Bench) -> None:
    first, item = answered(bench, envelope=ENVELOPE)
    raw = report(item.token, ANN, "failed", "5.1.1", head=head(), envelope="00000000000000000000000000000000")
    assert not believed(bench, first, item, raw)


@pytest.mark.parametrize("envelope", ["", ENVELOPE])
def test_one_of_several_may_have_forged_it_and_no_address_is_marked_for_good(bench: Bench, envelope: str) -> None:
    """Servers hand the name of the envelope on to the server of each recipient, which may be his own."""
    first, item = answered(bench, envelope=ENVELOPE, cc=BOB)
    told = bench.mail(report(item.token, BOB, "failed", "5.1.1", head=head(), envelope=envelope))
    assert told.conversation_id == first.conversation_id
    (sent,) = (one for one in bench.workspace.all_messages() if one.id == item.message_id)
    assert sent.delivery is Delivery.BOUNCED
    assert sent.delivery_detail.startswith(f"(unproven) {BOB}: 5.1.1 ")
    assert bench.workspace.events(first.conversation_id or 0)[-1].parameters["cause"] == "reply_may_be_back"
    assert not bench.workspace.reads.hard_bounced([ANN, BOB])


@pytest.mark.parametrize(("action", "status"), [("failed", "5.1.1"), ("failed", "4.4.1"), ("delayed", "4.4.1")])
def test_a_mark_for_good_is_lowered_by_no_word_of_another_one(bench: Bench, action: str, status: str) -> None:
    first, item = answered(bench)
    assert believed(bench, first, item, report(item.token, ANN, "failed", "5.1.1", head=head()))
    _, both = answered(bench, envelope=ENVELOPE, cc=BOB)
    bench.mail(report(both.token, ANN, action, status, head=head(), envelope=ENVELOPE))
    assert bench.workspace.reads.hard_bounced([ANN, BOB]) == {ANN}


@pytest.mark.parametrize(("cc", "live", "lifts"), [("", True, True), (BOB, True, False), ("", False, False)])
def test_a_proven_delivery_lifts_a_mark_for_good(bench: Bench, cc: str, live: bool, lifts: bool) -> None:
    first, item = answered(bench)
    assert believed(bench, first, item, report(item.token, ANN, "failed", "5.1.1", head=head()))
    _, later = answered(bench, cc=cc)
    bench.mail(report(later.token, ANN, "delivered", "2.0.0", head=head()), live=live)
    assert bench.workspace.reads.hard_bounced([ANN]) == (set() if lifts else {ANN})


def by_our_server(raw: bytes, author: str = "mailer-daemon@example.test") -> tuple[bytes, ParseContext]:
    """Written by this author of our own domain, as our own server confirms."""
    passed = f"Authentication-Results: mx.example.test; dmarc=pass header.from={author.rpartition('@')[2]}\r\n".encode()
    return passed + raw.replace(b"mailer-daemon@mx.test", author.encode()), ParseContext(
        trusted_authserv="mx.example.test"
    )


def test_our_own_server_is_believed_of_one_of_several(bench: Bench) -> None:
    _, item = answered(bench, cc=BOB)
    raw, context = by_our_server(report(item.token, BOB, "failed", "5.1.1", head=head()))
    prepared = bench.ingestor.prepare([MailArrived(raw, now())], context=context)
    bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared)
    (sent,) = (one for one in bench.workspace.all_messages() if one.id == item.message_id)
    assert sent.delivery_detail.startswith(f"{BOB}: 5.1.1 ")
    assert bench.workspace.reads.hard_bounced([ANN, BOB]) == {BOB}


@pytest.mark.parametrize(
    ("author", "vouched"),
    [
        ("eve@gmail.com", False),
        ("mailer-daemon-eve@gmail.com", False),
        ("mailer-daemon@gmail.com", True),
        ("Postmaster@gmail.com", True),
    ],
)
def test_at_a_provider_for_everybody_the_provider_alone_is_our_own_server(
    bench: Bench, author: str, vouched: bool
) -> None:
    first, item = answered(bench, cc=BOB)
    raw, context = by_our_server(report(item.token, BOB, "failed", "5.1.1", head="X-Nothing: else"), author)
    prepared = bench.ingestor.prepare([MailArrived(raw, now())], context=context)
    (told,) = bench.ingestor.commit(IngestAccount.of(MAIL, ["acmesupport@gmail.com"]), prepared)
    assert (told.conversation_id == first.conversation_id) is vouched
    assert bench.workspace.reads.hard_bounced([ANN, BOB]) == ({BOB} if vouched else set())


@pytest.mark.parametrize(
    ("own", "author", "vouched"),
    [
        ("shop@yandex.ru", "eve@yandex.ru", False),
        ("shop@yandex.ru", f"microsoftexchange{'0' * 32}@yandex.ru", False),
        ("shop@yandex.ru", "mailer-daemon@yandex.ru", True),
        ("shop@nowhere-listed.test", "eve@nowhere-listed.test", False),
        ("shop@nowhere-listed.test", "mailer-daemon-eve@nowhere-listed.test", False),
        ("shop@nowhere-listed.test", "Postmaster@nowhere-listed.test", True),
        ("shop@nowhere-listed.test", f"MicrosoftExchange{'0a' * 16}@nowhere-listed.test", True),
        ("shop@nowhere-listed.test", "mailer-daemon@eve.nowhere-listed.test", False),
    ],
)
def test_of_our_domain_a_server_alone_speaks_for_the_server(bench: Bench, own: str, author: str, vouched: bool) -> None:
    first, item = answered(bench, cc=BOB)
    raw, context = by_our_server(report("x@y.test", BOB, "failed", "5.1.1", head="X-Nothing: else"), author)
    raw = f"In-Reply-To: <{item.token}>\r\n".encode() + raw.replace(b"Message-ID: <x@y.test>", b"X-No: id")
    prepared = bench.ingestor.prepare([MailArrived(raw, now())], context=context)
    (told,) = bench.ingestor.commit(IngestAccount.of(MAIL, [own]), prepared)
    assert (told.conversation_id == first.conversation_id) is vouched
    assert bench.workspace.reads.hard_bounced([ANN, BOB]) == ({BOB} if vouched else set())


def test_relays_that_drop_the_name_are_believed_of_a_mail_to_one_alone(bench: Bench) -> None:
    first, item = answered(bench, envelope=ENVELOPE, cc="")
    assert believed(bench, first, item, report(item.token, ANN, "failed", "5.1.1", head=head()))


def test_where_no_server_took_a_name_others_may_give_it_one(bench: Bench) -> None:
    first, item = answered(bench)
    raw = report(item.token, ANN, "failed", "5.1.1", head=head(), envelope="0P920018@relay.test")
    assert believed(bench, first, item, raw)


@pytest.mark.parametrize("name", ["the id", "any"])
def test_a_name_that_everybody_can_tell_proves_nothing(bench: Bench, name: str) -> None:
    first, item = answered(bench)
    envelope = item.token.replace("@", "+40") if name == "the id" else "any"
    raw = report("", ANN, "failed", "5.1.1", envelope=envelope)
    assert not believed(bench, first, item, f"In-Reply-To: <{item.token}>\r\n".encode() + raw)


def test_a_receipt_that_gives_another_mail_back_than_it_names_is_about_that_one(bench: Bench) -> None:
    first, item = answered(bench)
    raw = report("other@evil.test", ANN, "failed", "5.1.1").replace(b"delivery-status", b"disposition-notification")
    raw = raw.replace(b"Reporting-MTA", f"Original-Message-ID: <{item.token}>\r\nReporting-MTA".encode())
    assert bench.mail(raw).conversation_id != first.conversation_id
