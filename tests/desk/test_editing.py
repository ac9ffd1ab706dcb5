from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from agent_tui.desk import editing
from agent_tui.desk.files import matching
from tests.conftest import REQUIRE_SERVERS


def test_the_editor_is_an_argument_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("vim", "my editor"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert editing.command("vim -n", {}) == ("vim", "-n", *editing.command("vim", {})[1:])
    assert editing.command("", {"EDITOR": "'my editor' $(id)"}) == ("my editor", "$(id)")
    with pytest.raises(editing.NoEditor):
        editing.command("absent", {})
    with pytest.raises(editing.NoEditor):
        editing.command("'unclosed", {})


@pytest.mark.skipif(shutil.which("vim") is None and not REQUIRE_SERVERS, reason="Vim is not installed")
@pytest.mark.parametrize("settings", ["set modeline modelines=5", "autocmd!\nset modeline"])
def test_vim_obeys_no_line_of_a_quoted_mail(tmp_path: Path, settings: str) -> None:
    (tmp_path / "vimrc").write_text(settings + "\n")
    said = tmp_path / "said"
    argv = editing.command(f"vim -u {tmp_path}/vimrc", {})
    asks = ("-es", "-c", f"redir! > {said}", "-c", "set ts?", "-c", "redir END", "-c", "qa!")
    call = editing.prepare(tmp_path / "edit", "Dear Ann,\n> vim: set ts=13 :\n", (*argv, *asks))
    subprocess.run(call.argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    assert said.read_text().split() == ["tabstop=8"]


@pytest.mark.parametrize(
    "line",
    [
        "> vim: set ts=13 :",
        "/* vi:ts=13 */",
        "Vim: set ts=13 :",
        "ex: set ts=13 :",
        "# vim>=700: set ts=13 :",
        "vim80:ts=13",
        '-*- mode: python; eval: (shell-command "id") -*-',
        "> Local Variables:",
    ],
)
def test_what_an_editor_would_obey_is_broken_and_comes_back_whole(tmp_path: Path, line: str) -> None:
    text = f"Dear Ann,\n{line}\n"
    call = editing.prepare(tmp_path / "edit", text, ["true"])
    assert line not in call.path.read_text()
    assert editing.take_back(call) == text


@pytest.mark.parametrize("text", ["I use vim, vi and ex.\n", "movie: tonight\n", "index: 3\n", "complex: yes\n"])
def test_ordinary_words_stay_as_they_are(tmp_path: Path, text: str) -> None:
    assert editing.disarmed(text) == text


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
