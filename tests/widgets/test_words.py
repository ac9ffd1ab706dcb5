"""Words: the pseudo-language, and sentences for codes known and unknown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent_tui import sentences, sentences_table, words
from agent_tui.domain.account import Fault
from agent_tui.domain.message import Event, Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros


@pytest.fixture
def _pseudo() -> Iterator[None]:
    words.set_language("pseudo")
    yield
    words.set_language("")


@pytest.mark.usefixtures("_pseudo")
def test_pseudo_is_a_third_longer_and_keeps_parameters() -> None:
    assert len(words._("Nothing waits for you.")) >= len("Nothing waits for you.") * 1.35
    assert words.ngettext("{n} row", "{n} rows", 2).format(n=2).startswith("‹2 rows")
    assert words._("") == ""


def test_an_unknown_code_gets_an_honest_sentence() -> None:
    said = sentences.fault(Fault("quantum_flux", {"host": "imap.example"}))
    assert "quantum_flux" in said
    assert "imap.example" in said
    assert "sideways" in sentences.warning("sideways")


def test_parameters_are_never_templates() -> None:
    said = sentences.fault(Fault("unreachable.refused", {"host": "{port}", "port": "{0.__class__}\nx"}))
    assert "{port}" in said
    assert "{0.__class__} x" in said


@pytest.mark.parametrize(
    "table", [sentences_table.FAULTS, sentences_table.WARNINGS, sentences_table.EVENTS, sentences_table.ACTIONS]
)
def test_sentences_can_be_filled_with_nothing(table: dict[str, str]) -> None:
    for template in table.values():
        said = sentences.filled(template, {})
        assert said
        assert "!" not in said
        assert "please" not in said.casefold()
        assert "successfully" not in said


def test_events_and_placements() -> None:
    event = Event(
        1, 1, "status", {"from": "open", "to": "solved", "cause": "status"}, SafeText.trusted("dana"), Micros(0)
    )
    assert sentences.event(event, "dana") == "You set the status to solved"
    woken = Event(1, 1, "status", {"cause": "snooze_ended"}, SafeText.trusted(""), Micros(0))
    assert sentences.event(woken, "dana") == "Awake again"
    for rule in Rule:
        assert sentences.placement(Placement(rule, {"header": "a@b"}))[0]
