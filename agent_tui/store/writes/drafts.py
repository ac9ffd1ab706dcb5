"""Drafts, as they are written and thrown away."""

from __future__ import annotations

from dataclasses import replace

from agent_tui.domain.outbox import Draft
from agent_tui.domain.times import NEVER, Micros
from agent_tui.store import joined
from agent_tui.store.rows import write_draft
from agent_tui.store.writes.transaction import Transaction


def save(tx: Transaction, draft: Draft, over: Micros | None = None) -> bool:
    """Keep a draft as it is now; false, and nothing kept, where what stands there is not the version it goes on from."""
    if over is not None and (tx.value("SELECT updated_at FROM draft WHERE id = ?", (draft.id,)) or NEVER) != over:
        return False
    if draft.conversation_id is not None:
        draft = replace(draft, conversation_id=joined.standing(tx, draft.conversation_id))
    tx.run(
        "INSERT INTO draft VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET agent = excluded.agent,"
        " kind = excluded.kind, conversation_id = excluded.conversation_id, account = excluded.account,"
        " data = excluded.data, updated_at = excluded.updated_at",
        (
            draft.id,
            draft.agent,
            draft.kind,
            draft.conversation_id,
            draft.account,
            write_draft(draft),
            draft.updated_at,
        ),
    )
    tx.touch("drafts")
    if draft.conversation_id is not None:
        tx.touch("conversation", draft.conversation_id)
    return True


def drop(tx: Transaction, draft_id: str) -> None:
    """No such draft any more."""
    conversation_id = tx.value("SELECT conversation_id FROM draft WHERE id = ?", (draft_id,))
    tx.run("DELETE FROM draft WHERE id = ?", (draft_id,))
    tx.touch("drafts")
    if conversation_id is not None:
        tx.touch("conversation", conversation_id)
