"""SQLite's and the system's failures as `StoreError` codes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from agent_tui.store.disk import BY_ERRNO, trouble
from agent_tui.store.ports import StoreError

_BY_WORD = (
    ("full", "disk_full"),
    ("locked", "locked"),
    ("busy", "locked"),
    ("readonly", "read_only"),
    ("unable to open", "read_only"),
    ("permission", "read_only"),
)
_OF_THE_DISK = frozenset({"disk_full", "disk_refuses", "read_only"})


def as_store_error(error: BaseException, home: Path | None = None) -> StoreError:
    """The same failure in the store's own words. Where its workspace is named, the disk is asked for the reason."""
    found = _by_itself(error)
    if home and found.code in _OF_THE_DISK and (why := trouble(home)):
        return StoreError(why, **found.parameters)
    return found


def _by_itself(error: BaseException) -> StoreError:
    if isinstance(error, StoreError):
        return error
    if isinstance(error, OSError):
        return StoreError(BY_ERRNO.get(error.errno or 0, "broken"), detail=error.strerror or "")
    name = getattr(error, "sqlite_errorname", "")  # a failed read or write: it says nothing against what is stored
    if name.startswith("SQLITE_IOERR"):
        return StoreError("disk_full" if name == "SQLITE_IOERR_NOSPC" else "disk_refuses", detail=str(error))
    text = str(error).lower()
    code = next((code for word, code in _BY_WORD if word in text), "broken")
    return StoreError(code, detail=str(error))


def is_busy(error: sqlite3.Error) -> bool:
    """Another connection holds the lock: worth another try."""
    return as_store_error(error).code == "locked"


@contextmanager
def store_errors(home: Path | None = None) -> Iterator[None]:
    """Raise `StoreError` in place of what SQLite or the file system raised."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise as_store_error(error, home) from error


Values = Sequence[object] | Mapping[str, object]


def run(connection: sqlite3.Connection, sql: str, values: Values = ()) -> sqlite3.Cursor:
    """Run a statement. Lone surrogates (names of files that are no UTF-8) are no text to SQLite: they become `?`."""
    try:
        return connection.execute(sql, values)
    except UnicodeEncodeError:
        return connection.execute(sql, clean(values))


def clean(values: Values) -> Values:
    """The same values, without lone surrogates."""
    if isinstance(values, Mapping):
        return {name: _clean(value) for name, value in values.items()}
    return tuple(_clean(value) for value in values)


def _clean(value: object) -> object:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
