"""A keyring that waits for a dialog nobody sees holds up nothing: one paints, reads and writes, and is told why."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.backends.registry import load
from agent_tui.credentials import Reference, Way
from agent_tui.credentials.references import References
from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import SafeText
from agent_tui.locations import Locations, locate, prepare
from agent_tui.store.open import open_worker, open_workspace
from agent_tui.sync.launch import stop_worker
from tests.desk_data import OLENA, converse, message
from tests.pty_terminal import PtyTerminal
from tests.servers.pymail import Pymail

pytestmark = pytest.mark.serial

COMMAND = [sys.executable, "-m", "agent_tui"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def locations(tmp_path: Path, pymail: Pymail) -> Iterator[Locations]:
    """Two conversations, and an account whose password lies in the keyring."""
    here = prepare(locate(tmp_path / "home"))
    open_workspace(here.data)
    worker = open_worker(here.data)
    options = {
        **{"host": pymail.host, "port": pymail.imaps_port, "ca_file": str(pymail.ca_file)},
        **{"user": pymail.new_user().address, "addresses": ["support@aurora.example"]},
    }
    own = SafeText.trusted("support@aurora.example")
    able = load("imap").capabilities
    account = Account("mail", "imap", SafeText.trusted("mail"), Channel.EMAIL, options, able, (own,))
    worker.put_account(account)
    with worker.ingest() as tx:
        converse(tx, "The older one", OLENA, [message("Words of the older one", 9_000_000, OLENA)])
        converse(tx, "The newer one", OLENA, [message("Words of the newer one", 4_000_000, OLENA)])
    worker.close()
    References(here.secrets_file).put("mail", "password", Reference(Way.KEYRING, "mail/password/one"))
    yield here
    assert stop_worker(here, 20)


def test_the_desk_works_while_the_keyring_hangs(locations: Locations) -> None:
    env = {
        "AGENT_TUI_HOME": str(locations.home),
        "PYTHON_KEYRING_BACKEND": "tests.credentials.keyrings.Endless",
        "PYTHONPATH": str(ROOT),
    }
    with PtyTerminal(COMMAND, columns=120, rows=30, env=env) as desk:
        desk.wait("The newer one", 30)
        start = time.monotonic()
        assert "keyring does not answer" not in desk.text(), "the desk came first"
        desk.press("j")
        desk.press("\r")
        desk.wait("Words of the older one", 3)
        told = desk.wait("The keyring does not answer", 12)
        assert time.monotonic() - start < 10
        assert any(" mail " in line and "The keyring does not answer" in line for line in told.splitlines())
        desk.press("u")
        desk.press("k")
        desk.press("\r")
        desk.wait("Words of the newer one", 3)
        desk.press("r")
        desk.wait("REPLY", 3)
        desk.type("Written while nobody answers")
        desk.wait("Written while nobody answers", 3)
