"""Whom a conversation is with that we began to an address which does not exist: who is written to instead of it."""

from __future__ import annotations

import json

from agent_tui.domain.conversation import Channel
from agent_tui.domain.outbox import DraftKind
from agent_tui.domain.returned import told
from agent_tui.domain.times import now
from agent_tui.store.ports import QueueOrder
from agent_tui.store.rows import MESSAGE, normal
from agent_tui.store.writes import messages
from agent_tui.store.writes.transaction import Transaction


def hand_over(
    tx: Transaction, conversation_id: int, order: QueueOrder, answers: int | None, channel: Channel
) -> int | None:
    """What is written again makes its recipient the customer, where nobody ever wrote and the one before was not reached.

    The one before, for `give_back`; None where he stays.
    """
    if order.kind is not DraftKind.AGAIN or answers is None or not order.to:
        return None
    before = tx.value("SELECT contact_id FROM conversation WHERE id = ?", (conversation_id,))
    if before is None:
        return None
    somebody_wrote = tx.one(
        "SELECT 1 FROM placement p JOIN message m ON m.id = p.id WHERE p.conversation_id = ? AND p.kind = ?"
        " AND m.direction = 'in' AND m.automatic <> 'report' LIMIT 1",
        (conversation_id, MESSAGE),
    )
    his = {value for (value,) in tx.all("SELECT normal FROM identity WHERE contact_id = ?", (before,))}
    detail = tx.value("SELECT delivery_detail FROM message WHERE id = ?", (answers,)) or ""
    if somebody_wrote or not his & {normal(one.address) for one in told(detail)}:
        return None
    first = order.to[0]
    kind = messages.identity_kind(tx, channel, first.address)
    after = messages.new_contact(tx, first.name, kind, first.address, "written_to", now())
    if after == before:
        return None
    _is_with(tx, conversation_id, before, after)
    return int(before)


def give_back(tx: Transaction, item_id: int) -> None:
    """It was taken back: the conversation is with whom it was before."""
    conversation_id, data = tx.one("SELECT conversation_id, data FROM outbox WHERE id = ?", (item_id,))
    before = json.loads(data).get("customer_before")
    after = tx.value("SELECT contact_id FROM conversation WHERE id = ?", (conversation_id,))
    if before is not None and after is not None and before != after:
        _is_with(tx, conversation_id, after, before)


def _is_with(tx: Transaction, conversation_id: int, before: int, after: int) -> None:
    tx.run(
        "UPDATE conversation SET contact_id = ?, customer = ? WHERE id = ?",
        (after, messages.customer_of(tx, after), conversation_id),
    )
    tx.run("UPDATE contact SET conversation_count = conversation_count - 1 WHERE id = ?", (before,))
    tx.run("UPDATE contact SET conversation_count = conversation_count + 1 WHERE id = ?", (after,))
    tx.touch("conversation", conversation_id)
