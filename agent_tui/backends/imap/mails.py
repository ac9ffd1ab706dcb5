"""Bringing mails: in batches of few and of little, so that memory stays bounded and a kill loses nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent_tui.backends.api import MailArrived, MessageUnreadable, ProtocolError, RemoteCopy, Unreachable, Unsupported
from agent_tui.backends.imap.connection import Connection, Folder
from agent_tui.backends.imap.fetching import (
    Fetched,
    arrival,
    body_of,
    email_id,
    marks,
    size_of,
)
from agent_tui.backends.imap.line import Refused
from agent_tui.backends.imap.listed import uids_present
from agent_tui.backends.imap.uidset import NONE, UidSet, without
from agent_tui.domain.times import Micros, from_datetime, now

BATCH_MAILS = 50
BATCH_BYTES = 8 << 20
LOOK_AHEAD = 200
"""Sizes are asked for so many mails at once."""
HEADER_BYTES = 256 << 10
"""Of a header that is brought alone; a longer one is cut."""
SLACK = 1 << 20
"""So much larger than twice its size an answer may be; some servers only guess at sizes."""

BODY_WAIT = 60.0
"""Seconds that an answer with mails may take, whatever its size."""
SLOWEST = 20_000
"""Bytes a second of the slowest line that is waited for."""

PATIENCE = 5
"""So often may the line end at one and the same mail before that is set aside."""

Arrived = MailArrived | MessageUnreadable


@dataclass(frozen=True, slots=True)
class Batch:
    """Mails of one folder, brought or set aside, and the UIDs that were asked for."""

    mails: Sequence[Arrived]
    uids: UidSet
    absent: UidSet = NONE
    """Those that are gone meanwhile."""
    owed: UidSet = NONE
    """Those that the server still lists, and of which it gives nothing, though it was asked for each alone."""


class FolderChanged(Exception):
    """The folder's UIDs mean nothing any more, or it is not there; the next pull finds out what happened."""

    def __init__(self, *, gone: bool = False) -> None:
        super().__init__("gone" if gone else "renumbered")
        self.gone = gone


class _Failed(Exception):
    """A FETCH could not be answered, though the line and the folder could be had."""

    def __init__(self, code: str, error: Exception) -> None:
        super().__init__(code)
        self.code, self.error = code, error


class Fetcher:
    """Brings mails of one folder. `line` gives a live connection, a new one where a broken answer ended the old."""

    def __init__(self, line: Callable[[], Awaitable[Connection]], max_size: int) -> None:
        self._line, self._max_size = line, max_size
        self._ends: dict[tuple[str, int, str], int] = {}

    async def batches(
        self, folder: Folder, uidvalidity: int, uids: UidSet, *, newest_first: bool, first: int = 0
    ) -> AsyncIterator[Batch]:
        """All of `uids`, in order. The first look is a small one where `first` says so: something to read at once."""
        left = uids
        ahead = first or LOOK_AHEAD
        while left:
            chunk = left.newest(ahead) if newest_first else left.oldest(ahead)
            left = await without(left, chunk)
            ahead = LOOK_AHEAD
            facts = await self._facts(folder, uidvalidity, chunk)
            order = sorted(chunk, reverse=newest_first)
            for group in self._groups(order, facts):
                yield await self._bring(folder, uidvalidity, group, facts)

    async def _fetch(self, folder: Folder, uidvalidity: int, uids: UidSet, items: bytes, size: int) -> Fetched:
        line = await self._line()
        wait = BODY_WAIT + size / SLOWEST
        try:
            async with line.inside(folder, uidvalidity) as same:
                if not same:
                    raise FolderChanged
                try:
                    return await line.fetch(str(uids).encode(), items, size=2 * size + SLACK, seconds=wait)
                except Refused as no:
                    raise _Failed("server_refused", no) from None
                except ProtocolError as error:
                    raise _Failed("broken_answer", error) from None
                except Unreachable as error:
                    if not self._stuck(folder, uidvalidity, uids):
                        raise
                    raise _Failed("server_silent", error) from None
        except Refused:
            raise FolderChanged(gone=True) from None

    def _stuck(self, folder: Folder, uidvalidity: int, uids: UidSet) -> bool:
        """Does the line end at this very place each time? A mail that does so must not keep back the ones behind it."""
        key = (folder.name, uidvalidity, str(uids))
        self._ends[key] = self._ends.get(key, 0) + 1
        return self._ends[key] >= (PATIENCE if len(uids) == 1 else 2)

    async def _facts(self, folder: Folder, uidvalidity: int, uids: UidSet) -> dict[int, dict[bytes, Any]]:
        line = await self._line()
        extra = b" EMAILID" if "OBJECTID" in line.capabilities else b""
        items = b"(UID FLAGS INTERNALDATE RFC822.SIZE" + extra + b")"
        try:
            fetched = await self._fetch(folder, uidvalidity, uids, items, 4 << 20)
        except _Failed:
            if len(uids) == 1:
                return {uids.lowest: {b"BROKEN": True}}
            facts: dict[int, dict[bytes, Any]] = {}
            for uid in uids:
                facts |= await self._facts(folder, uidvalidity, UidSet.of([uid]))
            return facts
        facts = {uid: found for uid, found in fetched.items.items() if uid in uids}
        if fetched.broken:
            # one of them has an answer that cannot be read: it is set aside, not lost
            for uid in uids:
                facts.setdefault(uid, {b"BROKEN": True})
        return facts

    def _groups(self, order: Sequence[int], facts: dict[int, dict[bytes, Any]]) -> Iterator[list[int]]:
        group: list[int] = []
        size = 0
        for uid in order:
            wanted = min(size_of(facts.get(uid, {})), self._max_size)
            if group and (len(group) >= BATCH_MAILS or size + wanted > BATCH_BYTES):
                yield group
                group, size = [], 0
            group.append(uid)
            size += wanted
        if group:
            yield group

    async def _bring(
        self, folder: Folder, uidvalidity: int, group: Sequence[int], facts: dict[int, dict[bytes, Any]]
    ) -> Batch:
        """An answer may leave a mail out and say OK. Only what the server lists no longer is taken for gone."""
        mails = await self._mails(folder, uidvalidity, group, facts)
        lacking = UidSet.of(uid for uid in group if uid not in mails)
        listed = await self._listed(folder, uidvalidity, lacking) if lacking else UidSet()
        for uid in listed:
            again = await self._facts(folder, uidvalidity, UidSet.of([uid]))
            mails |= await self._mails(folder, uidvalidity, [uid], again)
        brought = [mails[uid] for uid in group if uid in mails]
        owed = UidSet.of(uid for uid in listed if uid not in mails)
        return Batch(brought, UidSet.of(group), lacking - listed, owed)

    async def _listed(self, folder: Folder, uidvalidity: int, uids: UidSet) -> UidSet:
        line = await self._line()
        try:
            async with line.inside(folder, uidvalidity) as same:
                if not same:
                    raise FolderChanged
                return uids & await uids_present(line, since=uids.lowest, below=uids.highest + 1)
        except Refused as no:
            if no.command == "SELECT":
                raise FolderChanged(gone=True) from None
            return uids

    async def _mails(
        self, folder: Folder, uidvalidity: int, group: Sequence[int], facts: dict[int, dict[bytes, Any]]
    ) -> dict[int, Arrived]:
        """By UID, what could be had, and what is set aside."""
        there = [uid for uid in group if uid in facts]
        small = [uid for uid in there if size_of(facts[uid]) <= self._max_size and b"BROKEN" not in facts[uid]]
        bodies = await self._bodies(folder, uidvalidity, small, facts)
        mails: dict[int, Arrived] = {}
        for uid in there:
            known = facts[uid]
            copy = RemoteCopy(folder.name, uidvalidity, uid, email_id(known))
            if b"BROKEN" in known:
                mails[uid] = _unreadable(copy, known, "fetch_answer")
            elif size_of(known) > self._max_size:
                header = await self._header(folder, uidvalidity, uid)
                if isinstance(header, str):
                    mails[uid] = _unreadable(copy, known, header)
                elif header is not None:
                    mails[uid] = _mail(copy, known, header, folder.role, partial=True)
            elif uid in bodies:
                body = bodies[uid]
                mails[uid] = (
                    _unreadable(copy, known, body) if isinstance(body, str) else _mail(copy, known, body, folder.role)
                )
        return mails

    async def _bodies(
        self, folder: Folder, uidvalidity: int, uids: Sequence[int], facts: dict[int, dict[bytes, Any]]
    ) -> dict[int, bytes | str]:
        """Bodies by UID, or the code of why one cannot be had. What the answer leaves out is left out."""
        if not uids:
            return {}
        size = sum(size_of(facts[uid]) for uid in uids)
        try:
            fetched = await self._fetch(folder, uidvalidity, UidSet.of(uids), b"(UID BODY.PEEK[])", size)
        except _Failed as failed:
            if len(uids) == 1:
                return {uids[0]: failed.code}
            # one of them spoils the answer: find out which, and bring the others
            found: dict[int, bytes | str] = {}
            for uid in uids:
                found |= await self._bodies(folder, uidvalidity, [uid], facts)
            return found
        result: dict[int, bytes | str] = {}
        for uid in uids:
            body = body_of(fetched.items.get(uid, {}))
            if body is not None:
                result[uid] = body
            elif fetched.broken:
                result[uid] = "fetch_answer"
            elif b"BODY[]" in fetched.items.get(uid, {}):
                result[uid] = "no_body"
        return result

    async def _header(self, folder: Folder, uidvalidity: int, uid: int) -> bytes | str | None:
        items = b"(UID BODY.PEEK[HEADER]<0.%d>)" % HEADER_BYTES
        try:
            fetched = await self._fetch(folder, uidvalidity, UidSet.of([uid]), items, HEADER_BYTES)
        except _Failed as failed:
            return failed.code
        return body_of(fetched.items.get(uid, {}))

    async def whole(self, folder: Folder, copy: RemoteCopy, limit: int) -> bytes | None:
        """One mail whole, larger than the account allows by itself; None where it is gone."""
        uids = UidSet.of([copy.uid])
        facts = await self._facts(folder, copy.uidvalidity, uids)
        if copy.uid not in facts:
            return None
        size = size_of(facts[copy.uid])
        if size > limit:
            raise Unsupported("fetch", reason="too_large", folder=folder.name, size=str(size))
        try:
            fetched = await self._fetch(folder, copy.uidvalidity, uids, b"(UID BODY.PEEK[])", size)
        except _Failed as failed:
            raise failed.error from None
        return body_of(fetched.items.get(copy.uid, {}))


def nothing_given(folder: Folder, uidvalidity: int, uids: UidSet) -> list[MessageUnreadable]:
    """Mails that the server lists and gives nothing of."""
    return [_unreadable(RemoteCopy(folder.name, uidvalidity, uid), {}, "no_body") for uid in uids]


def _arrived_at(known: dict[bytes, Any]) -> Micros:
    moment = arrival(known)
    try:
        found = from_datetime(moment) if moment is not None else now()
    except (OverflowError, ValueError, OSError):
        return now()
    return Micros(max(min(found, now()), 1))


def _mail(copy: RemoteCopy, known: dict[bytes, Any], raw: bytes, role: str, *, partial: bool = False) -> MailArrived:
    seen, answered, _ = marks(known)
    return MailArrived(
        raw=raw,
        arrived_at=_arrived_at(known),
        copy=copy,
        role=role,
        seen=seen,
        answered=answered,
        size=size_of(known) or len(raw),  # by what the server says it is known again: some only guess
        partial=partial,
    )


def _unreadable(copy: RemoteCopy, known: dict[bytes, Any], code: str) -> MessageUnreadable:
    return MessageUnreadable(
        native_id=f"{copy.folder}/{copy.uidvalidity}/{copy.uid}",
        code=code,
        parameters={"folder": copy.folder},
        arrived_at=_arrived_at(known),
        copy=copy,
    )
