"""Search, as the desk asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from agent_tui.domain.search import Count, Hit, Query
from agent_tui.domain.text import SafeText
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.rows import safe


class SqliteSearchReads:
    """`SearchReads`."""

    def __init__(self, connections: ReadConnections) -> None:
        self._db = connections

    def hits(
        self, query: Query, agent: str, before: int | None, limit: int, by_relevance: bool = False
    ) -> Sequence[Hit]:
        """At most one hit a conversation."""
        from agent_tui.store.search.run import find

        return find(self._db, query, agent, before, limit, by_relevance)

    def count(self, query: Query, agent: str, cap: int = 10_000) -> Count:
        """How many conversations match."""
        from agent_tui.store.search.run import count

        return count(self._db, query, agent, cap)

    def hits_within(self, query: Query, agent: str, conversation_id: int) -> Sequence[int]:
        """The orders of its messages and notes that match."""
        from agent_tui.store.search.run import within

        return within(self._db, query, agent, conversation_id)

    def marks(self, query: Query, field: str, text: str) -> Sequence[tuple[int, int]]:
        """Found as the index finds: by stems."""
        from agent_tui.store.search.snippet import Excerpts

        return Excerpts(query).places(field, text)

    def tags(self) -> Sequence[tuple[SafeText, int]]:
        """All tags with how often they are used."""
        found = self._db.all("SELECT name, uses FROM tag WHERE uses > 0 ORDER BY uses DESC, name")
        return [(safe(name), uses) for name, uses in found]
