"""Delivery reports, auto-replies, lists, and loops."""

from __future__ import annotations

import time
from base64 import b64encode
from pathlib import Path

import pytest

from agent_tui.content.heading import heading_of
from agent_tui.content.mail import read_mail
from agent_tui.content.parsed import DeliveryReport, Heading
from agent_tui.domain.message import Automatic


def mail(*headers: str, text: str = "Hello", kind: str = "text/plain") -> bytes:
    return ("\r\n".join([*headers, f"Content-Type: {kind}"]) + "\r\n\r\n" + text.replace("\n", "\r\n")).encode()


STATUS = """--x

This is the mail system at host mx.example.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Tue, 24 Nov 2026 09:12:00 +0100

{recipients}
--x
Content-Type: {kind}

{returned}
--x--
"""


def report(
    recipients: str, returned: str = "Message-ID: <1@aurora.example>\nSubject: x", kind: str = "text/rfc822-headers"
) -> DeliveryReport:
    raw = mail(
        "From: MAILER-DAEMON@mx.example",
        "Message-ID: <own@mx.example>",
        text=STATUS.format(recipients=recipients, returned=returned, kind=kind),
        kind="multipart/report; report-type=delivery-status; boundary=x",
    )
    parsed = read_mail(raw)
    assert parsed.automatic is Automatic.REPORT
    assert parsed.report is not None
    return parsed.report


def test_a_hard_failure() -> None:
    found = report(
        "Final-Recipient: rfc822; Nobody@X.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user"
    )
    assert found.about == "1@aurora.example"
    (one,) = found.recipients
    assert (one.address, one.action, one.permanent, one.status) == ("Nobody@x.example", "failed", True, "5.1.1")
    assert one.diagnostic == "550 5.1.1 no such user"


@pytest.mark.parametrize(
    ("fields", "action", "permanent"),
    [
        ("Action: delayed\nStatus: 4.4.1", "delayed", False),
        ("Action: failed\nStatus: 4.4.7", "failed", False),
        ("Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 mailbox full", "failed", False),
        ("Action: failed\nDiagnostic-Code: smtp; 550 unknown user", "failed", True),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 the mailbox is full", "failed", False),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 554 this looks like spam to us", "failed", False),
        ("Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 refused by DMARC policy", "failed", False),
        ("Action: failed\nStatus: 5.3.4\nDiagnostic-Code: smtp; 552 your letter is too big", "failed", False),
        ("Action: failed\nStatus: 5.7.0\nDiagnostic-Code: x; his box has exceeded its disk space", "failed", False),
        ("Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 no such user here, policy", "failed", True),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 recipient does not exist", "failed", True),
        ("Action: failed (no way)\nStatus: 5.7.1 (refused)", "failed", True),
        ("Action: delivered\nStatus: 2.0.0", "delivered", False),
        ("Action: relayed\nStatus: 2.0.0", "relayed", False),
        ("Status: 5.0.0", "failed", True),
        ("Action: \x1b[2J\nStatus: 4.0.0", "delayed", False),
    ],
)
def test_hard_and_soft(fields: str, action: str, permanent: bool) -> None:
    (one,) = report(f"Final-Recipient: rfc822;a@x.example\n{fields}").recipients
    assert (one.action, one.permanent) == (action, permanent)


def test_what_a_server_says_at_length_takes_no_time() -> None:
    begun = time.perf_counter()
    (one,) = report(
        f"Final-Recipient: rfc822; a@x.example\nAction: failed\nDiagnostic-Code: smtp; 552 {'exceed' * 40_000}"
    ).recipients
    assert one.permanent
    assert time.perf_counter() - begun < 1


def test_a_line_without_end_in_a_report_takes_no_time() -> None:
    """It was set aside as one that takes too long: a pattern of the detectors takes the square of a line."""
    begun = time.process_time()
    read = read_mail(mail("From: mailer-daemon@x.example", "Subject: Undelivered", text="1," * 100_000))
    assert read.text.startswith("1,1,")
    assert time.process_time() - begun < 3


def test_several_recipients() -> None:
    found = report(
        "Final-Recipient: rfc822; a@x.example\nAction: failed\nStatus: 5.1.1\n\n"
        "Original-Recipient: rfc822;b@x.example\nFinal-Recipient: rfc822;<b2@x.example>\nAction: delayed\nStatus: 4.0.0\n\n"
        "Final-Recipient: x500; nonsense\nAction: failed"
    )
    assert [(r.address, r.permanent) for r in found.recipients] == [("a@x.example", True), ("b@x.example", False)]


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"])
def test_the_message_it_is_about(kind: str) -> None:
    returned = "Received: from a by b\nMessage-ID:\n <1@aurora.example>\nSubject: x\n\nHello"
    assert report("Final-Recipient: rfc822;a@x.example\nAction: failed", returned, kind).about == "1@aurora.example"


HEAD = "Received: from a by b\nMessage-ID:\n <1@aurora.example>\nDate: Tue, 24 Nov 2026 09:12:00 +0100\nSubject: x\nTo: Ann <A@x.example>"


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "text/plain"])
def test_the_head_that_it_gives_back(kind: str) -> None:
    returned = f"See below.\n\n{HEAD}\n\nSubject: y" if kind == "text/plain" else f"{HEAD}\n\nSubject: y"
    found = report("Final-Recipient: rfc822;a@x.example\nAction: failed", returned, kind)
    assert found.about == "1@aurora.example"
    assert found.heading == heading_of(HEAD.encode())
    assert (found.heading.subject, found.heading.to) == ("x", ("a@x.example",))
    assert found.heading.sent_at == 1_795_507_920_000_000


def test_a_report_in_free_words() -> None:
    raw = mail(
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
        "To: support@aurora.example",
        "Return-Path: <>",
        "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <own@mx.example>",
        text="Your message could not be delivered.\n\nFor help contact <help@mx.example>.\n\n"
        "<nobody@x.example>: host mx.x.example said: 550 5.1.1 User unknown\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n"
        "Received: from a by b\nFrom: support@aurora.example\nTo: nobody@x.example\nMessage-ID: <1@aurora.example>\n\nHello\n",
    )
    found = read_mail(raw).report
    assert found is not None
    assert found.about == "1@aurora.example"
    assert [(r.address, r.permanent, r.status) for r in found.recipients] == [("nobody@x.example", True, "5.1.1")]


def test_a_delay_in_free_words_is_soft() -> None:
    raw = mail(
        "From: MAILER-DAEMON@mx.example",
        "Subject: Warning: could not send message for past 4 hours",
        text="<a@x.example>: connection timed out.\nThe server will keep trying for 5 days.",
    )
    found = read_mail(raw).report
    assert found is not None
    assert [(r.address, r.action, r.permanent) for r in found.recipients] == [("a@x.example", "delayed", False)]


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("ndr@mx.example", "Mail delivery failed: returning message to sender"),
        ("MDaemon@mx.example", "Permanent Delivery Failure"),
        ("SMTP_Mail_Service@mx.example", "Returned Mail - Error During Delivery"),
        ("postmaster@mx.example", "Falha na entrega"),
        ("postmaster@mx.example", "Zustellung fehlgeschlagen"),
        ("postmaster@mx.example", "Помилка доставки"),
        ("postmaster@mx.example", "Не удалось доставить письмо"),
        ("postmaster@mx.example", "No se ha podido entregar su mensaje"),
        ("postmaster@mx.example", "Mancato recapito"),
        ("postmaster@mx.example", "Wiadomość nie została dostarczona"),
    ],
)
def test_reports_of_other_programs_and_languages(sender: str, subject: str) -> None:
    text = "Release 2.0.12 of our mailer\n\n<nobody@x.example>: 550 no such user\n"
    parsed = read_mail(mail(f"From: {sender}", f"Subject: {word(subject)}", text=text))
    assert parsed.automatic is Automatic.REPORT
    assert parsed.report is not None
    assert [(r.address, r.permanent, r.status) for r in parsed.report.recipients] == [
        ("nobody@x.example", True, "5.0.0")
    ]


def test_a_failure_behind_a_forwarding_names_the_address_that_was_written_to() -> None:
    fields = "Original-Recipient: rfc822;olena+2Bnews@x.example\nFinal-Recipient: rfc822; box17@inner.example\n"
    (one,) = report(f"{fields}Action: failed\nStatus: 5.1.1").recipients
    assert one.address == "olena+news@x.example"


def test_a_read_receipt_and_a_complaint_are_reports_without_failed_addresses() -> None:
    receipt = mail(
        "From: o@x.example",
        text="--x\n\nread\n--x\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;o@x.example\n"
        "Original-Message-ID: <1@aurora.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--x--\n",
        kind="multipart/report; report-type=disposition-notification; boundary=x",
    )
    parsed = read_mail(receipt)
    assert parsed.automatic is Automatic.REPORT
    assert parsed.report == DeliveryReport(parsed.report.about if parsed.report else "", ())  # type: ignore[arg-type]
    assert parsed.report.about == "1@aurora.example"


@pytest.mark.parametrize(
    "headers",
    [
        ("From: o@x.example", "Subject: My delivery failed to arrive"),
        ("From: o@x.example", "Subject: Delivery problem with order 4417"),
        ("From: Postmaster Pat <pat@x.example>", "Subject: question"),
        ("From: o@x.example", "Subject: Returned mail", "Return-Path: <o@x.example>"),
        ("From: Courier <delivery@courier.example>", "Subject: Delivery notification: order 4417"),
        ("From: mail-service@x.example", "Subject: Our delivery is delayed"),
    ],
)
def test_customers_who_write_about_delivery_are_no_reports(headers: tuple[str, ...]) -> None:
    parsed = read_mail(mail(*headers, text="My parcel was not delivered. The code was 550"))
    assert parsed.report is None
    assert parsed.automatic is Automatic.NO


@pytest.mark.corpus
def test_real_bounces(corpus: Path) -> None:
    """Of 209 real ones nearly all tell their message or the address; a few are complaints, notices, auto-replies."""
    paths = sorted((corpus / "bounces").glob("*.eml"))
    reports = [read_mail(path.read_bytes()).report for path in paths]
    found = [r for r in reports if r is not None]
    assert len(paths) >= 200
    assert len(found) >= 0.96 * len(paths)
    assert sum(bool(r.about) for r in found) >= 0.86 * len(paths)
    assert sum(bool(r.recipients) for r in found) >= 0.91 * len(paths)
    assert sum(bool(r.about or r.recipients) for r in found) >= 0.94 * len(paths)
    assert sum(r.heading != Heading() for r in found) >= 0.95 * sum(r.returned for r in found)


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "address", "permanent"),
    [
        ("rfc3464-01.eml", None, None),
        ("lhost-postfix-13.eml", "noraneko@example.jp", False),
        ("lhost-gmail-16.eml", "mailboxfull@bouncehammer.jp", False),
        ("lhost-exim-31.eml", "kijitora@example.net", True),
        ("lhost-yahoo-02.eml", "kijitora@example.ed.jp", False),
        ("lhost-sendgrid-03.eml", "kijitora@example.org", False),
    ],
)
def test_some_of_them_by_hand(corpus: Path, name: str, address: str | None, permanent: bool | None) -> None:
    found = read_mail((corpus / "bounces" / name).read_bytes()).report
    assert found is not None
    assert found.recipients
    if address:
        assert (address, permanent) in [(r.address, r.permanent) for r in found.recipients]


def word(text: str) -> str:
    """A header's word in letters beyond ASCII."""
    return f"=?utf-8?b?{b64encode(text.encode()).decode()}?="


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ((), Automatic.NO),
        (("In-Reply-To: <1@a>",), Automatic.NO),
        (("Auto-Submitted: no",), Automatic.NO),
        (("Auto-Submitted: auto-replied",), Automatic.REPLY),
        (("Auto-Submitted: auto-replied (vacation)",), Automatic.REPLY),
        (("Auto-Submitted: auto-generated; x=y", "In-Reply-To: <1@a>"), Automatic.REPLY),
        (("Auto-Submitted: auto-generated",), Automatic.LIST),
        (("X-Autoreply: yes",), Automatic.REPLY),
        (("X-Autorespond: yes",), Automatic.REPLY),
        (("Precedence: auto_reply",), Automatic.REPLY),
        (("Precedence: bulk",), Automatic.LIST),
        (("Precedence: junk", "References: <1@a>"), Automatic.REPLY),
        (("Precedence: bulk", "References: <1@a>"), Automatic.LIST),
        (("Precedence: bulk", "Return-Path: <>"), Automatic.REPLY),
        (("X-Auto-Response-Suppress: All", "In-Reply-To: <1@a>"), Automatic.LIST),
        (("X-Auto-Response-Suppress: DR, OOF, AutoReply", "In-Reply-To: <1@a>"), Automatic.LIST),
        (("X-MS-Exchange-Inbox-Rules-Loop: help@a.example",), Automatic.NO),
        (("X-Autoreply: no",), Automatic.NO),
        (("X-Autogenerated: Reply",), Automatic.REPLY),
        (("X-Autogenerated: Mirror",), Automatic.NO),
        (("X-Auto-Response-Suppress: DR, OOF, AutoReply",), Automatic.LIST),
        (("List-Id: <news.x.example>",), Automatic.LIST),
        (("List-Id: <news.x.example>", "In-Reply-To: <1@a>", "Precedence: list"), Automatic.LIST),
        (("List-Unsubscribe: <mailto:u@x.example>",), Automatic.LIST),
        (("Return-Path: <>",), Automatic.REPLY),
        (("Return-Path: <o@x.example>",), Automatic.NO),
        (("Subject: Automatic reply: Order", "In-Reply-To: <1@a>"), Automatic.REPLY),
        (("Subject: Automatic reply: Order", "X-Auto-Response-Suppress: All"), Automatic.REPLY),
        (("Subject: Out of Office: Order", "References: <1@a>"), Automatic.REPLY),
        (("Subject: Abwesenheitsnotiz: Order", "In-Reply-To: <1@a>"), Automatic.REPLY),
        ((f"Subject: {word('Автоматический ответ')}: x", "In-Reply-To: <1@a>"), Automatic.REPLY),
        ((f"Subject: {word('Réponse automatique')} : x", "In-Reply-To: <1@a>"), Automatic.REPLY),
        ((f"Subject: [{word('Automatyczna odpowiedź')}] x", "Precedence: junk"), Automatic.REPLY),
        (("Subject: [Auto-Reply] Order 4417", "In-Reply-To: <1@a>"), Automatic.REPLY),
        (("Subject: Re: Order 4417 (Automatic Response)", "Precedence: bulk"), Automatic.REPLY),
        ((f"Subject: {word('Нет на месте')}: x", "In-Reply-To: <1@a>"), Automatic.REPLY),
        ((f"Subject: {word('Автоматична відповідь')}: x", "In-Reply-To: <1@a>"), Automatic.REPLY),
        (("Subject: AUTO: Max Muster is out of the office (returning 07/12/2026)",), Automatic.REPLY),
        (("Subject: Auto: Bremse (links) quietscht seit 07.12.2026",), Automatic.NO),
        (("Subject: Fuera de la oficina",), Automatic.NO),
        (("Subject: Automatic reply: Order",), Automatic.NO),
        (("Subject: Automatic reply does not work", "In-Reply-To: <1@a>"), Automatic.NO),
        (("Subject: Re: Automatic reply: Order", "In-Reply-To: <1@a>"), Automatic.NO),
        (("Subject: RE: Automatic reply does not work", "In-Reply-To: <1@a>"), Automatic.NO),
        (("Subject: I am out of patience: refund", "In-Reply-To: <1@a>"), Automatic.NO),
        ((f"Subject: {word('Відсутня посилка')}",), Automatic.NO),
        ((f"Subject: {word('Відсутня посилка: 4417')}", "In-Reply-To: <1@a>"), Automatic.NO),
        (("Subject: Re: Order",), Automatic.NO),
    ],
)
def test_what_no_person_wrote(headers: tuple[str, ...], kind: Automatic) -> None:
    assert read_mail(mail("From: o@x.example", *headers)).automatic is kind


def test_loops_are_counted() -> None:
    assert read_mail(mail("From: o@x.example")).loop_count == 0
    assert read_mail(mail("From: o@x.example", "X-Agent-TUI-Loop: 1")).loop_count == 1
    assert read_mail(mail("From: o@x.example", "X-Agent-TUI-Loop: 3")).loop_count == 3
    assert read_mail(mail("From: o@x.example", *["Delivered-To: s@a.example"] * 4)).loop_count == 3
    assert read_mail(mail("From: o@x.example", *["Received: from a by b"] * 40)).loop_count == 10
