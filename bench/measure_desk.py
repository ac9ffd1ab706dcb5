"""The desk on a pty: start, keys, bytes, memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.lock import LockProbe
from bench.program import Program, percentile

SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
"""What makes the desk choose the light cursor."""
LOCAL = {"SSH_CONNECTION": "", "SSH_TTY": ""}
PAGE_DOWN, ESC = "\x1b[6~", "\x1b"
SHOWN = r"1 of [\d,]+"
NARROW_LIST, WIDE = (80, 24), (120, 40)


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
    return [*_list(home, label), *_coloured(home, label), *_reading(home, label)]


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
        inside = program.measure(["j"] * 8)
        down = program.measure(["j"] * 200, still=0.04)
        pages = program.measure([PAGE_DOWN] * 12, cells=True)
        memory = program.memory()
        return [
            Figure(f"{label}: bytes of the first paint", first_paint, "B"),
            Figure(f"{label}: bytes while idle, per second", idle / 5, "B"),
            Figure(f"{label}: j, p50", percentile(inside.first, 50), "ms"),
            Figure(f"{label}: j, bytes, light cursor", inside.bytes_median, "B"),
            Figure(f"{label}: j, p95 over 200 down, also where the list moves", percentile(down.first, 95), "ms"),
            Figure(f"{label}: j, bytes, mean over 200 down", down.bytes_mean, "B"),
            Figure(f"{label}: page, p95", percentile(pages.first, 95), "ms"),
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


def _reading(home: Path, label: str) -> list[Figure]:
    with desk(home, light=True) as program:
        program.wait(SHOWN)
        program.settle(2.0)
        program.press("\r", 0.5)
        opened = program.measure(["J"] * 16, still=0.15, cells=True)
        panes = program.measure(["\t"] * 6, still=0.12)
        return [
            Figure(f"{label}: conversation of 20 messages opened, p95", percentile(opened.first, 95), "ms"),
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
            Figure("typed character, p95", percentile(typed.first, 95), "ms"),
        ]


class _Lines(threading.Thread):
    """Counts the lines a program prints: the import prints one a mail, once it is durable."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self._program = program
        self.first = threading.Event()
        self.count = 0
        self.start()

    def run(self) -> None:
        for _ in self._program.stdout or ():
            self.count += 1
            self.first.set()


def while_ingesting(home: Path, maildir: Path, label: str) -> list[Figure]:
    """Keys and the store's lock while a mailbox is imported into the same workspace."""
    command = [sys.executable, "-m", "agent_tui", "--home", str(home), "import", "--json", str(maildir)]
    with desk(home, light=True) as program:
        program.wait(SHOWN)
        program.settle(2.0)
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as work,
            LockProbe(home / "data" / "store.db") as probe,
        ):
            taken_in = _Lines(work)
            taken_in.first.wait(120)
            before = taken_in.count
            moved = program.measure(["j", "k"] * 60, still=0.03)
            probe.stop()
            ingested, running = taken_in.count - before, work.poll() is None
            work.terminate()
        if not running or not ingested:
            raise RuntimeError("no mail was taken in while the keys were measured: take a larger mailbox")
        return [
            Figure(f"{label}: mails taken in meanwhile", ingested),
            Figure(f"{label}: j while mail is ingested, p50", percentile(moved.first, 50), "ms"),
            Figure(f"{label}: j while mail is ingested, p95", percentile(moved.first, 95), "ms"),
            Figure(
                f"{label}: wait for the store's lock while mail is ingested, p99", percentile(probe.waits, 99), "ms"
            ),
        ]
