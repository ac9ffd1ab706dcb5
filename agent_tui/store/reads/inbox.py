"""The list: pages by key over indexes, and counts that are kept. Nothing here depends on how much there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent_tui.domain.conversation import ConversationRow, PageKey, View
from agent_tui.store.ports import ViewCount
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.rows import ROW_COLUMNS, read_row

_WHERE = {
    View.INBOX: "c.box = 1",
    View.MINE: "c.box = 1 AND c.assignee = :agent",
    View.UNASSIGNED: "c.box = 1 AND c.assignee = ''",
    View.WAITING: "c.box = 2",
    View.SNOOZED: "c.box = 3",
    View.SOLVED: "c.box = 4",
    View.SPAM: "c.box = 5",
    View.ALL: "c.box BETWEEN 1 AND 4",
}
_INDEX = {
    View.MINE: "conversation_assignee",
    View.UNASSIGNED: "conversation_assignee",
    View.ALL: "conversation_all",
}
_KEYS = {
    View.INBOX: ("box:1",),
    View.UNASSIGNED: ("agent:",),
    View.WAITING: ("box:2",),
    View.SNOOZED: ("box:3",),
    View.SOLVED: ("box:4",),
    View.SPAM: ("box:5",),
    View.ALL: ("box:1", "box:2", "box:3", "box:4"),
}
_AT_ONCE = 400
"""Ids in one statement."""


class SqliteInboxReads:
    """`InboxReads`."""

    def __init__(self, connections: ReadConnections) -> None:
        self._db = connections

    def view_counts(self, agent: str) -> Mapping[View, ViewCount]:
        """Maintained counts of all views."""
        kept = {
            key: (total, unread)
            for key, total, unread in self._db.all(
                "SELECT key, total, unread FROM view_count WHERE key >= 'box:' AND key < 'box;'"
                " UNION ALL SELECT key, total, unread FROM view_count WHERE key IN ('agent:', 'agent:' || ?)",
                (agent,),
            )
        }
        counts = {}
        for view in View:
            keys = ("agent:" + agent,) if view is View.MINE else _KEYS[view]
            found = [kept.get(key, (0, 0)) for key in keys]
            counts[view] = ViewCount(sum(total for total, _ in found), sum(unread for _, unread in found))
        return counts

    def page(self, view: View, agent: str, before: PageKey | None, limit: int) -> Sequence[ConversationRow]:
        """Rows older than `before`, newest first."""
        older = "AND (c.last_at, c.id) < (:at, :id)" if before else ""
        found = self._db.all(
            f"SELECT {ROW_COLUMNS} FROM conversation c INDEXED BY {_INDEX.get(view, 'conversation_box')}"
            f" WHERE {_WHERE[view]} {older} ORDER BY c.last_at DESC, c.id DESC LIMIT :limit",
            {
                "agent": agent,
                "limit": limit,
                "at": before.last_at if before else 0,
                "id": before.id if before else 0,
            },
        )
        return [read_row(r) for r in found]

    def page_after(self, view: View, agent: str, after: PageKey, limit: int) -> Sequence[ConversationRow]:
        """The rows directly newer than `after`, still newest first."""
        found = self._db.all(
            f"SELECT {ROW_COLUMNS} FROM conversation c INDEXED BY {_INDEX.get(view, 'conversation_box')}"
            f" WHERE {_WHERE[view]} AND (c.last_at, c.id) > (:at, :id) ORDER BY c.last_at, c.id LIMIT :limit",
            {"agent": agent, "limit": limit, "at": after.last_at, "id": after.id},
        )
        return [read_row(r) for r in reversed(found)]

    def newer(self, view: View, agent: str, key: PageKey) -> int:
        """How many rows of the view are newer than `key`."""
        return self._beyond(view, agent, ">", key)

    def older(self, view: View, agent: str, key: PageKey) -> int:
        """How many rows of the view are older than `key`."""
        return self._beyond(view, agent, "<", key)

    def _beyond(self, view: View, agent: str, side: str, key: PageKey) -> int:
        found = self._db.one(
            f"SELECT count(*) FROM conversation c INDEXED BY {_INDEX.get(view, 'conversation_box')}"
            f" WHERE {_WHERE[view]} AND (c.last_at, c.id) {side} (:at, :id)",
            {"agent": agent, "at": key.last_at, "id": key.id},
        )
        return int(found[0]) if found else 0

    def keys(self, view: View, agent: str, ids: Sequence[int]) -> Mapping[int, PageKey]:
        """Where those of these conversations stand that are in the view now."""
        keys: dict[int, PageKey] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            marks = ", ".join(f":i{n}" for n in range(len(some)))
            values: dict[str, object] = {f"i{n}": value for n, value in enumerate(some)}
            found = self._db.all(
                # By the ids: for ten or more SQLite takes an index of the view for cheaper, and walks all of it.
                f"SELECT c.id, c.last_at FROM conversation c NOT INDEXED WHERE c.id IN ({marks}) AND {_WHERE[view]}",
                {**values, "agent": agent},
            )
            keys.update((r[0], PageKey(r[1], r[0])) for r in found)
        return keys

    def rows(self, ids: Sequence[int], agent: str) -> Mapping[int, ConversationRow]:
        """The present state of these rows, whatever view they are in now."""
        rows: dict[int, ConversationRow] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            marks = ", ".join(f":i{n}" for n in range(len(some)))
            values: dict[str, object] = {f"i{n}": value for n, value in enumerate(some)}
            found = self._db.all(
                f"SELECT {ROW_COLUMNS} FROM conversation c WHERE c.id IN ({marks})", {**values, "agent": agent}
            )
            rows.update((r[0], read_row(r)) for r in found)
        return rows
