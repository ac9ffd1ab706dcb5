"""What a person is asked on a terminal: secrets without an echo, a passphrase once for the session."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import pytest

from agent_tui.credentials import Credentials, Secret
from agent_tui.locations import locate
from agent_tui.sync.lock import worker_holder
from tests.pty_terminal import PtyTerminal

CANARY = "canary-7731"
PASSPHRASE = "amber otter ladder nine"
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def _end(seen: PtyTerminal) -> int | None:
    end = time.monotonic() + 20
    while seen.ended is None and time.monotonic() < end:
        seen.pump(0.1)
    return seen.ended


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace whose one secret lies in the encrypted file, made as a person makes it."""
    home = tmp_path / "home"
    command = [
        sys.executable, "-m", "agent_tui", "account", "add", "imap", "--home", str(home), "--id", "support",
        "--host", "127.0.0.1", "--port", "9", "--security", "plain", "--user", "support@aurora.example", "--no-check",
    ]  # fmt: skip
    with PtyTerminal(command, columns=120, rows=30, env=NO_KEYRING) as seen:
        seen.wait("Password:")
        seen.press(f"{CANARY}\r")
        seen.wait("has no keyring")
        seen.wait("New passphrase")
        seen.press("short\r")
        seen.wait("Eight characters")
        seen.press(f"{PASSPHRASE}\r")
        seen.wait("The same again")
        seen.press("something else\r")
        seen.wait("differ")
        seen.press(f"{PASSPHRASE}\r")
        seen.wait(r"(?s)The same again.*The same again")
        seen.press(f"{PASSPHRASE}\r")
        seen.wait("Added support")
        assert _end(seen) == 0
        assert CANARY.encode() not in seen.received
        assert PASSPHRASE.encode() not in seen.received
    return home


def test_a_machine_without_keyring_is_led_to_an_encrypted_file(home: Path) -> None:
    credentials = Credentials(locate(home), environment={})
    assert credentials.needs_passphrase
    credentials.vault.unlock(Secret(PASSPHRASE))
    assert credentials.stored("support", "password") == Secret(CANARY)
    for path in home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


def test_the_passphrase_opens_the_desk_and_the_worker_gets_the_key(home: Path) -> None:
    with PtyTerminal(
        [sys.executable, "-m", "agent_tui", "--home", str(home)], columns=100, rows=30, env=NO_KEYRING
    ) as seen:
        seen.wait("Passphrase of the file of secrets")
        seen.press("wrong\r")
        seen.wait("not the passphrase")
        seen.press(f"{PASSPHRASE}\r")
        seen.wait("Inbox")
        lock = locate(home).worker_lock
        end = time.monotonic() + 20
        while (holder := worker_holder(lock)) is None and time.monotonic() < end:
            seen.pump(0.1)
        assert holder is not None
        arguments = Path(f"/proc/{holder.pid}/cmdline").read_bytes()
        with contextlib.suppress(PermissionError):  # what nobody may read shows nothing
            arguments += Path(f"/proc/{holder.pid}/environ").read_bytes()
        assert PASSPHRASE.encode() not in arguments
        assert CANARY.encode() not in arguments
        seen.press("\x11")
        assert _end(seen) == 0
        assert PASSPHRASE.encode() not in seen.received
    from agent_tui.sync.launch import stop_worker

    assert stop_worker(locate(home))
    log = (locate(home).log / "worker.log").read_text("utf-8")
    assert "the vault is closed" not in log
    assert CANARY not in log


def test_who_leaves_it_closed_gets_a_desk_all_the_same(home: Path) -> None:
    with PtyTerminal(
        [sys.executable, "-m", "agent_tui", "--home", str(home)], columns=100, rows=30, env=NO_KEYRING
    ) as seen:
        seen.wait("Passphrase of the file of secrets")
        seen.press("\r")
        seen.wait("Inbox")
        seen.press("\x11")
        assert _end(seen) == 0
    from agent_tui.sync.launch import stop_worker

    stop_worker(locate(home))
