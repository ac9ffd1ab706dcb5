"""Changes an agent makes: fields with their inverses, as one step, undone where they still stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from agent_tui.domain.action import ActionStep, Field, FieldChange, UndoResult
from agent_tui.domain.conversation import Priority, Status
from agent_tui.domain.outbox import Draft
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import now
from agent_tui.store import joined
from agent_tui.store.ports import FieldTarget
from agent_tui.store.rows import GONE_BOX, HIDDEN_NOTE, NOTE, dumps, read_draft, safe, write_draft
from agent_tui.store.writes import common, drafts, index, remote, withdrawing
from agent_tui.store.writes.transaction import Transaction

UNDONE, STANDS = 1, 0


def canonical(value: str) -> str:
    """JSON text as the store writes it, so that equal values are equal texts."""
    return dumps(json.loads(value))


# Reading and writing one field


def current(tx: Transaction, conversation_id: int, field: Field, change: str = "") -> str | None:
    """The present value of a field; None where there is no such conversation. `change` is the value it is held against."""
    if field is Field.DRAFT:
        return tx.value("SELECT data FROM draft WHERE id = ?", (json.loads(change)["id"],)) or "null"
    if field is Field.REFUSED:
        item_id = json.loads(change)
        return dumps(tx.value("SELECT id FROM outbox WHERE id = ? AND state = 'rejected' AND NOT settled", (item_id,)))
    found = tx.one(
        "SELECT status, priority, assignee, tags, snoozed_until, snooze_zone, unread FROM conversation"
        " WHERE id = ? AND box <> ?",
        (conversation_id, GONE_BOX),
    )
    if not found:
        return None
    match field:
        case Field.STATUS:
            return dumps(found[0])
        case Field.PRIORITY:
            return dumps(found[1])
        case Field.ASSIGNEE:
            return dumps(found[2] or None)
        case Field.TAGS:
            return dumps(sorted(json.loads(found[3])))
        case Field.SNOOZE:
            return dumps({"until": found[4], "zone": found[5]} if found[4] is not None else None)
        case Field.READ:
            return dumps(not found[6])
        case Field.NOTE:
            return _current_note(tx, change)
        case _:
            raise ValueError(f"{field} is not a field to be set")


def _current_note(tx: Transaction, change: str) -> str:
    note_id = json.loads(change)
    shown = tx.one("SELECT 1 FROM placement WHERE id = ? AND kind = ?", (note_id, NOTE))
    return dumps(note_id if shown else None)


def put(
    tx: Transaction,
    agent: str,
    conversation_id: int,
    field: Field,
    before: str,
    after: str,
    cause: str,
    *,
    told: bool = True,
) -> None:
    """Write one field, with its event, unless another field tells of it, and what it means on the server."""
    value = json.loads(after)
    by = safe(agent)
    match field:
        case Field.STATUS:
            old = Status(json.loads(before))
            # The snooze is a change of its own here, with an inverse of its own.
            if told:
                common.move_status(tx, conversation_id, Status(value), cause, by=by, keep_snooze=True)
            else:
                common.change_status(tx, conversation_id, Status(value), "", keep_snooze=True)
            remote.follow_status(tx, conversation_id, old, Status(value))
        case Field.PRIORITY:
            level = int(Priority(value))
            tx.run("UPDATE conversation SET priority = ? WHERE id = ?", (level, conversation_id))
            _tell(tx, conversation_id, "priority", before, after, cause, by)
        case Field.ASSIGNEE:
            tx.run("UPDATE conversation SET assignee = ? WHERE id = ?", (value or "", conversation_id))
            _tell(tx, conversation_id, "assignee", before, after, cause, by)
        case Field.TAGS:
            common.set_tags(tx, conversation_id, value)
            _tell_tags(tx, conversation_id, json.loads(before), value, cause, by)
        case Field.SNOOZE:
            _put_snooze(tx, conversation_id, value, cause, by)
        case Field.READ:
            _put_read(tx, conversation_id, bool(value))
        case Field.NOTE:
            _put_note(tx, conversation_id, json.loads(before), value)
        case Field.DRAFT:
            _put_draft(tx, before, after)
        case Field.REFUSED:
            withdrawing.let_be(tx, json.loads(before if value is None else after), done=value is None)
        case _:
            raise ValueError(f"{field} is not a field to be set")
    if conversation_id:
        tx.touch("conversation", conversation_id)


def _tell(tx: Transaction, conversation_id: int, code: str, before: str, after: str, cause: str, by: SafeText) -> None:
    old, new = (str("" if v is None else v) for v in (json.loads(before), json.loads(after)))
    common.add_event(tx, conversation_id, code, {"from": old, "to": new, "cause": cause}, by)


def _tell_tags(
    tx: Transaction, conversation_id: int, before: list[str], after: list[str], cause: str, by: SafeText
) -> None:
    parameters = {"cause": cause}
    if added := sorted(set(after) - set(before)):
        parameters["added"] = ", ".join(added)
    if removed := sorted(set(before) - set(after)):
        parameters["removed"] = ", ".join(removed)
    common.add_event(tx, conversation_id, "tags", parameters, by)


def _put_snooze(
    tx: Transaction, conversation_id: int, value: dict[str, str | int] | None, cause: str, by: SafeText
) -> None:
    until, zone = (value["until"], value["zone"]) if value else (None, None)
    tx.run("UPDATE conversation SET snoozed_until = ?, snooze_zone = ? WHERE id = ?", (until, zone, conversation_id))
    if value:
        common.add_event(tx, conversation_id, "snooze", {"until": str(until), "zone": str(zone), "cause": cause}, by)


def _put_read(tx: Transaction, conversation_id: int, read: bool) -> None:
    """Read: all of it. Unread: the newest message in, as mail programs do it."""
    wanted = (
        "SELECT m.id FROM placement p JOIN message m ON m.id = p.id WHERE p.conversation_id = ? AND p.kind = 1"
        " AND m.direction = 'in' "
    )
    wanted += "AND m.unread = 1" if read else "ORDER BY m.id DESC LIMIT 1"
    ids = [i for (i,) in tx.all(wanted, (conversation_id,))]
    set_read(tx, conversation_id, ids, read)


def set_read(tx: Transaction, conversation_id: int, message_ids: Sequence[int], read: bool) -> None:
    """Mark messages here, and queue the marks for the server."""
    tx.many("UPDATE message SET unread = ? WHERE id = ?", [(not read, i) for i in message_ids])
    tx.run(
        "UPDATE conversation SET unread = (SELECT count(*) FROM placement p JOIN message m ON m.id = p.id"
        " WHERE p.conversation_id = conversation.id AND p.kind = 1 AND m.unread = 1) WHERE id = ?",
        (conversation_id,),
    )
    remote.queue_marks(tx, message_ids, seen=read)
    tx.touch("conversation", conversation_id)


def _put_note(tx: Transaction, conversation_id: int, before: int | None, after: int | None) -> None:
    note_id = after if after is not None else before
    if note_id is None:
        return
    indexed = index.stored_note(tx, note_id)
    tx.run("UPDATE placement SET kind = ? WHERE id = ?", (NOTE if after is not None else HIDDEN_NOTE, note_id))
    if after is not None:
        index.put(tx, note_id, indexed)
    else:
        index.take(tx, note_id, indexed)


def _put_draft(tx: Transaction, before: str, after: str) -> None:
    if json.loads(after) is not None:
        drafts.save(tx, read_draft(after))
    else:
        drafts.drop(tx, json.loads(before)["id"])


# Steps


def apply(tx: Transaction, agent: str, code: str, targets: Sequence[FieldTarget]) -> ActionStep | None:
    """Change fields as one step. None where nothing changed."""
    changes = []
    # All present values are read before any is written: a status takes its snooze along, and undo needs both.
    meant = [replace(target, conversation_id=joined.standing(tx, target.conversation_id)) for target in targets]
    for target in _whole(tx, meant):
        after = canonical(target.after)
        before = current(tx, target.conversation_id, target.field, after)
        if before is not None and before != after:
            changes.append(FieldChange(target.conversation_id, target.field, before, after))
    _put_all(tx, agent, changes, code)
    return record(tx, agent, code, changes) if changes else None


def _put_all(tx: Transaction, agent: str, changes: Sequence[FieldChange], cause: str) -> None:
    """Write them. Until when a conversation sleeps says that it does."""
    asleep = {one.conversation_id for one in changes if one.field is Field.SNOOZE and json.loads(one.after)}
    for one in changes:
        told = one.field is not Field.STATUS or one.conversation_id not in asleep
        put(tx, agent, one.conversation_id, one.field, one.before, one.after, cause, told=told)


def _whole(tx: Transaction, targets: Sequence[FieldTarget]) -> Iterable[FieldTarget]:
    """Status and snooze go together: neither stands without the other."""
    named = {(t.conversation_id, t.field) for t in targets}
    for target in {(t.conversation_id, t.field): t for t in targets}.values():
        yield target
        where = target.conversation_id
        if (
            target.field is Field.STATUS
            and (where, Field.SNOOZE) not in named
            and json.loads(target.after) != Status.SNOOZED
        ):
            yield FieldTarget(where, Field.SNOOZE, "null")
        if target.field is Field.SNOOZE and (where, Field.STATUS) not in named:
            if json.loads(target.after) is not None:
                yield FieldTarget(where, Field.STATUS, dumps(Status.SNOOZED))
            elif tx.value("SELECT status FROM conversation WHERE id = ?", (where,)) == Status.SNOOZED:
                yield FieldTarget(where, Field.STATUS, dumps(Status.OPEN))


def record(
    tx: Transaction, agent: str, code: str, changes: Sequence[FieldChange], *, undoable: bool = True
) -> ActionStep:
    """Write a step. What was undone before can no longer be redone."""
    at = now()
    step_id = tx.insert(
        "INSERT INTO step (agent, at, code, undone, undoable) VALUES (?, ?, ?, 0, ?)", (agent, at, code, undoable)
    )
    tx.many(
        "INSERT INTO step_change VALUES (?, ?, ?, ?, ?, ?, 0)",
        [(step_id, n, c.conversation_id, c.field, c.before, c.after) for n, c in enumerate(changes)],
    )
    return ActionStep(step_id, agent, at, code, tuple(changes), undoable=undoable)


@dataclass(frozen=True, slots=True)
class _Change:
    place: int
    change: FieldChange
    reverted: bool


def _load(tx: Transaction, step_id: int) -> tuple[ActionStep, list[_Change]] | None:
    found = tx.one("SELECT id, agent, at, code, undone, undoable FROM step WHERE id = ?", (step_id,))
    if not found:
        return None
    rows = tx.all(
        "SELECT place, conversation_id, field, before, after, reverted FROM step_change WHERE step_id = ? ORDER BY place",
        (step_id,),
    )
    changes = [_Change(p, FieldChange(joined.standing(tx, c), Field(f), b, a), bool(r)) for p, c, f, b, a, r in rows]
    step = ActionStep(
        found[0], found[1], found[2], found[3], tuple(c.change for c in changes), found[4] > 0, bool(found[5])
    )
    return step, changes


def undo(tx: Transaction, agent: str, step_id: int | None) -> tuple[UndoResult, ActionStep | None]:
    """Take back the newest step, or this one, field by field."""
    if step_id is None:
        stopped = _stopped_send(tx, agent)
        if stopped is not None:
            return UndoResult.DONE, stopped
        step_id = tx.value(
            "SELECT id FROM step WHERE agent = ? AND undone = 0 AND undoable ORDER BY id DESC LIMIT 1", (agent,)
        )
    loaded = _load(tx, step_id) if step_id is not None else None
    if loaded is None or loaded[0].undone or not loaded[0].undoable or loaded[0].agent != agent:
        return UndoResult.NOTHING, None
    step, changes = loaded
    if any(c.change.field is Field.SEND for c in changes):
        return _undo_send(tx, agent, step)
    tx.run("UPDATE step SET undone = ? WHERE id = ?", (_next_undone(tx, agent), step.id))
    back = 0
    for one in _standing(tx, changes, lambda c: c.after, lambda c: c.before):
        change = one.change
        put(tx, agent, change.conversation_id, change.field, change.after, change.before, "undo")
        tx.run("UPDATE step_change SET reverted = 1 WHERE step_id = ? AND place = ?", (step.id, one.place))
        back += 1
    return _result(back, len(changes)), step


def _stopped_send(tx: Transaction, agent: str) -> ActionStep | None:
    """The newest step of all, where it sent what has stopped by itself since: what the agent means to take back is a
    draft already, and nothing older must be taken back in its place. Once the draft was taken up this is over."""
    step_id = tx.value(
        "SELECT s.id FROM step s JOIN outbox o ON o.step_id = s.id AND o.state = 'stopped' AND NOT o.settled"
        " JOIN draft d ON d.id = json_extract(o.draft, '$.id') AND d.updated_at = json_extract(o.draft, '$.updated_at')"
        " WHERE s.id = (SELECT max(id) FROM step WHERE agent = ?)",
        (agent,),
    )
    loaded = _load(tx, step_id) if step_id is not None else None
    return loaded[0] if loaded is not None else None


def _next_undone(tx: Transaction, agent: str) -> int:
    """Undone steps are numbered, so that redo begins with the last one undone."""
    return int(tx.value("SELECT coalesce(max(undone), 0) + 1 FROM step WHERE agent = ?", (agent,)))


def _standing(
    tx: Transaction,
    changes: Sequence[_Change],
    left: Callable[[FieldChange], str],
    other: Callable[[FieldChange], str],
) -> list[_Change]:
    """Those whose field still has the value that was left there. All are looked at before any is written."""
    standing = []
    for one in changes:
        change = one.change
        value = left(change)
        if current(tx, change.conversation_id, change.field, value if value != "null" else other(change)) == value:
            standing.append(one)
    return standing


def _result(back: int, all_of_them: int) -> UndoResult:
    if back == all_of_them:
        return UndoResult.DONE
    return UndoResult.PARTLY if back else UndoResult.CHANGED_SINCE


def _undo_send(tx: Transaction, agent: str, step: ActionStep) -> tuple[UndoResult, ActionStep]:
    """The outbox says whether it was in time: what has left was done, and stays done."""
    item_id = json.loads(step.changes[0].after)
    if withdrawing.stop(tx, item_id, "undo", agent) is None:
        tx.run("UPDATE step SET undoable = 0 WHERE id = ?", (step.id,))
        return UndoResult.TOO_LATE, replace(step, undoable=False)
    tx.run("UPDATE step SET undoable = 0, undone = ? WHERE id = ?", (_next_undone(tx, agent), step.id))
    return UndoResult.DONE, replace(step, undone=True, undoable=False)


def redo(tx: Transaction, agent: str) -> tuple[UndoResult, ActionStep | None]:
    """Do again what was undone last, as long as nothing new was done since."""
    step_id = tx.value(
        "SELECT id FROM step s WHERE agent = ? AND undone > 0 AND undoable"
        " AND EXISTS (SELECT 1 FROM step_change c WHERE c.step_id = s.id AND c.reverted)"
        " AND NOT EXISTS (SELECT 1 FROM step n WHERE n.agent = s.agent AND n.id > s.id"
        # A message that was taken back is sent anew by hand; what lies under it is not what is meant.
        " AND (n.undone = 0 OR n.undone > s.undone AND NOT n.undoable))"
        " ORDER BY undone DESC LIMIT 1",
        (agent,),
    )
    loaded = _load(tx, step_id) if step_id is not None else None
    if loaded is None:
        return UndoResult.NOTHING, None
    step, changes = loaded
    again = 0
    reverted = [c for c in changes if c.reverted]
    for one in _standing(tx, reverted, lambda c: c.before, lambda c: c.after):
        change = one.change
        put(tx, agent, change.conversation_id, change.field, change.before, change.after, "redo")
        tx.run("UPDATE step_change SET reverted = 0 WHERE step_id = ? AND place = ?", (step.id, one.place))
        again += 1
    tx.run("UPDATE step SET undone = ? WHERE id = ?", (STANDS if again else UNDONE, step.id))
    if not again:
        tx.run("UPDATE step_change SET reverted = 0 WHERE step_id = ?", (step.id,))
    return _result(again, len(reverted)), step


def discard_draft(tx: Transaction, agent: str, draft: Draft) -> ActionStep:
    """Throw a draft away, as a step; all of it is kept there."""
    drafts.drop(tx, draft.id)
    return record(
        tx, agent, "discard_draft", [FieldChange(draft.conversation_id or 0, Field.DRAFT, write_draft(draft), "null")]
    )


def discard_refused(tx: Transaction, agent: str, item_id: int) -> ActionStep | None:
    """Be done with a refused message, as a step; it stays where it stands."""
    if not withdrawing.let_be(tx, item_id, done=True):
        return None
    conversation_id = tx.value("SELECT conversation_id FROM outbox WHERE id = ?", (item_id,))
    change = FieldChange(conversation_id or 0, Field.REFUSED, dumps(item_id), "null")
    return record(tx, agent, "discard_message", [change])


def add_note(tx: Transaction, agent: str, conversation_id: int, text: SafeText) -> int:
    """Write a note as a step."""
    at = now()
    conversation_id = joined.standing(tx, conversation_id)
    note_id = common.order_now(tx, conversation_id, at)
    common.place(tx, note_id, conversation_id, NOTE)
    tx.run("INSERT INTO note VALUES (?, ?, ?, ?)", (note_id, agent, text, at))
    index.put(tx, note_id, index.Indexed(author=agent, body=text))
    record(tx, agent, "note", [FieldChange(conversation_id, Field.NOTE, "null", dumps(note_id))])
    tx.touch("conversation", conversation_id)
    return note_id
