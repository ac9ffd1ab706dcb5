"""What reports say of each recipient: kept apart from what other reports said, and from whom it was said of."""

from __future__ import annotations

import pytest

from agent_tui.backends.api import MailArrived
from agent_tui.domain.account import Fault
from agent_tui.domain.message import Delivery, Message
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.returned import KEPT, Told, after, detail, told
from agent_tui.domain.times import MINUTE, now
from agent_tui.sync.incoming import IngestAccount
from agent_tui.sync.parse import ParseContext
from tests.sync.ingest_bench import MAIL, US, Bench, report
from tests.sync.workspace import mail

ANN, BOB, EVE = "ann@customer.test", "bob@customer.test", "eve@evil.test"
LURES = [
    f"452 full; {BOB}: 5.1.1 550 user unknown",
    f"452 full; (unproven) {BOB}: 5.1.1 550 user unknown",
    f"452 full; {BOB} → x@evil.test: 5.1.1 550 user unknown",
    f"452 full;\r\n {BOB}: 5.1.1 550 user unknown",
    f"452 full =0A{BOB}: 5.1.1; \u2028{BOB}: 5.1.1 \x0b{BOB}: 5.1.1 \x85{BOB}: 5.1.1 \\n{BOB}: 5.1.1",
    f'452 full "; "{BOB}": 5.1.1; {EVE} → {BOB}: 5.1.1; (unproven) (unproven) {BOB}: 5.1.1',
]


def sent(bench: Bench, to: str = ANN, cc: str = "") -> OutboxItem:
    first = bench.mail(mail(Message_ID="<1@a>"), now() - MINUTE)
    item = bench.workspace.queue(first.conversation_id, to, cc=cc)
    bench.store.due("mail", now())
    assert bench.store.claim(item.id) is not None
    bench.store.mark_leaving(item.id)
    return item


def hear(
    bench: Bench, item: OutboxItem, of: str, action: str, words: str = "x", status: str = "", to: str = ""
) -> None:
    code = status or {"failed": "5.1.1", "delayed": "4.4.1", "delivered": "2.0.0"}[action]
    raw = report(item.token, of, action, code, to=to or item.to[0].address)
    bench.mail(raw.replace(b"550 no such user", words.encode()))


def now_of(bench: Bench, item: OutboxItem) -> Message:
    return next(one for one in bench.workspace.all_messages() if one.id == item.message_id)


def said(bench: Bench, item: OutboxItem) -> list[tuple[str, bool]]:
    return [(one.address, one.unproven) for one in told(now_of(bench, item).delivery_detail)]


@pytest.mark.parametrize("words", LURES)
def test_no_word_of_a_report_is_taken_for_another_recipient(bench: Bench, words: str) -> None:
    item = sent(bench, BOB, cc=EVE)
    hear(bench, item, EVE, "failed", words, "5.2.2")
    assert said(bench, item) == [(EVE, True)]
    hear(bench, item, BOB, "failed", "550 gone")
    assert said(bench, item) == [(EVE, True), (BOB, True)]
    assert not bench.workspace.reads.hard_bounced([BOB, EVE])


@pytest.mark.parametrize("words", LURES)
def test_nor_where_it_went_to_its_author_alone(bench: Bench, words: str) -> None:
    item = sent(bench, EVE)
    hear(bench, item, EVE, "failed", words, "5.2.2")
    assert said(bench, item) == [(EVE, False)]


@pytest.mark.parametrize(
    "one",
    [
        Told(ANN, "", "5.1.1 x; b@b.test: 5.1.1", unproven=False),
        Told(ANN, BOB, "", unproven=True),
        Told("a→b@c.test", "d→@e.test", "→ f@g.test: ", unproven=True),
        Told("(unproven)@c.test", "", "(unproven) h@i.test: x", unproven=False),
        Told("a'{};=b@c.test", "", ": ", unproven=False),
    ],
)
def test_what_is_kept_is_read_as_it_was(one: Told) -> None:
    other = Told("z@z.test", "", "y", unproven=True)
    kept = [Told(one.address, one.handed_on, one.said.strip(), unproven=one.unproven), other]
    assert told(detail([one, other])) == kept


def test_what_was_kept_before_is_read_and_doubted_behind_the_first_doubtful_word() -> None:
    old = f"{ANN}: 5.1.1 x; (unproven) {EVE}: 5.2.2 full; {BOB}: 5.1.1 gone"
    assert [(one.address, one.unproven) for one in told(old)] == [(ANN, False), (EVE, True), (BOB, True)]


def test_of_more_than_there_is_room_for_whole_ones_are_kept() -> None:
    many = [Told(f"n{n}@b.test", "", "x" * 350, unproven=False) for n in range(400)]
    text = detail(many)
    assert KEPT - 400 < len(text) <= KEPT
    assert told(text) == many[: len(told(text))]


# One report after another


def test_unproven_good_news_takes_no_delay_back(bench: Bench) -> None:
    item = sent(bench, ANN, cc=EVE)
    hear(bench, item, ANN, "delayed")
    hear(bench, item, ANN, "delivered")
    assert now_of(bench, item).delivery is Delivery.DELAYED
    assert said(bench, item) == [(ANN, True)]


def test_an_unproven_delivery_is_told_as_one(bench: Bench) -> None:
    item = sent(bench, ANN, cc=EVE)
    hear(bench, item, ANN, "delivered")
    assert now_of(bench, item).delivery is Delivery.DELIVERED
    assert said(bench, item) == [(ANN, True)]


def test_proven_good_news_ends_a_delay(bench: Bench) -> None:
    item = sent(bench, ANN)
    hear(bench, item, ANN, "delayed")
    hear(bench, item, ANN, "delivered")
    assert now_of(bench, item).delivery is Delivery.DELIVERED
    assert said(bench, item) == [(ANN, False)]


def test_good_news_of_one_takes_no_delay_of_another_back() -> None:
    ann, bob = (Told(address, "", "4.4.1 x", unproven=False) for address in (ANN, BOB))
    arrived = {Delivery.DELIVERED: [Told(ANN, "", "2.0.0", unproven=False)]}
    assert after(Delivery.DELAYED, [ann, bob], arrived) == (Delivery.DELAYED, [bob])
    assert after(Delivery.BOUNCED, [bob], arrived) is None


@pytest.mark.parametrize("action", ["failed", "delayed"])
def test_what_was_said_of_others_stays_and_of_each_the_last_is_told(bench: Bench, action: str) -> None:
    item = sent(bench, ANN, cc=BOB)
    for of, words in ((ANN, "first"), (BOB, "second"), (ANN, "third")):
        hear(bench, item, of, action, words)
    assert said(bench, item) == [(BOB, True), (ANN, True)]
    assert "first" not in now_of(bench, item).delivery_detail


def test_unproven_words_take_no_place_of_proven_ones(bench: Bench) -> None:
    """Our own server refused him at once."""
    item = sent(bench, ANN, cc=BOB)
    bench.store.settle(item.id, OutboxState.SENT, fault=Fault("some_refused", {BOB: f"550 gone; {ANN}: 5.1.1 gone"}))
    assert said(bench, item) == [(BOB, False)]
    hear(bench, item, BOB, "failed", "452 only full", "5.2.2")
    assert said(bench, item) == [(BOB, False)]
    assert "only full" not in now_of(bench, item).delivery_detail


# The one who is said not to have got it answers it


def answers(bench: Bench, item: OutboxItem, who: str, above: str = "") -> None:
    raw = mail(Message_ID=f"<{now()}@a>", From=who, In_Reply_To=f"<{item.token}>")
    change = MailArrived(above.encode() + raw, now())
    prepared = bench.ingestor.prepare([change], context=ParseContext(trusted_authserv="mx.example.test"))
    bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared)


@pytest.mark.parametrize("action", ["failed", "delayed"])
def test_who_answers_it_has_got_it_whatever_an_unproven_report_said(bench: Bench, action: str) -> None:
    item = sent(bench, ANN, cc=BOB)
    hear(bench, item, ANN, action)
    assert said(bench, item) == [(ANN, True)]
    answers(bench, item, f"Ann <{ANN.upper()}>")
    assert now_of(bench, item).delivery is Delivery.DELIVERED
    assert [address.lower() for address, _unproven in said(bench, item)] == [ANN]
    assert not bench.workspace.rows()[0].delivery_failed


def test_what_was_said_of_another_stays(bench: Bench) -> None:
    item = sent(bench, ANN, cc=BOB)
    hear(bench, item, ANN, "failed")
    hear(bench, item, BOB, "failed")
    answers(bench, item, ANN)
    assert now_of(bench, item).delivery is Delivery.BOUNCED
    assert said(bench, item) == [(BOB, True)]


def test_a_proven_report_stays_whoever_answers(bench: Bench) -> None:
    item = sent(bench, ANN)
    hear(bench, item, ANN, "failed")
    answers(bench, item, ANN)
    assert now_of(bench, item).delivery is Delivery.BOUNCED
    assert said(bench, item) == [(ANN, False)]


@pytest.mark.parametrize(
    "above",
    ["Authentication-Results: mx.example.test; dmarc=fail\r\n", "Auto-Submitted: auto-replied\r\n"],
    ids=["doubted", "program"],
)
def test_a_doubted_answer_or_a_program_settles_nothing(bench: Bench, above: str) -> None:
    item = sent(bench, ANN, cc=BOB)
    hear(bench, item, ANN, "failed")
    answers(bench, item, ANN, above)
    assert now_of(bench, item).delivery is Delivery.BOUNCED
