"""What changed in a folder, asked for in ranges of UIDs: so many changes are never in one answer, nor in memory."""

from __future__ import annotations

from agent_tui.backends.imap.connection import Connection, Folder
from agent_tui.backends.imap.cursor import CatchUp, Place
from agent_tui.backends.imap.fetching import Fetched
from agent_tui.backends.imap.listed import uids_present
from agent_tui.backends.imap.news import Look, marks_of
from agent_tui.backends.imap.uidset import UidSet, aside, without

RANGE = 50_000
"""Mails that are asked for at once: a sixth of the lines that one answer may have."""
RANGE_WAIT = 150.0
"""Seconds that the marks of so many may take on the slowest line."""


async def look_in_range(line: Connection, folder: Folder, place: Place) -> Look | None:
    """What was marked and what is gone in the next range of a catching up (RFC 7162, 3.1.4.1).

    None where nothing is to be asked for, or the folder's UIDs mean nothing any more. Raises `Refused` where the
    folder is not there.
    """
    left = place.catch_up
    if left is None or not left.modseq:
        return None
    below = await aside(lambda: place.known.between(1, left.below - 1), len(place.known.ranges))
    asked = below.newest(RANGE)
    last = len(asked) == len(below)
    async with line.inside(folder, place.uidvalidity) as same:
        if not same:
            return None
        present, arrived = await _present(line, place, asked, 1 if last else asked.lowest, left.below - 1)
        fetched = Fetched()
        if present and left.modseq > place.modseq:
            uids = b"%d:%d" % (asked.lowest, asked.highest)
            since = b"(CHANGEDSINCE %d)" % place.modseq
            fetched = await line.fetch(uids, b"(UID FLAGS)", since, seconds=RANGE_WAIT)
    gone = await without(asked, present)
    marked = await marks_of(folder, place, present, fetched)
    if last:
        return Look(place.said, left.modseq, gone, marked, arrived=arrived)
    return Look(place.said, place.modseq, gone, marked, CatchUp(left.modseq, asked.lowest), arrived)


async def _present(line: Connection, place: Place, asked: UidSet, low: int, high: int) -> tuple[UidSet, UidSet]:
    """Which of these are there still, and what is there between these UIDs that was not known."""
    # where the numbers agree, nothing is gone and nothing was left out; what is owed is listed, and not known
    if high < low or (not place.owed and line.exists == len(place.known)):
        return asked, UidSet()
    found = await uids_present(line, since=low, below=high + 1)
    present = await aside(lambda: asked & found, len(asked.ranges) + len(found.ranges))
    return present, await without(found, place.known)
