"""Bytes per key on a pty, nothing while idle, nothing foreign, and one pending frame on a slow line."""

from __future__ import annotations

import os
import select
import signal
import statistics
import time

import pytest

from tests.pty_terminal import PtyTerminal
from tests.terminal.emulated import OURS, desk, differences, foreign, seen

LIGHT = {"CURSOR": "bar", "GROUND": "1"}
COLOURED = {"CURSOR": "row", "GROUND": "1"}
HARMFUL = [b"\x1b]52", b"\x1b[2J \xc2", b"\xc2\x9b", b"\x1bP", "\u202e".encode(), b"\x00", b"\x08\r"]


def cost(terminal: PtyTerminal, key: str) -> int:
    """Bytes that one key brings."""
    before = len(terminal.received)
    os.write(terminal.fd, key.encode())
    end = time.monotonic() + 5
    while len(terminal.received) == before and time.monotonic() < end:
        terminal.pump(0.05)
    terminal.pump(0.06)
    return len(terminal.received) - before


def costs(terminal: PtyTerminal, key: str, times: int) -> float:
    return statistics.median(cost(terminal, key) for _ in range(times))


def test_light_cursor() -> None:
    with desk(env=LIGHT) as terminal:
        assert len(terminal.received) <= 8000
        assert costs(terminal, "j", 10) <= 50
        terminal.press("j" * 25, 0.3)
        assert costs(terminal, "j", 10) <= 300, "a scroll by one row"


def test_coloured_cursor() -> None:
    with desk(env=COLOURED) as terminal:
        assert costs(terminal, "j", 10) <= 450


def test_page_costs_little_more_than_its_text() -> None:
    with desk(env=LIGHT) as terminal:
        for _ in range(4):
            before, size = seen(terminal.screen), len(terminal.received)
            cost(terminal, "\x1b[6~")
            after = seen(terminal.screen)
            changed = [
                a[0] for old, new in zip(before, after, strict=True) for a, b in zip(new, old, strict=True) if a != b
            ]
            runs = len(OURS.findall(bytes(terminal.received[size:]).decode()))
            text = sum(len(cell.encode()) for cell in changed)
            assert len(terminal.received) - size <= 1.5 * text + 10 * runs
            assert len(terminal.received) - size <= 4700


@pytest.mark.parametrize("field", ["/", "e"])
def test_a_typed_character(field: str) -> None:
    with desk(env=LIGHT) as terminal:
        terminal.press(field, 0.3)
        assert statistics.median(cost(terminal, letter) for letter in "order замов") <= 80
        terminal.quiet(0.2)
        before = seen(terminal.screen)
        cost(terminal, "\x1b[D")
        terminal.quiet(0.2)
        assert differences(before, seen(terminal.screen)) == [], "the terminal draws the caret, nobody else"


def test_idle_sends_nothing() -> None:
    with desk(env=LIGHT) as terminal:
        terminal.press("/", 0.5)  # a caret that would blink
        terminal.quiet(0.5)
        before = len(terminal.received)
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            terminal.pump(0.5)
        assert len(terminal.received) == before


def test_the_terminal_is_asked_nothing() -> None:
    with desk(env=LIGHT) as terminal:
        terminal.press("j")
        received = bytes(terminal.received)
        assert foreign(received) == ""
        assert b"$p" not in received
        assert b"\x1b[6n" not in received
        assert b"\x1b[?u" not in received
        assert b"\x1b[>1u" in received, "of the kitty protocol nothing but telling keys apart"
        assert b"\x1b[?1000h" not in received


@pytest.mark.parametrize("plain", [False, True])
def test_hostile_text_never_reaches_the_terminal(plain: bool) -> None:
    with desk(plain=plain, env=LIGHT) as terminal:
        before = len(terminal.received)
        terminal.press("x", 0.1)
        terminal.wait(r"\[/\]")
        terminal.quiet(0.2)
        came = bytes(terminal.received[before:])
        assert not [harm for harm in HARMFUL if harm in came]
        if not plain:
            assert foreign(came) == ""


def test_cursor_stands_on_the_selected_row_and_at_the_caret() -> None:
    with desk(env=LIGHT) as terminal:
        cursor = terminal.screen.cursor
        terminal.press("jjj", 0.2)
        terminal.quiet(0.1)
        assert not cursor.hidden
        assert (cursor.x, cursor.y) == (0, 4)
        assert terminal.screen.buffer[4][0].data == "▌"
        terminal.press("/", 0.2)
        terminal.type("abc")
        terminal.quiet(0.1)
        assert (cursor.x, cursor.y) == (3, 35)
        terminal.press("\x1b[D", 0.2)
        terminal.quiet(0.1)
        assert (cursor.x, cursor.y) == (2, 35)


def test_slow_line_keeps_one_frame_and_the_newest() -> None:
    """2 kB a second, forty pages asked for: what arrives is a few frames, and the last one is right."""
    with desk(env=LIGHT) as terminal:
        size = len(terminal.received)
        for _ in range(40):
            os.write(terminal.fd, b"k\x1b[6~")
            time.sleep(0.05)  # the desk works while nobody reads
        end = time.monotonic() + 40
        while time.monotonic() < end and select.select([terminal.fd], [], [], 1.5)[0]:
            data = os.read(terminal.fd, 200)
            terminal.received += data
            terminal._stream.feed(data)
            time.sleep(0.1)
        came = len(terminal.received) - size
        shown = seen(terminal.screen)
        os.write(terminal.fd, b"\x0c")
        terminal.quiet(0.5)
        assert seen(terminal.screen) == shown
        assert came < 40_000, "forty frames are four times as much"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_terminal_is_left_as_it_was(number: int) -> None:
    with desk(env=LIGHT) as terminal:
        terminal.kill(number)
        end = time.monotonic() + 10
        while terminal.ended is None and time.monotonic() < end:
            terminal.pump(0.1)
        assert terminal.ended == 128 + number
        left = bytes(terminal.received)[-400:]
        for sequence in (
            b"\x1b[?1049l",
            b"\x1b[?25h",
            b"\x1b[?2004l",
            b"\x1b[?7h",
            b"\x1b[<u",
            b"\x1b[?1004l",
            b"\x1b[r",
        ):
            assert sequence in left
        assert foreign(left[left.index(b"\x1b[m\x1b[r") :]) == ""


def test_a_lost_terminal_ends_the_desk() -> None:
    """The pty goes away under it: no busy loop, no process left behind."""
    terminal = desk(env=LIGHT)
    os.close(terminal.fd)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        done, _ = os.waitpid(terminal.pid, os.WNOHANG)
        if done:
            return
        time.sleep(0.05)
    os.kill(terminal.pid, signal.SIGKILL)
    pytest.fail("the desk stayed without a terminal")


def test_stopped_line_does_not_hold_the_end() -> None:
    """Nobody reads any more: the end still comes."""
    with desk(env=LIGHT) as terminal:
        for _ in range(40):
            os.write(terminal.fd, b"k\x1b[6~")
            time.sleep(0.02)
        terminal.kill(signal.SIGTERM)
        end = time.monotonic() + 15
        while time.monotonic() < end:
            done, status = os.waitpid(terminal.pid, os.WNOHANG)
            if done:
                terminal.ended = os.waitstatus_to_exitcode(status)
                break
            time.sleep(0.1)
        assert terminal.ended == 128 + signal.SIGTERM
