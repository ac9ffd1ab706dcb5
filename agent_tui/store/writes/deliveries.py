"""How far a message of ours got, as servers say: what it means for its conversation and for the addresses."""

from __future__ import annotations

from agent_tui.domain import transitions
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Delivery
from agent_tui.domain.returned import told
from agent_tui.domain.text import SafeText
from agent_tui.store.rows import normal
from agent_tui.store.writes import common, messages, remote
from agent_tui.store.writes.transaction import Transaction

MAY_BE_BACK = "reply_may_be_back"
"""Why a conversation is open again of whose answer only an unproven report says that it came back."""


def set_delivery(
    tx: Transaction, message_id: int, delivery: Delivery, detail: str = "", *, reopens: bool = False
) -> None:
    """How far a message of ours got, and whether the list shows it as failed.

    Whose last answer came back, waits for nothing: with `reopens` the conversation is open again, at the first report.
    """
    known = tx.value("SELECT delivery FROM message WHERE id = ?", (message_id,))
    tx.run("UPDATE message SET delivery = ?, delivery_detail = ? WHERE id = ?", (delivery, detail, message_id))
    conversation_id = tx.value("SELECT conversation_id FROM placement WHERE id = ?", (message_id,))
    if conversation_id is not None:
        common.follow_failure(tx, conversation_id)
        tx.touch("conversation", conversation_id)
        if reopens and delivery is Delivery.BOUNCED and known != Delivery.BOUNCED:
            said = told(detail)
            proven = not said or not all(one.unproven for one in said)
            _reopen(tx, conversation_id, transitions.Happening.REPLY_CAME_BACK if proven else MAY_BE_BACK)


def _reopen(tx: Transaction, conversation_id: int, cause: str) -> None:
    found = tx.one("SELECT status, failed FROM conversation WHERE id = ? AND box > 0", (conversation_id,))
    if not found or not found[1]:
        return
    before = Status(found[0])
    after = transitions.after(before, transitions.Happening.REPLY_CAME_BACK)
    if common.move_status(tx, conversation_id, after, cause):
        remote.follow_status(tx, conversation_id, before, after)


def mark_address(tx: Transaction, kind: str, value: str, state: Deliverable, detail: SafeText) -> None:
    """What servers said of an address. Passing trouble, or word of it, lowers no mark for good: a delivery lifts it."""
    lowers = state is Deliverable.SOFT
    tx.run(
        "UPDATE identity SET deliverable = ?, detail = ? WHERE kind = ? AND normal = ? AND NOT (? AND deliverable = ?)",
        (state, detail, kind, normal(value), lowers, Deliverable.HARD),
    )
    contact_id = messages.contact_of(tx, kind, value)
    for (conversation_id,) in tx.all(
        "SELECT id FROM conversation WHERE contact_id = ? ORDER BY last_at DESC LIMIT 50", (contact_id,)
    ):
        tx.touch("conversation", conversation_id)
