"""All the desk reads, behind one door."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from agent_tui.domain.account import Account, AccountHealth, BackendInfo
from agent_tui.domain.action import ActionStep, Field, FieldChange
from agent_tui.domain.outbox import Draft, OutboxItem
from agent_tui.store.connect import FILES
from agent_tui.store.files import FileStore
from agent_tui.store.ports import Activity, Changes, SetAside, WorkRequest
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.reads.conversation import SqliteConversationReads
from agent_tui.store.reads.inbox import SqliteInboxReads
from agent_tui.store.reads.search import SqliteSearchReads
from agent_tui.store.rows import (
    ACCOUNT_COLUMNS,
    HEALTH_COLUMNS,
    OUTBOX_COLUMNS,
    read_account,
    read_backend,
    read_draft,
    read_health,
    read_outbox,
)

MANY_CHANGES = 2_000
"""More changed conversations than this are told as `everything`."""


class SqliteReads(SqliteInboxReads, SqliteConversationReads, SqliteSearchReads):
    """`DeskReads`."""

    def __init__(self, home: Path) -> None:
        connections = ReadConnections(home)
        SqliteInboxReads.__init__(self, connections)
        SqliteConversationReads.__init__(self, connections, FileStore(home / FILES))
        SqliteSearchReads.__init__(self, connections)

    def accounts(self) -> Sequence[Account]:
        """Accounts in use."""
        return [read_account(r) for r in self._db.all(f"SELECT {ACCOUNT_COLUMNS} FROM account WHERE NOT removed")]

    def health(self) -> Sequence[AccountHealth]:
        """How they are. What a removed one was is told nobody."""
        found = self._db.all(
            f"SELECT {HEALTH_COLUMNS} FROM account_health"
            " WHERE account NOT IN (SELECT id FROM account WHERE removed) ORDER BY account"
        )
        return [read_health(r) for r in found]

    def backends(self) -> Sequence[BackendInfo]:
        """The backends the worker found."""
        return [read_backend(*r) for r in self._db.all("SELECT name, data FROM backend ORDER BY name")]

    def outbox(self, *, open_only: bool = True, limit: int = 200) -> Sequence[OutboxItem]:
        """Newest first."""
        states = (
            "WHERE state IN ('held', 'queued', 'sending', 'unknown') OR (state = 'rejected' AND NOT settled)"
            if open_only
            else ""
        )
        found = self._db.all(f"SELECT {OUTBOX_COLUMNS} FROM outbox {states} ORDER BY id DESC LIMIT ?", (limit,))
        return [read_outbox(r) for r in found]

    def outbox_item(self, item_id: int) -> OutboxItem | None:
        """One item."""
        found = self._db.one(f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE id = ?", (item_id,))
        return read_outbox(found) if found else None

    def held_back(self, agent: str) -> Sequence[OutboxItem]:
        """Asked from the agent's drafts, which are few. A merge moves a draft, so its bytes tell nothing."""
        found = self._db.all(
            f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE id IN (SELECT o.id FROM draft d JOIN outbox o"
            " ON o.conversation_id = d.conversation_id AND o.state = 'stopped' AND NOT o.settled"
            " AND json_extract(o.draft, '$.id') = d.id AND json_extract(o.draft, '$.updated_at') = d.updated_at"
            " WHERE d.agent = ?) ORDER BY id DESC",
            (agent,),
        )
        return [read_outbox(r) for r in found]

    def drafts(self, agent: str) -> Sequence[Draft]:
        """Drafts of an agent, last touched first."""
        found = self._db.all("SELECT data FROM draft WHERE agent = ? ORDER BY updated_at DESC, id", (agent,))
        return [read_draft(r[0]) for r in found]

    def draft(self, draft_id: str) -> Draft | None:
        """One draft."""
        found = self._db.one("SELECT data FROM draft WHERE id = ?", (draft_id,))
        return read_draft(found[0]) if found else None

    def steps(self, agent: str, limit: int = 50) -> Sequence[ActionStep]:
        """What this agent did, newest first."""
        found = self._db.all(
            "SELECT id, agent, at, code, undone, undoable FROM step WHERE agent = ? ORDER BY id DESC LIMIT ?",
            (agent, limit),
        )
        steps = []
        for step_id, who, at, code, undone, undoable in found:
            changes = self._db.all(
                "SELECT conversation_id, field, before, after FROM step_change WHERE step_id = ? ORDER BY place",
                (step_id,),
            )
            steps.append(
                ActionStep(
                    id=step_id,
                    agent=who,
                    at=at,
                    code=code,
                    changes=tuple(FieldChange(c, Field(f), b, a) for c, f, b, a in changes),
                    undone=undone > 0,
                    undoable=bool(undoable),
                )
            )
        return steps

    def activity(self, limit: int = 200) -> Sequence[Activity]:
        """What the program did, newest first."""
        found = self._db.all(
            "SELECT id, at, account, code, parameters FROM activity ORDER BY id DESC LIMIT ?", (limit,)
        )
        return [Activity(i, at, account, code, json.loads(p)) for i, at, account, code, p in found]

    def set_aside(self, limit: int = 200, *, behind: int = 0) -> Sequence[SetAside]:
        """Messages that could not be read, newest first."""
        found = self._db.all(
            "SELECT id, account, code, parameters, at, raw, size, origin FROM set_aside WHERE id > ?"
            " ORDER BY id DESC LIMIT ?",
            (behind, limit),
        )
        return [SetAside(i, a, c, json.loads(p), at, raw, size, o) for i, a, c, p, at, raw, size, o in found]

    def request(self, request_id: int) -> WorkRequest | None:
        """What became of a request."""
        found = self._db.one(
            "SELECT id, account, kind, arguments, state, result FROM request WHERE id = ?", (request_id,)
        )
        if not found:
            return None
        return WorkRequest(found[0], found[1], found[2], json.loads(found[3]), found[4], json.loads(found[5]))

    def data_version(self) -> int:
        """Changes whenever another connection committed."""
        return self._db.data_version()

    def only_reading(self) -> str:
        """Why nothing can be written now; mostly empty."""
        return self._db.only_reading()

    def changes_since(self, sequence: int) -> Changes:
        """What was touched since."""
        newest, oldest = self._db.one("SELECT coalesce(max(seq), 0), coalesce(min(seq), 1) FROM feed")
        if sequence >= newest:
            return Changes(newest, everything=sequence > newest)
        if sequence < oldest - 1:
            return Changes(newest, everything=True)
        touched = self._db.all(
            "SELECT DISTINCT kind, ref FROM feed WHERE seq > ? AND seq <= ? LIMIT ?",
            (sequence, newest, MANY_CHANGES + 4),
        )
        conversations = frozenset(ref for kind, ref in touched if kind == "conversation")
        if len(touched) >= MANY_CHANGES + 4 or len(conversations) > MANY_CHANGES:
            return Changes(newest, everything=True)
        kinds = {kind for kind, _ in touched}
        return Changes(
            newest,
            conversations=conversations,
            drafts="drafts" in kinds,
            outbox="outbox" in kinds,
            accounts="accounts" in kinds,
        )

    def close(self) -> None:
        """Close all connections."""
        self._db.close()
