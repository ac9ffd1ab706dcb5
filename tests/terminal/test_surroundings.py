"""What the terminal is, and what goes beside the screen: clipboard, notification, title."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given, strategies as st

from agent_tui.terminal.clipboard import copy_sequence, payload
from agent_tui.terminal.environment import TRUE_COLOUR, detect, output_is_plain, scrolls
from agent_tui.terminal.notify import Title, notification_sequence, title_sequence
from agent_tui.terminal.pens import PenBox

UTF8 = {"LANG": "uk_UA.UTF-8"}


@pytest.mark.parametrize(
    ("env", "colours"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, TRUE_COLOUR),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "tmux-256color"}, 256),
        ({"TERM": "xterm-kitty"}, TRUE_COLOUR),
        ({"TERM": "linux"}, 16),
        ({"TERM": "xterm"}, 16),
        ({"TERM": "dumb"}, 0),
        ({"TERM": "vt100"}, 0),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""}, 0),
    ],
)
def test_colours(env: dict[str, str], colours: int) -> None:
    assert detect(env).colours == colours


def test_over_ssh_the_cursor_is_light_and_nothing_moves() -> None:
    far, near = detect({**UTF8, "SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"}), detect(UTF8)
    assert (far.light_cursor, far.animations) == (True, False)
    assert (near.light_cursor, near.animations) == (False, True)


def test_glyphs_follow_the_locale() -> None:
    assert not detect(UTF8).ascii_glyphs
    assert not detect({"LC_ALL": "C.utf8"}).ascii_glyphs
    assert detect({"LC_ALL": "C", "LANG": "uk_UA.UTF-8"}).ascii_glyphs
    assert detect({}).ascii_glyphs


@pytest.mark.parametrize(
    ("env", "tmux", "brackets", "through"),
    [
        ({"TERM": "xterm-256color"}, False, True, False),
        (
            {"TERM": "tmux-256color", "TMUX": "/tmp/t,1,0", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.7b"},
            True,
            False,
            True,
        ),
        ({"TERM": "screen-256color", "TMUX": "/tmp/t,1,0"}, True, False, True),
        ({"TERM": "tmux-256color", "SSH_TTY": "/dev/pts/1"}, True, False, False),
        ({"TERM": "screen.xterm"}, False, False, False),
        ({"TERM": "linux"}, False, False, False),
    ],
)
def test_what_stands_between(env: dict[str, str], tmux: bool, brackets: bool, through: bool) -> None:
    found = detect(env)
    assert (found.tmux, found.brackets_frames, found.has_tmux_passthrough) == (tmux, brackets, through)


def test_switches() -> None:
    assert output_is_plain({"AGENT_TUI_OUTPUT": "plain"})
    assert not output_is_plain({})
    assert scrolls({})
    assert not scrolls({"AGENT_TUI_SCROLL": "0"})


@given(st.text(max_size=200), st.booleans())
def test_a_copy_cannot_break_out(text: str, tmux: bool) -> None:
    sequence = copy_sequence(text, tmux=tmux)
    inner = (
        re.fullmatch("\x1bPtmux;\x1b(.*)\x1b\\\\", sequence, re.DOTALL)
        if tmux
        else re.fullmatch("(.*)", sequence, re.DOTALL)
    )
    assert inner
    encoded = re.fullmatch("\x1b\\]52;c;([A-Za-z0-9+/=]*)\x07", inner[1])
    assert encoded
    copied = base64.b64decode(encoded[1]).decode()
    assert copied == payload(text)
    assert not [c for c in copied if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0]


def test_a_copy_holds_the_text() -> None:
    assert payload("Замовлення 4417\r\n\tдва\x1b[201~rm\x07") == "Замовлення 4417\n\tдва[201~rm"
    assert len(payload("ж" * 200_000).encode()) <= 100_000


@given(st.text(max_size=300), st.booleans())
def test_a_notification_cannot_break_out(text: str, tmux: bool) -> None:
    sequence = notification_sequence(text, tmux=tmux)
    assert sequence[0] == "\x07"
    rest = sequence[1:]
    if rest:
        body = rest.removeprefix("\x1bPtmux;\x1b").removesuffix("\x1b\\") if tmux else rest
        assert re.fullmatch("\x1b\\]9;[^\x00-\x1f\x7f-\x9f]+\x07", body)
        assert not re.match("\x1b\\]9;[0-9]+;", body), "that is a command in some terminals"


def test_titles_come_from_a_fixed_set() -> None:
    for title in Title:
        assert re.fullmatch("\x1b\\]2;[a-z -]+\x07", title_sequence(title))


def test_pens_send_what_differs() -> None:
    from rich.style import Style

    pens = PenBox(TRUE_COLOUR, "#11141b")
    plain = pens.of(Style.parse("#d5d9e3 on #11141b"))
    bold = pens.of(Style.parse("bold #d5d9e3 on #11141b"))
    row = pens.of(Style.parse("bold #d5d9e3 on #223049"))
    assert pens.change(None, plain) == "\x1b[0;38;2;213;217;227m"
    assert pens.change(plain, bold) == "\x1b[1m"
    assert pens.change(bold, row) == "\x1b[48;2;34;48;73m"
    assert pens.change(row, 0) == "\x1b[m"
    assert pens.change(plain, plain) == ""
    assert PenBox(256).change(None, PenBox(256).of(None)) == "\x1b[m"


@pytest.mark.parametrize(
    ("colour", "number"),
    [
        ("#000000", 16),
        ("#11141b", 233),
        ("#1b2030", 234),
        ("#98a1b6", 247),
        ("#ffffff", 231),
        ("#b3261e", 124),
        ("#808080", 244),
    ],
)
def test_in_256_colours_the_nearest_to_the_eye(colour: str, number: int) -> None:
    from rich.style import Style

    pens = PenBox(256)
    pen = pens.pen(pens.of(Style.parse(f"{colour} on {colour}")))
    assert (pen.fg, pen.bg) == (f"38;5;{number}", f"48;5;{number}")


@pytest.mark.parametrize(("colours", "sent"), [(256, "38;5;117"), (16, "96"), (0, "")])
def test_fewer_colours(colours: int, sent: str) -> None:
    from rich.style import Style

    pens = PenBox(colours)
    assert pens.pen(pens.of(Style.parse("#7cc4ff" if colours != 16 else "bright_cyan"))).fg == sent
