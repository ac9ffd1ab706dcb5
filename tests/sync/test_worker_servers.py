"""The same on Dovecot and Postfix, as they are installed in the world."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import subprocess
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.app import AgentApp, AppOptions
from agent_tui.config import Settings
from agent_tui.desk.letters import Letter
from agent_tui.desk.opening import open_desk
from agent_tui.desk.services import services
from agent_tui.domain.account import Health
from agent_tui.domain.action import Field
from agent_tui.domain.message import Delivery, Person
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.store.ports import FieldTarget
from agent_tui.terminal.environment import Terminal
from tests.screens.conftest import settle, text_of
from tests.servers.dovecot import Dovecot
from tests.servers.mailserver import MailServer, MailUser
from tests.servers.postfix import Postfix
from tests.sync.test_crash import finish
from tests.sync.test_worker_mail import _flags, there_and_back
from tests.sync.workspace import QUICK, Workspace, mail, mail_account, run_once, running, settings, until

pytestmark = pytest.mark.servers


async def test_a_conversation_through_postfix_and_dovecot(workspace: Workspace, postfix: Postfix) -> None:
    await there_and_back(workspace, postfix)


def with_nobody(workspace: Workspace, postfix: Postfix) -> tuple[MailUser, MailUser, str]:
    """An agent to whom a customer wrote, with an address in Cc that is nobody's."""
    agent, customer = postfix.new_user(), postfix.new_user()
    nobody = f"nobody-{uuid.uuid4().hex[:8]}@{agent.address.partition('@')[2]}"
    workspace.writes.put_account(mail_account(postfix, agent))
    postfix.deliver(mail(customer.address, agent.address, Cc=nobody, Message_ID="<q@customer.test>"), agent.address)
    return agent, customer, nobody


async def test_a_recipient_who_does_not_exist_shows_as_bounced(workspace: Workspace, postfix: Postfix) -> None:
    """Postfix reports at once, while the copy in Sent is still being filed."""
    agent, customer, nobody = with_nobody(workspace, postfix)
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        (row,) = await until(workspace.rows)
        item = workspace.queue(row.id, customer.address, sender=agent.address, cc=nobody)
        await until(lambda: len(workspace.messages(row.id)) == 3, what="the report")
        await until(lambda: workspace.reads.outbox_item(item.id).sent_copy == "appended")  # type: ignore[union-attr]
    answer = next(m for m in workspace.messages(row.id) if m.id == item.message_id)
    assert answer.delivery is Delivery.BOUNCED
    assert nobody in answer.delivery_detail
    assert workspace.rows()[0].delivery_failed
    assert not workspace.reads.hard_bounced([nobody, customer.address]), (
        "each of the two could have written a report about the other"
    )
    assert len(postfix.wait_for_mail(customer)) == 1


async def test_what_came_back_reaches_the_corrected_address_and_nobody_twice(
    workspace: Workspace, postfix: Postfix
) -> None:
    agent, customer, nobody = with_nobody(workspace, postfix)
    meant = postfix.new_user()
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        (row,) = await until(workspace.rows)
        item = workspace.queue(row.id, customer.address, sender=agent.address, cc=nobody)
        await until(lambda: len(workspace.messages(row.id)) == 3, what="the report")
        desk = open_desk(workspace.locations, Settings())
        try:
            work = services(desk, lambda *_: None, lambda _: None)
            started = await work.composer.again(row.id, item.message_id or 0)
            assert [str(one.address) for one in started.draft.to] == [nobody]
            assert (started.field, started.spared) == ("to", 1)
            corrected = replace(started.draft, to=(Person(NOTHING, SafeText(meant.address)),))
            second = await work.sending.send(Letter(corrected))
            await work.sending.release(second.id)
        finally:
            desk.close()
        await asyncio.to_thread(postfix.wait_for_mail, meant)
    (came,) = postfix.wait_for_mail(meant)
    assert f"Message-ID: <{second.token}>".encode() in came
    assert second.token != item.token
    assert b"An answer" in came
    assert len(postfix.wait_for_mail(customer)) == 1


async def test_the_only_recipient_who_does_not_exist_is_marked(workspace: Workspace, postfix: Postfix) -> None:
    agent, customer, nobody = with_nobody(workspace, postfix)
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        (row,) = await until(workspace.rows)
        workspace.queue(row.id, nobody, sender=agent.address)
        await until(lambda: len(workspace.messages(row.id)) == 3, what="the report")
    assert workspace.reads.hard_bounced([nobody, customer.address]) == {nobody}


async def test_a_report_of_postfix_proves_itself_and_a_changed_one_does_not(
    workspace: Workspace, postfix: Postfix
) -> None:
    """Only Postfix was told the name of the envelope; whoever got the mail knows all the rest of it."""
    agent, customer, nobody = with_nobody(workspace, postfix)
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        (row,) = await until(workspace.rows)
        item = workspace.queue(row.id, customer.address, sender=agent.address, cc=nobody)
        await until(lambda: len(workspace.messages(row.id)) == 3, what="the report")
        found = workspace.reads.outbox_item(item.id)
        assert found is not None
        assert found.envelope_id
        (came,) = postfix.wait_for_mail(customer)
        assert found.envelope_id.encode() not in came
        genuine = next(raw for raw in postfix.raw_messages(agent) if b"multipart/report" in raw)
        assert f"Original-Envelope-Id: {found.envelope_id}".encode() in genuine
        assert b"text/rfc822-headers" in genuine
        assert b"An answer" not in genuine
        foreign = genuine.replace(nobody.encode(), customer.address.encode())
        forged = {
            "another name": foreign.replace(found.envelope_id.encode(), b"0" * 32),
            "another subject": re.sub(b"Original-Envelope-Id: .*\r\n", b"", foreign).replace(
                b"Subject: Re: Hello", b"Subject: Your invoice"
            ),
        }
        for way, raw in forged.items():
            assert raw != foreign, way
            postfix.deliver(re.sub(b"(?m)^Return-Path: .*\r\n", b"", raw), agent.address, sender="")
        await until(lambda: len(workspace.all_messages()) == 5, what="the forged ones")
    assert len(workspace.messages(row.id)) == 3
    assert not workspace.reads.hard_bounced([nobody, customer.address]), (
        "each of the two could have written a report about the other"
    )


async def test_one_letter_to_addresses_of_ours_in_one_mailbox_and_in_two(
    workspace: Workspace, postfix: Postfix
) -> None:
    support, sales = postfix.new_user(), postfix.new_user()
    accounts = {"mail": support, "sales": sales}
    for name, user in accounts.items():
        workspace.writes.put_account(mail_account(postfix, user, name))
    letter = mail(to=f"{support.address}, {sales.address}", Message_ID="<one@customer.test>")
    for user in (support, support, sales):
        postfix.deliver(letter, user.address)
    given = settings(workspace, {(name, "password"): user.password for name, user in accounts.items()})
    for user, count in ((support, 2), (sales, 1)):
        assert len({*postfix.wait_for_mail(user, count)}) == count, "no two copies are the same bytes"
    assert await run_once(given) == 0
    rows = {workspace.messages(row.id)[0].account: row for row in workspace.rows()}
    assert sorted(rows) == ["mail", "sales"]
    (message,) = workspace.messages(rows["mail"].id)
    for here, there in (("mail", "sales"), ("sales", "mail")):
        told = [event.parameters for event in workspace.events(rows[here].id) if event.code == "twin"]
        assert told == [{"number": str(rows[there].number)}]
    assert not any(twin.answered for twin in workspace.reads.twins(message.id, 3))
    workspace.queue(rows["sales"].id, "ann@customer.test", account="sales", sender=sales.address)
    assert [twin.answered for twin in workspace.reads.twins(message.id, 3)] == [True]
    assert workspace.writes.mark_read(rows["mail"].id, message.order)
    assert await run_once(given) == 0
    seen = _flags(postfix, support)
    assert (len(seen), len([one for one in seen if b"Seen" in one])) == (2, 2)


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


async def test_what_another_program_answered_is_told(workspace: Workspace, dovecot: Dovecot) -> None:
    """The mark comes by IDLE while the desk is open."""
    agent = dovecot.new_user()
    _fill(dovecot, agent, 2)
    workspace.writes.put_account(mail_account(dovecot, agent))
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        await until(lambda: len(workspace.all_messages()) == 2)
        other = dovecot.mailbox(agent)
        other.select("INBOX")
        other.uid("STORE", "1", "+FLAGS", r"(\Answered)")
        other.logout()
        await until(lambda: sum(message.answered for message in workspace.all_messages()) == 1)


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
    agent = dovecot.new_user()
    workspace.writes.put_account(mail_account(dovecot, agent))
    timing = replace(QUICK, poll=3600, poll_watched=3600)
    async with running(settings(workspace, {("mail", "password"): agent.password}, timing=timing)):
        await until(lambda: any(h.health is Health.CONNECTED for h in workspace.reads.health()))
        dovecot.deliver(mail("ann@customer.test", agent.address), agent.address)
        await until(workspace.rows, 10)


class Swallowing:
    """Stands between us and a server; told to, it takes everything and says nothing more, as a dead network does."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.silent = False
        self._target = target
        self._streams: list[asyncio.StreamWriter] = []

    @contextlib.asynccontextmanager
    async def standing(self) -> AsyncIterator[Swallowing]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for stream in self._streams:
                stream.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._streams += [writer, other_writer]
        await asyncio.gather(self._pass(reader, other_writer), self._pass(other_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self.silent:
                    writer.write(data)
                    await writer.drain()
            if not self.silent:
                writer.close()


async def bars_of_a_desk(workspace: Workspace) -> str:
    """The screen of a desk that is opened on this workspace now."""
    desk = open_desk(workspace.locations, Settings())
    app = AgentApp(desk, AppOptions(terminal=Terminal()))
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(app, pilot)
            return "\n".join(text_of(app))
    finally:
        desk.close()


RENEW, ANSWER = 2.0, 1.0


async def test_a_dead_line_is_shown(workspace: Workspace, dovecot: Dovecot) -> None:
    """Not a byte comes and nothing is closed: only the renewal of IDLE can notice it, and the desk must say it."""
    agent = dovecot.new_user()
    timing = replace(QUICK, poll=3600, poll_watched=3600, backoff=0.5, backoff_cap=0.5, open_limit=5)
    async with Swallowing(dovecot.imaps_port).standing() as between:
        account = mail_account(dovecot, agent, port=between.port, idle_renew=RENEW, timeout=ANSWER)
        workspace.writes.put_account(account)
        dovecot.deliver(mail("ann@customer.test", agent.address), agent.address)
        async with running(settings(workspace, {("mail", "password"): agent.password}, timing=timing)):

            def shown() -> Health | None:
                return next((h.health for h in workspace.reads.health()), None)

            await until(workspace.rows)
            await until(lambda: shown() is Health.CONNECTED)
            clock = asyncio.get_running_loop()
            await asyncio.sleep(RENEW * 1.5)
            assert shown() is Health.CONNECTED, "a quiet line is no dead one"
            between.silent = True
            start = clock.time()
            await until(lambda: shown() is not Health.CONNECTED, 30)
            assert clock.time() - start < RENEW + 2 * ANSWER
            (found,) = workspace.reads.health()
            assert found.health is Health.WAITING
            assert found.fault is not None
            assert found.fault.code == "unreachable"
            assert found.fault.parameters["reason"] == "timeout"
            assert found.next_try_at is not None
            assert "does not answer" in await bars_of_a_desk(workspace)
            between.silent = False
            dovecot.deliver(mail("eve@customer.test", agent.address), agent.address)
            await until(lambda: len(workspace.rows()) == 2, 20)
            await until(lambda: shown() is Health.CONNECTED)


def _copied(source: Path, target: Path) -> None:
    """With its owners."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


async def test_a_server_put_back_from_its_backup_loses_no_mail_and_moves_no_stranger_s(
    workspace: Workspace, dovecot: Dovecot
) -> None:
    """Dovecot goes on under the same UIDVALIDITY where the backup ended: new mail gets the UIDs of what is lost."""
    agent = dovecot.new_user()
    workspace.writes.put_account(mail_account(dovecot, agent, smtp_port=9, archive_folder="Archive"))
    worker = settings(workspace, {("mail", "password"): agent.password})

    def deliver(*subjects: str) -> None:
        line = dovecot.mailbox(agent)
        for one in subjects:
            raw = mail(f"{one}@customer.test", agent.address, subject=one, Message_ID=f"<{one}@customer.test>")
            line.append("INBOX", "", "", raw)
        line.logout()

    def held() -> list[str]:
        line = dovecot.mailbox(agent)
        line.select("INBOX", readonly=True)
        _, found = line.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        line.logout()
        return [one[1].decode().strip().removeprefix("Subject: ") for one in found if isinstance(one, tuple)]

    deliver("before-1", "before-2")
    assert await run_once(worker) == 0
    home = dovecot.folder / "mail" / agent.address
    kept = dovecot.folder / f"backup-{agent.address}"
    _copied(home, kept)
    deliver("lost-1", "lost-2", "lost-3")
    assert await run_once(worker) == 0
    _copied(kept, home)
    deliver("after-1", "after-2")
    assert await run_once(worker) == 0
    wanted = {f"{when}-{n}" for when, last in (("before", 2), ("lost", 3), ("after", 2)) for n in range(1, last + 1)}
    assert sorted(row.subject for row in workspace.rows()) == sorted(wanted)
    lost = next(row for row in workspace.rows() if row.subject == "lost-1")
    workspace.writes.apply("me", "solve", [FieldTarget(lost.id, Field.STATUS, '"solved"')])
    old = next(row for row in workspace.rows() if row.subject == "before-1")
    workspace.writes.apply("me", "solve", [FieldTarget(old.id, Field.STATUS, '"solved"')])
    assert await run_once(worker) == 0
    assert held() == ["before-2", "after-1", "after-2"]
