"""What a server put among spam: it hides nothing that lies elsewhere, and changes nothing where it is in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_tui import sentences
from agent_tui.backends.api import MailArrived, RemoteCopy
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Message, Rule
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.times import HOUR, MINUTE, Micros, now
from agent_tui.sync.incoming import IngestAccount, Outcome, Result
from agent_tui.sync.parse import ParseContext
from tests.sync.ingest_bench import MAIL, US, Bench
from tests.sync.workspace import mail

ANN = "Ann <ann@customer.test>"
JUNE = "<news-june@shop.test>"


def verdict(raw: bytes, says: str, domain: str = "customer.test") -> bytes:
    """With what our own server says of its sender."""
    return f"Authentication-Results: mx.example.test; dmarc={says} header.from={domain}\r\n".encode() + raw


def take(
    bench: Bench, raw: bytes, role: str = "inbox", at: int | None = None, *, uid: int = 0, live: bool = True
) -> Result:
    copy = RemoteCopy(role, 1, uid) if uid else None
    context = ParseContext(trusted_authserv="mx.example.test")
    prepared = bench.ingestor.prepare([MailArrived(raw, Micros(at or now()), copy, role)], context=context)
    return bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared, None, live=live)[0]


def forged(says: str = "fail", **headers: str) -> bytes:
    return verdict(mail(ANN, text="Forged", **headers), says)


def genuine(**headers: str) -> bytes:
    return verdict(mail(ANN, text="Genuine", **headers), "pass")


def placed(bench: Bench, result: Result) -> Message:
    return next(m for m in bench.workspace.all_messages() if m.id == result.message_id)


def related(bench: Bench, result: Result) -> tuple[int, ...]:
    found = bench.workspace.reads.conversation(result.conversation_id or 0)
    assert found is not None
    return tuple(found.related)


def set_status(bench: Bench, result: Result, status: Status) -> None:
    assert result.conversation_id is not None
    with bench.store.ingest() as tx:
        tx.set_status(result.conversation_id, status, "spam", now())


# Nothing is hidden

DRAGGED = {
    "shared": ({"In_Reply_To": JUNE, "Message_ID": "<f@x>"}, {"In_Reply_To": JUNE}),
    "answers_it": ({"Message_ID": "<f@x>"}, {"In_Reply_To": "<f@x>"}),
    "named_by_it": ({"In_Reply_To": "<2@c>", "Message_ID": "<f@x>"}, {"Message_ID": "<2@c>"}),
    "doubled": ({"Message_ID": "<1@c>"}, {"In_Reply_To": "<1@c>", "References": "<f@x> <1@c>"}),
}
"""What a mail among spam says of itself, and what the customer's in the inbox says."""


@pytest.mark.parametrize("way", DRAGGED)
@pytest.mark.parametrize("says", ["fail", "none", "pass"])
@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("role", ["inbox", "archive"])
def test_mail_among_spam_drags_none_out_of_sight(bench: Bench, way: str, says: str, live: bool, role: str) -> None:
    bait, letter = DRAGGED[way]
    spam = take(bench, forged(says, **bait), "junk", now() - MINUTE, live=live)
    if way == "doubled":
        take(bench, forged(Message_ID="<1@c>", Cc="bob@bob.test"), "junk", now() - MINUTE, live=live)
    found = take(bench, genuine(**letter), role, live=live)
    assert found.conversation_id != spam.conversation_id
    assert bench.status(found) is (Status.NEW if role == "inbox" else Status.SOLVED)
    assert bench.status(spam) is Status.SPAM
    assert found.conversation_id in {row.id for row in bench.workspace.rows("all")}
    message = placed(bench, found)
    assert (message.placement.rule, message.placement.evidence["reason"]) == (Rule.STRANGER, "junk")
    assert "Not joined because: that one lies among spam" in " ".join(sentences.placement(message.placement))
    assert spam.conversation_id in related(bench, found)
    again = take(bench, genuine(**{**letter, "Message_ID": "<3@c>", "References": "<2@c>"}), live=live)
    assert again.conversation_id == found.conversation_id


@pytest.mark.parametrize("backwards", [True, False])
def test_an_answer_of_ours_is_not_hidden_by_what_it_answers(bench: Bench, backwards: bool) -> None:
    """Forged mail under the id of the customer's, or in answer to ours, is read before ours."""
    take(bench, forged(Message_ID="<1@c>"), "junk", now() - 3 * MINUTE, live=False)
    take(bench, forged(In_Reply_To="<us@us>"), "junk", now() - MINUTE, live=False)
    ours = mail(US, ANN, Message_ID="<us@us>", In_Reply_To="<1@c>")
    both = [(ours, "sent", now() - 2 * MINUTE), (genuine(Message_ID="<1@c>"), "inbox", now() - HOUR)]
    found = [take(bench, *one, live=False) for one in (both if backwards else both[::-1])]
    assert len({one.conversation_id for one in found}) == 1
    assert bench.status(found[0]) is Status.WAITING


@pytest.mark.parametrize("role", ["inbox", "junk"])
def test_what_an_agent_called_spam_stays_so_for_its_sender(bench: Bench, role: str) -> None:
    first = take(bench, genuine(Message_ID="<1@c>"), role)
    if role == "junk":
        set_status(bench, first, Status.OPEN)
    set_status(bench, first, Status.SPAM)
    again = take(bench, genuine(In_Reply_To="<1@c>"), role)
    assert again.conversation_id == first.conversation_id
    take(bench, genuine(Message_ID="<1@c>"), "inbox", uid=5)
    assert bench.status(first) is Status.SPAM


@pytest.mark.parametrize("says", ["fail", "pass"])
def test_spam_gathers_with_spam(bench: Bench, says: str) -> None:
    first = take(bench, forged(says, Message_ID="<1@x>"), "junk")
    assert take(bench, forged(says, In_Reply_To="<1@x>"), "junk").conversation_id == first.conversation_id


# Moved out of it


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    ("role", "status"), [("inbox", Status.NEW), ("other", Status.NEW), ("trash", Status.SPAM), ("junk", Status.SPAM)]
)
def test_what_is_moved_out_of_spam_is_in_sight(bench: Bench, live: bool, role: str, status: Status) -> None:
    raw = genuine(Message_ID="<1@c>")
    first = take(bench, raw, "junk", uid=1)
    moved = take(bench, raw, role, uid=2, live=live)
    assert (moved.outcome, moved.message_id) == (Outcome.DUPLICATE, first.message_id)
    assert bench.status(first) is status
    told = [sentences.event(one, "me") for one in bench.workspace.events(first.conversation_id or 0)]
    assert ("in_junk" in placed(bench, first).warnings) is (status is Status.SPAM)
    out = ["No spam any more: it was moved out of the spam folder"]
    assert told == (out if status is Status.NEW else [])
    later = take(bench, genuine(In_Reply_To="<1@c>"))
    assert (later.conversation_id == first.conversation_id) is (status is Status.NEW)
    assert bench.status(later) is Status.NEW


# What it changes


@pytest.mark.parametrize("waits", [Status.WAITING, Status.SOLVED, Status.SNOOZED])
@pytest.mark.parametrize("says", ["fail", "pass", "none"])
@pytest.mark.parametrize("refers", ["ours", "his", "orphan"])
def test_forged_mail_among_spam_changes_and_stops_nothing(bench: Bench, waits: Status, says: str, refers: str) -> None:
    first = take(bench, genuine(Message_ID="<1@c>", References="<0@c>"), at=now() - MINUTE)
    (message,) = bench.workspace.all_messages()
    sent = bench.workspace.queue(first.conversation_id, "ann@customer.test", answers=message)
    held = bench.workspace.queue(first.conversation_id, "ann@customer.test", hold=3600, scheduled=True)
    set_status(bench, first, waits)
    fields = {
        "ours": {"In_Reply_To": f"<{sent.token}>"},
        "his": {"In_Reply_To": "<1@c>"},
        "orphan": {"Message_ID": "<0@c>"},
    }
    found = take(bench, forged(says, **fields[refers]), "junk")
    heard = says != "fail"
    assert (found.conversation_id == first.conversation_id) is heard
    assert bench.status(first) is (Status.OPEN if heard else waits)
    assert found.stopped == (2 if heard else 0)
    item = bench.workspace.reads.outbox_item(held.id)
    assert item is not None
    assert item.state is (OutboxState.STOPPED if heard else OutboxState.HELD)
    if not heard:
        assert bench.status(found) is Status.SPAM
        assert first.conversation_id in related(bench, found)
        assert "the server doubts its sender" in " ".join(sentences.placement(placed(bench, found).placement))


def test_a_forged_mail_among_spam_stops_no_answer_to_spam(bench: Bench) -> None:
    first = take(bench, forged(Message_ID="<1@x>"), "junk")
    bench.workspace.queue(first.conversation_id, "ann@customer.test", hold=3600, scheduled=True)
    again = take(bench, forged(In_Reply_To="<1@x>"), "junk")
    assert (again.conversation_id, again.stopped) == (first.conversation_id, 0)


# What it says of people


@pytest.mark.parametrize("known_as", ["Ann Lee <ann@customer.test>", "ann@customer.test"])
@pytest.mark.parametrize("says", ["none", "fail", "pass"])
@pytest.mark.parametrize("first", [True, False])
def test_mail_among_spam_names_and_spells_nobody(bench: Bench, known_as: str, says: str, first: bool) -> None:
    honest = verdict(mail(known_as, Message_ID="<g@c>"), "pass")
    lie = verdict(mail("Accounting (IBAN changed) <Ann@customer.test>", Message_ID="<h@c>"), says)
    both = [(lie, "junk", now() - MINUTE), (honest, "inbox", now())]
    for raw, role, at in both if first else both[::-1]:
        found = take(bench, raw, role, at)
        if role == "inbox":
            customer = found
    shown = next(row.customer for row in bench.workspace.rows("inbox") if row.id == customer.conversation_id)
    if says != "pass":
        assert shown == known_as.partition(" <")[0]
        (spam,) = bench.workspace.rows("spam")
        assert "Accounting" not in spam.customer


# Twins


@pytest.mark.parametrize("says", ["fail", "none"])
@pytest.mark.parametrize("role", ["inbox", "junk"])
@pytest.mark.parametrize("first", [True, False])
def test_a_forgers_subject_stands_in_no_conversation_of_the_customer(
    bench: Bench, says: str, role: str, first: bool
) -> None:
    if (says, role) == ("none", "inbox"):
        pytest.skip("nothing speaks against it")
    honest = genuine(Message_ID="<1@c>")
    lies = [verdict(mail(ANN, subject=f"Pay {n}", text=f"{n}", Message_ID="<1@c>"), says) for n in range(3)]
    everything = [*((lie, role) for lie in lies), (honest, "inbox")]
    for raw, where in everything if first else everything[::-1]:
        take(bench, raw, where)
    rows = [*bench.workspace.rows("all"), *bench.workspace.rows("spam")]
    assert len(rows) == 4
    assert not [event for row in rows for event in bench.workspace.events(row.id) if event.code == "twin"]


def test_another_account_says_nothing_of_spam_either(bench: Bench) -> None:
    sales = replace(MAIL, id="sales")
    bench.workspace.writes.put_account(sales)
    bench.mail(mail(ANN, subject="Pay", Message_ID="<1@c>"), role="junk")
    (two,) = bench.take(MailArrived(mail(ANN, Message_ID="<1@c>"), now()), account=sales)
    assert not bench.workspace.events(two.conversation_id or 0)


@pytest.mark.parametrize("way", DRAGGED)
def test_a_forged_mail_that_was_marked_as_spam_hides_nothing_of_his(bench: Bench, way: str) -> None:
    first, second = DRAGGED[way]
    spam = take(bench, forged(**first), at=now() - HOUR)
    set_status(bench, spam, Status.SPAM)
    came = take(bench, genuine(**second))
    assert came.conversation_id != spam.conversation_id
    assert bench.status(came) is Status.NEW


def test_what_was_taken_back_is_no_word_of_anybody(bench: Bench) -> None:
    filed = take(bench, genuine(Message_ID="<1@c>"), "junk", at=now() - HOUR)
    assert filed.conversation_id is not None
    with bench.store.ingest() as tx:
        tx.set_status(filed.conversation_id, Status.SOLVED, "set", now())
        tx.set_status(filed.conversation_id, Status.SPAM, "undo", now())
    came = take(bench, genuine(In_Reply_To="<1@c>"))
    assert came.conversation_id != filed.conversation_id
    assert bench.status(came) is Status.NEW
