"""A workspace for each test."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.makers import Workspace, account


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with one mail account."""
    made = Workspace(tmp_path / "desk")
    made.writes.put_account(account())
    yield made
    made.close()


@pytest.fixture
def raw(store: Workspace) -> Iterator[sqlite3.Connection]:
    """The database itself, for what no port tells."""
    connection = sqlite3.connect(store.home / "store.db", isolation_level=None)
    yield connection
    connection.close()
