"""The encrypted file: opened by its passphrase alone, whole or not at all, never in clear."""

from __future__ import annotations

import base64
import json
import os
import threading
from pathlib import Path

import pytest

from agent_tui.credentials import Credentials, CredentialsError, Secret, Way, hand_over, take_over
from agent_tui.credentials.handover import KEY_VARIABLE
from agent_tui.credentials.vault import COST, Vault
from agent_tui.locations import Locations

PASSPHRASE = Secret("four words are better")
CHEAP = 2**10


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path / "vault.json")
    made.create(PASSPHRASE, cost=CHEAP)
    made.write({"mail/password": Secret("canary-7731")})
    return made


def test_what_was_kept_is_had_again(vault: Vault) -> None:
    again = Vault(vault.path)
    again.unlock(PASSPHRASE)
    assert again.read("mail/password") == Secret("canary-7731")


def test_it_is_closed_to_others_and_holds_nothing_in_clear(vault: Vault) -> None:
    assert vault.path.stat().st_mode & 0o777 == 0o600
    content = vault.path.read_bytes()
    for clear in (b"canary-7731", b"mail/password", base64.b64encode(b"canary-7731")[:12]):
        assert clear not in content


def test_a_wrong_passphrase_opens_nothing(vault: Vault) -> None:
    again = Vault(vault.path)
    with pytest.raises(CredentialsError) as told:
        again.unlock(Secret("four words are worse"))
    assert told.value.code == "wrong_passphrase"
    with pytest.raises(CredentialsError) as told:
        again.read("mail/password")
    assert told.value.locked


@pytest.mark.parametrize("part", ["data", "nonce", "salt", "n"])
def test_what_was_changed_by_another_is_not_believed(vault: Vault, part: str) -> None:
    whole = json.loads(vault.path.read_text())
    place = whole["header"] if part in ("salt", "n") else whole
    if part == "n":
        place["n"] *= 2
    else:
        raw = bytearray(base64.b64decode(place[part]))
        raw[0] ^= 1
        place[part] = base64.b64encode(raw).decode()
    vault.path.write_text(json.dumps(whole))
    with pytest.raises(CredentialsError):
        Vault(vault.path).unlock(PASSPHRASE)
    with pytest.raises(CredentialsError) as told:
        vault.read("mail/password")  # by the key that is still open
    assert told.value.code == "vault_tampered"
    with pytest.raises(CredentialsError):
        vault.write({"mail/password": Secret("x")})


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff\xfe", b'{"header": 1}', b'{"header": {"magic": "agent-tui vault", "version": 2}}'],
)
def test_a_damaged_file_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vault.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(CredentialsError) as told:
        Vault(path).unlock(PASSPHRASE)
    assert told.value.code == "vault_tampered"


def test_a_file_that_wants_all_memory_is_refused(vault: Vault) -> None:
    whole = json.loads(vault.path.read_text())
    whole["header"]["n"] = 2**40
    vault.path.write_text(json.dumps(whole))
    with pytest.raises(CredentialsError) as told:
        Vault(vault.path).unlock(PASSPHRASE)
    assert told.value.code == "vault_tampered"


def test_one_that_others_may_read_is_not_used(vault: Vault) -> None:
    vault.path.chmod(0o644)
    with pytest.raises(CredentialsError) as told:
        vault.read("mail/password")
    assert told.value.code == "loose_permissions"


def test_every_writing_takes_a_fresh_nonce(vault: Vault) -> None:
    seen = set()
    for number in range(5):
        vault.write({"x": Secret(str(number))})
        seen.add(json.loads(vault.path.read_text())["nonce"])
    assert len(seen) == 5


def test_two_that_write_at_once_lose_nothing(vault: Vault) -> None:
    def write(name: str) -> None:
        mine = Vault(vault.path, vault.key)
        for number in range(10):
            mine.write({f"{name}{number}": Secret("x")})

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in "ab":
        for number in range(10):
            assert vault.read(f"{name}{number}")


def test_a_failed_writing_leaves_the_old_one(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        vault.write({"mail/password": Secret("new")})
    monkeypatch.undo()
    assert vault.read("mail/password") == Secret("canary-7731")
    assert [path.name for path in vault.path.parent.iterdir() if path.name.startswith(".")] == []


def test_an_existing_one_is_never_made_anew(vault: Vault) -> None:
    with pytest.raises(FileExistsError):
        vault.create(PASSPHRASE, cost=CHEAP)
    assert vault.read("mail/password") == Secret("canary-7731")


def test_guessing_is_dear() -> None:
    assert COST >= 2**17


def test_the_key_goes_through_a_pipe_once(vault: Vault) -> None:
    assert vault.key is not None
    handle = hand_over(vault.key)
    environment = {KEY_VARIABLE: str(handle)}
    key = take_over(environment)
    assert key == vault.key
    assert environment == {}
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(handle)
    assert Vault(vault.path, key).read("mail/password") == Secret("canary-7731")


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "1", "99999", "１２"])
def test_no_key_comes_from_a_number_that_is_none(number: str) -> None:
    assert take_over({KEY_VARIABLE: number}) is None


def test_a_worker_without_the_key_finds_it_locked(locations: Locations, tmp_path: Path) -> None:
    first = Credentials(locations, environment={})
    first.vault.create(PASSPHRASE, cost=CHEAP)
    first.put("mail", "password", Secret("canary-7731"), Way.VAULT)
    worker = Credentials(locations, environment={})
    assert worker.needs_passphrase
    with pytest.raises(CredentialsError) as told:
        worker.stored("mail", "password")
    assert told.value.code == "vault_locked"
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("four words are better\n")
    by_file = Credentials(locations, environment={"AGENT_TUI_VAULT_PASSPHRASE_FILE": str(passphrase)})
    assert by_file.unlock_by_file()
    assert by_file.stored("mail", "password") == Secret("canary-7731")
    (tmp_path / "agent-tui-vault").write_text("four words are better")
    by_systemd = Credentials(locations, environment={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert by_systemd.unlock_by_file()
    assert not by_systemd.needs_passphrase


def test_forgetting_an_account_takes_its_secrets_out(locations: Locations) -> None:
    credentials = Credentials(locations, environment={})
    credentials.vault.create(PASSPHRASE, cost=CHEAP)
    credentials.put("mail", "password", Secret("one"), Way.VAULT)
    credentials.put("chat", "token", Secret("two"), Way.VAULT)
    reference = credentials.references.of("mail", "password")
    assert reference is not None
    credentials.forget("mail")
    with pytest.raises(CredentialsError):
        credentials.vault.read(reference.name)
    assert credentials.stored("chat", "token") == Secret("two")
