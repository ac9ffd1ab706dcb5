"""Back out of the outbox: what was held, or refused, becomes a draft again, or is let be."""

from __future__ import annotations

import json
from dataclasses import replace

from agent_tui.domain.conversation import Status
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.store.rows import OUTBOX_COLUMNS, read_draft, read_outbox, safe
from agent_tui.store.writes import common, drafts, messages, remote, unreached
from agent_tui.store.writes.transaction import Transaction


def stop(tx: Transaction, item_id: int, cause: str, agent: str = "", who: SafeText = NOTHING) -> Draft | None:
    """Take an item back: the message goes, the draft and the status come back. None where somebody may have it.

    One that the agent did not stop himself is not settled: he has to hear of it, and `who` wrote if not the customer.
    """
    found = tx.one(f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE id = ?", (item_id,))
    if found is None or not read_outbox(found).can_be_taken_back:
        return None
    tx.run("UPDATE outbox SET state = 'stopped', settled = ? WHERE id = ?", (cause != "customer_wrote_first", item_id))
    if who:
        tx.run("UPDATE outbox SET data = json_set(data, '$.wrote_first', ?) WHERE id = ?", (who, item_id))
    draft = _withdraw(tx, item_id)
    take_status_back(tx, item_id, cause, agent)
    if cause != "undo":
        tx.run(
            "UPDATE step SET undone = 1, undoable = 0 WHERE id = (SELECT step_id FROM outbox WHERE id = ?)", (item_id,)
        )
    return draft


def _withdraw(tx: Transaction, item_id: int) -> Draft:
    """Remove the message that stood for the item, and restore its draft."""
    message_id, conversation_id, text = tx.one(
        "SELECT message_id, conversation_id, draft FROM outbox WHERE id = ?", (item_id,)
    )
    tx.run("UPDATE outbox SET message_id = NULL WHERE id = ?", (item_id,))
    unreached.give_back(tx, item_id)
    draft = read_draft(text)
    if draft.kind is not DraftKind.NEW:  # it was frozen before its conversation became one with another
        draft = replace(draft, conversation_id=conversation_id)
    if message_id is not None:
        messages.delete_message(tx, message_id)
    if conversation_id is not None:
        common.refresh(tx, conversation_id)
        if draft.conversation_id is None:
            _close_if_empty(tx, conversation_id)
    drafts.save(tx, draft)
    tx.touch("outbox")
    return draft


def _close_if_empty(tx: Transaction, conversation_id: int) -> None:
    """A new conversation whose first message was taken back is in no view."""
    if not tx.one("SELECT 1 FROM placement WHERE conversation_id = ? AND kind IN (1, 2)", (conversation_id,)):
        contact_id = tx.value("SELECT contact_id FROM conversation WHERE id = ?", (conversation_id,))
        tx.run("UPDATE contact SET conversation_count = conversation_count - 1 WHERE id = ?", (contact_id,))
        tx.run("UPDATE conversation SET box = 0, contact_id = NULL WHERE id = ?", (conversation_id,))


def take_status_back(tx: Transaction, item_id: int, cause: str, agent: str) -> None:
    """The status from before the reply, where it still is what the reply left."""
    conversation_id, before, after = tx.one(
        "SELECT conversation_id, before_status, after_status FROM outbox WHERE id = ?", (item_id,)
    )
    now_is = tx.value("SELECT status FROM conversation WHERE id = ? AND box > 0", (conversation_id,))
    was = json.loads(before)
    if now_is is None or now_is != after or was["status"] == after:
        return
    common.move_status(tx, conversation_id, Status(was["status"]), cause, by=safe(agent))
    if was["until"] is not None and was["status"] == Status.SNOOZED:
        tx.run(
            "UPDATE conversation SET snoozed_until = ?, snooze_zone = ? WHERE id = ?",
            (was["until"], was["zone"], conversation_id),
        )
    remote.follow_status(tx, conversation_id, Status(after), Status(was["status"]))


def let_be(tx: Transaction, item_id: int, *, done: bool) -> bool:
    """The agent is done with a rejected item, or is not after all. The message stays as rejected."""
    changed = tx.run(
        "UPDATE outbox SET settled = ? WHERE id = ? AND state = 'rejected' AND settled <> ?", (done, item_id, done)
    ).rowcount
    if not changed:
        return False
    tx.touch("outbox")
    conversation_id = tx.value("SELECT conversation_id FROM outbox WHERE id = ?", (item_id,))
    common.refresh(tx, conversation_id)
    return True


def edit_rejected(tx: Transaction, item_id: int) -> Draft | None:
    """A rejected item is a draft again, its message gone."""
    return _withdraw(tx, item_id) if let_be(tx, item_id, done=True) else None
