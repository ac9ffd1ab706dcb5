"""The tables of the simulated service: what it holds, and which faults it is to make."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from agent_tui.backends.demo.agenda import Agenda
from agent_tui.backends.demo.later import Later
from agent_tui.domain.times import Micros

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    seq INTEGER PRIMARY KEY, channel TEXT NOT NULL, native_id TEXT NOT NULL UNIQUE, thread TEXT NOT NULL,
    outgoing INTEGER NOT NULL, arrived_at INTEGER NOT NULL, raw BLOB NOT NULL, author TEXT NOT NULL,
    name TEXT NOT NULL, text TEXT NOT NULL, files TEXT NOT NULL, token TEXT NOT NULL,
    seen INTEGER NOT NULL, answered INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS messages_by_channel ON messages (channel, seq);
CREATE INDEX IF NOT EXISTS messages_by_thread ON messages (thread, seq);
CREATE UNIQUE INDEX IF NOT EXISTS messages_by_token ON messages (token) WHERE token <> '';
CREATE TABLE IF NOT EXISTS threads (
    id TEXT PRIMARY KEY, channel TEXT NOT NULL, script TEXT NOT NULL, person TEXT NOT NULL, position INTEGER NOT NULL,
    subject TEXT NOT NULL, facts TEXT NOT NULL, rounds INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS faults (fault TEXT PRIMARY KEY, left INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the service keeps it. `raw` is the whole mail; chat lines have author, text and files instead."""

    channel: str
    native_id: str
    """The Message-ID of a mail, or the number of a chat line."""
    thread: str
    outgoing: bool
    arrived_at: Micros
    raw: bytes = b""
    author: str = ""
    name: str = ""
    text: str = ""
    files: Sequence[tuple[str, str, bytes]] = ()
    """Name, type, content."""
    token: str = ""
    """What its sender called it: the proof that it was taken over."""
    seen: bool = False
    answered: bool = False
    seq: int = 0
    """Its place in the order of arrival."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as its customer sees it."""

    id: str
    channel: str
    script: str
    """The script it follows, or nothing where we wrote first."""
    person: str
    position: int
    """The turn that comes next."""
    subject: str
    facts: Mapping[str, str]
    rounds: int = 0
    """How often the customer answered beyond the script."""


PATIENCE = 60.0
"""Seconds to wait for another door of the service."""


class Records:
    """The file of the service. `with records.changing():` is one transaction; every method is one small statement."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        self._write_ahead()
        self._database.executescript(_TABLES)
        self.agenda = Agenda(self._database)
        self.later = Later(self._database)

    def _write_ahead(self) -> None:
        """SQLite itself waits for nobody here, and two doors open a new file at once."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._database.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise
                time.sleep(0.01)
            else:
                return

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """All of the block, durably, or nothing of it."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # Facts

    def fact(self, key: str) -> str | None:
        """A fact about the service itself."""
        row = self._database.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def note(self, key: str, value: str) -> None:
        """Keep a fact."""
        self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, value))

    # Messages

    def add(self, message: Message) -> int:
        """Take a message in; returns its place."""
        files = json.dumps([(name, kind, base64.b64encode(data).decode()) for name, kind, data in message.files])
        done = self._database.execute(
            "INSERT INTO messages VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                message.channel,
                message.native_id,
                message.thread,
                message.outgoing,
                message.arrived_at,
                message.raw,
                message.author,
                message.name,
                message.text,
                files,
                message.token,
                message.seen,
                message.answered,
            ),
        )
        return int(done.lastrowid or 0)

    def after(self, channel: str, seq: int, limit: int) -> Sequence[Message]:
        """The next messages of a channel, oldest first."""
        return self._messages("channel = ? AND seq > ? ORDER BY seq LIMIT ?", channel, seq, limit)

    def before(self, channel: str, seq: int, limit: int) -> Sequence[Message]:
        """Earlier messages of a channel, newest first."""
        return self._messages("channel = ? AND seq < ? ORDER BY seq DESC LIMIT ?", channel, seq, limit)

    def thread_messages(self, thread: str) -> Sequence[Message]:
        """A conversation, oldest first."""
        return self._messages("thread = ? ORDER BY seq", thread)

    def by_native_id(self, native_id: str) -> Message | None:
        """A message by its id."""
        return next(iter(self._messages("native_id = ?", native_id)), None)

    def by_token(self, token: str) -> Message | None:
        """A message by what its sender called it."""
        return next(iter(self._messages("token = ?", token)), None) if token else None

    def newest(self, channel: str) -> int:
        """The place of the last message of a channel."""
        return self._number("SELECT max(seq) FROM messages WHERE channel = ?", channel)

    def count(self, channel: str, below: int) -> int:
        """How many messages of a channel lie before a place."""
        return self._number("SELECT count(*) FROM messages WHERE channel = ? AND seq < ?", channel, below)

    def mark(self, seqs: Sequence[int], column: str, value: bool) -> None:
        """Set or clear `seen` or `answered`."""
        if column not in ("seen", "answered"):
            raise ValueError(column)
        self._database.executemany(f"UPDATE messages SET {column} = ? WHERE seq = ?", [(value, seq) for seq in seqs])

    # Threads

    def thread(self, thread: str) -> Thread | None:
        """A conversation by its id."""
        row = self._database.execute("SELECT * FROM threads WHERE id = ?", (thread,)).fetchone()
        if row is None:
            return None
        return replace(Thread(*row), facts=json.loads(row[6]))

    def keep(self, thread: Thread) -> None:
        """Add a conversation, or write down how far it went."""
        self._database.execute(
            "INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                thread.id,
                thread.channel,
                thread.script,
                thread.person,
                thread.position,
                thread.subject,
                json.dumps(dict(thread.facts), ensure_ascii=False),
                thread.rounds,
            ),
        )

    def threads(self) -> Sequence[Thread]:
        """All conversations."""
        rows = self._database.execute("SELECT * FROM threads ORDER BY id").fetchall()
        return [replace(Thread(*row), facts=json.loads(row[6])) for row in rows]

    # Faults

    def inject(self, fault: str, times: int) -> None:
        """Make a fault so many times."""
        self._database.execute("INSERT OR REPLACE INTO faults VALUES (?, ?)", (fault, times))

    def strike(self, fault: str) -> bool:
        """Whether the fault is to be made now; counts it."""
        done = self._database.execute("UPDATE faults SET left = left - 1 WHERE fault = ? AND left > 0", (fault,))
        return done.rowcount > 0

    def _messages(self, where: str, *values: object) -> Sequence[Message]:
        columns = "channel, native_id, thread, outgoing, arrived_at, raw, author, name, text, files, token, seen, answered, seq"
        return [
            replace(
                Message(*row),
                outgoing=bool(row[3]),
                files=[(name, kind, base64.b64decode(data)) for name, kind, data in json.loads(row[9])],
                seen=bool(row[11]),
                answered=bool(row[12]),
            )
            for row in self._database.execute(f"SELECT {columns} FROM messages WHERE {where}", values)
        ]

    def _number(self, statement: str, *values: object) -> int:
        return int(self._database.execute(statement, values).fetchone()[0] or 0)
