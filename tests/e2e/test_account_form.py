"""The first day: an empty desk, the form, a wrong password, the right one, and the first mail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.backends.registry import info, load
from agent_tui.last_key import LastKey
from agent_tui.locations import locate
from agent_tui.screens.form_secrets import with_programs
from agent_tui.sync.lock import worker_holder
from tests.pty_terminal import PtyTerminal
from tests.servers.mailserver import MailServer, MailUser

pytestmark = [pytest.mark.servers, pytest.mark.serial]

COMMAND = [sys.executable, "-m", "agent_tui"]
LATER = 40
CTRL_R, CTRL_S, CTRL_U = "\x12", "\x13", "\x15"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    yield home
    if holder := worker_holder(locate(str(home)).worker_lock):
        os.kill(holder.pid, 9)


def fill(desk: PtyTerminal, values: dict[str, str]) -> None:
    """Go through all fields, from the first to the last, and change some."""
    names = [option.name for option in with_programs(info(load("imap")).options)]
    for name in names:
        if name in values:
            desk.press(CTRL_U)
            desk.type(values[name], 0.02)
        desk.press("\r", 0.05)


def test_a_mailbox_is_added_on_the_screen(home: Path, mail_system: MailServer, tmp_path: Path) -> None:
    support: MailUser = mail_system.new_user()
    wrong, right = tmp_path / "wrong", tmp_path / "right"
    wrong.write_text("not the password\n")
    right.write_text(support.password + "\n")
    subjects = ["First of all", *(f"Later {number}" for number in range(LATER))]
    for subject in subjects:
        mail = f"Subject: {subject}\r\nFrom: ann@customer.test\r\n\r\nHello from {subject}\r\n"
        mail_system.deliver(mail.encode(), support.address)
    environment = {**os.environ, "AGENT_TUI_HOME": str(home), "TERM": "xterm-256color"}
    with PtyTerminal(COMMAND, columns=120, rows=50, env=environment) as desk:
        desk.wait("Welcome", 30)
        desk.pump(0.5)  # it is to be read first
        desk.press("a")  # the form comes as soon as the worker has told what accounts can be of
        values = {
            "host": mail_system.host,
            "port": str(mail_system.imaps_port),
            "user": support.address,
            "smtp_port": str(mail_system.smtps_port),
            "ca_file": str(mail_system.ca_file),
        }
        desk.wait("Add an account:", 30)
        desk.press(CTRL_R, 0.3)
        desk.wait("Largest mail")
        fill(desk, values | {"password-program": f"cat {wrong}"})
        desk.press(CTRL_S)
        desk.wait("does not accept", 40)
        desk.wait("keep anyway")  # told by the form too, not by the bar alone
        assert "not the password" not in desk.text()
        assert LastKey(locate(str(home)).last_key).ago() < 60, "the worker knows that somebody is at the keys"
        desk.press("\x1b")
        desk.wait("Esc again drops")
        desk.press("\x1b")
        desk.wait_gone("Add an account:")
        desk.wait("Welcome")
        desk.press("\x1b")
        desk.wait_gone("Welcome")
        desk.press("gc")
        desk.wait("No account yet")
        desk.press("a")
        desk.wait("Add an account:")
        desk.press(CTRL_R, 0.3)
        desk.wait("Largest mail")
        fill(desk, values | {"password-program": f"cat {right}"})
        desk.press(CTRL_S)
        desk.wait("is connected", 40)
        desk.wait(f"1 of {len(subjects)}", 30)  # the history too stands there without a key
        desk.press("/")
        desk.type("first", 0.05)
        desk.wait("First of all")
    shown = subprocess.run(
        [*COMMAND, "account", "list", "--json"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert support.address in shown
    assert support.password not in shown
