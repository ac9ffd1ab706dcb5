"""Opening, creating and migrating a workspace."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent_tui.store import connect, migrate
from agent_tui.store.open import open_reads, open_worker, open_workspace, open_writes
from agent_tui.store.ports import StoreError
from tests.store.makers import Workspace, account


def test_everything_is_for_the_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "desk"
    os.umask(0)
    try:
        made = Workspace(home)
        made.writes.put_account(account())
        made.writes.put_file(b"content")
        made.arrive()
        names = {p.name for p in home.rglob("*")}
        assert {"store.db", "store.db-wal", "store.db-shm", "worker.lock", "files"} <= names
        loose = [str(p) for p in [home, *home.rglob("*")] if stat.S_IMODE(p.stat().st_mode) & 0o077]
        assert not loose
        made.close()
    finally:
        os.umask(0o022)


def test_a_loose_workspace_is_tightened(tmp_path: Path) -> None:
    home = tmp_path / "desk"
    open_workspace(home)
    home.chmod(0o755)
    open_workspace(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_pragmas(store: Workspace) -> None:
    with closing(connect.connect_writer(store.home)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    with closing(connect.connect_reader(store.home)) as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM account")


@pytest.mark.parametrize(("magic", "kind"), [(0x6969, "nfs"), (0xFF534D42, "cifs"), (0x01021997, "9p")])
def test_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, magic: int, kind: str
) -> None:
    monkeypatch.setattr(connect, "_statfs_type", lambda _: magic)
    with pytest.raises(StoreError) as refused:
        open_workspace(tmp_path / "desk")
    assert (refused.value.code, refused.value.parameters["kind"]) == ("network_file_system", kind)


def test_the_file_system_here_is_told(tmp_path: Path) -> None:
    magic = connect._statfs_type(tmp_path)
    if sys.platform == "linux":
        known = subprocess.run(["stat", "-f", "-c", "%t", str(tmp_path)], capture_output=True, text=True, check=True)
        assert magic == int(known.stdout, 16)
    assert connect.network_file_system(tmp_path) is None


def test_a_newer_database_is_left_alone(store: Workspace, raw: sqlite3.Connection) -> None:
    raw.execute("PRAGMA user_version=99")
    for door in (open_workspace, open_reads, lambda home: open_writes(home).drop_draft("x"), open_worker):
        with pytest.raises(StoreError) as refused:
            door(store.home)
        assert refused.value.code == "newer_version"
        assert refused.value.parameters["found"] == "99"


def test_no_migration_beside_a_worker(tmp_path: Path) -> None:
    home = tmp_path / "desk"
    home.mkdir()
    with (home / "worker.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StoreError) as refused:
            open_workspace(home, wait=0.1)
    assert refused.value.code == "locked"
    open_workspace(home, wait=0.1)


def test_a_present_workspace_needs_no_lock(store: Workspace) -> None:
    with (store.home / "worker.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        open_workspace(store.home, wait=0.0)


def _steps(tmp_path: Path) -> list[str]:
    steps: list[str] = []
    home = tmp_path / "counted"
    connect.make_private(home)
    migrate.migrate(home, step=steps.append)
    return steps


_KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from agent_tui.store import connect, migrate
    home, last = Path(sys.argv[1]), int(sys.argv[2])
    connect.make_private(home)
    count = 0
    def step(_):
        global count
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1
    migrate.migrate(home, step=step)
    """
)


def _every(steps: int) -> Iterator[int]:
    """The first ones, the last ones, and some between: each costs a process."""
    yield from sorted({0, 1, 2, steps // 4, steps // 2, 3 * steps // 4, steps - 2, steps - 1})


def test_a_migration_killed_at_any_step_is_done_by_the_next_start(tmp_path: Path) -> None:
    count = len(_steps(tmp_path))
    assert count > 60
    for last in _every(count):
        home = tmp_path / f"killed{last}"
        done = subprocess.run([sys.executable, "-c", _KILLED, str(home), str(last)], capture_output=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert connect.schema_version(home) == 0
        open_workspace(home, wait=0.0)
        assert connect.schema_version(home) == connect.SCHEMA_VERSION
        made = Workspace(home)
        made.arrive()
        made.close()


def test_a_step_that_fails_leaves_the_old_database(tmp_path: Path) -> None:
    home = tmp_path / "desk"
    connect.make_private(home)

    def fails(step: str) -> None:
        if step == "commit":
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        migrate.migrate(home, step=fails)
    with closing(sqlite3.connect(home / "store.db")) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_a_database_of_somebody_else_is_left_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "desk"
    home.mkdir()
    with closing(sqlite3.connect(home / "store.db")) as db:
        db.execute("CREATE TABLE message (anything)")
    with pytest.raises(StoreError) as refused:
        open_workspace(home)
    assert refused.value.code == "broken"
    with closing(sqlite3.connect(home / "store.db")) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("message",)]


def test_a_disk_that_fills_up_in_a_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "desk"
    connect.make_private(home)
    opened = sqlite3.connect

    def small(*args: object, **kwargs: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = opened(*args, **kwargs)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count=20")
        return connection

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(StoreError) as refused:
        migrate.migrate(home)
    assert refused.value.code == "disk_full"
    monkeypatch.undo()
    assert connect.schema_version(home) == 0
    open_workspace(home)


def test_a_backup_is_taken_before_an_upgrade(store: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    store.arrive("kept")
    store.close()
    steps: list[str] = []
    monkeypatch.setattr(migrate, "SCHEMA_VERSION", 2)
    migrate.migrate(store.home, step=steps.append)
    assert steps[0] == "backup"
    copy = store.home / "store.before-2.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT text FROM message_text").fetchone() == ("kept",)
    assert connect.schema_version(store.home) == 2


HEAVY = ("sqlmodel", "sqlalchemy", "alembic", "pydantic", "Stemmer", "httpx", "textual")


def test_reading_imports_nothing_heavy(store: Workspace) -> None:
    store.arrive("a conversation")
    script = textwrap.dedent(
        f"""
        import sys
        from pathlib import Path
        from agent_tui.domain.conversation import View
        from agent_tui.store.open import open_reads, open_workspace
        home = Path({str(store.home)!r})
        open_workspace(home)
        reads = open_reads(home)
        (row,) = reads.page(View.INBOX, "dana", None, 50)
        assert reads.items(row.id, None, 50)
        print(sorted(set({HEAVY!r}) & set(sys.modules)))
        """
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
