"""`output = "plain"` is of one desk: what is started from it, and a desk opened after it, know nothing of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agent_tui.locations import locate
from tests.pty_terminal import PtyTerminal

TELLS = """
import os, sys
from agent_tui.app import AgentApp
from agent_tui.cli.main import run

leave = AgentApp.exit
drivers = []

def exit(self, *arguments, **named):
    drivers.append(type(self._driver).__name__)
    return leave(self, *arguments, **named)

AgentApp.exit = exit
run(["--home", sys.argv[1]])
print("drawn by", *set(drivers), "then", os.environ.get("AGENT_TUI_OUTPUT"))
"""


def test_plain_output_ends_with_its_desk(tmp_path: Path) -> None:
    places = locate(tmp_path / "home")
    places.settings_file.parent.mkdir(parents=True, mode=0o700)
    places.settings_file.write_text('output = "plain"\n')
    places.settings_file.chmod(0o600)
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("AGENT_TUI_OUTPUT", None)
    command = [sys.executable, "-c", TELLS, str(tmp_path / "home")]
    with PtyTerminal(command, columns=100, rows=30, env=environment) as desk:
        desk.wait("Welcome", 30)
        desk.press("\x1b", 0.3)
        desk.press("\x11")
        desk.wait("drawn by ReadingDriver then None", 15)
        assert desk.until_end(5) == 0
