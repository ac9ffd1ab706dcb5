"""A mail that our own server doubts, or put among spam: it brings nobody into a customer's conversation."""

from __future__ import annotations

import pytest

from agent_tui.backends.api import MailArrived
from agent_tui.domain.conversation import Status
from agent_tui.domain.parties import Said, customers_side
from agent_tui.domain.times import HOUR, MINUTE, Micros, now
from agent_tui.sync.incoming import IngestAccount, Result
from agent_tui.sync.parse import ParseContext
from tests.sync.ingest_bench import MAIL, US, Bench
from tests.sync.workspace import mail

ANN, EVE, BOB = "Ann <ann@customer.test>", "Ann (office) <eve@evil.test>", "Bob <bob@customer.test>"


def judged(bench: Bench, verdict: str, raw: bytes, ago: int, role: str = "inbox") -> Result:
    """As it comes with the word of our own server, if it gives any."""
    said = f"Authentication-Results: mx.example.test; dmarc={verdict}\r\n" if verdict else ""
    change = MailArrived(said.encode() + raw, Micros(now() - ago), None, role)
    prepared = bench.ingestor.prepare([change], context=ParseContext(trusted_authserv="mx.example.test"))
    return bench.ingestor.commit(IngestAccount.of(MAIL, [US]), prepared, live=True)[0]


def forged(verdict: str = "fail") -> str:
    return f"{verdict} header.from=customer.test" if verdict else ""


EVES = "pass header.from=evil.test"


@pytest.mark.parametrize(
    ("verdict", "role", "joins"),
    [("fail", "inbox", False), ("", "junk", False), ("pass", "junk", False), ("pass", "inbox", True)],
)
@pytest.mark.parametrize("known", [True, False])
def test_whom_a_mail_in_doubt_names_joins_nothing_by_it(
    bench: Bench, verdict: str, role: str, joins: bool, known: bool
) -> None:
    if known:
        judged(bench, forged("pass"), mail(ANN, Message_ID="<1@c>"), 2 * HOUR)
    second = mail(ANN, Message_ID="<2@c>", In_Reply_To="<1@c>" if known else "", Cc="eve@evil.test")
    named = judged(bench, forged(verdict), second, HOUR, role)
    third = mail(EVE, In_Reply_To="<2@c>", Cc="ann@customer.test")
    came = judged(bench, EVES, third, MINUTE)
    assert (came.conversation_id == named.conversation_id) is joins


def test_nor_where_it_comes_after_what_answers_it(bench: Bench) -> None:
    came = judged(bench, EVES, mail(EVE, In_Reply_To="<2@c>", Cc="ann@customer.test"), HOUR)
    root = judged(bench, forged(), mail(ANN, Message_ID="<2@c>", Cc="eve@evil.test"), MINUTE)
    assert came.conversation_id != root.conversation_id


@pytest.mark.parametrize(
    ("verdicts", "joins"), [(("pass", "fail"), False), (("fail", "pass"), False), (("pass",) * 2, True)]
)
def test_nor_by_what_both_answer_and_is_not_here(bench: Bench, verdicts: tuple[str, str], joins: bool) -> None:
    one = judged(bench, forged(verdicts[0]), mail(ANN, In_Reply_To="<0@c>", Cc="bob@customer.test"), HOUR)
    two = judged(bench, forged(verdicts[1]), mail(BOB, In_Reply_To="<0@c>", Cc="ann@customer.test"), MINUTE)
    assert (one.conversation_id == two.conversation_id) is joins


@pytest.mark.parametrize(("verdict", "joins"), [("fail", False), ("pass", True)])
def test_who_writes_in_doubt_joins_nobody_though_both_name_each_other(bench: Bench, verdict: str, joins: bool) -> None:
    first = judged(
        bench, forged("pass"), mail(ANN, Message_ID="<1@c>", Cc="eve@evil.test, bob@customer.test"), 3 * HOUR
    )
    bob = judged(
        bench,
        forged(verdict),
        mail(BOB, Message_ID="<2@c>", In_Reply_To="<1@c>", Cc="ann@customer.test, eve@evil.test"),
        HOUR,
    )
    assert (bob.conversation_id == first.conversation_id) is joins


@pytest.mark.parametrize(("verdict", "joins"), [("fail", False), ("pass", True)])
def test_who_wrote_only_in_doubt_has_not_written_there(bench: Bench, verdict: str, joins: bool) -> None:
    first = judged(bench, forged("pass"), mail(ANN, Message_ID="<1@c>"), 3 * HOUR)
    bench.mail(
        mail(US, "bob@customer.test", Message_ID="<f@example.test>", In_Reply_To="<1@c>"), now() - 2 * HOUR, "sent"
    )
    answer = judged(bench, forged(verdict), mail(BOB, In_Reply_To="<f@example.test>"), HOUR)
    assert answer.conversation_id == first.conversation_id, "whom we wrote to answers us"
    judged(bench, forged("pass"), mail(ANN, Message_ID="<2@c>", In_Reply_To="<1@c>"), 2 * MINUTE)
    later = judged(bench, forged("pass"), mail(BOB, In_Reply_To="<2@c>"), MINUTE)
    assert (later.conversation_id == first.conversation_id) is joins


@pytest.mark.parametrize(("verdict", "status"), [("fail", Status.NEW), ("pass", Status.WAITING)])
def test_an_answer_to_whom_it_alone_named_leaves_the_customer_waited_for(
    bench: Bench, verdict: str, status: Status
) -> None:
    first = judged(bench, forged("pass"), mail(ANN, Message_ID="<1@c>"), 3 * HOUR)
    judged(bench, forged(verdict), mail(ANN, In_Reply_To="<1@c>", Cc="eve@evil.test"), 2 * HOUR)
    bench.mail(mail(US, "eve@evil.test", Message_ID="<f@example.test>", In_Reply_To="<1@c>"), now() - HOUR, "sent")
    assert bench.status(first) is status


def test_it_puts_nobody_on_any_side() -> None:
    said = (Said("ann", {"eve"}, ours=False, doubted=True), Said("eve", {"mallory"}, ours=False, doubted=True))
    assert customers_side({"ann"}, said) == {"ann"}
    ours = Said("us", {"ann", "boss"}, ours=True)
    assert customers_side({"ann"}, (said[0], ours)) == {"ann"}, "it began all the same, and not with us"


@pytest.mark.parametrize(("verdict", "joins"), [("fail", False), ("pass", True)])
def test_whom_it_names_is_no_acquaintance_of_its_author(bench: Bench, verdict: str, joins: bool) -> None:
    raw = mail(ANN, Message_ID="<1@c>", Cc="bob@customer.test, eve@evil.test")
    first = judged(bench, forged("pass"), raw, 3 * HOUR)
    judged(bench, forged("pass"), mail(BOB, In_Reply_To="<1@c>", Cc="ann@customer.test"), 2 * HOUR)
    named = judged(bench, forged(verdict), mail(BOB, In_Reply_To="<1@c>", Cc="eve@evil.test"), HOUR)
    assert named.conversation_id == first.conversation_id
    came = judged(bench, EVES, mail(EVE, In_Reply_To="<1@c>", Cc="ann@customer.test"), MINUTE)
    assert (came.conversation_id == first.conversation_id) is joins, "Bob is a stranger to her"
