"""Text that is pasted is text, whatever it holds and wherever the reads cut it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from agent_tui.terminal.pastes import AFTER, CAP, END, SILENCE, START, Pasted, PasteTaker, Typed, clean
from tests.conftest import installed
from tests.terminal.emulated import desk

ENV = {"CURSOR": "bar", "GROUND": "1"}
HOSTILE = "see log: \x1b[31merror\x1b[0m \x13 done"
HARMLESS = "see log: error  done"


def taken(reads: Iterable[str], gap: float = 0.0) -> tuple[str, str]:
    """What was typed and what was pasted of it."""
    taker, now = PasteTaker(), 100.0
    typed, pasted = "", ""
    for read in reads:
        for part in taker.take(read, now):
            if isinstance(part, Typed):
                typed += part.text
            else:
                pasted += part.text
        now += gap
    return typed, pasted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("a\tb\r\nc\rd\x0be", "a\tb\nc\nd\ne"),
        (HOSTILE, HARMLESS),
        ("x\x1b\x1bbiie", "xiie"),
        ("\x1b]52;c;ZXZpbA==\x07list\x00\x7f\x9b31m\x85\x80", "list\n"),
        ("\x1b]never ends", "]never ends"),
        ("ціна 5 € 🎉", "ціна 5 € 🎉"),
    ],
)
def test_what_is_left_of_a_paste(text: str, kept: str) -> None:
    assert clean(text) == kept


@given(st.text(st.characters(max_codepoint=0x100) | st.sampled_from("\x1b[]201~\x07\n")))
def test_nothing_that_could_be_a_key_is_left(text: str) -> None:
    assert not [c for c in clean(text) if (c < " " and c not in "\n\t") or "\x7f" <= c <= "\x9f"]


def test_every_pair_of_cuts() -> None:
    stream = f"j{START}a\x1b[31mb\x1b\x13d{END}"
    for first, second in combinations(range(len(stream) + 1), 2):
        typed, pasted = taken([stream[:first], stream[first:second], stream[second:]], 0.01)
        assert pasted == "abd", (first, second)
        assert START.startswith(typed[1:]), "at most a piece of the mark, which the parser then forgets"
        assert typed[:1] == "j"


def test_character_by_character() -> None:
    typed, pasted = taken(f"{START}{HOSTILE}{END}", 0.01)
    assert pasted == HARMLESS
    assert START.startswith(typed)


def test_the_parser_forgets_a_piece_of_a_mark() -> None:
    taker = PasteTaker()
    assert taker.take("\x1b[20", 0) == [Typed("\x1b[20")]
    assert not taker.restarted
    assert taker.take("0~x", 0.1) == []
    assert taker.restarted
    taker = PasteTaker()
    taker.take("\x1b", 0)
    taker.take(START, 0.05)
    assert not taker.restarted, "an Escape before a whole mark is an Escape"


def test_what_follows_an_embedded_end_is_no_keys() -> None:
    """The text itself may hold the end mark."""
    taker = PasteTaker()
    assert taker.take(f"{START}a{END}bii\x13e{END}", 0) == [Pasted("a"), Pasted("biie")]
    assert taker.take("eee\x1b", 0.01) == [Pasted("eee")], "the next read of the same paste"
    assert taker.take("e", 1) == [Typed("e")], "a key, a moment later"


def test_reports_behind_a_paste_are_no_text() -> None:
    taker = PasteTaker()
    assert taker.take(f"{START}a{END}\x1b[I", 0) == [Pasted("a"), Typed("\x1b[I")]
    assert taker.take("\x1b[<0;3;4m", AFTER / 2) == [Typed("\x1b[<0;3;4m")]
    assert taker.take("\x1b[<0;3;4M", AFTER / 2) == [], "nor a click"


def test_two_pastes_at_once() -> None:
    assert PasteTaker().take(f"j{START}a{END}{START}b{END}", 0) == [Typed("j"), Pasted("a"), Pasted("b")]


def test_a_lost_end_does_not_hold_the_keyboard() -> None:
    taker = PasteTaker()
    assert taker.take(f"{START}half\x1b[2", 0) == []
    assert taker.tick(SILENCE) is None
    assert taker.tick(SILENCE + 0.1) == Pasted("half")
    assert taker.tick(SILENCE + 9) is None
    assert taker.take("j", 2.5) == [Typed("j")]
    assert taker.take("\x1b[B", 2.6) == [Typed("\x1b[B")]
    assert taker.take("e\x13", 2.7) == [Pasted("e")], "the rest of a stalled paste"
    assert taker.take(f"ee{END}", 2.8) == [Pasted("ee")]
    assert taker.take("ee", 5) == [Typed("ee")]


def test_a_huge_paste_is_cut() -> None:
    taker = PasteTaker()
    taker.take(START, 0)
    for _ in range(CAP // 1000 + 50):
        assert taker.take("x" * 1000, 0) == []
    assert taker.take(END, 0) == [Pasted("x" * CAP, cut=True)]
    assert taker.take(f"{START}small{END}", 9) == [Pasted("small")]


def _keys(stream: bytes, cuts: int) -> list[bytes]:
    return [stream[at : at + cuts] for at in range(0, len(stream), cuts)]


@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_a_hostile_paste_in_a_field_is_text(cut: int) -> None:
    with desk(env=ENV) as terminal:
        terminal.press("/", 0.3)
        for piece in _keys(f"{START}{HOSTILE}{END}".encode(), cut):
            terminal.press(piece, 0.005)
        terminal.wait(HARMLESS)
        terminal.quiet(0.3)
        assert "saved" not in terminal.text(), "Ctrl+S was not played"


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_a_hostile_paste_beside_a_field_is_no_keys(cut: int, plain: bool) -> None:
    with desk(plain=plain, env=ENV) as terminal:
        for piece in _keys(f"{START}x\x1b\x1bbjjqq\x13{END}".encode(), cut):
            terminal.press(piece, 0.005)
        terminal.wait("held 5")
        assert terminal.ended is None
        assert terminal.screen.buffer[1][0].data == "▌", "the cursor did not move"


def test_the_keyboard_lives_after_a_lost_end() -> None:
    with desk(env=ENV) as terminal:
        terminal.press(f"{START}jj")
        terminal.wait("held 2")
        terminal.press("j", 0.3)
        assert terminal.screen.buffer[2][0].data == "▌"


def test_a_paste_buffer_of_tmux(tmp_path: Path) -> None:
    """tmux pastes what is in its buffer as it is, escape sequences and all."""
    tmux = [installed("tmux"), "-S", str(tmp_path / "s"), "-f", "/dev/null"]

    def run(*command: str, given: bytes | None = None) -> str:
        return subprocess.run([*tmux, *command], input=given, capture_output=True, check=True).stdout.decode()

    def wait(words: str) -> str:
        for _ in range(150):
            if words in (shown := run("capture-pane", "-p")):
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{words!r} never came:\n{shown}")

    run("new-session", "-d", "-x", "120", "-y", "40", sys.executable, "-m", "tests.terminal.demo_app")
    try:
        wait("Inbox 19")
        run("load-buffer", "-", given=b"x\x1b\x1bbjjqq\x13")
        run("paste-buffer", "-p")
        wait("held 5")
        before = run("display-message", "-p", "#{cursor_y}")
        time.sleep(0.5)  # what comes at the heels of a paste is no key
        run("send-keys", "/")
        for _ in range(150):
            if run("display-message", "-p", "#{cursor_y}") != before:
                break  # the caret stands in the field
            time.sleep(0.1)
        run("load-buffer", "-", given=HOSTILE.encode())
        run("paste-buffer", "-p")
        assert "saved" not in wait(HARMLESS)
    finally:
        run("kill-server")
