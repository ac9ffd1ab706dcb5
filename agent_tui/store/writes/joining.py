"""Conversations that turn out to be one, wholly or for one message."""

from __future__ import annotations

import json

from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Placement
from agent_tui.store.rows import GONE_BOX, dumps
from agent_tui.store.writes import common, messages
from agent_tui.store.writes.transaction import Transaction


def move_message(tx: Transaction, message_id: int, conversation_id: int, placement: Placement) -> None:
    """Put a message into another conversation; one that is left empty is in no view any more."""
    source = tx.value("SELECT conversation_id FROM placement WHERE id = ?", (message_id,))
    tx.run(
        "UPDATE placement SET conversation_id = ?, rule = ?, evidence = ? WHERE id = ?",
        (conversation_id, placement.rule, dumps(dict(placement.evidence)), message_id),
    )
    tx.run(
        "INSERT OR IGNORE INTO participant SELECT ?, kind, value FROM participant WHERE conversation_id = ?",
        (conversation_id, source),
    )
    common.refresh(tx, conversation_id)
    if tx.one("SELECT 1 FROM placement WHERE conversation_id = ? AND kind IN (1, 2)", (source,)):
        common.refresh(tx, source)
    else:
        _close_row(tx, source, conversation_id)


def merge(tx: Transaction, source: int, target: int, placement: Placement) -> None:
    """Move all messages and close the empty one's row."""
    if source == target:
        return
    tx.run(
        "UPDATE placement SET rule = ?, evidence = ? WHERE conversation_id = ? AND kind = 1"
        " AND rule IN ('new', 'stranger')",
        (placement.rule, dumps(dict(placement.evidence)), source),
    )
    tx.run("UPDATE placement SET conversation_id = ? WHERE conversation_id = ?", (target, source))
    tx.run(
        "INSERT OR IGNORE INTO participant SELECT ?, kind, value FROM participant WHERE conversation_id = ?",
        (target, source),
    )
    tx.run("UPDATE outbox SET conversation_id = ? WHERE conversation_id = ?", (target, source))
    tx.run(
        "UPDATE draft SET conversation_id = ?, data = json_set(data, '$.conversation', ?) WHERE conversation_id = ?",
        (target, target, source),
    )
    _join_fields(tx, source, target)
    _close_row(tx, source, target)
    common.refresh(tx, target)
    tx.touch("drafts")
    tx.touch("outbox")


def _join_fields(tx: Transaction, source: int, target: int) -> None:
    """What an agent did to the source is not lost: the newer one's status, an assignee, tags, a customer."""
    columns = "status, last_at, assignee, tags, contact_id, native_id, priority, created_at, subject"
    s = tx.one(f"SELECT {columns} FROM conversation WHERE id = ?", (source,))
    t = tx.one(f"SELECT {columns} FROM conversation WHERE id = ?", (target,))
    common.set_tags(tx, source, [])
    common.set_tags(tx, target, sorted({*json.loads(s[3]), *json.loads(t[3])}))
    contact_id = t[4] if t[4] is not None else s[4]
    tx.run(
        "UPDATE conversation SET assignee = ?, contact_id = ?, native_id = ?, priority = ?, created_at = ?, subject = ?"
        " WHERE id = ?",
        (
            t[2] or s[2],
            contact_id,
            t[5] or s[5],
            max(s[6], t[6]),
            min(s[7], t[7]),
            s[8] if s[7] < t[7] else t[8],
            target,
        ),
    )
    if t[4] is None and contact_id is not None:
        tx.run("UPDATE conversation SET customer = ? WHERE id = ?", (messages.customer_of(tx, contact_id), target))
        tx.run("UPDATE contact SET conversation_count = conversation_count + 1 WHERE id = ?", (contact_id,))
    if s[1] > t[1] and s[0] != t[0] and s[0] != Status.SNOOZED:
        common.change_status(tx, target, Status(s[0]))


def _close_row(tx: Transaction, source: int, target: int) -> None:
    contact_id = tx.value("SELECT contact_id FROM conversation WHERE id = ?", (source,))
    if contact_id is not None:
        tx.run("UPDATE contact SET conversation_count = conversation_count - 1 WHERE id = ?", (contact_id,))
    tx.run("DELETE FROM participant WHERE conversation_id = ?", (source,))
    tx.run(
        "UPDATE conversation SET box = ?, merged_into = ?, native_id = NULL, contact_id = NULL, snoozed_until = NULL,"
        " unread = 0, message_count = 0 WHERE id = ?",
        (GONE_BOX, target, source),
    )
    tx.touch("conversation", source)
