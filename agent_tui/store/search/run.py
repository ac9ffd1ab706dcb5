"""Running a search: newest first straight off the index, at most one hit a conversation, counts up to a cap."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Any

from agent_tui.domain.search import Count, Hit, Query
from agent_tui.domain.times import SECOND
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.rows import NOTE, ROW_COLUMNS, read_row, read_spans
from agent_tui.store.search.expression import plan
from agent_tui.store.search.snippet import LONGEST, Excerpts, Fields

BATCH = 200
RANKED = 2_000
"""By relevance the newest so many are ranked: ranking a million would take half a second."""


NO_END = 2**62
FEW = 300
"""So few conversations are asked one by one."""

Found = tuple[int, int]
"""(order, conversation) of something that matches."""


class Search:
    """One query, planned for this database."""

    def __init__(self, db: ReadConnections, query: Query, agent: str, only: int | None = None) -> None:
        """With `only` one conversation alone comes into question, and the store is not asked which ones do."""
        self._db = db
        tagged = any(f.field == "tag" for f in query.filters)
        tags = [r[0] for r in db.all("SELECT name FROM tag WHERE uses > 0")] if tagged else []
        self._plan = plan(query, agent, tags)
        self._few = self._ask_few() if only is None else str(int(only))

    def _ask_few(self) -> str | None:
        """Ids of the conversations that come into question, where they are few."""
        if not self._plan.narrow:
            return None
        found = self._db.all(f"SELECT * FROM ({self._plan.narrow}) LIMIT {FEW + 1}", self._plan.values)
        return ", ".join(str(r[0]) for r in found) if len(found) <= FEW else None

    def statement(self, before: int | None, extra: str = "") -> tuple[str, str, dict[str, object]]:
        """(the column of the order, FROM and WHERE, values), joined in an order that streams off an index."""
        asked = self._plan
        values = dict(asked.values)
        conditions = ["p.kind IN (1, 2)", *asked.conditions]
        if self._few is not None:
            source, row = "conversation c CROSS JOIN placement p ON p.conversation_id = c.id", "p.id"
        else:
            source, row = "placement p CROSS JOIN conversation c ON c.id = p.conversation_id", "p.id"
        if self._few is not None:
            conditions.insert(0, f"c.id IN ({self._few})")
        if asked.wanted:
            values["match"] = f"({asked.wanted}) NOT ({asked.unwanted})" if asked.unwanted else asked.wanted
            conditions.append("search MATCH :match")
            if self._few is not None:
                source += " CROSS JOIN search s ON s.rowid = p.id"
            else:
                source, row = (
                    "search s CROSS JOIN placement p ON p.id = s.rowid"
                    " CROSS JOIN conversation c ON c.id = p.conversation_id",
                    "s.rowid",
                )
        elif asked.unwanted:
            conditions.append("p.id NOT IN (SELECT rowid FROM search WHERE search MATCH :match)")
            values["match"] = asked.unwanted
        end = min((b for b in (before, asked.before) if b is not None), default=None)
        if end is not None:
            conditions.append(f"{row} < :end")
            values["end"] = end
        if asked.after:
            conditions.append(f"{row} >= :start")
            values["start"] = asked.after
        return row, f"FROM {source} WHERE {' AND '.join(conditions)} {extra}", values

    def stream(self, before: int | None, batch: int = BATCH) -> Iterator[Found]:
        """Everything that matches, newest first, a batch at a time."""
        if self._plan.by_conversation:
            yield from self._stream_conversations(before)
            return
        while True:
            row, source, values = self.statement(before)
            found = self._db.all(
                f"SELECT {row}, p.conversation_id {source} ORDER BY {row} DESC LIMIT :batch", {**values, "batch": batch}
            )
            yield from found
            if len(found) < batch:
                return
            before = found[-1][0]

    def conversations(self) -> tuple[str, dict[str, object]]:
        """FROM and WHERE where no single message is asked for."""
        conditions = [*self._plan.conditions, "c.message_count > 0"]
        if self._few is not None:
            conditions.append(f"c.id IN ({self._few})")
        return f"FROM conversation c WHERE {' AND '.join(conditions)}", dict(self._plan.values)

    def _stream_conversations(self, before: int | None) -> Iterator[Found]:
        """Off the indexes of the list, each with its newest message.

        They are in the order of the list; the places of messages follow it but for the parts of a second by which
        they were made unique. So each waits until nothing newer can come.
        """
        source, values = self.conversations()
        key: tuple[int, int] = (before or NO_END, NO_END)
        waiting: list[tuple[int, int]] = []
        while True:
            found = self._db.all(
                "SELECT c.last_at, c.id, (SELECT n.id FROM placement n WHERE n.conversation_id = c.id AND n.kind = 1"
                f" ORDER BY n.id DESC LIMIT 1) {source} AND (c.last_at, c.id) < (:at, :id)"
                " ORDER BY c.last_at DESC, c.id DESC LIMIT :batch",
                {**values, "at": key[0], "id": key[1], "batch": BATCH},
            )
            for last_at, conversation_id, order in found:
                if order is not None and (before is None or order < before):
                    heapq.heappush(waiting, (-order, conversation_id))
                while waiting and -waiting[0][0] >= last_at + SECOND:
                    place, conversation = heapq.heappop(waiting)
                    yield -place, conversation
            if len(found) < BATCH:
                break
            key = found[-1][0], found[-1][1]
        for place, conversation in sorted(waiting):
            yield -place, conversation

    def found_newer(self, conversation_id: int, before: int) -> bool:
        """Whether the conversation was a hit of an earlier page already."""
        if self._plan.by_conversation:
            return False
        newer = self._db.all(
            "SELECT id FROM placement WHERE conversation_id = ? AND id >= ? AND kind IN (1, 2) ORDER BY id",
            (conversation_id, before),
        )
        for (order,) in newer:
            row, source, values = self.statement(None)
            if self._db.one(f"SELECT 1 {source} AND {row} = :order", {**values, "order": order}):
                return True
        return False

    def orders(self) -> list[int]:
        """Everything that matches, oldest first. Without words to look for no message is meant."""
        if self._plan.by_conversation:
            return []
        row, source, values = self.statement(None)
        return [r[0] for r in self._db.all(f"SELECT {row} {source} ORDER BY {row}", values)]

    def count(self, cap: int) -> int:
        """How many conversations match, no more than one above the cap."""
        if self._plan.by_conversation:
            source, values = self.conversations()
            what = "SELECT 1"
        else:
            _, source, values = self.statement(None)
            what = "SELECT DISTINCT p.conversation_id"
        found: Any = self._db.one(f"SELECT count(*) FROM ({what} {source} LIMIT :cap)", {**values, "cap": cap + 1})
        return int(found[0])


def find(
    db: ReadConnections, query: Query, agent: str, before: int | None, limit: int, by_relevance: bool
) -> Sequence[Hit]:
    """The hits of a query."""
    if query.empty or limit <= 0:
        return []
    search = Search(db, query, agent)
    chosen = _best(db, query, search, before, limit) if by_relevance else _newest(search, before, limit)
    return _hits(db, query, agent, chosen)


def within(db: ReadConnections, query: Query, agent: str, conversation_id: int) -> Sequence[int]:
    """The orders of the messages and notes of a conversation that match."""
    return [] if query.empty else Search(db, query, agent, only=conversation_id).orders()


def _newest(search: Search, before: int | None, limit: int) -> list[Found]:
    chosen: list[Found] = []
    seen: set[int] = set()
    for order, conversation_id in search.stream(before):
        if conversation_id in seen:
            continue
        seen.add(conversation_id)
        if before is not None and search.found_newer(conversation_id, before):
            continue
        chosen.append((order, conversation_id))
        if len(chosen) >= limit:
            break
    return chosen


def _best(db: ReadConnections, query: Query, search: Search, before: int | None, limit: int) -> list[Found]:
    """The newest few thousand, those first that have it in the subject, as typed, and together."""
    from agent_tui.store.search.rank import ranked

    if before is not None:
        return []  # what is ranked is one page: there is no order to go on in
    found: list[Found] = []
    for pair in search.stream(None, RANKED):
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


def _texts(db: ReadConnections, orders: Sequence[int]) -> dict[int, Fields]:
    """The searched texts of items, by field."""
    marks = ", ".join(map(str, orders))
    texts: dict[int, Fields] = {}
    for i, subject, name, address, text, quoted, people, files in db.all(
        "SELECT m.id, m.subject, m.author_name, m.author_address, substr(t.text, 1, :longest), t.quoted, m.people,"
        " (SELECT group_concat(a.name, ', ') FROM attachment a WHERE a.message_id = m.id)"
        f" FROM message m JOIN message_text t ON t.id = m.id WHERE m.id IN ({marks})",
        {"longest": LONGEST},
    ):
        sender = f"{name} <{address}>" if name else address
        fields = {"text": text, "subject": subject, "from": sender, "attachment": files or "", "to": people}
        texts[i] = Fields(fields, read_spans(quoted))
    for i, text, kind in db.all(
        f"SELECT n.id, n.text, p.kind FROM note n JOIN placement p ON p.id = n.id WHERE n.id IN ({marks})"
    ):
        if kind == NOTE:
            texts[i] = Fields({"note": text})
    return texts


def count(db: ReadConnections, query: Query, agent: str, cap: int) -> Count:
    """How many conversations match, exact up to the cap."""
    if query.empty:
        return Count(0)
    number = Search(db, query, agent).count(cap)
    return Count(min(number, cap), capped=number > cap)
