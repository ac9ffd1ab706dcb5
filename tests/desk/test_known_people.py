"""Who is offered while a recipient is typed."""

from __future__ import annotations

import pytest

from agent_tui.content.safe import safe
from agent_tui.desk.known_people import KnownPeople, last_piece
from agent_tui.desk.services import Services
from agent_tui.domain.contact import Deliverable
from tests.desk_data import OLENA, converse, message, person
from tests.store.makers import Workspace

HOUR = 3_600_000_000
OLEG = person("Олег Сидоренко", "oleg@example.com")
GONE = person("Olena Gone", "gone@example.com")
LIKE = person("Olena K", "olena.k@examp1e.com")


@pytest.fixture
def known(workspace: Workspace, work: Services) -> KnownPeople:
    with workspace.worker.ingest() as tx:
        converse(tx, "Old", OLEG, [message("Hi", 50 * HOUR, OLEG)])
        converse(tx, "New", OLENA, [message("Hi", HOUR, OLENA)])
        converse(tx, "Gone", GONE, [message("Hi", HOUR, GONE)])
        converse(tx, "Like", LIKE, [message("Hi", HOUR, LIKE, warnings=("lookalike",))])
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


def test_the_piece_that_is_typed() -> None:
    assert last_piece("a@x, b; cc") == ("a@x, b; ", "cc")
    assert last_piece("cc") == ("", "cc")
