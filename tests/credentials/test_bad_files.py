"""Files of secrets that are none: told with their path, at once."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from agent_tui.credentials import Credentials, CredentialsError, Secret
from agent_tui.credentials.vault import Vault
from agent_tui.locations import Locations

BAD = {
    "deep": "a = " + "[" * 3_000,
    "deep in lines": "a = [\n" + "[\n" * 30_000,
    "dotted": "a" + ".a" * 50_000 + " = 1",
    "large": "# " + "x" * 300_000,
    "pipe": None,
}


def _put(path: Path, content: str | None) -> None:
    if content is None:
        os.mkfifo(path, 0o600)
    else:
        path.write_text(content)
        path.chmod(0o600)


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_of_references_is_told_soon(credentials: Credentials, locations: Locations, kind: str) -> None:
    _put(locations.secrets_file, BAD[kind])
    began = time.process_time()
    for ask in (credentials.references.all, lambda: credentials.stored("mail", "password")):
        with pytest.raises(CredentialsError) as told:
            ask()
        assert (told.value.code, told.value.parameters["path"]) == ("broken_file", str(locations.secrets_file))
    assert time.process_time() - began < 3


@pytest.mark.parametrize("content", ["[" * 100_000, None], ids=["deep", "pipe"])
def test_a_bad_vault_is_told(tmp_path: Path, content: str | None) -> None:
    vault = Vault(tmp_path / "vault.json", Secret(b"k" * 32))
    _put(vault.path, content)
    with pytest.raises(CredentialsError) as told:
        vault.read("mail/password")
    assert told.value.code == "vault_tampered"
