"""All the desk changes, behind one door."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent_tui.domain.account import Account
from agent_tui.domain.action import ActionStep, UndoResult
from agent_tui.domain.outbox import Draft, OutboxItem
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros, now
from agent_tui.store import joined
from agent_tui.store.connect import FILES
from agent_tui.store.files import FileStore
from agent_tui.store.ports import FieldTarget, QueueOrder
from agent_tui.store.rows import dumps
from agent_tui.store.writes import accounts, actions, drafts, outbox, withdrawing
from agent_tui.store.writes.transaction import Writer


class SqliteWrites:
    """`DeskWrites`. Every call is one durable transaction."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._files = FileStore(home / FILES)
        self._lock = threading.Lock()
        self._opened: Writer | None = None

    @property
    def _writer(self) -> Writer:
        """Opened at the first write."""
        with self._lock:
            if self._opened is None:
                self._opened = Writer(self._home)
            return self._opened

    def apply(self, agent: str, code: str, targets: Sequence[FieldTarget]) -> ActionStep | None:
        """Change fields as one step."""
        with self._writer.transaction() as tx:
            return actions.apply(tx, agent, code, targets)

    def undo(self, agent: str, step_id: int | None = None) -> tuple[UndoResult, ActionStep | None]:
        """Take back the newest step, or this one."""
        with self._writer.transaction() as tx:
            return actions.undo(tx, agent, step_id)

    def redo(self, agent: str) -> tuple[UndoResult, ActionStep | None]:
        """Do again what was undone last."""
        with self._writer.transaction() as tx:
            return actions.redo(tx, agent)

    def mark_read(self, conversation_id: int, up_to: int) -> bool:
        """Mark messages read up to this order. False where none was unread."""
        with self._writer.transaction(durable=False) as tx:
            conversation_id = joined.standing(tx, conversation_id)
            unread = tx.all(
                "SELECT m.id FROM placement p JOIN message m ON m.id = p.id"
                " WHERE p.conversation_id = ? AND p.kind = 1 AND p.id <= ? AND m.unread = 1",
                (conversation_id, up_to),
            )
            if not unread:
                return False
            actions.set_read(tx, conversation_id, [i for (i,) in unread], True)
            return True

    def add_note(self, agent: str, conversation_id: int, text: SafeText) -> int:
        """Write a note; it is the newest step and can be undone."""
        with self._writer.transaction() as tx:
            return actions.add_note(tx, agent, conversation_id, text)

    def save_draft(self, draft: Draft, over: Micros | None = None) -> bool:
        """Keep a draft as it is now, where it goes on from what stands there."""
        with self._writer.transaction() as tx:
            return drafts.save(tx, draft, over)

    def drop_draft(self, draft_id: str) -> None:
        """What it held is kept elsewhere by now."""
        with self._writer.transaction() as tx:
            drafts.drop(tx, draft_id)

    def discard_draft(self, agent: str, draft: Draft) -> ActionStep:
        """Throw a draft away; it is the newest step and can be undone."""
        with self._writer.transaction() as tx:
            return actions.discard_draft(tx, agent, draft)

    def queue(self, agent: str, order: QueueOrder) -> OutboxItem:
        """Freeze a draft into the outbox."""
        with self._writer.transaction() as tx:
            return outbox.queue(tx, agent, order)

    def take_back(self, agent: str, item_id: int) -> Draft | None:
        """Take a held item back."""
        with self._writer.transaction() as tx:
            return withdrawing.stop(tx, item_id, "stopped", agent)

    def send_now(self, item_id: int) -> bool:
        """Release a held item at once, or one that waits for its next try."""
        with self._writer.transaction() as tx:
            return outbox.send_now(tx, item_id)

    def settle_unknown(self, agent: str, item_id: int, was_sent: bool) -> bool:
        """The agent's own word on an unknown item."""
        with self._writer.transaction() as tx:
            return outbox.settle_unknown(tx, agent, item_id, was_sent)

    def edit_rejected(self, item_id: int) -> Draft | None:
        """A rejected item is a draft again."""
        with self._writer.transaction() as tx:
            return withdrawing.edit_rejected(tx, item_id)

    def discard_rejected(self, agent: str, item_id: int) -> ActionStep | None:
        """Be done with a rejected item."""
        with self._writer.transaction() as tx:
            return actions.discard_refused(tx, agent, item_id)

    def put_file(self, content: bytes) -> str:
        """Write bytes into the file store."""
        return self._files.put(content)

    def put_account(self, account: Account) -> None:
        """Add an account, or change it."""
        with self._writer.transaction() as tx:
            accounts.put(tx, account)

    def remove_account(self, account: str) -> None:
        """Stop using it. What came by it stays."""
        with self._writer.transaction() as tx:
            accounts.remove(tx, account)

    def ask(self, account: str, kind: str, arguments: Mapping[str, str]) -> int:
        """Put a request for the worker."""
        with self._writer.transaction(durable=False) as tx:
            request_id = tx.insert(
                "INSERT INTO request (account, kind, arguments, state, result, at) VALUES (?, ?, ?, 'asked', '{}', ?)",
                (account, kind, dumps(dict(arguments)), now()),
            )
            tx.touch("other")
            return request_id

    def close(self) -> None:
        """Close the connection, if one was opened."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None
