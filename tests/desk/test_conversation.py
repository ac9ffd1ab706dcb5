"""Reading a conversation, and saving what came with it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from agent_tui.content.compose import NewMail, OutgoingFile, compose
from agent_tui.content.safe import safe
from agent_tui.desk.conversation import MOST_NUMBERS, PAGE, CannotSave, save_file, split_raw
from agent_tui.desk.services import Services
from agent_tui.domain.message import Attachment, Message
from agent_tui.domain.times import Micros
from tests.desk.make import who
from tests.store.makers import Workspace, arrive

HOSTILE = [
    "../../../etc/passwd",
    "/etc/passwd",
    "..",
    "",
    "a\x00b.txt",
    "invoice\u202efdp.exe",
    "-rf",
    "~/.ssh/authorized_keys",
    "C:\\Windows\\x.exe",
    "x" * 400 + ".pdf",
    "\x1b]52;c;x\x07.txt",
    "con",
    "`id`.txt",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "downloads"
    path = save_file(folder, name, b"x")
    assert path.parent == folder
    assert path.resolve().parent == folder.resolve()
    assert path.read_bytes() == b"x"
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "bill.pdf").write_bytes(b"mine")
    assert save_file(tmp_path, "bill.pdf", b"theirs").name == "bill-2.pdf"
    assert save_file(tmp_path, "bill.pdf", b"theirs").name == "bill-3.pdf"
    for number in range(4, MOST_NUMBERS + 2):  # one mail with a thousand files keeps nobody from his
        (tmp_path / f"bill-{number}.pdf").touch()
    one, other = (save_file(tmp_path, "bill.pdf", b"late").name for _ in range(2))
    assert one != other
    assert one.startswith("bill-")
    assert one.endswith(".pdf")
    assert (tmp_path / "bill.pdf").read_bytes() == b"mine"


def test_no_link_is_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "bill.pdf").symlink_to(target)
    saved = save_file(folder, "bill.pdf", b"x")
    assert saved.name == "bill-2.pdf"
    assert not target.exists()


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotSave) as refused:
        save_file(tmp_path / "file", "a", b"x")
    assert refused.value.code == "no_folder"


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fdopen

    class Full:
        def __init__(self, handle: int) -> None:
            self.file = real(handle, "wb")

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, content: bytes) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", lambda handle, *_, **__: Full(handle))
    with pytest.raises(CannotSave) as refused:
        save_file(tmp_path, "a.txt", b"x")
    assert refused.value.code == "disk_full"
    assert list(tmp_path.iterdir()) == []


def mail_with_file(workspace: Workspace) -> tuple[int, int]:
    raw = compose(
        NewMail(
            sender=who("ann@example.com"),
            to=[who("help@acme.example")],
            subject="Bill",
            text="see \x1b[31mfile",
            message_id="a@example.com",
            date=Micros(1_700_000_000_000_000),
            files=[OutgoingFile("bill.pdf", "application/pdf", b"%PDF")],
        )
    )
    file = Attachment(0, safe("bill.pdf"), safe("application/pdf"), 4, part="2")
    return workspace.arrive("see file", raw=workspace.writes.put_file(raw), files=(file,))


def test_an_attachment_is_saved_from_the_raw_mail(workspace: Workspace, work: Services, tmp_path: Path) -> None:
    conversation, message = mail_with_file(workspace)
    panel = work.conversations.side_panel(conversation)
    assert [(m.id, file.name) for m, file in panel.files] == [(message, "bill.pdf")]
    path = work.conversations.save(message, panel.files[0][1])
    assert path == tmp_path / "downloads" / "bill.pdf"
    assert path.read_bytes() == b"%PDF"


def test_the_raw_view_is_safe_to_look_at(workspace: Workspace, work: Services) -> None:
    _, message = mail_with_file(workspace)
    raw = work.conversations.raw(message)
    assert raw is not None
    assert "Message-ID: <a@example.com>" in raw.headers
    assert "\x1b" not in raw.body + raw.headers
    assert work.conversations.raw(999) is None


def test_pages_from_the_end(workspace: Workspace, work: Services) -> None:
    with workspace.worker.ingest() as tx:
        conversation, _ = arrive(tx, "0")
        for n in range(1, 2 * PAGE + 5):
            arrive(tx, str(n), into=conversation, at=n)
    opened = work.conversations.open(conversation)
    assert len(opened.items) == PAGE
    assert not opened.all_read
    assert opened.load_older() == PAGE
    assert opened.load_older() == 5
    assert opened.load_older() == 0
    assert [item.text for item in opened.items if isinstance(item, Message)] == [str(n) for n in range(2 * PAGE + 5)]
    workspace.arrive("new", into=conversation, at=10_000)
    texts = [item.text for item in opened.reload() if isinstance(item, Message)]
    assert texts[0] == "0"
    assert texts[-1] == "new"


def test_reading_marks_only_what_was_on_screen(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive("one")
    opened = work.conversations.open(conversation)
    workspace.arrive("two", into=conversation, at=60_000_000)
    assert asyncio.run(opened.mark_read())
    items = work.desk.reads.items(conversation, None, 9)
    assert [item.unread for item in items if isinstance(item, Message)] == [False, True]
    assert not asyncio.run(opened.mark_read())


def test_headers_end_where_the_mail_says() -> None:
    assert split_raw(b"A: 1\r\n\r\nbody") == (b"A: 1", b"body")
    assert split_raw(b"A: 1\n\nbody") == (b"A: 1", b"body")
    assert split_raw(b"A: 1") == (b"A: 1", b"")
