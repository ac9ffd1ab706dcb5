"""What a killed desk left in the agent's editor, at the next start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.desk import editing
from agent_tui.desk.edited import take_over
from agent_tui.desk.services import Services
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.store.ports import StoreError
from tests.store.makers import Workspace


@pytest.fixture
def draft(workspace: Workspace, work: Services) -> Draft:
    conversation, _ = workspace.arrive()
    return replace(work.composer.reply(conversation).draft, text="As it was\n")


def kill_a_desk_that_edits(work: Services, draft: Draft, saved: str | None = None) -> Path:
    """Its lock goes with it, the files stay."""
    stamped = replace(draft, updated_at=work.desk.now())
    file = editing.prepare(work.desk.settings.editing, stamped, ["true"]).file
    if saved is not None:
        file.path.write_text(saved)
    file.let_go()
    return file.path


def texts(work: Services) -> list[tuple[bool, str]]:
    return [(draft.conversation_id is not None, draft.text) for draft in work.drafts.parked()]


def test_what_was_saved_is_a_change_of_its_draft(
    work: Services, draft: Draft, at_desk: Callable[..., Services]
) -> None:
    work.drafts.keep_now(draft)
    path = kill_a_desk_that_edits(work, draft, "Saved there\n")
    next_start = at_desk()
    assert take_over(next_start.desk, next_start.drafts) == 1
    (kept,) = next_start.drafts.parked()
    assert (kept.id, kept.text, kept.to) == (draft.id, "Saved there\n", draft.to)
    assert list(path.parent.iterdir()) == []
    assert take_over(next_start.desk, next_start.drafts) == 0


@pytest.mark.parametrize("saved", [None, "As it was", "", "\n\n"])
def test_where_nothing_was_written_nothing_is_kept(
    work: Services, draft: Draft, at_desk: Callable[..., Services], saved: str | None
) -> None:
    path = kill_a_desk_that_edits(work, draft, saved)
    next_start = at_desk()
    assert take_over(next_start.desk, next_start.drafts) == 0
    assert next_start.drafts.parked() == []
    assert list(path.parent.iterdir()) == []


def test_a_draft_that_was_never_kept_is_one_by_its_text(
    work: Services, draft: Draft, at_desk: Callable[..., Services]
) -> None:
    kill_a_desk_that_edits(work, draft, "Saved there\n")
    next_start = at_desk()
    assert take_over(next_start.desk, next_start.drafts) == 1
    (kept,) = next_start.drafts.parked()
    assert (kept.text, kept.conversation_id, kept.to, kept.kind) == (
        "Saved there\n",
        draft.conversation_id,
        draft.to,
        DraftKind.REPLY,
    )


def test_a_draft_that_was_changed_meanwhile_is_not_written_over(
    work: Services, draft: Draft, at_desk: Callable[..., Services]
) -> None:
    work.drafts.keep_now(draft)
    kill_a_desk_that_edits(work, draft, "Saved there\n")
    work.drafts.keep_now(replace(draft, text="Written later\n"))
    next_start = at_desk()
    assert take_over(next_start.desk, next_start.drafts) == 1
    assert sorted(texts(next_start)) == [(True, "Saved there\n"), (True, "Written later\n")]


def test_a_draft_that_is_being_written_goes_its_own_way(
    work: Services, draft: Draft, at_desk: Callable[..., Services]
) -> None:
    work.drafts.keep_now(draft)
    kill_a_desk_that_edits(work, draft, "Saved there\n")
    next_start = at_desk()
    assert take_over(next_start.desk, next_start.drafts, draft.id) == 1
    assert sorted(texts(next_start)) == [(True, "As it was\n"), (True, "Saved there\n")]


def test_a_text_without_its_draft_is_a_new_message(work: Services, tmp_path: Path) -> None:
    (tmp_path / "edit").mkdir()
    (tmp_path / "edit" / f"message-{'0' * 32}.txt").write_text("Saved there\n")
    assert take_over(work.desk, work.drafts) == 1
    (kept,) = work.drafts.parked()
    assert (kept.kind, kept.account, kept.text) == (DraftKind.NEW, "mail", "Saved there\n")


def test_what_is_no_text_of_ours_is_left_alone(work: Services, tmp_path: Path) -> None:
    folder = tmp_path / "edit"
    folder.mkdir()
    (tmp_path / "secret").write_text("not for the draft")
    (folder / f"message-{'0' * 32}.txt").symlink_to(tmp_path / "secret")
    (folder / "message-..txt").write_text("no name of ours")
    with (folder / f"message-{'1' * 32}.txt").open("wb") as large:
        large.truncate(editing.LARGEST + 1)
    assert take_over(work.desk, work.drafts) == 0
    assert work.drafts.parked() == []
    assert len(list(folder.glob("*.txt"))) == 3


def test_what_can_be_kept_nowhere_stays_for_the_next_start(
    work: Services,
    draft: Draft,
    at_desk: Callable[..., Services],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from agent_tui.store.writes.desk import SqliteWrites

    def _full(*_: object, **__: object) -> None:
        raise StoreError("disk_full")

    kill_a_desk_that_edits(work, draft, "Saved there\n")
    (tmp_path / "run").write_text("no folder can be here")
    with monkeypatch.context() as broken:
        broken.setattr(SqliteWrites, "save_draft", _full)
        full = at_desk()
        assert take_over(full.desk, full.drafts) == 0
    next_start = at_desk()
    assert take_over(next_start.desk, next_start.drafts) == 1
    assert texts(next_start) == [(True, "Saved there\n")]


def test_what_another_desk_edits_is_left_to_it(work: Services, draft: Draft, at_desk: Callable[..., Services]) -> None:
    path = kill_a_desk_that_edits(work, draft, "Saved there\n")
    code = (
        "import sys, pathlib\nfrom agent_tui.desk.editing import EditedFile\n"
        "file = EditedFile.hold(pathlib.Path(sys.argv[1]))\nprint('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert take_over(work.desk, work.drafts) == 0
        other.kill()
    next_start = at_desk()
    assert take_over(next_start.desk, next_start.drafts) == 1
