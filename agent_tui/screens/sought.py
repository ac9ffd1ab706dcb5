"""What is looked for in a conversation that was opened from a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent_tui.domain.search import Query

PLACES = ("text", "note", "attachment")
"""Fields of a hit that stand in one message."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A search, and the message or note that the list showed as its hit."""

    query: Query
    marks: Callable[[Query, str, str], Sequence[tuple[int, int]]]
    order: int | None = None

    def in_text(self, text: str) -> Sequence[tuple[int, int]]:
        """Where its words stand in what somebody wrote."""
        return self.marks(self.query, text, "text")

    def in_subject(self, text: str) -> Sequence[tuple[int, int]]:
        """Where they stand in a subject."""
        return self.marks(self.query, text, "subject")

    def same_words(self, other: Sought | None) -> bool:
        """Nothing is to be marked in another way."""
        return other is not None and other.query == self.query
