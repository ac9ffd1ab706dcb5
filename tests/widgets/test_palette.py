"""Themes: every role can be read on every ground where it stands; a broken file is reported, never fatal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.color import Color

from agent_tui.config import text_of
from agent_tui.terminal.eight_bit import nearest, rgb
from agent_tui.widgets.palette import GROUNDS, INKS, Palette, ThemeFile, ThemeProblem, faults, load, own, parse, shipped

THEMES = shipped()
COLOURED = [theme for theme in THEMES.values() if not theme.ansi]
REPEATS = {"faint"}
"""What only repeats or decorates may be quieter."""


def contrast(ink: str, ground: str) -> float:
    def luminance(text: str) -> float:
        parts = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in Color.parse(text).normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_all_themes_are_there() -> None:
    assert set(THEMES) == {"dark", "light", "terminal", "plain"}


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", [ink for ink in INKS if ink != "line"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_contrast(theme: ThemeFile, ink: str, ground: str) -> None:
    least = 3.0 if ink in REPEATS else 4.4
    assert contrast(theme.roles[ink], theme.roles[ground]) >= least


def of_256(colour: str) -> str:
    return Color(*rgb(nearest(*Color.parse(colour).rgb))).hex


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", [ink for ink in INKS if ink != "line"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_contrast_in_256_colours(theme: ThemeFile, ink: str, ground: str) -> None:
    least = 3.0 if ink in REPEATS else 4.4
    assert contrast(of_256(theme.roles[ink]), of_256(theme.roles[ground])) >= least


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_in_256_colours_no_two_grounds_become_one_and_greys_stay_grey(theme: ThemeFile) -> None:
    assert len({of_256(theme.roles[ground]) for ground in GROUNDS}) == len(GROUNDS)
    for role in ("ground", "raised", "cursor", "text", "quiet", "faint", "line"):
        red, green, blue = Color.parse(of_256(theme.roles[role])).rgb
        assert red == green == blue, role


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
@pytest.mark.parametrize("role", ["accent", "due", "late"])
def test_contrast_of_words_on_a_patch(theme: ThemeFile, role: str) -> None:
    assert contrast(theme.roles["ground"], theme.roles[role]) >= 4.5


XTERM = [
    "#000000",
    "#cd0000",
    "#00cd00",
    "#cdcd00",
    "#0000ee",
    "#cd00cd",
    "#00cdcd",
    "#e5e5e5",
    "#7f7f7f",
    "#ff0000",
    "#00ff00",
    "#ffff00",
    "#5c5cff",
    "#ff00ff",
    "#00ffff",
    "#ffffff",
]
"""What xterm shows for the sixteen; most others are near to it."""


@pytest.mark.parametrize(("letter", "ground"), [("#e5e5e5", "#000000"), ("#000000", "#ffffff")])
@pytest.mark.parametrize("ink", INKS)
def test_the_terminals_own_colours_are_read_on_black_and_on_white(ink: str, letter: str, ground: str) -> None:
    palette = Palette(THEMES["terminal"])
    for style in (palette(ink), palette.chip(ink)):
        assert style.color is not None
        shown = letter if style.color.is_default else XTERM[style.color.number or 0]
        assert contrast(shown, ground) >= 3.9


@pytest.mark.parametrize("name", ["terminal", "plain"])
def test_without_colours_of_our_own_nothing_is_black_on_black(name: str) -> None:
    palette = Palette(THEMES[name])
    for ink in INKS:
        for ground in GROUNDS:
            style = palette(ink, ground)
            assert style.bgcolor is not None
            assert style.bgcolor.is_default
            assert style.color is not None
            assert style.color.name != "black"


def test_no_colour_names_no_colour() -> None:
    palette = Palette(THEMES["plain"])
    for ink in INKS:
        style = palette(ink, "ground")
        assert style.color is not None
        assert style.color.is_default
    assert palette("late").reverse
    assert palette("accent").bold
    assert palette.chip("due").reverse


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("roles = ", "unreadable"),
        ("[roles]\nground = '#000000'", "missing_role"),
        ("roles = 3", "unreadable"),
    ],
)
def test_a_broken_theme_is_reported(text: str, code: str) -> None:
    problem = parse("mine", text)
    assert isinstance(problem, ThemeProblem)
    assert problem.code == code


def test_own_themes_are_read_and_bad_colours_named(tmp_path: Path) -> None:
    roles = "\n".join(f'{role} = "#aabbcc"' for role in (*GROUNDS, *INKS))
    (tmp_path / "good.toml").write_text(f'title = "Mine"\n[roles]\n{roles}\n')
    (tmp_path / "bad.toml").write_text(f"[roles]\n{roles.replace('#aabbcc', 'nocolour', 1)}\n")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    found = list(own(tmp_path, text_of))
    assert [type(one).__name__ for one in found] == ["ThemeProblem", "ThemeProblem", "ThemeFile"]
    bad = found[0]
    assert isinstance(bad, ThemeProblem)
    assert bad.code == "bad_colour"
    assert "ground" in bad.detail


@pytest.mark.timeout(20)
def test_a_theme_that_is_no_file_or_has_no_end_is_told_of_and_waited_for_by_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "endless.toml").symlink_to("/dev/zero")
    (tmp_path / "huge.toml").write_text("# much\n" * 20_000)
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe9"\n')
    themes, problems = load(tmp_path, text_of)
    assert set(themes) == set(shipped())
    told = list(faults("dark", themes, problems))
    for name in ("pipe", "folder", "endless"):
        assert f"the theme {name} cannot be used: it is no ordinary file" in told
    assert "the theme huge cannot be used: it is larger than themes are (64 kB, lines of 2 kB)" in told
    assert "the theme latin cannot be used: it is not UTF-8 text" in told
