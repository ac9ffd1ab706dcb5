"""Mails with many files: forwarded and saved from one reading, while the desk writes on."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from agent_tui.content.mail import read_mail
from agent_tui.content.safe import safe
from agent_tui.content.tree import Tree, read_tree
from agent_tui.desk.compose import MOST_FORWARDED
from agent_tui.desk.conversation import CannotSave
from agent_tui.desk.progress import Progress, Stopped
from agent_tui.desk.services import Services
from agent_tui.domain.message import Attachment
from tests.content.test_linear import many_files
from tests.store.makers import Workspace

READ = "agent_tui.content.files.read_tree"


def arrive(workspace: Workspace, raw: bytes, *more: Attachment) -> tuple[int, int]:
    files = tuple(Attachment(0, f.name, f.type, f.size, f.inline, f.part) for f in read_mail(raw).files)
    return workspace.arrive("see files", raw=workspace.writes.put_file(raw), files=(*files, *more))


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    read: list[int] = []

    def counted(raw: bytes) -> Tree:
        read.append(len(raw))
        return read_tree(raw)

    monkeypatch.setattr(READ, counted)
    return read


def test_all_files_are_forwarded_from_one_reading(workspace: Workspace, work: Services, readings: list[int]) -> None:
    lost = Attachment(0, safe("lost.pdf"), safe("application/pdf"), 9, part="77")
    conversation, message = arrive(workspace, many_files(60, 3), lost)
    started = asyncio.run(work.composer.forward(conversation, message))
    assert [f.name for f in started.draft.files] == [f"f{at}.pdf" for at in range(60)]
    assert work.desk.reads.file_bytes(started.draft.files[59].sha256) == b"file 59"
    assert (started.files_beyond, started.files_missing) == (0, 1)
    assert len(readings) == 1


def test_more_files_than_go_at_once_are_told(workspace: Workspace, work: Services) -> None:
    conversation, message = arrive(workspace, many_files(130, 3))
    progress = Progress()
    started = asyncio.run(work.composer.forward(conversation, message, progress))
    assert len(started.draft.files) == MOST_FORWARDED
    assert (started.files_beyond, started.files_missing) == (30, 0)
    assert (progress.done, progress.whole) == (MOST_FORWARDED, MOST_FORWARDED)


def test_what_else_is_written_does_not_wait_for_a_forward(
    workspace: Workspace, work: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, goes_on = threading.Event(), threading.Event()

    def slow(raw: bytes) -> Tree:
        reads.set()
        assert goes_on.wait(20)
        return read_tree(raw)

    conversation, message = arrive(workspace, many_files(3, 3))
    monkeypatch.setattr(READ, slow)

    async def both() -> int:
        forward = asyncio.create_task(work.composer.forward(conversation, message))
        await asyncio.to_thread(reads.wait, 20)
        await asyncio.wait_for(work.desk.write(lambda writes: writes.put_file(b"x")), 10)
        goes_on.set()
        return len((await forward).draft.files)

    assert asyncio.run(both()) == 3


def test_a_forward_that_is_stopped_makes_no_draft(workspace: Workspace, work: Services) -> None:
    conversation, message = arrive(workspace, many_files(3, 3))
    progress = Progress()
    progress.stop()
    with pytest.raises(Stopped):
        asyncio.run(work.composer.forward(conversation, message, progress))


def test_all_files_are_saved_from_one_reading_of_each_message(
    workspace: Workspace, work: Services, readings: list[int], tmp_path: Path
) -> None:
    wanted = []
    for number in (20, 30):
        _conversation, message = arrive(workspace, many_files(number, 3))
        found = work.desk.reads.message(message)
        assert found is not None
        wanted += [(message, one) for one in found.attachments]
    progress = Progress()
    last = work.conversations.save_all(wanted, progress, tmp_path / "all")
    assert last.read_bytes() == b"file 29"
    assert len(list(last.parent.iterdir())) == 50
    assert (progress.done, progress.whole) == (50, 50)
    assert len(readings) == 2


def test_a_file_that_is_not_in_the_mail_any_more_is_told(workspace: Workspace, work: Services) -> None:
    lost = Attachment(0, safe("lost.pdf"), safe("application/pdf"), 9, part="77")
    _conversation, message = arrive(workspace, many_files(1, 1), lost)
    with pytest.raises(CannotSave) as refused:
        work.conversations.save(message, lost)
    assert (refused.value.code, refused.value.parameters) == ("no_content", {"name": "lost.pdf"})
