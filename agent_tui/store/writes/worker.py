"""What the worker asks of the store."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent_tui.domain import transitions
from agent_tui.domain.account import Account, AccountHealth, BackendInfo, Fault
from agent_tui.domain.conversation import Status
from agent_tui.domain.outbox import OutboxItem, OutboxState, Release
from agent_tui.domain.times import Micros, now
from agent_tui.store.connect import FILES
from agent_tui.store.files import FileStore
from agent_tui.store.ports import CopyPlace, IngestTransaction, RemoteWrite, WorkRequest
from agent_tui.store.rows import ACCOUNT_COLUMNS, OUTBOX_COLUMNS, read_account, read_outbox
from agent_tui.store.writes import accounts, common, outbox, reindex, remote
from agent_tui.store.writes.ingest import SqliteIngest
from agent_tui.store.writes.transaction import Transaction, Writer

MERGE_PAGES = 64
"""Pages of the search index merged at a time: a few milliseconds of lock."""


class SendingStore:
    """The worker's part of the outbox."""

    _writer: Writer

    def due(self, account: str, at: Micros, release: Release = Release.ALL) -> Sequence[OutboxItem]:
        """What is to be sent now, oldest first."""
        with self._writer.transaction() as tx:
            return outbox.due(tx, account, at, release)

    def claim(self, item_id: int) -> OutboxItem | None:
        """queued → sending."""
        with self._writer.transaction() as tx:
            return outbox.claim(tx, item_id)

    def mark_leaving(self, item_id: int, envelope_id: str = "") -> None:
        """Commit, durably, that the body is about to leave, in an envelope that the server took this name for."""
        with self._writer.transaction() as tx:
            outbox.mark_leaving(tx, item_id, envelope_id)

    def settle(
        self,
        item_id: int,
        state: OutboxState,
        *,
        fault: Fault | None = None,
        retry_at: Micros | None = None,
        native_id: str = "",
        native_conversation: str | None = None,
        sent_copy: str = "",
        put_off: int | None = None,
    ) -> None:
        """What became of it."""
        with self._writer.transaction() as tx:
            outbox.settle(
                tx,
                item_id,
                state,
                fault=fault,
                retry_at=retry_at,
                native_id=native_id,
                native_conversation=native_conversation,
                sent_copy=sent_copy,
                put_off=put_off,
            )

    def sent_partly(
        self, item_id: int, left: Sequence[str], refused: Mapping[str, str], fault: Fault, retry_at: Micros
    ) -> None:
        """Some have it; those who are left are tried again."""
        with self._writer.transaction() as tx:
            outbox.sent_partly(tx, item_id, left, refused, fault, retry_at)

    def recover(self, account: str) -> Sequence[OutboxItem]:
        """After a crash: returns what became unknown."""
        with self._writer.transaction() as tx:
            return outbox.recover(tx, account)

    def looked(self, item_id: int, answer: str) -> None:
        """What a look for proof came to."""
        with self._writer.transaction(durable=False) as tx:
            outbox.looked(tx, item_id, answer)

    def unknown(self, account: str) -> Sequence[OutboxItem]:
        """What is unknown."""
        with self._writer.alone() as db:
            found = db.execute(
                f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE account = ? AND state = 'unknown' ORDER BY id", (account,)
            ).fetchall()
        return [read_outbox(r) for r in found]

    def unfiled(self, account: str) -> Sequence[OutboxItem]:
        """Sent ones of which it is not settled whether a copy is filed."""
        with self._writer.alone() as db:
            found = db.execute(
                f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE account = ? AND state = 'sent' AND sent_copy = ''"
                " ORDER BY id DESC LIMIT 50",
                (account,),
            ).fetchall()
        return [read_outbox(r) for r in reversed(found)]

    def next_due_of(self, account: str, after: Micros) -> Micros | None:
        """When the next held item, retry or remote write of this account is due that is not due yet."""
        with self._writer.alone() as db:
            found = db.execute(
                "SELECT min(at) FROM (SELECT min(not_before) AS at FROM outbox WHERE account = :account"
                " AND state IN ('held', 'queued') AND not_before > :after"
                " UNION ALL SELECT min(not_before) FROM remote_write WHERE account = :account"
                " AND state = 'waiting' AND not_before > :after)",
                {"account": account, "after": after},
            ).fetchone()
        return Micros(found[0]) if found[0] is not None else None

    def next_due(self) -> Micros | None:
        """When the next held item, retry, snooze or remote write is due."""
        with self._writer.alone() as db:
            found = db.execute(
                "SELECT min(at) FROM ("
                "SELECT min(not_before) AS at FROM outbox WHERE state IN ('held', 'queued')"
                " AND account IN (SELECT id FROM account WHERE NOT removed AND NOT offline)"
                " UNION ALL SELECT min(snoozed_until) FROM conversation WHERE snoozed_until IS NOT NULL"
                " UNION ALL SELECT min(not_before) FROM remote_write WHERE state = 'waiting' AND not_before > 0)"
            ).fetchone()
        return Micros(found[0]) if found[0] is not None else None

    def outbox_open(self) -> int:
        """Items that still have to leave, those scheduled for later left out until their time comes."""
        with self._writer.alone() as db:
            found = db.execute(
                "SELECT count(*) FROM outbox WHERE (state IN ('queued', 'sending') OR (state = 'held'"
                " AND (NOT scheduled OR not_before <= ?)))"
                " AND account IN (SELECT id FROM account WHERE NOT removed AND NOT offline)",
                (now(),),
            ).fetchone()
        return int(found[0])


class AccountStore:
    """The worker's part of accounts, requests and remote writes."""

    _writer: Writer
    _took_over = False

    def cursor(self, account: str, stream: str) -> tuple[str, bool] | None:
        """(cursor, done) of a stream."""
        with self._writer.alone() as db:
            found = db.execute(
                "SELECT cursor, done FROM cursor WHERE account = ? AND stream = ?", (account, stream)
            ).fetchone()
        return (found[0], bool(found[1])) if found else None

    def accounts(self) -> Sequence[Account]:
        """Accounts in use."""
        with self._writer.alone() as db:
            return [read_account(r) for r in db.execute(f"SELECT {ACCOUNT_COLUMNS} FROM account WHERE NOT removed")]

    def publish_backends(self, infos: Sequence[BackendInfo]) -> None:
        """The backends that are there now."""
        with self._writer.transaction(durable=False) as tx:
            accounts.publish(tx, infos)

    def places(self, account: str, message_id: int) -> Sequence[CopyPlace]:
        """Where the server holds a message now."""
        with self._writer.alone() as db:
            found = db.execute(
                "SELECT folder, uidvalidity, uid, email_id, seen, answered FROM remote_copy"
                " WHERE message_id = ? AND account = ? AND NOT gone",
                (message_id, account),
            ).fetchall()
        return [CopyPlace(f, v, u, e, bool(s), bool(a)) for f, v, u, e, s, a in found]

    def put_account(self, account: Account) -> None:
        """Add an account, or change it."""
        with self._writer.transaction() as tx:
            accounts.put(tx, account)

    def learn(self, account: Account) -> None:
        """What an open backend can do. An account that was removed or changed meanwhile stays as it is."""
        with self._writer.transaction() as tx:
            accounts.learn(tx, account)

    def set_health(self, health: AccountHealth) -> None:
        """How a connection is."""
        with self._writer.transaction(durable=False) as tx:
            accounts.set_health(tx, health)

    def log_activity(self, account: str, code: str, parameters: Mapping[str, str]) -> None:
        """One line of what the program did."""
        with self._writer.transaction(durable=False) as tx:
            remote.log(tx, account, code, dict(parameters))

    def remember(self, account: str, key: str, value: str) -> None:
        """Keep a value for an account."""
        with self._writer.transaction() as tx:
            accounts.remember(tx, account, key, value)

    def recall(self, account: str, key: str) -> str | None:
        """The value kept for an account."""
        with self._writer.alone() as db:
            found = db.execute("SELECT value FROM memory WHERE account = ? AND key = ?", (account, key)).fetchone()
        return str(found[0]) if found else None

    def remote_writes(self, account: str, at: Micros) -> Sequence[RemoteWrite]:
        """What must reach the backend now, each with the present copies of its messages."""
        with self._writer.transaction(durable=False) as tx:
            return remote.waiting(tx, account, at)

    def settle_remote_write(
        self, write_id: int, *, done: bool, retry_at: Micros | None = None, fault: Fault | None = None
    ) -> None:
        """What became of one."""
        with self._writer.transaction(durable=False) as tx:
            remote.settle(tx, write_id, done=done, retry_at=retry_at, fault=fault)

    def requests(self) -> Sequence[WorkRequest]:
        """Asked ones; they become `working`. The first time also those that a killed worker left."""
        states = "'asked'" if self._took_over else "'asked', 'working'"
        with self._writer.alone() as db:
            if not db.execute(f"SELECT 1 FROM request WHERE state IN ({states}) LIMIT 1").fetchone():
                self._took_over = True
                return []
        with self._writer.transaction(durable=False) as tx:
            found = tx.all(f"SELECT id, account, kind, arguments FROM request WHERE state IN ({states}) ORDER BY id")
            tx.many("UPDATE request SET state = 'working' WHERE id = ?", [(r[0],) for r in found])
            tx.touch("other")
        self._took_over = True
        return [WorkRequest(i, account, kind, json.loads(args), "working") for i, account, kind, args in found]

    def answer(self, request_id: int, *, ok: bool, result: Mapping[str, Any]) -> None:
        """What became of a request."""
        with self._writer.transaction(durable=False) as tx:
            accounts.answer(tx, request_id, ok, dict(result))


def _unread_again(tx: Transaction, conversation_id: int) -> None:
    """The customer's last message is unread here until somebody opens it. The server's mark stays as it is."""
    last = tx.value(
        "SELECT m.id FROM placement p JOIN message m ON m.id = p.id WHERE p.conversation_id = ? AND p.kind = 1"
        " AND m.direction = 'in' ORDER BY p.id DESC LIMIT 1",
        (conversation_id,),
    )
    if last is not None and tx.run("UPDATE message SET unread = 1 WHERE id = ? AND unread = 0", (last,)).rowcount:
        tx.run("UPDATE conversation SET unread = unread + 1 WHERE id = ?", (conversation_id,))


class SqliteWorker(SendingStore, AccountStore):
    """`WorkerStore`."""

    def __init__(self, home: Path) -> None:
        self._writer = Writer(home, cache=64)
        self._files = FileStore(home / FILES)
        self._files.clear()
        self._checked = False

    @contextmanager
    def ingest(self) -> Iterator[IngestTransaction]:
        """One transaction; commits at the end of the block, rolls back on an exception."""
        with self._writer.transaction(durable=False) as tx:
            taking = SqliteIngest(tx)
            yield taking
            taking.show_names()

    def put_raw(self, raws: Iterable[bytes]) -> Sequence[str]:
        """Write raw messages into the file store and sync them."""
        return self._files.put_all(raws)

    def read_raw(self, sha256: str) -> bytes | None:
        """The raw bytes of a message."""
        return self._files.read(sha256)

    def wake_snoozed(self, at: Micros) -> Sequence[int]:
        """Snoozed conversations whose time has come are open again, each with its event, once."""
        with self._writer.alone() as db:
            if not db.execute(
                "SELECT 1 FROM conversation WHERE snoozed_until IS NOT NULL AND snoozed_until <= ?", (at,)
            ).fetchone():
                return []
        with self._writer.transaction() as tx:
            due = tx.all(
                "SELECT id, snoozed_until, snooze_zone, status FROM conversation"
                " WHERE snoozed_until IS NOT NULL AND snoozed_until <= ? ORDER BY snoozed_until",
                (at,),
            )
            for conversation_id, until, zone, status in due:
                after = transitions.after(Status(status), transitions.Happening.SNOOZE_ENDED)
                if common.change_status(tx, conversation_id, after) is not None:
                    _unread_again(tx, conversation_id)
                common.add_event(tx, conversation_id, "woken", {"until": str(until), "zone": zone or ""})
            return [r[0] for r in due]

    def merge_search_index(self, budget: float) -> bool:
        """Merge the index in short transactions; true where more is left. One that is made anew grows first."""
        end = time.monotonic() + budget
        while True:
            with self._writer.transaction(durable=False) as tx:
                if not self._checked:
                    reindex.check(tx)
                growing = reindex.go_on(tx)
            self._checked = True
            if growing and time.monotonic() < end:
                continue
            if growing:
                return True
            with self._writer.transaction(durable=False) as tx:
                before = tx.value("SELECT total_changes()")
                tx.run("INSERT INTO search (search, rank) VALUES ('merge', ?)", (MERGE_PAGES,))
                # FTS5 reports work done by more than the one change that the statement itself is.
                if tx.value("SELECT total_changes()") - before < 2:
                    return False
            if time.monotonic() >= end:
                return True

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()
