"""The tables as SQLModel declares them, and the database as the migrations make it, are the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlmodel
from sqlmodel import SQLModel

from agent_tui.store import schema
from tests.store.makers import Workspace


def _shape(db: sqlite3.Connection) -> dict[str, Any]:
    shape: dict[str, Any] = {}
    tables = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    for name, sql in tables:
        if name.startswith(("search", "sqlite_", "alembic_")):
            continue
        indexes = {}
        for _, index, unique, origin, partial in db.execute(f"PRAGMA index_list({name})"):
            columns = [r[2] for r in db.execute(f"PRAGMA index_info({index})")]
            where = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (index,)).fetchone()
            condition = where[0].partition(" WHERE ")[2].strip() if where and where[0] else ""
            indexes[index if origin == "c" else origin] = (unique, partial, columns, condition)
        shape[name] = (
            [(*tuple(r[1:4]), r[5]) for r in db.execute(f"PRAGMA table_info({name})")],
            sorted(r[2:5] for r in db.execute(f"PRAGMA foreign_key_list({name})")),
            indexes,
            "WITHOUT ROWID" in sql,
            "AUTOINCREMENT" in sql,
        )
    return shape


def test_tables_and_migrations_agree(store: Workspace, raw: sqlite3.Connection, tmp_path: Path) -> None:
    assert schema.__all__
    engine = sqlmodel.create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    SQLModel.metadata.create_all(engine)
    engine.dispose()
    with closing(sqlite3.connect(tmp_path / "declared.db")) as declared:
        wanted = _shape(declared)
    found = _shape(raw)
    assert set(found) == set(wanted)
    for name in wanted:
        assert found[name] == wanted[name], name
