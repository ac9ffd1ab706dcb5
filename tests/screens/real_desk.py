"""A desk of its own on a terminal, as an agent starts it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.pty_terminal import PtyTerminal

ROOT = Path(__file__).resolve().parents[2]


def start(home: Path, **environment: str) -> PtyTerminal:
    """The desk of the pinned data, in a folder that is there."""
    settings = dict(os.environ, TERM="xterm-256color", PYTHONPATH=str(ROOT)) | environment
    return PtyTerminal([sys.executable, "-m", "tests.desk_data", str(home)], env=settings, columns=120, rows=40)


def open_answer(terminal: PtyTerminal, shows: str, told: str = "Inbox 13") -> None:
    """Open the second conversation and answer it; the composer `shows` that."""
    terminal.wait(told, 40)
    terminal.quiet()
    terminal.press("j")
    terminal.press("\r")
    terminal.wait("#15", 20)
    terminal.quiet()
    terminal.press("r")
    terminal.wait(shows, 20)
    terminal.quiet()
