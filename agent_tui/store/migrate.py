"""Bringing a workspace's database to the present schema: under the worker's lock, after a copy, all or nothing."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui.store.connect import LOCK, SCHEMA_VERSION, database, make_database_file, schema_version
from agent_tui.store.errors import as_store_error, store_errors
from agent_tui.store.ports import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection


@contextmanager
def worker_lock(home: Path, wait: float = 0.0) -> Iterator[bool]:
    """Hold the lock that the worker holds for its whole life. False where somebody else has it after `wait` seconds.

    An flock: it dies with its process, so that a crash cannot leave it behind.
    """
    with store_errors(home):
        handle = os.open(home / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        yield _take(handle, wait)
    finally:
        os.close(handle)


def _take(handle: int, wait: float) -> bool:
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)
        else:
            return True


def migrate(home: Path, *, wait: float = 20.0, step: Callable[[str], None] = lambda _: None) -> None:
    """Migrate where it is needed. `step` is told of each step before it is done."""
    found = schema_version(home)
    if found == SCHEMA_VERSION:
        return
    if found > SCHEMA_VERSION:
        raise StoreError("newer_version", found=str(found), known=str(SCHEMA_VERSION))
    with worker_lock(home, wait) as held:
        if not held:
            raise StoreError("locked", detail="a worker is running")
        found = schema_version(home)  # another process may have done it meanwhile
        if found == SCHEMA_VERSION:
            return
        if found:
            step("backup")
            back_up(home, home / f"store.before-{SCHEMA_VERSION}.db")
        with store_errors(home):
            _upgrade(home, step)


def back_up(home: Path, target: Path) -> None:
    """A whole and consistent copy of the database, made while others may be writing."""
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    with store_errors(home), closing(sqlite3.connect(database(home), timeout=30.0)) as connection:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        connection.execute("VACUUM INTO ?", (str(partial),))
    partial.replace(target)


def _upgrade(home: Path, step: Callable[[str], None]) -> None:
    """One transaction holds every revision and the version number: killed anywhere in it, nothing has happened."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.pool import NullPool

    make_database_file(home)
    with closing(sqlite3.connect(database(home), timeout=30.0)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(database(home), timeout=30.0, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=opened, poolclass=NullPool)
    try:
        with engine.connect() as link:
            _run(link, step)
    except DBAPIError as error:
        raise as_store_error(error.orig or error, home) from error
    finally:
        engine.dispose()


def _run(link: Connection, step: Callable[[str], None]) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import event

    @event.listens_for(link, "before_cursor_execute")
    def told(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        step(statement)

    link.exec_driver_sql("BEGIN IMMEDIATE")
    config = Config()
    config.set_main_option("script_location", "agent_tui.store:migrations")
    config.attributes["connection"] = link
    command.upgrade(config, "head")
    link.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
    step("commit")
    link.exec_driver_sql("COMMIT")
