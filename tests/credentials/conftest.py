"""A workspace for secrets, and keyrings to try them on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from agent_tui.credentials import Credentials, keyring_way
from agent_tui.locations import Locations, locate, prepare
from tests.credentials import keyrings

UseKeyring = Callable[[type[KeyringBackend]], None]


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return prepare(locate(tmp_path / "home"))


@pytest.fixture
def credentials(locations: Locations) -> Credentials:
    return Credentials(locations, environment={})


@pytest.fixture
def use_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[UseKeyring]:
    before = keyring.get_keyring()
    monkeypatch.setattr(keyring_way._Patience, "hung_at", None)
    keyrings.RELEASE.clear()
    keyrings.Working.kept.clear()

    def use(kind: type[KeyringBackend]) -> None:
        keyring.set_keyring(kind())

    yield use
    keyrings.RELEASE.set()
    keyring.set_keyring(before)
