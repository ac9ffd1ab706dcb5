"""Where servers hold messages, and their marks."""

from __future__ import annotations

import json

from agent_tui.store.ports import CopyPlace
from agent_tui.store.rows import dumps
from agent_tui.store.writes.transaction import Transaction


class CopyWriting:
    """What ingest is told of a server's folders."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._own_writes: dict[str, frozenset[int]] = {}

    def put_copy(self, message_id: int, account: str, place: CopyPlace) -> None:
        """Record where it is, and take over the server's marks unless a write of ours is still on its way."""
        tx = self._tx
        where = (account, place.folder, place.uidvalidity, place.uid)
        had = tx.one(
            "SELECT message_id, seen, answered, gone, email_id FROM remote_copy"
            " WHERE account = ? AND folder = ? AND uidvalidity = ? AND uid = ?",
            where,
        )
        if had and tuple(had[:4]) == (message_id, place.seen, place.answered, 0) and place.email_id in ("", had[4]):
            return
        tx.run(
            "INSERT INTO remote_copy VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)"
            " ON CONFLICT (account, folder, uidvalidity, uid) DO UPDATE SET message_id = excluded.message_id,"
            " email_id = CASE WHEN excluded.email_id = '' THEN email_id ELSE excluded.email_id END,"
            " seen = excluded.seen, answered = excluded.answered, gone = 0",
            (*where, message_id, place.email_id, place.seen, place.answered),
        )
        self._adopt(message_id, account)
        if place.answered != (bool(had[2]) if had else False):
            tx.touch("conversation", tx.value("SELECT conversation_id FROM placement WHERE id = ?", (message_id,)))
        if message_id not in self._on_their_way(account):
            newly_unseen = had is not None and bool(had[1]) and not place.seen
            if place.seen or newly_unseen:
                self._follow_seen(message_id, place.seen)

    def left_junk(self, message_id: int) -> None:
        """It lies elsewhere than among spam now."""
        tx = self._tx
        warnings = json.loads(tx.value("SELECT warnings FROM message WHERE id = ?", (message_id,)))
        if "in_junk" in warnings:
            kept = [code for code in warnings if code != "in_junk"]
            tx.run("UPDATE message SET warnings = ? WHERE id = ?", (dumps(kept), message_id))
            tx.touch("conversation", tx.value("SELECT conversation_id FROM placement WHERE id = ?", (message_id,)))

    def _on_their_way(self, account: str) -> frozenset[int]:
        """Messages whose marks we have yet to write: what the server says of them is old."""
        if account not in self._own_writes:
            rows = self._tx.all(
                "SELECT payload FROM remote_write WHERE account = ? AND kind = 'marks' AND state = 'waiting'",
                (account,),
            )
            self._own_writes[account] = frozenset(m for (text,) in rows for m in json.loads(text)["messages"])
        return self._own_writes[account]

    def _adopt(self, message_id: int, account: str) -> None:
        """A message that was imported from a file is the real account's, once that account has it."""
        tx = self._tx
        holder = tx.one(
            "SELECT a.id FROM message m JOIN account a ON a.id = m.account WHERE m.id = ? AND a.offline AND a.id <> ?",
            (message_id, account),
        )
        if not holder:
            return
        (conversation_id,) = tx.one("SELECT conversation_id FROM placement WHERE id = ?", (message_id,))
        # All of its conversation: what follows is tied to messages of its own account alone.
        tx.run(
            "UPDATE OR IGNORE message SET account = ? WHERE account = ?"
            " AND id IN (SELECT id FROM placement WHERE conversation_id = ? AND kind = 1)",
            (account, holder[0], conversation_id),
        )
        tx.run(
            "UPDATE conversation SET account = ? WHERE account = ? AND id = ?", (account, holder[0], conversation_id)
        )

    def _follow_seen(self, message_id: int, seen: bool) -> None:
        tx = self._tx
        changed = tx.run(
            "UPDATE message SET unread = ? WHERE id = ? AND direction = 'in' AND unread <> ?",
            (not seen, message_id, not seen),
        ).rowcount
        if changed:
            conversation_id = tx.value("SELECT conversation_id FROM placement WHERE id = ?", (message_id,))
            tx.run(
                "UPDATE conversation SET unread = max(0, unread + ?) WHERE id = ?",
                (-1 if seen else 1, conversation_id),
            )
            tx.touch("conversation", conversation_id)

    def copy_gone(self, account: str, folder: str, uidvalidity: int, uid: int) -> None:
        """It is not there any more: marked, and kept."""
        self._tx.run(
            "UPDATE remote_copy SET gone = 1 WHERE account = ? AND folder = ? AND uidvalidity = ? AND uid = ?",
            (account, folder, uidvalidity, uid),
        )

    def folder_reset(self, account: str, folder: str) -> None:
        """Its UIDs mean nothing any more."""
        self._tx.run("UPDATE remote_copy SET gone = 1 WHERE account = ? AND folder = ?", (account, folder))

    def folder_renamed(self, account: str, old: str, new: str) -> None:
        """Its UIDs still hold under another name."""
        self._tx.run("DELETE FROM remote_copy WHERE account = ? AND folder = ? AND gone", (account, new))
        self._tx.run(
            "UPDATE OR REPLACE remote_copy SET folder = ? WHERE account = ? AND folder = ?", (new, account, old)
        )
