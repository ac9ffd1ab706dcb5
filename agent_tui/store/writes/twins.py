"""Letters under one Message-ID from one author: what came by two addresses of ours, or seems to have."""

from __future__ import annotations

import json
from collections.abc import Sequence

from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Automatic
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.store.ports import TWINS_CAP, Twin
from agent_tui.store.rows import EVENT, GONE_BOX, MESSAGE, key_of, normal
from agent_tui.store.writes import common
from agent_tui.store.writes.looking import SCANNED
from agent_tui.store.writes.transaction import Transaction


class TwinWriting:
    """What ingest asks of them, and tells the agent."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def twins(self, account: str, header_id: str, author: SafeText) -> Sequence[Twin]:
        """What came from him under this Message-ID, in all accounts, the oldest first: at most `TWINS_CAP` and one."""
        rows = self._tx.all(
            "SELECT m.id, m.account = ? OR EXISTS (SELECT 1 FROM account a WHERE a.offline AND a.id IN (m.account, ?)),"
            " p.conversation_id, c.status, m.warnings, m.automatic,"
            " CASE WHEN m.partial THEN NULL ELSE m.raw END, m.author_address, m.size,"
            " EXISTS (SELECT 1 FROM placement q JOIN event e ON e.id = q.id"
            "  WHERE q.conversation_id = p.conversation_id AND q.kind = ? AND q.id > m.id AND e.code = 'status')"
            " FROM message m JOIN placement p ON p.id = m.id JOIN conversation c ON c.id = p.conversation_id"
            " WHERE m.header_key = ? AND m.header_id = ? AND m.direction = 'in' AND p.kind = ? AND c.box <> ?"
            " ORDER BY m.id LIMIT ?",
            (account, account, EVENT, key_of(header_id), header_id, MESSAGE, GONE_BOX, SCANNED),
        )
        found = [
            Twin(
                message_id=r[0],
                here=bool(r[1]),
                conversation_id=r[2],
                status=Status(r[3]),
                warnings=frozenset(json.loads(r[4])),
                automatic=Automatic(r[5]),
                raw=r[6],
                size=r[8],
                dealt_with=bool(r[9]),
            )
            for r in rows
            if normal(r[7]) == normal(author)
        ]
        return found[: TWINS_CAP + 1]

    def tell_twin(self, conversation_id: int, other: int, at: Micros) -> None:
        """Say in a conversation, once, that the same letter seems to lie in the other one."""
        number = self._tx.value("SELECT number FROM conversation WHERE id = ?", (other,))
        said = self._tx.one(
            "SELECT 1 FROM placement p JOIN event e ON e.id = p.id WHERE p.conversation_id = ? AND p.kind = ?"
            " AND e.code = 'twin' AND json_extract(e.parameters, '$.number') = ? LIMIT 1",
            (conversation_id, EVENT, str(number)),
        )
        if said is None:
            # Not its subject: whoever forged it would speak in the customer's conversation.
            common.add_event(self._tx, conversation_id, "twin", {"number": str(number)}, at=at)
