"""One letter to two addresses of ours is one message; what only looks like it is another one, and is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_tui import sentences
from agent_tui.backends.api import CopySeen, FolderReset, MailArrived, RemoteCopy
from agent_tui.domain.account import Capability
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Message
from agent_tui.domain.times import HOUR, MINUTE, Micros, now
from agent_tui.store.ports import TWINS_CAP
from agent_tui.sync.incoming import IngestAccount, Outcome
from agent_tui.sync.parse import ParseContext
from agent_tui.sync.same_mail import COMPARED_CAP, MOST_ADDED, same_mail
from tests.sync.ingest_bench import MAIL, US, Bench
from tests.sync.workspace import mail, safe

SALES = "sales@example.test"
LETTER = mail(to=f"{US}, {SALES}", text="Where is my parcel?", Message_ID="<1@a>")


def delivered(to: str, raw: bytes = LETTER) -> bytes:
    """As the server wrote it down for one of our addresses."""
    took = f"Received: from a.test by mx.example.test for <{to}>;\r\n\tMon, 01 Jun 2026 10:00:00 +0000\r\n"
    return f"Return-Path: <ann@customer.test>\r\nDelivered-To: {to}\r\n{took}".encode() + raw


ONE, TWO = delivered(US), delivered(SALES)


def stored(bench: Bench) -> list[Message]:
    return bench.workspace.all_messages()


def twins(bench: Bench, conversation_id: int | None) -> list[dict[str, str]]:
    found = bench.workspace.events(conversation_id or 0)
    return [dict(event.parameters) for event in found if event.code == "twin"]


@pytest.mark.parametrize("order", [(ONE, TWO), (TWO, ONE)])
@pytest.mark.parametrize("live", [True, False])
def test_two_copies_are_one_message(bench: Bench, order: tuple[bytes, bytes], live: bool) -> None:
    first = bench.mail(order[0], now() - MINUTE, uid=2, live=live)
    second = bench.mail(order[1], now() - 2 * MINUTE, uid=1, live=live)
    assert (second.outcome, second.message_id) == (Outcome.DUPLICATE, first.message_id)
    (message,) = stored(bench)
    assert message.unread
    assert len(bench.store.places("mail", message.id)) == 2
    assert not twins(bench, first.conversation_id)


def test_two_copies_in_one_batch_and_in_files(bench: Bench) -> None:
    in_batch = bench.take(*(MailArrived(raw, now()) for raw in (ONE, TWO)))
    assert [one.outcome for one in in_batch] == [Outcome.IMPORTED, Outcome.DUPLICATE]
    again = bench.take(*(MailArrived(raw, now()) for raw in (TWO, ONE)), live=False)
    assert [one.outcome for one in again] == [Outcome.DUPLICATE] * 2


def test_a_copy_in_an_answered_conversation_changes_nothing(bench: Bench) -> None:
    first = bench.mail(ONE, Micros(now() - HOUR))
    (letter,) = stored(bench)
    bench.workspace.queue(first.conversation_id, "ann@customer.test", answers=letter)
    assert bench.mail(TWO).outcome is Outcome.DUPLICATE
    assert bench.status(first) is Status.WAITING


def test_marks_of_either_copy_are_the_messages(bench: Bench) -> None:
    bench.workspace.writes.put_account(replace(MAIL, capabilities=frozenset({Capability.FLAGS})))
    places = [RemoteCopy("INBOX", 1, 1), RemoteCopy("Sales", 1, 1)]
    bench.take(*(MailArrived(raw, now(), place) for raw, place in zip((ONE, TWO), places, strict=True)))
    (letter,) = stored(bench)
    bench.take(CopySeen(places[1], seen=True, answered=True))
    (read,) = stored(bench)
    assert (read.unread, read.answered) == (False, True)
    bench.take(CopySeen(places[1], seen=False, answered=False))
    bench.workspace.writes.mark_read(bench.workspace.rows()[0].id, letter.order)
    (write,) = bench.store.remote_writes("mail", Micros(now() + HOUR))
    assert {(one["folder"], one["uid"]) for one in write.payload["copies"]} == {("INBOX", 1), ("Sales", 1)}


def test_a_reset_folder_brings_no_copy_back(bench: Bench) -> None:
    places = [RemoteCopy("INBOX", 1, uid) for uid in (1, 2)]
    raws = (ONE, TWO)
    bench.take(*(MailArrived(raw, Micros(now() - HOUR), place) for raw, place in zip(raws, places, strict=True)))
    home = bench.workspace.rows()[0].id
    with bench.store.ingest() as tx:
        tx.set_status(home, Status.SOLVED, "solved", now())
    bench.take(MailArrived(TWO, Micros(now() - HOUR), places[1]))
    moved = [RemoteCopy("INBOX", 2, uid) for uid in (1, 2)]
    bench.take(
        FolderReset("INBOX", 1), *(MailArrived(r, Micros(now() - HOUR), p) for r, p in zip(raws, moved, strict=True))
    )
    assert len(stored(bench)) == 1
    assert bench.workspace.reads.conversation(home).status is Status.SOLVED  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("mark", "rounds"), [("X-Agent-TUI-Loop: 3", 1), ("Delivered-To: a@b.test", 4), ("Received: from x by y", 34)]
)
def test_who_got_the_letter_silences_it_by_no_mark_above_a_copy(bench: Bench, mark: str, rounds: int) -> None:
    """Everybody who got it may send it on as it was, and first; the mark of a circle stands above what is signed."""
    first = bench.mail(mail(text="Hello", Message_ID="<0@a>"), Micros(now() - HOUR), uid=1)
    (asked,) = stored(bench)
    held = bench.workspace.queue(first.conversation_id, "ann@customer.test", answers=asked, hold=3_600)
    stop = mail(text="Please stop the order, wrong address!", Message_ID="<1@a>", In_Reply_To="<0@a>")
    above = f"{mark}\r\n".encode() * rounds
    forged = bench.mail(above + stop, uid=2)
    assert (forged.outcome, forged.customer_wrote, forged.stopped) == (Outcome.IMPORTED, False, 0)
    honest = bench.mail(stop, uid=3)
    assert (honest.outcome, honest.customer_wrote, honest.stopped) == (Outcome.IMPORTED, True, 1)
    assert honest.conversation_id == first.conversation_id
    state = bench.workspace.reads.outbox_item(held.id)
    assert state is not None
    assert state.state == "stopped"
    assert bench.mail(above + b"X-Way: 2\r\n" + stop, uid=4).outcome is Outcome.DUPLICATE


@pytest.mark.parametrize("role", ["junk", "archive", "trash"])
def test_what_lies_out_of_sight_hides_nothing(bench: Bench, role: str) -> None:
    hidden = bench.mail(ONE, role=role, uid=1)
    seen = bench.mail(TWO, uid=1)
    assert seen.outcome is Outcome.IMPORTED
    assert bench.status(seen) is Status.NEW
    told = role != "junk"  # a forger's would stand with his subject in the customer's conversation
    assert [bool(twins(bench, one.conversation_id)) for one in (seen, hidden)] == [told, told]
    assert bench.mail(TWO, uid=1).outcome is Outcome.DUPLICATE


@pytest.mark.parametrize("role", ["junk", "archive", "trash"])
def test_what_is_in_sight_stays_there_whatever_becomes_of_its_copy(bench: Bench, role: str) -> None:
    seen = bench.mail(ONE, uid=1)
    assert bench.mail(TWO, role=role, uid=1).message_id == seen.message_id
    assert bench.status(seen) is Status.NEW


OTHERS = {
    "words": LETTER.replace(b"parcel", b"refund"),
    "date": LETTER.replace(b"01 Jun 2026 10:00:00", b"01 Jun 2026 10:00:01"),
    "reply_to": b"Reply-To: eve@evil.test\r\n" + LETTER,
    "sender": b"Sender: eve@evil.test\r\n" + LETTER,
    "another_to": LETTER.replace(SALES.encode(), b"eve@evil.test"),
    "type": b"Content-Type: text/html\r\n" + LETTER,
    "encoding": b"Content-Transfer-Encoding: base64\r\n" + LETTER,
    "robot": b"Auto-Submitted: auto-replied\r\n" + LETTER,
    "no_field": b"no field at all\r\n" + LETTER,
    "far_longer_head": b"X-Filler: " + b"x" * 70_000 + b"\r\n" + LETTER,
}


@pytest.mark.parametrize("other", OTHERS)
def test_another_letter_under_the_same_id_is_another_message(bench: Bench, other: str) -> None:
    assert not same_mail(LETTER, OTHERS[other])
    first = bench.mail(ONE)
    second = bench.mail(delivered(SALES, OTHERS[other]))
    assert second.outcome is Outcome.IMPORTED
    assert len(stored(bench)) == 2
    if other != "no_field":
        number = bench.workspace.reads.conversation(first.conversation_id or 0).number  # type: ignore[union-attr]
        assert twins(bench, second.conversation_id) == [{"number": str(number)}]


BORDER = b'Content-Type: multipart/mixed; boundary="a b"\r\n'
LONG = b"X-" + b"A" * 300 + b": x\r\n"
TO = b"To: support@example.test"
READ_APART = {
    "name_too_long_to_be_one": (LONG + b"Note: do not ship\r\n" + LETTER, LONG + b"Note: ship today\r\n" + LETTER),
    "name_that_ends_the_head": (LETTER, LETTER.replace(b"\r\n\r\n", b"\r\n" + LONG + b"ship it\r\n\r\n", 1)),
    "blanks_within_quotes": (BORDER + LETTER, BORDER.replace(b"a b", b"a  b") + LETTER),
    "tab_within_quotes": (BORDER + LETTER, BORDER.replace(b"a b", b"a\tb") + LETTER),
    "line_of_blanks": (b"X: y\r\n \r\nHi: there\r\n" + LETTER, b"X: z\r\n \r\nHi: bye\r\n" + LETTER),
    "more_fields_than_are_read": (
        LETTER.replace(TO, b"a:\r\n" * 5_100 + TO),
        LETTER.replace(TO, b"b:\r\n" * 5_100 + TO),
    ),
    "zero_byte": (b"X: y\r\n" + LETTER, b"X: \0\r\n" + LETTER),
    "line_of_a_mailbox": (LETTER.replace(TO, b"From you\r\n" + TO), LETTER.replace(TO, b"From me\r\n" + TO)),
}


@pytest.mark.parametrize("name", READ_APART)
def test_what_one_reader_may_read_in_another_way_is_not_the_same(name: str) -> None:
    one, other = READ_APART[name]
    assert not same_mail(one, other)
    assert not same_mail(other, one)


def test_a_field_is_the_same_however_it_is_folded() -> None:
    folded = LETTER.replace(f", {SALES}".encode(), f",\r\n\t{SALES}".encode())
    assert folded != LETTER
    assert same_mail(LETTER, folded)
    assert same_mail(delivered(US, folded), delivered(SALES))


@pytest.mark.parametrize("doubted", [0, 1])
def test_a_doubt_about_one_of_the_two_is_neither_lost_nor_shared(bench: Bench, doubted: int) -> None:
    verdict = b"Authentication-Results: mx.example.test; dmarc=fail header.from=customer.test\r\n"
    raws = [ONE, TWO]
    raws[doubted] = verdict + raws[doubted]
    context = ParseContext(trusted_authserv="mx.example.test")
    prepared = bench.ingestor.prepare([MailArrived(raw, now()) for raw in raws], context=context)
    found = bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared, None, live=True)
    assert [one.outcome for one in found] == [Outcome.IMPORTED] * 2
    told = {m.id: "auth_failed" in m.warnings for m in stored(bench)}
    assert [told[one.message_id or 0] for one in found] == [doubted == 0, doubted == 1]
    assert not any(twins(bench, one.conversation_id) for one in found)


def test_what_is_not_whole_is_not_joined(bench: Bench) -> None:
    head = ONE.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    first = bench.take(MailArrived(head, now(), RemoteCopy("INBOX", 1, 1), partial=True, size=99_000))[0]
    second = bench.mail(TWO, uid=2)
    assert second.message_id != first.message_id
    assert second.outcome is Outcome.IMPORTED


def test_another_account_keeps_its_conversation_and_each_names_the_other(bench: Bench) -> None:
    sales = replace(MAIL, id="sales", own_addresses=(safe(SALES),), channel=Channel.EMAIL)
    bench.workspace.writes.put_account(sales)
    one = bench.mail(ONE)
    (two,) = bench.take(MailArrived(TWO, now()), account=sales)
    assert two.outcome is Outcome.IMPORTED
    reads = bench.workspace.reads
    numbers = [str(reads.conversation(r.conversation_id or 0).number) for r in (one, two)]  # type: ignore[union-attr]
    assert [told["number"] for r in (two, one) for told in twins(bench, r.conversation_id)] == numbers
    (event,) = [one for one in bench.workspace.events(two.conversation_id or 0) if one.code == "twin"]
    assert sentences.event(event, "me") == f"The same letter seems to lie in #{numbers[0]} as well"


def test_an_id_that_many_bear_tells_of_none(bench: Bench) -> None:
    found = [bench.mail(mail(text=f"number {n}", Message_ID="<1@a>")) for n in range(TWINS_CAP + 3)]
    assert not twins(bench, found[-1].conversation_id)
    assert len(twins(bench, found[0].conversation_id)) == TWINS_CAP


def test_what_is_of_another_size_is_not_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.mail(ONE)
    read: list[str] = []
    known = bench.store.read_raw

    def reading(sha256: str) -> bytes | None:
        read.append(sha256)
        return known(sha256)

    monkeypatch.setattr(bench.store, "read_raw", reading)
    assert bench.mail(delivered(SALES, LETTER + b"x" * (MOST_ADDED * 2))).outcome is Outcome.IMPORTED
    assert not read
    assert bench.mail(TWO).outcome is Outcome.DUPLICATE
    assert len(read) == 1


def many_large(count: int) -> list[bytes]:
    """Letters under one id, as large as one another, each another one at its very end."""
    size = COMPARED_CAP + 1000
    return [mail(text="x" * size + f"{n:04}", Message_ID="<1@a>") for n in range(count)]


def test_of_many_large_ones_no_more_than_one_is_read_while_nobody_can_write(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = many_large(TWINS_CAP)
    for letter in letters[:-1]:
        bench.mail(letter)
    read: list[str] = []
    known = bench.store.read_raw

    def reading(sha256: str) -> bytes | None:
        read.append(sha256)
        return known(sha256)

    monkeypatch.setattr(bench.store, "read_raw", reading)
    assert bench.mail(letters[-1]).outcome is Outcome.IMPORTED
    assert len(read) == 1


def test_a_large_letter_to_two_addresses_is_still_one(bench: Bench) -> None:
    (letter,) = many_large(1)
    first = bench.mail(delivered(US, letter))
    assert bench.mail(delivered(SALES, letter)).message_id == first.message_id
