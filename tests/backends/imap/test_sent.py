"""The copy among the sent mails: there once, whoever puts it there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agent_tui.backends.api import CannotTell, Found
from agent_tui.backends.imap import sent
from agent_tui.backends.imap.options import ImapOptions, Security
from tests.backends.imap.helpers import Memory, append, backend_for, make_backend, outgoing
from tests.servers.mailserver import MailServer
from tests.servers.scripted import Peer, Scripted, imap_answers


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


class Heedless:
    """A server that leaves out the HEADER it is to search by. Its mails are headings, by UID."""

    def __init__(self, headings: dict[int, bytes]) -> None:
        self.headings = headings
        self.appended = 0
        self.server = Scripted(lambda peer: imap_answers(peer, self.answers))
        self.options = ImapOptions(
            host="127.0.0.1",
            port=self.server.port,
            security=Security.PLAIN,
            user="a@example.test",
            timeout=5,
            sent_folder="Sent",
        )

    @property
    def answers(self) -> dict[bytes, Any]:
        uids = " ".join(map(str, self.headings))
        return {
            b"UID SEARCH": f"* SEARCH {uids}\r\n{{tag}} OK done\r\n",
            b"UID FETCH": self.fetch,
            b"APPEND": self.append,
        }

    def fetch(self, peer: Peer, tag: bytes) -> None:
        for uid, heading in self.headings.items():
            peer.send(b"* 1 FETCH (UID %d BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n" % (uid, len(heading)))
            peer.send(heading + b")\r\n")
        peer.send(tag + b" OK done\r\n")

    def append(self, peer: Peer, tag: bytes) -> None:
        size = int(peer.owner.lines[-1].rpartition(b"{")[2].rstrip(b"}"))
        peer.send("+ go on\r\n")
        while size > 0:
            size -= len(peer.line()) + 2
        peer.line()
        self.appended += 1
        peer.send(tag + b" OK done\r\n")


@pytest.fixture
def heedless() -> Iterator[Heedless]:
    """With one mail of somebody else."""
    made = Heedless({1: b"Message-ID: <other@example.test>\r\n\r\n"})
    yield made
    made.server.stop()


@pytest.mark.parametrize(
    "heading",
    [
        b"Message-ID: <other@example.test>\r\n\r\n",
        b"Message-ID: <our@example.test.more>\r\n\r\n",
        b"Message-ID: <other@example.test>\r\nMessage-ID: <our@example.test>\r\n\r\n",
        b"In-Reply-To: <our@example.test>\r\n\r\n",
        b"\r\n",
    ],
    ids=["another", "longer", "one of two", "another field", "none"],
)
async def test_what_a_search_finds_is_no_proof_before_its_heading_is_read(heedless: Heedless, heading: bytes) -> None:
    heedless.headings[1] = heading
    backend = make_backend(heedless.options, {"password": "x"})
    await backend.open()
    item = outgoing("a@example.test", "x@customer.test", token="our@example.test")
    assert await backend.find_sent(item) == CannotTell(looked=True)
    await backend.close()


@pytest.mark.parametrize(
    "heading",
    [b"Message-ID: <our@example.test>", b"MESSAGE-ID:\r\n <our@example.test>", b"message-id:<our@example.test> (x)"],
)
async def test_our_message_id_is_known_however_it_is_folded(heedless: Heedless, heading: bytes) -> None:
    heedless.headings[9] = heading + b"\r\n\r\n"
    backend = make_backend(heedless.options, {"password": "x"})
    await backend.open()
    item = outgoing("a@example.test", "x@customer.test", token="our@example.test")
    assert await backend.find_sent(item) == Found("Sent/7/9")
    await backend.close()


async def test_a_search_that_finds_everything_keeps_no_copy_from_being_filed(
    heedless: Heedless, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "PATIENCE", 0.0)
    heedless.headings.update({uid: b"Message-ID: <m%d@example.test>\r\n\r\n" % uid for uid in range(2, 500)})
    backend = make_backend(heedless.options, {"password": "x"})
    await backend.open()
    assert await backend.file_sent(outgoing("a@example.test", "x@customer.test")) == "appended"
    assert heedless.appended == 1
    (asked,) = {line for line in heedless.server.lines if b"UID FETCH" in line and b"HEADER.FIELDS" in line}
    assert b"UID FETCH 450:499 " in asked
    await backend.close()
