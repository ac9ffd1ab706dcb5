"""What happens when it cannot be written: one word for the reason, and nothing half done."""

from __future__ import annotations

import errno
import resource
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent_tui.domain.conversation import View
from agent_tui.store.errors import as_store_error
from agent_tui.store.open import open_reads, open_workspace
from agent_tui.store.ports import StoreError
from agent_tui.store.writes import transaction
from agent_tui.store.writes.desk import SqliteWrites
from agent_tui.store.writes.worker import SqliteWorker
from tests.store.makers import AGENT, START, S, Workspace, draft, order


def _connection(store: Workspace) -> sqlite3.Connection:
    assert isinstance(store.writes, SqliteWrites)
    return store.writes._writer._connection


def test_a_full_disk(store: Workspace) -> None:
    conversation, _ = store.arrive()
    connection = _connection(store)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")

    def fill() -> None:
        for n in range(200):
            store.writes.save_draft(draft(f"d{n}", text="x" * 5000))

    with pytest.raises(StoreError) as raised:
        fill()
    assert raised.value.code == "disk_full"
    kept = len(store.reads.drafts(AGENT))
    with pytest.raises(StoreError):
        store.writes.queue(AGENT, order("d0", conversation=conversation, text=S("y" * 100_000)))
    assert len(store.reads.drafts(AGENT)) == kept
    assert store.reads.outbox() == []
    assert len(store.reads.items(conversation, None, 9)) == 1
    connection.execute("PRAGMA max_page_count=1000000")
    store.writes.queue(AGENT, order("d0", conversation=conversation, text=S("y" * 100_000)))
    assert len(store.reads.outbox()) == 1


def test_locked_for_too_long(store: Workspace, raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "PATIENCE", 0.1)
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as raised:
        store.writes.save_draft(draft())
    assert raised.value.code == "locked"
    assert store.reads.page(View.INBOX, AGENT, None, 5) == []
    raw.execute("ROLLBACK")
    store.writes.save_draft(draft())


def test_a_writer_waits_its_turn(store: Workspace, raw: sqlite3.Connection) -> None:
    raw.execute("BEGIN IMMEDIATE")
    done = threading.Event()

    def write() -> None:
        store.writes.save_draft(draft())
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not done.wait(0.1)
    begun = time.monotonic()
    raw.execute("COMMIT")
    assert done.wait(5)
    assert time.monotonic() - begun < 1
    thread.join()


def test_a_database_that_may_not_be_written(store: Workspace) -> None:
    _connection(store).execute("PRAGMA query_only=ON")
    with pytest.raises(StoreError) as raised:
        store.writes.save_draft(draft())
    assert raised.value.code == "read_only"


def test_what_is_no_database(tmp_path: Path) -> None:
    home = tmp_path / "desk"
    open_workspace(home)
    for name in ("store.db-wal", "store.db-shm"):
        (home / name).unlink(missing_ok=True)
    (home / "store.db").write_bytes(b"this is no database" * 100)
    for door in (open_workspace, open_reads):
        with pytest.raises(StoreError) as raised:
            door(home)
        assert raised.value.code == "broken"


def test_a_workspace_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        open_reads(tmp_path)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (sqlite3.OperationalError("database or disk is full"), "disk_full"),
        (sqlite3.OperationalError("database is locked"), "locked"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "read_only"),
        (sqlite3.OperationalError("unable to open database file"), "read_only"),
        (sqlite3.DatabaseError("database disk image is malformed"), "broken"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "quota_used_up"),
        (OSError(errno.EROFS, "Read-only file system"), "read_only"),
        (OSError(errno.EIO, "Input/output error"), "disk_refuses"),
        (OSError(errno.EFBIG, "File too large"), "disk_refuses"),
        (StoreError("locked"), "locked"),
    ],
)
def test_reasons(error: Exception, code: str) -> None:
    assert as_store_error(error).code == code


def test_after_a_failure_the_next_write_works(store: Workspace) -> None:
    conversation, _ = store.arrive()
    store.writes.queue(AGENT, order(conversation=conversation))
    for _ in range(3):
        with pytest.raises(StoreError):
            store.writes.queue(AGENT, order(conversation=conversation))
    store.writes.save_draft(draft())
    assert [d.id for d in store.reads.drafts(AGENT)] == ["d1"]


def test_threads_of_one_process(store: Workspace) -> None:
    """Readers have connections of their own, writers take turns: no `locked`, no mixed rows."""
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for n in range(20):
                store.writes.save_draft(draft(f"{name}{n}"))
                store.reads.drafts(AGENT)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(store.reads.drafts(AGENT)) == 80


def test_what_must_survive_a_power_cut_is_synced(store: Workspace) -> None:
    """FULL syncs the log at the commit; NORMAL leaves that to the next checkpoint, and is for what can be fetched again."""
    full, normal = 2, 1
    conversation, item_in = store.arrive()
    assert isinstance(store.worker, SqliteWorker)
    worker, desk = store.worker._writer._connection, _connection(store)

    def level(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA synchronous").fetchone()[0])

    assert level(worker) == normal
    store.writes.mark_read(conversation, item_in)
    assert level(desk) == normal
    store.writes.save_draft(draft(conversation=conversation))
    assert level(desk) == full
    store.writes.mark_read(conversation, item_in)
    item = store.writes.queue(AGENT, order(conversation=conversation))
    assert level(desk) == full
    store.worker.due("mail", START)
    store.worker.claim(item.id)
    with store.worker.ingest() as tx:
        tx.save_cursor("mail", "pull", "1")
    assert level(worker) == normal
    store.worker.mark_leaving(item.id)
    assert level(worker) == full


def _with_no_room(script: str, home: Path) -> str:
    """Run it where no file may grow beyond a few KB: SQLite cannot make the index of its log, as on a full disk."""
    ran = subprocess.run(
        [sys.executable, "-c", script, str(home)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


_READ = """
import sys, threading
from pathlib import Path
from agent_tui.store import disk
from agent_tui.store.open import open_reads, open_workspace, open_writes
from agent_tui.store.ports import StoreError
home = Path(sys.argv[1])
open_workspace(home)
reads = open_reads(home)
print(len(reads.page(connect_view, "", None, 5)), reads.only_reading())
other = threading.Thread(target=lambda: print(len(reads.page(connect_view, "", None, 5))))
other.start(); other.join()
try:
    open_writes(home).mark_read(1, 1)
except StoreError as error:
    print(error.code)
disk.is_full = lambda folder: True
print(reads.only_reading(), reads.data_version() > 0)
""".replace("connect_view", "__import__('agent_tui.domain.conversation').domain.conversation.View.ALL")


def test_a_disk_without_room_for_the_logs_index_is_read(store: Workspace) -> None:
    store.arrive()
    home = store.home
    store.close()
    said = _with_no_room(_READ, home).split()
    assert said == ["1", "disk_refuses", "1", "disk_refuses", "disk_full", "True"]


_GROW = """
import resource, sqlite3, subprocess, sys
from pathlib import Path
from agent_tui.store.open import open_reads, open_writes
home = Path(sys.argv[1])
reads = open_reads(home)
def outside():
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=0.1); c.execute('SELECT 1 FROM conversation')"
    return subprocess.run([sys.executable, "-c", code, str(home / "store.db")], capture_output=True, text=True).stderr
assert reads.only_reading()
assert "locked" in outside(), outside()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
reads.data_version()
assert not reads.only_reading()
assert outside() == "", outside()
writes = open_writes(home)
writes.mark_read(1, 1)
writes.close()
print(len(reads.outbox()))
"""


def test_who_reads_alone_keeps_writers_out_only_as_long_as_there_is_no_room(store: Workspace) -> None:
    store.arrive()
    home = store.home
    store.close()
    ran = subprocess.run(
        [sys.executable, "-c", _GROW, str(home)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (8192, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        ),
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "0\n"
