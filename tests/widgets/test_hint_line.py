"""The line at the bottom: what happened and the key that takes it back stand before all else."""

from __future__ import annotations

import pytest

from agent_tui.widgets.cells import Line
from agent_tui.widgets.hint_line import Hint, HintLine, Said
from agent_tui.widgets.look import Look
from agent_tui.widgets.palette import Palette, shipped

LOOK = Look(Palette(shipped()["dark"]))
GOES = "Goes to {} and 3 more in 10 s."


def shown(address: str, cells: int = 80) -> list[str]:
    """All lines as they are drawn."""
    hints = HintLine()
    said = Said(GOES.format(address), (Hint("z", "undo"),))
    hints._said, hints._right = said, (("15 new above  g g", "accent"), ("8 of 9", "faint"))
    lines = hints._lines_of(said, cells)
    if len(lines) == 1:
        line = Line()
        hints.fill(line, cells, LOOK)
        return [line.strip(cells, LOOK.palette("text")).text]
    drawn = []
    for y in range(len(lines)):
        line = Line().add(" " + lines[y], LOOK.palette("text"))
        drawn.append(line.strip(cells, LOOK.palette("text")).text)
    return drawn


@pytest.mark.parametrize(
    ("address", "new", "place"),
    [("j@a.test", True, True), ("johanna@a.test", True, False), ("johanna.weber@customer-of-a.test", False, False)],
)
def test_the_undo_key_stands_before_what_is_new_and_where_one_is(address: str, new: bool, place: bool) -> None:
    (line,) = shown(address)
    assert GOES.format(address) + "   z undo" in line
    assert ("15 new above  g g" in line) is new
    assert ("8 of 9" in line) is place


@pytest.mark.parametrize("longer", range(30))
def test_where_the_key_has_no_room_it_gets_a_line(longer: int) -> None:
    address = "j" * (28 + longer) + "@a.test"
    lines = shown(address)
    assert GOES.format(address) in " ".join(line.strip() for line in lines)
    assert len(lines) == 2 or "z undo" in lines[0]
