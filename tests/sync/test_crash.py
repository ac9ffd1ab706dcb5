"""SIGKILL at every step of ingest and send: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.domain.account import Account
from agent_tui.domain.message import Delivery
from agent_tui.domain.outbox import OutboxState
from agent_tui.sync import failpoints
from agent_tui.sync.failpoints import BEFORE_MARK, INGEST, NAMES, SEND
from tests.servers.certificates import Certificates
from tests.servers.mailserver import MailUser
from tests.servers.pymail import Pymail
from tests.sync.smtp_script import ScriptedSmtp
from tests.sync.workspace import Workspace, mail, mail_account

ROOT = Path(__file__).resolve().parents[2]


def process(what: str, workspace: Workspace, *words: str, failpoint: str = "") -> subprocess.Popen[bytes]:
    """Start a worker in a process of its own."""
    environment = {**os.environ, failpoints.VARIABLE: failpoint, "PYTHONPATH": str(ROOT)}
    home = workspace.locations.home
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sync.crash_process", what, str(home), *words], env=environment, cwd=ROOT
    )


def finish(what: str, workspace: Workspace, *words: str, failpoint: str = "") -> int:
    """Run one to its end."""
    return process(what, workspace, *words, failpoint=failpoint).wait(90)


def wait_until(condition: object, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def test_every_place_is_reached_by_the_code() -> None:
    text = "".join(p.read_text("utf-8") for p in (ROOT / "agent_tui" / "sync").glob("*.py") if p.stem != "failpoints")
    assert [name for name in NAMES if f'reach("{name}")' not in text] == []
    assert set(INGEST) | set(SEND) == set(NAMES)


def test_a_place_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no such place"), failpoints.armed("ingest.nowhere"):
        pass


@pytest.mark.parametrize("place", [*INGEST, "ingest.message_added:kill@3", "ingest.committed:kill@2"])
def test_killed_in_ingest_nothing_is_lost_or_doubled(workspace: Workspace, pymail: Pymail, place: str) -> None:
    agent = pymail.new_user()
    for number in range(5):
        pymail.deliver(mail(f"c{number}@customer.test", agent.address, text=f"Number {number}"), agent.address)
    workspace.writes.put_account(mail_account(pymail, agent))
    secret = f"mail={agent.password}"
    assert finish("once", workspace, secret, failpoint=place) == -signal.SIGKILL
    assert finish("once", workspace, secret) == 0
    assert sorted(m.text.strip() for m in workspace.all_messages()) == [f"Number {n}" for n in range(5)]
    assert all(workspace.reads.message_raw(m.id) for m in workspace.all_messages())
    pymail.deliver(mail("late@customer.test", agent.address, text="Number 5"), agent.address)
    assert finish("once", workspace, secret) == 0
    assert len(workspace.all_messages()) == 6


@pytest.mark.parametrize("place", INGEST)
def test_killed_in_an_import_it_goes_on(workspace: Workspace, tmp_path: Path, place: str) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    for number in range(130):
        (folder / f"{number:03}.eml").write_bytes(mail(f"c{number}@customer.test", text=f"{number}"))
    assert finish("import", workspace, str(folder), failpoint=f"{place}:kill@2") == -signal.SIGKILL
    assert finish("import", workspace, str(folder)) == 0
    assert len(workspace.all_messages()) == 130


# Sending


@pytest.fixture
def smtp(certificates: Certificates) -> Iterator[ScriptedSmtp]:
    server = ScriptedSmtp(certificates.good.chain, certificates.good.key)
    yield server
    server.close()


def sending_account(pymail: Pymail, agent: MailUser, smtp: ScriptedSmtp, certificates: Certificates) -> Account:
    """IMAP of one server, submission by the script; both authorities are trusted."""
    both = certificates.ca.parent / "both.pem"
    both.write_bytes(certificates.ca.read_bytes() + pymail.ca_file.read_bytes())
    account = mail_account(pymail, agent, ca_file=str(both))
    return replace(
        account,
        options={
            **account.options,
            "smtp_host": "localhost",
            "smtp_port": smtp.port,
            "smtp_security": "tls",
            "timeout": 3,
        },
    )


def queued(workspace: Workspace, agent: MailUser) -> int:
    return workspace.queue(None, "ann@customer.test", sender=agent.address, subject="News").id


def item_state(workspace: Workspace, item: int) -> OutboxState:
    found = workspace.reads.outbox_item(item)
    assert found is not None
    return found.state


@pytest.mark.parametrize("place", SEND)
def test_killed_in_sending(
    workspace: Workspace, pymail: Pymail, smtp: ScriptedSmtp, certificates: Certificates, place: str
) -> None:
    agent = pymail.new_user()
    workspace.writes.put_account(sending_account(pymail, agent, smtp, certificates))
    item = queued(workspace, agent)
    secret = f"mail={agent.password}"
    assert finish("once", workspace, secret, failpoint=place) == -signal.SIGKILL
    assert finish("once", workspace, secret) == 0
    state = item_state(workspace, item)
    if place in BEFORE_MARK:
        assert state is OutboxState.SENT
        assert len(smtp.taken) == 1
    elif place == "send.marked":
        assert state is OutboxState.UNKNOWN
        assert smtp.taken == []
    elif place == "send.answered":
        assert state is OutboxState.UNKNOWN
        assert len(smtp.taken) == 1
    else:
        assert state is OutboxState.SENT
        assert len(smtp.taken) == 1
    assert finish("once", workspace, secret) == 0
    assert len(smtp.taken) <= 1
    if state is OutboxState.SENT:
        assert len(pymail.raw_messages(agent, "Sent")) == 1
    (message,) = workspace.all_messages()
    assert message.delivery is (Delivery.SENT if state is OutboxState.SENT else Delivery.UNKNOWN)


def test_an_unknown_one_is_settled_by_a_copy_in_sent(
    workspace: Workspace, pymail: Pymail, smtp: ScriptedSmtp, certificates: Certificates
) -> None:
    agent = pymail.new_user()
    workspace.writes.put_account(sending_account(pymail, agent, smtp, certificates))
    item = queued(workspace, agent)
    secret = f"mail={agent.password}"
    assert finish("once", workspace, secret, failpoint="send.answered") == -signal.SIGKILL
    assert finish("once", workspace, secret) == 0
    assert item_state(workspace, item) is OutboxState.UNKNOWN
    line = pymail.mailbox(agent)
    line.append("Sent", "", "", smtp.taken[0])
    line.logout()
    stay = process("stay", workspace, secret)
    try:
        wait_until(lambda: item_state(workspace, item) is OutboxState.SENT)
    finally:
        stay.send_signal(signal.SIGTERM)
        assert stay.wait(30) == 0
    assert len(smtp.taken) == 1
    assert len(workspace.all_messages()) == 1


def test_an_unknown_one_goes_again_by_the_agents_word_under_the_same_id(
    workspace: Workspace, pymail: Pymail, smtp: ScriptedSmtp, certificates: Certificates
) -> None:
    agent = pymail.new_user()
    workspace.writes.put_account(sending_account(pymail, agent, smtp, certificates))
    item = queued(workspace, agent)
    secret = f"mail={agent.password}"
    assert finish("once", workspace, secret, failpoint="send.marked") == -signal.SIGKILL
    assert finish("once", workspace, secret) == 0
    token = next(i.token for i in workspace.reads.outbox(open_only=False))
    assert workspace.writes.settle_unknown("me", item, False)
    assert finish("once", workspace, secret) == 0
    assert item_state(workspace, item) is OutboxState.SENT
    assert [token.encode() in raw for raw in smtp.taken] == [True]


@pytest.mark.parametrize(
    ("behaviour", "state", "bodies"),
    [
        ("accept", OutboxState.SENT, 1),
        ("drop_after_body", OutboxState.UNKNOWN, 1),
        ("take_and_drop", OutboxState.UNKNOWN, 1),
        ("swallow", OutboxState.UNKNOWN, 1),
        ("refuse", OutboxState.REJECTED, 0),
        ("later", OutboxState.QUEUED, 0),
        ("later_after_body", OutboxState.QUEUED, 1),
    ],
)
def test_what_a_server_does_with_the_body(
    workspace: Workspace,
    pymail: Pymail,
    smtp: ScriptedSmtp,
    certificates: Certificates,
    behaviour: str,
    state: OutboxState,
    bodies: int,
) -> None:
    smtp.behaviour = behaviour  # type: ignore[assignment]
    agent = pymail.new_user()
    workspace.writes.put_account(sending_account(pymail, agent, smtp, certificates))
    item = queued(workspace, agent)
    secret = f"mail={agent.password}"
    finish("once", workspace, secret)
    assert item_state(workspace, item) is state
    may_repeat = behaviour.startswith("later")  # on a slow machine its next try is due before it ends
    assert smtp.bodies == bodies or (may_repeat and bodies and smtp.bodies > bodies)
    before, smtp.behaviour = smtp.bodies, "accept"
    finish("once", workspace, secret)
    assert smtp.bodies - before == (1 if may_repeat else 0)
    assert len(smtp.taken) <= 1
    assert item_state(workspace, item) is (OutboxState.SENT if behaviour.startswith("later") else state)


@pytest.mark.parametrize(
    ("behaviour", "arrived"), [("stall_in_body", 0), ("stall_after_dot", 0), ("take_and_stall", 1)]
)
def test_killed_while_the_body_goes_out_or_is_answered(
    workspace: Workspace, pymail: Pymail, smtp: ScriptedSmtp, certificates: Certificates, behaviour: str, arrived: int
) -> None:
    """In the middle of a body too large for any buffer, and between the final dot and the answer."""
    smtp.behaviour = behaviour  # type: ignore[assignment]
    agent = pymail.new_user()
    workspace.writes.put_account(sending_account(pymail, agent, smtp, certificates))
    text = "A line of a long report that goes on and on.\n" * 250_000
    item = workspace.queue(None, "ann@customer.test", sender=agent.address, subject="News", text=text).id
    secret = f"mail={agent.password}"
    worker = process("once", workspace, secret)
    assert smtp.stalled.wait(60)
    worker.kill()
    assert worker.wait(30) == -signal.SIGKILL
    smtp.killed.set()
    smtp.behaviour = "accept"
    for _start in range(2):
        assert finish("once", workspace, secret) == 0
        assert item_state(workspace, item) is OutboxState.UNKNOWN
    assert len(smtp.taken) == arrived
    assert [m.delivery for m in workspace.all_messages()] == [Delivery.UNKNOWN]
    if not arrived:  # the agent asked the customer: it is not there
        assert workspace.writes.settle_unknown("me", item, False)
        for _start in range(2):
            assert finish("once", workspace, secret) == 0
        assert item_state(workspace, item) is OutboxState.SENT
        assert len(smtp.taken) == 1


# Signals and disks


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_signals_lose_nothing(workspace: Workspace, pymail: Pymail, number: signal.Signals) -> None:
    agent = pymail.new_user()
    workspace.writes.put_account(mail_account(pymail, agent))
    secret = f"mail={agent.password}"
    worker = process("stay", workspace, secret)
    for count in range(12):
        pymail.deliver(mail(f"c{count}@customer.test", agent.address, text=f"{count}"), agent.address)
    wait_until(workspace.all_messages)
    worker.send_signal(number)
    assert worker.wait(30) == (0 if number != signal.SIGKILL else -number)
    assert finish("once", workspace, secret) == 0
    assert sorted(int(m.text) for m in workspace.all_messages()) == list(range(12))


@pytest.mark.parametrize("place", ["ingest.before_commit:disk_full", "ingest.raw_written:disk_full"])
def test_a_full_disk_is_waited_out(workspace: Workspace, pymail: Pymail, place: str) -> None:
    agent = pymail.new_user()
    pymail.deliver(mail("ann@customer.test", agent.address), agent.address)
    workspace.writes.put_account(mail_account(pymail, agent))
    secret = f"mail={agent.password}"
    worker = process("stay", workspace, secret, failpoint=place)
    try:
        wait_until(workspace.all_messages)
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    assert len(workspace.all_messages()) == 1
    assert "waiting" in [line.code for line in workspace.reads.activity()]
