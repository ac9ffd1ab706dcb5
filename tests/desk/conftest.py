"""A desk on a real store, with mail in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_tui.desk.services import Services, services
from agent_tui.desk.workspace import Desk, DeskSettings
from agent_tui.store.open import open_reads, open_writes
from tests.store.makers import Workspace, account

Secrets = dict[tuple[str, str], str]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path / "data")
    made.writes.put_account(account())
    yield made
    made.close()


@pytest.fixture
def secrets() -> Secrets:
    return {}


@pytest.fixture
def woken() -> list[bool]:
    return []


@pytest.fixture
def at_desk(
    workspace: Workspace, tmp_path: Path, secrets: Secrets, woken: list[bool]
) -> Iterator[Callable[..., Services]]:
    opened: list[Desk] = []

    def _open(**changes: object) -> Services:
        values: dict[str, object] = {
            "agent": "dana",
            "runtime": tmp_path / "run",
            "downloads": tmp_path / "downloads",
            "editing": tmp_path / "edit",
            "colleagues": ("ihor", "dana"),
            "zone": "Europe/Kyiv",
        }
        desk = Desk(
            DeskSettings(**(values | changes)),  # type: ignore[arg-type]
            open_reads(workspace.home),
            lambda: open_writes(workspace.home),
            lambda: woken.append(True),
        )
        opened.append(desk)

        def _forget(account_id: str) -> None:
            for key in [key for key in secrets if key[0] == account_id]:
                del secrets[key]

        return services(desk, lambda a, o, s: secrets.__setitem__((a, o), s), _forget)

    yield _open
    for desk in opened:
        desk.close()


@pytest.fixture
def work(at_desk: Callable[..., Services]) -> Services:
    return at_desk()
