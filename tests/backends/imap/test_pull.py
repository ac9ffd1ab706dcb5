"""What comes in, from real servers."""

from __future__ import annotations

import pytest

from agent_tui.backends.api import CopyGone, CopySeen, MailArrived, RemoteCopy
from tests.backends.imap.helpers import Memory, Mirror, append, backend_for, mail, outgoing
from tests.servers.mailserver import MailServer


@pytest.fixture(params=["pymail", pytest.param("dovecot", marks=pytest.mark.servers)])
def server(request: pytest.FixtureRequest) -> MailServer:
    """One server with no extensions worth the name, and one with all of them."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, MailServer)
    return found


async def test_the_first_pull_brings_the_newest_and_history_the_rest(server: MailServer) -> None:
    user = server.new_user()
    append(server, user, *[mail(n) for n in range(1, 261)])
    append(server, user, mail("answer"), folder="Sent", flags=r"(\Seen)")
    memory, mirror = Memory(), Mirror()
    backend = backend_for(server, user, memory)
    await backend.open()
    try:
        await mirror.pull(backend)
        assert mirror.subjects() == [f"Mail {n}" for n in range(61, 261)]
        assert mirror.subjects("Sent") == ["Mail answer"]
        arrived = [c for c in mirror.changes if isinstance(c, MailArrived)]
        assert [c.role for c in arrived if c.copy and c.copy.folder == "Sent"] == ["sent"]
        assert arrived[0].raw == mail(260), "newest first"
        assert await mirror.history(backend)
        assert mirror.subjects() == [f"Mail {n}" for n in range(1, 261)]
        assert mirror.doubled == 0
        assert mirror.batches[-1].progress == (60, 60)
    finally:
        await backend.close()


async def test_marks_removals_and_arrivals_come_with_the_next_pull(server: MailServer) -> None:
    user = server.new_user()
    append(server, user, mail(1), mail(2), mail(3))
    mirror, memory = Mirror(), Memory()
    backend = backend_for(server, user, memory)
    await backend.open()
    await mirror.pull(backend)
    assert mirror.subjects() == ["Mail 1", "Mail 2", "Mail 3"]
    other = server.mailbox(user)
    other.select("INBOX")
    other.store("1", "+FLAGS", r"(\Seen \Answered)")
    other.store("2", "+FLAGS", r"(\Deleted)")
    other.expunge()
    other.logout()
    append(server, user, mail(4))
    changes = await mirror.pull(backend)
    await backend.close()
    gone = [c.uid for c in changes if isinstance(c, CopyGone)]
    assert len(gone) == 1
    assert mirror.subjects() == ["Mail 1", "Mail 3", "Mail 4"]
    first = min(mirror.marks)
    assert mirror.marks[first] == (True, True)
    assert mirror.doubled == 0


async def test_marks_go_the_other_way(server: MailServer) -> None:
    user = server.new_user()
    append(server, user, mail(1), mail(2))
    mirror = Mirror()
    backend = backend_for(server, user)
    await backend.open()
    await mirror.pull(backend)
    from agent_tui.backends.api import MarksChange

    keys = sorted(mirror.mails)
    copies = [RemoteCopy(*key) for key in keys]
    ghost = RemoteCopy("INBOX", keys[0][1], 999)
    foreign = RemoteCopy("INBOX", keys[0][1] + 1, keys[1][2])
    await backend.set_marks(MarksChange([copies[0], ghost, foreign], seen=True, answered=True))
    changes = await mirror.pull(backend)
    assert {(c.copy.uid, c.seen, c.answered) for c in changes if isinstance(c, CopySeen)} >= {
        (copies[0].uid, True, True)
    }
    assert mirror.marks[keys[1]] == (False, False)
    await backend.set_marks(MarksChange([copies[0]], seen=False))
    await mirror.pull(backend)
    assert mirror.marks[keys[0]] == (False, True)
    await backend.close()


async def test_sending_is_found_by_its_message_id(server: MailServer) -> None:
    user = server.new_user()
    backend = backend_for(server, user)
    await backend.open()
    item = outgoing(user.address, "x@customer.test", token="proof-1@example.test")
    assert type(await backend.find_sent(item)).__name__ == "CannotTell"
    assert await backend.file_sent(item) == "appended"
    assert type(await backend.find_sent(item)).__name__ == "Found"
    assert await backend.file_sent(item) == "server", "never a second copy"
    assert len(server.raw_messages(user, "Sent")) == 1
    await backend.close()
