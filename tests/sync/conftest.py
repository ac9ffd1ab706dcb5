"""Workspaces for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.store.open import open_worker
from agent_tui.sync.parse import ParseLimits, ParserTeam
from tests.sync.ingest_bench import Bench
from tests.sync.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An empty workspace."""
    found = Workspace(tmp_path / "home")
    yield found
    found.close()


@pytest.fixture(scope="module")
def team() -> Iterator[ParserTeam]:
    found = ParserTeam(ParseLimits(), size=1)
    yield found
    found.close()


@pytest.fixture
def bench(workspace: Workspace, team: ParserTeam) -> Iterator[Bench]:
    store = open_worker(workspace.locations.data)
    found = Bench(workspace, store, team)
    yield found
    found.ingestor.close()
    store.close()
