"""The same session with and without the output layer shows the same screens, directly and inside tmux."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from agent_tui.terminal.eight_bit import nearest, rgb
from tests.conftest import installed
from tests.pty_terminal import PtyTerminal, Screen
from tests.terminal.emulated import Cell, desk, differences, foreign, seen

KEYS = [
    *["j", "j", "k", "jjjjj", "kkkkkkk", "\x1b[6~", "\x1b[6~", "\x1b[5~", "j" * 30, "n", "nnn", "b", "\x0c"],
    *["w", "\x07", "/", "\x07", "e", "\x07"],
]
TYPED = ["hullo", "замов", "日本", "a\u0301", "\x7f\x7f", "\x1b[D", "\x1b[H", "a c d f g h"]
"""No key of the list leads elsewhere among these: where the next letter goes would be a race in Textual itself."""
SIZES = [(120, 40), (80, 24), (100, 30), (61, 17), (33, 10), (121, 41)]


def script(seed: int, steps: int) -> Iterator[str | tuple[int, int]]:
    """Keys and sizes in a random order, the same for the same seed."""
    chance = random.Random(seed)
    for number in range(steps):
        if number % 9 == 8:
            yield chance.choice(SIZES)
        else:
            yield chance.choice(KEYS if chance.random() < 0.75 else TYPED)
    yield "\x07"
    yield "j"


def settle(
    shown: Callable[[], list[list[Cell]]],
    other: Callable[[], list[list[Cell]]],
    pump: Callable[[], int],
    what: str = "",
) -> None:
    """Wait until both sides are quiet and equal; fails with what differs."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if pump() == 0 and shown() == other():
            return
    assert differences(shown(), other()) == [], what


PING = "\x1b[24~"
"""F12: the small desk counts them in its first line, so that each step is known to be done."""


Show = Callable[[Screen], list[list[Cell]]]


def in_256_colours(screen: Screen) -> list[list[Cell]]:
    """What a screen in true colour shows in 256: the layer takes the nearest to the eye, Textual rounds each channel."""

    def eight_bit(colour: str) -> str:
        if not re.fullmatch("[0-9a-f]{6}", colour):
            return colour
        return "{:02x}{:02x}{:02x}".format(*rgb(nearest(*bytes.fromhex(colour))))

    return [[(cell[0], eight_bit(cell[1]), eight_bit(cell[2]), *cell[3:]) for cell in row] for row in seen(screen)]


def compare(
    plain: PtyTerminal, layer: PtyTerminal, steps: Iterator[str | tuple[int, int]], shown_plain: Show = seen
) -> None:
    done: list[str | tuple[int, int]] = []
    for number, step in enumerate(steps, 1):
        done.append(step)
        for side in (plain, layer):
            if isinstance(step, str):
                os.write(side.fd, step.encode())
            else:
                side.resize(*step)
        for side in (plain, layer):
            os.write(side.fd, PING.encode())
        for side in (plain, layer):
            side.wait(f"#{number} ")
        settle(
            lambda: shown_plain(plain.screen),
            lambda: seen(layer.screen),
            lambda: plain.pump(0.06) + layer.pump(0.03),
            f"after {done[-6:]}",
        )


def play(seed: int, steps: int, env: Mapping[str, str]) -> None:
    few = env.get("TERM", "").endswith("-256color")
    whole = {**env, "COLORTERM": "truecolor"} if few else env
    with desk(plain=True, env=whole) as plain, desk(env=env) as layer:
        compare(plain, layer, script(seed, steps), in_256_colours if few else seen)
        assert foreign(bytes(layer.received)) == ""
        assert len(layer.received) * 2 < len(plain.received), "or the layer is not there at all"


@pytest.mark.parametrize(
    ("seed", "env"),
    [
        (1, {"LAYOUT": "full", "CURSOR": "bar"}),
        (2, {"LAYOUT": "split", "CURSOR": "row"}),
        (3, {"LAYOUT": "full", "CURSOR": "row", "AGENT_TUI_SCROLL": "0"}),
        (4, {"LAYOUT": "full", "CURSOR": "row", "COLORTERM": "", "TERM": "xterm-256color"}),
        (5, {"LAYOUT": "split", "CURSOR": "bar", "COLORTERM": "", "TERM": "xterm"}),
    ],
)
def test_replay(seed: int, env: dict[str, str]) -> None:
    play(seed, 36, env)


@pytest.fixture
def in_tmux(tmp_path: Path) -> Iterator[Callable[[str, Mapping[str, str]], PtyTerminal]]:
    """Starts the small desk in a tmux of its own, seen at the outer side of that tmux."""
    tmux = installed("tmux")
    settings = tmp_path / "tmux.conf"
    settings.write_text(
        "set -g status off\nset -s escape-time 10\nset -g default-terminal tmux-256color\n"
        "set -ga terminal-overrides ',*:Tc'\n"
    )
    opened: list[PtyTerminal] = []
    sockets: list[str] = []

    def start(mode: str, env: Mapping[str, str]) -> PtyTerminal:
        sockets.append(str(tmp_path / mode))
        settings_ = {**env, "AGENT_TUI_OUTPUT": mode, "LC_ALL": "C.UTF-8", "COLORTERM": "truecolor"}
        command = ["env", *(f"{key}={value}" for key, value in settings_.items())]
        command += [sys.executable, "-m", "tests.terminal.demo_app"]
        outer = [tmux, "-u", "-S", sockets[-1], "-f", str(settings), "new-session", *command]
        terminal = PtyTerminal(outer, columns=120, rows=40, env={"TERM": "screen-256color"})
        opened.append(terminal)
        terminal.wait("Inbox 19")
        terminal.quiet(0.2)
        return terminal

    yield start
    for terminal in opened:
        terminal.close()
    for socket in sockets:
        subprocess.run([tmux, "-S", socket, "kill-server"], capture_output=True, timeout=20, check=False)


@pytest.mark.parametrize("layout", ["full", "split"])
def test_replay_in_tmux(in_tmux: Callable[[str, Mapping[str, str]], PtyTerminal], layout: str) -> None:
    env = {"LAYOUT": layout, "CURSOR": "bar"}
    compare(in_tmux("plain", env), in_tmux("layer", env), script(7, 30))


def test_resized_and_back_at_once_is_drawn_whole() -> None:
    """The terminal may have cut what was outside the smaller size; the program may see no change at all."""
    with desk(env={"CURSOR": "bar"}) as terminal:
        before = seen(terminal.screen)
        terminal.screen.resize(10, 40)
        terminal.screen.resize(40, 120)
        assert seen(terminal.screen) != before
        terminal.resize(120, 40)
        settle(lambda: seen(terminal.screen), lambda: before, lambda: terminal.pump(0.1))


def test_redraw_puts_right_what_another_program_wrote() -> None:
    with desk(env={"CURSOR": "bar"}) as terminal:
        before = seen(terminal.screen)
        terminal._stream.feed(b"\x1b[5;5H\x1b[31mBroadcast message\x1b[7h\x1b[2;9r")
        assert seen(terminal.screen) != before
        terminal.press("\x0c")
        settle(lambda: seen(terminal.screen), lambda: before, lambda: terminal.pump(0.1))


def test_suspended_and_resumed() -> None:
    with desk(env={"CURSOR": "bar"}) as terminal:
        terminal.press("jjj")
        terminal.quiet(0.1)
        before = seen(terminal.screen)
        terminal.kill(signal.SIGTSTP)
        end = time.monotonic() + 10
        while b"\x1b[?1049l" not in terminal.received and time.monotonic() < end:
            terminal.pump(0.1)
        assert b"\x1b[?1049l" in terminal.received
        terminal._stream.feed(b"\x1b[H\x1b[2J\x1b[32m$ shell")
        terminal.kill(signal.SIGCONT)
        settle(lambda: seen(terminal.screen), lambda: before, lambda: terminal.pump(0.1))
        terminal.press("k")
        terminal.quiet(0.1)
        assert seen(terminal.screen) != before
