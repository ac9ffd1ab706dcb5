"""Changes an agent makes, each with its inverse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent_tui.domain.times import Micros


class Field(StrEnum):
    """The fields of a conversation that an agent changes.

    Their values are JSON text: the status as `"solved"`, the priority as `2`, the assignee as `"dana"` or `null`,
    tags as a sorted array of strings, a snooze as `{"until": microseconds, "zone": "Europe/Kyiv"}` or `null`,
    read as `true` or `false`, a placement as the conversation's id, a draft as all of it or `null`, a message that was
    refused as its number in the outbox or, once the agent is done with it, `null`. Snoozing targets both status and snooze,
    any other status clears the snooze with it; a target that changes nothing leaves no trace.
    """

    STATUS = "status"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"
    TAGS = "tags"
    SNOOZE = "snooze"
    READ = "read"
    PLACEMENT = "placement"
    SEND = "send"
    NOTE = "note"
    DRAFT = "draft"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one conversation, before and after. Values are JSON: what the column held, as text."""

    conversation_id: int
    """0 for the draft of a new message: it belongs to none yet."""
    field: Field
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ActionStep:
    """What one key did: one or many field changes, undone as one."""

    id: int
    agent: str
    at: Micros
    code: str
    """`solve`, `snooze`, `assign`, …: screens put it into words."""
    changes: Sequence[FieldChange]
    undone: bool = False
    undoable: bool = True


class UndoResult(StrEnum):
    """What became of an undo."""

    DONE = "done"
    PARTLY = "partly"
    """Some fields had changed since and were left."""
    CHANGED_SINCE = "changed_since"
    NOTHING = "nothing"
    TOO_LATE = "too_late"
    """The message had left."""
