"""From a query to what FTS5 and SQL are asked. Nothing typed gets there but folded words between quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent_tui.domain.conversation import Status
from agent_tui.domain.search import Filter, Query, Term, TermKind
from agent_tui.store.rows import box_of
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
    narrow: str = ""
    """A select of the conversations that come into question, where an index knows them: few of them are asked one by
    one, as a common word in a rare place would else be looked for through the whole index."""
    by_conversation: bool = False
    """No condition is on single messages: the newest of each conversation stands for it."""


def phrase(tokens: Sequence[str], prefix: bool = False) -> str:
    """Words in a row, quoted."""
    quoted = " ".join(tokens).replace('"', '""')
    return f'"{quoted}"' + (" *" if prefix else "")


def _term(term: Term) -> str:
    tokens = words(term.text)
    if not tokens:
        return ""
    beginning = f"{EXACT} : {phrase(tokens, term.kind in (TermKind.PREFIX, TermKind.TYPED))}"
    if term.kind in (TermKind.PHRASE, TermKind.PREFIX) or len(tokens) > 1:
        return beginning
    either = " OR ".join(phrase([stem]) for stem in stems(tokens[0]))
    in_any_form = f"stems : ({either})"
    return in_any_form if term.kind is TermKind.WORD else f"({beginning}) OR ({in_any_form})"


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


def plan(query: Query, agent: str, tags: Sequence[str] = ()) -> Plan:
    """Take a query apart. `tags` are all there are: they are compared without case, in every script."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for term in query.terms:
        if expression := _term(term):
            (unwanted if term.negated else wanted).append(expression)
    conditions: list[str] = []
    values: dict[str, object] = {"me": agent}
    span = {"after": 0, "before": 0}
    spam, narrow, by_message = False, "", False
    for one in query.filters:
        if one.field in _COLUMNS:
            if expression := _column(one):
                (unwanted if one.negated else wanted).append(expression)
        elif one.field in span:
            if one.moment is not None:
                _narrow(span, one)
        elif condition := _condition(one, f"v{len(conditions)}", values, tags):
            spam = spam or (one.value.casefold() == Status.SPAM and not one.negated)
            by_message = by_message or "p." in condition
            conditions.append(f"NOT ({condition})" if one.negated else condition)
            if not one.negated:
                narrow = _known_to_an_index(one, condition) or narrow
    conditions.append("c.box BETWEEN 1 AND 5" if spam else "c.box BETWEEN 1 AND 4")
    return Plan(
        wanted=" AND ".join(f"({w})" for w in wanted),
        unwanted=" OR ".join(f"({u})" for u in unwanted),
        conditions=conditions,
        values=values,
        after=span["after"],
        before=span["before"] or None,
        narrow=narrow,
        by_conversation=not (wanted or unwanted or by_message or span["after"] or span["before"]),
    )


def _known_to_an_index(one: Filter, condition: str) -> str:
    """A select of the conversations with a tag or a status, or of the unread ones."""
    if one.field == "tag":
        return condition.removeprefix("c.id IN (").removesuffix(")")
    value = one.value.casefold()
    if one.field == "is" and value == "unread":
        return "SELECT id FROM conversation WHERE unread > 0"
    if one.field in ("is", "status") and value in _IS_STATUS:
        return f"SELECT id FROM conversation WHERE box = {box_of(Status(value))} AND status = '{Status(value)}'"
    return ""


def _narrow(span: dict[str, int], one: Filter) -> None:
    moment = int(one.moment or 0)
    if (one.field == "after") != one.negated:
        span["after"] = max(span["after"], moment)
    else:
        span["before"] = min(span["before"] or moment, moment)


def _condition(one: Filter, name: str, values: dict[str, object], tags: Sequence[str]) -> str:
    """A filter as SQL over conversation `c` and placement `p`. Empty where it says nothing."""
    value = one.value.casefold()
    match one.field:
        case "tag":
            same = [tag for tag in tags if tag.casefold() == value][:50] or [one.value]
            names = {f"{name}_{n}": tag for n, tag in enumerate(same)}
            values.update(names)
            marks = ", ".join(f":{key}" for key in names)
            return f"c.id IN (SELECT conversation_id FROM conversation_tag WHERE tag IN ({marks}))"
        case "status":
            values[name] = value
            return f"c.status = :{name}"
        case "is":
            return _is(value, name, values)
        case "has":
            return _has(value)
        case _:
            return ""


def _has(value: str) -> str:
    if value.startswith(("attach", "file")):
        return "EXISTS (SELECT 1 FROM attachment a WHERE a.message_id = p.id AND NOT a.inline)"
    if value == "note":
        return "EXISTS (SELECT 1 FROM placement n WHERE n.conversation_id = c.id AND n.kind = 2)"
    if value == "draft":
        return "EXISTS (SELECT 1 FROM draft d WHERE d.conversation_id = c.id AND d.agent = :me)"
    return "1 = 0"


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
