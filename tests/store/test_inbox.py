"""The list: pages, counts, and what they cost."""

from __future__ import annotations

import random
import sqlite3
from typing import Any

import pytest

from agent_tui.domain.action import Field
from agent_tui.domain.conversation import Channel, PageKey, Status, View
from agent_tui.domain.text import NOTHING
from agent_tui.domain.times import SECOND
from agent_tui.store.ports import FieldTarget, ViewCount
from agent_tui.store.reads import inbox
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.rows import ROW_COLUMNS, dumps
from tests.store.makers import AGENT, S, Workspace, arrive, draft, file

IN_VIEW = {
    View.INBOX: {Status.NEW, Status.OPEN},
    View.WAITING: {Status.WAITING},
    View.SNOOZED: {Status.SNOOZED},
    View.SOLVED: {Status.SOLVED, Status.CLOSED},
    View.SPAM: {Status.SPAM},
    View.ALL: set(Status) - {Status.SPAM},
}


def _fill(store: Workspace, count: int) -> list[int]:
    with store.worker.ingest() as tx:
        return [arrive(tx, f"text {n}", at=n * SECOND)[0] for n in range(count)]


def _all(store: Workspace, view: View, size: int) -> list[int]:
    ids: list[int] = []
    key: PageKey | None = None
    while rows := store.reads.page(view, AGENT, key, size):
        ids += [r.id for r in rows]
        key = PageKey(rows[-1].last_at, rows[-1].id)
    return ids


def test_pages_are_newest_first_and_whole(store: Workspace) -> None:
    ids = _fill(store, 25)
    assert _all(store, View.INBOX, 10) == ids[::-1]
    assert _all(store, View.ALL, 7) == ids[::-1]


def test_rows_of_one_time_are_all_shown(store: Workspace) -> None:
    with store.worker.ingest() as tx:
        ids = [arrive(tx, f"text {n}", at=0)[0] for n in range(30)]
    assert _all(store, View.INBOX, 7) == sorted(ids, reverse=True)


def test_pages_hold_while_mail_arrives(store: Workspace) -> None:
    """What arrives stands above; nothing below moves, is skipped or shown twice."""
    ids = _fill(store, 60)
    first = store.reads.page(View.INBOX, AGENT, None, 20)
    key = PageKey(first[-1].last_at, first[-1].id)
    with store.worker.ingest() as tx:
        new = [arrive(tx, "new", at=(100 + n) * SECOND)[0] for n in range(50)]
        arrive(tx, "a customer of the first page writes again", into=first[3].id, at=200 * SECOND)
        arrive(tx, "one of the second page as well", into=ids[10], at=201 * SECOND)
    second = store.reads.page(View.INBOX, AGENT, key, 20)
    assert [r.id for r in second] == [i for i in ids[::-1][20:] if i != ids[10]][:20]
    top = PageKey(first[0].last_at, first[0].id)
    assert store.reads.newer(View.INBOX, AGENT, top) == 52
    above = store.reads.page_after(View.INBOX, AGENT, top, 5)
    assert [r.id for r in above] == new[:5][::-1]


def test_a_row_tells_all(store: Workspace) -> None:
    conversation, item = store.arrive(
        "Hello\n\n  there", subject=S("My bill"), files=(file(), file("logo", inline=True))
    )
    store.writes.apply(
        AGENT,
        "x",
        [
            FieldTarget(conversation, Field.TAGS, '["vip", "bill"]'),
            FieldTarget(conversation, Field.PRIORITY, "3"),
            FieldTarget(conversation, Field.ASSIGNEE, '"dana"'),
        ],
    )
    store.writes.save_draft(draft(conversation=conversation))
    (row,) = store.reads.page(View.MINE, AGENT, None, 5)
    assert (row.id, row.customer, row.subject, row.snippet) == (conversation, "Ann Smith", "My bill", "Hello there")
    assert (row.channel, row.status, row.priority, row.assignee) == (Channel.EMAIL, Status.NEW, 3, "dana")
    assert row.unread
    assert row.has_attachments
    assert row.draft
    assert row.tags == ("bill", "vip")
    assert not store.reads.rows([conversation], "someone else")[conversation].draft
    assert store.writes.mark_read(conversation, item)
    assert not store.reads.rows([conversation], AGENT)[conversation].unread
    assert not store.writes.mark_read(conversation, item)


def test_an_inline_picture_is_no_attachment(store: Workspace) -> None:
    store.arrive(files=(file("logo", inline=True),))
    assert not store.reads.page(View.INBOX, AGENT, None, 1)[0].has_attachments


def test_rows_of_many_ids(store: Workspace) -> None:
    ids = _fill(store, 950)
    assert set(store.reads.rows([*ids, 10**9], AGENT)) == set(ids)


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_what_counting_gives(store: Workspace, seed: int) -> None:
    """Whatever happens, in whatever order: the kept counts are those of the rows."""
    chance = random.Random(seed)
    ids = _fill(store, 30)
    for _ in range(120):
        some = chance.sample(ids, chance.randint(1, 5))
        match chance.randrange(6):
            case 0:
                status = dumps(chance.choice([s for s in Status if s is not Status.SNOOZED]))
                store.writes.apply(AGENT, "status", [FieldTarget(i, Field.STATUS, status) for i in some])
            case 1:
                who = dumps(chance.choice([AGENT, "kim", None]))
                store.writes.apply(AGENT, "assign", [FieldTarget(i, Field.ASSIGNEE, who) for i in some])
            case 2:
                read = dumps(chance.choice([True, False]))
                store.writes.apply(AGENT, "read", [FieldTarget(i, Field.READ, read) for i in some])
            case 3:
                with store.worker.ingest() as tx:
                    for i in some:
                        arrive(tx, "more", into=i, at=chance.randrange(10**6) * SECOND)
            case 4:
                store.writes.undo(AGENT)
            case 5:
                with store.worker.ingest() as tx:
                    ids.append(arrive(tx, "another", at=chance.randrange(10**6) * SECOND)[0])
    counts = store.reads.view_counts(AGENT)
    rows = store.reads.rows(ids, AGENT)
    for view, statuses in IN_VIEW.items():
        inside = [r for r in rows.values() if r.status in statuses]
        assert counts[view] == ViewCount(len(inside), sum(r.unread for r in inside)), view
        assert set(_all(store, view, 10)) == {r.id for r in inside}
    for view, whose in ((View.MINE, AGENT), (View.UNASSIGNED, None)):
        inside = [r for r in rows.values() if r.status in IN_VIEW[View.INBOX] and r.assignee == whose]
        assert counts[view] == ViewCount(len(inside), sum(r.unread for r in inside)), view
        assert set(_all(store, view, 10)) == {r.id for r in inside}


@pytest.mark.parametrize("view", list(View))
def test_a_page_costs_the_same_at_any_size(raw: sqlite3.Connection, view: View) -> None:
    """By the plan: one index, walked from the key; no sort, no scan of the table."""
    index = inbox._INDEX.get(view, "conversation_box")
    for order, key in (("DESC", "<"), ("ASC", ">")):
        plan = raw.execute(
            f"EXPLAIN QUERY PLAN SELECT {ROW_COLUMNS} FROM conversation c INDEXED BY {index}"
            f" WHERE {inbox._WHERE[view]} AND (c.last_at, c.id) {key} (:at, :id)"
            f" ORDER BY c.last_at {order}, c.id {order} LIMIT 50",
            {"agent": AGENT, "at": 5, "id": 5},
        ).fetchall()
        told = " | ".join(r[3] for r in plan)
        assert f"SEARCH c USING INDEX {index}" in told, told
        assert "TEMP B-TREE" not in told, told


@pytest.mark.parametrize("view", list(View))
def test_where_some_stand_now_costs_the_same_at_any_size(store: Workspace, view: View) -> None:
    """By the plan: each is looked up by its id, however many are asked for, and the view is not walked."""
    asked: list[tuple[str, Any]] = []

    class Told(ReadConnections):
        def all(self, sql: str, values: Any = ()) -> list[Any]:
            asked.append((sql, values))
            return super().all(sql, values)

    connections = Told(store.home)
    inbox.SqliteInboxReads(connections).keys(view, AGENT, range(100))
    (plan,) = connections.all(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1])
    assert "USING INTEGER PRIMARY KEY" in plan[3]
    connections.close()


def test_history_that_arrives_backwards_stands_in_order(store: Workspace) -> None:
    conversation, newest = store.arrive("third", at=30 * SECOND)
    with store.worker.ingest() as tx:
        arrive(tx, "second", into=conversation, at=20 * SECOND, unread=False)
        arrive(tx, "first", into=conversation, at=10 * SECOND, unread=False)
    (row,) = store.reads.page(View.INBOX, AGENT, None, 5)
    assert row.snippet == "third"
    assert row.last_at == newest
    texts = [i.text for i in store.reads.items(conversation, None, 10) if hasattr(i, "text")]
    assert texts == ["first", "second", "third"]
    whole = store.reads.conversation(conversation)
    assert whole
    assert whole.message_count == 3
    assert whole.created_at < whole.last_at


def test_a_conversation_without_author(store: Workspace) -> None:
    from agent_tui.domain.message import Person

    store.arrive(author=Person(NOTHING, NOTHING))
    assert store.reads.page(View.INBOX, AGENT, None, 1)[0].customer == ""
