from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.desk import editing
from agent_tui.desk.drafts import new_id
from agent_tui.desk.files import matching
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.domain.text import NOTHING
from tests.conftest import installed


def a_draft(text: str) -> Draft:
    return Draft(new_id(), "dana", DraftKind.NEW, None, "mail", (), (), (), NOTHING, text)


def opened(folder: Path, text: str) -> editing.EditedFile:
    return editing.prepare(folder, a_draft(text), ["true"]).file


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


@pytest.mark.parametrize("settings", ["set modeline modelines=5", "autocmd!\nset modeline"])
def test_vim_obeys_no_line_of_a_quoted_mail(tmp_path: Path, settings: str) -> None:
    installed("vim")
    (tmp_path / "vimrc").write_text(settings + "\n")
    said = tmp_path / "said"
    argv = editing.command(f"vim -u {tmp_path}/vimrc", {})
    asks = ("-es", "-c", f"redir! > {said}", "-c", "set ts?", "-c", "redir END", "-c", "qa!")
    call = editing.prepare(tmp_path / "edit", a_draft("Dear Ann,\n> vim: set ts=13 :\n"), (*argv, *asks))
    subprocess.run(call.argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    assert said.read_text().split() == ["tabstop=8"]


VERSIONS = [f"{word}{sign}{number}:" for word in ("vi", "vim", "Vim", "ex") for sign in ("", *"<=>", "> ") for number in ("", *("-" + "5" * n for n in range(2)), "+5", "5", "900", "-900", "--5", " 5")]  # fmt: skip


def obeyed(folder: Path, program: str, text: str) -> bool:
    """Whether the bare editor obeys it, as it comes with its lines to obey allowed."""
    said, file = folder / "said", folder / "text"
    file.write_text(text)
    asks = ("-es", "-c", f"redir! > {said}", "-c", "set ts?", "-c", "redir END", "-c", "qa!", str(file))
    bare = (program, "-u", "NONE", "-i", "NONE", "-N", "--cmd", "set modeline modelines=50")
    subprocess.run((*bare, *asks), stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    return said.read_text().split() != ["tabstop=8"]


def test_no_line_that_vim_obeys_is_left_whole(tmp_path: Path) -> None:
    """Asked of the Vim that is here: the ways to write a version, each before and behind what stands in front of it."""
    installed("vim")
    lines = [f"{before}{word} set ts=13 :" for word in VERSIONS for before in ("", "> ", "\t", "\ufeff", "\x0c", "a")]
    whole = [line for line in lines if editing.disarmed(line) == line]
    assert not obeyed(tmp_path, "vim", "".join(f"{line}\n" for line in whole[:50]))
    for at in range(50, len(whole), 50):
        assert not obeyed(tmp_path, "vim", "".join(f"{line}\n" for line in whole[at : at + 50]))
    assert obeyed(tmp_path, "vim", "vim>-5: set ts=13 :\n")
    assert not obeyed(tmp_path, "vim", editing.disarmed("vim>-5: set ts=13 :\n"))


@pytest.mark.parametrize("name", ["vi", "view", "ex", "vim.basic", "rvim", "gvim", "nvim", "vim.tiny", "vim91"])
def test_vim_is_told_to_obey_nothing_by_whatever_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    vim = tmp_path / "vim.basic"
    vim.touch(0o755)
    if name != vim.name:
        (tmp_path / name).symlink_to(vim)
    monkeypatch.setenv("PATH", str(tmp_path))
    argv = editing.command(f"{name} -f", {})
    assert argv[:2] == (name, "-f")
    assert "autocmd BufReadPre,BufReadPost * set nomodeline" in argv


@pytest.mark.parametrize("name", ["vi", "view", "ex", "nvim-qt", "vimpager", "emacsclient", "busybox"])
def test_what_is_not_vim_is_given_none_of_its_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "busybox").touch(0o755)
    if name != "busybox":
        (tmp_path / name).symlink_to(tmp_path / "busybox")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert editing.command(name, {}) == (name,)


@pytest.mark.parametrize("name", ["vi", "view", "ex", "vim.basic", "rvim"])
def test_vim_under_another_name_keeps_its_vimrc_and_obeys_nothing(tmp_path: Path, name: str) -> None:
    installed(name)
    if "nomodeline" not in str(editing.command(name, {})):
        pytest.skip("it is no Vim here")
    (tmp_path / "vimrc").write_text("autocmd!\nset modeline sw=5\n")
    (tmp_path / "text").write_text("vim: set ts=13 :\n")
    argv = editing.command(f"{name} -u {tmp_path}/vimrc", {})
    asks = ("-es", "-c", f"redir! > {tmp_path}/said", "-c", "set ts? sw?", "-c", "redir END", "-c", "qa!")
    subprocess.run((*argv, *asks, str(tmp_path / "text")), stdin=subprocess.DEVNULL, timeout=30, check=False)
    assert (tmp_path / "said").read_text().split() == ["tabstop=8", "shiftwidth=5"]


@pytest.mark.parametrize(
    "line",
    [
        "> vim: set ts=13 :",
        "/* vi:ts=13 */",
        "Vim: set ts=13 :",
        "ex: set ts=13 :",
        "# vim>=700: set ts=13 :",
        "vim80:ts=13",
        "vim>-5: set ts=13 :",
        "> vim<-0: set ts=13 :",
        "vim=-900:ts=13",
        "vim> +5: set ts=13 :",
        "Vim>-: set ts=13 :",
        "> vile:ts=13",
        '-*- mode: python; eval: (shell-command "id") -*-',
        "> Local Variables:",
        "> local variables:",
        "> LOCAL VARIABLES:",
        "> lOcAl VaRiAble\N{LATIN SMALL LETTER LONG S}:",
    ],
)
def test_what_an_editor_would_obey_is_broken_and_comes_back_whole(tmp_path: Path, line: str) -> None:
    text = f"Dear Ann,\n{line}\n"
    file = opened(tmp_path / "edit", text)
    assert line not in file.path.read_text()
    assert file.text() == text


@pytest.mark.parametrize("text", ["I use vim, vi and ex.\n", "movie: tonight\n", "index: 3\n", "complex: yes\n"])
def test_ordinary_words_stay_as_they_are(tmp_path: Path, text: str) -> None:
    assert editing.disarmed(text) == text


def test_the_text_lies_in_a_private_file_and_goes(tmp_path: Path) -> None:
    file = opened(tmp_path / "edit", "Dear [name]\n")
    assert [oct(path.stat().st_mode & 0o777) for path in file.path.parent.iterdir()] == ["0o600", "0o600"]
    assert oct(file.path.parent.stat().st_mode & 0o777) == "0o700"
    file.path.write_text("Dear Ann\x1b]0;x\x07\n")
    file.path.with_name(file.path.name + "~").write_text("left behind")
    assert file.text() == "Dear Ann\n"
    file.clear()
    assert list(file.path.parent.iterdir()) == []


def test_a_file_that_went_away_changes_nothing(tmp_path: Path) -> None:
    file = opened(tmp_path / "edit", "x")
    file.path.unlink()
    assert file.text() is None


def test_what_is_no_text_of_ours_is_not_read(tmp_path: Path) -> None:
    file = opened(tmp_path / "edit", "x")
    (tmp_path / "secret").write_text("not for the draft")
    file.path.unlink()
    file.path.symlink_to(tmp_path / "secret")
    assert file.text() is None
    file.path.unlink()
    os.mkfifo(file.path)
    assert file.text() is None
    file.path.unlink()
    with file.path.open("wb") as large:
        large.truncate(editing.LARGEST + 1)
    assert file.text() is None


def test_the_draft_stands_beside_the_text(tmp_path: Path) -> None:
    draft = a_draft("Dear Ann\n")
    file = editing.prepare(tmp_path / "edit", draft, ["true"]).file
    assert (file.draft_id, file.draft()) == (draft.id, draft)
    file.path.with_suffix(".json").write_text("{")
    assert file.draft() is None


@pytest.mark.parametrize("bad", ["[" * 200_000, "{}", "[]", '{"format": 1}'], ids=lambda bad: bad[:5])
def test_a_draft_that_cannot_be_read_is_none(tmp_path: Path, bad: str) -> None:
    file = opened(tmp_path / "edit", "x")
    file.path.with_suffix(".json").write_text(bad)
    assert file.draft() is None
    assert file.text() == "x"


def test_a_text_that_is_edited_is_not_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "edit"
    file = opened(folder, "x")
    assert list(editing.left_behind(folder)) == []
    file.let_go()
    (left,) = editing.left_behind(folder)
    assert left.text() == "x"
    left.forget()
    assert list(folder.iterdir()) == []


def test_one_draft_in_two_editors_is_two_texts(tmp_path: Path) -> None:
    folder, draft = tmp_path / "edit", a_draft("x")
    first, second = (editing.prepare(folder, draft, ["true"]).file for _ in range(2))
    assert first.path != second.path
    assert {first.draft_id, second.draft_id} == {draft.id}
    first.let_go()
    third = editing.prepare(folder, replace(draft, text="y"), ["true"]).file
    assert first.path.read_text() == "x", "an earlier text that lies there still is not written over"
    assert third.path not in (first.path, second.path)


def test_words_that_were_not_saved_stay_for_the_editor(tmp_path: Path) -> None:
    folder, draft = tmp_path / "edit", a_draft("x")
    file = editing.prepare(folder, draft, ["true"]).file
    assert not file.lost_words
    swap = folder / f".{file.path.name}.swp"
    swap.write_text("unsaved")
    assert file.lost_words
    file.forget()
    assert list(folder.iterdir()) == [swap]
    again = editing.prepare(folder, draft, ["true"]).file
    assert again.path == file.path, "the editor finds it by the name"
    assert not again.lost_words, "it is no sign of how this one ended"
    again.clear(finished=False)
    assert list(folder.iterdir()) == [swap]
    editing.prepare(folder, draft, ["true"]).file.clear()
    assert list(folder.iterdir()) == []


def test_what_belongs_to_no_text_goes_after_a_month(tmp_path: Path) -> None:
    folder = tmp_path / "edit"
    file = opened(folder, "x")
    stale, beside, fresh = (folder / f".{name}.txt.swp" for name in ("message-" + "0" * 32, file.path.stem, "recent"))
    for path in (stale, beside, fresh):
        path.write_text("unsaved")
    for path in (stale, beside):
        os.utime(path, (0, 0))
    assert list(editing.left_behind(folder)) == []
    assert not stale.exists()
    assert beside.exists()
    assert fresh.exists()


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
