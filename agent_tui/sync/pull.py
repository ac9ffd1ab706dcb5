"""Streams of a backend into the store: while one piece is written, the next is fetched and read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from agent_tui.backends.api import Change, ChangeBatch, MailArrived, RemoteCopy, Unreachable
from agent_tui.domain.times import Micros
from agent_tui.sync.incoming import IngestAccount, Outcome, Prepared, Result
from agent_tui.sync.ingest import Ahead, Ingestor, chunks
from agent_tui.sync.parse import ParseContext, ParserTeam
from agent_tui.sync.services import StoreAccess, WorkerSettings

T = TypeVar("T")


class Intake:
    """What comes in by one account. It has a parsing child of its own: a hostile mail delays nobody else."""

    def __init__(
        self, settings: WorkerSettings, store: StoreAccess, account: IngestAccount, context: ParseContext
    ) -> None:
        self._timing = settings.timing
        self._store = store
        self._account = account
        self._context = context
        self._parser = ParserTeam(settings.limits)
        self._pace = store.pace
        self._ingestor = Ingestor(store.store, self._parser, pace=store.pace)
        self._ahead: dict[str, Ahead] = {}
        """Where each stream stands in the store, as far as this runner put it there."""
        self._reading = ThreadPoolExecutor(1, f"reading-{account.id}")

    async def take(
        self,
        batches: AsyncIterator[ChangeBatch],
        stream: str,
        noted: Callable[[ChangeBatch, Sequence[Result]], object],
        turn: Callable[[], object] | None = None,
    ) -> None:
        """Take a stream to its end. `noted` is told of each batch that is durable, `turn` is awaited before the next.

        Where there are turns, the next batch is fetched while this one is read and the one before it is written:
        history is long, and else the processors wait for the line and the disk half of the time. Without turns what
        came is durable before more is asked for: some services take the asking for an acknowledgement.
        """
        writing: asyncio.Task[None] | None = None
        coming: asyncio.Task[ChangeBatch | None] | None = None
        try:
            while (batch := await (coming or self._next(batches))) is not None:
                coming = None
                if turn is not None:
                    if asyncio.iscoroutine(waiting := turn()):
                        await waiting
                    coming = asyncio.ensure_future(self._next(batches))
                pieces = list(chunks(batch.changes))
                gathered: list[Result] = []
                for place, piece in enumerate(pieces):
                    if turn is not None:
                        await self._pace.let_keys_pass()
                    prepared = await self._prepare(piece)
                    last = place == len(pieces) - 1
                    before, writing = writing, None
                    if before is not None:
                        await before
                    writing = asyncio.ensure_future(
                        self._write(batch, prepared, stream, gathered, noted if last else None)
                    )
                if turn is None and writing is not None:
                    before, writing = writing, None
                    await before
            if writing is not None:
                await writing
        finally:
            if coming is not None:
                coming.cancel()  # a stream that is still asked for something cannot be closed
                await asyncio.gather(coming, return_exceptions=True)
            if writing is not None and not writing.done():
                await asyncio.gather(writing, return_exceptions=True)
            close = getattr(batches, "aclose", None)
            if close is not None:
                await close()

    async def take_one(self, change: Change) -> Result:
        """Take one change that belongs to no stream."""
        prepared = await self._prepare([change])
        return (await self._store.ingest(self._ingestor.commit, self._account, prepared))[0]

    async def complete(self, raw: bytes, copy: RemoteCopy, *, seen: bool, answered: bool) -> bool:
        """The whole of a message of which only the headers were here."""
        change = MailArrived(raw, Micros(0), copy, seen=seen, answered=answered, size=len(raw))
        result = await self.take_one(change)
        return result.outcome is not Outcome.SET_ASIDE

    def warm(self) -> None:
        """Mails will come soon."""
        self._reading.submit(self._parser.warm)

    async def rest(self) -> None:
        """Nothing comes for now: let the parsing child go."""
        await asyncio.get_running_loop().run_in_executor(self._reading, self._parser.rest)

    def close(self) -> None:
        """End the parsing child."""
        self._parser.close()
        self._reading.shutdown(wait=True, cancel_futures=True)
        self._ingestor.close()

    async def _next(self, batches: AsyncIterator[ChangeBatch]) -> ChangeBatch | None:
        try:
            async with asyncio.timeout(self._timing.step_limit):
                return await anext(batches)
        except StopAsyncIteration:
            return None
        except TimeoutError as error:
            raise Unreachable("no answer") from error

    async def _prepare(self, piece: Sequence[Change]) -> list[Prepared]:
        future = self._reading.submit(self._ingestor.prepare, piece, (), self._context)
        return await asyncio.shield(asyncio.wrap_future(future))

    async def _write(
        self,
        batch: ChangeBatch,
        prepared: Sequence[Prepared],
        stream: str,
        gathered: list[Result],
        noted: Callable[[ChangeBatch, Sequence[Result]], object] | None,
    ) -> None:
        ahead = Ahead(stream, batch.cursor, batch.done) if noted is not None else None
        if not prepared and ahead == self._ahead.get(stream):
            return  # nothing is new: not even a commit, or each look at the server would make every desk look
        commit, live = self._ingestor.commit, stream == "pull"
        if not live:
            await self._pace.let_keys_pass()  # not in the thread that writes: what is new must pass
        gathered += await self._store.ingest(commit, self._account, prepared, ahead, live=live)
        if ahead is not None:
            self._ahead[stream] = ahead
        if noted is not None and asyncio.iscoroutine(telling := noted(batch, gathered)):
            await telling
