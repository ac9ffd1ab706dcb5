"""The whole way on a real mail system: in, placed, answered, out, and the answer to the answer."""

from __future__ import annotations

import email

from agent_tui.domain.account import Health
from agent_tui.domain.action import Field
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Delivery, Rule
from agent_tui.domain.outbox import OutboxState
from agent_tui.store.ports import FieldTarget
from tests.servers.mailserver import MailServer, MailUser
from tests.servers.pymail import Pymail
from tests.sync.workspace import Workspace, mail, mail_account, run_once, running, settings, until


async def test_a_conversation_goesthere_and_back(workspace: Workspace, pymail: Pymail) -> None:
    await there_and_back(workspace, pymail)


async def there_and_back(workspace: Workspace, server: MailServer) -> None:
    agent, customer = server.new_user(), server.new_user()
    workspace.writes.put_account(mail_account(server, agent))
    given = settings(workspace, {("mail", "password"): agent.password})
    async with running(given):
        server.deliver(mail(customer.address, agent.address, "Broken", "It broke."), agent.address)
        (row,) = await until(workspace.rows)
        (question,) = workspace.messages(row.id)
        assert question.placement.rule is Rule.NEW
        assert row.status is Status.NEW
        item = workspace.queue(row.id, customer.address, sender=agent.address, answers=question)
        await until(lambda: workspace.reads.outbox_item(item.id).state is OutboxState.SENT)  # type: ignore[union-attr]
        (arrived,) = server.wait_for_mail(customer)
        reply = email.message_from_bytes(arrived)
        assert reply["Message-ID"] == f"<{item.token}>"
        assert reply["In-Reply-To"] == f"<{question.message_id}>"
        answer = mail(
            customer.address, agent.address, "Something else", "Thanks!", In_Reply_To=f"<{item.token}>", References=""
        )
        server.deliver(answer, agent.address)
        await until(lambda: len(workspace.messages(row.id)) == 3)
        first, second, third = workspace.messages(row.id)
        assert [m.direction for m in (first, second, third)] == ["in", "out", "in"]
        assert second.delivery is Delivery.SENT
        assert third.placement.rule is Rule.OUR_MESSAGE_ID
        assert len(workspace.rows()) == 1
        (health,) = workspace.reads.health()
        assert health.health is Health.CONNECTED
        await until(lambda: workspace.reads.outbox_item(item.id).sent_copy == "appended")  # type: ignore[union-attr]


async def test_once_brings_everything_and_ends(workspace: Workspace, pymail: Pymail) -> None:
    agent = pymail.new_user()
    for number in range(7):
        pymail.deliver(mail(f"c{number}@customer.test", agent.address, f"Number {number}"), agent.address)
    workspace.writes.put_account(mail_account(pymail, agent))
    given = settings(workspace, {("mail", "password"): agent.password})
    assert await run_once(given) == 0
    assert len(workspace.rows()) == 7
    assert await run_once(given) == 0
    assert len(workspace.rows()) == 7


async def test_a_wrong_password_waits_for_a_person(workspace: Workspace, pymail: Pymail) -> None:
    agent = pymail.new_user()
    workspace.writes.put_account(mail_account(pymail, agent))
    async with running(settings(workspace, {("mail", "password"): "wrong-canary"})):
        await until(lambda: any(h.health is Health.REFUSED for h in workspace.reads.health()))
        (health,) = workspace.reads.health()
        assert health.fault is not None
        assert health.fault.code == "authentication_failed"
        assert health.next_try_at is None
        assert "wrong-canary" not in repr(health)
    assert await run_once(settings(workspace, {("mail", "password"): "wrong"})) == 1


async def test_only_the_configured_server_says_that_a_sender_is_forged(workspace: Workspace, pymail: Pymail) -> None:
    """The option reaches the reader; another server's verdict, or one below the topmost, is the sender's own."""
    agent = pymail.new_user()
    fails, passes = "mx.shop.test; dmarc=fail", "mx.shop.test; dmarc=pass"
    for subject, results in {
        "ours": [fails],
        "ours above": [fails, passes],
        "other": ["mx.evil.test; dmarc=fail"],
        "below": ["mx.evil.test; dmarc=pass", fails],
        "none": [],
    }.items():
        head = "".join(f"Authentication-Results: {result}\r\n" for result in results).encode()
        pymail.deliver(head + mail(to=agent.address, subject=subject), agent.address)
    workspace.writes.put_account(mail_account(pymail, agent, trusted_authserv="mx.shop.test"))
    assert await run_once(settings(workspace, {("mail", "password"): agent.password})) == 0
    warned = {row.subject for row in workspace.rows() if "auth_failed" in workspace.messages(row.id)[0].warnings}
    assert len(workspace.rows()) == 5
    assert warned == {"ours", "ours above"}


def _flags(server: MailServer, user: MailUser, folder: str = "INBOX") -> list[bytes]:
    line = server.mailbox(user)
    try:
        line.select(folder, readonly=True)
        _, found = line.uid("FETCH", "1:*", "(FLAGS)")
        return [part for part in found if isinstance(part, bytes)]
    finally:
        line.logout()


async def test_marks_and_moves_reach_the_server(workspace: Workspace, pymail: Pymail) -> None:
    agent = pymail.new_user()
    pymail.deliver(mail("ann@customer.test", agent.address), agent.address)
    workspace.writes.put_account(mail_account(pymail, agent, archive_folder="Archive"))
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        (row,) = await until(workspace.rows)
        await until(lambda: workspace.reads.accounts()[0].capabilities)
        (message,) = workspace.messages(row.id)
        assert workspace.writes.mark_read(row.id, message.order)
        await until(lambda: any(b"\\Seen" in line for line in _flags(pymail, agent)))
        workspace.writes.apply("me", "solve", [FieldTarget(row.id, Field.STATUS, '"solved"')])
        await until(lambda: pymail.raw_messages(agent, "Archive"))
        assert pymail.raw_messages(agent) == []
        workspace.writes.undo("me")
        await until(lambda: pymail.raw_messages(agent))
        assert len(workspace.all_messages()) == 1


async def test_what_was_left_out_comes_when_it_is_asked_for(workspace: Workspace, pymail: Pymail) -> None:
    agent = pymail.new_user()
    pymail.deliver(mail("ann@customer.test", agent.address, text="words\r\n" * 20_000), agent.address)
    workspace.writes.put_account(mail_account(pymail, agent, max_size=50_000))
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        (row,) = await until(workspace.rows)
        (message,) = workspace.messages(row.id)
        assert "words" not in message.text
        assert "partial" in message.warnings, "the screen says so, and offers to fetch it"
        request = workspace.writes.ask("mail", "fetch_body", {"message": str(message.id)})
        await until(lambda: workspace.reads.request(request).state == "done")  # type: ignore[union-attr]
        (whole,) = workspace.messages(row.id)
        assert whole.id == message.id
        assert "words" in whole.text
        assert "partial" not in whole.warnings


async def test_fifty_arrivals_while_an_answer_leaves(workspace: Workspace, pymail: Pymail) -> None:
    agent, customer = pymail.new_user(), pymail.new_user()
    pymail.deliver(mail(customer.address, agent.address), agent.address)
    workspace.writes.put_account(mail_account(pymail, agent))
    async with running(settings(workspace, {("mail", "password"): agent.password})):
        (row,) = await until(workspace.rows)
        (question,) = workspace.messages(row.id)
        items = []
        for number in range(50):
            pymail.deliver(mail(f"c{number}@customer.test", agent.address, text=f"{number}"), agent.address)
            if number % 10 == 0:
                items.append(workspace.queue(row.id, customer.address, sender=agent.address, answers=question).id)
        await until(lambda: len(workspace.rows()) == 51, 40)
        await until(lambda: all(workspace.reads.outbox_item(i).state is OutboxState.SENT for i in items), 40)  # type: ignore[union-attr]
    assert len(pymail.wait_for_mail(customer, 5)) == 5
    assert sorted(int(m.text) for m in workspace.all_messages() if m.text.strip().isdigit()) == list(range(50))
