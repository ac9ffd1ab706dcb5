"""A whole run on a machine without a keyring: the secret is asked for, kept encrypted, used, and found nowhere in clear."""

from __future__ import annotations

import os
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from agent_tui.locations import locate
from agent_tui.sync.launch import stop_worker
from tests.pty_terminal import PtyTerminal
from tests.servers.pymail import Pymail

pytestmark = pytest.mark.serial

COMMAND = [sys.executable, "-m", "agent_tui"]
WRONG = "canary-wrong-81c2"
PASSWORD = "canary-password-5521"
PHRASE = "canary-phrase-9937"
CANARIES = [secret.encode() for secret in (WRONG, PASSWORD, PHRASE)]


def _processes() -> bytes:
    told = b""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            for name in ("cmdline", "environ"):
                try:
                    told += (entry / name).read_bytes()
                except OSError:
                    continue
    return told


def _add(terminal: PtyTerminal, password: str) -> None:
    terminal.wait("Password:", 60)
    terminal.press(password + "\r")


def test_no_secret_lies_about_after_a_whole_run(pymail: Pymail, tmp_path: Path) -> None:
    user = pymail.new_user(password=PASSWORD)
    home = tmp_path / "home"
    env = {"AGENT_TUI_HOME": str(home)}
    (home / "config").mkdir(parents=True, mode=0o700)
    (home / "config" / "settings.toml").write_text('log_level = "debug"\n[sending]\nhold_seconds = 0\n')
    os.chmod(home / "config" / "settings.toml", 0o600)
    add = [
        *COMMAND, *("account", "add", "imap", "--id", "mail", "--host", pymail.host, "--port", str(pymail.imaps_port)),
        *("--smtp-port", str(pymail.smtps_port), "--user", user.address, "--ca-file", str(pymail.ca_file)),
        *("--secrets", "vault"),
    ]  # fmt: skip
    seen = bytearray()
    with PtyTerminal(add, columns=120, rows=30, env=env) as refused:
        _add(refused, WRONG)
        refused.wait("assphrase", 30)
        refused.press(PHRASE + "\r")
        refused.wait("(?s)assphrase.*again", 30)
        refused.press(PHRASE + "\r")
        refused.wait("(?i)does not accept|refuse", 60)
        seen += refused.received
    with PtyTerminal(add, columns=120, rows=30, env=env) as accepted:
        _add(accepted, PASSWORD)
        accepted.wait("(?i)passphrase", 30)
        accepted.press(PHRASE + "\r")
        accepted.until_end(60)
        assert accepted.ended == 0, accepted.text()
        seen += accepted.received
    with PtyTerminal(COMMAND, columns=100, rows=30, env=env) as desk:
        desk.wait("(?i)passphrase", 30)
        desk.press(PHRASE + "\r")
        desk.wait("● mail", 60)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "ann@customer.test", user.address, "Through the vault"
        mail.set_content("Is anybody there?")
        pymail.deliver(mail.as_bytes(), user.address)
        desk.wait("Through the vault", 60)
        processes = _processes()
        seen += desk.received
    assert stop_worker(locate(str(home)), 20)
    for canary in CANARIES:
        assert canary not in seen
        assert canary not in processes
        for path in home.rglob("*"):
            if path.is_file():
                assert canary not in path.read_bytes(), path
    assert list((home / "log").glob("*")), "a run leaves a log to look into"
