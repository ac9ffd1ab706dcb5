"""From a query to what FTS5 and SQL are asked. Nothing typed gets there but folded words between quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent_tui.domain.conversation import Status
from agent_tui.domain.search import Filter, Query, Term, TermKind
from agent_tui.store.search.fold import words
from agent_tui.store.search.stem import stems

EXACT = "{subject author recipients files body}"
_COLUMNS = {"from": "author", "to": "recipients", "subject": "subject"}
_IS_STATUS = {status.value for status in Status}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: an FTS5 expression (or none), one of what must be absent, and conditions in SQL."""

    wanted: str
    unwanted: str
    conditions: Sequence[str] = ()
    values: dict[str, object] = field(default_factory=dict)
    after: int = 0
    before: int | None = None
    tag: str | None = None
    box: int | None = None
    impossible: bool = False


def phrase(tokens: Sequence[str], prefix: bool = False) -> str:
    """Words in a row, quoted."""
    quoted = " ".join(tokens).replace('"', '""')
    return f'"{quoted}"' + (" *" if prefix else "")


def _term(term: Term) -> str:
    tokens = words(term.text)
    if not tokens:
        return ""
    if term.kind is TermKind.WORD and len(tokens) == 1:
        either = " OR ".join(phrase([stem]) for stem in stems(tokens[0]))
        return f"stems : ({either})"
    return f"{EXACT} : {phrase(tokens, term.kind is TermKind.PREFIX)}"


def _column(one: Filter) -> str:
    """`from:mar` finds Maria: the last word may be a beginning. A subject is also found by its stem."""
    tokens = words(one.value)
    if not tokens:
        return ""
    column = _COLUMNS[one.field]
    either = [phrase(tokens, prefix=True)]
    if one.field == "subject" and len(tokens) == 1:
        either += [phrase([stem], prefix=True) for stem in stems(tokens[0]) if len(stem) > 2]
    return f"{column} : ({' OR '.join(either)})"


def plan(query: Query, agent: str) -> Plan:
    """Take a query apart."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in query.terms:
        if expression := _term(term):
            (unwanted if term.negated else wanted).append(expression)
    conditions: list[str] = []
    values: dict[str, object] = {"me": agent}
    span = {"after": 0, "before": 0}
    spam = False
    for one in query.filters:
        if one.field in _COLUMNS:
            if expression := _column(one):
                (unwanted if one.negated else wanted).append(expression)
        elif one.field in span and one.moment is not None:
            _narrow(span, one)
        elif condition := _condition(one, len(conditions), values):
            spam = spam or (one.value.casefold() == Status.SPAM and not one.negated)
            conditions.append(f"NOT ({condition})" if one.negated else condition)
    conditions.append("c.box BETWEEN 1 AND 5" if spam else "c.box BETWEEN 1 AND 4")
    return Plan(
        wanted=" AND ".join(f"({w})" for w in wanted),
        unwanted=" OR ".join(f"({u})" for u in unwanted),
        conditions=conditions,
        values=values,
        after=span["after"],
        before=span["before"] or None,
    )


def _narrow(span: dict[str, int], one: Filter) -> None:
    moment = int(one.moment or 0)
    if (one.field == "after") != one.negated:
        span["after"] = max(span["after"], moment)
    else:
        span["before"] = min(span["before"] or moment, moment)


def _condition(one: Filter, number: int, values: dict[str, object]) -> str:
    """A filter as SQL over conversation `c` and placement `p`. Empty where it says nothing."""
    value = one.value.casefold()
    name = f"v{number}"
    match one.field:
        case "tag":
            values[name] = one.value
            return "EXISTS (SELECT 1 FROM json_each(c.tags) t WHERE t.value = :" + name + " COLLATE NOCASE)"
        case "status":
            values[name] = value
            return f"c.status = :{name}"
        case "is":
            return _is(value, name, values)
        case "has":
            if value.startswith(("attach", "file")):
                return "EXISTS (SELECT 1 FROM attachment a WHERE a.message_id = p.id AND NOT a.inline)"
            return "1 = 0"
        case _:
            return ""


def _is(value: str, name: str, values: dict[str, object]) -> str:
    if value in _IS_STATUS:
        values[name] = value
        return f"c.status = :{name}"
    match value:
        case "unread":
            return "c.unread > 0"
        case "read":
            return "c.unread = 0"
        case "mine":
            return "c.assignee = :me"
        case "unassigned":
            return "c.assignee = ''"
        case "assigned":
            return "c.assignee <> ''"
        case "failed":
            return "c.failed"
        case "note":
            return "p.kind = 2"
        case "low" | "normal" | "high" | "urgent":
            return f"c.priority = {('low', 'normal', 'high', 'urgent').index(value)}"
        case _:
            return "1 = 0"
