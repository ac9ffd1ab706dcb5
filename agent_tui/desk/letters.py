"""What may leave and what may not, as two types: nothing that queues takes a note."""

from __future__ import annotations

from dataclasses import dataclass

from agent_tui.domain.outbox import Draft, DraftKind


class NoteCannotLeave(TypeError):
    """Somebody tried to make a letter of a note."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft that may be sent. It cannot be made of a note."""

    draft: Draft

    def __post_init__(self) -> None:
        if self.draft.kind is DraftKind.NOTE:
            raise NoteCannotLeave(self.draft.id)


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """A draft for the team alone. It can be made of nothing but a note."""

    draft: Draft

    def __post_init__(self) -> None:
        if self.draft.kind is not DraftKind.NOTE or self.draft.conversation_id is None:
            raise TypeError("only a note in a conversation is a note")


def sort(draft: Draft) -> Letter | NoteDraft:
    """Which of the two a draft is."""
    return NoteDraft(draft) if draft.kind is DraftKind.NOTE else Letter(draft)
