"""A first account on the screen of a machine without a keyring: the worker that ran already gets the new file's key."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.backends.registry import info, load
from agent_tui.locations import locate
from agent_tui.screens.form_secrets import with_programs
from agent_tui.sync.launch import stop_worker
from agent_tui.sync.lock import worker_holder
from tests.pty_terminal import PtyTerminal
from tests.servers.pymail import Pymail

pytestmark = pytest.mark.serial

COMMAND = [sys.executable, "-m", "agent_tui"]
PASSWORD = "canary-password-5521"
PHRASE = "canary-phrase-9937"
CTRL_R, CTRL_S, CTRL_U = "\x12", "\x13", "\x15"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    yield home
    assert stop_worker(locate(str(home)), 20)


def test_the_running_worker_gets_the_key(home: Path, pymail: Pymail) -> None:
    user = pymail.new_user(password=PASSWORD)
    values = {
        **{"host": pymail.host, "port": str(pymail.imaps_port), "user": user.address, "password": PASSWORD},
        **{"smtp_port": str(pymail.smtps_port), "ca_file": str(pymail.ca_file)},
    }
    env = {**os.environ, "AGENT_TUI_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    lock = locate(str(home)).worker_lock
    with PtyTerminal(COMMAND, columns=120, rows=50, env=env) as desk:
        desk.wait("Welcome", 30)
        desk.pump(0.5)  # it is to be read first
        desk.press("a")  # the form comes as soon as the worker has told what accounts can be of
        desk.wait("This machine has no keyring", 20)
        before = worker_holder(lock)
        assert before is not None
        desk.press(CTRL_R, 0.3)
        desk.wait("Largest mail")
        for name in [option.name for option in with_programs(info(load("imap")).options)]:
            if name in values:
                desk.press(CTRL_U)
                desk.type(values[name], 0.02)
            desk.press("\r", 0.05)
        desk.press(CTRL_S)
        desk.wait("Choose a passphrase first", 20)
        desk.type(PHRASE, 0.02)
        desk.press("\r", 0.05)
        desk.type(PHRASE, 0.02)
        desk.press(CTRL_S)
        desk.wait("is connected", 60)
        after = worker_holder(lock)
        assert after is not None
        assert after.pid != before.pid
        seen = bytes(desk.received)
    for canary in (PASSWORD.encode(), PHRASE.encode()):
        assert canary not in seen
        assert not any(canary in path.read_bytes() for path in home.rglob("*") if path.is_file())
