"""Where a conversation stands that was joined to another one."""

from __future__ import annotations

from typing import Any, Protocol

from agent_tui.store.errors import Values
from agent_tui.store.rows import GONE_BOX


class Asked(Protocol):
    """A connection, whether it reads or writes."""

    def one(self, sql: str, values: Values = ()) -> Any:
        """The first row, or None."""
        ...


def standing(db: Asked, conversation_id: int) -> int:
    """The conversation itself, or the one that it was joined to: who wrote to it may not have heard of that yet."""
    while True:
        found = db.one("SELECT box, merged_into FROM conversation WHERE id = ?", (conversation_id,))
        if not found or found[0] != GONE_BOX or found[1] is None:
            return conversation_id
        conversation_id = int(found[1])
