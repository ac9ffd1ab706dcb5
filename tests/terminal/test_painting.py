"""Painting from any screen to any other leaves the same cells as painting it afresh."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings, strategies as st
from rich.segment import Segment
from rich.style import Style

from agent_tui.terminal.cells import Row, cells
from agent_tui.terminal.environment import TRUE_COLOUR
from agent_tui.terminal.frame import Frame, Piece
from agent_tui.terminal.paint import Brush, Pencil, fewest_bytes
from agent_tui.terminal.painter import Painter
from agent_tui.terminal.pens import PenBox
from tests.terminal.emulated import differences, foreign, fresh, seen

WIDTH, HEIGHT = 34, 12
STYLES = [
    None,
    *(
        Style.parse(words)
        for words in (
            "#d5d9e3 on #11141b",
            "bold #d5d9e3 on #11141b",
            "#7cc4ff on #223049",
            "red",
            "bright_cyan on blue",
            "underline #98a1b6",
            "reverse",
            "italic strike on #2a2417",
            "on #2a2417",
        )
    ),
]
TEXTS = st.lists(st.sampled_from([*"abz   .─▌●жїé日本語", "e\u0301", "     "]), max_size=30).map("".join)
SEGMENTS = st.lists(st.tuples(TEXTS, st.sampled_from(STYLES)).map(lambda pair: Segment(*pair)), max_size=4).map(tuple)
ROWS = st.lists(st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), SEGMENTS), max_size=14)
CARETS = st.none() | st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))


def piece(x: int, *parts: tuple[str, Style | None]) -> Piece:
    return x, tuple(Segment(*part) for part in parts)


class Side:
    """A painter and the emulator it paints on."""

    def __init__(self, pens: PenBox, *, scrolls: bool = True) -> None:
        self.painter = Painter(pens, scrolls=scrolls)
        self.screen, self.stream = fresh(WIDTH, HEIGHT)

    def paint(self, rows: list[Row], caret: tuple[int, int] | None = None) -> str:
        text = self.painter.paint(rows, caret)
        assert foreign(text.encode()) == ""
        self.stream.feed(text.encode())
        return text


def both_equal(pens: PenBox, *, frames: list[tuple[list[Row], tuple[int, int] | None]], scrolls: bool = True) -> None:
    stepwise = Side(pens, scrolls=scrolls)
    for rows, caret in frames:
        stepwise.paint(rows, caret)
        afresh = Side(pens, scrolls=scrolls)
        afresh.paint(rows, caret)
        assert differences(seen(stepwise.screen), seen(afresh.screen)) == []
        assert stepwise.screen.cursor.hidden == (caret is None)
        if caret is not None:
            assert (stepwise.screen.cursor.x, stepwise.screen.cursor.y) == caret


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ROWS, CARETS), min_size=2, max_size=5), st.sampled_from([TRUE_COLOUR, 256, 16, 0]))
def test_any_frames(frames: list[tuple[list[tuple[int, int, tuple[Segment, ...]]], object]], colours: int) -> None:
    pens = PenBox(colours, "#11141b")
    frame = Frame(WIDTH, HEIGHT, pens)
    shown: list[tuple[list[Row], tuple[int, int] | None]] = []
    for pieces, caret in frames:
        for y, x, segments in pieces:
            frame.put(y, [(x, segments)])
        assert all(len(row.text) == len(row.pens) == WIDTH for row in frame.rows)
        shown.append((list(frame.rows), caret))  # type: ignore[arg-type]
    both_equal(pens, frames=shown)


@settings(max_examples=150, deadline=None)
@given(ROWS, ROWS, st.sampled_from([TRUE_COLOUR, 16, 0]))
def test_nothing_is_painted_in_fewer_bytes_than_new_letters_and_rows_need(
    first: list[tuple[int, int, tuple[Segment, ...]]], second: list[tuple[int, int, tuple[Segment, ...]]], colours: int
) -> None:
    """So a way that is sure to cost more than the other did is not painted for comparison."""
    pens = PenBox(colours, "#11141b")
    frame = Frame(WIDTH, HEIGHT, pens)
    for y, x, segments in first:
        frame.put(y, [(x, segments)])
    before = list(frame.rows)
    for y, x, segments in second:
        frame.put(y, [(x, segments)])
    painted, _ = Brush(pens).difference(before, frame.rows, Pencil())
    fewest = fewest_bytes(before, frame.rows)
    assert fewest <= len(painted)
    came = sum("a" in row.text and "a" not in was.text for was, row in zip(before, frame.rows, strict=True))
    assert fewest >= came + 2 * max(0, came - 1)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.integers(-7, 7), st.integers(0, 4), st.integers(0, 4), st.booleans())
def test_scrolls(seed: int, by: int, top: int, below: int, scrolls: bool) -> None:
    """Regions that moved, with something changed in them, between rows that stay."""
    chance = random.Random(seed)
    pens = PenBox()
    frame = Frame(WIDTH, HEIGHT, pens)

    def line() -> Piece:
        words = " ".join(chance.choice(["order", "замовлення", "refund", "日本", "lost", "парсел"]) for _ in range(4))
        rest = words[12:].ljust(WIDTH)[: WIDTH - 14]
        return piece(0, (words[:12].ljust(12), chance.choice(STYLES)), (rest, STYLES[1]))

    for y in range(HEIGHT):
        frame.put(y, [line()])
    before = list(frame.rows)
    inside = range(top, HEIGHT - below)
    for y in inside:
        if y + by in inside:
            frame.rows[y] = before[y + by]
        else:
            frame.put(y, [line()])
    frame.put(chance.choice(inside), [piece(3, ("▌", STYLES[3]))])
    both_equal(pens, frames=[(before, None), (list(frame.rows), (0, 3)), (before, None)], scrolls=scrolls)


def test_a_scroll_is_cheaper_with_a_region() -> None:
    pens = PenBox(TRUE_COLOUR, "#11141b")
    frame = Frame(WIDTH, HEIGHT, pens)
    chance = random.Random(1)
    for y in range(HEIGHT):
        letters = "".join(chance.choice("abcdefgh") for _ in range(WIDTH))
        frame.put(y, [piece(0, (letters, STYLES[1]))])
    before = list(frame.rows)
    frame.rows[1:-2] = before[2:-1]
    sides = [Side(pens, scrolls=scrolls) for scrolls in (True, False)]
    sizes = []
    for side in sides:
        side.paint(before)
        sizes.append(len(side.paint(list(frame.rows))))
    assert differences(seen(sides[0].screen), seen(sides[1].screen)) == []
    assert sizes[0] < 100 < sizes[1]


def test_nothing_changed_sends_nothing() -> None:
    pens = PenBox()
    frame = Frame(WIDTH, HEIGHT, pens)
    frame.put(2, [piece(0, ("order 日本", STYLES[2]))])
    painter = Painter(pens)
    assert painter.paint(frame.rows, (1, 2))
    assert painter.paint(list(frame.rows), (1, 2)) == ""


def test_a_moved_bar_costs_little() -> None:
    pens = PenBox(TRUE_COLOUR, "#11141b")
    frame = Frame(WIDTH, HEIGHT, pens)
    bar = Style.parse("#7cc4ff on #11141b")
    painter = Painter(pens)
    sizes = []
    for y in range(HEIGHT):
        if y:
            frame.put(y - 1, [piece(0, (" ", bar))])
        frame.put(y, [piece(0, ("▌", bar))])
        sizes.append(len(painter.paint(list(frame.rows), (0, y)).encode()))
    assert max(sizes[2:]) <= 12


def test_doubtful_clusters_are_anchored() -> None:
    """A terminal that draws a joined picture wider or narrower than we think is set right behind it."""
    pens = PenBox()
    frame = Frame(WIDTH, HEIGHT, pens)
    frame.put(0, [piece(0, ("a👩\u200d👩\u200d👧b", None))])
    painter = Painter(pens)
    assert "\x1b[4Gb" in painter.paint(list(frame.rows))
    frame.put(0, [piece(0, ("c", None))])
    assert "c👩\u200d👩\u200d👧\x1b[4Gb" in painter.paint(list(frame.rows)), "the whole row is drawn again"


def test_a_mark_that_a_field_begins_with_leaves_with_it() -> None:
    """It stands on the cell before the field, which is not drawn again with the field."""
    frame = Frame(WIDTH, HEIGHT, PenBox())
    frame.put(0, [piece(0, ("> ", None))])
    empty = frame.rows[0]
    for typed, shown in (
        ("\u0301a", "> \u0301a"),
        ("\u0301", "> \u0301"),
        ("b", "> b"),
        ("\u0301\u0302", "> \u0301\u0302"),
    ):
        frame.put(0, [piece(2, (typed, None), (" ", None))])
        assert "".join(frame.rows[0].text).rstrip() == shown
    frame.put(0, [piece(2, ("   ", None))])
    assert frame.rows[0] == empty


def test_large_frames_are_announced_where_that_helps() -> None:
    chance = random.Random(2)
    for wanted in (True, False):
        pens = PenBox()
        frame = Frame(200, 60, pens)
        for y in range(60):
            frame.put(y, [piece(0, ("".join(chance.choice("abcdef") for _ in range(200)), STYLES[1]))])
        painter = Painter(pens, brackets=wanted)
        assert painter.paint(list(frame.rows)).startswith("\x1b[?2026h") is wanted
        frame.put(1, [piece(0, ("x", None))])
        assert "2026" not in painter.paint(list(frame.rows)), "a small frame never is"


@pytest.mark.parametrize("bce", [True, False])
def test_coloured_blanks_do_not_rely_on_erasing_in_colour(bce: bool) -> None:
    pens = PenBox()
    frame = Frame(WIDTH, HEIGHT, pens)
    painter = Painter(pens, bce=bce)
    painter.paint(list(frame.rows))
    frame.put(1, [piece(0, (" " * WIDTH, STYLES[3]))])
    text = painter.paint(list(frame.rows))
    assert ("\x1b[K" in text) is bce
    assert (" " * WIDTH in text) is not bce


@pytest.mark.parametrize("bce", [True, False])
def test_a_row_whose_end_became_empty_is_erased_at_once(bce: bool) -> None:
    pens = PenBox(TRUE_COLOUR, None if bce else "#11141b")
    frame = Frame(WIDTH, HEIGHT, pens)
    for y, text in enumerate(
        ("one  two    three      four    5", "left          middle       right", "  under     it")
    ):
        frame.put(y, [piece(0, (text.ljust(WIDTH), STYLES[1]))])
    before = list(frame.rows)
    frame.put(0, [piece(0, (" " * WIDTH, STYLES[1]))])
    frame.put(1, [piece(0, ("left  gone".ljust(WIDTH), STYLES[1]))])
    frame.put(2, [piece(0, ("  under".ljust(WIDTH), STYLES[1]))])
    both_equal(pens, frames=[(before, None), (list(frame.rows), None), (before, (3, 1))])
    painter = Painter(pens, bce=bce)
    painter.paint(before)
    text = painter.paint(list(frame.rows))
    assert text.count("\x1b[K") == 2, "two cells cost less as blanks"
    assert "X" not in text
    assert len(text) < 40


def test_a_row_that_ends_on_a_ground_that_erasing_would_not_leave_is_painted() -> None:
    pens = PenBox()
    frame = Frame(WIDTH, HEIGHT, pens)
    frame.put(0, [piece(0, ("one    two    three".ljust(WIDTH), STYLES[1]))])
    painter = Painter(pens, bce=False)
    painter.paint(list(frame.rows))
    frame.put(0, [piece(0, ("one".ljust(WIDTH), STYLES[1]))])
    assert "\x1b[K" not in painter.paint(list(frame.rows))


def test_cells() -> None:
    assert cells("order") == "order"
    assert cells("замовлення ▌●…") == "замовлення ▌●…"
    assert cells("a日b") == ("a", "日", "", "b")
    assert cells("e\u0301x") == ("e\u0301", "x")
    assert cells("a" + "\u0301" * 500)[0] == "a" + "\u0301" * 7


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[2J",
        "\x9b31m",
        "\x1b]0;t\x07",
        "a\u202eb",
        "\x00\x08\r\n\t\x7f",
        "\ud800",
        "\u2028",
        "\ufeff",
        "\U000e0041",
    ],
)
def test_no_control_is_a_cell(text: str) -> None:
    found = "".join(cells(text))
    assert foreign(found.encode()) == ""
    assert found.isprintable()
