"""What an agent does, and takes back."""

from __future__ import annotations

import random
from typing import Any

import pytest

from agent_tui.domain.action import Field, UndoResult
from agent_tui.domain.conversation import Conversation, Status, View
from agent_tui.domain.message import Event, Note
from agent_tui.domain.times import HOUR, Micros, now
from agent_tui.store.ports import CopyPlace, FieldTarget, ViewCount
from agent_tui.store.rows import dumps
from tests.store.makers import AGENT, START, S, Workspace, account, draft, order

SNOOZE = dumps({"until": START + HOUR, "zone": "Europe/Kyiv"})


def _fields(store: Workspace, conversation_id: int) -> tuple[Any, ...]:
    c = store.reads.conversation(conversation_id)
    assert c
    return c.status, c.priority, c.assignee, c.tags, c.snoozed_until, c.snooze_zone, c.unread


def _get(store: Workspace, conversation_id: int) -> Conversation:
    c = store.reads.conversation(conversation_id)
    assert c
    return c


def _solve(store: Workspace, *ids: int) -> None:
    store.writes.apply(AGENT, "solve", [FieldTarget(i, Field.STATUS, '"solved"') for i in ids])


def _any_target(chance: random.Random, conversation_id: int) -> FieldTarget:
    field = chance.choice([Field.STATUS, Field.PRIORITY, Field.ASSIGNEE, Field.TAGS, Field.SNOOZE, Field.READ])
    values: dict[Field, Any] = {
        Field.STATUS: chance.choice([s for s in Status if s is not Status.SNOOZED]),
        Field.PRIORITY: chance.randrange(4),
        Field.ASSIGNEE: chance.choice([AGENT, "kim", None]),
        Field.TAGS: sorted(chance.sample(["vip", "bill", "late", "повернення"], chance.randrange(4))),
        Field.SNOOZE: chance.choice([None, {"until": START + chance.randrange(10**9), "zone": "UTC"}]),
        Field.READ: chance.choice([True, False]),
    }
    return FieldTarget(conversation_id, field, dumps(values[field]))


@pytest.mark.parametrize("seed", range(8))
def test_undo_of_anything_is_as_if_it_had_not_been(store: Workspace, seed: int) -> None:
    chance = random.Random(seed)
    ids = [store.arrive(f"text {n}", at=n)[0] for n in range(4)]
    history = [[_fields(store, i) for i in ids]]
    for _ in range(25):
        targets = {
            (t.conversation_id, t.field): t
            for t in (_any_target(chance, chance.choice(ids)) for _ in range(chance.randint(1, 4)))
        }
        if any((i, Field.SNOOZE) in targets and (i, Field.STATUS) in targets for i in ids):
            continue
        if store.writes.apply(AGENT, "any", list(targets.values())):
            history.append([_fields(store, i) for i in ids])
    counts = store.reads.view_counts(AGENT)
    for before in history[-2::-1]:
        assert store.writes.undo(AGENT)[0] is UndoResult.DONE
        assert [_fields(store, i) for i in ids] == before
    assert store.writes.undo(AGENT) == (UndoResult.NOTHING, None)
    for after in history[1:]:
        assert store.writes.redo(AGENT)[0] is UndoResult.DONE
        assert [_fields(store, i) for i in ids] == after
    assert store.writes.redo(AGENT) == (UndoResult.NOTHING, None)
    assert store.reads.view_counts(AGENT) == counts


def test_what_changes_nothing_leaves_no_trace(store: Workspace) -> None:
    conversation, _ = store.arrive()
    sequence = store.reads.changes_since(0).sequence
    assert store.writes.apply(AGENT, "x", [FieldTarget(conversation, Field.STATUS, ' "new" ')]) is None
    assert store.writes.apply(AGENT, "x", [FieldTarget(10**6, Field.STATUS, '"open"')]) is None
    assert store.reads.changes_since(0).sequence == sequence
    assert not store.reads.steps(AGENT)


def test_a_field_that_has_changed_since_is_left(store: Workspace) -> None:
    one, _ = store.arrive("one", at=1)
    two, _ = store.arrive("two", at=2)
    _solve(store, one, two)
    with store.worker.ingest() as tx:
        tx.set_status(one, Status.OPEN, "customer_wrote", now())
    result, step = store.writes.undo(AGENT)
    assert result is UndoResult.PARTLY
    assert step
    assert (_get(store, one).status, _get(store, two).status) == (Status.OPEN, Status.NEW)
    _solve(store, two)
    with store.worker.ingest() as tx:
        tx.set_status(two, Status.OPEN, "customer_wrote", now())
    assert store.writes.undo(AGENT)[0] is UndoResult.CHANGED_SINCE
    assert _get(store, two).status is Status.OPEN


def test_undo_is_each_agent_s_own(store: Workspace) -> None:
    conversation, _ = store.arrive()
    _solve(store, conversation)
    assert store.writes.undo("kim") == (UndoResult.NOTHING, None)
    step = store.reads.steps(AGENT)[0]
    assert store.writes.undo("kim", step.id) == (UndoResult.NOTHING, None)
    assert _get(store, conversation).status is Status.SOLVED


def test_an_older_step_alone(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.apply(AGENT, "assign", [FieldTarget(conversation, Field.ASSIGNEE, '"dana"')])
    _solve(store, conversation)
    older = store.reads.steps(AGENT)[1]
    assert store.writes.undo(AGENT, older.id)[0] is UndoResult.DONE
    assert (_get(store, conversation).assignee, _get(store, conversation).status) == (None, Status.SOLVED)
    assert store.writes.undo(AGENT, older.id)[0] is UndoResult.NOTHING


def test_something_new_ends_redo(store: Workspace) -> None:
    conversation, _ = store.arrive()
    _solve(store, conversation)
    store.writes.undo(AGENT)
    store.writes.apply(AGENT, "priority", [FieldTarget(conversation, Field.PRIORITY, "2")])
    assert store.writes.redo(AGENT) == (UndoResult.NOTHING, None)


def test_undo_outlives_the_program(store: Workspace) -> None:
    conversation, _ = store.arrive()
    _solve(store, conversation)
    again = Workspace(store.home)
    assert again.writes.undo(AGENT)[0] is UndoResult.DONE
    assert _get(again, conversation).status is Status.NEW
    again.close()


def test_snooze_and_status_go_together(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.apply(AGENT, "snooze", [FieldTarget(conversation, Field.SNOOZE, SNOOZE)])
    assert _get(store, conversation).status is Status.SNOOZED
    assert _get(store, conversation).snoozed_until == START + HOUR
    told = [item.code for item in store.reads.items(conversation, None, 50) if isinstance(item, Event)]
    assert told == ["snooze"], "told once, with its time"
    _solve(store, conversation)
    assert _get(store, conversation).snoozed_until is None
    assert store.writes.undo(AGENT)[0] is UndoResult.DONE
    assert _get(store, conversation).status is Status.SNOOZED
    assert _get(store, conversation).snooze_zone == "Europe/Kyiv"


def test_a_snooze_ends_once_and_never_comes_back(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.apply(AGENT, "snooze", [FieldTarget(conversation, Field.SNOOZE, SNOOZE)])
    due = store.worker.next_due()
    assert due == START + HOUR
    assert store.worker.wake_snoozed(Micros(due - 1)) == []
    assert store.worker.wake_snoozed(due) == [conversation]
    assert _get(store, conversation).status is Status.OPEN
    assert store.worker.wake_snoozed(due) == []
    assert store.worker.wake_snoozed(Micros(0)) == []
    assert _get(store, conversation).status is Status.OPEN
    woken = [i for i in store.reads.items(conversation, None, 50) if isinstance(i, Event) and i.code == "woken"]
    assert [e.parameters["zone"] for e in woken] == ["Europe/Kyiv"]
    assert store.writes.undo(AGENT)[0] is UndoResult.CHANGED_SINCE


def test_what_woke_is_unread_until_it_is_opened(store: Workspace) -> None:
    conversation, item = store.arrive()
    assert store.writes.mark_read(conversation, item)
    since = int(now())
    store.writes.apply(AGENT, "snooze", [FieldTarget(conversation, Field.SNOOZE, SNOOZE)])
    assert store.reads.woken(since) == []
    assert store.worker.wake_snoozed(Micros(START + HOUR)) == [conversation]
    assert store.reads.rows([conversation], AGENT)[conversation].unread
    assert store.reads.view_counts(AGENT)[View.INBOX] == ViewCount(1, 1)
    ((woken, order),) = store.reads.woken(since)
    assert woken == conversation
    assert store.reads.woken(order) == []
    assert store.writes.mark_read(conversation, item)
    assert not store.reads.rows([conversation], AGENT)[conversation].unread


def test_events_tell_what_was_done(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.apply(
        AGENT,
        "set",
        [
            FieldTarget(conversation, Field.STATUS, '"solved"'),
            FieldTarget(conversation, Field.ASSIGNEE, '"kim"'),
            FieldTarget(conversation, Field.TAGS, '["vip"]'),
        ],
    )
    events = {i.code: i for i in store.reads.items(conversation, None, 50) if isinstance(i, Event)}
    assert events["status"].parameters == {"from": "new", "to": "solved", "cause": "set"}
    assert events["assignee"].parameters == {"from": "", "to": "kim", "cause": "set"}
    assert events["tags"].parameters == {"added": "vip", "cause": "set"}
    assert {e.by for e in events.values()} == {AGENT}
    assert store.reads.tags() == [("vip", 1)]


def test_a_note_and_its_undo(store: Workspace) -> None:
    conversation, _ = store.arrive()
    note_id = store.writes.add_note(AGENT, conversation, S("ask the bank"))
    assert store.reads.newest_order(conversation) == note_id
    assert [i.text for i in store.reads.items(conversation, None, 9) if isinstance(i, Note)] == ["ask the bank"]
    assert store.writes.undo(AGENT)[0] is UndoResult.DONE
    assert not [i for i in store.reads.items(conversation, None, 9) if isinstance(i, Note)]
    assert store.writes.redo(AGENT)[0] is UndoResult.DONE
    assert [i.text for i in store.reads.items(conversation, None, 9) if isinstance(i, Note)] == ["ask the bank"]


def test_what_is_done_now_stands_last_though_the_clock_went_back(store: Workspace) -> None:
    future = int(now()) - START + 10 * HOUR
    conversation, item = store.arrive(at=future)
    assert store.writes.add_note(AGENT, conversation, S("later")) > item


def test_a_bulk_change_is_one_step(store: Workspace) -> None:
    ids = [store.arrive(f"t{n}", at=n)[0] for n in range(40)]
    _solve(store, *ids)
    assert len(store.reads.steps(AGENT)) == 1
    assert store.writes.undo(AGENT)[0] is UndoResult.DONE
    assert {r.status for r in store.reads.rows(ids, AGENT).values()} == {Status.NEW}


def test_solving_moves_mail_to_the_archive_and_undo_takes_it_along(store: Workspace) -> None:
    conversation, item = store.arrive()
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("INBOX", 7, 11))
    _solve(store, conversation)
    (move,) = store.worker.remote_writes("mail", now())
    assert (move.kind, move.payload["role"]) == ("move", "archive")
    assert [(c["folder"], c["uidvalidity"], c["uid"]) for c in move.payload["copies"]] == [("INBOX", 7, 11)]
    store.worker.settle_remote_write(move.id, done=True)
    store.writes.undo(AGENT)
    (back,) = store.worker.remote_writes("mail", now())
    assert back.payload["role"] == "inbox"


def test_a_bulk_change_is_one_write_on_the_server(store: Workspace) -> None:
    made = [store.arrive(f"t{n}", at=n) for n in range(30)]
    with store.worker.ingest() as tx:
        for uid, (_, item) in enumerate(made, 1):
            tx.put_copy(item, "mail", CopyPlace("INBOX", 7, uid))
    _solve(store, *(c for c, _ in made))
    (move,) = store.worker.remote_writes("mail", now())
    assert len(move.payload["copies"]) == 30
    later = Micros(now() + HOUR)
    store.worker.settle_remote_write(move.id, done=False, retry_at=later)
    assert store.worker.remote_writes("mail", now()) == []
    (again,) = store.worker.remote_writes("mail", later)
    assert (again.attempts, len(again.payload["copies"])) == (1, 30)
    store.worker.settle_remote_write(again.id, done=True)
    assert store.worker.remote_writes("mail", later) == []


def test_read_and_unread_of_one_message_keep_their_order(store: Workspace) -> None:
    conversation, item = store.arrive()
    other, second = store.arrive("other", at=5)
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("INBOX", 7, 1))
        tx.put_copy(second, "mail", CopyPlace("INBOX", 7, 2))
    for read in ("true", "false"):
        for one in (conversation, other):
            store.writes.apply(AGENT, "read", [FieldTarget(one, Field.READ, read)])
    told = [(w.payload["seen"], len(w.payload["messages"])) for w in store.worker.remote_writes("mail", now())]
    assert told == [(True, 2), (False, 2)]


@pytest.mark.parametrize("changes", [{"options": {}}, {"capabilities": frozenset()}])
def test_nothing_is_moved_unless_the_account_says_so(store: Workspace, changes: dict[str, Any]) -> None:
    store.writes.put_account(account(**changes))
    conversation, item = store.arrive()
    with store.worker.ingest() as tx:
        tx.put_copy(item, "mail", CopyPlace("INBOX", 7, 11))
    _solve(store, conversation)
    assert not store.worker.remote_writes("mail", now())


def test_undo_of_a_send_gives_the_draft_back_until_it_has_left(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.save_draft(draft(conversation=conversation))
    item = store.writes.queue(AGENT, order(conversation=conversation))
    assert _get(store, conversation).status is Status.WAITING
    result, step = store.writes.undo(AGENT)
    assert result is UndoResult.DONE
    assert step
    assert step.code == "send"
    assert _get(store, conversation).status is Status.NEW
    assert store.reads.drafts(AGENT) == [draft(conversation=conversation)]
    assert store.reads.outbox() == []
    store.writes.queue(AGENT, order(conversation=conversation, token="second@acme.example"))
    (due,) = store.worker.due("mail", START)
    assert store.worker.claim(due.id)
    assert store.writes.undo(AGENT)[0] is UndoResult.TOO_LATE
    stopped = store.reads.outbox_item(item.id)
    assert stopped
    assert stopped.state == "stopped"
    left = store.reads.steps(AGENT)[0]
    assert (left.code, left.undone, left.undoable) == ("send", False, False), "what has left was done"
    assert store.writes.undo(AGENT)[0] is UndoResult.NOTHING


def test_redo_does_nothing_in_place_of_a_message_that_was_taken_back(store: Workspace) -> None:
    solved, _ = store.arrive(at=1)
    conversation, _ = store.arrive("another", at=2)
    _solve(store, solved)
    store.writes.undo(AGENT)
    store.writes.save_draft(draft(conversation=conversation))
    store.writes.queue(AGENT, order(conversation=conversation))
    assert store.writes.undo(AGENT)[0] is UndoResult.DONE
    assert store.writes.redo(AGENT)[0] is UndoResult.NOTHING
    assert _get(store, solved).status is Status.NEW
