"""The two streams of a mail account: what is new, and what is old, newest first."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence

from agent_tui.backends.api import (
    AccountContext,
    ChangeBatch,
    CopyGone,
    FolderReset,
    Misconfigured,
    ProtocolError,
    RemoteCopy,
    Unreachable,
)
from agent_tui.backends.imap.connection import Connection, Folder
from agent_tui.backends.imap.cursor import HistoryCursor, Past, Place, PullCursor
from agent_tui.backends.imap.folders import FolderPlan
from agent_tui.backends.imap.line import TOO_MUCH, Refused
from agent_tui.backends.imap.listed import uids_present
from agent_tui.backends.imap.mails import Arrived, Batch, Fetcher, FolderChanged, nothing_given
from agent_tui.backends.imap.news import Sweeper, begin, begin_catching_up, changes, look, lost
from agent_tui.backends.imap.ranges import look_in_range
from agent_tui.backends.imap.uidset import UidSet, aside, together, without
from agent_tui.backends.imap.witnesses import call_witnesses

NEWEST = 200
"""Mails of INBOX that the first pull brings; of other folders a quarter of it."""
AT_ONCE = 20
"""Mails of the very first batch, so that something is there to read."""
TURNS = 20
"""Batches of one folder's backlog, or ranges of its changes, before new mail is looked for again."""
LOOKS = 5
"""So many pulls ask for a mail that the server lists and gives nothing of, before it is set aside."""
BEGINNING = "history"
"""Where the history begins is remembered under this name."""


class Streams:
    """Pull and history over one connection; they may run side by side, each takes the line for a command or two."""

    def __init__(
        self,
        context: AccountContext,
        line: Callable[[], Awaitable[Connection]],
        plan: Callable[[], FolderPlan],
        size: int,
    ) -> None:
        self._context, self._line, self._plan = context, line, plan
        self._fetcher = Fetcher(line, size)
        self._sweeper = Sweeper()
        self._doubted: dict[tuple[str, int], set[int]] = defaultdict(set)
        self._asked: set[tuple[str, int]] = set()
        """What this pull asked for in vain."""

    def doubt(self, copies: Iterable[RemoteCopy]) -> None:
        """Under the UIDs of these lies another mail, as a write found out: the next pull brings what lies there."""
        for copy in copies:
            self._doubted[copy.folder, copy.uidvalidity].add(copy.uid)

    # what is new

    async def pull(self, text: str | None) -> AsyncIterator[ChangeBatch]:
        """Everything behind the cursor. The cursor given out last is always enough to go on from."""
        # other accounts live in the same loop, and a set of very many UIDs takes its time
        cursor = await aside(lambda: PullCursor.load(text), len(text or "") // 8)
        await self._line()
        plan = self._plan()
        plan.moved = {key: place.name for key, place in cursor.places.items() if place.name != key}
        self._asked.clear()
        async for batch in self._forgotten(cursor, plan):
            yield batch
        faults: dict[str, ProtocolError] = {}
        while True:
            async for batch in self._each(self._news, cursor, plan, faults):
                yield batch
            if not cursor.places and not faults:
                raise Misconfigured("folders", reason="no_folder", option="folders", value=", ".join(plan.watched))
            cursor.begun = True
            brought = 0
            for part in (self._backlog, self._caught_up):
                async for batch in self._each(part, cursor, plan, faults):
                    brought += 1
                    yield batch
            left = [place for key, place in cursor.places.items() if key not in faults]
            if not brought or not any(place.waiting or place.catch_up for place in left):
                # what came meanwhile, and a folder that changes under our hands, are left to the next pull
                break
        if faults:
            yield ChangeBatch((), cursor.dump())
            raise next(iter(faults.values()))
        yield ChangeBatch((), cursor.dump(), done=True)

    async def _each(
        self,
        part: Callable[[PullCursor, FolderPlan, str], AsyncIterator[ChangeBatch]],
        cursor: PullCursor,
        plan: FolderPlan,
        faults: dict[str, ProtocolError],
    ) -> AsyncIterator[ChangeBatch]:
        """A part of the pull for every folder. One that answers without end is among `faults` from then on."""
        for key in plan.watched:
            if key in faults:
                continue
            try:
                async for batch in part(cursor, plan, key):
                    yield batch
            except ProtocolError as error:
                if error.parameters.get("reason") not in TOO_MUCH:
                    raise
                host, folder = error.parameters.get("host", ""), plan.folder(key).name
                faults[key] = ProtocolError("folder", reason="folder_too_large", host=host, folder=folder)

    async def _forgotten(self, cursor: PullCursor, plan: FolderPlan) -> AsyncIterator[ChangeBatch]:
        """Folders that the options name no longer: their mails stay, their places mean nothing."""
        for key in [key for key in cursor.places if key not in plan.watched]:
            place = cursor.places.pop(key)
            yield ChangeBatch([FolderReset(place.name, place.uidvalidity)], cursor.dump())

    async def _news(self, cursor: PullCursor, plan: FolderPlan, key: str) -> AsyncIterator[ChangeBatch]:
        line = await self._line()
        place = cursor.places.get(key)
        if place is None:
            await self._begin(line, cursor, plan, key)
            # while the folder is open, and before anything else is looked at: something to read
            async for early in self._backlog(cursor, plan, key):
                yield early
            if place := cursor.places.get(key):
                await call_witnesses(await self._line(), plan.folder(key), place)
            return
        folder = plan.folder(key)
        if doubted := place.known & UidSet.of(self._doubted.pop((place.name, place.uidvalidity), ())):
            place.known = await without(place.known, doubted)
            place.owed |= dict.fromkeys(doubted, 0)
            gone = [CopyGone(place.name, place.uidvalidity, uid) for uid in doubted]
            yield ChangeBatch(gone, cursor.dump())
        try:
            found = await look(line, folder, place, self._sweeper)
        except Refused as no:
            events = await lost(line, plan, key, place)
            if not events:
                # it is there and cannot be opened: without the first folder the account is worth nothing
                if key == plan.watched[0]:
                    raise ProtocolError(
                        "select", reason="folder_refused", folder=place.name, server_said=no.said
                    ) from None
                return
            if key in plan.moved:
                place.name = plan.moved[key]
            else:
                del cursor.places[key]
            yield ChangeBatch(events, cursor.dump())
            return
        except ProtocolError as error:
            if error.parameters.get("reason") not in TOO_MUCH or not begin_catching_up(line, place):
                raise
            # remembered before anything is asked: the same answer would be over the bound again
            yield ChangeBatch((), cursor.dump())
            async for again in self._news(cursor, plan, key):
                yield again
            return
        if found is None:
            del cursor.places[key]
            yield ChangeBatch([FolderReset(place.name, place.uidvalidity)], cursor.dump())
            await self._begin(line, cursor, plan, key)
            return
        async for change in changes(found, place):
            yield ChangeBatch(change, cursor.dump())
        owed = UidSet.of(place.owed)
        try:
            async for arrivals in self._arrivals(key, folder, place, await together(found.arrived, owed)):
                yield ChangeBatch(arrivals, cursor.dump())
        except FolderChanged:
            return
        place.said = found.uidnext
        await call_witnesses(await self._line(), folder, place)

    async def _arrivals(self, key: str, folder: Folder, place: Place, uids: UidSet) -> AsyncIterator[Sequence[Arrived]]:
        """Bring these. The place goes on behind what was brought, never behind what a server only foretold."""
        wanted = await without(uids, UidSet.of(uid for asked, uid in self._asked if asked == key))
        async for batch in self._fetcher.batches(folder, place.uidvalidity, wanted, newest_first=False):
            mails, settled = await self._settled(key, folder, place, batch)
            if settled:
                place.uidnext = max(place.uidnext, settled.highest + 1)
            place.known = await together(place.known, settled)
            yield mails

    async def _settled(self, key: str, folder: Folder, place: Place, batch: Batch) -> tuple[Sequence[Arrived], UidSet]:
        """What a batch brings, and the UIDs that need not be asked for again.

        A mail that is listed and not given is owed: it is asked for by the next pulls, and in the end set aside.
        """
        given_up = UidSet.of(uid for uid in batch.owed if place.owed.get(uid, 0) + 1 >= LOOKS)
        for uid in batch.owed - given_up:
            place.owed[uid] = place.owed.get(uid, 0) + 1
            self._asked.add((key, uid))
        settled = batch.uids - batch.absent - (batch.owed - given_up)
        for uid in settled | batch.absent:
            place.owed.pop(uid, None)
        return [*batch.mails, *nothing_given(folder, place.uidvalidity, given_up)], settled

    async def _begin(self, line: Connection, cursor: PullCursor, plan: FolderPlan, key: str) -> None:
        place = await begin(line, plan.folder(key))
        if place is None:
            return
        if not cursor.begun:
            newest = place.known.newest(NEWEST if key == plan.watched[0] else NEWEST // 4)
            place.floor = newest.lowest if newest else 1
        cursor.places[key] = place
        if not cursor.begun:
            await self._remember_beginning(cursor)

    async def _remember_beginning(self, cursor: PullCursor) -> None:
        """The history goes on where the first pull ends. Kept before the pull's first batch is."""
        below = {key: [place.uidvalidity, place.floor] for key, place in cursor.places.items()}
        await self._context.remember(BEGINNING, json.dumps(below))

    async def _backlog(self, cursor: PullCursor, plan: FolderPlan, key: str) -> AsyncIterator[ChangeBatch]:
        place = cursor.places.get(key)
        if place is None or not place.waiting:
            return
        turns = TURNS
        first = AT_ONCE if place.low == place.uidnext else 0
        try:
            async for batch in self._fetcher.batches(
                plan.folder(key), place.uidvalidity, place.waiting, newest_first=True, first=first
            ):
                mails, settled = await self._settled(key, plan.folder(key), place, batch)
                place.low = batch.uids.lowest
                if unsettled := batch.uids - settled:
                    place.known = await without(place.known, unsettled)
                yield ChangeBatch(mails, cursor.dump())
                turns -= 1
                if turns == 0:
                    return
        except FolderChanged:
            return
        place.low = min(place.low, place.floor)

    async def _caught_up(self, cursor: PullCursor, plan: FolderPlan, key: str) -> AsyncIterator[ChangeBatch]:
        """Changes that are asked for in ranges. The cursor moves with each: a kill goes on at the range it was in."""
        place = cursor.places.get(key)
        for _ in range(TURNS):
            if place is None or place.catch_up is None:
                return
            try:
                found = await look_in_range(await self._line(), plan.folder(key), place)
            except Refused as no:
                if no.command == "SELECT" or key != plan.watched[0]:
                    return
                raise ProtocolError("fetch", reason="folder_refused", folder=place.name, server_said=no.said) from None
            if found is None:
                return
            async for change in changes(found, place):
                yield ChangeBatch(change, cursor.dump())
            try:
                async for arrivals in self._arrivals(key, plan.folder(key), place, found.arrived):
                    yield ChangeBatch(arrivals, cursor.dump())
            except FolderChanged:
                return
            if not found.gone and not found.marked:
                yield ChangeBatch((), cursor.dump())

    # what is old

    async def history(self, text: str | None) -> AsyncIterator[ChangeBatch]:
        """From where the first pull began backwards; folders keep pace with one another."""
        await self._line()
        plan = self._plan()
        cursor = HistoryCursor.load(text)
        if cursor is None:
            cursor = HistoryCursor(self._beginning(plan))
            fresh = True
        else:
            fresh = False
        left = await self._older(cursor, plan, fresh=fresh)
        while key := _furthest(left, cursor.pasts):
            past, uids = cursor.pasts[key], left[key]
            try:
                async for batch in self._fetcher.batches(
                    plan.folder(key), past.uidvalidity, uids.newest(200), newest_first=True
                ):
                    past.below = batch.uids.lowest
                    left[key] = await without(left[key], batch.uids)
                    cursor.done += len(batch.uids)
                    # history passes once: there is no later look
                    mails = [*batch.mails, *nothing_given(plan.folder(key), past.uidvalidity, batch.owed)]
                    yield ChangeBatch(mails, cursor.dump(), progress=(cursor.done, max(cursor.total, cursor.done)))
            except FolderChanged as changed:
                if changed.gone:
                    # renamed, perhaps: history must not be called done before the pull has found out
                    raise Unreachable("history", reason="folder_changed", folder=plan.folder(key).name) from None
                # the pull brings a renumbered folder whole
                left.pop(key)
                continue
            if past.below > uids.lowest and not left[key]:
                past.below = uids.lowest
        yield ChangeBatch((), cursor.dump(), done=True, progress=(cursor.done, max(cursor.total, cursor.done)))

    def _beginning(self, plan: FolderPlan) -> dict[str, Past]:
        try:
            kept: Mapping[str, tuple[int, int]] = json.loads(self._context.recall(BEGINNING) or "{}")
            return {key: Past(int(va), int(below), 0) for key, (va, below) in kept.items() if key in plan.watched}
        except (ValueError, TypeError):
            return {}

    async def _older(self, cursor: HistoryCursor, plan: FolderPlan, *, fresh: bool) -> dict[str, UidSet]:
        """What each folder still holds below its place."""
        left = {}
        # the folder that history begins with comes last, and is then open
        for key, past in reversed(cursor.pasts.items()):
            line = await self._line()
            try:
                async with line.inside(plan.folder(key), past.uidvalidity) as same:
                    found = await uids_present(line, below=past.below) if same and past.below > 1 else UidSet()
            except Refused:
                continue
            if found:
                left[key] = found
            if fresh:
                past.total = len(found)
        return left


def _furthest(left: Mapping[str, UidSet], pasts: Mapping[str, Past]) -> str:
    """The folder with the greatest share still to come; empty where nothing is left."""
    open_ = {key: len(uids) / max(pasts[key].total, 1) for key, uids in left.items() if uids}
    return max(open_, key=lambda key: open_[key]) if open_ else ""
