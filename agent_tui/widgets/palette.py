"""Colour roles and how they are drawn: themes are data, widgets name roles.

A style is (role, ground, weight). Line widgets ask for it by name and get a Rich style, made once and kept.
"""

from __future__ import annotations

import errno
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from rich.color import Color, ColorParseError
from rich.style import Style

from agent_tui.words import _

if TYPE_CHECKING:
    from textual.theme import Theme

GROUNDS = ("ground", "raised", "cursor", "note")
"""What something stands on."""
INKS = ("text", "quiet", "faint", "accent", "due", "late", "good", "line")
"""What stands on it."""
ROLES = (*GROUNDS, *INKS)
WEIGHTS = frozenset({"bold", "dim", "reverse", "underline", "italic"})
REVERSE = "reverse"


@dataclass(frozen=True, slots=True)
class ThemeProblem:
    """What is wrong with a theme file; such a theme is left out and reported, never fatal."""

    name: str
    code: str
    """`unreadable`, `missing_role`, `bad_colour`, `bad_weight`."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme as its file says it."""

    name: str
    title: str
    dark: bool
    ansi: bool
    roles: Mapping[str, str]
    weights: Mapping[str, str] = field(default_factory=dict)

    def textual(self) -> Theme:
        """The same for Textual's own widgets and style sheets: each role is a variable."""
        from textual.theme import Theme

        named = {role: self.css(self.roles[role]) for role in ROLES}
        soft = named["cursor"]
        return Theme(
            name=self.name,
            primary=named["accent"],
            secondary=named["accent"],
            warning=named["due"],
            error=named["late"],
            success=named["good"],
            accent=named["accent"],
            foreground=named["text"],
            background=named["ground"],
            surface=named["ground"],
            panel=named["raised"],
            boost=named["raised"],
            dark=self.dark,
            ansi=self.ansi,
            variables={
                **{role: value for role, value in named.items() if role != "accent"},
                "mark": named["accent"],
                "ansi-background": "ansi_default",
                "ansi-foreground": "ansi_default",
                "border": named["line"],
                "border-blurred": named["line"],
                "block-cursor-background": "ansi_bright_black" if self.ansi else soft,
                "block-cursor-foreground": named["text"],
                "block-cursor-text-style": "bold",
                "block-cursor-blurred-background": "ansi_bright_black" if self.ansi else soft,
                "block-cursor-blurred-foreground": named["text"],
                "block-hover-background": named["raised"],
                "input-cursor-text-style": "reverse",
                "input-selection-background": "ansi_bright_black" if self.ansi else soft,
                "input-selection-foreground": named["text"],
            },
        )

    @staticmethod
    def css(value: str) -> str:
        """A colour as style sheets write it."""
        if value.startswith("#"):
            return value
        return "ansi_default" if value == REVERSE else f"ansi_{value}"


class Palette:
    """Styles of one theme by role, ground and weight."""

    def __init__(self, theme: ThemeFile) -> None:
        self.theme = theme
        self._made: dict[tuple[str, str, str], Style] = {}

    def __call__(self, role: str, ground: str = "ground", weight: str = "") -> Style:
        """The style of a role on a ground; weight is `bold`, `underline`, … or several."""
        key = (role, ground, weight)
        style = self._made.get(key)
        if style is None:
            style = self._made[key] = self._make(role, ground, weight)
        return style

    def chip(self, role: str) -> Style:
        """A word on a patch of its colour: REPLY, NOTE."""
        key = (role, "", "chip")
        style = self._made.get(key)
        if style is None:
            roles = self.theme.roles
            if self.theme.ansi:
                style = Style(color=_ink(roles[role]), bgcolor="default", bold=True, reverse=True)
            else:
                style = Style(color=roles["ground"], bgcolor=roles[role], bold=True)
            self._made[key] = style
        return style

    def _make(self, role: str, ground: str, weight: str) -> Style:
        roles, words = self.theme.roles, set(weight.split()) | set(self.theme.weights.get(role, "").split())
        on = roles[ground]
        if on == REVERSE:
            return Style(color="default", bgcolor="default", bold="bold" in words or None, reverse=True)
        return Style(
            color=_ink(roles[role]),
            bgcolor=on,
            bold="bold" in words or None,
            dim="dim" in words or None,
            reverse="reverse" in words or None,
            underline="underline" in words or None,
            italic="italic" in words or None,
        )


def _ink(value: str) -> str:
    return "default" if value == REVERSE else value


Read = Callable[[Path], str]
"""Reads a file without waiting for a pipe and without end. Raises `OSError` and `UnicodeDecodeError`."""


def load(folder: Path | None, read: Read) -> tuple[dict[str, ThemeFile], Sequence[ThemeProblem]]:
    """The shipped themes and those of a folder, and what of the folder cannot be used."""
    found, problems = shipped(), []
    for theme in own(folder, read) if folder is not None else ():
        if isinstance(theme, ThemeFile):
            found[theme.name] = theme
        else:
            problems.append(theme)
    return found, problems


def faults(wanted: str, known: Iterable[str], problems: Sequence[ThemeProblem]) -> Iterator[str]:
    """What is wrong with the themes, in words: one is wished for that there is not, others cannot be used."""
    names = sorted(known)
    if wanted not in names and wanted not in {problem.name for problem in problems}:
        yield _("there is no theme “{name}”; there are: {all}").format(name=wanted, all=", ".join(names))
    for problem in problems:
        yield _("the theme {name} cannot be used: {why}").format(name=problem.name, why=problem.detail)


def shipped() -> dict[str, ThemeFile]:
    """The themes that come with the desk."""
    found = {}
    for entry in resources.files("agent_tui.themes").iterdir():
        if entry.name.endswith(".toml"):
            theme = parse(entry.name.removesuffix(".toml"), entry.read_text("utf-8"))
            if isinstance(theme, ThemeFile):
                found[theme.name] = theme
    return found


def own(folder: Path, read: Read) -> Iterator[ThemeFile | ThemeProblem]:
    """The agent's own themes: every TOML file of a folder, read or reported."""
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            text = read(path)
        except (OSError, UnicodeDecodeError) as error:
            yield ThemeProblem(path.stem, "unreadable", _unreadable(error))
        else:
            yield parse(path.stem, text)


def _unreadable(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return _("it is not UTF-8 text")
    if error.errno == errno.EINVAL:
        return _("it is no ordinary file")
    if error.errno == errno.EFBIG:
        return _("it is larger than themes are (64 kB, lines of 2 kB)")
    return error.strerror or type(error).__name__


def parse(name: str, text: str) -> ThemeFile | ThemeProblem:
    """Read one theme file."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # lists within lists without end among them
        return ThemeProblem(name, "unreadable", str(error))
    roles, weights = data.get("roles", {}), data.get("weights", {})
    if not isinstance(roles, dict) or not isinstance(weights, dict):
        return ThemeProblem(name, "unreadable", "roles")
    problem = _problem(name, roles, weights, bool(data.get("ansi")))
    if problem:
        return problem
    return ThemeFile(
        name=name,
        title=str(data.get("title", name)),
        dark=bool(data.get("dark", True)),
        ansi=bool(data.get("ansi", False)),
        roles={role: str(roles[role]) for role in ROLES},
        weights={str(role): str(weight) for role, weight in weights.items()},
    )


def _problem(name: str, roles: Mapping[str, object], weights: Mapping[str, object], ansi: bool) -> ThemeProblem | None:
    for role in ROLES:
        if role not in roles:
            return ThemeProblem(name, "missing_role", role)
        value = str(roles[role])
        if value == REVERSE and ansi and role == "cursor":
            continue
        if ansi == value.startswith("#") or not _is_colour(value):
            return ThemeProblem(name, "bad_colour", f"{role} = {value}")
    return _bad_weight(name, weights.values())


def _bad_weight(name: str, weights: Iterable[object]) -> ThemeProblem | None:
    for weight in weights:
        if not set(str(weight).split()) <= WEIGHTS:
            return ThemeProblem(name, "bad_weight", str(weight))
    return None


def _is_colour(value: str) -> bool:
    try:
        Color.parse(value)
    except ColorParseError:
        return False
    return (value.startswith("#") and len(value) == 7) or not value.startswith("#")
