"""The change feed: what a desk must look at again, and no more."""

from __future__ import annotations

from agent_tui.domain.account import AccountHealth, Health
from agent_tui.domain.action import Field
from agent_tui.store.ports import Changes, FieldTarget
from agent_tui.store.reads.desk import MANY_CHANGES
from agent_tui.store.writes import transaction
from tests.store.makers import AGENT, START, Workspace, arrive, draft, order


def _since(store: Workspace, sequence: int) -> Changes:
    return store.reads.changes_since(sequence)


def test_every_write_is_told_once(store: Workspace) -> None:
    conversation, _ = store.arrive()
    start = _since(store, 0).sequence
    version = store.reads.data_version()
    assert _since(store, start) == Changes(start)
    assert store.reads.data_version() == version

    with store.worker.ingest() as tx:
        for n in range(1000):
            arrive(tx, f"{n}", into=conversation, at=n)
    told = _since(store, start)
    assert told == Changes(start + 1, conversations=frozenset({conversation}))
    assert store.reads.data_version() != version

    store.writes.save_draft(draft(conversation=conversation))
    told = _since(store, told.sequence)
    assert (told.drafts, told.conversations, told.outbox) == (True, frozenset({conversation}), False)
    store.writes.queue(AGENT, order(conversation=conversation))
    told = _since(store, told.sequence)
    assert (told.drafts, told.conversations, told.outbox) == (True, frozenset({conversation}), True)
    store.worker.set_health(AccountHealth("mail", Health.CONNECTED, START))
    told = _since(store, told.sequence)
    assert (told.accounts, told.conversations) == (True, frozenset())


def test_all_conversations_of_a_bulk_change(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        ids = [arrive(tx, f"{n}", at=n)[0] for n in range(300)]
    start = _since(store, 0).sequence
    store.writes.apply(AGENT, "solve", [FieldTarget(i, Field.STATUS, '"solved"') for i in ids[:200]])
    assert _since(store, start).conversations == set(ids[:200])


def test_too_much_is_told_as_everything(store: Workspace) -> None:
    start = _since(store, 0).sequence
    with store.worker.ingest() as tx:
        for n in range(MANY_CHANGES + 1):
            arrive(tx, "x", at=n)
    told = _since(store, start)
    assert told.everything
    assert not told.conversations
    assert _since(store, told.sequence) == Changes(told.sequence)


def test_what_is_trimmed_is_told_as_everything(store: Workspace) -> None:
    start = _since(store, 0).sequence
    old = transaction.FEED_KEPT
    transaction.FEED_KEPT = 100
    try:
        for n in range(400):
            store.arrive(f"{n}", at=n)
    finally:
        transaction.FEED_KEPT = old
    newest = _since(store, 10**9).sequence
    assert _since(store, 10**9).everything, "a sequence of another database"
    assert _since(store, start).everything
    recent = _since(store, newest - 5)
    assert not recent.everything
    assert len(recent.conversations) == 5


def test_a_failed_transaction_tells_nothing(store: Workspace) -> None:
    start = _since(store, 0).sequence

    def fails() -> None:
        with store.worker.ingest() as tx:
            arrive(tx, "x")
            raise RuntimeError

    try:
        fails()
    except RuntimeError:
        pass
    assert _since(store, start) == Changes(start)
