"""What every writer needs: places in time, events, a conversation's fields and its row of the list."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Placement, Span
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import SECOND, Micros, now
from agent_tui.store.ports import StoreError
from agent_tui.store.rows import EVENT, GONE_BOX, box_of, dumps, read_spans
from agent_tui.store.writes.transaction import Transaction

SNIPPET = 160
_SPACE = re.compile(r"\s+")


# Places in time


def free_order(tx: Transaction, at: int) -> int:
    """A place at this time, or directly after those that have it already."""
    at = max(at, 1)
    for order in range(at, at + 8):
        if tx.one("SELECT 1 FROM placement WHERE id = ?", (order,)) is None:
            return order
    # Whole seconds are common (INTERNALDATE has no parts), so the next free place is sought from the second's end.
    end = (at // SECOND + 1) * SECOND
    newest = tx.value("SELECT max(id) FROM placement WHERE id >= ? AND id < ?", (at, end))
    if newest + 1 < end:
        return int(newest) + 1
    gap = tx.value(
        "SELECT id + 1 FROM placement p WHERE id >= ? AND NOT EXISTS (SELECT 1 FROM placement q WHERE q.id = p.id + 1)"
        " ORDER BY id LIMIT 1",
        (at,),
    )
    return int(gap)


def order_now(tx: Transaction, conversation_id: int, at: int) -> int:
    """A place behind all that stands in the conversation, also where a clock has gone back."""
    newest = tx.value("SELECT max(id) FROM placement WHERE conversation_id = ?", (conversation_id,)) or 0
    return free_order(tx, max(at, newest + 1))


def place(tx: Transaction, order: int, conversation_id: int, kind: int, placement: Placement | None = None) -> None:
    """Put an item into a conversation. What would stand in one that is in no view is refused, not lost."""
    rule = placement.rule if placement else ""
    evidence = dumps(dict(placement.evidence)) if placement else "{}"
    put = "INSERT INTO placement SELECT ?, id, ?, ?, ? FROM conversation WHERE id = ?"
    values = (order, kind, rule, evidence, conversation_id)
    if tx.run(f"{put} AND box <> ?", (*values, GONE_BOX)).rowcount:
        return
    found = tx.one("SELECT merged_into, status FROM conversation WHERE id = ?", (conversation_id,))
    if found is None or found[0] is not None:
        raise StoreError("broken", detail="the conversation was joined to another, or there is none")
    tx.run("UPDATE conversation SET box = ? WHERE id = ?", (box_of(Status(found[1])), conversation_id))
    tx.run(put, values)


def add_event(
    tx: Transaction,
    conversation_id: int,
    code: str,
    parameters: Mapping[str, str],
    by: SafeText = NOTHING,
    at: Micros | None = None,
) -> int:
    """Write an event: now, behind everything, or at a time that is told."""
    moment = now() if at is None else at
    order = order_now(tx, conversation_id, moment) if at is None else free_order(tx, moment)
    place(tx, order, conversation_id, EVENT)
    tx.run("INSERT INTO event VALUES (?, ?, ?, ?, ?)", (order, code, dumps(dict(parameters)), by, moment))
    tx.touch("conversation", conversation_id)
    return order


# Texts


def snippet_of(text: str, quoted: Sequence[Span], signature: Span | None) -> str:
    """The start of what the author wrote himself."""
    gaps = sorted([*quoted, *([signature] if signature else [])], key=lambda s: s.start)
    kept, at, length = [], 0, 0
    for gap in gaps:
        if gap.start > at:
            kept.append(text[at : min(gap.start, at + 4 * SNIPPET)])
            length += len(kept[-1])
        at = max(at, gap.end)
        if length > 2 * SNIPPET:
            break
    kept.append(text[at : at + 4 * SNIPPET])
    return _SPACE.sub(" ", "".join(kept)).strip()[:SNIPPET]


# Conversations


def refresh(tx: Transaction, conversation_id: int) -> None:
    """Make a conversation's row anew from what stands in it: after a move, a withdrawal, an edit."""
    last = tx.one(  # what was refused and then discarded was never said
        "SELECT m.arrived_at, t.text, t.quoted, t.signature FROM message m JOIN message_text t ON t.id = m.id"
        " WHERE m.id = (SELECT m.id FROM placement p JOIN message m ON m.id = p.id"
        " WHERE p.conversation_id = ? AND p.kind = 1"
        " ORDER BY m.delivery = 'rejected' AND EXISTS (SELECT 1 FROM outbox o WHERE o.conversation_id = p.conversation_id"
        " AND o.message_id = m.id AND o.settled), p.id DESC LIMIT 1)",
        (conversation_id,),
    )
    counted = tx.one(
        "SELECT count(*), coalesce(sum(m.unread), 0),"
        " coalesce(sum((SELECT count(*) FROM attachment a WHERE a.message_id = m.id AND NOT a.inline)), 0),"
        " max(CASE WHEN m.direction = 'in' THEN m.arrived_at END), max(CASE WHEN m.direction = 'out' THEN m.arrived_at END)"
        " FROM placement p JOIN message m ON m.id = p.id WHERE p.conversation_id = ? AND p.kind = 1",
        (conversation_id,),
    )
    tx.run(
        "UPDATE conversation SET message_count = ?, unread = ?, files = ?, last_in_at = ?, last_out_at = ? WHERE id = ?",
        (*counted, conversation_id),
    )
    if last:
        at, text, quoted, signature = last
        spans = read_spans(signature)
        snippet = snippet_of(text, read_spans(quoted), spans[0] if spans else None)
        tx.run("UPDATE conversation SET last_at = ?, snippet = ? WHERE id = ?", (at, snippet, conversation_id))
    else:
        tx.run("UPDATE conversation SET snippet = '' WHERE id = ?", (conversation_id,))
    follow_route(tx, conversation_id)
    follow_failure(tx, conversation_id)
    tx.touch("conversation", conversation_id)


def follow_route(tx: Transaction, conversation_id: int) -> None:
    """The reply goes where the last message in came from."""
    route = tx.one(
        "SELECT m.account, m.channel FROM placement p JOIN message m ON m.id = p.id"
        " WHERE p.conversation_id = ? AND p.kind = 1 AND m.direction = 'in' ORDER BY p.id DESC LIMIT 1",
        (conversation_id,),
    )
    if route:
        tx.run("UPDATE conversation SET account = ?, channel = ? WHERE id = ?", (*route, conversation_id))


def follow_failure(tx: Transaction, conversation_id: int) -> None:
    """Whether the last answer was rejected and nobody has dealt with it, bounced, or is unknown."""
    last = tx.one(
        "SELECT m.id, m.delivery FROM placement p JOIN message m ON m.id = p.id"
        " WHERE p.conversation_id = ? AND p.kind = 1 AND m.direction = 'out' ORDER BY p.id DESC LIMIT 1",
        (conversation_id,),
    )
    failed = last is not None and last[1] in ("rejected", "bounced", "unknown")
    if failed and last[1] == "rejected":
        failed = not tx.one(
            "SELECT 1 FROM outbox WHERE conversation_id = ? AND message_id = ? AND settled", (conversation_id, last[0])
        )
    tx.run("UPDATE conversation SET failed = ? WHERE id = ? AND failed <> ?", (failed, conversation_id, failed))


def change_status(
    tx: Transaction, conversation_id: int, status: Status, native: str = "", *, keep_snooze: bool = False
) -> Status | None:
    """Set the status; returns what it was, or None where it was that already. A snooze ends with any other status."""
    old = tx.value("SELECT status FROM conversation WHERE id = ?", (conversation_id,))
    if old is None:
        return None
    tx.run(
        "UPDATE conversation SET status = ?, box = ?, native_status = ? WHERE id = ? AND box > 0",
        (status, box_of(status), native, conversation_id),
    )
    if status is not Status.SNOOZED and not keep_snooze:
        tx.run(
            "UPDATE conversation SET snoozed_until = NULL, snooze_zone = NULL WHERE id = ? AND snoozed_until IS NOT NULL",
            (conversation_id,),
        )
    tx.touch("conversation", conversation_id)
    return None if old == status else Status(old)


def move_status(
    tx: Transaction,
    conversation_id: int,
    status: Status,
    cause: str,
    *,
    by: SafeText = NOTHING,
    at: Micros | None = None,
    native: str = "",
    keep_snooze: bool = False,
    who: SafeText = NOTHING,
) -> bool:
    """Set the status with its event, which names whose message did it. False where nothing changed."""
    old = change_status(tx, conversation_id, status, native, keep_snooze=keep_snooze)
    if old is None:
        return False
    named = {"who": who} if who else {}
    add_event(tx, conversation_id, "status", {"from": old, "to": status, "cause": cause, **named}, by, at)
    return True


def was_marked_as_spam(tx: Transaction, conversation_id: int) -> bool:
    """Somebody said so; what took something else back is no such word."""
    found = tx.one(
        "SELECT 1 FROM placement p JOIN event e ON e.id = p.id WHERE p.conversation_id = ? AND p.kind = ?"
        " AND e.code = 'status' AND json_extract(e.parameters, '$.to') = ?"
        " AND json_extract(e.parameters, '$.cause') <> 'undo' LIMIT 1",
        (conversation_id, EVENT, Status.SPAM),
    )
    return found is not None


def set_tags(tx: Transaction, conversation_id: int, tags: Sequence[str]) -> None:
    """Replace the tags of a conversation, and keep how often each is used."""
    old = set(json.loads(tx.value("SELECT tags FROM conversation WHERE id = ?", (conversation_id,)) or "[]"))
    new = set(tags)
    for tag in sorted(old - new):
        tx.run("DELETE FROM conversation_tag WHERE tag = ? AND conversation_id = ?", (tag, conversation_id))
        tx.run("UPDATE tag SET uses = uses - 1 WHERE name = ?", (tag,))
    for tag in sorted(new - old):
        tx.run("INSERT INTO conversation_tag VALUES (?, ?)", (tag, conversation_id))
        tx.run("INSERT INTO tag VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET uses = uses + 1", (tag,))
    tx.run("UPDATE conversation SET tags = ? WHERE id = ?", (dumps(sorted(new)), conversation_id))
    tx.touch("conversation", conversation_id)


def account_options(tx: Transaction, account: str) -> tuple[dict[str, Any], frozenset[str]]:
    """Options and capabilities of an account; nothing where it is not in use."""
    found = tx.one("SELECT options, capabilities FROM account WHERE id = ? AND NOT removed AND NOT offline", (account,))
    return (json.loads(found[0]), frozenset(json.loads(found[1]))) if found else ({}, frozenset())
