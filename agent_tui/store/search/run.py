"""Running a search: newest first straight off the index, at most one hit a conversation, counts up to a cap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from agent_tui.domain.search import Count, Hit, Query
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.rows import NOTE, ROW_COLUMNS, read_row
from agent_tui.store.search.expression import Plan, plan
from agent_tui.store.search.snippet import Excerpts

BATCH = 200
RANKED = 3_000
"""By relevance the newest so many are ranked: ranking a million would take half a second."""


def _source(asked: Plan, before: int | None) -> tuple[str, dict[str, object]]:
    """FROM and WHERE of a search, in an order of joins that lets it stream off the index, newest first."""
    values = dict(asked.values)
    conditions = ["p.kind IN (1, 2)", *asked.conditions]
    if asked.wanted:
        source = (
            "search s CROSS JOIN placement p ON p.id = s.rowid CROSS JOIN conversation c ON c.id = p.conversation_id"
        )
        row = "s.rowid"
        conditions.insert(0, "search MATCH :match")
        values["match"] = f"({asked.wanted}) NOT ({asked.unwanted})" if asked.unwanted else asked.wanted
    else:
        source = "placement p CROSS JOIN conversation c ON c.id = p.conversation_id"
        row = "p.id"
        if asked.unwanted:
            conditions.append("p.id NOT IN (SELECT rowid FROM search WHERE search MATCH :match)")
            values["match"] = asked.unwanted
    end = min((b for b in (before, asked.before) if b is not None), default=None)
    if end is not None:
        conditions.append(f"{row} < :end")
        values["end"] = end
    if asked.after:
        conditions.append(f"{row} >= :start")
        values["start"] = asked.after
    return f"FROM {source} WHERE {' AND '.join(conditions)}", values


def _stream(db: ReadConnections, asked: Plan, before: int | None) -> Iterator[tuple[int, int]]:
    """(order, conversation) of everything that matches, newest first, a batch at a time."""
    while True:
        source, values = _source(asked, before)
        row = "s.rowid" if asked.wanted else "p.id"
        found = db.all(
            f"SELECT {row}, p.conversation_id {source} ORDER BY {row} DESC LIMIT :batch", {**values, "batch": BATCH}
        )
        yield from found
        if len(found) < BATCH:
            return
        before = found[-1][0]


def find(
    db: ReadConnections, query: Query, agent: str, before: int | None, limit: int, by_relevance: bool
) -> Sequence[Hit]:
    """The hits of a query."""
    asked = plan(query, agent)
    if query.empty or limit <= 0:
        return []
    if by_relevance:
        chosen = _best(db, query, asked, before, limit)
    else:
        chosen = _newest(db, asked, before, limit)
    return _hits(db, query, agent, chosen)


def _newest(db: ReadConnections, asked: Plan, before: int | None, limit: int) -> list[tuple[int, int]]:
    chosen: list[tuple[int, int]] = []
    seen: set[int] = set()
    for order, conversation_id in _stream(db, asked, before):
        if conversation_id in seen:
            continue
        seen.add(conversation_id)
        if before is not None and _found_newer(db, asked, conversation_id, before):
            continue
        chosen.append((order, conversation_id))
        if len(chosen) >= limit:
            break
    return chosen


def _found_newer(db: ReadConnections, asked: Plan, conversation_id: int, before: int) -> bool:
    """Whether the conversation was a hit of an earlier page already."""
    newer = db.all(
        "SELECT id FROM placement WHERE conversation_id = ? AND id >= ? AND kind IN (1, 2) ORDER BY id",
        (conversation_id, before),
    )
    for (order,) in newer:
        source, values = _source(asked, None)
        row = "s.rowid" if asked.wanted else "p.id"
        if db.one(f"SELECT 1 {source} AND {row} = :order", {**values, "order": order}):
            return True
    return False


def _best(db: ReadConnections, query: Query, asked: Plan, before: int | None, limit: int) -> list[tuple[int, int]]:
    """The newest few thousand, those first that have it in the subject, as typed, and together."""
    from agent_tui.store.search.rank import ranked

    if before is not None:
        return []  # what is ranked is one page: there is no order to go on in
    found: list[tuple[int, int]] = []
    for pair in _stream(db, asked, None):
        found.append(pair)
        if len(found) >= RANKED:
            break
    return ranked(db, query, found, limit)


def _hits(db: ReadConnections, query: Query, agent: str, chosen: Sequence[tuple[int, int]]) -> list[Hit]:
    if not chosen:
        return []
    excerpts = Excerpts(query)
    conversations = sorted({c for _, c in chosen})
    marks = ", ".join(map(str, conversations))
    rows = {
        r[0]: read_row(r)
        for r in db.all(f"SELECT {ROW_COLUMNS} FROM conversation c WHERE c.id IN ({marks})", {"agent": agent})
    }
    texts = _texts(db, [order for order, _ in chosen])
    hits = []
    for order, conversation_id in chosen:
        if order not in texts or conversation_id not in rows:
            continue  # moved or withdrawn between two statements
        field, snippet, places = excerpts.of(texts[order])
        hits.append(Hit(rows[conversation_id], order, order, field, snippet, places))
    return hits


def _texts(db: ReadConnections, orders: Sequence[int]) -> dict[int, dict[str, str]]:
    """The searched texts of items, by field."""
    marks = ", ".join(map(str, orders))
    texts: dict[int, dict[str, str]] = {}
    for i, subject, name, address, text, people, files in db.all(
        "SELECT m.id, m.subject, m.author_name, m.author_address, t.text, m.people,"
        " (SELECT group_concat(a.name, ', ') FROM attachment a WHERE a.message_id = m.id)"
        f" FROM message m JOIN message_text t ON t.id = m.id WHERE m.id IN ({marks})"
    ):
        texts[i] = {
            "text": text,
            "subject": subject,
            "from": f"{name} <{address}>" if name else address,
            "attachment": files or "",
            "to": people,
        }
    for i, text, kind in db.all(
        f"SELECT n.id, n.text, p.kind FROM note n JOIN placement p ON p.id = n.id WHERE n.id IN ({marks})"
    ):
        if kind == NOTE:
            texts[i] = {"note": text}
    return texts


def count(db: ReadConnections, query: Query, agent: str, cap: int) -> Count:
    """How many conversations match, exact up to the cap."""
    if query.empty:
        return Count(0)
    source, values = _source(plan(query, agent), None)
    found: Any = db.one(
        f"SELECT count(*) FROM (SELECT DISTINCT p.conversation_id {source} LIMIT :cap)", {**values, "cap": cap + 1}
    )
    number = int(found[0])
    return Count(min(number, cap), capped=number > cap)
