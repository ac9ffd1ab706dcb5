"""Whether UIDs still mean what they meant.

RFC 3501 (2.3.1.1) lets a server begin its UIDs anew only under a new UIDVALIDITY. One that is put back from a backup
does it under the old one: it goes on where the backup ended, and gives to new mail the UIDs of mail that it has
forgotten. So the heads of a few mails are remembered, and compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from agent_tui.backends.api import ProtocolError, RemoteCopy, Unreachable
from agent_tui.backends.imap.connection import Connection, Folder, Selected
from agent_tui.backends.imap.cursor import Place
from agent_tui.backends.imap.fetching import body_of, size_of
from agent_tui.backends.imap.line import Refused
from agent_tui.backends.imap.listed import uids_present
from agent_tui.backends.imap.uidset import MAX_UID, UidSet, aside
from agent_tui.content.headers import read_ids, split_headers

Head = tuple[int, bytes]
"""Size, and the header fields that tell one mail from another."""
_HEAD = b"(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)])"
DOUBLINGS = 15
"""The newest mail is a witness, and one about 1, 2, 4 … mails before it: back to the 16,000th."""
LONGEST_HEAD, USUAL_HEAD = 4 << 20, 64 << 10
"""Bytes: of one mail, and of each of many."""
ASKED_FIRST = 2
"""Witnesses that are asked at a look. The others are where one of these contradicts."""


async def heads(line: Connection, uids: Iterable[int]) -> dict[int, Head]:
    """By what mails of the open folder can be told apart."""
    asked = UidSet.of(uids)
    size = LONGEST_HEAD + USUAL_HEAD * len(asked)
    found: dict[int, dict[bytes, Any]] = (await line.fetch(str(asked).encode(), _HEAD, size=size)).items
    return {uid: (size_of(facts), (body_of(facts) or b"").strip()) for uid, facts in found.items()}


def is_ours(copy: RemoteCopy, head: Head) -> bool:
    """The mail with this head is the one whose copy this is. One of which nothing is known is taken for it."""
    if not copy.size and not copy.message_id:
        return True
    size, fields = head
    headers, _ = split_headers(fields)
    there = next(iter(read_ids(headers.get("message-id"))), "")
    return there == copy.message_id if there and copy.message_id else size == copy.size


async def still_ours(
    line: Connection, copies: Iterable[RemoteCopy]
) -> tuple[list[RemoteCopy], list[RemoteCopy], dict[int, Head]]:
    """Those of these copies, all of the open folder, under whose UIDs our mails still lie; the others; all heads.

    An answer may leave a mail out. What is listed, and of which nothing is told, is neither: it is asked again later.
    """
    asked = list(copies)
    found = await heads(line, [copy.uid for copy in asked])
    untold = UidSet.of(copy.uid for copy in asked if copy.uid not in found)
    if untold and untold & await uids_present(line, since=untold.lowest, below=untold.highest + 1):
        raise ProtocolError("fetch", reason="broken_answer")
    ours: list[RemoteCopy] = []
    others: list[RemoteCopy] = []
    for copy in asked:
        (ours if copy.uid in found and is_ours(copy, found[copy.uid]) else others).append(copy)
    return ours, others, found


def _digest(head: Head) -> str:
    # servers may fold a field or order the fields another time in another way
    headers, _ = split_headers(head[1])
    values = [" ".join(headers.get(name).split()) for name in ("message-id", "date", "from", "subject")]
    text = "\n".join(values).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:16] if any(values) else ""


async def _digests(line: Connection, uids: Iterable[int]) -> dict[int, str]:
    return {uid: _digest(head) for uid, head in (await heads(line, uids)).items()}


async def call_witnesses(line: Connection, folder: Folder, place: Place) -> None:
    """Remember the heads of the newest mail and of some before it, each twice as far away as the one after it."""
    if not place.known or place.known.highest in place.witnesses:
        return
    had = {uid: head for uid, head in place.witnesses.items() if head}
    chosen = await aside(lambda: _spread(place.known, had), len(place.known.ranges))
    found = {uid: had[uid] for uid in chosen if uid in had}
    asked = [uid for uid in chosen if uid not in found]
    try:
        async with line.inside(folder, place.uidvalidity) as same:
            told = await _digests(line, asked) if same else {}
    except Unreachable:
        return  # the line is gone, as who needs it will notice: of the mails it tells nothing
    except (Refused, ProtocolError):
        told = {}  # one that cannot be asked for is no witness
    place.witnesses = found | {uid: told.get(uid, "") for uid in asked}


def _spread(known: UidSet, had: Iterable[int]) -> list[int]:
    chosen: list[int] = []
    above = MAX_UID
    for power in range(DOUBLINGS):
        near = known.newest(2**power)
        ring = near.between(1, above)
        if not ring:
            break
        chosen.append(max((uid for uid in had if uid in ring), default=ring.lowest))
        above = near.lowest - 1
    return chosen


async def stands_until(line: Connection, place: Place, now: Selected) -> int:
    """Up to which UID the mails of the open folder are those that we know; `MAX_UID` where nothing contradicts."""
    backwards = 0 < now.uidnext < place.uidnext
    sure = sorted(uid for uid, head in place.witnesses.items() if head)
    found = await _asked(line, sure[-ASKED_FIRST:])
    contradicted = any(found.get(uid, place.witnesses[uid]) != place.witnesses[uid] for uid in sure[-ASKED_FIRST:])
    # where the newest is there, its server only reckons badly
    newest_is_there = bool(sure) and sure[-1] == place.uidnext - 1 and sure[-1] in found
    if not contradicted and not (backwards and not newest_is_there):
        return MAX_UID
    found = await _asked(line, sure)
    others = [uid for uid in sure if uid in found and found[uid] != place.witnesses[uid]]
    below = min(others, default=MAX_UID)
    return max((uid for uid in sure if uid < below and found.get(uid) == place.witnesses[uid]), default=0)


async def _asked(line: Connection, uids: list[int]) -> dict[int, str]:
    try:
        return await _digests(line, uids) if uids else {}
    except Refused:
        return {}
