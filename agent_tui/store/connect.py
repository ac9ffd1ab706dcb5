"""Connections: where the database lies, how it is opened, and where it is refused."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from agent_tui.store.disk import NO_ROOM, is_full, trouble
from agent_tui.store.errors import store_errors
from agent_tui.store.ports import StoreError

SCHEMA_VERSION = 1
"""What `PRAGMA user_version` says of a database this program reads and writes."""

DATABASE = "store.db"
FILES = "files"
LOCK = "worker.lock"
BUSY = 25
"""Milliseconds that SQLite waits by itself, on a connection that writes."""
_WAIT, _WAIT_WHERE_FULL = 5.0, 0.5
"""Seconds that a locked store is waited for as it is opened; who has it on a full disk keeps it for long."""

_alone: set[Path] = set()
"""Workspaces that this process reads alone."""

_NETWORK = {
    0x6969: "nfs",
    0xFF534D42: "cifs",
    0xFE534D42: "smb2",
    0x517B: "smb",
    0x01021997: "9p",
    0x5346414F: "afs",
    0x73757245: "coda",
    0x65735543: "ceph",
    0x00C36400: "ceph",
    0x564C: "ncp",
}
"""File systems whose shared memory is not shared between machines: WAL would tear the database there."""


def database(home: Path) -> Path:
    """The database of a workspace."""
    return home / DATABASE


def network_file_system(folder: Path) -> str | None:
    """Name of the network file system that holds the folder, or None. FUSE mounts of remote hosts count."""
    magic = _statfs_type(folder)
    if magic in _NETWORK:
        return _NETWORK[magic]
    return _remote_fuse(folder) if magic == 0x65735546 else None


def _statfs_type(folder: Path) -> int | None:
    """The magic number of statfs(2) on Linux; None where it cannot be told."""
    if os.uname().sysname != "Linux":
        return None
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(256)
        if libc.statfs(os.fsencode(folder), buffer) != 0:
            return None
    except (OSError, AttributeError):
        return None
    word = ctypes.sizeof(ctypes.c_long)
    return int.from_bytes(buffer.raw[:word], "little", signed=False) & 0xFFFFFFFF


def _remote_fuse(folder: Path) -> str | None:
    """FUSE serves local encryption as well as sshfs: only the mount table tells which."""
    best, kind = "", ""
    try:
        for line in Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines():
            fields = line.split(" ")
            point = fields[1].replace("\\040", " ")
            inside = point == "/" or str(folder.resolve()) == point or str(folder.resolve()).startswith(point + "/")
            if inside and len(point) >= len(best):
                best, kind = point, fields[2]
    except (OSError, IndexError):
        return None
    remote = ("fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.davfs", "fuse.glusterfs", "fuse.cephfs")
    return kind if kind in remote else None


def make_private(home: Path) -> None:
    """Create the folder for its owner alone, and refuse one that WAL cannot live in."""
    with store_errors(home.parent):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(home.stat().st_mode) & 0o077:
            home.chmod(0o700)
    kind = network_file_system(home)
    if kind:
        raise StoreError("network_file_system", path=str(home), kind=kind)


def make_database_file(home: Path) -> None:
    """Create the file ahead of SQLite, for its owner alone; WAL and shared memory take over its mode."""
    path = database(home)
    with store_errors(home):
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            # Not opened: closing it would drop the locks of every connection of this process.
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                path.chmod(0o600)


def schema_version(home: Path) -> int:
    """The version of the database there; 0 where it is empty or absent."""
    if not database(home).exists():
        return 0
    with _opening(home):
        try:
            return _version(database(home), _patience(home))
        except sqlite3.OperationalError as error:
            if not _no_index(error):
                raise
            return _version(_by_itself(home), _WAIT_WHERE_FULL)


def _version(path: Path | str, wait: float) -> int:
    with closing(sqlite3.connect(path, timeout=wait, uri=isinstance(path, str))) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_version(connection: sqlite3.Connection) -> None:
    """Refuse a database of another version."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > SCHEMA_VERSION:
        raise StoreError("newer_version", found=str(found), known=str(SCHEMA_VERSION))
    if found < SCHEMA_VERSION:
        raise StoreError("broken", detail="not migrated")


def connect_reader(home: Path) -> sqlite3.Connection:
    """A connection that cannot write. It never waits for a writer: WAL readers do not.

    Where the disk has no room even for the index of the log, it is read by this process alone: see `reads_alone`.
    """
    settings = "query_only=ON", "cache_size=-4000"
    if reads_alone(home):
        return _connect(home, _by_itself(home), *settings)
    try:
        return _connect(home, database(home), *settings)
    except StoreError as error:
        if not _no_index(error.__cause__):
            raise
    connection = _connect(home, _by_itself(home), *settings)
    _alone.add(home)
    return connection


def reads_alone(home: Path) -> bool:
    """This process reads with the index in its own memory, which keeps every other one from the store, and writes
    nothing: a disk that is full to the last byte must not keep anybody from reading."""
    return home in _alone


def read_with_others(home: Path) -> None:
    """All connections that read alone are closed: the next one is of the usual kind, if the disk allows it."""
    _alone.discard(home)


def refusal(home: Path) -> str:
    """The code of a disk that takes no more: it has no room, or it is a limit of the user's or the system's."""
    return trouble(home) or "disk_refuses"


def connect_writer(home: Path, cache: int = 8) -> sqlite3.Connection:
    """A connection that writes, with so many MB of cache. The wait for the lock is ours (see `Writer`), so SQLite's is short."""
    if reads_alone(home):  # the two kinds of locks do not mix within a process
        raise StoreError(refusal(home))
    return _connect(
        home,
        database(home),
        f"busy_timeout={BUSY}",
        f"cache_size={-1000 * cache}",
        "journal_size_limit=67108864",
        "wal_autocheckpoint=2000",
    )


def damage(home: Path) -> str:
    """What SQLite finds wrong with the database when it looks at every page; empty where nothing is."""
    try:
        with store_errors(), closing(connect_reader(home)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
    except StoreError as error:
        if error.code != "broken":
            raise
        return error.parameters.get("detail", "") or error.code
    return "" if found == ["ok"] else " ".join(found[0].split())


def _no_index(error: BaseException | None) -> bool:
    """SQLite could not make or grow the file that the processes share to find their way in the log."""
    return getattr(error, "sqlite_errorname", "").startswith("SQLITE_IOERR_SHM")


def _by_itself(home: Path) -> str:
    """The database for one process alone: its threads share the log's index in memory, and no file is needed for it.

    SQLite's lock refuses it while any other process has the store open, and every other one while this lasts.
    """
    return f"{database(home).absolute().as_uri()}?vfs=unix-excl"


def _patience(home: Path) -> float:
    return _WAIT_WHERE_FULL if is_full(home) else _WAIT


@contextmanager
def _opening(home: Path) -> Iterator[None]:
    """Raise `StoreError`. Who finds the store locked on a full disk is told of the disk, not to try again in a moment."""
    try:
        with store_errors(home):
            yield
    except StoreError as error:
        if error.code == "locked" and trouble(home) in NO_ROOM:
            raise StoreError("full_and_taken", **error.parameters) from error.__cause__
        raise


def _connect(home: Path, path: Path | str, *settings: str) -> sqlite3.Connection:
    """With its settings made: some of them read the schema, so a damaged database shows here first."""
    with _opening(home):
        if not database(home).exists():
            raise StoreError("broken", detail="no database", path=str(database(home)))
        connection = sqlite3.connect(
            path, timeout=_patience(home), isolation_level=None, check_same_thread=False, uri=isinstance(path, str)
        )
        try:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA temp_store=MEMORY")
            check_version(connection)
            for setting in settings:
                connection.execute(f"PRAGMA {setting}")
        except BaseException:
            connection.close()
            raise
    return connection
