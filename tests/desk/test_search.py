from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from agent_tui import sentences
from agent_tui.desk.search import FIELDS, VALUES, parse, parse_as_typed, read_day
from agent_tui.desk.services import Services
from agent_tui.domain.search import Filter, Term, TermKind
from agent_tui.domain.times import iso
from tests.desk.make import at
from tests.store.makers import Workspace

UTC = ZoneInfo("UTC")
NOW = at("2026-11-20T12:00:00+00:00")


def test_a_whole_query() -> None:
    query = parse('refund "exact words" pay* -invoice from:olena -tag:"big customer" is:unread', NOW, UTC)
    assert query.terms == (
        Term(TermKind.WORD, "refund"),
        Term(TermKind.PHRASE, "exact words"),
        Term(TermKind.PREFIX, "pay"),
        Term(TermKind.WORD, "invoice", negated=True),
    )
    assert query.filters == (
        Filter("from", "olena"),
        Filter("tag", "big customer", negated=True),
        Filter("is", "unread"),
    )
    assert query.hint == ""


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("prioritty:high", "unknown_field:prioritty:priority"),
        ("prioritty:x", "unknown_field:prioritty:priority"),
        ("priority:x", "unknown_value:priority::x"),
        ("asignee:petro", "unknown_field:asignee:is:mine"),
        ("wobble:high", "unknown_field:wobble:"),
        ("subjct:refund", "unknown_field:subjct:subject"),
        ("form:olena", "unknown_field:form:from"),
        ("in:inbox", "unknown_field:in:"),
        ("note:refund", "unknown_field:note:"),
        ("attachement:pdf", "unknown_field:attachement:has:attachment"),
        ("is:unred", "unknown_value:is:unread:unred"),
        ("has:attachement", "unknown_value:has:attachment:attachement"),
        ("is:sold:out", "unknown_value:is::sold:out"),
        ("after:someday", "not_a_date:someday:"),
        ("from:", "no_value:from:"),
    ],
)
def test_what_cannot_be_read_is_searched_as_text_with_a_hint(typed: str, hint: str) -> None:
    query = parse(typed, NOW, UTC)
    assert query.hint == hint
    assert not query.filters


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("prioritty:high", "“prioritty” is no field; did you mean priority?"),
        ("has:attachement", "has: does not know “attachement”; did you mean attachment?"),
        ("is:unred", "is: does not know “unred”; did you mean unread?"),
        ("priority:x", "priority: does not know “x”. It knows: low normal high urgent."),
        ("subjct:refund", "“subjct” is no field; did you mean subject?"),
        ("after:2026-13-40", "“2026-13-40” is no date, so it was searched as text."),
    ],
)
def test_a_hint_names_what_was_written(typed: str, said: str) -> None:
    assert sentences.hint(parse(typed, NOW, UTC).hint) == said


def test_where_nothing_is_near_the_fields_are_named() -> None:
    said = sentences.hint(parse("wobble:high", NOW, UTC).hint)
    assert said.startswith("“wobble” is no field.")
    assert set(FIELDS) <= set(said.rstrip(".").split())


@pytest.mark.parametrize("field", VALUES)
def test_where_no_value_is_near_all_of_them_are_named(field: str) -> None:
    said = sentences.hint(parse(f"{field}:sold:out", NOW, UTC).hint)
    known = said.removeprefix(f"{field}: does not know “sold:out”. It knows: ")
    assert known.rstrip(".").split() == list(dict.fromkeys(VALUES[field]))


@pytest.mark.parametrize("field", ["is", "priority"])
@pytest.mark.parametrize("level", ["low", "normal", "high", "urgent"])
def test_priorities_are_asked_for_by_both_names(field: str, level: str) -> None:
    query = parse(f"{field}:{level}", NOW, UTC)
    assert (query.filters, query.hint) == ((Filter("is", level),), "")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-01", "2026-11-01"),
        ("2026-11", "2026-11-01"),
        ("2025", "2025-01-01"),
        ("1nov", "2026-11-01"),
        ("24dec", "2025-12-24"),
        ("1.11.2026", "2026-11-01"),
        ("today", "2026-11-20"),
        ("yesterday", "2026-11-19"),
        ("7d", "2026-11-13"),
    ],
)
def test_days(typed: str, day: str) -> None:
    found = read_day(typed, NOW, UTC)
    assert found is not None
    assert iso(found)[:10] == day


def test_the_word_being_typed_is_a_beginning() -> None:
    assert parse_as_typed("order ref", NOW, UTC).terms[-1] == Term(TermKind.TYPED, "ref")
    assert parse_as_typed("order ref ", NOW, UTC).terms[-1] == Term(TermKind.WORD, "ref")
    assert parse_as_typed('"order ref', NOW, UTC).terms == (Term(TermKind.PHRASE, "order ref"),)
    assert parse_as_typed("r", NOW, UTC).terms == (Term(TermKind.WORD, "r"),)


@given(st.text(max_size=60))
def test_nothing_that_can_be_typed_is_an_error(typed: str) -> None:
    parse(typed, NOW, UTC)
    parse_as_typed(typed, NOW, UTC)


@given(st.text(alphabet="abc:\"*-() ANDORNOT^{}'", max_size=40))
def test_syntax_of_other_engines_is_an_ordinary_search(typed: str) -> None:
    for term in parse(typed, NOW, UTC).terms:
        assert term.text


def test_a_tag_that_nothing_has_is_said_and_the_near_one_named(work: Services, workspace: Workspace) -> None:
    one, _ = workspace.arrive()
    work.actions.apply_now(work.actions.tag([one], add=["refund", "Big customer"]))

    def said(text: str, *, typing: bool = False) -> str:
        return sentences.hint(work.search.understand(text, typing=typing).hint)

    assert said("tag:refnd") == "No conversation has the tag “refnd”; did you mean refund?"
    assert said('late -tag:"big custmer"') == "No conversation has the tag “big custmer”; did you mean Big customer?"
    assert said("tag:zebra") == "No conversation has the tag “zebra”."
    assert said("tag:a:b") == "No conversation has the tag “a:b”."
    assert said("tag:REFUND") == said('tag:"big customer"') == said("refnd") == ""
    assert said("tag:ref", typing=True) == "", "it may be the beginning of one"
    assert said("tag:refnd is:unred") == said("is:unred"), "what was not understood at all comes first"
    work.actions.apply_now(work.actions.tag([one], remove=["refund"]))
    assert said("tag:refund") == "No conversation has the tag “refund”."
