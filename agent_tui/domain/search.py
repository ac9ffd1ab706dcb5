"""What is searched for and what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent_tui.domain.conversation import ConversationRow
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros


class TermKind(StrEnum):
    """How a piece of text is to match."""

    WORD = "word"
    PHRASE = "phrase"
    PREFIX = "prefix"
    TYPED = "typed"
    """A word that may not be whole yet: the beginning of one, or one in any form."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word, phrase or prefix; `negated` where it must be absent."""

    kind: TermKind
    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One `field:value`: from, to, subject, tag, is, status, before, after, has."""

    field: str
    value: str
    negated: bool = False
    moment: Micros | None = None
    """For before and after."""


@dataclass(frozen=True, slots=True)
class Query:
    """A search as it was understood."""

    terms: Sequence[Term] = ()
    filters: Sequence[Filter] = ()
    hint: str = ""
    """A code where a part could not be read and was searched as text, as `unknown_field:prioritty:is`."""

    @property
    def empty(self) -> bool:
        """Nothing is asked."""
        return not self.terms and not self.filters


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a search matched."""

    row: ConversationRow
    message_id: int
    order: int
    field: str
    """`subject`, `text`, `note`, `from`, `to`, `attachment`."""
    snippet: SafeText
    marks: tuple[tuple[int, int], ...]
    """Where in the snippet it matched: [start, end)."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of hits, exact up to the cap."""

    number: int
    capped: bool = False
