"""The file store: whole or absent, named by content, nothing twice."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_tui.store.files import FileStore
from agent_tui.store.ports import StoreError


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def _names(tmp_path: Path) -> list[str]:
    return sorted(p.name for p in (tmp_path / "files").rglob("*") if p.is_file())


def test_named_by_content_and_kept_once(files: FileStore, tmp_path: Path) -> None:
    contents = [b"one", b"two", b"one", b""]
    wanted = [hashlib.sha256(c).hexdigest() for c in contents]
    assert list(files.put_all(iter(contents))) == wanted
    assert files.put(b"one") == wanted[0]
    assert [files.read(name) for name in wanted] == contents
    assert all(files.has(name) for name in wanted)
    assert _names(tmp_path) == sorted(set(wanted))
    assert files.path(wanted[0]).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "a/" * 32])
def test_a_name_is_no_path(files: FileStore, name: str) -> None:
    assert files.read(name) is None
    assert not files.has(name)
    with pytest.raises(ValueError, match="SHA"):
        files.path(name)


def test_absent(files: FileStore) -> None:
    assert files.read("a" * 64) is None
    assert not files.has("a" * 64)


def test_whether_one_is_there_is_told_without_its_bytes(files: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    name = files.put(b"one")
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail("read"))
    assert files.has(name)


def test_all_is_synced_before_it_is_named(files: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut never leaves a name without its bytes: every sync of a file stands before the first rename."""
    done: list[str] = []
    replace = Path.replace

    def told(sync: Callable[[int], None]) -> Callable[[int], None]:
        def syncs(handle: int) -> None:
            sync(handle)
            done.append("dir" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")

        return syncs

    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, told(getattr(os, name)))

    def named(self: Path, target: Path) -> Path:
        done.append("name")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", named)
    files.put_all([b"a", b"b", b"c"])
    assert done[:6] == ["file"] * 3 + ["name"] * 3
    assert set(done[6:]) == {"dir"}
    assert len(done) > 6


def test_many_at_once_need_few_handles(files: FileStore, tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    names = files.put_all(b"%d" % n for n in range(500))
    assert len(os.listdir("/proc/self/fd")) == before
    assert _names(tmp_path) == sorted(names)


def test_a_full_disk_leaves_nothing_half(files: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.put(b"before")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(os, "fdatasync", full)
    with pytest.raises(StoreError) as raised:
        files.put_all([b"after", b"and more"])
    assert raised.value.code == "disk_full"
    assert _names(tmp_path) == [hashlib.sha256(b"before").hexdigest()]


def test_what_a_killed_process_left_is_cleared(files: FileStore, tmp_path: Path) -> None:
    kept = files.put(b"kept")
    for name, age in (("old", 3600), ("fresh", 0)):
        left = tmp_path / "files" / "new" / name
        left.write_bytes(b"half")
        then = left.stat().st_mtime - age
        os.utime(left, (then, then))
    files.clear()
    assert _names(tmp_path) == sorted(["fresh", kept])
