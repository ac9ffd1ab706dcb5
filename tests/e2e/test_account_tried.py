"""A changed account that does not work, on a desk that ends while it is tried: it has again what it had."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.backends.registry import info, load
from agent_tui.credentials import Reference, Way
from agent_tui.credentials.references import References
from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import SafeText
from agent_tui.locations import Locations, locate, prepare
from agent_tui.screens.form_secrets import with_programs
from agent_tui.store.open import open_reads, open_worker, open_workspace
from agent_tui.sync.launch import stop_worker
from tests.pty_terminal import PtyTerminal

pytestmark = pytest.mark.serial

COMMAND = [sys.executable, "-m", "agent_tui"]
CTRL_Q, CTRL_S, DOWN = "\x11", "\x13", "\x1b[B"
HAD = Reference(Way.COMMAND, command=("echo", "works"))


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


@pytest.fixture
def locations(tmp_path: Path, nobody: int) -> Iterator[Locations]:
    here = prepare(locate(tmp_path / "home"))
    open_workspace(here.data)
    worker = open_worker(here.data)
    own = SafeText.trusted("help@shop.example")
    options = {"host": "127.0.0.1", "port": nobody, "user": str(own), "timeout": 60}
    able = load("imap").capabilities
    worker.put_account(Account("mail", "imap", SafeText.trusted("mail"), Channel.EMAIL, options, able, (own,)))
    worker.close()
    References(here.secrets_file).put("mail", "password", HAD)
    yield here
    assert stop_worker(here, 20)


def _options(here: Locations) -> dict[str, object]:
    reads = open_reads(here.data)
    try:
        return next(dict(account.options) for account in reads.accounts() if account.id == "mail")
    finally:
        reads.close()


@pytest.mark.parametrize("ends", ["esc", "ctrl+q", "hangup", "terminate"])
def test_it_has_again_what_it_had(locations: Locations, ends: str) -> None:
    before = _options(locations)
    env = {"AGENT_TUI_HOME": str(locations.home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    with PtyTerminal(COMMAND, columns=120, rows=50, env=env) as desk:
        desk.wait("◐ mail", 30)  # the worker has told what accounts can be of
        desk.press("gc")
        desk.wait("e change", 20)
        desk.press("e")
        desk.wait("Or a program that prints it", 20)
        for option in with_programs(info(load("imap")).options):
            if option.name == "security":
                desk.press("s")
            elif option.name == "password-program":
                desk.type("echo wrong", 0.02)
                break
            desk.press(DOWN, 0.05)
        desk.press(CTRL_S)
        desk.wait("Looking whether it works", 20)
        for _turn in range(100):
            if _options(locations).get("security") == "starttls":
                break
            desk.pump(0.1)
        assert References(locations.secrets_file).of("mail", "password") != HAD
        if ends == "esc":
            desk.press("\x1b")
            desk.wait("Esc again drops", 10)
            desk.press("\x1b")
            desk.wait_gone("Or a program that prints it", 20)
        elif ends == "ctrl+q":
            desk.press(CTRL_Q)
            desk.until_end(20)
        else:
            desk.kill(signal.SIGHUP if ends == "hangup" else signal.SIGTERM)
            desk.until_end(20)
    assert _options(locations) == before
    assert References(locations.secrets_file).of("mail", "password") == HAD
