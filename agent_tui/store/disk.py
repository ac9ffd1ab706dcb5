"""What the disk under the store still takes, and why it takes no more: SQLite names no reason, the system does."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_INDEX = 65_536
"""Less room than this holds no index of the log (32 KB at its smallest)."""

BY_ERRNO = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "quota_used_up",
    errno.EFBIG: "disk_refuses",
    errno.EIO: "disk_refuses",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}

NO_ROOM = frozenset({"disk_full", "quota_used_up", "no_more_files"})
"""Codes of a disk that takes more as soon as something is deleted."""


def room_left(folder: Path) -> int | None:
    """Bytes that may still be written there; None where the system does not tell. A quota is not known here."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_frsize * (found.f_bavail if os.geteuid() else found.f_bfree)


def files_left(folder: Path) -> int | None:
    """How many files may still be made there; None where the system does not tell, or knows no such limit."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    if not found.f_files:
        return None
    return found.f_favail if os.geteuid() else found.f_ffree


def is_full(folder: Path) -> bool:
    """There is no room for a file of any use."""
    return files_left(folder) == 0 or ((free := room_left(folder)) is not None and free < _INDEX)


def trouble(folder: Path) -> str:
    """The code of what keeps a small file from being written there, found by writing one; empty where nothing does."""
    if files_left(folder) == 0:
        return "no_more_files"
    if is_full(folder):
        return "disk_full"
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_INDEX))
    except OSError as error:
        return BY_ERRNO.get(error.errno or 0, "")
    return ""
