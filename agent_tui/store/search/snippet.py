"""Where and why something matched: the field, a stretch of it, and the places to mark."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_tui.domain.message import Span
from agent_tui.domain.search import Query, TermKind
from agent_tui.domain.text import SafeText
from agent_tui.store.search.fold import spans, words
from agent_tui.store.search.stem import stems

BEFORE = 50
LENGTH = 200
LONGEST = 100_000
"""Of a longer text no more is looked through: one search must not read a book for each hit."""
_FIELDS = ("text", "note", "subject", "from", "attachment", "to")
_FILTERED = {"from": "from", "to": "to", "subject": "subject"}
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Fields:
    """What is searched of a message or note."""

    texts: Mapping[str, str]
    quoted: Sequence[Span] = ()
    """Of its text: where it says what others said before."""

    def quotes(self, place: tuple[int, int]) -> bool:
        """A place of its text stands in a quote."""
        return any(span.start <= place[0] < span.end for span in self.quoted)


class _Matcher:
    """Finds the places of one term among the words of a text."""

    def __init__(self, kind: TermKind, text: str) -> None:
        self._tokens = words(text)
        self._begins = kind in (TermKind.PREFIX, TermKind.TYPED)
        single = kind in (TermKind.WORD, TermKind.TYPED) and len(self._tokens) == 1
        self._stems = frozenset(stems(self._tokens[0])) if single else None

    def places(self, found: Sequence[tuple[int, int, str]]) -> list[tuple[int, int]]:
        tokens = self._tokens
        if not tokens:
            return []
        if self._stems is not None:
            return [(start, end) for start, end, word in found if self._is_a_form(word)]
        size = len(tokens)
        places = []
        for at in range(len(found) - size + 1):
            if all(self._same(found[at + n][2], n) for n in range(size)):
                places.append((found[at][0], found[at + size - 1][1]))
        return places

    def _is_a_form(self, word: str) -> bool:
        if self._begins and word.startswith(self._tokens[0]):
            return True
        return self._stems is not None and not self._stems.isdisjoint(stems(word))

    def _same(self, word: str, n: int) -> bool:
        wanted = self._tokens[n]
        if self._begins and n == len(self._tokens) - 1:
            return word.startswith(wanted)
        return word == wanted


class Excerpts:
    """Makes the excerpts of one query."""

    def __init__(self, query: Query) -> None:
        self._free = [_Matcher(t.kind, t.text) for t in query.terms if not t.negated]
        self._bound = [
            (_FILTERED[f.field], _Matcher(TermKind.PREFIX, f.value))
            for f in query.filters
            if f.field in _FILTERED and not f.negated
        ]

    def places(self, field: str, text: str) -> list[tuple[int, int]]:
        """All places of a text that matched, in order and apart from one another."""
        matchers = [*self._free, *(m for f, m in self._bound if f == field)]
        found = list(spans(text[:LONGEST])) if matchers else []
        return _apart(sorted(place for matcher in matchers for place in matcher.places(found)))

    def of(self, fields: Fields) -> tuple[str, SafeText, tuple[tuple[int, int], ...]]:
        """(field, snippet, marks) of the field that matched best; the start of the text where only filters did."""
        best: tuple[int, str, str, list[tuple[int, int]]] | None = None
        for field in _FIELDS:
            if field not in fields.texts:
                continue
            told = fields.texts[field]
            text = _addresses(told) if field == "to" else told[:LONGEST]
            matchers = [*self._free, *(m for f, m in self._bound if f == field)]
            found = list(spans(text)) if matchers else []
            each = [m.places(found) for m in matchers]
            score = sum(bool(places) for places in each)
            if best is None or score > best[0]:
                best = (score, field, text, sorted(p for places in each for p in places))
        if best is None:
            return "text", SafeText.trusted(""), ()
        _, field, text, places = best
        first = next((place for place in places if field == "text" and not fields.quotes(place)), None)
        return field, *_cut(text, places, first)


def _addresses(people: str) -> str:
    everyone = json.loads(people)
    return ", ".join(
        f"{name} <{address}>" if name else address
        for key in ("to", "cc", "bcc")
        for name, address in everyone[key][:200]
    )


def _cut(
    text: str, places: Sequence[tuple[int, int]], chosen: tuple[int, int] | None
) -> tuple[SafeText, tuple[tuple[int, int], ...]]:
    """A stretch around the chosen place, else the first, from the start of a word, on one line, without marks of quotes."""
    first = (chosen or places[0])[0] if places else 0
    start = max(0, first - BEFORE)
    if start:
        space = _SPACE.search(text, start, first)
        start = space.end() if space else start
    end = min(len(text), start + LENGTH)
    stretch = text[start:end]
    one_line: list[str] = []
    moved: list[int] = []
    begins = not text[text.rfind("\n", 0, start) + 1 : start].strip("> ")
    for letter in stretch:
        moved.append(len(one_line))
        begins = letter == "\n" or (begins and letter in "> ")
        if letter.isspace() or begins:
            if one_line and one_line[-1] != " ":
                one_line.append(" ")
        else:
            one_line.append(letter)
    moved.append(len(one_line))
    inside = [(moved[a - start], moved[b - start]) for a, b in places if a >= start and b <= end]
    return SafeText.trusted("".join(one_line)), tuple(_apart(inside))


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted places, those that overlap made one."""
    marks: list[tuple[int, int]] = []
    for mark in places:
        if marks and mark[0] < marks[-1][1]:
            last = marks.pop()
            marks.append((last[0], max(mark[1], last[1])))
        else:
            marks.append(mark)
    return marks
