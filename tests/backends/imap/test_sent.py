"""The copy among the sent mails: there once, whoever puts it there."""

from __future__ import annotations

import asyncio
import time

import pytest

from agent_tui.backends.api import CannotTell, Found
from tests.backends.imap.helpers import Memory, append, backend_for, outgoing
from tests.servers.mailserver import MailServer


async def test_a_server_that_files_by_itself_gets_its_time(pymail: MailServer) -> None:
    user = pymail.new_user()
    memory = Memory()
    backend = backend_for(pymail, user, memory)
    await backend.open()
    item = outgoing(user.address, "x@customer.test", token="late@example.test")

    async def server_files() -> None:
        await asyncio.sleep(0.6)
        await asyncio.to_thread(append, pymail, user, item.raw, folder="Sent", flags=r"(\Seen)")

    filing = asyncio.create_task(server_files())
    assert await backend.file_sent(item) == "server"
    await filing
    assert memory.facts["sent"] == "server"
    assert len(pymail.raw_messages(user, "Sent")) == 1
    await backend.close()


async def test_where_nobody_files_we_do_and_do_not_wait_the_next_time(pymail: MailServer) -> None:
    user = pymail.new_user()
    memory = Memory()
    backend = backend_for(pymail, user, memory)
    await backend.open()
    first = outgoing(user.address, "x@customer.test", token="one@example.test")
    assert await backend.file_sent(first) == "appended"
    assert memory.facts["sent"] == "append"
    second = outgoing(user.address, "x@customer.test", token="two@example.test")
    start = time.monotonic()
    assert await backend.file_sent(second) == "appended"
    assert time.monotonic() - start < 1.5
    raws = pymail.raw_messages(user, "Sent")
    assert len(raws) == 2
    assert raws[0] == first.raw
    line = pymail.mailbox(user)
    line.select("Sent", readonly=True)
    assert len(line.search(None, "SEEN")[1][0].split()) == 2
    line.logout()
    await backend.close()


async def test_no_copy_where_none_is_wanted(pymail: MailServer) -> None:
    user = pymail.new_user()
    backend = backend_for(pymail, user, sent_folder="none")
    await backend.open()
    assert await backend.file_sent(outgoing(user.address, "x@customer.test")) == "none"
    assert pymail.raw_messages(user, "Sent") == []
    await backend.close()


@pytest.mark.servers
async def test_a_sent_folder_that_does_not_exist_is_made(dovecot: MailServer) -> None:
    user = dovecot.new_user()
    backend = backend_for(dovecot, user, sent_folder="Ausgang")
    await backend.open()
    assert await backend.file_sent(outgoing(user.address, "x@customer.test")) == "appended"
    assert len(dovecot.raw_messages(user, "Ausgang")) == 1
    await backend.close()


@pytest.mark.servers
@pytest.mark.parametrize("folder", ["INBOX", "Sent", "Archive"])
async def test_a_copy_anywhere_is_the_proof(dovecot: MailServer, folder: str) -> None:
    """As in INBOX, where the agent sends a copy to himself."""
    user = dovecot.new_user()
    backend = backend_for(dovecot, user)
    await backend.open()
    item = outgoing(user.address, "x@customer.test", token=f"proof-{folder}@example.test")
    assert await backend.find_sent(item) == CannotTell()
    other = outgoing(user.address, "x@customer.test", token=f"other-{folder}@example.test")
    append(dovecot, user, other.raw, folder=folder)
    assert await backend.find_sent(item) == CannotTell()
    append(dovecot, user, item.raw, folder=folder)
    assert isinstance(await backend.find_sent(item), Found)
    await backend.close()


async def test_a_message_id_that_would_be_a_command_is_refused(pymail: MailServer) -> None:
    user = pymail.new_user()
    append(pymail, user, b"Subject: kept\r\n\r\nx\r\n")
    backend = backend_for(pymail, user)
    await backend.open()
    item = outgoing(user.address, "x@customer.test", token="a@b\r\nX9 DELETE Archive\r\n")
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        await backend.find_sent(item)
    await backend.close()
    line = pymail.mailbox(user)
    assert any(b"Archive" in entry for entry in line.list()[1] if isinstance(entry, bytes))
    line.logout()
