"""The desk on a pty: start, keys, bytes, memory."""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.program import Costs, Program, percentile

SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
"""What makes the desk choose the light cursor."""
LOCAL = {"SSH_CONNECTION": "", "SSH_TTY": ""}
PAGE_DOWN, ESC = "\x1b[6~", "\x1b"
SHOWN = r"1 of [\d,]+"
WIDE, FULL, BESIDE, SAME = (120, 40), (99, 40), (160, 44), (59, 40)
"""The size of the budgets; the list over the whole width; beside an open conversation; the columns of neomutt."""
BAR = "▌"
"""Stands in the row of the cursor."""
SAME_MESSAGES = 12
FEW_ROWS = 8
"""So many rows change where a cursor moves; more: the list moved."""


@dataclass(slots=True)
class Figure:
    """One measured value."""

    name: str
    value: float
    unit: str = ""


def desk(home: Path, *, light: bool, size: tuple[int, int] = WIDE) -> Program:
    """The desk of a workspace, not yet painted."""
    command = [sys.executable, "-m", "agent_tui", "--home", str(home)]
    return Program(command, SSH if light else LOCAL, size=size)


def starts(home: Path, times: int) -> list[float]:
    """Milliseconds from the start to the painted inbox, after one that is not counted: it may have to compile."""
    with desk(home, light=True) as program:
        program.wait(SHOWN)
    found = []
    for _ in range(times):
        with desk(home, light=True) as program:
            found.append(program.wait(SHOWN))
    return found


def keys(home: Path, label: str) -> list[Figure]:
    """Everything that keys cost on a mailbox of one size."""
    return [*_list(home, label), *_coloured(home, label), *_lists(home, label), *_reading(home, label)]


def timed(name: str, costs: Costs) -> list[Figure]:
    """To the last byte of the answer; beside it the time to the first."""
    return [
        Figure(f"{name}, p50", percentile(costs.last, 50), "ms"),
        Figure(f"{name}, p95", percentile(costs.last, 95), "ms"),
        Figure(f"{name}, first byte, p50", percentile(costs.first, 50), "ms"),
        Figure(f"{name}, first byte, p95", percentile(costs.first, 95), "ms"),
    ]


def _down(program: Program) -> Costs:
    """`j` 200 times from the top, three times: it moves the list in every tenth, and of twenty the worst is no p95."""
    down = Costs()
    for _ in range(3):
        program.press("gg", 0.5)
        down.add(program.measure(["j"] * 200, still=0.04, cells=True))
    return down


def _list(home: Path, label: str) -> list[Figure]:
    with desk(home, light=True) as program:
        program.wait(SHOWN)
        program.settle(1.0)
        first_paint = len(program.received)
        time.sleep(2.5)  # what is loaded behind the first paint
        program.settle(0.5)
        while time.time() % 60 > 52:  # the ages change on the minute
            program.idle(1.0)
        idle = program.idle(5.0)
        down = _down(program)
        inside, edge = down.where(lambda rows: rows <= FEW_ROWS), down.where(lambda rows: rows > FEW_ROWS)
        pages = program.measure([PAGE_DOWN] * 12, cells=True)
        memory = program.memory()
        return [
            Figure(f"{label}: bytes of the first paint", first_paint, "B"),
            Figure(f"{label}: bytes while idle, per second", idle / 5, "B"),
            *timed(f"{label}: j inside the page", inside),
            *timed(f"{label}: j where the list moves", edge),
            Figure(f"{label}: j, so many moved the list", len(edge.sizes)),
            Figure(f"{label}: j, bytes, light cursor", inside.bytes_median, "B"),
            Figure(f"{label}: j, bytes, mean over 200 down", down.bytes_mean, "B"),
            *timed(f"{label}: page", pages),
            Figure(f"{label}: page, bytes", pages.bytes_median, "B"),
            Figure(f"{label}: page, bytes for each byte of its text", pages.text_ratio()),
            Figure(f"{label}: page, share of 1.5 × text + 10 a run", pages.share_of_allowed()),
            Figure(f"{label}: memory", memory, "MB"),
        ]


def _coloured(home: Path, label: str) -> list[Figure]:
    with desk(home, light=False) as program:
        program.wait(SHOWN)
        program.settle(1.5)
        moved = program.measure(["j"] * 8, still=0.04)
        return [Figure(f"{label}: j, bytes, coloured row", moved.bytes_median, "B")]


def _lists(home: Path, label: str) -> list[Figure]:
    """The list over the whole width, and beside a conversation that is open, with the customer's panel behind it."""
    figures = []
    for name, size, opened in (("full width", FULL, False), ("beside a conversation", BESIDE, True)):
        with desk(home, light=True, size=size) as program:
            program.wait(SHOWN)
            program.settle(1.5)
            if opened:
                program.press("\r", 0.5)
                program.press(ESC, 0.5)
            down = _down(program)
            edge = down.where(lambda rows: rows > FEW_ROWS)
            pages = program.measure([PAGE_DOWN] * 12, cells=True)
            figures += [
                Figure(f"{label}: j {name}, bytes, mean over 200 down", down.bytes_mean, "B"),
                *timed(f"{label}: j {name}", down),
                *timed(f"{label}: j {name}, where the list moves", edge),
                Figure(f"{label}: page {name}, bytes", pages.bytes_median, "B"),
                Figure(f"{label}: page {name}, share of 1.5 × text + 10 a run", pages.share_of_allowed()),
            ]
    return figures


def same_columns(home: Path) -> Costs:
    """Pages of the list at the size at which a row has exactly the columns that neomutt is told to show."""
    with desk(home, light=True, size=SAME) as program:
        program.wait(SHOWN)
        program.settle(1.5)
        program.measure([PAGE_DOWN] * 3)
        return program.measure([PAGE_DOWN] * 12, cells=True)


def same_message(home: Path, row: int) -> Costs:
    """Conversations of one message opened one after another from the list, at that size: the text is neomutt's."""
    with desk(home, light=True, size=SAME) as program:
        program.wait(SHOWN)
        program.settle(1.5)
        program.press(f"{row}G", 0.5)
        return opened_in_turn(program)


def opened_in_turn(program: Program) -> Costs:
    """One message after another, each from the list: the keys are the same in the desk and in neomutt."""
    costs = Costs()
    for _ in range(SAME_MESSAGES):
        costs.add(program.measure(["\r"], rest=0.15, cells=True))
        program.press("q", 0.12)
        program.press("j", 0.12)
    return costs


def _reading(home: Path, label: str) -> list[Figure]:
    with desk(home, light=True) as program:
        program.wait(SHOWN)
        program.settle(2.0)
        program.press("\r", 0.5)
        opened = program.measure(["J"] * 16, rest=0.15, cells=True)
        panes = program.measure(["\t"] * 6, still=0.12)
        return [
            *timed(f"{label}: conversation of 20 messages opened", opened),
            Figure(f"{label}: conversation opened, bytes", opened.bytes_median, "B"),
            Figure(f"{label}: conversation opened, bytes for each byte of its text", opened.text_ratio()),
            Figure(f"{label}: conversation opened, share of 1.5 × text + 10 a run", opened.share_of_allowed()),
            Figure(f"{label}: switch of pane, bytes", panes.bytes_median, "B"),
        ]


def writing(home: Path) -> list[Figure]:
    """A reply typed in the demo's workspace, whose accounts can send; its customers live slowly meanwhile."""
    command = [sys.executable, "-m", "agent_tui", "--home", str(home), "demo", "--fresh", "--speed", "0.01"]
    with Program(command, SSH) as program:
        program.wait(SHOWN)
        program.settle(3.0)
        program.press("\r", 0.5)
        program.press("r", 1.5)
        typed = program.measure(list("thank you for the order, we look into it today"), still=0.04)
        if "thank you" not in program.text():
            raise RuntimeError(f"the composer did not open:\n{program.text()}")
        program.press(ESC, 0.5)
        return [
            Figure("typed character, bytes", statistics.median(typed.sizes), "B"),
            *timed("typed character", typed),
        ]
