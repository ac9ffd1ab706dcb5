"""Mails that claim to be ours, or to be another mail: they change nothing that is here, and none of them is lost."""

from __future__ import annotations

import pytest

from agent_tui.backends.api import CopySeen, FolderReset, MailArrived, RemoteCopy
from agent_tui.domain.account import Account, Fault
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Delivery, Direction, Message, Rule
from agent_tui.domain.outbox import DraftKind, OutboxItem, OutboxState
from agent_tui.domain.times import MINUTE, now
from agent_tui.store.ports import QueueOrder
from agent_tui.sync.incoming import IngestAccount, Outcome
from agent_tui.sync.parse import ParseContext
from tests.sync.ingest_bench import MAIL, US, Bench, report
from tests.sync.workspace import mail, person, safe

RECEIVED = "from evil.test by mx.example.test; Mon, 01 Jun 2026 10:00:00 +0000"


def messages(bench: Bench) -> dict[int, Message]:
    return {m.id: m for m in bench.workspace.all_messages()}


# Our own address


@pytest.mark.parametrize("role", ["inbox", "junk"])
def test_our_address_from_outside_opens_no_conversation(bench: Bench, role: str) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"))
    forged = bench.mail(
        mail(f"Shop <{US}>", US, text="Any news?", In_Reply_To="<1@a>", Reply_To="Ann <evil@evil.test>"), role=role
    )
    assert forged.conversation_id != first.conversation_id
    message = messages(bench)[forged.message_id or 0]
    assert message.direction is Direction.IN
    assert message.placement.rule is Rule.STRANGER
    assert "own_address" in message.warnings
    found = bench.workspace.reads.conversation(forged.conversation_id or 0)
    assert found is not None
    assert found.related == (first.conversation_id,)


@pytest.mark.parametrize("role", ["archive", "other", "trash"])
def test_a_filter_that_files_a_forged_mail_makes_it_not_ours(bench: Bench, role: str) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"))
    forged = bench.mail(mail(US, "ann@customer.test", In_Reply_To="<1@a>", Received=RECEIVED), role=role)
    assert messages(bench)[forged.message_id or 0].direction is Direction.IN
    assert forged.conversation_id != first.conversation_id
    filed = bench.mail(mail(US, "ann@customer.test", In_Reply_To="<1@a>"), role=role)
    assert messages(bench)[filed.message_id or 0].direction is Direction.OUT
    assert filed.conversation_id == first.conversation_id


@pytest.mark.parametrize("role", ["archive", "other"])
@pytest.mark.parametrize("same_bytes", [True, False])
def test_our_own_letter_that_was_found_in_an_archive_first_becomes_ours(
    bench: Bench, role: str, same_bytes: bool
) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    letter = mail(
        f"Shop <{US}>", "ann@customer.test", text="From my phone", In_Reply_To="<1@a>", Message_ID="<phone@x>"
    )
    delivered = f"Received: {RECEIVED}\r\n".encode() + letter
    found = bench.mail(delivered, role=role, uid=5)
    assert found.conversation_id != first.conversation_id
    sent = bench.mail(delivered if same_bytes else letter, role="sent", uid=6)
    assert (sent.outcome, sent.message_id) == (Outcome.DUPLICATE, found.message_id)
    assert sent.conversation_id == first.conversation_id
    message = messages(bench)[found.message_id or 0]
    assert (message.direction, message.delivery, message.unread) == (Direction.OUT, Delivery.SENT, False)
    assert "own_address" not in message.warnings
    assert message.placement.rule is Rule.IN_REPLY_TO
    assert len(bench.workspace.rows()) == 1
    again = bench.mail(b"X-Filter: 1\r\n" + delivered, role="inbox", uid=7)
    assert (again.outcome, again.message_id) == (Outcome.DUPLICATE, found.message_id)


def test_our_own_letter_to_somebody_new_makes_him_the_customer(bench: Bench) -> None:
    letter = mail(US, "new@customer.test", Received=RECEIVED)
    found = bench.mail(letter, role="other")
    bench.mail(letter, role="sent")
    (row,) = bench.workspace.rows()
    assert (row.id, row.customer, row.unread, row.status) == (
        found.conversation_id,
        "new@customer.test",
        False,
        Status.WAITING,
    )


def test_another_letter_under_the_id_of_one_in_sent_stays_a_stranger(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    forged = bench.mail(
        mail(
            US,
            "ann@customer.test",
            text="We refund all.",
            In_Reply_To="<1@a>",
            Message_ID="<phone@x>",
            Received=RECEIVED,
        ),
        role="archive",
    )
    sent = bench.mail(
        mail(US, "ann@customer.test", text="No refund.", In_Reply_To="<1@a>", Message_ID="<phone@x>"), role="sent"
    )
    assert (sent.outcome, sent.conversation_id) == (Outcome.IMPORTED, first.conversation_id)
    assert messages(bench)[forged.message_id or 0].direction is Direction.IN
    assert "own_address" in messages(bench)[forged.message_id or 0].warnings


@pytest.mark.parametrize(
    ("role", "results", "ours"),
    [
        ("archive", "mx.example.test; dmarc=pass header.from=example.test", True),
        ("archive", "mx.example.test; dmarc=pass header.from=evil.test", False),
        ("archive", "mx.example.test; dmarc=fail header.from=example.test", False),
        ("archive", "mx.evil.test; dmarc=pass header.from=example.test", False),
        ("archive", "mx.example.test; spf=pass smtp.mailfrom=evil.test", False),
        ("inbox", "mx.example.test; dmarc=pass header.from=example.test", False),
    ],
)
def test_our_own_server_vouches_for_what_a_filter_filed(bench: Bench, role: str, results: str, ours: bool) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    raw = f"Authentication-Results: {results}\r\n".encode() + mail(
        US, "ann@customer.test", In_Reply_To="<1@a>", Received=RECEIVED
    )
    context = ParseContext(trusted_authserv="mx.example.test")
    prepared = bench.ingestor.prepare([MailArrived(raw, now(), None, role)], context=context)
    (found,) = bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared)
    assert (messages(bench)[found.message_id or 0].direction is Direction.OUT) is ours
    assert (found.conversation_id == first.conversation_id) is ours


def test_our_address_does_not_gather_what_came_before(bench: Bench) -> None:
    answer = bench.mail(mail(In_Reply_To="<root@x>"))
    forged = bench.mail(mail(US, US, Message_ID="<root@x>"))
    assert forged.conversation_id != answer.conversation_id


# Another mail in the place of one


@pytest.mark.parametrize(
    "places", [(("INBOX", 7, 1, ""), ("INBOX", 7, 1, "")), (("INBOX", 7, 1, "M1"), ("INBOX", 7, 2, "M1"))]
)
def test_other_bytes_under_the_same_number_are_another_mail(
    bench: Bench, places: tuple[tuple[str, int, int, str], tuple[str, int, int, str]]
) -> None:
    one, two = (RemoteCopy(*place) for place in places)
    first = bench.take(MailArrived(mail(text="I want 12"), now(), one))[0]
    bench.take(FolderReset("INBOX", 7))
    second = bench.take(MailArrived(mail("bob@b.test", text="bob"), now(), two))[0]
    assert second.outcome is Outcome.IMPORTED
    found = messages(bench)
    assert found[first.message_id or 0].text.strip() == "I want 12"
    assert found[second.message_id or 0].text.strip() == "bob"
    bench.take(CopySeen(two, seen=True, answered=False))
    found = messages(bench)
    assert (found[first.message_id or 0].unread, found[second.message_id or 0].unread) == (True, False)


def test_what_we_sent_is_never_written_anew(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test", text="We refund 12.")
    own = bench.store.read_raw(item.raw or "")
    assert own is not None
    bench.take(MailArrived(own, now(), RemoteCopy("INBOX", 1, 2, "M9")))
    changed = mail(text="We refund 99999.", to="evil@evil.test", Message_ID=f"<{item.token}>")
    result = bench.take(MailArrived(changed, now(), RemoteCopy("INBOX", 1, 3, "M9")))[0]
    assert result.outcome is Outcome.IMPORTED
    assert messages(bench)[item.message_id or 0].text == "We refund 12."


def test_a_head_is_completed_by_its_own_body_alone(bench: Bench) -> None:
    copy = RemoteCopy("INBOX", 1, 9)
    head = mail(Message_ID="<big@a>", text="").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    first = bench.take(MailArrived(head, now(), copy, size=60 << 20, partial=True))[0]
    again = bench.take(MailArrived(b"X-Seen: 1\r\n" + head, now(), copy, size=60 << 20, partial=True))[0]
    assert (again.outcome, again.message_id) == (Outcome.DUPLICATE, first.message_id)
    other = bench.take(MailArrived(mail("bob@b.test", Message_ID="<other@b>"), now(), copy))[0]
    assert other.outcome is Outcome.IMPORTED
    assert other.message_id != first.message_id


# Under a Message-ID of ours


def test_a_mail_under_our_message_id_does_not_vanish(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    forged = bench.mail(mail(US, US, "anything", "This would never be seen", Message_ID=f"<{item.token}>"))
    assert (forged.outcome, forged.proves) == (Outcome.IMPORTED, None)
    assert "own_address" in messages(bench)[forged.message_id or 0].warnings
    filed = bench.mail(mail(US, "evil@evil.test", "anything", Message_ID=f"<{item.token}>"), role="sent")
    assert (filed.outcome, filed.proves) == (Outcome.IMPORTED, None)


def test_the_same_letter_in_the_inbox_is_our_copy(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    own = bench.store.read_raw(item.raw or "")
    assert own is not None
    came = (
        f"Received: {RECEIVED}\r\n".encode() + own.replace(b"Subject: Re: Hello", b"Subject: Re:\r\n Hello") + b"\r\n"
    )
    result = bench.mail(came)
    assert (result.outcome, result.proves, result.message_id) == (Outcome.DUPLICATE, item.id, item.message_id)
    assert bench.mail(came.replace(b"An answer", b"Another answer")).outcome is Outcome.IMPORTED


# Reports


def to_two(bench: Bench, conversation: int | None) -> OutboxItem:
    raw = mail(US, "ann@customer.test", Cc="bob@customer.test", Message_ID="<two@example.test>")
    order = QueueOrder(
        draft_id="two",
        conversation_id=conversation,
        account="mail",
        kind=DraftKind.REPLY_ALL,
        to=[person("ann@customer.test")],
        cc=[person("bob@customer.test")],
        bcc=(),
        subject=safe("Re: Hello"),
        text=safe("An answer"),
        quoted=(),
        signature=None,
        token="two@example.test",
        raw=bench.workspace.writes.put_file(raw),
        envelope_from=safe(US),
        envelope_to=[safe("ann@customer.test"), safe("bob@customer.test"), safe("blind@customer.test")],
        author=person(US),
        references=(),
        not_before=now(),
        scheduled=False,
    )
    return bench.workspace.writes.queue("me", order)


def deliverable(bench: Bench, address: str) -> bool:
    return not bench.workspace.reads.hard_bounced([address])


def test_a_report_marks_only_whom_its_message_went_to(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "partner@p.test")
    bench.mail(report(item.token, "ann@customer.test", "failed", "5.1.1"))
    assert deliverable(bench, "ann@customer.test")
    bench.mail(report(item.token, "partner@p.test", "failed", "5.1.1"))
    assert not deliverable(bench, "partner@p.test")


def test_a_report_of_where_it_was_handed_on_to_marks_whom_we_wrote_to(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    told = bench.mail(report(item.token, "ann@elsewhere.test", "failed", "5.1.1", to="ann@customer.test"))
    assert told.conversation_id == first.conversation_id
    answer = messages(bench)[item.message_id or 0]
    assert answer.delivery is Delivery.BOUNCED
    assert "ann@customer.test → ann@elsewhere.test: 5.1.1" in answer.delivery_detail
    assert not deliverable(bench, "ann@customer.test")
    assert deliverable(bench, "ann@elsewhere.test")


@pytest.mark.parametrize("way", ["two recipients", "not our id", "several named", "in words"])
def test_a_report_about_another_address_that_proves_nothing_is_shown_and_marks_nobody(bench: Bench, way: str) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    token, message_id = item.token, item.message_id
    if way == "two recipients":
        two = to_two(bench, first.conversation_id)
        token, message_id = two.token, two.message_id
    if way == "not our id":
        token = "phone@example.test"
        own = bench.mail(mail(US, "ann@customer.test", In_Reply_To="<1@a>", Message_ID=f"<{token}>"), role="sent")
        message_id = own.message_id
    raw = report(token, "ann@elsewhere.test", "failed", "5.1.1", to="ann@customer.test")
    if way == "several named":
        raw = raw.replace(
            b"Diagnostic-Code",
            b"X: y\r\n\r\nFinal-Recipient: rfc822; b@b.test\r\nAction: delivered\r\nStatus: 2.0.0\r\nX",
        )
    if way == "in words":
        raw = raw.replace(b"Final-Recipient: rfc822; ann@elsewhere.test", b"X-Nobody: x").replace(
            b"It failed.", b"ann@elsewhere.test: user unknown"
        )
    told = bench.mail(raw)
    assert told.conversation_id == first.conversation_id
    found = messages(bench)
    assert found[told.message_id or 0].placement.rule is Rule.DELIVERY_REPORT
    assert found[message_id or 0].delivery is not Delivery.BOUNCED
    assert deliverable(bench, "ann@customer.test")
    assert deliverable(bench, "ann@elsewhere.test")


def looks_like_a_report(token: str, *more: str, text: str = "") -> bytes:
    return "\r\n".join(
        [
            *more,
            "From: Ann Smith <MAILER-DAEMON@evil.test>",
            f"To: {US}",
            "Subject: Undelivered: Re: Hello",
            "Message-ID: <zz@evil.test>",
            f"In-Reply-To: <{token}>",
            f"References: <{token}>",
            "",
            text or "<ann@customer.test>: user unknown 550 5.1.1",
            "",
            "My old address is dead, please write to ann@evil.test from now on.",
            "",
        ]
    ).encode()


RETURNED = (
    "<ann@customer.test>: user unknown 550 5.1.1\r\n\r\n--- Below is a copy of the message.\r\n"
    "Date: Mon, 01 Jun 2026 10:00:00 +0000\r\nTo: ann@customer.test\r\nSubject: Re: Hello\r\nMessage-ID: <{}>"
)
DISBELIEVED = "Authentication-Results: mx.example.test; dmarc=fail"


@pytest.mark.parametrize(
    "way", ["answers ours", "answers ours from nobody", "from somebody", "not believed", "in fields"]
)
def test_what_only_looks_like_a_report_is_a_strangers_mail(bench: Bench, way: str) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    raw = {
        "answers ours": looks_like_a_report(item.token),
        "answers ours from nobody": looks_like_a_report(item.token, "Return-Path: <>"),
        "from somebody": looks_like_a_report(
            item.token, "Return-Path: <eve@evil.test>", text=RETURNED.format(item.token)
        ),
        "not believed": looks_like_a_report(item.token, DISBELIEVED, text=RETURNED.format(item.token)),
        "in fields": f"In-Reply-To: <{item.token}>\r\n".encode()
        + report("x@y", "ann@customer.test", "failed", "5.1.1"),
    }[way]
    context = ParseContext(trusted_authserv="mx.example.test")
    prepared = bench.ingestor.prepare([MailArrived(raw, now())], context=context)
    (told,) = bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared)
    assert told.conversation_id != first.conversation_id
    found = messages(bench)
    assert found[told.message_id or 0].placement.rule in (Rule.STRANGER, Rule.NEW)
    assert found[item.message_id or 0].delivery is not Delivery.BOUNCED
    assert deliverable(bench, "ann@customer.test")


def test_a_report_in_words_that_gives_our_message_back_is_believed_and_bears_no_name(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    told = bench.mail(looks_like_a_report(item.token, "Return-Path: <>", text=RETURNED.format(item.token)))
    assert told.conversation_id == first.conversation_id
    assert not deliverable(bench, "ann@customer.test")
    found = messages(bench)
    assert found[told.message_id or 0].author.shown == "MAILER-DAEMON@evil.test"
    answer = found[item.message_id or 0]
    assert answer.delivery is Delivery.BOUNCED
    assert "old address" not in answer.delivery_detail


def test_who_reported_has_no_part_in_the_conversation_from_then_on(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    bench.mail(looks_like_a_report(item.token, "Return-Path: <>", text=RETURNED.format(item.token)))
    later = bench.mail(mail("mailer-daemon@evil.test", text="Pay here", In_Reply_To=f"<{item.token}>"))
    assert later.conversation_id != first.conversation_id


@pytest.mark.parametrize(("domain", "joins"), [("example.test", True), ("evil.test", False)])
def test_our_own_servers_word_is_enough(bench: Bench, domain: str, joins: bool) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    passed = f"Authentication-Results: mx.example.test; dmarc=pass header.from={domain}"
    raw = looks_like_a_report(item.token, passed).replace(b"@evil.test>\r\nTo", f"@{domain}>\r\nTo".encode())
    context = ParseContext(trusted_authserv="mx.example.test")
    prepared = bench.ingestor.prepare([MailArrived(raw, now())], context=context)
    (told,) = bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared)
    assert (told.conversation_id == first.conversation_id) is joins
    assert deliverable(bench, "ann@customer.test") is not joins


def test_a_blind_copy_bounces_too(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = to_two(bench, first.conversation_id)
    bench.mail(report(item.token, "blind@customer.test", "failed", "5.1.1", to="ann@customer.test"))
    answer = messages(bench)[item.message_id or 0]
    assert answer.delivery is Delivery.BOUNCED
    assert "blind@customer.test" in answer.delivery_detail


def test_a_bounce_of_one_of_two_stays_and_names_him(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = to_two(bench, first.conversation_id)
    bench.mail(report(item.token, "bob@customer.test", "failed", "5.1.1", to="ann@customer.test"))
    bench.mail(report(item.token, "ann@customer.test", "delivered", "2.0.0"))
    answer = messages(bench)[item.message_id or 0]
    assert answer.delivery is Delivery.BOUNCED
    assert "bob@customer.test" in answer.delivery_detail
    bench.mail(report(item.token, "ann@customer.test", "failed", "5.1.1"))
    answer = messages(bench)[item.message_id or 0]
    assert "bob@customer.test" in answer.delivery_detail
    assert "ann@customer.test" in answer.delivery_detail
    assert bench.workspace.rows()[0].delivery_failed


def test_filing_the_copy_takes_no_bounce_back(bench: Bench) -> None:
    """A server on the same machine bounces at once: before the copy is filed, or even before its answer is settled."""
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    store = bench.store
    store.due("mail", now())
    assert store.claim(item.id) is not None
    store.mark_leaving(item.id)
    bench.mail(report(item.token, "ann@customer.test", "failed", "5.1.1"))
    store.settle(item.id, OutboxState.SENT)
    store.settle(item.id, OutboxState.SENT, sent_copy="appended")
    answer = messages(bench)[item.message_id or 0]
    assert answer.delivery is Delivery.BOUNCED
    assert "ann@customer.test" in answer.delivery_detail
    assert bench.workspace.rows()[0].delivery_failed


def test_a_recipient_who_was_refused_is_named(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = to_two(bench, first.conversation_id)
    store = bench.store
    store.due("mail", now())
    assert store.claim(item.id) is not None
    store.mark_leaving(item.id)
    fault = Fault(
        "some_refused",
        {"bob@customer.test": "550 5.1.1 User unknown", "blind@customer.test": "554 5.7.1 Relay access denied"},
    )
    store.settle(item.id, OutboxState.SENT, fault=fault)
    store.settle(item.id, OutboxState.SENT, sent_copy="appended")
    answer = messages(bench)[item.message_id or 0]
    assert answer.delivery is Delivery.BOUNCED
    assert "bob@customer.test: 550 5.1.1" in answer.delivery_detail
    found = bench.workspace.reads.outbox_item(item.id)
    assert found is not None
    assert found.fault == fault
    asked = ["Bob@customer.test", "blind@customer.test", "ann@customer.test"]
    assert bench.workspace.reads.hard_bounced(asked) == {"Bob@customer.test"}
    assert bench.workspace.rows()[0].delivery_failed


# Files


def test_an_imported_file_joins_no_conversation_of_an_account(bench: Bench) -> None:
    files = Account("import", "import", safe("Import"), Channel.EMAIL, {}, offline=True)
    bench.workspace.writes.put_account(files)
    first = bench.mail(mail(Message_ID="<1@a>"))
    raw = mail("ann@customer.test", text="We agreed on 5000.", In_Reply_To="<1@a>")
    (imported,) = bench.take(MailArrived(raw, now(), None, "inbox"), account=files, live=False)
    assert imported.conversation_id != first.conversation_id
    conversation = bench.workspace.reads.conversation(first.conversation_id or 0)
    assert conversation is not None
    assert conversation.account == "mail"
