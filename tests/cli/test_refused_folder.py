"""A folder that somebody else holds is told with its name, whose it is, and the way out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent_tui.cli.main import FAILED, run


def _said(home: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["--home", str(home), "list"]) == FAILED
    shown = capsys.readouterr()
    assert shown.out == ""
    for way in ("XDG_RUNTIME_DIR", "TMPDIR", "AGENT_TUI_HOME"):
        assert way in shown.err
    return " ".join(shown.err.split())


@pytest.mark.skipif(os.name != "posix", reason="owners of folders are POSIX")
def test_a_folder_of_another_user_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert f"{tmp_path} belongs to another user (number {owner})" in _said(tmp_path, capsys)


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_link_where_everybody_can_make_one_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    link = tmp_path / "shared" / "link"
    link.symlink_to(tmp_path / "target")
    assert f"{link} is a link or no folder" in _said(link, capsys)


@pytest.mark.skipif(os.name != "posix", reason="owners of folders are POSIX")
def test_doctor_says_of_a_folder_of_another_user_what_the_other_commands_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o755)
    owner = tmp_path.stat().st_uid
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    assert run(["--home", str(tmp_path), "doctor"]) == FAILED
    shown = " ".join(capsys.readouterr().out.split())
    for folder in (tmp_path, tmp_path / "run"):
        assert f"{folder} belongs to another user (number {owner}), so nothing private is put there. Have it" in shown
    assert "chmod 700" not in shown
