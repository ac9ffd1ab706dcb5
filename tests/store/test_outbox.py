"""The way of a message out, step by step."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest

from agent_tui.domain.account import Fault
from agent_tui.domain.action import Field, UndoResult
from agent_tui.domain.conversation import Conversation, Status, View
from agent_tui.domain.message import Delivery, Direction, Event, Message, Person, Placement, Rule
from agent_tui.domain.outbox import DraftFile, DraftKind, OutboxItem, OutboxState
from agent_tui.domain.times import DAY, HOUR, SECOND, Micros, now
from agent_tui.store.ports import CopyPlace, FieldTarget, StoreError
from agent_tui.store.rows import dumps
from agent_tui.store.writes import outbox
from tests.store.makers import AGENT, START, S, Workspace, draft, file, order


def _get(store: Workspace, conversation_id: int) -> Conversation:
    found = store.reads.conversation(conversation_id)
    assert found
    return found


def _state(store: Workspace, item: OutboxItem) -> OutboxState:
    found = store.reads.outbox_item(item.id)
    assert found
    return found.state


def _out(store: Workspace, conversation_id: int) -> list[Message]:
    items = store.reads.items(conversation_id, None, 100)
    return [i for i in items if isinstance(i, Message) and i.direction is Direction.OUT]


def _sending(store: Workspace, conversation_id: int, token: str = "t@acme.example") -> OutboxItem:
    item = store.writes.queue(AGENT, order(conversation=conversation_id, token=token))
    assert [i.id for i in store.worker.due("mail", START)] == [item.id]
    claimed = store.worker.claim(item.id)
    assert claimed
    return claimed


def test_queueing_freezes_all_of_it(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.save_draft(draft(conversation=conversation))
    asked = order(conversation=conversation, files=(file(),), raw="a" * 64)
    item = store.writes.queue(AGENT, asked)
    assert store.reads.outbox() == [item]
    assert item.state is OutboxState.HELD
    for name in (
        "to",
        "cc",
        "bcc",
        "subject",
        "text",
        "token",
        "raw",
        "envelope_from",
        "envelope_to",
        "kind",
        "account",
    ):
        assert getattr(item, name) == getattr(asked, name), name
    (sent,) = _out(store, conversation)
    assert (sent.text, sent.delivery, sent.placement.rule) == ("Dear Ann", Delivery.QUEUED, Rule.OUTBOX)
    assert sent.message_id == asked.token
    assert [a.name for a in sent.attachments] == ["bill.pdf"]
    assert item.message_id == sent.id
    assert _get(store, conversation).status is Status.WAITING
    assert store.reads.drafts(AGENT) == []


def test_a_token_is_queued_once(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.queue(AGENT, order(conversation=conversation))
    with pytest.raises(StoreError):
        store.writes.queue(AGENT, order(conversation=conversation))
    assert len(_out(store, conversation)) == 1
    assert len(store.reads.outbox()) == 1


def test_a_note_is_never_queued(store: Workspace) -> None:
    conversation, _ = store.arrive()
    with pytest.raises(ValueError, match="note"):
        store.writes.queue(AGENT, order(conversation=conversation, kind=DraftKind.NOTE))
    assert not store.reads.outbox()


def test_the_whole_way(store: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "now", lambda: START)
    conversation, item_in = store.arrive()
    with store.worker.ingest() as tx:
        tx.put_copy(item_in, "mail", CopyPlace("INBOX", 1, 5))
    store.writes.save_draft(draft(conversation=conversation, answers=item_in))
    item = store.writes.queue(AGENT, order(conversation=conversation, not_before=Micros(START + HOUR)))
    assert store.worker.due("mail", START) == []
    assert store.worker.claim(item.id) is None
    with pytest.raises(StoreError):
        store.worker.mark_leaving(item.id)
    assert store.worker.next_due() == START + HOUR
    assert store.worker.outbox_open() == 1
    (queued,) = store.worker.due("mail", Micros(START + HOUR))
    assert queued.state is OutboxState.QUEUED
    claimed = store.worker.claim(item.id)
    assert claimed
    assert (claimed.state, claimed.attempts) == (OutboxState.SENDING, 1)
    assert store.worker.claim(item.id) is None
    assert _out(store, conversation)[0].delivery is Delivery.SENDING
    store.worker.mark_leaving(item.id)
    store.worker.settle(item.id, OutboxState.SENT)
    assert [i.id for i in store.worker.unfiled("mail")] == [item.id]
    told = store.reads.changes_since(0).sequence
    store.worker.settle(item.id, OutboxState.SENT, sent_copy="appended")
    assert store.reads.changes_since(told).outbox
    found = store.reads.outbox_item(item.id)
    assert found
    assert (found.state, found.sent_copy) == (OutboxState.SENT, "appended")
    assert not store.worker.unfiled("mail")
    assert _out(store, conversation)[0].delivery is Delivery.SENT
    (marks,) = store.worker.remote_writes("mail", now())
    assert (marks.kind, marks.payload["answered"]) == ("marks", True)
    assert store.worker.outbox_open() == 0
    assert store.reads.outbox() == []
    assert len(store.reads.outbox(open_only=False)) == 1


def test_what_was_sent_stays_sent(store: Workspace) -> None:
    conversation, _ = store.arrive()
    item = _sending(store, conversation)
    store.worker.settle(item.id, OutboxState.SENT)
    for state in (OutboxState.QUEUED, OutboxState.UNKNOWN, OutboxState.REJECTED):
        store.worker.settle(item.id, state, retry_at=START)
        assert _state(store, item) is OutboxState.SENT
    assert store.worker.due("mail", now()) == []


def test_after_a_crash_the_mark_decides(store: Workspace) -> None:
    one, _ = store.arrive("one", at=1)
    two, _ = store.arrive("two", at=2)
    before = _sending(store, one, "one@acme.example")
    after = _sending(store, two, "two@acme.example")
    store.worker.mark_leaving(after.id)
    again = Workspace(store.home)
    assert [i.id for i in again.worker.recover("mail")] == [after.id]
    assert _state(again, before) is OutboxState.QUEUED
    assert _state(again, after) is OutboxState.UNKNOWN
    assert again.worker.recover("mail") == []
    assert [i.id for i in again.worker.due("mail", now())] == [before.id]
    assert [i.id for i in again.worker.unknown("mail")] == [after.id]
    row = again.reads.rows([two], AGENT)[two]
    assert row.delivery_failed
    again.close()


@pytest.mark.parametrize("was_sent", [True, False])
def test_the_agent_settles_what_is_unknown(store: Workspace, was_sent: bool) -> None:
    conversation, _ = store.arrive()
    item = _sending(store, conversation)
    assert not store.writes.settle_unknown(AGENT, item.id, was_sent)
    store.worker.mark_leaving(item.id)
    store.worker.settle(item.id, OutboxState.UNKNOWN)
    assert store.writes.settle_unknown(AGENT, item.id, was_sent)
    assert not store.writes.settle_unknown(AGENT, item.id, was_sent)
    found = store.reads.outbox_item(item.id)
    assert found
    if was_sent:
        assert found.state is OutboxState.SENT
        assert found.detail["said_by"] == AGENT
        told = store.reads.items(conversation, None, 10)[-1]
        assert isinstance(told, Event)
        assert (told.code, told.by) == ("said_sent", AGENT)
    else:
        assert (found.state, found.token, found.marked_at) == (OutboxState.QUEUED, item.token, None)
        assert store.worker.claim(item.id)
    assert not store.reads.rows([conversation], AGENT)[conversation].delivery_failed


def test_a_retry_waits(store: Workspace) -> None:
    conversation, _ = store.arrive()
    item = _sending(store, conversation)
    later = Micros(START + DAY)
    store.worker.settle(item.id, OutboxState.QUEUED, retry_at=later, fault=Fault("unreachable", {"host": "x"}))
    assert store.worker.due("mail", Micros(later - 1)) == []
    assert store.worker.next_due() == later
    (again,) = store.worker.due("mail", later)
    assert (again.attempts, again.fault) == (1, Fault("unreachable", {"host": "x"}))
    assert again.is_stuck
    (message,) = _out(store, conversation)
    assert Fault.told(message.delivery_detail) == again.fault


def test_one_that_waits_for_its_next_try_is_tried_now(store: Workspace) -> None:
    conversation, _ = store.arrive()
    item = _sending(store, conversation)
    store.worker.settle(item.id, OutboxState.QUEUED, retry_at=Micros(now() + DAY), fault=Fault("unreachable"))
    assert store.worker.due("mail", now()) == []
    assert store.writes.send_now(item.id)
    assert [i.id for i in store.worker.due("mail", now())] == [item.id]


def test_rejected_takes_the_status_back(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    item = _sending(store, conversation)
    store.worker.settle(item.id, OutboxState.REJECTED, fault=Fault("refused", {"answer": "550"}))
    assert _get(store, conversation).status is Status.OPEN
    assert store.reads.rows([conversation], AGENT)[conversation].delivery_failed
    assert [i.id for i in store.reads.outbox()] == [item.id]
    taken = store.writes.edit_rejected(item.id)
    assert taken
    assert taken.text == "Dear Ann"
    assert store.reads.draft(taken.id) == taken
    assert store.reads.outbox() == []
    assert _out(store, conversation) == []
    assert not store.reads.rows([conversation], AGENT)[conversation].delivery_failed
    assert store.writes.edit_rejected(item.id) is None


def test_rejected_and_left_so(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    item = _sending(store, conversation)
    store.worker.settle(item.id, OutboxState.REJECTED)
    assert store.reads.rows([conversation], AGENT)[conversation].delivery_failed
    assert store.writes.discard_rejected(AGENT, item.id)
    assert store.writes.discard_rejected(AGENT, item.id) is None
    assert store.reads.outbox() == []
    assert [m.delivery for m in _out(store, conversation)] == [Delivery.REJECTED]
    assert not store.reads.rows([conversation], AGENT)[conversation].delivery_failed
    row = store.reads.rows([conversation], AGENT)[conversation]
    assert (row.snippet, row.last_at) == ("Hello", START), "what was never sent is not what was said last"
    for _turn in range(2):
        result, step = store.writes.undo(AGENT)
        assert (result, step and step.code) == (UndoResult.DONE, "discard_message")
        assert [i.id for i in store.reads.outbox()] == [item.id]
        assert store.reads.rows([conversation], AGENT)[conversation].delivery_failed
        assert store.reads.rows([conversation], AGENT)[conversation].snippet == "Dear Ann"
        assert store.writes.redo(AGENT)[0] is UndoResult.DONE
        assert store.reads.outbox() == []
    assert store.writes.undo(AGENT)[0] is UndoResult.DONE
    assert store.writes.edit_rejected(item.id)
    assert store.writes.redo(AGENT)[0] is UndoResult.CHANGED_SINCE, "it is a draft by now"


@pytest.mark.parametrize("new", [True, False])
def test_a_draft_that_was_thrown_away_comes_back_whole(store: Workspace, new: bool) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    kind = DraftKind.NEW if new else DraftKind.REPLY
    written = draft(conversation=None if new else conversation, kind=kind, text="Dear Ann", updated_at=Micros(5))
    store.writes.save_draft(replace(written, text="Dear"))
    store.writes.discard_draft(AGENT, written)
    assert store.reads.drafts(AGENT) == []
    assert store.reads.rows([conversation], AGENT)[conversation].draft is False
    assert store.writes.undo(AGENT)[0] is UndoResult.DONE
    assert store.reads.drafts(AGENT) == [written], "with what had been kept nowhere yet"
    assert store.writes.redo(AGENT)[0] is UndoResult.DONE
    assert store.reads.drafts(AGENT) == []
    assert store.writes.undo(AGENT)[0] is UndoResult.DONE
    store.writes.save_draft(replace(written, text="Anew", updated_at=Micros(6)))
    assert store.writes.redo(AGENT)[0] is UndoResult.CHANGED_SINCE, "nobody throws away what was written since"
    assert [one.text for one in store.reads.drafts(AGENT)] == ["Anew"]


def test_rejected_leaves_a_status_that_has_changed_since(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    item = _sending(store, conversation)
    store.writes.apply("kim", "spam", [FieldTarget(conversation, Field.STATUS, '"spam"')])
    store.worker.settle(item.id, OutboxState.REJECTED)
    assert _get(store, conversation).status is Status.SPAM


def test_send_and_solve(store: Workspace) -> None:
    conversation, item_in = store.arrive()
    with store.worker.ingest() as tx:
        tx.put_copy(item_in, "mail", CopyPlace("INBOX", 1, 5))
    item = store.writes.queue(AGENT, order(conversation=conversation, then_status=Status.SOLVED))
    assert _get(store, conversation).status is Status.SOLVED
    assert [w.kind for w in store.worker.remote_writes("mail", now())] == ["move"]
    assert store.writes.take_back(AGENT, item.id)
    assert _get(store, conversation).status is Status.NEW
    assert [w.payload["role"] for w in store.worker.remote_writes("mail", now())] == ["inbox"]


def test_a_forward_is_no_answer(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.queue(AGENT, order(conversation=conversation, kind=DraftKind.FORWARD))
    assert _get(store, conversation).status is Status.NEW


def test_a_held_item_comes_back_whole(store: Workspace) -> None:
    conversation, _ = store.arrive()
    written = draft(
        conversation=conversation,
        text="Dear Ann\n> quote\x1b",
        cc=(Person(S("Bo"), S("bo@example.com")),),
        files=(DraftFile(S("a.pdf"), S("application/pdf"), 3, "b" * 64),),
        answers=5,
        seen_order=7,
        from_address=S("help@acme.example"),
    )
    store.writes.save_draft(written)
    snooze = dumps({"until": START + HOUR, "zone": "UTC"})
    store.writes.apply(AGENT, "snooze", [FieldTarget(conversation, Field.SNOOZE, snooze)])
    item = store.writes.queue(AGENT, order(conversation=conversation))
    assert _get(store, conversation).snoozed_until is None
    assert store.writes.take_back(AGENT, item.id) == written
    assert store.reads.draft("d1") == written
    assert _get(store, conversation).status is Status.SNOOZED
    assert _get(store, conversation).snoozed_until == START + HOUR
    assert _out(store, conversation) == []
    assert store.writes.take_back(AGENT, item.id) is None
    assert store.worker.due("mail", now()) == []


def test_what_has_left_cannot_be_stopped(store: Workspace) -> None:
    conversation, _ = store.arrive()
    item = _sending(store, conversation)
    assert store.writes.take_back(AGENT, item.id) is None
    assert not store.writes.send_now(item.id)
    assert _state(store, item) is OutboxState.SENDING


def test_what_waits_for_its_line_is_taken_back(store: Workspace) -> None:
    """A train without a line, and a second thought."""
    conversation, _ = store.arrive(status=Status.OPEN)
    item = _sending(store, conversation)
    later = Micros(now() + HOUR)
    store.worker.settle(item.id, OutboxState.QUEUED, fault=Fault("unreachable"), retry_at=later)
    assert _get(store, conversation).status is Status.WAITING
    (took_it_up,) = store.worker.due("mail", later)
    taken = store.writes.take_back(AGENT, item.id)
    assert taken
    assert store.reads.draft(taken.id) == taken
    assert store.worker.claim(took_it_up.id) is None, "whoever had it in hand already sends nothing"
    assert (_out(store, conversation), _get(store, conversation).status) == ([], Status.OPEN)


def test_what_somebody_may_have_is_not_taken_back(store: Workspace) -> None:
    conversation, _ = store.arrive()
    later = Micros(now() + HOUR)
    partly, put_off, unknown = (_sending(store, conversation, one) for one in ("d1", "d2", "d3"))
    store.worker.sent_partly(partly.id, ["bob@x.example"], {}, Fault("refused"), later)
    store.worker.settle(put_off.id, OutboxState.QUEUED, fault=Fault("refused"), retry_at=later, put_off=1)
    store.worker.settle(unknown.id, OutboxState.UNKNOWN)
    store.writes.settle_unknown(AGENT, unknown.id, was_sent=False)
    for item in (partly, put_off, unknown):
        assert _state(store, item) is OutboxState.QUEUED
        assert store.writes.take_back(AGENT, item.id) is None
        assert _state(store, item) is OutboxState.QUEUED
    store.worker.looked(unknown.id, "not_sent")
    assert store.writes.take_back(AGENT, unknown.id)


def test_send_now(store: Workspace) -> None:
    conversation, _ = store.arrive()
    later = Micros(now() + DAY)
    item = store.writes.queue(AGENT, order(conversation=conversation, not_before=later, scheduled=True))
    assert store.worker.outbox_open() == 0
    assert store.worker.due("mail", now()) == []
    assert store.writes.send_now(item.id)
    assert [i.id for i in store.worker.due("mail", now())] == [item.id]
    assert store.worker.outbox_open() == 1


def test_a_clock_that_is_set_back_makes_no_hold_of_seconds_one_of_an_hour(
    store: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "now", lambda: START)
    conversation, _ = store.arrive()
    meant = Micros(START + 10 * SECOND)
    held = store.writes.queue(AGENT, order(conversation=conversation, not_before=meant))
    scheduled = store.writes.queue(AGENT, order("d2", conversation=conversation, not_before=meant, scheduled=True))
    for present in (START, Micros(START - 3 * SECOND), Micros(START + 9 * SECOND)):
        assert store.worker.due("mail", present) == []
        assert held.leaves_at(present) == scheduled.leaves_at(present) == meant
    back = Micros(START - HOUR)
    assert (held.leaves_at(back), scheduled.leaves_at(back)) == (back, meant)
    assert [(one.id, one.not_before) for one in store.worker.due("mail", back)] == [(held.id, back)]
    assert _state(store, scheduled) is OutboxState.HELD
    assert [one.id for one in store.worker.due("mail", meant)] == [held.id, scheduled.id]


def test_what_is_overdue_keeps_the_worker(store: Workspace) -> None:
    """Its hour passed while the machine slept, and the desk is closed again before it left."""
    conversation, _ = store.arrive()
    store.writes.queue(AGENT, order(conversation=conversation, not_before=Micros(now() - 1), scheduled=True))
    assert store.worker.outbox_open() == 1


def test_what_is_held_stops_when_the_customer_writes_first(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    other, _ = store.arrive(status=Status.OPEN, at=1)
    later = Micros(now() + DAY)
    scheduled = store.writes.queue(AGENT, order(conversation=conversation, not_before=later, scheduled=True))
    held = store.writes.queue(AGENT, order("d2", conversation=conversation, not_before=later))
    elsewhere = store.writes.queue(AGENT, order("d3", conversation=other, not_before=later))
    with store.worker.ingest() as tx:
        assert list(tx.stop_held(conversation, Micros(scheduled.created_at - 1))) == [], "it is older than they are"
        assert list(tx.stop_held(conversation, now())) == [scheduled.id, held.id]
        assert list(tx.stop_held(conversation, now())) == []
    assert [_state(store, one) for one in (scheduled, held)] == [OutboxState.STOPPED] * 2
    assert _state(store, elsewhere) is OutboxState.HELD
    assert sorted(d.id for d in store.reads.drafts(AGENT)) == ["d1", "d2"]
    assert [item.id for item in store.reads.held_back(AGENT)] == [held.id, scheduled.id]
    assert store.reads.held_back("somebody else") == []
    for kept in store.reads.drafts(AGENT):
        store.writes.save_draft(replace(kept, text="Anew", updated_at=Micros(kept.updated_at + 1)))
    assert store.reads.held_back(AGENT) == [], "it was taken up"


def test_what_the_worker_has_taken_does_not_stop(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    item = store.writes.queue(AGENT, order(conversation=conversation, not_before=now()))
    assert [one.id for one in store.worker.due("mail", now())] == [item.id]
    with store.worker.ingest() as tx:
        assert list(tx.stop_held(conversation, now())) == []
    assert store.worker.claim(item.id)
    assert store.reads.drafts(AGENT) == []


def test_undo_behind_what_stopped_by_itself_takes_back_nothing_older(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    store.writes.apply(AGENT, "spam", [FieldTarget(conversation, Field.STATUS, '"spam"')])
    item = store.writes.queue(AGENT, order(conversation=conversation, not_before=Micros(now() + HOUR)))
    with store.worker.ingest() as tx:
        assert tx.stop_held(conversation, now())
    for _press in range(2):
        result, step = store.writes.undo(AGENT)
        assert result is UndoResult.DONE
        assert step
        assert [(one.field, one.after) for one in step.changes] == [(Field.SEND, str(item.id))]
        assert _get(store, conversation).status is Status.SPAM
    (draft,) = store.reads.drafts(AGENT)
    store.writes.save_draft(replace(draft, text="Anew", updated_at=Micros(draft.updated_at + 1)))
    assert store.writes.undo(AGENT)[0] is UndoResult.DONE, "it was taken up: now what is older is meant"
    assert _get(store, conversation).status is Status.OPEN


def test_what_was_held_back_stays_so_where_two_conversations_become_one(store: Workspace) -> None:
    target, _ = store.arrive(status=Status.OPEN)
    source, _ = store.arrive(status=Status.OPEN, at=1)
    later = Micros(now() + DAY)
    scheduled = store.writes.queue(AGENT, order(conversation=source, not_before=later, scheduled=True))
    with store.worker.ingest() as tx:
        assert list(tx.stop_held(source, now())) == [scheduled.id]
        tx.merge_conversation(source, target, Placement(Rule.REFERENCES))
    assert [draft.conversation_id for draft in store.reads.drafts(AGENT)] == [target]
    assert [item.conversation_id for item in store.reads.held_back(AGENT)] == [target]


def test_what_is_taken_back_is_a_draft_of_the_conversation_that_it_stands_in_by_then(store: Workspace) -> None:
    target, _ = store.arrive(status=Status.OPEN)
    source, _ = store.arrive(status=Status.OPEN, at=1)
    later = Micros(now() + DAY)
    store.writes.save_draft(draft(conversation=source))
    scheduled = store.writes.queue(AGENT, order(conversation=source, not_before=later, scheduled=True))
    with store.worker.ingest() as tx:
        tx.merge_conversation(source, target, Placement(Rule.REFERENCES))
        assert list(tx.stop_held(target, now())) == [scheduled.id]
    assert [draft.conversation_id for draft in store.reads.drafts(AGENT)] == [target]
    assert [item.id for item in store.reads.held_back(AGENT)] == [scheduled.id]


def test_what_was_taken_back_by_hand_is_not_held_back(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    later = Micros(now() + DAY)
    item = store.writes.queue(AGENT, order(conversation=conversation, not_before=later, scheduled=True))
    assert store.writes.take_back(AGENT, item.id)
    store.writes.queue(AGENT, order("d2", conversation=conversation, token="t2@acme.example"))
    store.writes.undo(AGENT)
    assert len(store.reads.drafts(AGENT)) == 2
    assert store.reads.held_back(AGENT) == []


def test_a_new_mail_begins_a_conversation(store: Workspace) -> None:
    item = store.writes.queue(AGENT, order())
    assert item.conversation_id
    row = store.reads.page(View.WAITING, AGENT, None, 5)[0]
    assert (row.id, row.customer, row.subject) == (item.conversation_id, "Ann", "Re: Question")
    with store.worker.ingest() as tx:
        contact = tx.contact_of("email", "ANN@example.com")
        assert tx.participants(row.id) == {("email", "ann@example.com")}
    assert contact == _get(store, row.id).contact_id
    assert store.writes.take_back(AGENT, item.id)
    assert store.reads.page(View.ALL, AGENT, None, 5) == []
    assert store.reads.conversation(row.id) is None
    found = store.reads.draft("d1")
    assert found
    assert found.conversation_id is None


def test_a_chat_takes_the_backend_s_ids(store: Workspace) -> None:
    item = store.writes.queue(AGENT, order())
    store.worker.due("mail", now())
    store.worker.claim(item.id)
    store.worker.mark_leaving(item.id)
    store.worker.settle(item.id, OutboxState.SENT, native_id="ev1", native_conversation="room7")
    with store.worker.ingest() as tx:
        assert tx.message_by_native("mail", "ev1") == item.message_id
        assert tx.conversation_by_native("mail", "room7") == item.conversation_id
        found = tx.outbox_by_token("mail", item.token)
        assert found
        assert found.id == item.id


def test_a_report_finds_what_we_sent_by_the_name_of_its_envelope(store: Workspace) -> None:
    conversation, _ = store.arrive()
    item = _sending(store, conversation)
    store.worker.mark_leaving(item.id, "name")
    with store.worker.ingest() as tx:
        found = tx.sent_in_envelope("mail", "name")
        assert found
        assert (found.message_id, found.conversation_id) == (item.message_id, conversation)
        assert tx.stored_mail(found.message_id).envelope_id == "name"
        assert tx.sent_in_envelope("other", "name") is None
        assert tx.sent_in_envelope("mail", "") is None


def test_what_is_sent_again_keeps_the_name_of_its_envelope(store: Workspace) -> None:
    conversation, _ = store.arrive()
    item = _sending(store, conversation)
    store.worker.mark_leaving(item.id, "name")
    store.worker.settle(item.id, OutboxState.UNKNOWN)
    store.writes.settle_unknown(AGENT, item.id, was_sent=False)
    claimed = store.worker.claim(item.id)
    assert claimed
    assert claimed.envelope_id == "name"
    store.worker.mark_leaving(item.id)
    found = store.reads.outbox_item(item.id)
    assert found
    assert found.envelope_id == "name"


def test_answers_find_what_we_sent(store: Workspace) -> None:
    conversation, _ = store.arrive()
    item = store.writes.queue(AGENT, order(conversation=conversation))
    with store.worker.ingest() as tx:
        (found,) = tx.candidates("mail", ["nobody@x", item.token])
    assert (found.message_id, found.conversation_id, found.ours) == (item.message_id, conversation, True)
    assert item.message_id
    assert store.reads.references(item.message_id) == ["m1@example.com", item.token]


def test_a_removed_account_sends_nothing(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.queue(AGENT, order(conversation=conversation))
    store.writes.remove_account("mail")
    assert store.worker.outbox_open() == 0
    assert store.worker.next_due() is None
    assert [a.id for a in store.worker.accounts()] == []
    assert store.reads.conversation(conversation)


def test_what_happened_is_told_in_order(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN, at=SECOND)
    item = store.writes.queue(AGENT, order(conversation=conversation))
    store.writes.take_back(AGENT, item.id)
    told = [
        (i.parameters["from"], i.parameters["to"], i.parameters["cause"])
        for i in store.reads.items(conversation, None, 50)
        if isinstance(i, Event)
    ]
    assert told == [("open", "waiting", "reply"), ("waiting", "open", "stopped")]
    assert dataclasses.asdict(item)["state"] == "held"


def test_what_goes_past_the_customer_leaves_the_status(store: Workspace) -> None:
    conversation, _ = store.arrive(status=Status.OPEN)
    item = store.writes.queue(AGENT, order("d1", conversation=conversation, past_customer=True))
    found = store.reads.conversation(conversation)
    assert found is not None
    assert found.status is Status.OPEN
    store.writes.queue(AGENT, order("d2", conversation=conversation))
    assert store.writes.take_back(AGENT, item.id)
    found = store.reads.conversation(conversation)
    assert found is not None
    assert found.status is Status.WAITING, "the customer's own answer is on its way still"
