"""Who is offered while a recipient is typed."""

from __future__ import annotations

import pytest

from agent_tui.content.safe import safe
from agent_tui.desk.known_people import KnownPeople, last_piece
from agent_tui.desk.letters import Letter
from agent_tui.desk.services import Services
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.message import Direction
from agent_tui.domain.outbox import DraftKind
from tests.desk.make import draft
from tests.desk_data import OLENA, OWN, converse, message, person
from tests.store.makers import Workspace

HOUR = 3_600_000_000
OLEG = person("Олег Сидоренко", "oleg@example.com")
GONE = person("Olena Gone", "gone@example.com")
MARIA = person("María García", "maria@example.com")
LIKE = person("Olena K", "olena.k@examp1e.com")


@pytest.fixture
def known(workspace: Workspace, work: Services) -> KnownPeople:
    with workspace.worker.ingest() as tx:
        converse(tx, "Old", OLEG, [message("Hi", 50 * HOUR, OLEG)])
        converse(tx, "New", OLENA, [message("Hi", HOUR, OLENA)])
        converse(tx, "Gone", GONE, [message("Hi", HOUR, GONE)])
        converse(tx, "Like", LIKE, [message("Hi", HOUR, LIKE, warnings=("lookalike_sender",))])
        converse(tx, "News", MARIA, [message("Hi", HOUR, MARIA, warnings=("link_differs", "broken_mime"))])
        tx.set_deliverable("email", "gone@example.com", Deliverable.HARD, safe("550 5.1.1"))
    work.desk.refresh()
    return KnownPeople(work.desk)


def names(known: KnownPeople, typed: str) -> list[str]:
    return [found.address for found in known.found(typed)]


def test_by_the_beginning_of_any_word_newest_first(known: KnownPeople) -> None:
    assert names(known, "оле") == ["olena.k@example.com", "oleg@example.com"]
    assert names(known, "сидор") == ["oleg@example.com"]
    assert names(known, "oleg@exa") == ["oleg@example.com"]
    assert names(known, "Олег <oleg@example.com>, ковал") == ["olena.k@example.com"]


def test_nobody_twice_and_nothing_within_an_address(known: KnownPeople) -> None:
    assert names(known, "olena.k@example.com, оле") == ["oleg@example.com"]
    assert names(known, "oleg@example.com") == []
    assert names(known, "Олег <ole") == []
    assert names(known, '"Коваленко, Оле') == []
    assert names(known, "о") == []


def test_nobody_who_bounced_or_looks_like_another(known: KnownPeople) -> None:
    assert names(known, "olena") == ["olena.k@example.com"]


def test_what_is_odd_about_a_text_speaks_against_nobody(known: KnownPeople) -> None:
    assert names(known, "garc") == ["maria@example.com"]


def test_the_piece_that_is_typed() -> None:
    assert last_piece("a@x, b; cc") == ("a@x, b; ", "cc")
    assert last_piece("cc") == ("", "cc")


BOB = person("Bob Miller", "bob@customer.test")
OTHER_BOB = person("Bob Miller", "bob@evil.test")
US = person("Support", OWN)


@pytest.fixture
def two_bobs(workspace: Workspace, work: Services) -> KnownPeople:
    with workspace.worker.ingest() as tx:
        for ago in (90, 80):
            answer = message("Yes", (ago - 1) * HOUR, US, direction=Direction.OUT, to=(BOB,))
            converse(tx, "Order", BOB, [message("Hi", ago * HOUR, BOB), answer])
        converse(tx, "Hello", OTHER_BOB, [message("Hi", HOUR, OTHER_BOB)])
        converse(
            tx, "Offer", US, [message("Hi", 2 * HOUR, US, direction=Direction.OUT, to=(person("", "bo@new.test"),))]
        )
    work.desk.refresh()
    return KnownPeople(work.desk)


def test_whom_we_answered_comes_before_who_wrote_last(two_bobs: KnownPeople) -> None:
    assert names(two_bobs, "bob") == ["bob@customer.test", "bob@evil.test"]
    assert names(two_bobs, "mill") == ["bob@customer.test", "bob@evil.test"]
    assert names(two_bobs, "bo") == ["bob@customer.test", "bo@new.test", "bob@evil.test"], "who never wrote, too"


def test_a_name_of_two_is_asked_about_where_the_stranger_is_meant(two_bobs: KnownPeople) -> None:
    for stranger in (OTHER_BOB, person("", "bob@evil.test"), person("miller, bob", "bob@third.test")):
        [found] = two_bobs.namesakes([stranger])
        assert (found.address, found.other.address, found.doubtful) == (stranger.address, "bob@customer.test", True)
    assert two_bobs.namesakes([BOB, person("", "bo@new.test"), person("Ann", "ann@x.test")]) == ()


def test_the_check_of_a_new_message_names_the_other_one(
    workspace: Workspace, work: Services, two_bobs: KnownPeople
) -> None:
    new = draft("Hello Bob", kind=DraftKind.NEW, conversation_id=None, answers=None, to=(OTHER_BOB,))
    [found] = [one for one in work.sending.check(Letter(new)) if one.code == "same_name"]
    assert (found.get("address"), found.get("other")) == ("bob@evil.test", "bob@customer.test")
