"""SQLite's and the system's failures as `StoreError` codes."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from agent_tui.store.ports import StoreError

_BY_WORD = (
    ("full", "disk_full"),
    ("locked", "locked"),
    ("busy", "locked"),
    ("readonly", "read_only"),
    ("unable to open", "read_only"),
    ("permission", "read_only"),
)
_BY_ERRNO = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}


def as_store_error(error: BaseException) -> StoreError:
    """The same failure in the store's own words."""
    if isinstance(error, StoreError):
        return error
    if isinstance(error, OSError):
        return StoreError(_BY_ERRNO.get(error.errno or 0, "broken"), detail=error.strerror or "")
    text = str(error).lower()
    code = next((code for word, code in _BY_WORD if word in text), "broken")
    return StoreError(code, detail=str(error))


def is_busy(error: sqlite3.Error) -> bool:
    """Another connection holds the lock: worth another try."""
    return as_store_error(error).code == "locked"


@contextmanager
def store_errors() -> Iterator[None]:
    """Raise `StoreError` in place of what SQLite or the file system raised."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise as_store_error(error) from error
