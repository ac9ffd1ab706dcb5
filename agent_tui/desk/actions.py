"""What changes a conversation: each an intent that can be looked at, applied as one step and taken back.

Builders are pure; `Actions` applies them. A bulk change is one step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent_tui.content.safe import safe
from agent_tui.desk.workspace import Desk
from agent_tui.domain.account import Capability
from agent_tui.domain.action import ActionStep, Field, UndoResult
from agent_tui.domain.conversation import ConversationRow, Priority, Status
from agent_tui.domain.message import Person
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.store.ports import FieldTarget

LONGEST_TAG = 40


@dataclass(frozen=True, slots=True)
class Intent:
    """A change that is meant: its code for the undo list, its targets."""

    code: str
    targets: tuple[FieldTarget, ...]

    @property
    def conversations(self) -> tuple[int, ...]:
        """Whom it concerns, each once, in order."""
        return tuple(dict.fromkeys(target.conversation_id for target in self.targets))


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the undo list, as codes."""

    step: int
    at: Micros
    code: str
    conversations: tuple[int, ...]
    numbers: tuple[int, ...]
    """What people call the first few of them."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Field to its new value, where all conversations got the same one. A message has `to`, and `state`: what became
    of it, as the outbox has it, or `scheduled`."""
    undone: bool = False
    undoable: bool = True


def _status(ids: Iterable[int], status: Status) -> list[FieldTarget]:
    targets = []
    for conversation in ids:
        targets.append(FieldTarget(conversation, Field.STATUS, json.dumps(status.value)))
        targets.append(FieldTarget(conversation, Field.SNOOZE, "null"))
    return targets


def set_status(ids: Iterable[int], status: Status) -> Intent:
    """Any status but snoozed, which needs a time."""
    if status is Status.SNOOZED:
        raise ValueError("a snooze needs a time")
    code = {Status.SOLVED: "solve", Status.OPEN: "reopen", Status.SPAM: "spam"}.get(status, "status")
    return Intent(code, tuple(_status(ids, status)))


def solve(ids: Iterable[int]) -> Intent:
    """Done with."""
    return set_status(ids, Status.SOLVED)


def reopen(ids: Iterable[int]) -> Intent:
    """Not done with after all."""
    return set_status(ids, Status.OPEN)


def spam(ids: Iterable[int]) -> Intent:
    """Unwanted; stays so whatever comes after it."""
    return set_status(ids, Status.SPAM)


def snooze(ids: Iterable[int], until: Micros, zone: str) -> Intent:
    """Out of sight until a time, or until the customer writes."""
    value = json.dumps({"until": until, "zone": zone})
    targets = []
    for conversation in ids:
        targets.append(FieldTarget(conversation, Field.STATUS, json.dumps(Status.SNOOZED.value)))
        targets.append(FieldTarget(conversation, Field.SNOOZE, value))
    return Intent("snooze", tuple(targets))


def assign(ids: Iterable[int], agent: str | None) -> Intent:
    """Give to somebody, or to nobody."""
    value = json.dumps(agent, ensure_ascii=False)
    return Intent("assign" if agent else "unassign", tuple(FieldTarget(i, Field.ASSIGNEE, value) for i in ids))


def set_priority(ids: Iterable[int], priority: Priority) -> Intent:
    """How pressing it is."""
    return Intent("priority", tuple(FieldTarget(i, Field.PRIORITY, json.dumps(int(priority))) for i in ids))


def set_read(ids: Iterable[int], read: bool) -> Intent:
    """Read or unread again."""
    return Intent("read" if read else "unread", tuple(FieldTarget(i, Field.READ, json.dumps(read)) for i in ids))


def clean_tag(typed: str) -> SafeText | None:
    """A tag as it is kept: one line, no comma, not long; None where nothing is left."""
    tag = " ".join(typed.replace(",", " ").split()).lstrip("#")[:LONGEST_TAG].strip()
    return safe(tag, one_line=True) or None


def signed_tags(typed: str) -> tuple[list[str], list[str]]:
    """Tags to add and to take away, as they are typed: `vip, late`, `+vip, -late`."""
    pieces = [piece.strip() for piece in typed.split(",")]
    added = [piece.removeprefix("+") for piece in pieces if not piece.startswith("-")]
    return [name for name in added if name.strip()], [piece[1:] for piece in pieces if piece[:1] == "-" and piece[1:]]


def tag(rows: Mapping[int, ConversationRow], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Intent:
    """Add and take away tags; case does not tell tags apart."""
    gone = {str(name).casefold() for typed in remove if (name := clean_tag(typed))}
    new = [name for typed in add if (name := clean_tag(typed))]
    targets = []
    for conversation, row in rows.items():
        kept = {str(name).casefold(): str(name) for name in row.tags if name.casefold() not in gone}
        for name in new:
            kept.setdefault(name.casefold(), str(name))
        value = json.dumps(sorted(kept.values()), ensure_ascii=False)
        targets.append(FieldTarget(conversation, Field.TAGS, value))
    return Intent("tag" if new or not gone else "untag", tuple(targets))


def restored_draft(step: ActionStep | None) -> str | None:
    """The draft that an undone send came back as."""
    sent = next((change for change in step.changes if change.field is Field.SEND), None) if step else None
    return str(json.loads(sent.before)) if sent else None


def _tags_told(step: ActionStep) -> dict[str, set[str]]:
    """Which tags came or went, where the conversations have not the same ones then; `state` is how that is told."""
    changes = [
        (json.loads(c.before or "[]"), json.loads(c.after or "[]")) for c in step.changes if c.field is Field.TAGS
    ]
    told: dict[str, set[str]] = {}
    for name, found in (
        ("added", {tag for before, after in changes for tag in after if tag not in before}),
        ("removed", {tag for before, after in changes for tag in before if tag not in after}),
    ):
        if found:
            told[name] = {json.dumps(sorted(found), ensure_ascii=False)}
    return {**told, "state": {"_".join(told)}} if told else {}


def _names(people: Iterable[Person]) -> str:
    return ", ".join(person.address or person.name for person in people)


class Actions:
    """Applies intents, takes them back, and tells what was done."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def apply(self, intent: Intent) -> ActionStep | None:
        """Do it; None where nothing changed by it."""
        return await self._desk.write(lambda writes: writes.apply(self._desk.agent, intent.code, intent.targets))

    def apply_now(self, intent: Intent) -> ActionStep | None:
        """Do it and wait."""
        return self._desk.write_now(lambda writes: writes.apply(self._desk.agent, intent.code, intent.targets))

    def tag(self, ids: Sequence[int], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Intent:
        """Tags of these conversations as they are now, with these added and those taken away."""
        return tag(self._desk.reads.rows(list(ids), self._desk.agent), add, remove)

    def all_tags(self) -> tuple[tuple[SafeText, int], ...]:
        """Tags in use, most used first."""
        return tuple(sorted(self._desk.reads.tags(), key=lambda pair: (-pair[1], pair[0].casefold())))

    async def undo(self, step: int | None = None) -> tuple[UndoResult, ActionStep | None]:
        """Take back the newest step, or this one. A message that is still held comes back as a draft."""
        return await self._desk.write(lambda writes: writes.undo(self._desk.agent, step))

    def undo_now(self, step: int | None = None) -> tuple[UndoResult, ActionStep | None]:
        """Take back and wait."""
        return self._desk.write_now(lambda writes: writes.undo(self._desk.agent, step))

    async def redo(self) -> tuple[UndoResult, ActionStep | None]:
        """Do again what was taken back last."""
        return await self._desk.write(lambda writes: writes.redo(self._desk.agent))

    def steps(self, limit: int = 50) -> list[StepLine]:
        """The undo list, newest first."""
        return [self.describe(step) for step in self._desk.reads.steps(self._desk.agent, limit)]

    def describe(self, step: ActionStep) -> StepLine:
        """A step as codes and values; screens put it into words."""
        ids = tuple(dict.fromkeys(change.conversation_id for change in step.changes))
        rows = self._desk.reads.rows(list(ids[:3]), self._desk.agent)
        values: dict[str, set[str]] = {}
        for change in step.changes:
            values.setdefault(change.field.value, set()).add(change.after)
        item = self._sent(step)
        if item is not None:
            scheduled = item.state is OutboxState.HELD and item.scheduled
            values["state"] = {"scheduled" if scheduled else item.state.value}
            values["to"] = {_names((*item.to, *item.cc, *item.bcc))}
        values |= self._discarded(step)
        if len(values.get("tags", ())) > 1 or step.code == "untag":
            values |= _tags_told(step)
        return StepLine(
            step=step.id,
            at=step.at,
            code=step.code,
            conversations=ids,
            numbers=tuple(rows[i].number for i in ids[:3] if i in rows),
            values={name: next(iter(after)) for name, after in values.items() if len(after) == 1},
            undone=step.undone,
            undoable=step.undoable and (item is None or item.can_be_taken_back),
        )

    def _discarded(self, step: ActionStep) -> dict[str, set[str]]:
        """Whom a message was for that was thrown away; `state` is `new` where it began a conversation."""
        if step.code == "discard_draft":
            draft = json.loads(step.changes[0].before)
            people = [address or name for field in ("to", "cc", "bcc") for name, address in draft[field]]
            begins = {"state": {"new"}} if not step.changes[0].conversation_id else {}
            return {"to": {", ".join(people)}, **begins}
        if step.code == "discard_message":
            item = self._desk.reads.outbox_item(int(json.loads(step.changes[0].before)))
            return {"to": {_names((*item.to, *item.cc, *item.bcc))}} if item is not None else {}
        return {}

    def _sent(self, step: ActionStep) -> OutboxItem | None:
        """What became of the message of a step that sent one."""
        sent = next((change for change in step.changes if change.field is Field.SEND), None)
        return self._desk.reads.outbox_item(int(json.loads(sent.after))) if sent else None

    def can(self, account: str, capability: Capability) -> bool:
        """Whether the backend of an account is able to do something; asked before a key is offered."""
        found = self._desk.account(account)
        return found is not None and not found.offline and capability in found.capabilities
