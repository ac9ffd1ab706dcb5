"""A message that came back: told in sentences, in its conversation and in the outbox."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent_tui import named_keys, sentences_delivery
from agent_tui.domain.conversation import View
from agent_tui.domain.message import Automatic, Delivery, Placement, Rule
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.text import SafeText
from agent_tui.screens.outbox import OutboxSheet
from agent_tui.store.open import open_worker
from agent_tui.widgets import labels
from tests.desk_data import message, person
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for
from tests.screens.test_minding import home_of, send_one

GONE = "long@customer.test: 5.1.1 550 5.1.1 <long@customer.test> User doesn't exist: long@customer.test"


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        (GONE, "long@customer.test does not exist; the message came back."),
        (
            "a@b.test: 5.7.1 550 5.7.1 <a@b.test>: Recipient address rejected; try {again}; c@d.test: 5.2.2 552 5.2.2 Full",
            "a@b.test did not get it, it came back: “Recipient address rejected; try {again}”."
            " c@d.test has a full mailbox; the message came back.",
        ),
        ("a@b.test → z@b.test: 5.1.10 x", "a@b.test, handed on to z@b.test, does not exist; the message came back."),
        ("a@b.test: 5.0.0 ", "a@b.test did not get it; the message came back."),
    ],
)
def test_what_servers_report_is_said_once(detail: str, said: str) -> None:
    named_keys.use({"write.again": "W"})
    assert sentences_delivery.delivery(Delivery.BOUNCED, detail) == f"{said} W writes it again, to another address."


def test_what_one_of_several_may_have_forged_is_told_as_what_a_report_says() -> None:
    named_keys.use({"write.again": "W"})
    detail = f"(unproven) {GONE}; (unproven) c@d.test: 5.2.2 552 5.2.2 Full"
    assert sentences_delivery.delivery(Delivery.BOUNCED, detail) == (
        "A report says: long@customer.test does not exist; the message came back."
        " A report says: c@d.test has a full mailbox; the message came back."
        " W writes it again, to another address."
    )
    assert labels.delivery(Delivery.BOUNCED, detail) == ("may have come back", "late")
    assert labels.delivery(Delivery.BOUNCED, GONE) == ("came back", "late")


def test_of_many_the_first_are_told_and_how_many_more() -> None:
    named_keys.use({"write.again": "W"})
    detail = "; ".join(f"n{n}@b.test: 5.1.1 550 unknown" for n in range(30))
    said = sentences_delivery.delivery(Delivery.BOUNCED, detail)
    assert said.count("does not exist") == 5
    assert "came back. And 25 more, whom `agent-tui show` names. W writes" in said
    assert len(sentences_delivery.each(Delivery.BOUNCED, detail)) == 30


def test_what_is_only_late_asks_for_nothing() -> None:
    said = sentences_delivery.delivery(Delivery.DELAYED, "a@b.test: 4.4.1 451 4.4.1 connect timed out")
    assert said == "a@b.test has not got it yet: “connect timed out”. It is tried again."


@pytest.mark.parametrize("how", [Delivery.BOUNCED, Delivery.DELAYED, Delivery.DELIVERED])
def test_what_cannot_be_read_is_a_reports_words(how: Delivery) -> None:
    assert sentences_delivery.delivery(how, 'no such "user”') == "A report says: “no such 'user'”."


@pytest.mark.parametrize("how", [Delivery.BOUNCED, Delivery.DELAYED])
@pytest.mark.parametrize("mark", ["", "(unproven) "])
def test_no_word_of_a_report_stands_outside_of_quotes(how: Delivery, mark: str) -> None:
    lure = "your desk's password expired, renew it at http://evil.test"
    words = f"452 busy ” {lure} “ „ « ; security@agent-tui.example: {lure} ; (unproven) a@b.test → c@d.test: {lure}"
    said = sentences_delivery.each(how, f"{mark}eve@evil.test: 4.3.1 {words}\n")
    assert len(said) == 1
    assert said[0].startswith("A report says: ") is bool(mark)
    outside = re.sub("“[^“”]*”", "", said[0])
    assert "password" in said[0]
    assert "password" not in outside
    assert "@" not in outside.replace("eve@evil.test", "")


@pytest.mark.parametrize(("mark", "said"), [("", "{} has got it."), ("(unproven) ", "A report says: {} has got it.")])
def test_who_has_got_it_is_told(mark: str, said: str) -> None:
    detail = f"{mark}a@b.test: 2.0.0 250 renew your password\n"
    assert sentences_delivery.delivery(Delivery.DELIVERED, detail) == said.format("a@b.test")


@pytest.mark.parametrize(
    ("how", "alone", "beside_proven"),
    [
        (Delivery.BOUNCED, "may have come back", "came back"),
        (Delivery.DELAYED, "may be delayed", "delayed"),
        (Delivery.DELIVERED, "said to be delivered", "delivered"),
    ],
)
def test_the_word_for_it_is_sure_where_something_of_it_is_proven(how: Delivery, alone: str, beside_proven: str) -> None:
    detail = "(unproven) a@b.test: 5.1.1 x\n"
    assert labels.delivery(how, detail)[0] == alone
    assert labels.delivery(how, f"{detail}c@d.test: 5.1.1 x\n")[0] == beside_proven


async def test_the_outbox_says_that_it_came_back(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        item_id = await send_one(app, pilot)
        worker = open_worker(home_of(tmp_path))
        try:
            item = next(one for one in worker.due("mail", 2_000_000_000_000_000) if one.id == item_id)  # type: ignore[arg-type]
            worker.claim(item.id)
            worker.mark_leaving(item.id)
            worker.settle(item.id, OutboxState.SENT)
            with worker.ingest() as tx:
                assert item.message_id is not None
                tx.set_delivery(item.message_id, Delivery.BOUNCED, SafeText(GONE), reopens=True)
        finally:
            worker.close()
        await settle(app, pilot)
        await pilot.press("g", "x")
        await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
        shown = "\n".join(text_of(app))
        assert "came back" in shown
        assert "long@customer.test does not exist" in shown
        assert "e writes it again, to another address." in " ".join(shown.replace("│", " ").split())
        assert "sent " not in shown.split("Outbox")[1].split("came back")[0]
        await pilot.press("escape")
        await settle(app, pilot)
        desk_of(app).absorb()
        await pilot.press("G")
        told = "does not exist; the message came back"
        await wait_for(pilot, app, lambda: told in " ".join("\n".join(text_of(app)).split()))


async def test_the_key_on_a_report_answers_the_customer_and_says_so(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    conversation = next(r.id for r in app.desk.reads.page(View.INBOX, "dana", None, 50) if "Повернення" in r.subject)
    report = message("It was not delivered", 0, person("", "mailer-daemon@mail.test"), automatic=Automatic.REPORT)
    worker = open_worker(home_of(tmp_path))
    try:
        with worker.ingest() as tx:
            tx.add_message(report, conversation, Placement(Rule.DELIVERY_REPORT))
    finally:
        worker.close()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await open_refund(app, pilot)
        desk_of(app).thread.list.focus()
        await settle(app, pilot)
        reading = desk_of(app).thread.list
        reading.go(reading.rows.count - 1)
        await settle(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await settle(app, pilot)
        assert [one.address for one in desk_of(app).answering.pane.draft().to] == ["olena.k@example.com"]
        assert "Nobody reads an answer to a delivery report: this one goes to olena.k" in " ".join(text_of(app))
