"""Mail against a real server with every extension: what the protocol's corners do to us."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent_tui.backends.api import (
    AuthenticationFailed,
    CertificateRefused,
    CopyGone,
    CopySeen,
    FolderRenamed,
    FolderReset,
    Hint,
    MailArrived,
    MarksChange,
    Misconfigured,
    MoveChange,
    RemoteCopy,
    Unreachable,
)
from agent_tui.backends.imap import login
from agent_tui.backends.imap.connection import Connection
from agent_tui.backends.imap.line import Line
from tests.backends.imap.helpers import Memory, Mirror, append, backend_for, mail, make_backend, options_for, outgoing
from tests.servers.dovecot import Dovecot, token

if TYPE_CHECKING:
    from typing_extensions import Buffer

pytestmark = pytest.mark.servers


async def test_flags_both_ways(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    append(dovecot, user, mail(1), mail(2))
    mirror = Mirror()
    backend = backend_for(dovecot, user)
    await backend.open()
    await mirror.pull(backend)
    first, second = sorted(mirror.mails)
    await backend.set_marks(MarksChange([RemoteCopy(*first)], seen=True, answered=True))
    other = dovecot.mailbox(user)
    other.select("INBOX")
    _, seen = other.uid("FETCH", f"{first[2]}:{second[2]}", "(FLAGS)")
    assert b"\\Answered" in seen[0]
    assert b"\\Seen" in seen[0]
    assert b"\\Seen" not in seen[1]
    other.uid("STORE", str(second[2]), "+FLAGS", r"(\Seen)")
    other.uid("STORE", str(first[2]), "-FLAGS", r"(\Answered)")
    other.logout()
    changes = await mirror.pull(backend)
    await backend.close()
    assert mirror.marks == {first: (True, False), second: (True, False)}
    assert all(isinstance(change, CopySeen) for change in changes), "no mail came twice"


async def test_an_unchanged_folder_costs_no_change(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(30)])
    mirror = Mirror()
    backend = backend_for(dovecot, user)
    await backend.open()
    await mirror.pull(backend)
    assert await mirror.pull(backend) == []
    await backend.close()


async def test_uidvalidity_reset(dovecot: Dovecot) -> None:
    """Every UID means something else: the folder is told to be reset, and all its mails come again, none is lost."""
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 231)])
    memory, mirror = Memory(), Mirror()
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    await mirror.pull(backend)
    assert await mirror.history(backend)
    before = {key[1] for key in mirror.mails}
    await backend.close()
    _renumber(dovecot, dovecot.mail_folder(user))
    append(dovecot, user, mail(231))
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    changes = await mirror.pull(backend)
    await backend.close()
    resets = [change for change in changes if isinstance(change, FolderReset)]
    assert [reset.folder for reset in resets] == ["INBOX"]
    assert {key[1] for key in mirror.mails}.isdisjoint(before)
    assert mirror.subjects() == [f"Mail {n}" for n in range(1, 232)]
    assert mirror.doubled == 0


async def test_uidvalidity_reset_in_the_middle_of_history(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 331)])
    memory, mirror = Memory(), Mirror()
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    await mirror.pull(backend)
    await mirror.history(backend, stop_after=1)
    await backend.close()
    _renumber(dovecot, dovecot.mail_folder(user))
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    await mirror.pull(backend)
    assert await mirror.history(backend)
    await backend.close()
    assert mirror.subjects() == [f"Mail {n}" for n in range(1, 331)]


def _renumber(server: Dovecot, folder: Path) -> None:
    """As after a restore from a backup: the folder's numbering is lost."""
    while folder.name in server.admin("who"):
        # it may leave by itself between the two questions
        with contextlib.suppress(subprocess.CalledProcessError):
            server.admin("kick", folder.name)
    lists = [*folder.glob("dovecot-uidlist"), *folder.glob("dovecot.index*")]
    text = (folder / "dovecot-uidlist").read_text("ascii")
    head, rest = text.split("\n", 1)
    words = head.split(" ")
    words[1] = f"V{int(words[1][1:]) + 1000}"
    for path in lists:
        path.unlink()
    (folder / "dovecot-uidlist").write_text(" ".join(words) + "\n" + rest, "ascii")
    shutil.chown(folder / "dovecot-uidlist", folder.owner(), folder.group())


async def test_qresync_with_expunges_while_away(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 41)])
    memory, mirror = Memory(), Mirror()
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    await mirror.pull(backend)
    await backend.close()
    other = dovecot.mailbox(user)
    other.select("INBOX")
    other.store("5:9,20,40", "+FLAGS", r"(\Deleted)")
    other.expunge()
    other.store("1", "+FLAGS", r"(\Answered)")
    other.logout()
    append(dovecot, user, mail(41))
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    assert backend._work is not None
    assert backend._work.qresync
    changes = await mirror.pull(backend)
    assert await mirror.pull(backend) == []
    await backend.close()
    gone = {change.uid for change in changes if isinstance(change, CopyGone)}
    assert gone == {5, 6, 7, 8, 9, 20, 40}
    assert [change.copy.uid for change in changes if isinstance(change, CopySeen)] == [1]
    assert [change.copy.uid for change in changes if isinstance(change, MailArrived) and change.copy] == [41]


async def test_condstore_alone_with_changes_while_away(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that counts changes, but does not tell what vanished."""
    _hide(monkeypatch, "QRESYNC")
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 41)])
    memory, mirror = Memory(), Mirror()
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    await mirror.pull(backend)
    await backend.close()
    other = dovecot.mailbox(user)
    other.select("INBOX")
    other.store("1", "+FLAGS", r"(\Answered)")
    other.store("2", "+FLAGS", r"(\Seen)")
    other.store("5:9,20,40", "+FLAGS", r"(\Deleted)")
    other.expunge()
    other.logout()
    append(dovecot, user, mail(41))
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    assert backend._work is not None
    assert not backend._work.qresync
    assert backend._work.condstore
    asked = _commands(backend._work, monkeypatch)
    changes = await mirror.pull(backend)
    assert any(b"CHANGEDSINCE" in one for one in asked), "the count of changes is used"
    assert not any(b"QRESYNC" in one or b"VANISHED" in one for one in asked)
    assert await mirror.pull(backend) == []
    await backend.close()
    assert {c.uid for c in changes if isinstance(c, CopyGone)} == {5, 6, 7, 8, 9, 20, 40}
    marked = {c.copy.uid: (c.seen, c.answered) for c in changes if isinstance(c, CopySeen)}
    assert marked == {1: (False, True), 2: (True, False)}
    assert [c.copy.uid for c in changes if isinstance(c, MailArrived) and c.copy] == [41]
    assert mirror.doubled == 0


def _hide(monkeypatch: pytest.MonkeyPatch, *hidden: str) -> None:
    """As if the server did not offer these."""
    real = Line.read_capabilities
    monkeypatch.setattr(Line, "read_capabilities", lambda line: real(line) - set(hidden))


def _commands(line: Connection, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every command that is said to the server from now on."""
    assert line._line is not None
    said: list[bytes] = []
    send = line._line.send

    def note(data: Buffer) -> None:
        said.append(bytes(data))
        send(data)

    monkeypatch.setattr(line._line, "send", note)
    return said


async def test_a_kill_between_vanished_and_new_mail_loses_nothing(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 11)])
    memory, mirror = Memory(), Mirror()
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    await mirror.pull(backend)
    other = dovecot.mailbox(user)
    other.select("INBOX")
    other.store("2,3", "+FLAGS", r"(\Deleted)")
    other.expunge()
    other.store("1", "+FLAGS", r"(\Seen)")
    other.logout()
    append(dovecot, user, mail(11))
    for _ in range(6):
        # killed behind each single batch, and begun anew
        await backend.close()
        backend = backend_for(dovecot, user, memory)
        await backend.open()
        await mirror.pull(backend, stop_after=1)
    await backend.close()
    assert mirror.subjects() == ["Mail 1", *[f"Mail {n}" for n in range(4, 12)]]
    assert mirror.marks[min(mirror.mails)] == (True, False)
    assert mirror.batches[-1].done


async def test_a_folder_moved_and_renamed(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    other = dovecot.mailbox(user)
    other.create('"Team/Help"')
    append(dovecot, user, mail(1), mail(2), folder="Team/Help")
    memory, mirror = Memory(), Mirror()
    backend = backend_for(dovecot, user, memory, folders=("INBOX", "Team/Help"))
    await backend.open()
    await mirror.pull(backend)
    assert mirror.subjects("Team/Help") == ["Mail 1", "Mail 2"]
    other.rename('"Team/Help"', '"Support"')
    append(dovecot, user, mail(3), folder="Support")
    changes = await mirror.pull(backend)
    renamed = [change for change in changes if isinstance(change, FolderRenamed)]
    assert [(change.old, change.new) for change in renamed] == [("Team/Help", "Support")]
    assert not [change for change in changes if isinstance(change, FolderReset | CopyGone)]
    await mirror.pull(backend)
    assert mirror.subjects("Support") == ["Mail 1", "Mail 2", "Mail 3"]
    assert mirror.doubled == 0
    # after a restart it still knows where the folder went, and marks reach it there
    await backend.close()
    backend = backend_for(dovecot, user, memory, folders=("INBOX", "Team/Help"))
    await backend.open()
    append(dovecot, user, mail(4), folder="Support")
    await mirror.pull(backend)
    assert mirror.subjects("Support")[-1] == "Mail 4"
    key = min(key for key in mirror.mails if key[0] == "Support")
    await backend.set_marks(MarksChange([RemoteCopy(*key)], seen=True))
    await mirror.pull(backend)
    assert mirror.marks[key] == (True, False)
    other.logout()
    await backend.close()


async def test_a_folder_renamed_in_the_middle_of_history(dovecot: Dovecot) -> None:
    """History is not called done while part of it lies under a name that is not known yet."""
    user = dovecot.new_user()
    other = dovecot.mailbox(user)
    other.create("Queue")
    append(dovecot, user, *[mail(n) for n in range(1, 351)], folder="Queue")
    memory, mirror = Memory(), Mirror()
    backend = backend_for(dovecot, user, memory, folders=("Queue",))
    await backend.open()
    await mirror.pull(backend)

    async def history() -> None:
        async for batch in backend.history(mirror.history_cursor):
            mirror.apply(batch)
            mirror.history_cursor = batch.cursor
            if other.rename("Queue", "Elsewhere")[0] == "OK":
                # opens other folders meanwhile, so that this one must be opened again
                await backend.find_sent(outgoing(user.address, "x@customer.test"))

    with pytest.raises(Unreachable) as caught:
        await history()
    assert caught.value.parameters == {"reason": "folder_changed", "folder": "Queue"}
    await mirror.pull(backend)
    assert await mirror.history(backend)
    await backend.close()
    other.logout()
    assert mirror.subjects("Elsewhere") == [f"Mail {n}" for n in range(1, 351)]


async def test_a_folder_deleted_and_made_anew(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    other = dovecot.mailbox(user)
    other.create("Queue")
    append(dovecot, user, mail(1), folder="Queue")
    append(dovecot, user, mail(9))
    mirror = Mirror()
    backend = backend_for(dovecot, user, folders=("INBOX", "Queue"))
    await backend.open()
    await mirror.pull(backend)
    other.delete("Queue")
    changes = await mirror.pull(backend)
    assert [change.folder for change in changes if isinstance(change, FolderReset)] == ["Queue"]
    assert mirror.subjects() == ["Mail 9"], "the others go on"
    await asyncio.sleep(1.1)  # Dovecot's UIDVALIDITY counts seconds
    other.create("Queue")
    append(dovecot, user, mail(2), folder="Queue")
    await mirror.pull(backend)
    assert mirror.subjects("Queue") == ["Mail 2"]
    other.logout()
    await backend.close()


@pytest.mark.parametrize("stream", ["pull", "history"])
async def test_a_kill_in_the_middle_of_the_first_history(dovecot: Dovecot, stream: str) -> None:
    """Killed behind every single batch: each restart goes on from the cursor that was committed last."""
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 421)])
    append(dovecot, user, *[mail(n) for n in range(1001, 1101)], folder="Sent")
    memory, mirror = Memory(), Mirror()
    if stream == "history":
        backend = backend_for(dovecot, user, memory)
        await backend.open()
        await mirror.pull(backend)
        await backend.close()
    for _ in range(40):
        backend = backend_for(dovecot, user, memory)
        await backend.open()
        if stream == "pull":
            await mirror.pull(backend, stop_after=1)
        else:
            await mirror.history(backend, stop_after=1)
        await backend.close()
        if mirror.batches[-1].done:
            break
    assert mirror.batches[-1].done
    if stream == "history":
        assert mirror.subjects() == [f"Mail {n}" for n in range(1, 421)]
        assert mirror.subjects("Sent") == [f"Mail {n}" for n in range(1001, 1101)]
    else:
        assert mirror.subjects() == [f"Mail {n}" for n in range(221, 421)]
    assert mirror.doubled == 0


async def test_mail_that_arrives_during_history_comes_with_the_pull(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 401)])
    memory, mirror = Memory(), Mirror()
    backend = backend_for(dovecot, user, memory)
    await backend.open()
    await mirror.pull(backend)

    async def history() -> None:
        await mirror.history(backend)

    running = asyncio.create_task(history())
    append(dovecot, user, mail(401))
    await mirror.pull(backend)
    await running
    await backend.close()
    assert mirror.subjects() == [f"Mail {n}" for n in range(1, 402)]
    assert mirror.doubled == 0


# signing in


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize(("mechanism", "other"), [("XOAUTH2", "OAUTHBEARER"), ("OAUTHBEARER", "XOAUTH2")])
async def test_a_token(
    dovecot: Dovecot, good: bool, mechanism: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hide(monkeypatch, f"AUTH={other}", "AUTH=PLAIN", "AUTH=LOGIN")
    used: list[str] = []
    authenticate = login._authenticate

    def note(line: Line, name: str, response: bytes) -> None:
        used.append(name)
        authenticate(line, name, response)

    monkeypatch.setattr(login, "_authenticate", note)
    user = dovecot.new_user()
    append(dovecot, user, mail(1))
    word = token(user.address) if good else token(user.address, lives=-60)
    backend = make_backend(options_for(dovecot, user, auth="oauth"), {"token": word})
    if good:
        mirror = Mirror()
        await backend.open()
        await mirror.pull(backend)
        assert mirror.subjects() == ["Mail 1"]
    else:
        with pytest.raises(AuthenticationFailed) as caught:
            await asyncio.wait_for(backend.open(), 8)
        assert caught.value.parameters["reason"] in ("refused", "expired")
        assert word not in str(caught.value.parameters) + repr(caught.value)
    await backend.close()
    assert used == [mechanism]


async def test_a_token_is_asked_for_anew_at_each_sign_in(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    secrets = {"token": token(user.address, lives=-60)}
    backend = make_backend(options_for(dovecot, user, auth="oauth"), secrets)
    with pytest.raises(AuthenticationFailed):
        await backend.open()
    secrets["token"] = token(user.address)
    await backend.open()
    await backend.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_private_authority_accepted_and_a_foreign_one_refused(dovecot: Dovecot, security: str) -> None:
    user, before = dovecot.new_user(), len(dovecot.log())
    port = dovecot.imaps_port if security == "tls" else dovecot.imap_port
    backend = backend_for(dovecot, user, security=security, port=port)
    await backend.open()
    await backend.close()
    for ca_file in (str(dovecot.certificates.foreign_ca), ""):
        backend = backend_for(dovecot, user, security=security, port=port, ca_file=ca_file)
        with pytest.raises(CertificateRefused):
            await backend.open()
        await backend.close()
    ends = await _two_ended(dovecot, before)
    assert all("no auth attempts" in end and "user=<>" in end for end in ends), ends
    assert dovecot.log().count(f"user=<{user.address}>") == 1, "the one sign-in is that of the authority we trust"


async def _two_ended(dovecot: Dovecot, before: int) -> list[str]:
    """What the server's own log says of the two that refused its certificate, as soon as it says it."""
    for _ in range(100):
        if len(found := re.findall(r"imap-login: .*Disconnected.* alert .*", dovecot.log()[before:])) == 2:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(dovecot.log()[before:][-2000:])


async def test_a_wrong_password(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    backend = make_backend(options_for(dovecot, user), {"password": "canary-wrong-1"})
    with pytest.raises(AuthenticationFailed) as caught:
        await backend.open()
    assert caught.value.parameters["user"] == user.address
    assert "canary" not in str(caught.value.parameters)
    await backend.close()


async def test_no_server_at_all(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    for changes, reason in (({"port": 1}, "refused"), ({"host": "no-such-host.invalid"}, "no_such_host")):
        backend = backend_for(dovecot, user, **changes)
        with pytest.raises(Unreachable) as caught:
            await backend.open()
        assert caught.value.parameters["reason"] == reason
        await backend.close()


async def test_a_server_killed_in_mid_fetch(dovecot: Dovecot) -> None:
    """The connection is cut between two batches; the pull fails, and the next goes on with a new line."""
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n, body="x" * 20_000) for n in range(1, 101)])
    mirror = Mirror()
    backend = backend_for(dovecot, user)
    await backend.open()

    async def pull() -> None:
        async for batch in backend.pull(None):
            mirror.apply(batch)
            mirror.cursor = batch.cursor
            if len(mirror.batches) == 2:
                dovecot.admin("kick", user.address)

    with pytest.raises(Unreachable):
        await pull()
    await mirror.pull(backend)
    await backend.close()
    assert mirror.subjects() == [f"Mail {n}" for n in range(1, 101)]
    assert mirror.doubled == 0


# moving


@pytest.mark.parametrize("without", ["", "MOVE"])
async def test_moves_tell_where_each_mail_went(dovecot: Dovecot, without: str) -> None:
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 6)])
    mirror = Mirror()
    backend = backend_for(dovecot, user, archive_folder="Archive")
    await backend.open()
    await mirror.pull(backend)
    # somebody else marked one as deleted: that is not ours to expunge
    other = dovecot.mailbox(user)
    other.select("INBOX")
    other.store("5", "+FLAGS", r"(\Deleted)")
    assert backend._work is not None
    backend._work.capabilities -= {without}
    keys = sorted(mirror.mails)
    wanted = [RemoteCopy(*keys[0]), RemoteCopy(*keys[2]), RemoteCopy("INBOX", keys[0][1], 777)]
    moved = dict(await backend.move(MoveChange(wanted, "archive")))
    assert moved[wanted[2]] is None
    for copy in wanted[:2]:
        target = moved[copy]
        assert target is not None
        assert target.folder == "Archive"
    await mirror.pull(backend)
    assert mirror.subjects() == ["Mail 2", "Mail 4", "Mail 5"]
    assert {(c.folder, c.uidvalidity, c.uid) for c in moved.values() if c} == {
        key for key in mirror.mails if key[0] == "Archive"
    }
    assert [m.role for key, m in mirror.mails.items() if key[0] == "Archive"] == ["archive", "archive"]
    # and back again
    back = await backend.move(MoveChange([c for c in moved.values() if c], "inbox"))
    assert all(target is not None and target.folder == "INBOX" for _, target in back)
    other.logout()
    await backend.close()


async def test_an_archive_folder_is_made_where_it_is_missing(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    append(dovecot, user, mail(1))
    mirror = Mirror()
    backend = backend_for(dovecot, user, archive_folder="Erledigt/Ä & Ö")
    await backend.open()
    await mirror.pull(backend)
    ((_, target),) = await backend.move(MoveChange([RemoteCopy(*min(mirror.mails))], "archive"))
    assert target is not None
    await mirror.pull(backend)
    assert mirror.subjects("Erledigt/Ä & Ö") == ["Mail 1"]
    await backend.close()


# names and sizes


@pytest.mark.parametrize(
    "name",
    [
        'quo"te',
        "back\\slash",
        "a&b",
        "&",
        "&-",
        "Привіт",
        "👩‍👩‍👧",
        "[Gmail]/All",
        "per%cent*star",
        "NIL",
        "007",
        "x" * 200,
        "{12}",
    ],
)
async def test_folders_with_odd_names(dovecot: Dovecot, name: str) -> None:
    user = dovecot.new_user()
    from agent_tui.backends.imap.names import encode_folder, quoted

    other = dovecot.mailbox(user)
    if "*" in name or "%" in name:
        name = name.replace("*", "").replace("%", "")
    kind, data = other.create(quoted(encode_folder(name)).decode("ascii"))
    assert kind == "OK", data
    kind, data = other.append(quoted(encode_folder(name)).decode("ascii"), "", "", mail(1))
    assert kind == "OK", data
    other.logout()
    mirror = Mirror()
    backend = backend_for(dovecot, user, folders=("INBOX", name))
    await backend.open()
    assert name in backend._plan.all
    await mirror.pull(backend)
    assert mirror.subjects(name) == ["Mail 1"]
    await backend.close()


async def test_a_large_mail_is_brought_by_its_header_and_fetched_on_request(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    large = mail("large", body="y" * 70_000)
    append(dovecot, user, mail(1), large, mail(2))
    mirror = Mirror()
    backend = backend_for(dovecot, user, max_size=50_000)
    await backend.open()
    await mirror.pull(backend)
    parts = [found for found in mirror.mails.values() if found.partial]
    assert len(parts) == 1
    assert parts[0].size == len(large)
    assert parts[0].raw == large.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert mirror.subjects() == ["Mail 1", "Mail large", "Mail 2"]
    assert parts[0].copy is not None
    assert await backend.fetch_body(parts[0].copy) == large
    await backend.close()


async def test_batches_are_bounded_by_bytes(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n, body="z" * 1_500_000) for n in range(12)])
    mirror = Mirror()
    backend = backend_for(dovecot, user)
    await backend.open()
    await mirror.pull(backend)
    await backend.close()
    sizes = [sum(len(c.raw) for c in b.changes if isinstance(c, MailArrived)) for b in mirror.batches]
    assert len(mirror.mails) == 12
    assert max(sizes) <= 8 << 20


# watching and checking


async def test_idle_tells_of_arrivals_within_two_seconds(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    backend = backend_for(dovecot, user)
    await backend.open()
    hints = backend.watch()
    assert await anext(hints) == Hint("watching")
    waiting = asyncio.ensure_future(anext(hints))
    await asyncio.sleep(0.2)
    start = asyncio.get_running_loop().time()
    await asyncio.to_thread(dovecot.deliver, mail(1), user.address)
    assert await asyncio.wait_for(waiting, 5) == Hint("idle")
    assert asyncio.get_running_loop().time() - start < 2
    await hints.aclose()  # type: ignore[attr-defined]
    await backend.close()


async def test_news_of_other_folders_come_with_the_renewal(dovecot: Dovecot) -> None:
    user = dovecot.new_user()
    backend = backend_for(dovecot, user, idle_renew=0.3)
    await backend.open()
    hints = backend.watch()
    assert await anext(hints) == Hint("watching")
    append(dovecot, user, mail("answer"), folder="Sent")
    told = [await anext(hints) for _ in range(3)]
    assert Hint("folder") in told
    await hints.aclose()  # type: ignore[attr-defined]
    await backend.close()


async def test_checking_an_account(postfix: object, dovecot: Dovecot) -> None:
    from tests.servers.postfix import Postfix

    assert isinstance(postfix, Postfix)
    user = postfix.new_user()
    backend = backend_for(postfix, user)
    assert list(await backend.check()) == ["imap_login", "folders", "idle", "smtp_login"]
    await backend.close()
    backend = backend_for(postfix, user, folders=("INBOX", "Nowhere"))
    with pytest.raises(Misconfigured) as caught:
        await backend.check()
    assert caught.value.parameters == {"reason": "no_folder", "option": "folders", "value": "Nowhere"}
    await backend.close()
    backend = backend_for(postfix, user, smtp_user="nobody@example.test")
    with pytest.raises(AuthenticationFailed):
        await backend.check()
    await backend.close()
