"""The search index made anew, behind everything else, where words are folded or stemmed in another way than when it was made.

Newest first. What lies below the place that was reached is in the index not yet: it is neither put in nor taken out
until its turn comes. The place is kept, so that a kill costs one batch.
"""

from __future__ import annotations

from agent_tui.store.rows import MESSAGE, NOTE
from agent_tui.store.search.stem import stemmer_version
from agent_tui.store.writes import index
from agent_tui.store.writes.transaction import Transaction

FOLDING = 1
"""Raised where `search.fold`, `search.stem` or what is indexed of an item changes."""
BATCH = 50
_KEEP = "INSERT OR REPLACE INTO memory VALUES ('', ?, ?)"


def present_version() -> str:
    """How words are made now. Another release of Snowball may stem otherwise."""
    return f"{FOLDING}/{stemmer_version()}"


def check(tx: Transaction) -> None:
    """Begin anew where the index was made in another way."""
    made = tx.value("SELECT value FROM memory WHERE account = '' AND key = 'search_version'")
    present = present_version()
    if made == present:
        return
    newest = tx.value("SELECT max(id) FROM placement") or 0
    if made is not None and newest:
        begin(tx, newest)
    tx.run(_KEEP, ("search_version", present))


def begin(tx: Transaction, newest: int) -> None:
    """Empty the index; what is there will come back, newest first."""
    tx.run("INSERT INTO search (search) VALUES ('delete-all')")
    tx.run(_KEEP, (index.REACHED, str(newest + 1)))


def go_on(tx: Transaction) -> bool:
    """One batch; true where more is left."""
    reached = index.reached(tx)
    if not reached:
        return False
    found = tx.all(
        "SELECT id, kind FROM placement WHERE id < ? AND kind IN (?, ?) ORDER BY id DESC LIMIT ?",
        (reached, MESSAGE, NOTE, BATCH),
    )
    if len(found) < BATCH:
        tx.run("DELETE FROM memory WHERE account = '' AND key = ?", (index.REACHED,))
        index.reached_now(tx, 0)
    else:
        tx.run(_KEEP, (index.REACHED, str(found[-1][0])))
        index.reached_now(tx, found[-1][0])
    for item_id, kind in found:
        index.put(tx, item_id, index.stored_message(tx, item_id) if kind == MESSAGE else index.stored_note(tx, item_id))
    return len(found) == BATCH
