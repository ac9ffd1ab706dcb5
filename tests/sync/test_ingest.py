"""Mails and texts into a real store: who, where, what changes, and what is set aside."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.backends.api import (
    Change,
    CopyGone,
    CopySeen,
    FolderReset,
    MailArrived,
    MessageUnreadable,
    RemoteCopy,
    RemoteFile,
    StatusChanged,
    TextArrived,
)
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.conversation import Channel, Status, View
from agent_tui.domain.message import Automatic, Delivery, Direction, Rule
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.times import DAY, HOUR, MINUTE, SECOND, Micros, now
from agent_tui.store.open import open_worker
from agent_tui.sync import ingest_mail, placing
from agent_tui.sync.incoming import Outcome
from agent_tui.sync.ingest import Ingestor, chunks
from agent_tui.sync.parse import ParserTeam
from tests.hostile import TERMINAL, controls
from tests.sync.ingest_bench import CHAT, US, Bench, report
from tests.sync.workspace import Workspace, mail

# Mail


def test_a_reply_with_another_subject_stays(bench: Bench) -> None:
    first = bench.mail(mail(subject="Order 1", Message_ID="<q@a>"))
    second = bench.mail(mail(subject="Something else", In_Reply_To="<q@a>"))
    assert second.conversation_id == first.conversation_id


def test_a_ticket_number_in_a_strangers_subject_is_no_key(bench: Bench) -> None:
    first = bench.mail(mail(subject="Order [#1]"))
    second = bench.mail(mail("eve@evil.test", subject="Re: Order [#1]"))
    assert second.conversation_id != first.conversation_id


def test_newsletter_answers_of_two_people(bench: Bench) -> None:
    one = bench.mail(mail("ann@a.test", References="<news@shop>"))
    two = bench.mail(mail("bob@b.test", References="<news@shop>"))
    assert one.conversation_id != two.conversation_id
    assert two.conversation_id is not None
    found = bench.workspace.reads.conversation(two.conversation_id)
    assert found is not None
    assert found.related == (one.conversation_id,)


def test_folded_ids_with_comments_and_no_brackets(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<q@a>"))
    second = bench.mail(mail(In_Reply_To="<gone@a>\r\n (a comment) <q@a>"))
    third = bench.mail(mail(References="q@a"))
    assert {r.conversation_id for r in (first, second, third)} == {first.conversation_id}


@pytest.mark.parametrize("header", ["", "<>", "<@>", "garbage", "<a b@c>", "<" + "x" * 5000 + "@y>", "<\x1b[2J@x>"])
def test_blank_and_hostile_ids_lose_nothing(bench: Bench, header: str) -> None:
    found = [bench.mail(mail(text=f"number {n}", Message_ID=header)) for n in range(3)]
    assert [r.outcome for r in found] == [Outcome.IMPORTED] * 3
    assert len(bench.workspace.all_messages()) == 3


def test_the_same_id_with_other_content_is_another_mail(bench: Bench) -> None:
    raw = mail(Message_ID="<same@a>", text="one")
    assert bench.mail(raw, uid=1).outcome is Outcome.IMPORTED
    assert bench.mail(mail(Message_ID="<same@a>", text="two"), uid=2).outcome is Outcome.IMPORTED
    assert bench.mail(raw, uid=3).outcome is Outcome.DUPLICATE
    assert len(bench.workspace.all_messages()) == 2


def test_history_arriving_backwards_makes_one_conversation(bench: Bench) -> None:
    base = now() - DAY
    raws = [
        (mail("ann@a.test", US, Message_ID="<1@a>"), "inbox"),
        (mail(US, "ann@a.test", Message_ID="<2@us>", In_Reply_To="<1@a>", References="<1@a>"), "sent"),
        (mail("ann@a.test", US, Message_ID="<3@a>", In_Reply_To="<2@us>", References="<2@us>"), "inbox"),
        (mail(US, "ann@a.test", Message_ID="<4@us>", In_Reply_To="<3@a>"), "sent"),
    ]
    for number, (raw, role) in reversed(list(enumerate(raws))):
        bench.mail(raw, base + number * MINUTE, role, live=False)
    (row,) = bench.workspace.rows()
    assert row.status is Status.WAITING
    messages = bench.workspace.messages(row.id)
    assert [m.message_id for m in messages] == ["1@a", "2@us", "3@a", "4@us"]
    assert [m.direction for m in messages] == [Direction.IN, Direction.OUT, Direction.IN, Direction.OUT]
    assert row.customer == "ann@a.test"
    why = [m.placement.evidence["field"] for m in messages]
    assert why == ["answered_by", "answered_by", "answered_by", "came_later"], "the last one was tied to nothing first"


def test_history_with_a_gap_is_joined_when_it_is_filled(bench: Bench) -> None:
    base = now() - DAY
    bench.mail(mail(Message_ID="<3@a>", In_Reply_To="<2@a>"), base + 3, live=False)
    bench.mail(mail(Message_ID="<1@a>"), base + 1, live=False)
    assert len(bench.workspace.rows()) == 2
    bench.mail(mail(Message_ID="<2@a>", In_Reply_To="<1@a>"), base + 2, live=False)
    (row,) = bench.workspace.rows()
    assert [m.message_id for m in bench.workspace.messages(row.id)] == ["1@a", "2@a", "3@a"]


def _two_customers() -> list[bytes]:
    """Twelve mails of two customers to us, each in copy to the other one from the second on."""
    ids = [f"<t{n}@customer.test>" for n in range(12)]
    raws = []
    for n in range(12):
        me, other = (
            ("maria@a.test", "pierre@b.test") if n in (0, 1, 3, 5, 7, 9, 11) else ("pierre@b.test", "maria@a.test")
        )
        more = {"In_Reply_To": ids[n - 1], "References": " ".join(ids[:n]), "Cc": other} if n else {}
        raws.append(mail(me, text=f"number {n}", Message_ID=ids[n], **more))
    return raws


def _read(bench: Bench, order: str, raws: list[bytes]) -> None:
    at = (now() - DAY) // SECOND * SECOND
    mails = list(enumerate(raws))
    if order == "backwards":
        mails.reverse()
    elif order == "mixed":
        mails = mails[6:] + mails[:6]
    for n, raw in mails:
        bench.mail(raw, at, live=False, uid=100 + n)


@pytest.mark.parametrize("order", ["forwards", "backwards", "mixed"])
def test_a_thread_of_two_customers_is_one_conversation_however_it_is_read(bench: Bench, order: str) -> None:
    _read(bench, order, _two_customers())
    (row,) = bench.workspace.rows()
    messages = bench.workspace.messages(row.id)
    assert [m.message_id for m in messages] == [f"t{n}@customer.test" for n in range(12)]
    rules = [m.placement.rule for m in messages]
    assert Rule.STRANGER not in rules
    assert rules[1:].count(Rule.NEW) == 0


@pytest.mark.parametrize("order", ["forwards", "backwards", "mixed"])
def test_who_answers_past_the_other_one_has_his_own_conversation(bench: Bench, order: str) -> None:
    """That it went to him is the other one's claim, as long as he does not answer that one."""
    raws = [raw.replace(b"Cc: maria@a.test\r\n", b"") for raw in _two_customers()]
    _read(bench, order, raws)
    found = [{str(m.author) for m in bench.workspace.messages(row.id)} for row in bench.workspace.rows()]
    assert len(found) == 2
    assert all(len(authors) == 1 for authors in found)


def test_mails_of_one_second_stand_in_the_order_of_their_numbers(bench: Bench) -> None:
    at = (now() - DAY) // SECOND * SECOND
    for uid in (9, 7, 8):
        bench.mail(mail(Message_ID=f"<{uid}@a>", References="<gone@a>"), at, live=False, uid=uid)
    (row,) = bench.workspace.rows()
    assert [m.message_id for m in bench.workspace.messages(row.id)] == ["7@a", "8@a", "9@a"]


def test_a_customer_reopens_and_history_does_not(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - DAY)
    bench.mail(mail(US, "ann@customer.test", In_Reply_To="<1@a>", Message_ID="<2@us>"), now() - DAY // 2, "sent")
    assert bench.status(first) is Status.WAITING
    bench.mail(mail(Message_ID="<0@a>", References="<1@a>"), now() - 3 * DAY, live=False)
    assert bench.status(first) is Status.WAITING
    bench.mail(mail(In_Reply_To="<2@us>"))
    assert bench.status(first) is Status.OPEN


def test_a_servers_slow_clock_does_not_hide_an_answer(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - DAY)
    bench.mail(mail(US, "ann@customer.test", In_Reply_To="<1@a>", Message_ID="<2@us>"), now(), "sent")
    bench.mail(mail(In_Reply_To="<2@us>", Message_ID="<3@a>"), now() - 5 * MINUTE)
    assert bench.status(first) is Status.OPEN
    assert first.conversation_id is not None
    assert [m.message_id for m in bench.workspace.messages(first.conversation_id)] == ["1@a", "2@us", "3@a"]


LATE = [MINUTE, 30 * MINUTE, 2 * HOUR, 3 * DAY]
"""A clock that goes behind, a queue that kept it, a program that fetched it and put it there with its date."""


@pytest.mark.parametrize("late", LATE)
def test_what_comes_in_with_an_old_time_reopens_what_was_solved(bench: Bench, late: int) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - 5 * DAY)
    assert first.conversation_id is not None
    bench.workspace.queue(first.conversation_id, "ann@customer.test")
    with bench.store.ingest() as tx:
        tx.set_status(first.conversation_id, Status.SOLVED, "set", now())
    again = bench.mail(mail(Message_ID="<2@a>", In_Reply_To="<1@a>", text="Broken again"), now() - late)
    assert again.conversation_id == first.conversation_id
    assert bench.status(first) is Status.OPEN


@pytest.mark.parametrize(
    ("role", "late", "marks"),
    [
        ("inbox", 2 * DAY, {"seen": True}),
        ("inbox", 30 * MINUTE, {"answered": True}),
        ("archive", 30 * MINUTE, {}),
    ],
)
def test_what_is_moved_into_a_folder_reopens_nothing(
    bench: Bench, role: str, late: int, marks: dict[str, bool]
) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - 5 * DAY)
    assert first.conversation_id is not None
    bench.mail(mail(In_Reply_To="<1@a>", text="Thank you"))
    with bench.store.ingest() as tx:
        tx.set_status(first.conversation_id, Status.SOLVED, "set", now())
    bench.mail(mail(Message_ID="<2@a>", In_Reply_To="<1@a>", text="Of old"), now() - late, role, **marks)
    assert bench.status(first) is Status.SOLVED


@pytest.mark.parametrize(("seen", "status"), [(True, Status.WAITING), (False, Status.OPEN)])
def test_what_another_program_read_before_its_answer_is_no_news(bench: Bench, seen: bool, status: Status) -> None:
    """After days without a line all of it comes at once: what nobody had read was not answered either."""
    first = bench.mail(mail(Message_ID="<1@a>"), now() - 5 * DAY)
    bench.mail(mail(US, "ann@customer.test", In_Reply_To="<1@a>", Message_ID="<2@us>"), now() - HOUR, "sent")
    bench.mail(mail(Message_ID="<3@a>", In_Reply_To="<1@a>", text="And"), now() - 2 * HOUR, seen=seen)
    assert bench.status(first) is status


@pytest.mark.parametrize("fields", [{"In_Reply_To": "<3@a>", "References": "<1@a>"}, {"References": "<1@a> <3@a>"}])
def test_what_our_answer_answers_is_no_news(bench: Bench, fields: dict[str, str]) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - 5 * DAY)
    bench.mail(mail(US, "ann@customer.test", **fields), now() - HOUR, "sent")
    bench.mail(mail(Message_ID="<3@a>", In_Reply_To="<1@a>", text="And"), now() - 2 * HOUR)
    assert bench.status(first) is Status.WAITING


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("done", [Status.WAITING, Status.SOLVED])
@pytest.mark.parametrize(
    "follow_up", [{"In_Reply_To": "<0@a>"}, {"References": "<0@a>"}, {"References": "<x@a> <0@a>"}]
)
def test_what_only_a_follow_up_named_was_not_read(
    bench: Bench, late: int, done: Status, follow_up: dict[str, str]
) -> None:
    """Our References copy those of the mail that we answer, which came before the one that it follows."""
    first = bench.mail(mail(Message_ID="<1@a>", **follow_up), now() - MINUTE)
    assert first.conversation_id is not None
    (message,) = bench.workspace.all_messages()
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test", answers=message)
    assert item.message_id is not None
    assert "0@a" in bench.workspace.reads.references(item.message_id)
    held = bench.workspace.queue(first.conversation_id, "ann@customer.test", answers=message, hold=3600, scheduled=True)
    if done is Status.SOLVED:
        with bench.store.ingest() as tx:
            tx.set_status(first.conversation_id, done, "set", now())
    kept = bench.mail(mail(Message_ID="<0@a>", text="It burns"), now() - late)
    assert kept.conversation_id == first.conversation_id
    assert bench.status(first) is Status.OPEN
    found = bench.workspace.reads.outbox_item(held.id)
    assert found is not None
    assert found.state is OutboxState.STOPPED


def test_an_answer_to_another_mail_under_the_same_id_proves_nothing(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - 2 * HOUR)
    bench.mail(mail(US, "ann@customer.test", In_Reply_To="<1@a>"), now() - HOUR, "sent")
    again = bench.mail(mail(Message_ID="<1@a>", text="It burns"), now() - 90 * MINUTE)
    assert again.conversation_id == first.conversation_id
    assert bench.status(first) is Status.OPEN


def test_an_auto_reply_is_shown_and_changes_nothing(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - DAY)
    bench.mail(mail(US, "ann@customer.test", In_Reply_To="<1@a>", Message_ID="<2@us>"), now() - MINUTE, "sent")
    away = bench.mail(mail(subject="Out of office", In_Reply_To="<2@us>", Auto_Submitted="auto-replied"))
    assert away.conversation_id == first.conversation_id
    assert bench.status(first) is Status.WAITING
    assert bench.workspace.all_messages()[-1].automatic is Automatic.REPLY


@pytest.mark.parametrize("backwards", [True, False])
def test_an_auto_reply_names_nobody(bench: Bench, backwards: bool) -> None:
    at = now() - DAY
    mails = [
        (at, "inbox", mail("Олена Коваленко <olena@a.test>", Message_ID="<1@a>")),
        (at + MINUTE, "sent", mail(US, "olena@a.test", Message_ID="<2@us>", In_Reply_To="<1@a>")),
        (at + 2 * MINUTE, "inbox", mail("Olena <olena@a.test>", In_Reply_To="<2@us>", Auto_Submitted="auto-replied")),
    ]
    for moment, role, raw in reversed(mails) if backwards else mails:
        bench.mail(raw, moment, role, live=False)
    (row,) = bench.workspace.rows()
    assert row.customer == "Олена Коваленко"


@pytest.mark.parametrize("backwards", [True, False])
def test_a_conversation_bears_the_name_of_its_newest_mail(bench: Bench, backwards: bool) -> None:
    """And the customer the newest of all: one address of a form or a shop writes for many."""
    at = now() - DAY
    names = ["Kestrel Logistics", "John Smith", "Olena"]
    mails = [
        (at + n * MINUTE, mail(f"{name} <u2@a.test>", subject=name, Message_ID=f"<{n}@a.test>"))
        for n, name in enumerate(names)
    ]
    answer = mail("John K. Smith <u2@a.test>", In_Reply_To="<1@a.test>")
    mails.append((at + 4 * MINUTE, answer))
    for moment, raw in reversed(mails) if backwards else mails:
        bench.mail(raw, moment, live=not backwards)
    named = {row.subject: row.customer for row in bench.workspace.rows()}
    assert named == {"Kestrel Logistics": "Kestrel Logistics", "John Smith": "John K. Smith", "Olena": "Olena"}
    doubted = mail("Support <u2@a.test>").replace(b"Subject:", b"From: Eve <u2@a.test>\r\nSubject:")
    bench.mail(doubted, at + 9 * MINUTE)
    assert {row.customer for row in bench.workspace.rows()} >= {"Kestrel Logistics", "John K. Smith", "Olena"}


def test_folders_say_how_a_conversation_begins(bench: Bench) -> None:
    assert bench.status(bench.mail(mail(), role="junk")) is Status.SPAM
    assert bench.status(bench.mail(mail(), role="archive")) is Status.SOLVED
    assert bench.mail(mail(), role="drafts").outcome is Outcome.IGNORED


def test_a_form_that_writes_in_our_name_is_a_customer(bench: Bench) -> None:
    bench.mail(mail(US, US, subject="Form"))
    (message,) = bench.workspace.all_messages()
    assert message.direction is Direction.IN


def test_a_colleague_elsewhere_writes_for_us(bench: Bench) -> None:
    bench.mail(mail(US, "ann@a.test"), role="other")
    (message,) = bench.workspace.all_messages()
    assert message.direction is Direction.OUT
    assert bench.workspace.rows()[0].customer == "ann@a.test"


def test_who_writes_in_our_name_from_outside_never_speaks_as_us(bench: Bench) -> None:
    bench.mail(mail("mallory@m.test", subject="Order", Message_ID="<ours@example.test>"))
    bench.mail(mail(US, "mallory@m.test", text="We refund all of it.", In_Reply_To="<ours@example.test>"))
    forged = next(m for m in bench.workspace.all_messages() if "refund" in m.text)
    assert forged.direction is Direction.IN
    assert "own_address" in forged.warnings


def test_a_future_date_pins_nothing_to_the_top(bench: Bench) -> None:
    bench.mail(mail(Date="Fri, 01 Jan 2100 00:00:00 +0000"), now() + 400 * DAY)
    assert bench.workspace.rows()[0].last_at <= now()
    bench.mail(mail())
    assert len(bench.workspace.rows()) == 2


def test_nul_bytes_and_twenty_thousand_recipients(bench: Bench) -> None:
    many = ",\r\n ".join(f"c{n}@x.test" for n in range(20_000))
    results = bench.take(
        MailArrived(b"Subject: a\0b\r\nFrom: ann@a.test\r\n\r\nte\0xt\0\r\n", now()),
        MailArrived(mail(to=many), now()),
        MailArrived(mail(subject="after"), now()),
    )
    assert [r.outcome for r in results] == [Outcome.IMPORTED] * 3
    crowded = next(m for m in bench.workspace.all_messages() if "recipients_cut" in m.warnings)
    assert len(crowded.to) == ingest_mail.PEOPLE_KEPT
    assert not any(controls(str(m.text)) for m in bench.workspace.all_messages())


@pytest.mark.parametrize("text", TERMINAL.values(), ids=TERMINAL)
def test_hostile_text_is_safe_in_the_store(bench: Bench, text: str) -> None:
    raw = mail(f'"{text}" <ann@a.test>', subject=text, text=text, References=text, X_Mailer=text)
    result = bench.mail(raw)
    assert result.outcome is Outcome.IMPORTED
    (message,) = bench.workspace.all_messages()
    (row,) = bench.workspace.rows()
    for shown in (message.author.name, message.subject, message.text, row.subject, row.snippet, row.customer):
        assert controls(shown) == []


def test_fifty_megabytes_stall_nobody(bench: Bench) -> None:
    big = mail(text="AAAA" * 19 + "\r\n") + b"x" * (50 << 20)
    begun = time.monotonic()
    results = bench.take(MailArrived(big, now()), MailArrived(mail(subject="after"), now()))
    assert [r.outcome for r in results][1] is Outcome.IMPORTED
    assert results[0].outcome in (Outcome.IMPORTED, Outcome.SET_ASIDE)
    assert time.monotonic() - begun < 40


def test_a_partial_mail_is_completed(bench: Bench) -> None:
    copy = RemoteCopy("INBOX", 1, 9)
    whole = mail(subject="Big", text="the whole text")
    head = whole.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    first = bench.take(MailArrived(head, now(), copy, size=60 << 20, partial=True))[0]
    assert first.outcome is Outcome.IMPORTED
    second = bench.take(MailArrived(whole, now(), copy, size=len(whole)))[0]
    assert second.message_id == first.message_id
    (message,) = bench.workspace.all_messages()
    assert "the whole text" in message.text


def test_poison_in_the_transaction_is_set_aside(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def place(arrival: placing.Arrival, book: placing.Book) -> placing.Decision:
        if arrival.header_id == "poison@a":
            raise ZeroDivisionError
        return placing.place(arrival, book)

    monkeypatch.setattr(ingest_mail, "place", place)
    results = bench.take(
        *[MailArrived(mail(Message_ID=f"<{name}@a>"), now()) for name in ("good1", "poison", "good2")], cursor="c"
    )
    assert [r.outcome for r in results] == [Outcome.IMPORTED, Outcome.SET_ASIDE, Outcome.IMPORTED]
    (aside,) = bench.workspace.reads.set_aside()
    assert aside.code == "ingest_error"
    assert aside.raw is not None
    assert bench.store.read_raw(aside.raw) is not None
    assert bench.store.cursor("mail", "pull") == ("c", False)


def test_what_the_backend_could_not_read_is_set_aside(bench: Bench) -> None:
    (result,) = bench.take(MessageUnreadable("77", "fetch_failed", {"why": "x"}, b"raw bytes"))
    assert result.outcome is Outcome.SET_ASIDE
    (aside,) = bench.workspace.reads.set_aside()
    assert (aside.code, aside.size) == ("fetch_failed", 9)


def test_a_transaction_is_cut_by_the_clock(workspace: Workspace, team: ParserTeam) -> None:
    store = open_worker(workspace.locations.data)
    bench = Bench(workspace, store, team)
    ticks = iter(range(10_000))
    bench.ingestor = Ingestor(store, team, lock_budget=3, clock=lambda: float(next(ticks)))
    before = workspace.reads.changes_since(0).sequence
    results = bench.take(*[MailArrived(mail(), now()) for _ in range(10)], cursor="end")
    assert len(results) == len(workspace.rows()) == 10
    assert workspace.reads.changes_since(before).sequence > before
    assert store.cursor("mail", "pull") == ("end", False)
    bench.ingestor.close()
    store.close()


def test_pieces_fit_the_memory() -> None:
    changes: Sequence[Change] = [MailArrived(b"x" * (3 << 20), now()) for _ in range(7)]
    assert [len(piece) for piece in chunks(changes)] == [2, 2, 2, 1]
    assert [len(piece) for piece in chunks([MailArrived(b"x", now())] * 120)] == [50, 50, 20]
    assert list(chunks([])) == [[]]


# Copies


def test_marks_follow_the_server(bench: Bench) -> None:
    copy = RemoteCopy("INBOX", 1, 5)
    bench.take(MailArrived(mail(), now(), copy))
    assert bench.workspace.rows()[0].unread
    bench.take(CopySeen(copy, seen=True, answered=False))
    assert not bench.workspace.rows()[0].unread


def test_an_answer_from_another_program_is_told_at_once(bench: Bench) -> None:
    copy = RemoteCopy("INBOX", 1, 5)
    bench.take(MailArrived(mail(), now(), copy))
    desk = bench.workspace.reads
    conversation = bench.workspace.rows()[0].id
    before = desk.changes_since(0).sequence
    bench.take(CopySeen(copy, seen=True, answered=True))
    (message,) = bench.workspace.all_messages()
    assert message.answered
    assert conversation in desk.changes_since(before).conversations, "an open conversation shows it"


def test_a_reset_folder_doubles_nothing(bench: Bench) -> None:
    raw = mail()
    bench.take(MailArrived(raw, now(), RemoteCopy("INBOX", 1, 5)))
    bench.take(FolderReset("INBOX", 1), MailArrived(raw, now(), RemoteCopy("INBOX", 2, 1)))
    assert len(bench.workspace.all_messages()) == 1
    bench.take(CopyGone("INBOX", 2, 1))
    assert len(bench.workspace.all_messages()) == 1


# What we sent


def test_a_copy_in_sent_proves_an_unknown_one(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    raw = bench.store.read_raw(item.raw or "")
    assert raw is not None
    changed = raw.replace(b"Subject:", b"X-Server: filed\r\nSubject:")
    result = bench.mail(changed, role="sent", uid=3)
    assert (result.outcome, result.proves) == (Outcome.DUPLICATE, item.id)
    assert result.message_id == item.message_id
    assert len(bench.workspace.all_messages()) == 2


def test_a_customer_cannot_prove_what_we_sent(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    result = bench.mail(mail(Message_ID=f"<{item.token}>"))
    assert result.proves is None
    assert result.outcome is Outcome.IMPORTED


@pytest.mark.parametrize("late", LATE)
def test_held_answers_stop_for_what_comes_in_with_an_old_time(bench: Bench, late: int) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - 5 * DAY)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test", hold=3600, scheduled=True)
    assert bench.mail(mail(In_Reply_To="<1@a>", text="Never mind"), now() - late).stopped == 1
    found = bench.workspace.reads.outbox_item(item.id)
    assert found is not None
    assert found.state is OutboxState.STOPPED


@pytest.mark.parametrize("scheduled", [True, False])
def test_held_answers_stop_when_the_customer_writes(bench: Bench, scheduled: bool) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test", hold=3600, scheduled=scheduled)
    away = bench.mail(mail(In_Reply_To="<1@a>", Auto_Submitted="auto-replied"))
    assert away.stopped == 0
    assert bench.mail(mail("support@example.test", In_Reply_To="<1@a>"), role="sent").stopped == 0
    forged = bench.mail(mail("support@example.test", "ann@customer.test", text="Ours?", In_Reply_To="<1@a>"))
    assert forged.stopped == 0
    assert bench.mail(mail(text="Of old", In_Reply_To="<1@a>"), now() - 2 * DAY, seen=True).stopped == 0
    assert bench.mail(mail(In_Reply_To="<1@a>")).stopped == 1
    found = bench.workspace.reads.outbox_item(item.id)
    assert found is not None
    assert found.state is OutboxState.STOPPED
    assert len(bench.workspace.reads.drafts("me")) == 1


# Reports


def test_a_bounce_attaches_and_marks_the_address(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    result = bench.mail(report(item.token, "ann@customer.test", "failed", "5.1.1"))
    assert result.conversation_id == first.conversation_id
    answer = next(m for m in bench.workspace.all_messages() if m.id == item.message_id)
    assert answer.delivery is Delivery.BOUNCED
    told = bench.workspace.all_messages()[-1]
    assert told.placement.rule is Rule.DELIVERY_REPORT
    conversation = bench.workspace.reads.conversation(first.conversation_id or 0)
    assert conversation is not None
    contact = bench.workspace.reads.contact(conversation.contact_id or 0)
    assert contact is not None
    assert [i.deliverable for i in contact.identities] == [Deliverable.HARD]


@pytest.mark.parametrize("was", [Status.WAITING, Status.SOLVED, Status.SNOOZED])
def test_a_last_answer_that_came_back_opens_its_conversation_again(bench: Bench, was: Status) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    assert first.conversation_id is not None
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    with bench.store.ingest() as tx:
        tx.set_status(first.conversation_id, was, "set", now())
    bench.mail(report(item.token, "ann@customer.test", "delayed", "4.4.1"))
    assert bench.status(first) is was
    bench.mail(report(item.token, "ann@customer.test", "failed", "5.1.1"))
    assert bench.status(first) is Status.OPEN
    assert bench.workspace.events(first.conversation_id)[-1].parameters["cause"] == "reply_came_back"
    with bench.store.ingest() as tx:  # dealt with: another report of the same message is no news
        tx.set_status(first.conversation_id, Status.SOLVED, "set", now())
    bench.mail(report(item.token, "ann@customer.test", "failed", "5.1.2"))
    assert bench.status(first) is Status.SOLVED


def test_only_news_of_the_last_answer_opens_a_conversation_again(bench: Bench) -> None:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    older = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    last = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    bench.mail(report(older.token, "ann@customer.test", "failed", "5.1.1"))
    assert bench.status(first) is Status.WAITING
    bench.mail(report(last.token, "ann@customer.test", "failed", "5.1.1"), live=False)
    assert bench.status(first) is Status.WAITING


def test_a_forged_report_marks_no_other_address(bench: Bench) -> None:
    bench.mail(mail("victim@v.test"))
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, "ann@customer.test")
    bench.mail(report(item.token, "victim@v.test", "failed", "5.1.1"))
    bench.mail(report("unknown@nowhere", "victim@v.test", "failed", "5.1.1"))
    victim = next(r for r in bench.workspace.rows() if r.customer == "victim@v.test")
    conversation = bench.workspace.reads.conversation(victim.id)
    assert conversation is not None
    contact = bench.workspace.reads.contact(conversation.contact_id or 0)
    assert contact is not None
    assert [i.deliverable for i in contact.identities] == [Deliverable.OK]


def test_robots_facing_us_are_marked_as_a_loop(bench: Bench) -> None:
    bench.mail(mail("robot@r.test", Message_ID="<0@r>"))
    for n in range(12):
        bench.mail(mail("robot@r.test", In_Reply_To="<0@r>", Auto_Submitted="auto-replied", text=f"{n}"))
    marked = [m for m in bench.workspace.all_messages() if "loop" in m.warnings]
    assert len(marked) == 4


# Chat


def text(native: str, words: str = "hi", author: str = "u1", **more: object) -> TextArrived:
    given: dict[str, object] = {
        "native_id": native,
        "conversation": "room1",
        "author_id": author,
        "author_name": "Ann",
        "text": words,
        "arrived_at": now(),
    }
    return TextArrived(**{**given, **more})  # type: ignore[arg-type]


def test_chat_goes_where_the_backend_says(bench: Bench) -> None:
    first, second, again = bench.take(text("1"), text("2"), text("1"), account=CHAT)
    assert first.conversation_id == second.conversation_id
    assert again.outcome is Outcome.DUPLICATE
    (row,) = bench.workspace.rows()
    assert (row.channel, row.customer) == (Channel.CHAT, "Ann")


def test_a_vouched_address_makes_one_customer_of_chat_and_mail(bench: Bench) -> None:
    bench.mail(mail("Ann <ann@a.test>"))
    bench.take(text("1", emails=["ANN@a.test"]), account=CHAT)
    contacts = {
        c.contact_id for row in bench.workspace.rows() if (c := bench.workspace.reads.conversation(row.id)) is not None
    }
    assert len(bench.workspace.rows()) == 2
    assert len(contacts) == 1


def test_two_vouched_addresses_of_two_customers_join_nobody(bench: Bench) -> None:
    bench.mail(mail("ann@a.test"))
    bench.mail(mail("bob@b.test"))
    bench.take(text("1", emails=["ann@a.test", "bob@b.test"]), account=CHAT)
    assert len({r.customer for r in bench.workspace.rows()}) == 3


def test_edits_status_and_files_of_a_chat(bench: Bench) -> None:
    photo = RemoteFile("../a\x1b[2J.png", "image/png", 4, b"\x89PNG")
    (first,) = bench.take(text("1", "old words", files=[photo]), account=CHAT)
    bench.take(text("1", "new words", edited=True), account=CHAT)
    for _ in range(2):  # told twice, done once
        bench.take(
            StatusChanged("room1", Status.SOLVED, "done", assignee="dana\x1b[2J", tags=["vip", "", "refund"]),
            account=CHAT,
        )
    (row,) = bench.workspace.rows()
    assert (row.status, [*row.tags]) == (Status.SOLVED, ["refund", "vip"])
    assert row.assignee is not None
    assert row.assignee.startswith("dana")
    assert controls(row.assignee) == []
    assert [e.code for e in bench.workspace.events(row.id)] == ["status", "assignee", "tags"]
    bench.take(StatusChanged("room1", assignee=""), account=CHAT)
    (row,) = bench.workspace.rows()
    assert (row.assignee, [*row.tags]) == (None, ["refund", "vip"])
    bench.take(StatusChanged("room1", tags=[]), StatusChanged("elsewhere", tags=["x"]), account=CHAT)
    assert [*bench.workspace.rows()[0].tags] == []
    (message,) = bench.workspace.messages(row.id)
    assert message.text == "new words"
    (file,) = message.attachments
    assert controls(file.name) == []
    assert bench.store.read_raw(file.part.removeprefix("sha256:")) == b"\x89PNG"
    assert first.outcome is Outcome.IMPORTED


def test_only_its_author_edits_a_message(bench: Bench) -> None:
    bench.take(text("1", "what Ann wrote"), account=CHAT)
    bench.take(replace(text("1", "words of Eve", edited=True), author_id="eve"), account=CHAT)
    bench.take(replace(text("1", "words of ours", edited=True), outgoing=True), account=CHAT)
    (row,) = bench.workspace.rows()
    item = bench.workspace.queue(row.id, "ann", account="chat", text="We refund 12.")
    store = bench.store
    store.due("chat", now())
    assert store.claim(item.id) is not None
    store.mark_leaving(item.id)
    store.settle(item.id, OutboxState.SENT, native_id="7")
    (refused,) = bench.take(text("7", "We refund 99999.", edited=True), account=CHAT)
    assert refused.message_id == item.message_id
    assert [m.text for m in bench.workspace.messages(row.id)] == ["what Ann wrote", "We refund 12."]


def test_fifty_arrivals_at_once(bench: Bench) -> None:
    bench.take(*[MailArrived(mail(f"c{n}@x.test"), now()) for n in range(50)])
    assert bench.workspace.reads.view_counts("me")[View.INBOX].total == 50


def test_a_clock_that_goes_back_loses_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.mail(mail(Message_ID="<1@a>"))
    monkeypatch.setattr(ingest_mail, "now", lambda: Micros(now() - 10 * DAY))
    result = bench.mail(mail(In_Reply_To="<1@a>", text="later"), now())
    assert result.outcome is Outcome.IMPORTED
    assert len(bench.workspace.messages(result.conversation_id or 0)) == 2


def test_every_file_of_the_corpus_ends_somewhere(bench: Bench, corpus: Path) -> None:
    from agent_tui.sync.importing import import_files

    files = [p for p in sorted(corpus.rglob("*")) if p.is_file()]
    found = list(import_files(bench.store, [corpus]))
    ended = {one.path.rpartition(":")[0] if one.path.rpartition(":")[2].isdigit() else one.path for one in found}
    assert {str(p) for p in files} <= ended | {one.path for one in found}
    assert {one.result for one in found} <= {"imported", "duplicate", "set_aside"}
    assert all(one.reason for one in found if one.result == "set_aside")
    assert all(one.message and one.conversation for one in found if one.result != "set_aside")
    again = list(import_files(bench.store, [corpus]))
    assert {one.result for one in again} <= {"duplicate", "set_aside"}
