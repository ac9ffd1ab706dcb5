"""Changes that must reach a backend. They name messages; where those lie on the server is looked up when they are sent,

so that no mark and no move ever goes to a stale UID.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from agent_tui.domain.account import Capability, Fault
from agent_tui.domain.conversation import Status
from agent_tui.domain.times import HOUR, Micros, now
from agent_tui.store.ports import RemoteWrite
from agent_tui.store.rows import dumps, write_fault
from agent_tui.store.writes.common import account_options
from agent_tui.store.writes.transaction import Transaction

LOST_AFTER = HOUR
"""A write whose messages are nowhere on the server is given up after this."""


def queue_write(
    tx: Transaction, account: str, kind: str, payload: dict[str, Any], conversation_id: int | None = None
) -> None:
    """Put a change on its way."""
    tx.run(
        "INSERT INTO remote_write (account, kind, payload, attempts, not_before, state, conversation_id, at)"
        " VALUES (?, ?, ?, 0, 0, 'waiting', ?, ?)",
        (account, kind, dumps(payload), conversation_id, now()),
    )


def queue_marks(
    tx: Transaction, message_ids: Sequence[int], *, seen: bool | None = None, answered: bool | None = None
) -> None:
    """Set the marks of these messages wherever a server holds them and does not have them so, or will not."""
    mark, value = ("seen", seen) if seen is not None else ("answered", answered)
    by_account: dict[str, list[int]] = defaultdict(list)
    for message_id in message_ids:
        for account, differs in tx.all(
            f"SELECT account, max({mark} <> ?) FROM remote_copy WHERE message_id = ? AND NOT gone GROUP BY account",
            (value, message_id),
        ):
            last = _on_their_way(tx, account, mark).get(message_id)
            if last is not value if last is not None else differs:
                by_account[account].append(message_id)
    for account, messages in by_account.items():
        _, capabilities = account_options(tx, account)
        if Capability.FLAGS in capabilities:
            queue_write(tx, account, "marks", {"messages": messages, mark: value})
            _on_their_way(tx, account, mark).update(dict.fromkeys(messages, bool(value)))


def _on_their_way(tx: Transaction, account: str, mark: str) -> dict[int, bool]:
    """What marks the server will have once all that waits is written: read, then unread needs both writes."""
    if (account, mark) in tx.marks:
        return tx.marks[account, mark]
    rows = tx.all(
        "SELECT payload FROM remote_write WHERE account = ? AND kind = 'marks' AND state = 'waiting' ORDER BY id",
        (account,),
    )
    coming = tx.marks[account, mark] = {}
    for (text,) in rows:
        payload = json.loads(text)
        if mark in payload:
            coming.update(dict.fromkeys(payload["messages"], payload[mark]))
    return coming


def follow_status(tx: Transaction, conversation_id: int, old: Status, new: Status) -> None:
    """What a change of status means on the server: a move to the archive and back, or the backend's own status."""
    solved = (Status.SOLVED, Status.CLOSED)
    if (old in solved) != (new in solved):
        _queue_move(tx, conversation_id, "archive" if new in solved else "inbox")
    found = tx.one("SELECT account, native_id, native_status FROM conversation WHERE id = ?", (conversation_id,))
    if found and found[1]:
        _, capabilities = account_options(tx, found[0])
        if Capability.STATUS in capabilities:
            payload = {"conversation": found[1], "status": new, "native_status": found[2]}
            queue_write(tx, found[0], "status", payload, conversation_id)


def _queue_move(tx: Transaction, conversation_id: int, role: str) -> None:
    found = tx.all(
        "SELECT DISTINCT r.account, r.message_id FROM placement p JOIN message m ON m.id = p.id"
        " JOIN remote_copy r ON r.message_id = p.id"
        " WHERE p.conversation_id = ? AND p.kind = 1 AND m.direction = 'in' AND NOT r.gone",
        (conversation_id,),
    )
    by_account: dict[str, list[int]] = defaultdict(list)
    for account, message_id in found:
        by_account[account].append(message_id)
    for account, messages in by_account.items():
        options, capabilities = account_options(tx, account)
        if Capability.MOVE not in capabilities or not options.get("archive_folder"):
            continue
        # One that has not gone yet is replaced: solved and taken back within a moment leaves nothing to do.
        tx.run(
            "UPDATE remote_write SET state = 'replaced' WHERE account = ? AND kind = 'move' AND conversation_id = ?"
            " AND state = 'waiting'",
            (account, conversation_id),
        )
        queue_write(tx, account, "move", {"messages": messages, "role": role}, conversation_id)


# For the worker


def waiting(tx: Transaction, account: str, at: Micros) -> list[RemoteWrite]:
    """What is due, each with the present copies of its messages.

    Neighbours that say the same go as one: a hundred conversations solved at once are one move. Only neighbours, so
    that read, unread, read of one message stays in this order.
    """
    found = tx.all(
        "SELECT id, kind, payload, attempts, not_before, at, leader FROM remote_write"
        " WHERE account = ? AND state = 'waiting' AND not_before <= ? ORDER BY id LIMIT 200",
        (account, at),
    )
    due: list[RemoteWrite] = []
    same = ""
    for write_id, kind, text, attempts, not_before, asked_at, leader in found:
        payload = json.loads(text)
        said = dumps([kind, {k: v for k, v in payload.items() if k != "messages"}])
        led = None
        if "messages" not in payload:
            due.append(RemoteWrite(write_id, account, kind, payload, attempts, not_before))
        elif places := copies(tx, account, payload["messages"]):
            if said == same:
                first = due[-1].payload
                first["messages"].extend(payload["messages"])
                first["copies"].extend(places)
                led = due[-1].id
            else:
                payload["copies"] = places
                due.append(RemoteWrite(write_id, account, kind, payload, attempts, not_before))
        else:
            if asked_at + LOST_AFTER <= at:
                tx.run("UPDATE remote_write SET state = 'lost' WHERE id = ?", (write_id,))
                log(tx, account, "remote_write_lost", {"kind": kind})
            continue
        same = said
        if led != leader:
            tx.run("UPDATE remote_write SET leader = ? WHERE id = ?", (led, write_id))
    return due


def copies(tx: Transaction, account: str, message_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Where these messages lie now, and by what the backend may prove that it is they."""
    marks = ", ".join("?" * len(message_ids))
    found = tx.all(
        "SELECT r.folder, r.uidvalidity, r.uid, r.email_id, r.message_id, m.header_id, m.size"
        " FROM remote_copy r JOIN message m ON m.id = r.message_id"
        f" WHERE r.message_id IN ({marks}) AND r.account = ? AND NOT r.gone",
        (*message_ids, account),
    )
    names = ("folder", "uidvalidity", "uid", "email_id", "message", "header", "size")
    return [dict(zip(names, row, strict=True)) for row in found]


def settle(tx: Transaction, write_id: int, *, done: bool, retry_at: Micros | None, fault: Fault | None) -> None:
    """What became of it, and of those that went with it: done, to be tried again, or given up."""
    found = tx.all(
        "SELECT id, account, kind, payload FROM remote_write WHERE state = 'waiting' AND (id = ? OR leader = ?)",
        (write_id, write_id),
    )
    if not done and retry_at is not None:
        tx.many(
            "UPDATE remote_write SET attempts = attempts + 1, not_before = ?, fault = ? WHERE id = ?",
            [(retry_at, write_fault(fault), r[0]) for r in found],
        )
        return
    tx.many(
        "UPDATE remote_write SET state = ?, attempts = attempts + 1, fault = ? WHERE id = ?",
        [("done" if done else "failed", write_fault(fault), r[0]) for r in found],
    )
    for _, account, kind, text in found:
        payload = json.loads(text)
        for mark in ("seen", "answered") if done and kind == "marks" else ():
            if mark in payload:
                tx.many(
                    f"UPDATE remote_copy SET {mark} = ? WHERE message_id = ? AND account = ? AND NOT gone",
                    [(payload[mark], message_id, account) for message_id in payload["messages"]],
                )
    if found and not done and fault:
        log(tx, found[0][1], "remote_write_failed", {"kind": found[0][2], "fault": fault.code})
    tx.run("DELETE FROM remote_write WHERE state <> 'waiting' AND id < ?", (write_id - 1000,))


def log(tx: Transaction, account: str, code: str, parameters: dict[str, str]) -> None:
    """One line of what the program did."""
    line = tx.insert(
        "INSERT INTO activity (at, account, code, parameters) VALUES (?, ?, ?, ?)",
        (now(), account, code, dumps(parameters)),
    )
    if line % 500 == 0:
        tx.run("DELETE FROM activity WHERE id <= ?", (line - 5000,))
    tx.touch("accounts")
