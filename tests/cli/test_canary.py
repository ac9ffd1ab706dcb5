"""A secret's whole life in scripts, on real protocols, with debug logging and faults: it shows up nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from agent_tui.locations import locate
from tests.servers.mailserver import MailUser
from tests.servers.pymail import Pymail


@pytest.fixture
def user(pymail: Pymail) -> MailUser:
    return pymail.new_user(password="canary-7731-otter")


class Shell:
    """Commands in processes of their own; keeps all they say."""

    def __init__(self, home: Path, passphrase: Path) -> None:
        self.said = ""
        self.environment = {
            **os.environ,
            "AGENT_TUI_HOME": str(home),
            "AGENT_TUI_VAULT_PASSPHRASE_FILE": str(passphrase),
        }

    def __call__(self, *arguments: str, given: str = "") -> int:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "ignore", "-m", "agent_tui", *arguments],
            input=given, env=self.environment, capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        self.said += done.stdout + done.stderr
        return done.returncode


def test_a_password_is_found_nowhere(pymail: Pymail, user: MailUser, tmp_path: Path) -> None:
    home, passphrase = tmp_path / "home", tmp_path / "passphrase"
    passphrase.write_text("amber otter ladder nine\n")
    settings = locate(home).settings_file
    settings.parent.mkdir(parents=True)
    settings.write_text('agent = "dana"\nlog_level = "debug"\n')
    settings.chmod(0o600)
    shell = Shell(home, passphrase)
    account = (
        "account", "add", "imap", "--id", "mail", "--host", pymail.host, "--port", str(pymail.imaps_port),
        "--smtp-port", str(pymail.smtps_port), "--user", user.address, "--ca-file", str(pymail.ca_file),
        "--secrets", "vault", "--password-stdin",
    )  # fmt: skip
    wrong = f"wrong-{user.password}"
    assert shell(*account, given=f"{wrong}\n") == 1
    assert shell("account", "list", "--json") == 0
    assert '"mail"' not in shell.said
    assert shell(*account, given=f"{user.password}\n") == 0, shell.said
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Olena <olena@customer.test>", user.address, "Order 4417"
    mail["Message-ID"] = "<one@customer.test>"
    mail.set_content("Where is it?\n")
    pymail.deliver(mail.as_bytes(), user.address)
    pymail.wait_for_mail(user)
    assert shell("sync", "--once") == 0, shell.said
    assert shell("search", "4417", "--json") == 0
    assert "Order 4417" in shell.said
    assert shell("account", "check", "mail") == 0
    closed = {name: value for name, value in shell.environment.items() if name != "AGENT_TUI_VAULT_PASSPHRASE_FILE"}
    shell.environment, opened = closed, shell.environment
    assert shell("sync", "--once") == 1, "without its key the account is locked"
    shell.environment = opened
    for command in (("doctor",), ("account", "list"), ("export",), ("outbox", "--all"), ("locate",)):
        shell(*command)
    assert (locate(home).log / "worker.log").exists()
    assert user.password not in shell.said
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert user.password.encode() not in path.read_bytes(), path
