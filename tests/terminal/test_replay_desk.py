"""The real desk, walked through at random: the output layer shows what Textual's own output shows, cell by cell."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty_terminal import PtyTerminal
from tests.terminal.emulated import foreign, seen
from tests.terminal.test_replay import PING, settle

pytestmark = pytest.mark.serial

MOVES = ["j", "k", "jj", "J", "K", "\r", "\r", "u", "n", "p", "\x1b", "\t", "?", "gg", "G", "gs", "gw", "gi", "ga", "e"]
SIZES = [(120, 40), (80, 24)]


def script(seed: int, steps: int) -> Iterator[str | tuple[int, int]]:
    """Keys, and the other size now and then; the same for the same seed."""
    chance = random.Random(seed)
    for number in range(1, steps + 1):
        yield SIZES[number // 8 % 2] if number % 8 == 0 else chance.choice(MOVES)


def opened(home: Path, output: str) -> PtyTerminal:
    home.mkdir()
    command = [sys.executable, "-m", "tests.terminal.desk_program", str(home)]
    terminal = PtyTerminal(command, columns=120, rows=40, env={"AGENT_TUI_OUTPUT": output, "TZ": "UTC"})
    terminal.wait("Marta Lindqvist", 30)
    terminal.quiet(0.4)
    return terminal


def taken(side: PtyTerminal, pings: Path, number: int) -> None:
    """Until every key so far was taken."""
    end = time.monotonic() + 15
    while not pings.exists() or pings.stat().st_size < number:
        assert time.monotonic() < end, f"stuck:\n{side.text()}"
        side.pump(0.02)


@pytest.mark.parametrize("seed", [1, 2])
def test_replay_of_the_real_desk(tmp_path: Path, seed: int) -> None:
    homes = [tmp_path / "plain", tmp_path / "layer"]
    done: list[str | tuple[int, int]] = []
    shown: set[str] = set()
    with opened(homes[0], "plain") as plain, opened(homes[1], "") as layer:
        for number, step in enumerate(script(seed, 40), 1):
            done.append(step)
            for side in (plain, layer):
                if isinstance(step, str):
                    os.write(side.fd, step.encode())
                else:
                    side.resize(*step)
                # behind Esc a terminal's next key makes a sequence of it where both come at once
                side.pump(0.2 if step == "\x1b" else 0.0)
                os.write(side.fd, PING.encode())
            for side, home in zip((plain, layer), homes, strict=True):
                taken(side, home / "pings", number)
            settle(
                lambda: seen(plain.screen),
                lambda: seen(layer.screen),
                lambda: plain.pump(0.1) + layer.pump(0.05),
                f"seed {seed}, after {done}",
            )
            assert plain.ended is None
            shown.add(layer.text())
        assert len(shown) > 15, "or the keys led nowhere"
        assert foreign(bytes(layer.received)) == ""
        assert len(layer.received) < len(plain.received), "or the layer is not there at all"
