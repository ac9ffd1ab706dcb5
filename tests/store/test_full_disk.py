"""A disk that is full in any of the ways it can be: told as what it is, to the process that reads and to the next."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.domain.conversation import View
from agent_tui.store import disk as disks
from agent_tui.store.errors import as_store_error
from agent_tui.store.files import FileStore
from agent_tui.store.open import open_reads, open_workspace
from agent_tui.store.ports import StoreError
from tests.small_disk import KINDS, fill, make_room, small_disk
from tests.store.makers import Workspace, account

_READER = """
import sys
from pathlib import Path
from agent_tui.store.open import open_reads
reads = open_reads(Path(sys.argv[1]))
print(reads.only_reading(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as mounted:
        made = Workspace(mounted / "desk")
        made.writes.put_account(account())
        made.arrive()
        made.close()
        yield mounted


def test_who_comes_second_to_a_full_disk_is_told_of_the_disk(disk: Path) -> None:
    home = disk / "desk"
    fill(disk, "bytes")
    with subprocess.Popen(
        [sys.executable, "-c", _READER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout
        assert first.stdin
        assert first.stdout.readline() == "disk_full\n"
        began = time.monotonic()
        for door in (open_workspace, open_reads):
            with pytest.raises(StoreError) as refused:
                door(home)
            assert refused.value.code == "full_and_taken"
        assert time.monotonic() - began < 4.0, "nobody waits for what lasts"
        first.stdin.close()
    reads = open_reads(home)
    assert (reads.only_reading(), len(reads.page(View.ALL, "", None, 5))) == ("disk_full", 1)
    make_room(disk)
    assert (reads.data_version() > 0, reads.only_reading()) == (True, "")
    reads.close()


def test_a_store_that_is_busy_on_a_disk_with_room_is_busy(store: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent_tui.store import connect

    monkeypatch.setattr(connect, "_WAIT", 0.05)
    store.close()
    other = sqlite3.connect(store.home / "store.db")
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as refused:
        open_reads(store.home)
    assert refused.value.code == "locked"
    other.close()


def test_a_disk_without_room_for_further_files(disk: Path) -> None:
    """SQLite says that it is unable to open its file, which reads as if somebody else owned it."""
    home = disk / "desk"
    fill(disk, "files")
    assert (disks.files_left(disk), disks.room_left(disk) or 0) > (0, 1_000_000)
    for door in (open_workspace, open_reads):
        with pytest.raises(StoreError) as refused:
            door(home)
        assert refused.value.code == "no_more_files"
    with pytest.raises(StoreError) as refused:
        FileStore(home / "files").put(b"fresh")
    assert refused.value.code == "no_more_files"
    make_room(disk)
    open_reads(home).close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_workspace_cannot_begin_on_a_full_disk(disk: Path, kind: str) -> None:
    fill(disk, kind)
    with pytest.raises(StoreError) as refused:
        open_workspace(disk / "another")
    assert refused.value.code in disks.NO_ROOM


def test_a_quota_is_told_as_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite calls it a failed write; the disk itself has room, and only an attempt tells."""
    failed = sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorname = "SQLITE_IOERR_WRITE"
    assert as_store_error(failed, tmp_path).code == "disk_refuses"

    def used_up(*_args: object, **_named: object) -> None:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(tempfile, "TemporaryFile", used_up)
    assert as_store_error(failed, tmp_path).code == "quota_used_up"
    assert as_store_error(failed).code == "disk_refuses"
    busy = sqlite3.OperationalError("database is locked")
    assert as_store_error(busy, tmp_path).code == "locked", "no fault of the disk"


def test_a_folder_that_is_not_there_is_not_full(tmp_path: Path) -> None:
    assert disks.trouble(tmp_path / "nowhere") == ""
