"""No process that may hold a secret leaves its memory to others."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pty_terminal import PtyTerminal

_LIMIT = "Max core file size"


def cores(pid: int) -> list[str]:
    """Soft and hard limit."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line.removeprefix(_LIMIT).split() for line in lines if line.startswith(_LIMIT))[:2]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_that_crashes_leaves_no_core(tmp_path: Path) -> None:
    code = (
        "import ctypes, os, resource, signal\n"
        "hard = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))\n"
        "from agent_tui.__main__ import main\n"
        "main(['--version'])\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGSEGV)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert ended.returncode == -signal.SIGSEGV, ended.stderr
    assert ended.stdout.splitlines()[-1] == "(0, 0) 0"
    assert list(tmp_path.glob("*core*")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_desk_leaves_none_either(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with PtyTerminal([sys.executable, "-m", "agent_tui", "--home", str(home)], columns=100, rows=30) as seen:
        seen.wait("enter")
        assert cores(seen.pid) == ["0", "0"]
        seen.press("\x11")
