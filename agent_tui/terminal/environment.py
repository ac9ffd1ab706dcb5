"""What the terminal is, read from the environment alone: it is never asked, since its answers arrive as keys."""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TRUE_COLOUR: Final = 1 << 24
_COLOUR_TERMS: Final = ("truecolor", "24bit")
_TRUE_COLOUR_TERMS: Final = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour", "iterm")
_OFF: Final = frozenset({"0", "off", "no", "false"})


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal as far as it concerns what we send to it."""

    term: str = "xterm-256color"
    """Its type, as in `TERM`."""

    over_ssh: bool = False
    """Bytes travel: few of them, nothing that moves by itself."""

    tmux: bool = False
    """A tmux, ours or one on the agent's side of the line, stands between."""

    tmux_version: str = ""
    """Its version, where it is known."""

    colours: int = TRUE_COLOUR
    """0 (none wanted), 16, 256 or 2²⁴."""

    utf8: bool = True
    """Whether it takes more than ASCII."""

    @property
    def light_cursor(self) -> bool:
        """The selected row has a bar instead of a ground."""
        return self.over_ssh

    @property
    def animations(self) -> bool:
        """Whether things may move."""
        return not self.over_ssh

    @property
    def ascii_glyphs(self) -> bool:
        """Whether glyphs take their ASCII form."""
        return not self.utf8

    @property
    def has_tmux_passthrough(self) -> bool:
        """Whether a sequence for the outer terminal must be wrapped: a tmux of which we are the direct child."""
        return self.tmux and bool(self.tmux_version)

    @property
    def erases_in_colour(self) -> bool:
        """Whether what is erased takes the ground of the pen. GNU screen and old consoles leave it bare."""
        return self.tmux or not self.term.startswith(("screen", "vt", "ansi", "dumb"))

    @property
    def brackets_frames(self) -> bool:
        """Whether large frames may be announced by mode 2026. Never where a tmux stands between: 3.7 repaints the
        whole pane for each, and older ones do not pass it on."""
        return not self.tmux and not self.term.startswith(("screen", "linux", "dumb"))


def detect(environ: Mapping[str, str] | None = None) -> Terminal:
    """The terminal this process talks to."""
    env = os.environ if environ is None else environ
    term = env.get("TERM", "")
    program = env.get("TERM_PROGRAM", "").lower()
    inside = bool(env.get("TMUX"))
    return Terminal(
        term=term,
        over_ssh=bool(env.get("SSH_CONNECTION") or env.get("SSH_TTY") or env.get("SSH_CLIENT")),
        tmux=inside or term.startswith("tmux"),
        tmux_version=env.get("TERM_PROGRAM_VERSION", "unknown") if inside and program in {"tmux", ""} else "",
        colours=_colours(env, term),
        utf8=_utf8(env),
    )


def _colours(env: Mapping[str, str], term: str) -> int:
    if "NO_COLOR" in env:
        return 0
    if env.get("COLORTERM", "").strip().lower() in _COLOUR_TERMS or term.startswith(_TRUE_COLOUR_TERMS):
        return TRUE_COLOUR
    if "256" in term or term.startswith(("tmux", "xterm-direct")):
        return 256
    return 0 if term in {"dumb", "unknown"} or re.fullmatch(r"vt\d+", term) else 16


def _utf8(env: Mapping[str, str]) -> bool:
    name = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if env is os.environ and not name:
        name = locale.getlocale()[1] or ""
    return "utf8" in name.lower().replace("-", "")


def output_is_plain(environ: Mapping[str, str] | None = None) -> bool:
    """Whether Textual's own output was asked for: `AGENT_TUI_OUTPUT=plain`."""
    env = os.environ if environ is None else environ
    return env.get("AGENT_TUI_OUTPUT", "").lower() == "plain"


def scrolls(environ: Mapping[str, str] | None = None) -> bool:
    """Whether scroll regions may be used: not with `AGENT_TUI_SCROLL=0`."""
    env = os.environ if environ is None else environ
    return env.get("AGENT_TUI_SCROLL", "").lower() not in _OFF
