"""Ranking the newest few thousand hits by a few questions that the index answers at once."""

from __future__ import annotations

from collections.abc import Sequence

from agent_tui.domain.search import Query, TermKind
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.search.expression import EXACT, phrase
from agent_tui.store.search.fold import words
from agent_tui.store.search.stem import stems

SUBJECT, TOGETHER, AS_TYPED, AUTHOR = 4.0, 3.0, 1.5, 2.0


def _questions(query: Query) -> list[tuple[float, str]]:
    terms = [t for t in query.terms if not t.negated]
    tokens = [words(t.text) for t in terms]
    tokens = [t for t in tokens if t]
    if not tokens:
        return []
    flat = [word for t in tokens for word in t]
    prefixed = bool(terms) and terms[-1].kind in (TermKind.PREFIX, TermKind.TYPED)
    begins = [_beginning(word) for word in flat]
    questions = [
        (SUBJECT, " AND ".join(f"subject : ({b})" for b in begins)),
        (AUTHOR, " AND ".join(f"author : {phrase([word], prefix=True)}" for word in flat)),
        (AS_TYPED, " AND ".join(f"{EXACT} : {phrase([word])}" for word in flat)),
    ]
    if len(flat) > 1:
        questions.append((TOGETHER, f"{EXACT} : {phrase(flat, prefix=prefixed)}"))
    return questions


def _beginning(word: str) -> str:
    either = [phrase([word], prefix=True)]
    either += [phrase([stem], prefix=True) for stem in stems(word) if len(stem) > 2]
    return " OR ".join(either)


def ranked(db: ReadConnections, query: Query, found: Sequence[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """The best of them, at most one a conversation; the newer of equals first."""
    if not found:
        return []
    oldest, newest = found[-1][0], found[0][0]
    scores = dict.fromkeys((order for order, _ in found), 0.0)
    for weight, question in _questions(query):
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
