"""Keys of other layouts, pastes, and what no terminal should send."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from textual._xterm_parser import XTermParser

from agent_tui.terminal.keyboard import PasteGuard, fold, without_alternates
from tests.terminal.emulated import desk

ENV = {"CURSOR": "bar", "GROUND": "1"}


@pytest.mark.parametrize(
    ("key", "character", "in_text", "expected"),
    [
        ("о", "о", False, "j"),
        ("л", "л", False, "k"),
        ("О", "О", False, "J"),
        ("и", "и", False, "b"),
        ("і", "і", False, "s"),
        ("ы", "ы", False, "s"),
        ("ї", "ї", False, "right_square_bracket"),
        ("Ж", "Ж", False, "colon"),
        ("ж", "ж", False, "semicolon"),
        ("о", "о", True, "о"),
        ("ctrl+с", None, True, "ctrl+c"),
        ("ctrl+с", None, False, "ctrl+c"),
        ("ctrl+shift+я", None, True, "ctrl+shift+z"),
        ("alt+в", None, True, "alt+d"),
        ("full_stop", ".", False, "full_stop"),
        ("comma", ",", False, "comma"),
        ("j", "j", False, "j"),
        ("ctrl+c", None, False, "ctrl+c"),
        ("enter", "\r", False, "enter"),
        ("plus", "+", False, "plus"),
    ],
)
def test_fold(key: str, character: str | None, in_text: bool, expected: str) -> None:
    assert fold(key, character, in_text) == expected


@given(st.text(min_size=1, max_size=20), st.none() | st.characters(), st.booleans())
def test_folding_twice_is_folding_once(key: str, character: str | None, in_text: bool) -> None:
    once = fold(key, character, in_text)
    if len(once.split("+")[-1]) == 1:
        character = None
    assert fold(once, None if once != key else character, in_text) == once


@pytest.mark.parametrize(
    "report", ["\x1b[1089::99;5u", "\x1b[1089:1057:99;6u", "\x1b[97:65;2u", "\x1b[57441:1;2u", "\x1b[1:2:3;4~"]
)
def test_alternate_keys_do_not_reach_the_parser(report: str) -> None:
    list(XTermParser().feed(without_alternates(report)))
    assert ":" not in without_alternates(report)


def test_a_released_key_is_no_key() -> None:
    assert without_alternates("\x1b[106;1:1u\x1b[106;1:3u") == "\x1b[106;1u"
    assert without_alternates("\x1b[97;2;65u") == "\x1b[97;2;65u"


def test_key_without_alternates_is_the_same_key() -> None:
    events = list(XTermParser().feed(without_alternates("\x1b[1089::99;5u")))
    assert [getattr(event, "key", "") for event in events] == ["ctrl+с"]


def test_paste_guard() -> None:
    guard = PasteGuard()
    assert not guard.is_burst("jjjjjjjjjjjjjjjjjjjjjjjjj", 0)
    assert not guard.is_burst("\x1b[B\x1b[B\x1b[B\x1b[1;5C", 1)
    assert not guard.is_burst("gijjkk", 2)
    assert guard.is_burst("delete it now", 3)
    assert guard.is_burst(" of", 3.05), "the end of it belongs to it"
    assert not guard.is_burst("j", 4)


def test_pasted_text_outside_a_field_is_no_keys() -> None:
    for paste in ("jwqe delete all of it\r", "\x1b[200~jwqe delete all of it\r\x1b[201~"):
        with desk(env=ENV) as terminal:
            terminal.press(paste)
            terminal.wait("held 2[0-9]")
            assert terminal.ended is None
            assert terminal.screen.buffer[1][0].data == "▌", "the cursor did not move"


def test_pasted_text_inside_a_field_is_text() -> None:
    with desk(env=ENV) as terminal:
        terminal.press("/", 0.3)
        terminal.press("delete all of it")
        terminal.wait("delete all of it")
        terminal.press("\x1b[200~ and more\x1b[201~")
        terminal.wait("delete all of it and more")


@pytest.mark.parametrize("keys", ["оо", "\x1b[1086;1u\x1b[1086u"])
def test_cyrillic_keys_move(keys: str) -> None:
    with desk(env=ENV) as terminal:
        terminal.press(keys)
        terminal.quiet(0.2)
        assert terminal.screen.buffer[3][0].data == "▌"


@pytest.mark.parametrize("keys", ["\x1b[1099;5u", "\x1b[1099::115;5u", "\x1b[1099:1067:115;5u", "\x13"])
def test_ctrl_of_a_cyrillic_layout(keys: str) -> None:
    """Ctrl+S, from the list and from inside a field."""
    for field in ("", "/"):
        with desk(env=ENV) as terminal:
            if field:
                terminal.press(field, 0.3)
            terminal.press(keys)
            terminal.wait("saved")


@pytest.mark.parametrize(
    "noise",
    [
        b"\xff\xfe\xc3",
        b"\x1b[99999999999999999999;5u",
        b"\x1b[1114112;5u",
        b"\x1b[97;5:9u",
        b"\x1b[;;;u",
        b"\x1b]52;c;x\x07",
    ],
)
def test_noise_does_not_end_the_desk(noise: bytes) -> None:
    with desk(env=ENV) as terminal:
        terminal.press(noise, 0.4)
        terminal.press("\x1b", 0.3)
        terminal.press("jj", 0.3)
        terminal.quiet(0.2)
        assert terminal.ended is None
        assert "Traceback" not in terminal.text()
        assert "Inbox 19" in terminal.text()
