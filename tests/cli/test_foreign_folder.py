"""Whoever starts the program in a folder of saved attachments runs none of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent_tui.locations import locate
from agent_tui.sync.launch import stop_worker
from tests.pty_terminal import PtyTerminal

NAMES = ("json", "textwrap", "email", "sqlite3", "asyncio", "agent_tui", "logging", "tempfile", "html")
MAIL = b"From: ann@customer.example\r\nSubject: Hello\r\nMessage-ID: <1@customer.example>\r\n\r\nHello\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Attachments under names that Python would look for."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in NAMES:
        (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\n")
    (folder / "one.eml").write_bytes(MAIL)
    return folder


COMMAND = [sys.executable, "-P", "-m", "agent_tui"]
"""As the installed command runs: the folder stands not in its own search path."""


@pytest.mark.parametrize("arguments", [["import", "one.eml"], ["sync", "--once"], ["demo", "--prepare"], ["doctor"]])
def test_commands_run_nothing_of_it(folder: Path, tmp_path: Path, arguments: list[str]) -> None:
    command = [*COMMAND, "--home", str(tmp_path / "home"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    assert not (tmp_path / "ran").exists(), (tmp_path / "ran").read_text()
    assert "Traceback" not in done.stderr
    if arguments[0] == "import":
        assert "1 mail imported" in done.stderr


def test_the_desk_and_its_worker_run_nothing_of_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.chdir(folder)
    with PtyTerminal([*COMMAND, "--home", str(home)], columns=80, rows=24) as desk:
        desk.wait("Welcome", 30)
        desk.pump(0.5)  # it is to be read first
        desk.press("a")
        desk.wait("Add an account:", 30)  # the worker has told what accounts can be of
    assert stop_worker(locate(str(home)), 20)
    assert not (tmp_path / "ran").exists()
