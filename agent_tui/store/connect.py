"""Connections: where the database lies, how it is opened, and where it is refused."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from agent_tui.store.errors import store_errors
from agent_tui.store.ports import StoreError

SCHEMA_VERSION = 1
"""What `PRAGMA user_version` says of a database this program reads and writes."""

DATABASE = "store.db"
FILES = "files"
LOCK = "worker.lock"
BUSY = 25
"""Milliseconds that SQLite waits by itself, on a connection that writes."""

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
    with store_errors():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(home.stat().st_mode) & 0o077:
            home.chmod(0o700)
    kind = network_file_system(home)
    if kind:
        raise StoreError("network_file_system", path=str(home), kind=kind)


def make_database_file(home: Path) -> None:
    """Create the file ahead of SQLite, for its owner alone; WAL and shared memory take over its mode."""
    path = database(home)
    with store_errors():
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
    with store_errors(), closing(sqlite3.connect(database(home), timeout=5.0)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_version(connection: sqlite3.Connection) -> None:
    """Refuse a database of another version."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > SCHEMA_VERSION:
        raise StoreError("newer_version", found=str(found), known=str(SCHEMA_VERSION))
    if found < SCHEMA_VERSION:
        raise StoreError("broken", detail="not migrated")


def connect_reader(home: Path) -> sqlite3.Connection:
    """A connection that cannot write. It never waits for a writer: WAL readers do not."""
    return _connect(home, "query_only=ON", "cache_size=-4000")


def connect_writer(home: Path, cache: int = 8) -> sqlite3.Connection:
    """A connection that writes, with so many MB of cache. The wait for the lock is ours (see `Writer`), so SQLite's is short."""
    return _connect(
        home,
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


def _connect(home: Path, *settings: str) -> sqlite3.Connection:
    """With its settings made: some of them read the schema, so a damaged database shows here first."""
    path = database(home)
    with store_errors():
        if not path.exists():
            raise StoreError("broken", detail="no database", path=str(path))
        connection = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
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
