"""A list draws only what is another in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip

from agent_tui.widgets.draw_ahead import DrawAhead
from agent_tui.widgets.look import Look
from agent_tui.widgets.palette import Palette, load
from agent_tui.widgets.virtual_list import VirtualList

HEIGHT = 10


class Numbers:
    """Rows of one line that tell their number; counts what is drawn."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.drawn: list[int] = []

    @property
    def lines(self) -> int:
        return self.count

    def top(self, row: int) -> int:
        return row

    def height(self, row: int) -> int:
        return 1

    def at(self, line: int) -> int:
        return line

    def draw(self, row: int, part: int, width: int, look: Look, *, current: bool, active: bool) -> Strip:
        self.drawn.append(row)
        return Strip.blank(width, look.palette("text"))


class OneList(App[None]):
    CSS = "VirtualList { height: 1fr; } .-small { height: auto; }"

    def __init__(self, rows: Numbers, classes: str = "") -> None:
        super().__init__()
        themes, _ = load(None, Path.read_text)
        self.look = Look(Palette(themes["dark"]))
        self.register_theme(themes["dark"].textual())
        self.theme = themes["dark"].textual().name
        self.list = VirtualList(rows, classes=classes or None)

    def compose(self) -> ComposeResult:
        yield self.list


@pytest.mark.parametrize(("before", "after", "drawn"), [(50, 5_000, [2]), (5, 7, range(7)), (50, 4, range(4))])
async def test_rows_that_come_below_the_window_draw_nothing(before: int, after: int, drawn: range | list[int]) -> None:
    rows = Numbers(before)
    app = OneList(rows)
    async with app.run_test(size=(40, HEIGHT)) as pilot:
        app.list.set_rows(rows)
        await pilot.pause()
        rows.drawn.clear()
        rows.count = after
        app.list.rows_changed(2)
        await pilot.pause()
        assert sorted(rows.drawn) == list(drawn)
        app.list.go(after - 1)
        await pilot.pause()
        assert app.list.first_line == max(0, after - HEIGHT), "the end can be reached"


async def test_a_list_that_is_as_high_as_its_rows_grows_with_them() -> None:
    rows = Numbers(3)
    app = OneList(rows, classes="-small")
    async with app.run_test(size=(40, HEIGHT)) as pilot:
        app.list.set_rows(rows)
        await pilot.pause()
        assert app.list.region == Region(0, 0, 40, 3)
        rows.count = 6
        app.list.rows_changed()
        await pilot.pause()
        assert app.list.region == Region(0, 0, 40, 6)


@pytest.mark.parametrize(("to", "ahead"), [(30, range(31, 37)), (200, range(0)), (10, range(4, 10))])
async def test_the_rows_that_come_next_are_drawn_while_nobody_waits(to: int, ahead: range) -> None:
    """Half a window of them, on the side that the list moves to; where there are none, none."""
    rows = Numbers(201)
    app = OneList(rows)
    async with app.run_test(size=(40, HEIGHT)) as pilot:
        app.list.set_rows(rows, 20)
        await pilot.pause()
        app.list.ahead = DrawAhead(app.list)
        rows.drawn.clear()
        app.list.go(to)
        window = range(app.list.first_line, app.list.first_line + HEIGHT)
        await until_still(pilot, rows)
        assert {*rows.drawn} - {*window} == {*ahead}
        drawn = len(rows.drawn)
        app.list.go(to - 1 if to > 20 else to + 1)
        await until_still(pilot, rows)
        assert len(rows.drawn) <= drawn + 2, "a cursor that moves within the window draws two rows and none ahead"


async def until_still(pilot: Pilot[None], rows: Numbers) -> None:
    """Nothing is drawn any more."""
    for _ in range(100):
        drawn = len(rows.drawn)
        await pilot.pause(0.05)
        if len(rows.drawn) == drawn:
            return
