"""The line over the text: whom it goes to comes before everything else."""

from __future__ import annotations

import pytest

from agent_tui.content.safe import safe
from agent_tui.domain.message import Person
from agent_tui.domain.outbox import DraftKind
from agent_tui.domain.text import NOTHING
from agent_tui.widgets.cells import Line
from agent_tui.widgets.composer_head import ComposerHead, HeadState
from agent_tui.widgets.look import Look
from agent_tui.widgets.palette import Palette, shipped

LOOK = Look(Palette(shipped()["dark"]))


def drawn(cells: int, *cc: str, state: str = "saved", to: str = "maria@customer.test") -> tuple[str, list[str]]:
    head = ComposerHead()
    people = tuple(Person(NOTHING, safe(one)) for one in cc)
    head.shown_state = HeadState(
        DraftKind.REPLY_ALL, (Person(NOTHING, safe(to)),), people, sender="support@example.test", state=state
    )
    line = Line()
    head.fill(line, cells, LOOK)
    return line.strip(cells, LOOK.palette("text")).text, head._hidden


def test_everybody_stands_there_before_our_own_address() -> None:
    said, hidden = drawn(80, "pierre@customer.test")
    assert "to maria@customer.test  cc pierre@customer.test" in said
    assert hidden == []


def test_our_own_address_stands_where_there_is_room() -> None:
    said, _hidden = drawn(80)
    assert "from support@example.test" in said


@pytest.mark.parametrize("cells", range(56, 100, 2))
def test_the_road_gives_way_to_our_own_address(cells: int) -> None:
    said, _hidden = drawn(cells, "u7@customer.test", to="nobody@customer.test")
    assert "from s" in said or "by mail" not in said
    if cells >= 86:
        assert "from supp" in said


@pytest.mark.parametrize(
    ("cells", "stands"), [(80, "Fwd: Повернення за замовлення 4417"), (52, "Fwd: Повернення за…"), (42, "")]
)
def test_the_subject_stands_behind_whom_it_goes_to_as_far_as_there_is_room(cells: int, stands: str) -> None:
    head = ComposerHead()
    to = (Person(NOTHING, safe("m@x.test")),)
    subject = "Fwd: Повернення за замовлення 4417"
    head.shown_state = HeadState(DraftKind.FORWARD, to, state="saved", subject=subject)
    line = Line()
    head.fill(line, cells, LOOK)
    said = line.strip(cells, LOOK.palette("text")).text
    assert said.startswith(" FORWARD   to m@x.test  " + stands)
    assert stands or "Fwd" not in said
    assert head._hidden == []


@pytest.mark.parametrize("cells", range(44, 100, 3))
@pytest.mark.parametrize("to", ["m@x.test", "a.very.long.name.indeed.of.somebody@a.long.company.example"])
def test_how_many_more_is_never_cut(cells: int, to: str) -> None:
    said, hidden = drawn(cells, "pierre@customer.test", "somebody@else.test", to=to)
    whole = [one for one in (to, "pierre@customer.test", "somebody@else.test") if f"{one} " in said]
    assert {*hidden} == {to, "pierre@customer.test", "somebody@else.test"} - {*whole}
    behind = [one for one in ("pierre@customer.test", "somebody@else.test") if one not in whole]
    if behind:
        assert f"and {len(behind)} more " in said


@pytest.mark.parametrize("cells", range(57, 120, 7))
def test_that_the_customer_does_not_get_it_stands_beside_whom_it_goes_to(cells: int) -> None:
    head = ComposerHead()
    to = (Person(NOTHING, safe("karl@supplier.test")),)
    head.shown_state = HeadState(DraftKind.REPLY, to, sender="support@example.test", missed="Olena K", state="saved")
    line = Line()
    head.fill(line, cells, LOOK)
    said = line.strip(cells, LOOK.palette("text")).text
    assert "to karl@supplier.te" in said
    assert "  not to Olena" in said
    assert said.rstrip().endswith("saved")
