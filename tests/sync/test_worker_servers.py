"""The same on Dovecot and Postfix, as they are installed in the world."""

from __future__ import annotations

import signal
import uuid
from pathlib import Path

import pytest

from agent_tui.domain.account import Health
from tests.servers.dovecot import Dovecot
from tests.servers.mailserver import MailServer, MailUser
from tests.servers.postfix import Postfix
from tests.sync.test_crash import finish
from tests.sync.test_worker_mail import there_and_back
from tests.sync.workspace import Workspace, mail, mail_account, running, settings, until

pytestmark = pytest.mark.servers


async def test_a_conversation_through_postfix_and_dovecot(workspace: Workspace, postfix: Postfix) -> None:
    await there_and_back(workspace, postfix)


def _fill(server: MailServer, user: MailUser, number: int) -> None:
    line = server.mailbox(user)
    try:
        for count in range(number):
            raw = mail(f"c{count % 40}@customer.test", user.address, text=f"{count}", Message_ID=f"<{uuid.uuid4()}@c>")
            line.append("INBOX", "", "", raw)
    finally:
        line.logout()


@pytest.mark.parametrize("count", [7, 9])
def test_killed_in_the_middle_of_the_first_history(workspace: Workspace, dovecot: Dovecot, count: int) -> None:
    agent = dovecot.new_user()
    _fill(dovecot, agent, 420)
    workspace.writes.put_account(mail_account(dovecot, agent))
    secret = f"mail={agent.password}"
    assert finish("once", workspace, secret, failpoint=f"ingest.before_commit:kill@{count}") == -signal.SIGKILL
    between = len(workspace.all_messages())
    assert 0 < between < 420
    assert finish("once", workspace, secret) == 0
    assert sorted(int(m.text) for m in workspace.all_messages()) == list(range(420))


async def test_the_newest_is_here_before_the_old(workspace: Workspace, dovecot: Dovecot) -> None:
    agent = dovecot.new_user()
    _fill(dovecot, agent, 400)
    workspace.writes.put_account(mail_account(dovecot, agent))
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        await until(workspace.rows)
        texts = {m.text.strip() for m in workspace.all_messages()}
        assert "399" in texts
        assert "0" not in texts
        await until(lambda: len(workspace.all_messages()) == 400, 60)
        (health,) = workspace.reads.health()
        assert health.health is Health.CONNECTED


async def test_news_come_by_idle(workspace: Workspace, dovecot: Dovecot, tmp_path: Path) -> None:
    """With polling off: only a hint of the server can bring it."""
    from dataclasses import replace

    from tests.sync.workspace import QUICK

    agent = dovecot.new_user()
    workspace.writes.put_account(mail_account(dovecot, agent))
    timing = replace(QUICK, poll=3600, poll_watched=3600)
    async with running(settings(workspace, {("mail", "password"): agent.password}, timing=timing)):
        await until(lambda: any(h.health is Health.CONNECTED for h in workspace.reads.health()))
        dovecot.deliver(mail("ann@customer.test", agent.address), agent.address)
        await until(workspace.rows, 10)
