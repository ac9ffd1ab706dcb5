"""Commands on a full disk: each says what is full, also the one that comes second."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.cli.main import _sentence
from tests.cli.conftest import Run
from tests.pty_terminal import PtyTerminal
from tests.small_disk import KINDS, fill, make_room, small_disk

MAIL = "From: ann@customer.example\nSubject: Plan\nMessage-ID: <1@x.example>\n\nhello\n"
COMMAND = [sys.executable, "-m", "agent_tui"]


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk with a workspace of one conversation, full in the way that is asked for."""
    with small_disk(tmp_path / "disk") as disk:
        monkeypatch.setenv("AGENT_TUI_HOME", str(disk / "home"))
        (tmp_path / "mail.eml").write_text(MAIL)
        subprocess.run([*COMMAND, "import", str(tmp_path / "mail.eml")], capture_output=True, check=True)
        fill(disk, request.param)
        yield disk


@pytest.mark.parametrize("full", ["bytes"], indirect=True)
def test_beside_a_desk_on_a_full_disk(run: Run, full: Path) -> None:
    with PtyTerminal(COMMAND, columns=100, rows=30) as desk:
        desk.wait("The disk is full. Everything can be read")
        second = run("list")
        assert second.code == 1
        assert "The disk is full, and another desk or command reads the store alone" in second.err
        assert "busy" not in run("doctor").out
        make_room(full)
        desk.wait_gone("The disk is full")
        assert "Plan" in run("list").out


@pytest.mark.parametrize("full", ["files"], indirect=True)
def test_a_disk_without_room_for_further_files(run: Run, full: Path) -> None:
    told = run("list")
    assert (told.code, told.out) == (1, "")
    assert "The disk has no room for further files (`df -i`)." in told.err
    [disk] = [line for line in run("doctor", "--json").lines if line["check"] == "disk"]
    assert (disk["state"], "no room for further files" in disk["text"]) == ("bad", True)


def test_an_import_that_fills_the_disk_says_what_is_full_and_goes_on_later(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mails").mkdir()
    for number in range(120):
        (tmp_path / "mails" / f"{number}.eml").write_text(MAIL.replace("<1@", f"<{number}@"))
    with small_disk(tmp_path / "disk") as disk:
        monkeypatch.setenv("AGENT_TUI_HOME", str(disk / "home"))
        ran = subprocess.run([*COMMAND, "import", str(tmp_path / "mails")], capture_output=True, text=True, check=False)
        assert ran.returncode == 1
        assert "The disk has no room for further files (`df -i`). What was imported before" in ran.stderr
        assert "Nothing was changed" not in ran.stderr
        subprocess.run(["mount", "-o", "remount,nr_inodes=2000", str(disk)], check=True)
        *_mails, summary = run("import", str(tmp_path / "mails"), "--json").lines
        assert summary["imported"] + summary["duplicates"] == 120


@pytest.mark.parametrize("full", KINDS, indirect=True)
def test_the_demo_cannot_begin_there(run: Run, full: Path) -> None:
    said = run("--home", str(full / "other"), "demo", "--prepare")
    assert said.code == 1
    assert "The disk " in said.err
    assert "do it again." in said.err


def test_a_quota_is_told_in_words(tmp_path: Path) -> None:
    said = _sentence(OSError(errno.EDQUOT, os.strerror(errno.EDQUOT), str(tmp_path / "settings.toml")))
    assert said is not None
    assert said.startswith("Your share of the disk is used up (`quota`).")
