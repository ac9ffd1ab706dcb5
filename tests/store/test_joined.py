"""What is written to a conversation that was joined to another meanwhile comes to the other: nothing vanishes."""

from __future__ import annotations

import json

import pytest

from agent_tui.domain.action import Field
from agent_tui.domain.conversation import Status, View
from agent_tui.domain.message import Note, Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import DAY, Micros, now
from agent_tui.store.ports import FieldTarget, StoreError
from tests.store.makers import AGENT, Workspace, draft, order

S = SafeText.trusted


@pytest.fixture
def joined(store: Workspace) -> tuple[int, int]:
    """(the conversation that is no more, the one that it was joined to by way of a third)."""
    target, _ = store.arrive(status=Status.OPEN)
    between, _ = store.arrive(status=Status.OPEN, at=1)
    source, _ = store.arrive(status=Status.OPEN, at=2)
    with store.worker.ingest() as tx:
        tx.merge_conversation(source, between, Placement(Rule.REFERENCES))
        tx.merge_conversation(between, target, Placement(Rule.REFERENCES))
    return source, target


def test_an_answer(store: Workspace, joined: tuple[int, int]) -> None:
    source, target = joined
    item = store.writes.queue(AGENT, order("d9", conversation=source))
    assert item.conversation_id == target
    assert store.reads.rows([target], AGENT)[target].status is Status.WAITING
    assert any(getattr(one, "text", "") == "Dear Ann" for one in store.reads.items(target, None, 9))
    store.writes.undo(AGENT)
    found = store.reads.draft("d9")
    assert found
    assert found.conversation_id == target


def test_a_note_which_can_be_taken_back(store: Workspace, joined: tuple[int, int]) -> None:
    source, target = joined
    store.writes.add_note(AGENT, source, S("a remark"))
    notes = [one for one in store.reads.items(target, None, 9) if isinstance(one, Note)]
    assert [note.text for note in notes] == ["a remark"]
    store.writes.undo(AGENT)
    assert not [one for one in store.reads.items(target, None, 9) if isinstance(one, Note)]


def test_a_draft(store: Workspace, joined: tuple[int, int]) -> None:
    source, target = joined
    store.writes.save_draft(draft(conversation=source))
    found = store.reads.draft("d1")
    assert found
    assert found.conversation_id == target
    assert [one.conversation_id for one in store.reads.drafts(AGENT)] == [target]


def test_a_change_and_its_way_back(store: Workspace, joined: tuple[int, int]) -> None:
    source, target = joined
    store.writes.apply(AGENT, "solve", [FieldTarget(source, Field.STATUS, json.dumps(Status.SOLVED.value))])
    assert store.reads.rows([target], AGENT)[target].status is Status.SOLVED
    store.writes.undo(AGENT)
    assert store.reads.rows([target], AGENT)[target].status is Status.OPEN


def test_a_change_from_before_can_be_taken_back(store: Workspace) -> None:
    target, _ = store.arrive(status=Status.OPEN)
    source, _ = store.arrive(status=Status.OPEN, at=1)
    store.writes.apply(AGENT, "assign", [FieldTarget(source, Field.ASSIGNEE, json.dumps(AGENT))])
    with store.worker.ingest() as tx:
        tx.merge_conversation(source, target, Placement(Rule.REFERENCES))
    assert store.reads.rows([target], AGENT)[target].assignee == AGENT
    store.writes.undo(AGENT)
    assert not store.reads.rows([target], AGENT)[target].assignee


def test_reading_it(store: Workspace, joined: tuple[int, int]) -> None:
    source, target = joined
    assert store.writes.mark_read(source, now() + DAY)
    assert not store.reads.rows([target], AGENT)[target].unread
    assert store.reads.standing(source) == target
    assert store.reads.standing(target) == target
    assert store.reads.standing(10**9) == 10**9


def test_what_would_be_placed_where_nobody_looks_is_refused(store: Workspace, joined: tuple[int, int]) -> None:
    source, _ = joined
    with pytest.raises(StoreError), store.worker.ingest() as tx:
        tx.add_event(source, "assigned", {"to": AGENT}, now())


def test_a_new_conversation_that_was_taken_back_stands_again_with_what_is_put_into_it(store: Workspace) -> None:
    item = store.writes.queue(AGENT, order("d9", conversation=None, not_before=Micros(now() + DAY)))
    assert item.conversation_id
    store.writes.undo(AGENT)
    assert not store.reads.page(View.ALL, AGENT, None, 9)
    store.writes.add_note(AGENT, item.conversation_id, S("he called instead"))
    assert [row.id for row in store.reads.page(View.ALL, AGENT, None, 9)] == [item.conversation_id]
