"""What changes later: chat lines that were edited, and what the team there made of conversations."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

_TABLES = """
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY, channel TEXT NOT NULL, what TEXT NOT NULL, id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS states (
    thread TEXT PRIMARY KEY, status TEXT NOT NULL, assignee TEXT NOT NULL, tags TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class State:
    """What the team there made of a conversation."""

    thread: str
    status: str
    assignee: str
    tags: Sequence[str]


class Later:
    """Changes in the order in which they were made, within the transaction of `Records`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(_TABLES)

    def edit(self, native_id: str, text: str) -> None:
        """Its author changed a chat line."""
        self._database.execute("UPDATE messages SET text = ? WHERE native_id = ?", (text, native_id))
        self._note("chat", "message", native_id)

    def put(self, channel: str, state: State) -> None:
        """The team there made something of a conversation."""
        self._database.execute(
            "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)",
            (state.thread, state.status, state.assignee, json.dumps(list(state.tags))),
        )
        self._note(channel, "thread", state.thread)

    def state(self, thread: str) -> State | None:
        """What the team there made of a conversation; None where nothing."""
        row = self._database.execute("SELECT status, assignee, tags FROM states WHERE thread = ?", (thread,)).fetchone()
        return None if row is None else State(thread, row[0], row[1], json.loads(row[2]))

    def behind(self, channel: str, seq: int, limit: int) -> Sequence[tuple[int, str, str]]:
        """(place, `message` or `thread`, id) of what changed behind a place."""
        return self._database.execute(
            "SELECT seq, what, id FROM changes WHERE channel = ? AND seq > ? ORDER BY seq LIMIT ?",
            (channel, seq, limit),
        ).fetchall()

    def newest(self, channel: str) -> int:
        """The place of the last change."""
        found = self._database.execute("SELECT max(seq) FROM changes WHERE channel = ?", (channel,)).fetchone()
        return int(found[0] or 0)

    def _note(self, channel: str, what: str, about: str) -> None:
        self._database.execute("INSERT INTO changes VALUES (NULL, ?, ?, ?)", (channel, what, about))
