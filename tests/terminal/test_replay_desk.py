"""The real desk, walked through at random: the output layer shows what Textual's own output shows, cell by cell,
directly and inside tmux. Keys reach every screen, the terminal changes its size, and customers write meanwhile.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from unicodedata import normalize

import pyte
import pytest

from tests.conftest import installed
from tests.desk_data import NOW, pinned_time
from tests.pty_terminal import PtyTerminal, Screen, Stream
from tests.terminal.arrivals import FIRST, arrive
from tests.terminal.emulated import Agreeing, agreeing, differences, foreign, seen
from tests.terminal.test_replay import PING

pytestmark = pytest.mark.serial

ESC, ENTER, CUT, DONE = "\x1b", "\r", "\x7f", "\x13"
Step: TypeAlias = "str | tuple[int, int] | int"
"""Keys in one write, a size, or the number of an arrival."""
MOVES = ["j", "k", "jj", "jjjj", "J", "K", ENTER, "u", "n", "p", "\t", "G", "gg", "\x1b[6~", "\x1b[5~", "x", "\\"]
SIZES = [(120, 40), (80, 24), (20, 5), (160, 44), (61, 17), (100, 30)]
TYPED = [
    "Hello ",
    "Вітаю! ",
    "日本の注文",
    "e\u0301te\u0301 ",
    "שלום ",
    "\x1b[D",
    "\x1b[H",
    "\x1b[F",
    CUT,
    CUT * 3,
    ENTER,
]
CLUSTERS = ["👍🏽🇺🇦", "👩\u200d👧 ", "นำ้ "]
SHEETS = ["?", "gx", "gy", "gk", "gc", "gt", "Z", "\x0c", "gs", "gw", "gd", "ga", "gu", "gm", "gi", "g!"]
PICKERS = ["h", "A", "t", "s", "P"]
THREAD = ["w", "v", "L", "H"]


class Walk:
    """What somebody does at random, scene by scene; the same for the same seed."""

    def __init__(self, seed: int, *, certain: bool = False) -> None:
        self._chance = random.Random(seed)
        self._typed = [*TYPED, "👍 "] if certain else [*TYPED, *CLUSTERS]
        self._arrivals = FIRST
        self._scenes: list[Callable[[], Iterator[Step]]] = [
            self._writing, self._searching, self._palette, self._sheet, self._picking, self._changing, self._reading,
        ]  # fmt: skip

    def __iter__(self) -> Iterator[Step]:
        """Every scene once, in any order, with movement, sizes and arrivals in and between them."""
        self._chance.shuffle(self._scenes)
        for scene in self._scenes:
            yield self._chance.choice(SIZES)
            yield from (self._chance.choice(MOVES) for _ in range(4))
            for number, step in enumerate(scene(), 1):
                yield step
                if number % 4 == 0:
                    yield self._chance.choice(SIZES) if self._chance.random() < 0.5 else self._arrival()
            yield ESC
            yield self._arrival()

    def _arrival(self) -> int:
        self._arrivals += 1
        return self._arrivals - 1

    def _typing(self, count: int) -> Iterator[Step]:
        yield from (self._chance.choice(self._typed) for _ in range(count))

    def _writing(self) -> Iterator[Step]:
        yield "gi"
        yield self._chance.choice(["r", "a", "N", "c", "f"])
        yield from self._typing(8)
        yield "\x12"  # the recipients and the subject
        yield from ("日本 <a@example.com>", "\t", "Тема e\u0301 👍", "\t")
        yield from self._typing(3)
        yield DONE
        yield ESC
        yield ESC

    def _searching(self) -> Iterator[Step]:
        yield "/"
        yield from self._chance.choice([("п", "ове", "рн"), ("日本", CUT, "本"), ("o", "rd", CUT), ("cafe", "\u0301")])
        yield from (ENTER, "j", ENTER, "n", "N", ESC, ESC)

    def _palette(self) -> Iterator[Step]:
        yield self._chance.choice(["\x10", ":"])
        yield from (self._chance.choice(["th", "з", "日", "mo", "e"]), "\x1b[B", "\x1b[B", CUT, ESC)

    def _sheet(self) -> Iterator[Step]:
        for key in self._chance.sample(SHEETS, 5):
            yield from (key, "j", ESC)

    def _picking(self) -> Iterator[Step]:
        for key in self._chance.sample(PICKERS, 2):
            yield from (key, self._chance.choice(["日本", "o", "тег", "e\u0301"]), "\x1b[B", ESC)

    def _changing(self) -> Iterator[Step]:
        yield from ("gi", "e", "j", "i", "z", "!", "z", "z", "\x19")

    def _reading(self) -> Iterator[Step]:
        yield from ("ga", "gg", *["j"] * self._chance.randrange(9), ENTER, "b", "+")
        for key in self._chance.sample(THREAD, 3):
            yield from (key, ESC)
        yield from ("b", "G", "K", "J", "\x1b[5~")


@dataclass
class Desk:
    """A desk on a terminal, and what its screen should be."""

    home: Path
    terminal: PtyTerminal
    certain: bool = False
    answers: int = 0

    def do(self, step: Step) -> None:
        if isinstance(step, tuple):
            self.terminal.resize(*step)
        elif isinstance(step, int):
            with pinned_time(NOW):
                arrive(self.home, step, certain=self.certain)
        else:
            os.write(self.terminal.fd, step.encode())
        # behind Esc a terminal's next key makes a sequence of it where both come at once
        self.terminal.pump(0.2 if step == ESC else 0.0)

    def wanted(self) -> Screen:
        """What Textual's own output shows of this moment, once all so far was done."""
        os.write(self.terminal.fd, PING.encode())
        asked_at = began = time.monotonic()
        while not (made := [int(path.stem) for path in self.home.glob("*.screen") if int(path.stem) > self.answers]):
            assert time.monotonic() < began + 15, f"stuck:\n{self.terminal.text()}"
            assert self.terminal.ended is None
            self.terminal.pump(0.01)
            if time.monotonic() > asked_at + 2:  # on a busy machine Esc and the question became one key
                os.write(self.terminal.fd, PING.encode())
                asked_at = time.monotonic()
        self.answers = max(made)
        text = (self.home / f"{self.answers}.screen").read_text("utf-8")
        size, _, drawn = text.partition("\n")
        width, height = map(int, size.split())
        screen = Screen(width, height) if self.certain else Agreeing(width, height)
        screen.reset_mode(pyte.modes.DECAWM >> 5, private=True)
        Stream(screen).feed(drawn.encode())
        return screen


def program(home: Path) -> list[str]:
    home.mkdir()
    return [sys.executable, "-m", "tests.terminal.desk_program", str(home)]


def walk(desk: Desk, seed: int, held: Callable[[], list[str] | None] = lambda: None) -> set[str]:
    """Returns the screens that were seen. `held` gives the lines of what stands between, where something does."""
    desk.terminal.wait("Marta Lindqvist", 30)
    done: list[Step] = []
    shown: set[str] = set()
    for step in Walk(seed, certain=desk.certain):
        done.append(step)
        desk.do(step)
        end = time.monotonic() + 10
        while True:
            wanted = desk.wanted()
            desk.terminal.quiet(0.02)
            same_size = wanted.columns == desk.terminal.screen.columns and wanted.lines == desk.terminal.screen.lines
            drawn = [normalize("NFC", "".join(cell[0] for cell in row)).rstrip() for row in seen(wanted)]
            inside = held()
            between = drawn if inside is None else [normalize("NFC", line) for line in inside]
            if same_size and seen(wanted) == seen(desk.terminal.screen) and between == drawn:
                break
            if time.monotonic() > end:
                what = f"seed {seed}, after {done[-30:]}"
                assert differences(seen(desk.terminal.screen), seen(wanted)) == [], what
                assert between == drawn, what
        shown.add(desk.terminal.text())
    return shown


@pytest.mark.parametrize("cursor", ["row", "light"])
@pytest.mark.parametrize("seed", [1, 2])
def test_replay_of_the_real_desk(tmp_path: Path, seed: int, cursor: str) -> None:
    home = tmp_path / "desk"
    with PtyTerminal(program(home), columns=120, rows=40, env={"TZ": "UTC", "CURSOR": cursor}) as terminal:
        shown = walk(Desk(home, agreeing(terminal)), seed)
        assert len(shown) > 60, "or the keys led nowhere"
        assert foreign(bytes(terminal.received)) == ""


@pytest.mark.parametrize(("seed", "cursor"), [(4, "row"), (5, "light")])
def test_replay_of_the_real_desk_in_tmux(tmp_path: Path, seed: int, cursor: str) -> None:
    """What tmux holds, and what it draws at its outer side."""
    home, settings = tmp_path / "desk", tmp_path / "tmux.conf"
    tmux = [installed("tmux"), "-S", str(tmp_path / "socket")]
    settings.write_text(
        "set -g status off\nset -s escape-time 10\nset -g default-terminal tmux-256color\n"
        "set -ga terminal-overrides ',*:Tc'\n"
    )
    env = {"TZ": "UTC", "CURSOR": cursor, "CERTAIN": "1", "LC_ALL": "C.UTF-8", "COLORTERM": "truecolor"}
    inner = ["env", *(f"{key}={value}" for key, value in env.items()), *program(home)]
    outer = [*tmux, "-u", "-f", str(settings), "new-session", *inner]

    def held() -> list[str]:
        asked = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, timeout=20, check=True)
        return [line.rstrip() for line in asked.stdout.decode().split("\n")[:-1]]

    try:
        with PtyTerminal(outer, columns=120, rows=40, env={"TERM": "screen-256color"}) as terminal:
            shown = walk(Desk(home, terminal, certain=True), seed, held)
            assert len(shown) > 60, "or the keys led nowhere"
    finally:
        subprocess.run([*tmux, "kill-server"], capture_output=True, timeout=20, check=False)
