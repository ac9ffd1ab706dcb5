"""The words of the index, and the ranking that asks by them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator

import pytest

from agent_tui.domain.search import Query, Term, TermKind
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.search import rank, vocabulary
from agent_tui.store.search.vocabulary import beginning_with
from tests.store.makers import AGENT, S, Workspace


@pytest.fixture
def db(store: Workspace) -> Iterator[ReadConnections]:
    connections = ReadConnections(store.home)
    vocabulary.prepare(connections)
    yield connections
    connections.close()


def test_words_that_begin_so_are_told_each_once(store: Workspace, db: ReadConnections) -> None:
    for n in range(30):
        store.arrive("invoice invoices invoiced 10 101 ордер ордери", at=n, subject=S("An invoice"))
    assert beginning_with(db, "invoice") == ["invoice", "invoiced", "invoices"]
    assert beginning_with(db, "invoices") == ["invoices"]
    assert beginning_with(db, "ордер") == ["ордер", "ордери"]
    assert beginning_with(db, "10") == ["10", "101"]
    assert beginning_with(db, "nowhere") == []


def test_too_many_are_not_named(store: Workspace, db: ReadConnections) -> None:
    store.arrive(" ".join(f"word{n}" for n in range(vocabulary.MOST)))
    assert len(beginning_with(db, "word") or ()) == vocabulary.MOST
    store.arrive("wordy", at=1)
    assert beginning_with(db, "word") is None


def test_what_was_asked_leaves_a_connection_that_cannot_write(store: Workspace, db: ReadConnections) -> None:
    store.arrive("lamp")
    assert beginning_with(db, "lamp") == ["lamp"]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.connection.execute("DELETE FROM message")


def test_words_that_come_later_are_known_to_the_same_connection(store: Workspace, db: ReadConnections) -> None:
    store.arrive("lamp")
    assert beginning_with(db, "lam") == ["lamp"]
    store.arrive("lampshade", at=1)
    assert beginning_with(db, "lam") == ["lamp", "lampshad", "lampshade"]


@pytest.mark.parametrize("text", ["refund", "refunds lamps", "повернень", "re"])
def test_named_words_and_beginnings_rank_alike(store: Workspace, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    subjects = ["Hello", "Refunds for a lamp", "Lampshade", "Повернення коштів", "Returned"]
    texts = ["a refund of two lamps", "refunded lamp", "я чекаю на повернення", "nothing", "refunds and lamps"]
    for n in range(50):
        store.arrive(texts[n % 5], at=n, subject=S(subjects[n * 7 // 5 % 5]), sender=f"ref{n}@lamp.example")
    kinds = [TermKind.PREFIX if text == "re" else TermKind.WORD] * 2
    query = Query([Term(kind, word) for kind, word in zip(kinds, text.split(), strict=False)])
    named = [h.message_id for h in store.reads.hits(query, AGENT, None, 50, True)]
    monkeypatch.setattr(vocabulary, "MOST", 0)
    assert named
    assert [h.message_id for h in store.reads.hits(query, AGENT, None, 50, True)] == named


def test_the_vocabulary_is_asked_once_for_each_beginning(store: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    store.arrive("a refund of a lamp", subject=S("Refund"))
    asked: Counter[str] = Counter()

    def told(db: ReadConnections, beginning: str) -> list[str] | None:
        asked[beginning] += 1
        return beginning_with(db, beginning)

    def prepared(db: ReadConnections) -> None:
        asked["prepared"] += 1
        vocabulary.prepare(db)

    monkeypatch.setattr(rank, "beginning_with", told)
    monkeypatch.setattr(rank, "prepare", prepared)
    query = Query([Term(TermKind.WORD, word) for word in ("refund", "lamp")])
    assert len(store.reads.hits(query, AGENT, None, 50, True)) == 1
    assert asked == {"prepared": 1, "refund": 1, "lamp": 1}
