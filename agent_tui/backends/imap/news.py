"""What changed in a folder since a cursor: gone, marked, arrived, renumbered, renamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from agent_tui.backends.api import (
    Change,
    CopyGone,
    CopySeen,
    FolderRenamed,
    FolderReset,
    ProtocolError,
    RemoteCopy,
)
from agent_tui.backends.imap.connection import Connection, Folder, Selected
from agent_tui.backends.imap.cursor import CatchUp, Place
from agent_tui.backends.imap.fetching import Fetched, email_id, marks
from agent_tui.backends.imap.folders import FolderPlan, list_folders, status
from agent_tui.backends.imap.line import Refused
from agent_tui.backends.imap.listed import read_set, uids_present
from agent_tui.backends.imap.uidset import MAX_UID, NONE, UidSet, aside, without
from agent_tui.backends.imap.witnesses import stands_until

CHUNK = 500
"""Small changes in one batch."""
LARGE_CHUNK = 5000
"""In one batch of very many: with each the cursor is written, which then is large itself."""
SWEEP = 500
"""Newest mails whose marks are compared where the server cannot tell what changed."""


@dataclass(slots=True)
class Look:
    """What a look into a folder found."""

    uidnext: int
    """As the server said it: no proof that anything below it was listed."""
    modseq: int
    gone: UidSet
    marked: Sequence[CopySeen] = ()
    catch_up: CatchUp | None = None
    """What is to be asked for in ranges still. Until then `modseq` stays the old one."""
    arrived: UidSet = NONE
    """What is there and was not known, whatever its UID: a list may lag behind UIDNEXT."""
    border: int = MAX_UID
    """Above it UIDs were given anew: what is known there is gone, and what lies there has arrived."""


@dataclass(slots=True)
class Sweeper:
    """Remembers the marks seen last, for servers that cannot tell what changed. Lost at the end, and made anew."""

    last: dict[tuple[str, int], dict[int, tuple[bool, bool, bool]]] = field(default_factory=dict)
    proven: dict[str, Connection] = field(default_factory=dict)
    """Over which line a folder's UIDs were proven to be what they were: no server is put back under an open line."""

    def changed(self, folder: str, uidvalidity: int, fetched: Fetched) -> Fetched:
        """Those whose marks differ from the last sweep."""
        before = self.last.get((folder, uidvalidity), {})
        now = {uid: marks(found) for uid, found in fetched.items.items()}
        self.last[(folder, uidvalidity)] = now
        return Fetched({uid: fetched.items[uid] for uid, found in now.items() if before.get(uid) != found})


async def begin(line: Connection, folder: Folder) -> Place | None:
    """A first look: everything there is known, nothing was brought. None where the folder does not exist."""
    async with line.lock:
        try:
            now = await line.select(folder, parameters=b"(CONDSTORE)" if line.condstore else b"")
        except Refused:
            return None
        try:
            present = await uids_present(line) if now.exists else NONE
        except Refused as no:
            raise ProtocolError("search", reason="folder_refused", folder=folder.name, server_said=no.said) from None
    await aside(lambda: str(present), len(present.ranges))  # it is written with every batch
    uidnext = present.highest + 1 if present else 1
    place = Place(folder.name, now.uidvalidity, uidnext, now.modseq, present, uidnext, 1, now.mailbox_id)
    place.said = now.uidnext
    return place


async def look(line: Connection, folder: Folder, place: Place, sweeper: Sweeper) -> Look | None:
    """What changed. None where the folder's UIDs mean nothing any more.

    Raises `Refused` where it is not there, a `ProtocolError` with a reason of `TOO_MUCH` where so much changed that
    it cannot be told in one answer: then it is to be asked for in ranges (`begin_catching_up`).
    """
    async with line.lock:
        proven = sweeper.proven.get(folder.name) is line
        if proven and place.catch_up is None and await _is_unchanged(line, folder, place):
            return Look(place.said, place.modseq, NONE)
        now = await line.select(folder, parameters=_select_parameters(line, place))
        if now.uidvalidity != place.uidvalidity:
            return None
        border = MAX_UID if proven else await stands_until(line, place, now)
        sweeper.proven[folder.name] = line
        if border == 0 or (place.waiting and border < place.low):
            return None
        if border < MAX_UID:
            return await _renumbered(line, folder, place, now, sweeper, border)
        return await _compare(line, folder, place, now, sweeper)


async def _is_unchanged(line: Connection, folder: Folder, place: Place) -> bool:
    """Where the server counts changes, a STATUS tells that there were none, and costs less than opening the folder."""
    if not (line.condstore and place.modseq) or line.is_open(folder) or place.owed:
        return False
    facts = await status(line, folder, b"(UIDVALIDITY UIDNEXT MESSAGES HIGHESTMODSEQ)")
    return facts == {
        "UIDVALIDITY": place.uidvalidity,
        "UIDNEXT": place.said,
        "MESSAGES": len(place.known),
        "HIGHESTMODSEQ": place.modseq,
    }


def begin_catching_up(line: Connection, place: Place) -> bool:
    """From now on what changed is asked for in ranges, since QRESYNC told more than can be taken.

    False where it is asked in ranges already: then nothing can be done.
    """
    if place.catch_up is not None or not _by_qresync(line, place):
        return False
    place.catch_up = CatchUp(0, place.uidnext)
    return True


def _by_qresync(line: Connection, place: Place) -> bool:
    return line.qresync and place.modseq > 0 and place.uidvalidity > 0 and place.catch_up is None


def _select_parameters(line: Connection, place: Place) -> bytes:
    if _by_qresync(line, place):
        return b"(QRESYNC (%d %d))" % (place.uidvalidity, place.modseq)
    return b"(CONDSTORE)" if line.condstore else b""


async def _compare(line: Connection, folder: Folder, place: Place, now: Selected, sweeper: Sweeper) -> Look:
    # a count that runs backwards is a server restored from a backup: it cannot tell what changed
    counted = line.condstore and place.modseq > 0 and now.modseq >= place.modseq
    if counted and not _by_qresync(line, place):
        return await _compare_counts(line, place, now)
    if counted:
        fetched = now.fetched
        # what vanished is taken from the same answer that carries the new HIGHESTMODSEQ
        vanished = await read_set(now.vanished, MAX_UID, "vanished")
        gone = await aside(lambda: place.known & vanished, len(place.known.ranges) + len(vanished.ranges))
        newer = await uids_present(line, since=place.uidnext) if _has_news(place, now) else NONE
        present = await aside(lambda: (place.known - gone) | newer, len(place.known.ranges) + len(gone.ranges))
        if len(present) != now.exists:
            present = await uids_present(line) if now.exists else NONE
            gone = await without(place.known, present)
    else:
        same = not place.owed and now.uidnext == place.said and now.exists == len(place.known) and now.uidnext > 0
        present = place.known if same else (await uids_present(line) if now.exists else NONE)
        gone = await without(place.known, present)
        fetched = await _newest_marks(line, folder, place, present, sweeper)
    marked = await marks_of(folder, place, present, fetched)
    return Look(now.uidnext, now.modseq, gone, marked, arrived=await without(present, place.known))


async def _renumbered(
    line: Connection, folder: Folder, place: Place, now: Selected, sweeper: Sweeper, border: int
) -> Look:
    """The UIDs above the border were given anew. The mails there are brought again; the store knows what it has."""
    present = await uids_present(line) if now.exists else NONE
    kept = await aside(lambda: place.known.between(1, border) & present, len(place.known.ranges))
    gone = await without(place.known, kept)
    marked = await marks_of(folder, place, kept, await _newest_marks(line, folder, place, kept, sweeper))
    arrived = await without(present, kept)
    return Look(now.uidnext, now.modseq, gone, marked, arrived=arrived, border=border)


async def _compare_counts(line: Connection, place: Place, now: Selected) -> Look:
    """By CONDSTORE: what arrived is asked for now, what else changed in ranges behind it (`ranges`)."""
    newer = await uids_present(line, since=place.uidnext) if now.exists and _has_news(place, now) else NONE
    left = place.catch_up
    if left is None:
        # what is owed is listed and not known: it may stand in for one that is gone
        if place.owed or now.modseq > place.modseq or now.exists != len(place.known) + len(newer):
            left = CatchUp(now.modseq, place.uidnext)
    elif not place.modseq <= left.modseq <= now.modseq:
        left = CatchUp(now.modseq, place.uidnext)
    return Look(now.uidnext, place.modseq, NONE, catch_up=left, arrived=await without(newer, place.known))


async def marks_of(folder: Folder, place: Place, present: UidSet, fetched: Fetched) -> Sequence[CopySeen]:
    """The marks of mails that we have already."""
    waiting, known = place.waiting, place.known

    def read() -> list[CopySeen]:
        return [
            CopySeen(RemoteCopy(folder.name, place.uidvalidity, uid, email_id(found)), *marks(found))
            for uid, found in sorted(fetched.items.items())
            if uid in known and uid in present and uid not in waiting and b"FLAGS" in found
        ]

    return await aside(read, 5 * len(fetched.items))


def _has_news(place: Place, now: Selected) -> bool:
    return now.uidnext == 0 or now.uidnext > place.uidnext


async def _newest_marks(line: Connection, folder: Folder, place: Place, present: UidSet, sweeper: Sweeper) -> Fetched:
    """Marks that changed among the newest, where the server does not count changes."""
    old = present.between(1, place.uidnext - 1)
    if not old:
        return Fetched()
    fetched = await line.fetch(str(old.newest(SWEEP)).encode(), b"(UID FLAGS)")
    return sweeper.changed(folder.name, place.uidvalidity, fetched)


async def changes(look_: Look, place: Place) -> AsyncIterator[Sequence[Change]]:
    """Small changes in batches; `place` is brought up to date with each, and its count of changes with the last."""
    last = (len(look_.marked) - 1) // CHUNK * CHUNK
    left = len(look_.gone)
    for part in _chunks(look_.gone):
        gone = UidSet.of(part)
        place.known = await without(place.known, gone)
        left -= len(part)
        if not left and not look_.marked:
            _settle(look_, place)
        yield [CopyGone(place.name, place.uidvalidity, uid) for uid in part]
    for start in range(0, len(look_.marked), CHUNK):
        if start == last:
            _settle(look_, place)
        yield look_.marked[start : start + CHUNK]
    _settle(look_, place)
    if look_.border < MAX_UID:
        place.uidnext = look_.border + 1
        place.witnesses = {uid: head for uid, head in place.witnesses.items() if uid <= look_.border}


def _settle(look_: Look, place: Place) -> None:
    place.modseq, place.catch_up = look_.modseq, look_.catch_up


def _chunks(uids: UidSet) -> Iterator[Sequence[int]]:
    """All of them, never all at once."""
    size = min(max(CHUNK, len(uids) // 100), LARGE_CHUNK)
    one_by_one = iter(uids)
    while part := list(islice(one_by_one, size)):
        yield part


async def lost(line: Connection, plan: FolderPlan, key: str, place: Place) -> Sequence[Change]:
    """The folder is not where it was: renamed, where one with its UIDs stands elsewhere, or gone."""
    async with line.lock:
        plan.refresh(await list_folders(line))
        if place.name in plan.all:
            # it is there, and yet cannot be opened: no reason to forget it
            return ()
        taken = {plan.moved.get(name, name) for name in plan.watched if name != key}
        for folder in plan.all.values():
            if folder.name not in taken and await _is_the_same(line, folder, place):
                plan.moved[key] = folder.name
                return [FolderRenamed(place.name, folder.name, place.uidvalidity)]
    plan.moved.pop(key, None)
    return [FolderReset(place.name, place.uidvalidity)]


async def _is_the_same(line: Connection, folder: Folder, place: Place) -> bool:
    items = b"(UIDVALIDITY UIDNEXT MESSAGES MAILBOXID)" if "OBJECTID" in line.capabilities else b"(UIDVALIDITY UIDNEXT)"
    facts = await status(line, folder, items)
    if facts.get("UIDVALIDITY") != place.uidvalidity:
        return False
    box = facts.get("MAILBOXID")
    if place.mailbox_id and isinstance(box, tuple) and box and isinstance(box[0], bytes):
        return box[0].decode("ascii", "replace") == place.mailbox_id
    uidnext = facts.get("UIDNEXT")
    if not isinstance(uidnext, int) or uidnext < place.uidnext:
        return False
    # servers may number folders made in the same second alike: most of the UIDs must be there, too
    await line.select(folder)
    present = await uids_present(line)
    return 2 * len(place.known & present) >= len(place.known)
