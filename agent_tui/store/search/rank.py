"""Ranking the newest few thousand hits by a few questions that the index answers at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

from agent_tui.domain.search import Query, TermKind
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.search.expression import EXACT, phrase
from agent_tui.store.search.fold import words
from agent_tui.store.search.stem import stems
from agent_tui.store.search.vocabulary import beginning_with, prepare

SUBJECT, TOGETHER, AS_TYPED, AUTHOR = 4.0, 3.0, 1.5, 2.0

Known = Callable[[str], list[str] | None]
"""The words of the index that begin so, or None where they are too many."""


def _questions(db: ReadConnections, query: Query) -> list[tuple[float, str]]:
    terms = [t for t in query.terms if not t.negated]
    tokens = [words(t.text) for t in terms]
    tokens = [t for t in tokens if t]
    if not tokens:
        return []
    flat = [word for t in tokens for word in t]
    prefixed = bool(terms) and terms[-1].kind in (TermKind.PREFIX, TermKind.TYPED)
    prepare(db)
    known: Known = cache(partial(beginning_with, db))  # several questions ask for the same words
    questions = [
        (SUBJECT, " AND ".join(f"subject : ({_beginning(known, [word, *_long_stems(word)])})" for word in flat)),
        (AUTHOR, " AND ".join(f"author : ({_beginning(known, [word])})" for word in flat)),
        (AS_TYPED, " AND ".join(f"{EXACT} : {phrase([word])}" for word in flat)),
    ]
    if len(flat) > 1:
        questions.append((TOGETHER, f"{EXACT} : {phrase(flat, prefix=prefixed)}"))
    return questions


def _long_stems(word: str) -> list[str]:
    return [stem for stem in stems(word) if len(stem) > 2]


def _beginning(known: Known, beginnings: Sequence[str]) -> str:
    """Every word that begins so.

    Of a beginning FTS5 gathers all places in the whole index before it looks at a range of rows; of a word it reads
    the range alone. So where they are few, the words are named.
    """
    shortest = [b for b in dict.fromkeys(beginnings) if not any(b != o and b.startswith(o) for o in beginnings)]
    either: list[str] = []
    for one in shortest:
        named = known(one)
        either += [phrase([one], prefix=True)] if named is None else [phrase([word]) for word in named or [one]]
    return " OR ".join(either)


def ranked(db: ReadConnections, query: Query, found: Sequence[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """The best of them, at most one a conversation; the newer of equals first."""
    if not found:
        return []
    oldest, newest = found[-1][0], found[0][0]
    scores = dict.fromkeys((order for order, _ in found), 0.0)
    for weight, question in _questions(db, query):
        for (order,) in db.all(
            "SELECT rowid FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?", (question, oldest, newest)
        ):
            if order in scores:
                scores[order] += weight
    place = {order: 1 - n / len(found) for n, (order, _) in enumerate(found)}
    best: list[tuple[int, int]] = []
    seen: set[int] = set()
    for order, conversation_id in sorted(found, key=lambda pair: -(scores[pair[0]] + place[pair[0]])):
        if conversation_id not in seen:
            seen.add(conversation_id)
            best.append((order, conversation_id))
            if len(best) >= limit:
                break
    return best
