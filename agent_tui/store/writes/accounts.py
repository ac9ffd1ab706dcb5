"""Accounts, their health, and what is known of backends."""

from __future__ import annotations

from collections.abc import Sequence

from agent_tui.domain.account import Account, AccountHealth, BackendInfo
from agent_tui.store.rows import dumps, write_account, write_backend, write_fault
from agent_tui.store.writes.transaction import Transaction


def put(tx: Transaction, account: Account) -> None:
    """Add an account, or change it; one that was removed is in use again."""
    tx.run(
        "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (id) DO UPDATE SET"
        " backend = excluded.backend, label = excluded.label, channel = excluded.channel, options = excluded.options,"
        " capabilities = excluded.capabilities, own_addresses = excluded.own_addresses, own_name = excluded.own_name,"
        " signature = excluded.signature, offline = excluded.offline, removed = 0",
        write_account(account),
    )
    tx.touch("accounts")


def learn(tx: Transaction, account: Account) -> None:
    """Keep what the backend says of itself; addresses and name only where there are none."""
    tx.run(
        "UPDATE account SET capabilities = ?, own_addresses = CASE own_addresses WHEN '[]' THEN ? ELSE own_addresses END,"
        " own_name = CASE own_name WHEN '' THEN ? ELSE own_name END WHERE id = ? AND NOT removed",
        (dumps(sorted(account.capabilities)), dumps(list(account.own_addresses)), account.own_name, account.id),
    )
    tx.touch("accounts")


def remove(tx: Transaction, account: str) -> None:
    """Stop using it: nothing more goes there."""
    tx.run("UPDATE account SET removed = 1 WHERE id = ?", (account,))
    tx.run("DELETE FROM account_health WHERE account = ?", (account,))
    tx.run("UPDATE remote_write SET state = 'cancelled' WHERE account = ? AND state = 'waiting'", (account,))
    tx.run("DELETE FROM cursor WHERE account = ?", (account,))
    tx.touch("accounts")


def set_health(tx: Transaction, health: AccountHealth) -> None:
    """How a connection is."""
    tx.run(
        "INSERT OR REPLACE INTO account_health VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            health.account,
            health.health,
            health.since,
            write_fault(health.fault),
            health.next_try_at,
            health.history_done,
            health.history_total,
        ),
    )
    tx.touch("accounts")


def publish(tx: Transaction, infos: Sequence[BackendInfo]) -> None:
    """The backends that are there now."""
    old = dict(tx.all("SELECT name, data FROM backend"))
    new = {info.name: write_backend(info) for info in infos}
    if old == new:
        return
    tx.run("DELETE FROM backend")
    tx.many("INSERT INTO backend VALUES (?, ?)", list(new.items()))
    tx.touch("accounts")


def remember(tx: Transaction, account: str, key: str, value: str) -> None:
    """Keep a value for an account."""
    tx.run("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", (account, key, value))


def answer(tx: Transaction, request_id: int, ok: bool, result: dict[str, object]) -> None:
    """What became of a request; old ones are forgotten."""
    state = "done" if ok else "failed"
    tx.run("UPDATE request SET state = ?, result = ? WHERE id = ?", (state, dumps(result), request_id))
    tx.run("DELETE FROM request WHERE state IN ('done', 'failed') AND id < ?", (request_id - 1000,))
    tx.touch("other")
    tx.touch("accounts")
