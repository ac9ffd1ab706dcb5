"""Servers that were put back from a backup, whose lists lag, or that leave a mail out: nothing is lost, nothing is done
to a stranger's mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from agent_tui.backends.api import (
    CopyGone,
    FolderReset,
    MailArrived,
    MarksChange,
    MoveChange,
    ProtocolError,
    RemoteCopy,
)
from agent_tui.backends.imap import ImapBackend, pulling
from agent_tui.backends.imap.cursor import CatchUp, Place, PullCursor
from agent_tui.backends.imap.options import ImapOptions, Security
from agent_tui.backends.imap.pulling import LOOKS
from agent_tui.backends.imap.uidset import UidSet
from agent_tui.backends.imap.witnesses import is_ours
from tests.backends.imap.helpers import Memory, Mirror, mail, make_backend
from tests.servers.scripted import Peer, Scripted, imap_answers


class Shelf:
    """One folder, as a server tells of it, truly or not, and an archive that stays empty."""

    def __init__(self, extensions: str = "", mails: int = 20) -> None:
        self.box: dict[int, str] = {}
        self.uidnext = 1
        self.unlisted: set[int] = set()
        """Left out of the next list."""
        self.left_out: dict[int, int] = {}
        """How often a mail is left out of the answer to who asks for it."""
        self.headless: set[int] = set()
        """Left out of the answer to who asks for heads."""
        self.guessed = 0
        """So many bytes more are said of each mail than it has."""
        self._extensions = extensions
        self._archived: dict[Peer, bool] = {}
        self.deliver(*[f"old{number}" for number in range(1, mails + 1)])
        self.scripted = Scripted(self._talk)

    def deliver(self, *names: str) -> None:
        for name in names:
            self.box[self.uidnext] = name
            self.uidnext += 1

    def put_back(self, last: int) -> None:
        """As it was when this was its last UID."""
        self.box = {uid: name for uid, name in self.box.items() if uid <= last}
        self.uidnext = last + 1

    @property
    def asked(self) -> list[bytes]:
        return self.scripted.lines

    def backend(self) -> ImapBackend:
        options = ImapOptions(
            host="127.0.0.1",
            port=self.scripted.port,
            security=Security.PLAIN,
            user="a@example.test",
            sent_folder="none",
            archive_folder="Archive",
        )
        return make_backend(options, {"password": "x"}, Memory())

    async def pulled(self, mirror: Mirror, times: int = 1) -> list[object]:
        """What pulls bring, each by a worker that was begun anew."""
        changes: list[object] = []
        for _ in range(times):
            backend = self.backend()
            await backend.open()
            try:
                changes += await mirror.pull(backend)
            finally:
                await backend.close()
        return changes

    def _talk(self, peer: Peer) -> None:
        answers = {b"SELECT": self._select, b"UID SEARCH": self._search, b"UID FETCH": self._fetch}
        answers |= {b"STATUS": self._status}
        folders = '* LIST () "/" "INBOX"\r\n* LIST (\\Archive) "/" "Archive"\r\n{tag} OK done\r\n'
        moved = "{tag} OK done\r\n"
        imap_answers(
            peer,
            {**answers, b"LIST": folders, b"UID MOVE": moved},
            capabilities=f"IMAP4rev1 AUTH=PLAIN ESEARCH MOVE {self._extensions}",
        )

    def _numbers(self, *, archive: bool) -> tuple[int, int, int]:
        # counted by what comes and goes alone: as many new mails as were lost leave no trace
        return (0, 1, 1) if archive else (len(self.box), self.uidnext, self.uidnext)

    def _select(self, peer: Peer, tag: bytes) -> None:
        archive = self._archived[peer] = b"Archive" in self.asked[-1]
        exists, uidnext, modseq = self._numbers(archive=archive)
        peer.send(f"* {exists} EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT {uidnext}] n\r\n")
        if self._extensions:
            peer.send(f"* OK [HIGHESTMODSEQ {modseq}] m\r\n")
        peer.send(tag + b" OK [READ-WRITE] done\r\n")

    def _status(self, peer: Peer, tag: bytes) -> None:
        exists, uidnext, modseq = self._numbers(archive=b"Archive" in self.asked[-1])
        facts = f"UIDVALIDITY 7 UIDNEXT {uidnext} MESSAGES {exists} HIGHESTMODSEQ {modseq}"
        peer.send(f'* STATUS "x" ({facts})\r\n'.encode() + tag + b" OK done\r\n")

    def _search(self, peer: Peer, tag: bytes) -> None:
        found = re.search(r"UID (\d+):(\d+|\*)", self.asked[-1].decode().partition("SEARCH")[2])
        low, high = (int(found[1]), 2**32 - 1 if found[2] == "*" else int(found[2])) if found else (1, 2**32 - 1)
        there = {} if self._archived[peer] else self.box
        listed = UidSet.of(uid for uid in there if uid not in self.unlisted).between(low, high)
        self.unlisted -= set(there)
        rest = f" ALL {listed}" if listed else ""
        peer.send(b'* ESEARCH (TAG "' + tag + f'") UID{rest}\r\n'.encode() + tag + b" OK done\r\n")

    def _fetch(self, peer: Peer, tag: bytes) -> None:
        words = self.asked[-1].decode()
        for uid in UidSet.parse(words.split(" ")[3]):
            if uid not in self.box or "CHANGEDSINCE" in words:
                continue
            if "BODY.PEEK[]" in words and self.left_out.get(uid):
                self.left_out[uid] -= 1
                continue
            if "HEADER.FIELDS" in words and uid in self.headless:
                continue
            raw = mail(self.box[uid]).decode()
            size = len(raw) + self.guessed
            facts = f'FLAGS () INTERNALDATE "24-Nov-2026 10:00:00 +0000" RFC822.SIZE {size}'
            if "HEADER.FIELDS" in words:
                head = raw.partition("\r\n\r\n")[0] + "\r\n\r\n"
                facts = f"RFC822.SIZE {size} BODY[HEADER.FIELDS (MESSAGE-ID)] {{{len(head)}}}\r\n{head}"
            elif "BODY" in words:
                facts = f"BODY[] {{{len(raw)}}}\r\n{raw}"
            peer.send(f"* 1 FETCH (UID {uid} {facts})\r\n")
        peer.send(tag + b" OK done\r\n")

    def is_whole(self, mirror: Mirror) -> bool:
        """Everything that lies there was brought, to where it lies, and nothing else is taken to lie there."""
        return mirror.subjects() == [f"Mail {name}" for _, name in sorted(self.box.items())]


@pytest.fixture
def shelf() -> Iterator[Callable[..., Shelf]]:
    """Servers that end with the test."""
    started: list[Shelf] = []

    def make(extensions: str = "", mails: int = 20) -> Shelf:
        started.append(Shelf(extensions, mails))
        return started[-1]

    yield make
    for one in started:
        one.scripted.stop()


EXTENSIONS = pytest.mark.parametrize("extensions", ["", "CONDSTORE"])


def arrivals(changes: list[object]) -> list[int]:
    return [change.copy.uid for change in changes if isinstance(change, MailArrived) and change.copy]


# UIDs that are given anew


@EXTENSIONS
@pytest.mark.parametrize("looked_between", [False, True])
async def test_a_server_put_back_from_a_backup_loses_no_mail(
    shelf: Callable[..., Shelf], extensions: str, looked_between: bool
) -> None:
    server, mirror = shelf(extensions), Mirror()
    await server.pulled(mirror)
    server.put_back(10)
    if looked_between:
        await server.pulled(mirror)
        assert server.is_whole(mirror)
    server.deliver("new11", "new12", "new13")
    await server.pulled(mirror)
    assert server.is_whole(mirror)
    assert arrivals(await server.pulled(mirror)) == []


@EXTENSIONS
@pytest.mark.parametrize("more", [10, 15])
async def test_new_mail_that_fills_all_the_old_numbers_is_seen(
    shelf: Callable[..., Shelf], extensions: str, more: int
) -> None:
    """UIDNEXT has not gone back: there are as many mails as before, or more."""
    server, mirror = shelf(extensions), Mirror()
    await server.pulled(mirror)
    server.put_back(10)
    server.deliver(*[f"new{number}" for number in range(11, 11 + more)])
    await server.pulled(mirror)
    assert server.is_whole(mirror)


async def test_of_a_large_folder_only_what_may_be_another_is_brought_again(shelf: Callable[..., Shelf]) -> None:
    server, mirror = shelf("", 180), Mirror()
    await server.pulled(mirror)
    server.put_back(175)
    server.deliver("new176", "new177")
    changes = await server.pulled(mirror)
    assert server.is_whole(mirror)
    assert len(arrivals(changes)) <= 16
    assert not any(isinstance(change, FolderReset) for change in changes)


async def test_a_folder_of_which_nothing_is_as_it_was_begins_anew(shelf: Callable[..., Shelf]) -> None:
    server, mirror = shelf(), Mirror()
    await server.pulled(mirror)
    server.put_back(0)
    server.deliver("new1", "new2")
    changes = await server.pulled(mirror)
    assert FolderReset("INBOX", 7) in changes
    assert server.is_whole(mirror)


async def test_a_server_that_reckons_uidnext_from_its_last_mail_costs_little(shelf: Callable[..., Shelf]) -> None:
    server, mirror = shelf(), Mirror()
    await server.pulled(mirror)
    server.put_back(19)
    changes = await server.pulled(mirror)
    assert [change.uid for change in changes if isinstance(change, CopyGone)] == [20]
    assert arrivals(changes) == []
    assert server.is_whole(mirror)


@EXTENSIONS
async def test_a_uidnext_that_was_never_true_hides_nothing(shelf: Callable[..., Shelf], extensions: str) -> None:
    server, mirror = shelf(extensions), Mirror()
    await server.pulled(mirror)
    server.uidnext = 4_000_000_000
    await server.pulled(mirror)
    server.uidnext = 21
    server.deliver("new21", "new22")
    changes = await server.pulled(mirror)
    assert arrivals(changes) == [21, 22]
    assert server.is_whole(mirror)


@EXTENSIONS
async def test_an_unchanged_folder_is_not_listed(shelf: Callable[..., Shelf], extensions: str) -> None:
    server, mirror = shelf(extensions), Mirror()
    backend = server.backend()
    await backend.open()
    try:
        await mirror.pull(backend)
        await mirror.pull(backend)
        server.asked.clear()
        assert await mirror.pull(backend) == []
        assert not any(b"SEARCH" in line or b"HEADER" in line for line in server.asked)
    finally:
        await backend.close()
    server.asked.clear()
    mirror.changes.clear()
    await server.pulled(mirror)
    assert not any(isinstance(change, MailArrived | CopyGone) for change in mirror.changes)
    assert not any(b"SEARCH" in line for line in server.asked)
    assert sum(b"HEADER" in line for line in server.asked) == 1, "a new line may lead to a server that was put back"


# lists that lag


@EXTENSIONS
@pytest.mark.parametrize("unlisted", [22, 23])
async def test_a_mail_that_the_list_left_out_comes_with_the_next(
    shelf: Callable[..., Shelf], extensions: str, unlisted: int
) -> None:
    server, mirror = shelf(extensions), Mirror()
    await server.pulled(mirror)
    server.deliver("new21", "new22", "new23")
    server.unlisted = {unlisted}
    await server.pulled(mirror, 2)
    assert server.is_whole(mirror)
    assert mirror.doubled == 0


# mails that an answer leaves out


@EXTENSIONS
async def test_a_mail_that_one_answer_leaves_out_is_asked_for_alone(
    shelf: Callable[..., Shelf], extensions: str
) -> None:
    server, mirror = shelf(extensions), Mirror()
    await server.pulled(mirror)
    server.deliver("new21", "new22", "new23")
    server.left_out[22] = 1
    await server.pulled(mirror)
    assert server.is_whole(mirror)
    assert mirror.doubled == 0
    assert mirror.aside == []


@EXTENSIONS
async def test_a_mail_that_is_listed_and_not_given_is_asked_for_again_by_later_looks(
    shelf: Callable[..., Shelf], extensions: str
) -> None:
    server, mirror = shelf(extensions), Mirror()
    await server.pulled(mirror)
    server.deliver("new21", "new22", "new23")
    server.left_out[22] = 5
    await server.pulled(mirror, 2)
    assert not server.is_whole(mirror)
    await server.pulled(mirror)
    assert server.is_whole(mirror)
    assert mirror.doubled == 0
    assert mirror.aside == []
    assert PullCursor.load(mirror.cursor).places["INBOX"].owed == {}


@EXTENSIONS
async def test_a_mail_that_is_never_given_is_set_aside_in_the_end(shelf: Callable[..., Shelf], extensions: str) -> None:
    server, mirror = shelf(extensions), Mirror()
    await server.pulled(mirror)
    server.deliver("new21", "new22", "new23")
    server.left_out[22] = 1_000
    await server.pulled(mirror, LOOKS - 1)
    assert mirror.aside == []
    await server.pulled(mirror)
    (aside,) = mirror.aside
    assert (aside.code, aside.native_id) == ("no_body", "INBOX/7/22")
    assert {key[2] for key in mirror.mails} == set(server.box) - {22}
    assert mirror.doubled == 0
    server.asked.clear()
    assert arrivals(await server.pulled(mirror)) == []
    assert not any(b"BODY.PEEK[]" in line for line in server.asked), "it is asked for no more"


async def test_a_mail_that_is_gone_before_it_is_asked_for_is_owed_by_nobody(shelf: Callable[..., Shelf]) -> None:
    server, mirror = shelf(), Mirror()
    await server.pulled(mirror)
    server.deliver("new21", "new22")
    server.left_out[21] = 1_000
    await server.pulled(mirror)
    del server.box[21]
    await server.pulled(mirror)
    assert server.is_whole(mirror)
    assert mirror.aside == []
    assert PullCursor.load(mirror.cursor).places["INBOX"].owed == {}


@EXTENSIONS
async def test_while_a_mail_is_owed_it_stands_in_for_none_that_is_gone(
    shelf: Callable[..., Shelf], extensions: str
) -> None:
    """As many are there as are known: one that is listed and was not given, and not the one that was removed."""
    server, mirror = shelf(extensions), Mirror()
    await server.pulled(mirror)
    server.deliver("new21", "new22")
    server.left_out[21] = 1_000
    await server.pulled(mirror)
    del server.box[5]
    changes = await server.pulled(mirror, 2)
    assert [change.uid for change in changes if isinstance(change, CopyGone)] == [5]


async def test_the_first_look_and_the_history_leave_out_nothing_either(
    shelf: Callable[..., Shelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "NEWEST", 10)
    server, mirror = shelf(), Mirror()
    server.left_out = {15: 2, 5: 1, 6: 1_000}
    backend = server.backend()
    await backend.open()
    try:
        await mirror.pull(backend)
        assert {key[2] for key in mirror.mails} == set(range(11, 21)) - {15}
        assert await mirror.history(backend)
        await mirror.pull(backend)
    finally:
        await backend.close()
    assert {key[2] for key in mirror.mails} == set(server.box) - {6}
    assert [aside.native_id for aside in mirror.aside] == ["INBOX/7/6"]
    assert mirror.doubled == 0


# what is written


def known(uid: int, name: str) -> RemoteCopy:
    return RemoteCopy("INBOX", 7, uid, message_id=f"m{name}@customer.test", size=len(mail(name)))


@pytest.mark.parametrize("write", ["marks", "move"])
async def test_nothing_is_written_to_another_mail_under_our_number(shelf: Callable[..., Shelf], write: str) -> None:
    server, mirror = shelf(), Mirror()
    backend = server.backend()
    await backend.open()
    try:
        await mirror.pull(backend)
        # behind our back, and with no sign of it
        server.box[12] = "new12"
        server.asked.clear()
        copies = [known(uid, f"old{uid}") for uid in (11, 12, 13, 99)]
        if write == "marks":
            await backend.set_marks(MarksChange(copies, seen=True, answered=False))
        else:
            told = await backend.move(MoveChange(copies, "archive"))
            assert {old for old, _ in told} == set(copies)
            assert dict(told)[copies[1]] is None
        word = b" STORE " if write == "marks" else b" MOVE "
        written = [line.partition(word)[2].split(b" ")[0] for line in server.asked if word in line]
        assert written == [b"11,13"] * (2 if write == "marks" else 1)
        assert sum(b"FETCH" in line for line in server.asked) == 1
        changes = await mirror.pull(backend)
    finally:
        await backend.close()
    assert CopyGone("INBOX", 7, 12) in changes
    assert server.is_whole(mirror), "the stranger's mail was not known, and is brought"


@pytest.mark.parametrize("write", ["marks", "move"])
async def test_what_an_answer_leaves_out_is_not_taken_for_another_mail(shelf: Callable[..., Shelf], write: str) -> None:
    server, mirror = shelf(), Mirror()
    backend = server.backend()
    await backend.open()
    try:
        await mirror.pull(backend)
        server.headless = {12}
        copies = [known(uid, f"old{uid}") for uid in (11, 12)]
        marks, move = MarksChange(copies, seen=True, answered=False), MoveChange(copies, "archive")
        with pytest.raises(ProtocolError):
            await (backend.set_marks(marks) if write == "marks" else backend.move(move))
        server.headless.clear()
        told = await mirror.pull(backend)
        assert not any(isinstance(change, CopyGone) for change in told), "it lies there still: it is written later"
        server.asked.clear()
        await backend.set_marks(marks)
        assert any(b"11:12" in line for line in server.asked if b" STORE " in line)
    finally:
        await backend.close()


async def test_a_mail_without_a_message_id_is_known_by_the_size_that_its_server_tells(
    shelf: Callable[..., Shelf],
) -> None:
    """Some servers only guess it: the bytes that came are others."""
    server, mirror = shelf(), Mirror()
    server.guessed = 7
    changes = await server.pulled(mirror)
    arrived = next(change for change in changes if isinstance(change, MailArrived) and change.copy)
    assert arrived.copy is not None
    head = (len(mail(server.box[arrived.copy.uid])) + 7, b"Subject: x")
    assert is_ours(replace(arrived.copy, size=arrived.size), head)


@pytest.mark.parametrize(
    ("copy", "head", "ours"),
    [
        (RemoteCopy("INBOX", 7, 1), (5, b""), True),
        (RemoteCopy("INBOX", 7, 1, message_id="a@b", size=5), (9, b"Message-ID: <a@b>"), True),
        (RemoteCopy("INBOX", 7, 1, message_id="a@b", size=5), (5, b"Message-ID: <c@b>"), False),
        (RemoteCopy("INBOX", 7, 1, message_id="a@b", size=5), (5, b"From: x\r\nmessage-id:\r\n <a@b>\r\n"), True),
        (RemoteCopy("INBOX", 7, 1, size=5), (5, b"Subject: x"), True),
        (RemoteCopy("INBOX", 7, 1, size=5), (6, b"Subject: x"), False),
        (RemoteCopy("INBOX", 7, 1, message_id="a@b", size=5), (6, b""), False),
    ],
)
def test_a_mail_is_known_by_its_message_id_or_its_size(copy: RemoteCopy, head: tuple[int, bytes], ours: bool) -> None:
    assert is_ours(copy, head) is ours


def test_a_cursor_tells_what_is_owed_and_what_the_heads_were() -> None:
    place = Place("INBOX", 7, 90, 3, UidSet([(1, 80)]), 90, 1, "box", None, 95, {81: 2}, {80: "ab", 79: ""})
    cursor = PullCursor({"INBOX": place}, begun=True)
    assert PullCursor.load(cursor.dump()) == cursor
    place.catch_up = CatchUp(12, 40)
    assert PullCursor.load(cursor.dump()) == cursor
