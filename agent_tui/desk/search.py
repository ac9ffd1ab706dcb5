"""What is typed into the search, understood. Nothing that can be typed is an error.

refund "exact words" pay* -invoice from:olena to:support subject:refund tag:vip is:unread status:open priority:high
before:2026-11-01 after:20nov has:attachment
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent_tui.desk.moments import MONTHS, local
from agent_tui.desk.workspace import Desk
from agent_tui.domain.conversation import Status
from agent_tui.domain.search import Count, Filter, Hit, Query, Term, TermKind
from agent_tui.domain.times import Micros, from_datetime

FIELDS = ("from", "to", "subject", "tag", "is", "status", "priority", "before", "after", "has")
STATES = ("unread", "read", "mine", "unassigned", "new", "open", "waiting", "snoozed", "solved", "closed", "spam")
LEVELS = ("low", "normal", "high", "urgent")
MEANT = {"assignee": "is:mine", "attachment": "has:attachment", "sender": "from", "recipient": "to"}
"""What people take for a field, and the field that has it."""
HAS = ("attachment", "note", "draft")
VALUES = {"is": (*STATES, *LEVELS), "has": HAS, "status": tuple(status.value for status in Status), "priority": LEVELS}
"""Of the fields that know only some."""
LONGEST = 1_000
_PIECE = re.compile(
    r"""(?P<not>-)?(?:(?P<field>[^\W\d_]+):(?:"(?P<qvalue>[^"]*)"?|(?P<value>[^\s"]*))|"(?P<phrase>[^"]*)"?|(?P<word>\S+))"""
)


def parse(text: str, present: Micros, zone: ZoneInfo) -> Query:
    """Understand a search. What cannot be read is searched as text, with a hint that says so."""
    terms: list[Term] = []
    filters: list[Filter] = []
    hint = ""
    for found in _PIECE.finditer(text[:LONGEST]):
        negated = bool(found["not"])
        if found["field"]:
            read = _filter(found["field"].lower(), found["qvalue"] or found["value"] or "", negated, present, zone)
            if isinstance(read, Filter):
                filters.append(read)
                continue
            hint = hint or read
            if found["qvalue"] or found["value"]:
                terms.append(Term(TermKind.WORD, found.group().lstrip("-"), negated))
        elif found["phrase"] is not None:
            if found["phrase"].strip():
                terms.append(Term(TermKind.PHRASE, found["phrase"].strip(), negated))
        elif (word := found["word"]) and re.search(r"\w", word):
            prefix = word.endswith("*") and len(word) > 1
            terms.append(Term(TermKind.PREFIX if prefix else TermKind.WORD, word.rstrip("*"), negated))
    return Query(tuple(terms), tuple(filters), hint)


def parse_as_typed(text: str, present: Micros, zone: ZoneInfo) -> Query:
    """The same while one is still typing: the last word may be whole, or the beginning of one."""
    query = parse(text, present, zone)
    if not query.terms or not text or text[-1].isspace() or text[-1] in '"*':
        return query
    last = query.terms[-1]
    if last.kind is not TermKind.WORD or not text.endswith(last.text) or len(last.text) < 2:
        return query
    return Query((*query.terms[:-1], Term(TermKind.TYPED, last.text, last.negated)), query.filters, query.hint)


def _filter(name: str, value: str, negated: bool, present: Micros, zone: ZoneInfo) -> Filter | str:
    """A filter, or the hint why it is none."""
    if name not in FIELDS:
        return f"unknown_field:{name}:{_meant(name)}"
    if not value:
        return f"no_value:{name}:"
    if name in ("before", "after"):
        moment = read_day(value, present, zone)
        return Filter(name, value, negated, moment) if moment is not None else f"not_a_date:{value}:"
    known = VALUES.get(name)
    if known is not None:
        lowered = value.lower()
        whole = [word for word in known if word == lowered] or [word for word in known if word.startswith(lowered)]
        if not whole:
            return f"unknown_value:{name}:{_near(lowered, known)}:{value}"
        value = whole[0]
    return Filter("is" if name == "priority" else name, value, negated)


def _meant(name: str) -> str:
    """The field that was probably meant; with its value, where another word for it was written: `has:attachment`."""
    near = _near(name, (*FIELDS, *MEANT))
    return MEANT.get(near, near)


def _near(word: str, known: Sequence[str]) -> str:
    """The known word that somebody mistyped; none where that would be a guess."""
    if len(word) < 3 or len(word) > 30:
        return ""
    distance, near = min((_distance(word, str(one)), str(one)) for one in known)
    return near if distance <= (1 if len(word) < 6 else 2) else ""


def _distance(one: str, other: str) -> int:
    """Slips between two words: a letter too many, one too few, another one, two that changed places."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            steps = [row[-1] + 1, before[j] + 1, before[j - 1] + (letter != wanted)]
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                steps.append(earlier[j - 2] + 1)
            row.append(min(steps))
    return row[-1]


def read_day(value: str, present: Micros, zone: ZoneInfo) -> Micros | None:
    """The start of a day: `2026-11-01`, `2026-11`, `2026`, `1nov`, `20.11.2026`, `today`, `yesterday`, `7d`."""
    typed = value.lower()
    here = datetime.combine(local(present, zone).date(), time(), zone)
    if typed in ("today", "yesterday"):
        return from_datetime(here - timedelta(days=typed == "yesterday"))
    if found := re.fullmatch(r"(\d{1,4})([dwmy])", typed):
        days = int(found[1]) * {"d": 1, "w": 7, "m": 30, "y": 365}[found[2]]
        return from_datetime(here - timedelta(days=days)) if days < 36_500 else None
    for pattern in (
        r"(?P<y>\d{4})(?:-(?P<m>\d{1,2})(?:-(?P<d>\d{1,2}))?)?",
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})?",
        rf"(?P<d>\d{{1,2}})-?(?P<m>{'|'.join(MONTHS)})[a-z]*-?(?P<y>\d{{4}})?",
    ):
        if found := re.fullmatch(pattern, typed):
            parts = found.groupdict()
            month = MONTHS.get(parts.get("m") or "") or int(parts.get("m") or 1)
            year = int(parts.get("y") or here.year)
            try:
                day = datetime(year, month, int(parts.get("d") or 1), tzinfo=zone)
                if not parts.get("y") and day > here:
                    day = day.replace(year=year - 1)
            except ValueError:
                return None
            return from_datetime(day)
    return None


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on with what is being typed: the whole text with it, and what is shown."""

    text: str
    shown: str


class Search:
    """Runs searches."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def understand(self, text: str, *, typing: bool = False) -> Query:
        """What a text asks for."""
        read = parse_as_typed if typing else parse
        query = read(text, self._desk.now(), self._desk.zone)
        return query if query.hint else replace(query, hint=self._unknown_tag(query, typing=typing))

    def _unknown_tag(self, query: Query, *, typing: bool) -> str:
        """The hint where no conversation bears a tag; while one types it may be the beginning of one."""
        wanted = [one.value for one in query.filters if one.field == "tag"]
        known = {str(tag).casefold(): str(tag) for tag, _uses in self._desk.reads.tags()} if wanted else {}
        for value in wanted:
            typed = value.casefold()
            if typed in known or (typing and any(tag.startswith(typed) for tag in known)):
                continue
            near = known.get(_near(typed, tuple(known)), "") if known else ""
            return f"unknown_tag:tag:{near if ':' not in near else ''}:{value}"
        return ""

    def hits(self, query: Query, before: int | None = None, limit: int = 50, *, best: bool = False) -> Sequence[Hit]:
        """A page of hits, newest first, or the best ones."""
        if query.empty:
            return ()
        return self._desk.reads.hits(query, self._desk.agent, before, limit, by_relevance=best)

    def count(self, query: Query) -> Count:
        """How many there are, exact up to 10,000."""
        return Count(0) if query.empty else self._desk.reads.count(query, self._desk.agent)

    def within(self, query: Query, conversation: int) -> Sequence[int]:
        """Orders of the messages and notes of one conversation in which its words stand, oldest first."""
        return self._desk.reads.hits_within(query, self._desk.agent, conversation) if query.terms else ()

    def marks(self, query: Query, text: str, field: str = "text") -> Sequence[tuple[int, int]]:
        """Where in a text the words of a search stand, in any of their forms."""
        return self._desk.reads.marks(query, field, text) if query.terms or query.filters else ()

    def complete(self, text: str) -> list[Completion]:
        """Fields, values of those that know only some, and tags, for the word being typed."""
        head, word = _last_word(text)
        minus = "-" if word.startswith("-") else ""
        typed = word.removeprefix("-").lower()
        name, colon, value = typed.partition(":")
        if not colon:
            return [
                Completion(f"{head}{minus}{field}:", f"{field}:")
                for field in FIELDS
                if typed and field.startswith(typed)
            ]
        values: Sequence[str] = VALUES.get(name, ())
        if name == "tag":
            values = [str(tag) for tag, _ in self._desk.reads.tags()]
        return [Completion(f"{head}{minus}{name}:{_quoted(v)} ", v) for v in values if v.casefold().startswith(value)][
            :20
        ]


def _last_word(text: str) -> tuple[str, str]:
    found = re.search(r"\S*\Z", text)
    word = found.group() if found else ""
    return text[: len(text) - len(word)], word


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\s", value) else value
