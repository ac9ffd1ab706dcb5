"""A fault of the desk's own ends in one sentence: no values of variables, which may be secrets, reach the terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from agent_tui.locations import locate
from tests.pty_terminal import PtyTerminal

CANARY = "canary-of-a-password"
BREAKS = """
import sys
from agent_tui.app import AgentApp
from agent_tui.cli.main import run

def action_leave(self):
    password = sys.argv[2]
    raise RuntimeError("left the wrong way")

AgentApp.action_leave = action_leave
sys.exit(run(["--home", sys.argv[1]]))
"""


def test_the_desk_ends_in_a_sentence_and_its_log_tells_the_rest(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    environment = {**os.environ, "TERM": "xterm-256color"}
    command = [sys.executable, "-c", BREAKS, str(home), CANARY]
    with PtyTerminal(command, columns=100, rows=30, env=environment) as desk:
        desk.wait("Welcome", 30)
        desk.press("\x1b", 0.3)
        desk.press("\x11")
        desk.wait("The desk ended by a mistake of its own", 15)
        desk.pump(1)
        assert CANARY not in bytes(desk.received).decode("utf-8", "replace")
        assert "Traceback" not in desk.text()
        assert desk.until_end(5) == 1
    log = (locate(str(home)).log / "desk.log").read_text("utf-8")
    assert "left the wrong way" in log
    assert CANARY not in log
    assert (locate(str(home)).log / "desk.log").stat().st_mode & 0o077 == 0
