"""What was typed survives whatever ends the desk."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from agent_tui.store.open import open_reads
from tests.pty_terminal import PtyTerminal

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("number", "wait_for_journal"),
    [(signal.SIGHUP, False), (signal.SIGTERM, False), (signal.SIGKILL, True)],
    ids=["lost line", "terminated", "killed"],
)
def test_a_draft_survives(tmp_path: Path, number: signal.Signals, wait_for_journal: bool) -> None:
    environment = dict(os.environ, TERM="xterm-256color", PYTHONPATH=str(ROOT))
    command = [sys.executable, "-m", "tests.desk_data", str(tmp_path / "desk")]
    (tmp_path / "desk").mkdir()
    with PtyTerminal(command, env=environment, columns=120, rows=40) as terminal:
        terminal.wait("Inbox 13", 40)
        terminal.quiet()
        terminal.press("j")
        terminal.press("\r")
        terminal.wait("#15", 20)
        terminal.quiet()
        terminal.press("r")
        terminal.wait("ctrl.s send", 20)
        terminal.quiet()
        terminal.type("precious words")
        terminal.wait("precious words", 20)
        if wait_for_journal:
            terminal.wait("saved", 20)
        terminal.kill(number)
        for _ in range(200):
            if terminal.ended is not None:
                break
            terminal.pump(0.1)
        assert terminal.ended is not None
    reads = open_reads(tmp_path / "desk")
    try:
        assert [draft.text[:14] for draft in reads.drafts("dana")] == ["precious words"]
    finally:
        reads.close()
