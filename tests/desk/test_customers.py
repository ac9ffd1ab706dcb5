"""An answer to somebody whom we brought in: the customer gets nothing of it, and that is asked once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent_tui.desk.compose import Started
from agent_tui.desk.letters import Letter
from agent_tui.desk.services import Services
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Direction, Message, Person
from agent_tui.domain.outbox import DraftKind
from agent_tui.domain.times import SECOND
from tests.desk.make import who
from tests.store.makers import Workspace

ANN, KARL = who("ann@example.com", "Ann Smith"), who("karl@supplier.example", "Karl")


class Story:
    """Ann asked, and her mail was handed on to Karl."""

    def __init__(self, workspace: Workspace, work: Services) -> None:
        self.workspace, self.work = workspace, work
        self.seconds = 0
        with workspace.worker.ingest() as tx:
            contact = tx.add_contact(ANN.name, "email", ANN.address, "wrote")
        self.number, self.question = workspace.arrive(author=ANN, contact=contact, contact_id=contact)
        begun = replace(work.composer.reply(self.number).draft, kind=DraftKind.FORWARD, to=(KARL,), text="Please look")
        assert "customer_misses" not in self.codes(Started(begun, ()))
        work.sending.send_now(Letter(begun))

    def came(self, author: Person, **more: Any) -> int:
        self.seconds += 1
        return self.workspace.arrive(
            "And?", into=self.number, author=author, at=10**15 + self.seconds * SECOND, **more
        )[1]

    def codes(self, started: Started) -> list[str]:
        draft = replace(started.draft, text="Hi")
        return [one.code for one in self.work.sending.check(Letter(draft))]

    def send(self, started: Started) -> int:
        return self.work.sending.send_now(Letter(replace(started.draft, text="Hi"))).id

    def status(self) -> Status:
        found = self.workspace.reads.conversation(self.number)
        assert found is not None
        return found.status


@pytest.fixture
def story(workspace: Workspace, work: Services) -> Story:
    return Story(workspace, work)


def test_that_the_customer_gets_nothing_of_it_is_asked_once(story: Story, work: Services) -> None:
    story.came(KARL)
    answer = work.composer.reply(story.number)
    assert answer.draft.to == (KARL,)
    (found,) = work.sending.check(Letter(replace(answer.draft, text="Hi")))
    assert (found.code, found.severity.value) == ("customer_misses", "warn")
    assert (found.get("customer"), found.get("name")) == (ANN.name, KARL.address)
    story.send(answer)
    story.came(KARL)
    assert story.codes(work.composer.reply(story.number)) == []


def test_a_question_to_others_leaves_the_status(story: Story, work: Services) -> None:
    assert story.status() is Status.NEW
    story.came(KARL)
    item = story.send(work.composer.reply(story.number))
    assert story.status() is Status.NEW
    assert story.workspace.writes.take_back("dana", item)
    assert story.status() is Status.NEW
    both = work.composer.reply(story.number)
    story.send(replace(both, draft=replace(both.draft, cc=(ANN,))))
    assert story.status() is Status.WAITING


def test_an_answer_that_was_turned_to_the_customer_leaves_nobody_out(story: Story, work: Services) -> None:
    story.came(KARL)
    answer = work.composer.reply(story.number)
    codes = story.codes(replace(answer, draft=replace(answer.draft, to=(ANN,))))
    assert not {"customer_misses", "customer_left_out"} & set(codes)


def test_whom_the_customer_named_is_answered_without_a_question(story: Story, work: Services) -> None:
    boss = who("boss@ann.example", "Boss")
    story.came(ANN, cc=(boss,))
    story.came(boss)
    answer = work.composer.reply(story.number)
    assert "customer_misses" not in story.codes(answer)
    story.send(answer)
    assert story.status() is Status.WAITING


def test_a_forged_mail_in_our_name_puts_nobody_on_the_customers_side(story: Story, work: Services) -> None:
    stranger = who("eve@evil.example", "Eve")
    story.came(who("help@acme.example", "Support"), cc=(stranger,))
    story.came(KARL)
    answer = work.composer.reply(story.number)
    turned = replace(answer, draft=replace(answer.draft, to=(stranger,)))
    assert "customer_misses" in story.codes(turned)


def test_the_answer_goes_to_whom_the_cursor_stands_on(story: Story, work: Services) -> None:
    newest = story.came(KARL)
    reads = work.desk.reads
    assert work.composer.reply(story.number, under_cursor=reads.message(story.question)).draft.to == (ANN,)
    assert work.composer.reply(story.number, under_cursor=reads.message(newest)).draft.to == (KARL,)
    ours = next(one for one in reads.items(story.number, None, 9) if getattr(one, "direction", None) is Direction.OUT)
    assert isinstance(ours, Message)
    assert work.composer.reply(story.number, under_cursor=replace(ours, to=(ANN,))).draft.to == (ANN,)
    assert work.composer.reply(story.number, under_cursor=replace(ours, to=(KARL,))).draft.to == (KARL,)


def test_the_customers_own_message_is_answered_to_him_and_to_no_other_of_his_side(story: Story, work: Services) -> None:
    boss = who("boss@ann.example", "Boss")
    first = story.came(ANN, cc=(boss,))
    last = story.came(ANN)
    theirs = story.came(boss)
    story.came(KARL)
    reads = work.desk.reads
    answer = work.composer.reply(story.number, under_cursor=reads.message(first))
    assert (answer.draft.to, answer.draft.answers) == ((ANN,), last), "her last word, whoever wrote since"
    assert work.composer.reply(story.number, under_cursor=reads.message(theirs)).draft.to == (boss,)
    ours = next(one for one in reads.items(story.number, None, 9) if getattr(one, "direction", None) is Direction.OUT)
    assert isinstance(ours, Message)
    assert work.composer.reply(story.number, under_cursor=replace(ours, to=(ANN, boss))).draft.to == (ANN,)
    assert work.composer.reply(story.number, under_cursor=replace(ours, to=(boss,))).draft.to == (boss,)


def test_another_address_that_is_known_as_his_is_himself(story: Story, work: Services) -> None:
    home = who("ann@home.example", "Ann Smith")
    with story.workspace.worker.ingest() as tx:
        found = story.workspace.reads.conversation(story.number)
        assert found is not None
        assert found.contact_id is not None
        tx.add_identity(found.contact_id, "email", home.address, "wrote")
    story.came(home)
    answer = work.composer.reply(story.number, under_cursor=work.desk.reads.message(story.question))
    assert answer.draft.to == (home,)


FORGED: dict[str, Any] = {"warnings": ("auth_failed",)}


def test_what_may_be_forged_is_not_answered_for_what_surely_is_the_customers(story: Story, work: Services) -> None:
    first = story.came(ANN)
    forged = story.came(ANN, reply_to=(who("eve@evil.example", "Ann"),), **FORGED)
    reads = work.desk.reads
    answer = work.composer.reply(story.number, under_cursor=reads.message(story.question))
    assert (answer.draft.to, answer.draft.answers) == ((ANN,), first)
    assert work.composer.reply(story.number, under_cursor=reads.message(forged)).draft.answers == forged


def test_whom_a_mail_in_doubt_named_gets_nothing_for_the_customer(story: Story, work: Services) -> None:
    eve = who("eve@evil.example", "Eve")
    story.came(ANN, cc=(eve,), **FORGED)
    answer = work.composer.reply(story.number)
    assert not answer.customer.misses([ANN])
    assert answer.customer.misses([eve])


@pytest.mark.parametrize("warning", ["auth_failed", "lookalike_sender", "two_from", "doubled_header", "in_junk"])
def test_whom_a_mail_in_doubt_named_is_asked_about(story: Story, work: Services, warning: str) -> None:
    eve = who("eve@evil.example", "Eve")
    story.came(ANN, cc=(eve,), warnings=(warning,))
    story.came(eve)
    answer = work.composer.reply(story.number)
    assert answer.draft.to == (eve,)
    (found,) = work.sending.check(Letter(replace(answer.draft, text="Hi")))
    assert (found.code, found.severity.value, found.get("address")) == ("somebody_else", "warn", eve.address)


def test_whom_the_customer_named_only_after_he_wrote_came_by_his_own_word(story: Story, work: Services) -> None:
    eve = who("eve@evil.example", "Eve")
    first = story.came(eve)
    named = story.came(ANN, cc=(eve,))
    reply, compose = work.composer.reply, work.desk.reads.message
    assert story.codes(reply(story.number, under_cursor=compose(first))) == ["somebody_else"]
    everybody = reply(story.number, under_cursor=compose(named), everybody=True)
    assert story.codes(everybody) == [], "she says herself that he is to have this one"
    story.send(reply(story.number, under_cursor=compose(first)))
    story.came(eve)
    assert story.codes(reply(story.number)) == [], "and whom we answered is no stranger"


def test_an_answer_to_all_of_a_mail_in_doubt_asks_about_all_whom_it_alone_names(story: Story, work: Services) -> None:
    boss, eve = who("boss@ann.example", "Boss"), who("eve@evil.example", "Eve")
    story.came(ANN, cc=(boss,))
    story.came(ANN, cc=(boss, eve, KARL), **FORGED)
    answer = work.composer.reply(story.number, everybody=True)
    (found,) = work.sending.check(Letter(replace(answer.draft, text="Hi")))
    assert (found.code, found.people) == ("only_in_doubt", (eve.address,)), "we wrote to Karl, and she named the boss"


def test_who_writes_in_doubt_and_is_known_by_nothing_else_is_asked_about(work: Services, workspace: Workspace) -> None:
    def begins() -> list[str]:
        with workspace.worker.ingest() as tx:
            contact = tx.contact_of("email", ANN.address) or tx.add_contact(ANN.name, "email", ANN.address, "wrote")
        number, _ = workspace.arrive(author=ANN, contact=contact, contact_id=contact, **FORGED)
        answer = work.composer.reply(number)
        return [one.code for one in work.sending.check(Letter(replace(answer.draft, text="Hi")))]

    assert begins() == ["only_in_doubt"]
    assert begins() == [], "her address is known from elsewhere"


def test_the_composer_knows_who_gets_nothing(story: Story, work: Services) -> None:
    story.came(KARL)
    started = work.composer.reply(story.number)
    assert started.customer.name == ANN.name
    assert started.customer.misses([KARL])
    assert not started.customer.misses([KARL, ANN])
    assert work.composer.resume(started.draft).customer == started.customer


def test_the_composer_says_that_the_customer_himself_gets_nothing(story: Story, work: Services) -> None:
    boss = who("boss@ann.example", "Boss")
    first = story.came(ANN, cc=(boss,))
    newest = story.came(boss)
    reads = work.desk.reads
    to_boss = work.composer.reply(story.number, under_cursor=reads.message(newest))
    assert to_boss.customer.is_left_out(to_boss.draft.to)
    assert not to_boss.customer.is_left_out((*to_boss.draft.to, ANN))
    to_ann = work.composer.reply(story.number, under_cursor=reads.message(first))
    assert not to_ann.customer.is_left_out(to_ann.draft.to)
