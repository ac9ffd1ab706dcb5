"""More changes than one answer may hold: they are asked for in ranges, and the folder ends up whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from agent_tui import sentences
from agent_tui.backends.api import CopyGone, CopySeen, MailArrived, ProtocolError
from agent_tui.backends.imap import ImapBackend, ranges
from agent_tui.backends.imap.cursor import CatchUp, Place, PullCursor
from agent_tui.backends.imap.line import Line
from agent_tui.backends.imap.options import ImapOptions, Security
from agent_tui.backends.imap.uidset import UidSet
from tests.backends.imap.helpers import Memory, Mirror, append, backend_for, mail, make_backend
from tests.servers.dovecot import Dovecot
from tests.servers.scripted import Peer, Scripted, imap_answers

BOUND = 1_000
"""Lines of one answer here."""
PART = 200
"""Mails of one range here."""
MAILS = 3_000


@dataclass
class Box:
    """A folder that counts its changes."""

    uidnext: int = 1
    modseq: int = 1
    flags: dict[int, str] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)
    gone: dict[int, int] = field(default_factory=dict)
    endless: bool = False
    """Answers without end to whatever asks for changes."""
    refusing: bool = False
    """Refuses to be asked for marks."""
    searchable: bool = True
    validity: int = 7

    def arrive(self, number: int) -> None:
        for _ in range(number):
            self.flags[self.uidnext] = ""
            self.mark([self.uidnext], "")
            self.uidnext += 1

    def mark(self, uids: list[int], flags: str) -> None:
        self.modseq += 1
        for uid in uids:
            self.flags[uid], self.changed[uid] = flags, self.modseq

    def remove(self, uids: list[int]) -> None:
        self.modseq += 1
        for uid in uids:
            del self.flags[uid]
            self.gone[uid] = self.modseq

    def marks_since(self, modseq: int, low: int = 1, high: int = 2**32) -> list[str]:
        return [
            f"* {number} FETCH (UID {uid} FLAGS ({flags}) MODSEQ ({self.changed[uid]}))\r\n"
            for number, (uid, flags) in enumerate(sorted(self.flags.items()), 1)
            if low <= uid <= high and self.changed[uid] > modseq
        ]


class Server:
    """An honest server that answers whatever it is asked, however long that is."""

    def __init__(self, extensions: str, *names: str) -> None:
        self.boxes = {name: Box() for name in names}
        self.extensions = extensions
        self.open: dict[Peer, Box] = {}
        self.overflowed = 0
        """Answers to QRESYNC that were more than can be taken."""
        self.longest = 0
        """Lines of the longest answer to a question for marks."""
        self.scripted = Scripted(self._talk)

    @property
    def asked(self) -> list[bytes]:
        return self.scripted.lines

    def backend(self, memory: Memory | None = None) -> ImapBackend:
        options = ImapOptions(
            host="127.0.0.1",
            port=self.scripted.port,
            security=Security.PLAIN,
            user="a@example.test",
            folders=tuple(self.boxes),
            sent_folder="none",
        )
        return make_backend(options, {"password": "x"}, memory)

    def _talk(self, peer: Peer) -> None:
        answers = {b"SELECT": self._select, b"UID SEARCH": self._search, b"UID FETCH": self._fetch}
        answers |= {b"STATUS": self._status, b"LIST": self._list}
        imap_answers(
            peer,
            {**answers, b"ENABLE": "* ENABLED QRESYNC\r\n{tag} OK done\r\n"},
            capabilities=f"IMAP4rev1 AUTH=PLAIN ESEARCH {self.extensions}",
        )

    def _words(self) -> str:
        return self.scripted.lines[-1].decode()

    def _list(self, peer: Peer, tag: bytes) -> None:
        lines = "".join(f'* LIST () "/" "{name}"\r\n' for name in self.boxes)
        peer.send(lines.encode() + tag + b" OK done\r\n")

    def _named(self) -> Box:
        return next(box for name, box in self.boxes.items() if f'"{name}"' in self._words())

    def _status(self, peer: Peer, tag: bytes) -> None:
        box = self._named()
        facts = f"UIDVALIDITY 7 UIDNEXT {box.uidnext} MESSAGES {len(box.flags)} HIGHESTMODSEQ {box.modseq}"
        peer.send(f'* STATUS "x" ({facts})\r\n'.encode() + tag + b" OK done\r\n")

    def _select(self, peer: Peer, tag: bytes) -> None:
        box = self.open[peer] = self._named()
        lines = [
            f"* {len(box.flags)} EXISTS\r\n",
            f"* OK [UIDVALIDITY {box.validity}] v\r\n",
            f"* OK [UIDNEXT {box.uidnext}] n\r\n",
        ]
        lines.append(f"* OK [HIGHESTMODSEQ {box.modseq}] m\r\n")
        since = re.search(r"QRESYNC \(7 (\d+)\)", self._words())
        if since:
            gone = UidSet.of(uid for uid, modseq in box.gone.items() if modseq > int(since[1]))
            lines += [f"* VANISHED (EARLIER) {gone}\r\n"] if gone else []
            marks = box.marks_since(int(since[1]))
            self.overflowed += len(marks) > BOUND
            lines += marks
        self._say(peer, box, lines, tag, endless=since is not None)

    def _search(self, peer: Peer, tag: bytes) -> None:
        if not self.open[peer].searchable:
            peer.send(tag + b" NO not today\r\n")
            return
        low, high = _bounds(self._words())
        found = UidSet.of(self.open[peer].flags).between(low, high)
        rest = f" ALL {found}" if found else ""
        peer.send(b'* ESEARCH (TAG "' + tag + f'") UID{rest}\r\n'.encode() + tag + b" OK done\r\n")

    def _fetch(self, peer: Peer, tag: bytes) -> None:
        box, words = self.open[peer], self._words()
        since = re.search(r"CHANGEDSINCE (\d+)", words)
        if since and box.refusing:
            peer.send(tag + b" NO not today\r\n")
            return
        if since:
            lines = box.marks_since(int(since[1]), *_bounds(words))
            self.longest = max(self.longest, len(lines))
            self._say(peer, box, lines, tag, endless=True)
            return
        lines = []
        for uid in UidSet.parse(words.split(" ")[3]):
            if uid not in box.flags:
                continue
            raw = mail(uid).decode()
            facts = f'FLAGS ({box.flags[uid]}) INTERNALDATE "24-Nov-2026 10:00:00 +0000" RFC822.SIZE {len(raw)}'
            what = f"BODY[] {{{len(raw)}}}\r\n{raw}" if "BODY" in words else facts
            lines.append(f"* 1 FETCH (UID {uid} {what})\r\n")
        self._say(peer, box, lines, tag, endless=False)

    def _say(self, peer: Peer, box: Box, lines: list[str], tag: bytes, *, endless: bool) -> None:
        if box.endless and endless:
            lines = ["* 1 FETCH (UID 1 FLAGS ())\r\n"] * (20 * BOUND)
        peer.send("".join(lines).encode() + tag + b" OK [READ-WRITE] done\r\n")


def _bounds(words: str) -> tuple[int, int]:
    found = re.search(r"(?:UID|FETCH) (\d+):(\d+|\*)", words)
    return (int(found[1]), 2**32 if found[2] == "*" else int(found[2])) if found else (1, 2**32)


@pytest.fixture(autouse=True)
def small_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if an answer of so many lines were one of hundreds of thousands."""
    monkeypatch.setattr(Line.allow, "__defaults__", (96 << 20, BOUND))
    monkeypatch.setattr(ranges, "RANGE", PART)


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """Servers that end with the test."""
    started: list[Server] = []

    def make(extensions: str, *names: str) -> Server:
        started.append(Server(extensions, *names))
        return started[-1]

    yield make
    for one in started:
        one.scripted.stop()


async def pulled(server: Server, mirror: Mirror, stop_after: int | None = None) -> list[object]:
    """A pull by a worker that was begun anew."""
    backend = server.backend()
    await backend.open()
    try:
        return list(await mirror.pull(backend, stop_after))
    finally:
        await backend.close()


def away(box: Box) -> tuple[set[int], set[int]]:
    """Somebody reads and tidies up elsewhere: what is marked by then, and what is gone."""
    gone = set(range(5, MAILS, 7))
    box.remove(sorted(gone))
    read = set(range(1, 2_801)) - gone
    box.mark(sorted(read), "\\Seen")
    box.arrive(3)
    return read, gone


def seen(mirror: Mirror) -> set[int]:
    return {uid for (_, _, uid), (read, _) in mirror.marks.items() if read}


def selects(server: Server, word: bytes) -> int:
    return sum(b"SELECT" in line and word in line for line in server.asked)


@pytest.mark.parametrize("extensions", ["CONDSTORE ENABLE QRESYNC", "CONDSTORE"])
async def test_a_folder_of_which_too_much_changed_ends_up_whole(start: Callable[..., Server], extensions: str) -> None:
    server, mirror = start(extensions, "INBOX"), Mirror()
    box = server.boxes["INBOX"]
    box.arrive(MAILS)
    await pulled(server, mirror)
    read, gone = away(box)
    assert len(box.marks_since(MAILS + 1)) > BOUND
    changes = await pulled(server, mirror)
    assert mirror.batches[-1].done
    assert seen(mirror) == read
    assert {change.uid for change in changes if isinstance(change, CopyGone)} == gone
    assert [c.copy.uid for c in changes if isinstance(c, MailArrived) and c.copy] == [3_001, 3_002, 3_003]
    assert 0 < server.longest <= PART
    # whole again: what comes now is asked for as ever
    before = selects(server, b"QRESYNC")
    box.mark([7], "\\Answered")
    (change,) = await pulled(server, mirror)
    assert isinstance(change, CopySeen)
    assert (change.copy.uid, change.seen, change.answered) == (7, False, True)
    assert selects(server, b"QRESYNC") - before == ("QRESYNC" in extensions)
    assert await pulled(server, mirror) == []


async def test_new_mail_does_not_wait_for_the_marks(start: Callable[..., Server]) -> None:
    server, mirror = start("CONDSTORE ENABLE QRESYNC", "INBOX"), Mirror()
    server.boxes["INBOX"].arrive(MAILS)
    await pulled(server, mirror)
    away(server.boxes["INBOX"])
    changes = await pulled(server, mirror)
    assert [type(change) for change in changes[:3]] == [MailArrived] * 3
    uids = [change.copy.uid for change in changes if isinstance(change, CopySeen)]
    assert uids[0] > uids[-1], "the newest first"


async def test_a_kill_behind_every_batch_goes_on_where_it_was(start: Callable[..., Server]) -> None:
    server, mirror = start("CONDSTORE ENABLE QRESYNC", "INBOX"), Mirror()
    box = server.boxes["INBOX"]
    box.arrive(MAILS)
    await pulled(server, mirror)
    read, gone = away(box)
    for turn in range(100):
        await pulled(server, mirror, stop_after=1)
        if mirror.batches[-1].done:
            break
        if turn == 20:
            # where it was asked already
            box.mark([2_999], "\\Seen \\Answered")
            box.remove([2_990])
    assert mirror.batches[-1].done
    assert turn < 4 * MAILS // PART, "a range is begun anew, never the folder"
    await pulled(server, mirror)
    assert seen(mirror) == read | {2_999}
    assert {change.uid for change in mirror.changes if isinstance(change, CopyGone)} == gone | {2_990}
    assert mirror.doubled == 0
    assert server.overflowed <= 1, "what is too much is not asked for again and again"


@pytest.mark.parametrize("extensions", ["CONDSTORE ENABLE QRESYNC", "CONDSTORE"])
async def test_a_folder_without_end_is_told_and_the_others_go_on(start: Callable[..., Server], extensions: str) -> None:
    server, mirror = start(extensions, "INBOX", "Support", "Sales"), Mirror()
    for box in server.boxes.values():
        box.arrive(10)
    await pulled(server, mirror)
    server.boxes["Support"].endless = True
    for box in server.boxes.values():
        box.arrive(1)
        box.mark([3], "\\Seen")
    for _ in range(2):
        with pytest.raises(ProtocolError) as caught:
            await pulled(server, mirror)
        told = caught.value
        assert told.parameters == {"reason": "folder_too_large", "host": "127.0.0.1", "folder": "Support"}
    text = sentences.error(told.code, told.parameters)
    assert "127.0.0.1 answers more about the folder Support than can be taken" in text
    came = {c.copy.folder for c in mirror.changes if isinstance(c, MailArrived) and c.copy and c.copy.uid == 11}
    assert came >= {"INBOX", "Sales"}
    assert {key[0] for key, (read, _) in mirror.marks.items() if read} == {"INBOX", "Sales"}
    server.boxes["Support"].endless = False
    await pulled(server, mirror)
    assert mirror.marks["Support", 7, 3] == (True, False)
    assert mirror.doubled == 0


async def test_a_folder_that_is_not_told_at_first_sight_is_named(start: Callable[..., Server]) -> None:
    server = start("CONDSTORE", "INBOX")
    server.boxes["INBOX"].arrive(1)
    server.boxes["INBOX"].searchable = False
    with pytest.raises(ProtocolError) as caught:
        await pulled(server, Mirror())
    assert caught.value.parameters == {"reason": "folder_refused", "folder": "INBOX", "server_said": "not today"}


@pytest.mark.parametrize("validity", [2**63, 10**19 - 1])
async def test_a_number_that_cannot_be_kept_is_refused(start: Callable[..., Server], validity: int) -> None:
    server = start("CONDSTORE", "INBOX")
    server.boxes["INBOX"].arrive(1)
    server.boxes["INBOX"].validity = validity
    with pytest.raises(ProtocolError) as caught:
        await pulled(server, Mirror())
    assert caught.value.parameters["reason"] == "odd_number"


async def test_a_first_folder_that_refuses_to_tell_is_told(start: Callable[..., Server]) -> None:
    server, mirror = start("CONDSTORE", "INBOX", "Support"), Mirror()
    for box in server.boxes.values():
        box.arrive(10)
    await pulled(server, mirror)
    for box in server.boxes.values():
        box.mark([3], "\\Seen")
        box.refusing = True
    with pytest.raises(ProtocolError) as caught:
        await pulled(server, mirror)
    assert caught.value.parameters == {"reason": "folder_refused", "folder": "INBOX", "server_said": "not today"}
    # one of the others keeps nobody waiting, and tells later what it did not tell now
    server.boxes["INBOX"].refusing = False
    await pulled(server, mirror)
    assert mirror.batches[-1].done
    assert (mirror.marks["INBOX", 7, 3], mirror.marks["Support", 7, 3]) == ((True, False), (False, False))
    server.boxes["Support"].refusing = False
    await pulled(server, mirror)
    assert mirror.marks["Support", 7, 3] == (True, False)


async def test_a_backup_put_back_in_between_is_asked_from_the_beginning(start: Callable[..., Server]) -> None:
    """Its count of changes has gone back behind the one that the ranges were to reach."""
    server, mirror = start("CONDSTORE ENABLE QRESYNC", "INBOX"), Mirror()
    box = server.boxes["INBOX"]
    box.arrive(MAILS)
    await pulled(server, mirror)
    read, _ = away(box)
    await pulled(server, mirror, stop_after=6)
    place = PullCursor.load(mirror.cursor).places["INBOX"]
    assert place.catch_up is not None
    assert place.catch_up.below < MAILS
    box.modseq = place.catch_up.modseq - 1
    box.changed = dict.fromkeys(box.changed, box.modseq)
    mirror.marks.clear()
    await pulled(server, mirror)
    assert mirror.batches[-1].done
    assert seen(mirror) == read


def test_a_cursor_tells_how_far_the_ranges_are() -> None:
    place = Place("INBOX", 7, 90, 3, UidSet([(1, 80)]), 90, 1, "box", CatchUp(12, 40))
    cursor = PullCursor({"INBOX": place}, begun=True)
    assert PullCursor.load(cursor.dump()) == cursor
    place.catch_up = None
    assert PullCursor.load(cursor.dump()) == cursor
    before = '{"v":1,"begun":true,"places":{"INBOX":["INBOX",7,90,3,"1:80",90,1,"box"]}}'
    assert PullCursor.load(before) == cursor, "one that was written before there were ranges"


@pytest.mark.servers
async def test_dovecot_tells_in_ranges_what_is_too_much_at_once(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = dovecot.new_user()
    append(dovecot, user, *[mail(n) for n in range(1, 241)])
    append(dovecot, user, mail("other"), folder="Archive")
    mirror, memory = Mirror(), Memory()
    backend = backend_for(dovecot, user, memory, archive_folder="Archive")
    await backend.open()
    await mirror.pull(backend)
    assert await mirror.history(backend)
    await backend.close()
    other = dovecot.mailbox(user)
    other.select("INBOX")
    other.uid("STORE", "1:240", "+FLAGS", r"(\Seen)")
    other.uid("STORE", "3:9,100:130,240", "+FLAGS", r"(\Deleted)")
    other.expunge()
    other.logout()
    append(dovecot, user, mail(241))
    said: list[bytes] = []
    send = Line.send

    def note(line: Line, data: bytes) -> None:
        said.append(bytes(data))
        send(line, data)

    monkeypatch.setattr(Line, "send", note)
    monkeypatch.setattr(Line.allow, "__defaults__", (96 << 20, 90))
    monkeypatch.setattr(ranges, "RANGE", 60)
    # killed on the way, behind the batch that remembers it and in the middle of the ranges
    for stop_after in (1, 3, None):
        backend = backend_for(dovecot, user, memory, archive_folder="Archive")
        await backend.open()
        await mirror.pull(backend, stop_after)
        await backend.close()
    assert mirror.batches[-1].done
    gone = {*range(3, 10), *range(100, 131), 240}
    assert {change.uid for change in mirror.changes if isinstance(change, CopyGone)} == gone
    assert {key[2] for key in mirror.mails if key[0] == "INBOX"} == set(range(1, 242)) - gone
    assert {key[2]: mirror.marks[key][0] for key in mirror.mails if key[0] == "INBOX"} == {
        uid: uid != 241 for uid in set(range(1, 242)) - gone
    }
    assert mirror.doubled == 0
    whole = [line for line in said if b"QRESYNC (" in line and b"INBOX" in line]
    assert len(whole) == 1, "it is not asked for all at once a second time"
    assert sum(b"CHANGEDSINCE" in line for line in said) >= 4
    # whole again
    said.clear()
    other = dovecot.mailbox(user)
    other.select("INBOX")
    other.uid("STORE", "2", "-FLAGS", r"(\Seen)")
    other.logout()
    backend = backend_for(dovecot, user, memory, archive_folder="Archive")
    await backend.open()
    (change,) = await mirror.pull(backend)
    assert await mirror.pull(backend) == []
    await backend.close()
    assert isinstance(change, CopySeen)
    assert (change.copy.uid, change.seen) == (2, False)
    assert any(b"QRESYNC (" in line for line in said)
    assert not any(b"CHANGEDSINCE" in line for line in said)
