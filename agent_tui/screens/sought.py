"""What is looked for in a conversation that was opened from a search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent_tui.domain.message import Item, Message, Note
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

    def at(self, order: int) -> Sought:
        """The same search, at another of its hits."""
        return replace(self, order=order)

    def said_among(self, items: Sequence[Item]) -> Sought:
        """The same at the newest of these that says itself what the hit only quotes, as an answer does; else as it is."""
        if self.order is None or not any(item.order == self.order and self._only_quotes(item) for item in items):
            return self
        earlier = (item for item in reversed(items) if item.order < self.order and self._says(item))
        found = next(earlier, None)
        return self.at(found.order) if found is not None else self

    def _says(self, item: Item) -> bool:
        if isinstance(item, Message):
            return bool(self.in_text(item.visible_text))
        return isinstance(item, Note) and bool(self.in_text(item.text))

    def _only_quotes(self, item: Item) -> bool:
        return (
            isinstance(item, Message) and bool(item.quoted) and not self._says(item) and bool(self.in_text(item.text))
        )

    def same_words(self, other: Sought | None) -> bool:
        """Nothing is to be marked in another way."""
        return other is not None and other.query == self.query


class HitsHere:
    """The hits in the conversation on screen. Asked for with each move, read once for what stands there."""

    def __init__(self, read: Callable[[Query, int], Sequence[int]]) -> None:
        self._read = read
        self._of: tuple[Query, int, int] | None = None
        self._orders: Sequence[int] = ()

    def orders(self, query: Query, conversation: int, newest: int) -> Sequence[int]:
        """Places of its messages and notes that match, oldest first; `newest` is the last one that stands there."""
        if self._of != (query, conversation, newest):
            self._of, self._orders = (query, conversation, newest), self._read(query, conversation)
        return self._orders
