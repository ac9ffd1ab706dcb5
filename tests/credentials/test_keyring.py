"""The system's keyring: found, locked, hanging, absent; each told within seconds."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from keyring.backends import fail, null

from agent_tui.credentials import (
    Credentials,
    CredentialsError,
    KeyringState,
    Reference,
    Secret,
    Way,
    keyring_way,
    probe,
)
from agent_tui.locations import Locations
from tests.credentials import keyrings
from tests.credentials.conftest import UseKeyring


def test_one_that_works_keeps_and_gives(credentials: Credentials, use_keyring: UseKeyring) -> None:
    use_keyring(keyrings.Working)
    assert probe()[0] is KeyringState.USABLE
    credentials.put("support", "password", Secret("s3cret"), Way.KEYRING)
    assert credentials.stored("support", "password") == Secret("s3cret")
    credentials.forget("support")
    assert not keyrings.Working.kept
    with pytest.raises(CredentialsError) as told:
        credentials.stored("support", "password")
    assert told.value.code == "not_stored"


def test_two_workspaces_with_accounts_of_one_name_do_not_share(
    locations: Locations, use_keyring: UseKeyring, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from agent_tui.locations import locate, prepare

    use_keyring(keyrings.Working)
    mine = Credentials(locations, environment={})
    other = Credentials(prepare(locate(tmp_path_factory.mktemp("other"))), environment={})
    mine.put("mail", "password", Secret("mine"), Way.KEYRING)
    other.put("mail", "password", Secret("other"), Way.KEYRING)
    assert mine.stored("mail", "password") == Secret("mine")
    other.forget("mail")
    assert mine.stored("mail", "password") == Secret("mine")


def test_a_changed_secret_takes_the_place_of_the_old(credentials: Credentials, use_keyring: UseKeyring) -> None:
    use_keyring(keyrings.Working)
    credentials.put("mail", "password", Secret("old"), Way.KEYRING)
    credentials.put("mail", "password", Secret("new"), Way.KEYRING)
    assert credentials.stored("mail", "password") == Secret("new")
    assert len(keyrings.Working.kept) == 1


@pytest.mark.parametrize("kind", [fail.Keyring, null.Keyring])
def test_none_is_no_keyring(kind: type[keyrings.Working], use_keyring: UseKeyring, credentials: Credentials) -> None:
    use_keyring(kind)
    assert probe()[0] is KeyringState.NONE
    with pytest.raises(CredentialsError) as told:
        credentials.put("mail", "password", Secret("s3cret"), Way.KEYRING)
    assert told.value.code == "no_keyring"
    assert credentials.references.of("mail", "password") is None, "nothing is remembered that was not kept"


def test_a_file_in_clear_is_no_keyring(use_keyring: UseKeyring) -> None:
    plain = type("PlaintextKeyring", (keyrings.Working,), {"__module__": "keyrings.alt.file"})
    use_keyring(plain)
    assert probe()[0] is KeyringState.NONE


def test_a_locked_one_is_told_as_locked(use_keyring: UseKeyring, credentials: Credentials) -> None:
    use_keyring(keyrings.Locked)
    assert probe()[0] is KeyringState.LOCKED
    credentials.references.put("mail", "password", _kept())
    with pytest.raises(CredentialsError) as told:
        credentials.stored("mail", "password")
    assert told.value.locked


def test_a_hanging_one_costs_its_time_once(use_keyring: UseKeyring, credentials: Credentials) -> None:
    use_keyring(keyrings.Hanging)
    begun = time.monotonic()
    assert probe(limit=0.2)[0] is KeyringState.HANGS
    credentials.references.put("mail", "password", _kept())
    for _ in range(20):
        with pytest.raises(CredentialsError) as told:
            credentials.stored("mail", "password")
        assert told.value.code == "keyring_hangs"
    assert time.monotonic() - begun < 2.0


def test_the_time_it_has_is_seconds() -> None:
    assert keyring_way.LIMIT <= 5.0


def test_a_hanging_one_does_not_hold_the_program_at_its_end() -> None:
    code = (
        "import keyring; from tests.credentials import keyrings; keyring.set_keyring(keyrings.Hanging());"
        "from agent_tui.credentials import probe; print(probe(limit=0.2)[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.strip() == "keyring_hangs"


def test_what_a_keyring_says_does_not_leave(use_keyring: UseKeyring, credentials: Credentials) -> None:
    use_keyring(keyrings.Chatty)
    with pytest.raises(CredentialsError) as told:
        credentials.put("mail", "password", Secret("canary-7731"), Way.KEYRING)
    assert told.value.code == "keyring_failed"
    assert (
        "canary-7731" not in f"{told.value!r}{told.value.parameters}{told.value.__cause__!r}{told.value.__context__!r}"
    )


def test_one_that_forgets_is_found_out(use_keyring: UseKeyring, credentials: Credentials) -> None:
    use_keyring(keyrings.Forgetful)
    with pytest.raises(CredentialsError) as told:
        credentials.put("mail", "password", Secret("s3cret"), Way.KEYRING)
    assert told.value.code == "keyring_failed"


def test_without_a_bus_a_machine_has_none_within_seconds() -> None:
    """The real chain of backends, in a process that has no D-Bus."""
    code = "from agent_tui.credentials import probe; print(probe()[0])"
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/nonexistent",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
    }
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True, env=environment
    )
    assert done.stdout.strip() in ("no_keyring", "keyring_failed")
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("polite", [True, False], ids=["silent after the login", "silent from the start"])
def test_a_bus_that_never_answers_costs_seconds(tmp_path: Path, polite: bool) -> None:
    """The real chain of backends, before a session bus that takes everything and says nothing."""
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen(8)
        threading.Thread(target=_attend, args=(bus, polite), daemon=True).start()
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path / 'bus'}",
        }
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", "from agent_tui.credentials import probe; print(probe()[0])"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            env=environment,
        )
    # A library gives up by itself before the login; behind it, it would wait for ever.
    assert done.stdout.strip() == ("keyring_hangs" if polite else "no_keyring")
    assert time.monotonic() - begun < 10


def _attend(bus: socket.socket, polite: bool) -> None:
    """Take every connection and keep it; where polite, let it log in."""
    kept = []
    while True:
        try:
            line, _ = bus.accept()
        except OSError:
            return
        kept.append(line)
        if polite:
            threading.Thread(target=_greet, args=(line,), daemon=True).start()


def _greet(line: socket.socket) -> None:
    while data := line.recv(4096):
        for said in data.split(b"\r\n"):
            if said.lstrip(b"\0").startswith(b"AUTH"):
                line.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            elif said.startswith(b"NEGOTIATE"):
                line.sendall(b"ERROR\r\n")


def _kept() -> Reference:
    return Reference(Way.KEYRING, "mail/password/0000")
