from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui.desk import editing
from agent_tui.desk.files import matching


def test_the_editor_is_an_argument_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("vim", "my editor"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert editing.command("vim -n", {}) == ("vim", "-n", "-c", "set nomodeline")
    assert editing.command("", {"EDITOR": "'my editor' $(id)"}) == ("my editor", "$(id)")
    with pytest.raises(editing.NoEditor):
        editing.command("absent", {})
    with pytest.raises(editing.NoEditor):
        editing.command("'unclosed", {})


def test_the_text_lies_in_a_private_file_and_goes(tmp_path: Path) -> None:
    call = editing.prepare(tmp_path / "edit", "Dear [name]\n", ["true"])
    assert oct(call.path.stat().st_mode & 0o777) == "0o600"
    assert oct(call.path.parent.stat().st_mode & 0o777) == "0o700"
    call.path.write_text("Dear Ann\x1b]0;x\x07\n")
    call.path.with_name(call.path.name + "~").write_text("left behind")
    assert editing.take_back(call) == "Dear Ann\n"
    assert list(call.path.parent.iterdir()) == []


def test_a_file_that_went_away_changes_nothing(tmp_path: Path) -> None:
    call = editing.prepare(tmp_path / "edit", "x", ["true"])
    call.path.unlink()
    assert editing.take_back(call) is None


def test_files_are_completed(tmp_path: Path) -> None:
    (tmp_path / "Reports").mkdir()
    (tmp_path / "report.pdf").write_bytes(b"x" * 10)
    (tmp_path / ".hidden").write_bytes(b"")
    found = matching(f"{tmp_path}/rep")
    assert [(str(one.name), one.folder, one.size) for one in found] == [("Reports", True, 0), ("report.pdf", False, 10)]
    assert [str(one.name) for one in matching(f"{tmp_path}/.h")] == [".hidden"]
    assert matching(f"{tmp_path}/absent/x") == []
    assert matching("~nobody-of-this-name/") == []
    assert matching("\0") == []
