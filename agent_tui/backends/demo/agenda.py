"""What will happen: everything the customers are about to do, in the file of the service."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from agent_tui.domain.times import Micros

_TABLES = """
CREATE TABLE IF NOT EXISTS plans (
    id INTEGER PRIMARY KEY, due_at INTEGER NOT NULL, deed TEXT NOT NULL, subject TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS plans_by_time ON plans (due_at);
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """Something that will happen."""

    id: int
    due_at: Micros
    deed: str
    subject: str


class Agenda:
    """Plans by their time. Changes belong to the transaction of the records."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(_TABLES)

    def plan(self, due_at: Micros, deed: str, subject: str) -> None:
        """Something shall happen."""
        self._database.execute("INSERT INTO plans VALUES (NULL, ?, ?, ?)", (due_at, deed, subject))

    def due(self, now: Micros) -> Plan | None:
        """The earliest thing whose time has come."""
        row = self._database.execute(
            "SELECT * FROM plans WHERE due_at <= ? ORDER BY due_at, id LIMIT 1", (now,)
        ).fetchone()
        return None if row is None else Plan(*row)

    def done(self, plan: Plan) -> None:
        """It happened."""
        self._database.execute("DELETE FROM plans WHERE id = ?", (plan.id,))

    def call_off(self, thread: str) -> None:
        """What a customer was about to do is not done: an answer came."""
        self._database.execute("DELETE FROM plans WHERE subject = ?", (thread,))

    def postpone(self, by: int) -> None:
        """Time stood still."""
        self._database.execute("UPDATE plans SET due_at = due_at + ?", (by,))
