"""One account: connect, pull, watch, bring the history, send; and come back after whatever ended it.

Each account is a task of its own. What hangs or fails here is this account's alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent_tui.backends.api import (
    AuthenticationFailed,
    Backend,
    BackendError,
    BodySource,
    ChangeBatch,
    ChangeWatch,
    ConversationSource,
    Hint,
    HistorySource,
    RemoteCopy,
    Unreachable,
    Unsupported,
)
from agent_tui.domain.account import Account, Capability, Fault, Health
from agent_tui.domain.conversation import Channel
from agent_tui.domain.outbox import Release
from agent_tui.domain.times import SECOND, now
from agent_tui.store.ports import StoreError
from agent_tui.sync.door import as_the_backend_says, make_backend, own_addresses
from agent_tui.sync.health import HealthTeller, judge
from agent_tui.sync.incoming import IngestAccount, Outcome, Result
from agent_tui.sync.parse import ParseContext
from agent_tui.sync.pull import Intake
from agent_tui.sync.push import Pusher
from agent_tui.sync.remote_writes import RemoteWriter
from agent_tui.sync.services import (
    StoreAccess,
    WorkerSettings,
    fault_of,
    spread,
    together,
    wait_for,
)

PULL, HISTORY = "pull", "history"
IDLE = 30.0
"""Seconds until the outbox is looked at anew, where nobody nudges and nothing is due."""

IN_VAIN = 3
"""Connections that could not tell what came, behind which what was held for seconds goes all the same."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Signals:
    """What others tell a runner."""

    pull: asyncio.Event = field(default_factory=asyncio.Event)
    push: asyncio.Event = field(default_factory=asyncio.Event)
    again: asyncio.Event = field(default_factory=asyncio.Event)
    """Try to connect now, whatever was to be waited for."""
    quiet: asyncio.Event = field(default_factory=asyncio.Event)
    """No pull is going on: history may take its turn."""
    asked: list[asyncio.Future[None]] = field(default_factory=list)
    """Those who wait for the end of a pull that is yet to begin."""
    served: list[asyncio.Future[None]] = field(default_factory=list)
    """Those whose pull is going on."""

    def begin(self) -> None:
        """A pull begins: it serves those who asked before."""
        self.served += self.asked
        self.asked.clear()

    def answer(self, error: BackendError | None) -> None:
        """A pull ended, or cannot be made."""
        waiting = self.served if error is None else [*self.served, *self.asked]
        for one in waiting:
            if not one.done():
                if error is None:
                    one.set_result(None)
                else:
                    one.set_exception(error)
        self.served.clear()
        if error is not None:
            self.asked.clear()


@dataclass(slots=True)
class Hearing:
    """Whether what came while nobody looked is here: whoever wrote first stops what is held."""

    done: bool = False
    in_vain: int = 0
    """Connections, one behind the other, that ended before that, with the present one."""

    def begin(self, can_hear: bool) -> None:
        """A connection stands."""
        self.done = not can_hear
        self.in_vain += can_hear

    def has_heard(self) -> None:
        """It is here."""
        self.done, self.in_vain = True, 0

    @property
    def release(self) -> Release:
        """What may leave by now."""
        if self.done:
            return Release.ALL
        return Release.NONE if self.in_vain < IN_VAIN else Release.UNSCHEDULED


class AccountRunner:
    """Runs one account until it is stopped."""

    def __init__(
        self, account: Account, accounts: Sequence[Account], settings: WorkerSettings, store: StoreAccess
    ) -> None:
        self.account = account
        self._settings = settings
        self._timing = settings.timing
        self._store = store
        self._accounts = accounts
        self._signals = Signals()
        self._health = HealthTeller(account.id, store)
        self._backend: Backend | None = None
        self._failures = 0
        self._hearing = Hearing()
        self.failed: Fault | None = None
        """Why `--once` could not be finished."""
        self._pusher = Pusher(account.id, store, settings.timing)
        self._writer = RemoteWriter(account.id, store, settings.timing)
        own = own_addresses([account, *accounts])
        ours = IngestAccount.of(account, own)
        context = ParseContext(own, str(account.options.get("trusted_authserv", "")))
        self._intake = Intake(settings, store, ours, context)

    async def run(self) -> None:
        """Sessions, one after the other, with growing pauses after failures."""
        try:
            while True:
                next_at = await self._session()
                if self._settings.once:
                    return
                left = None if next_at is None else max(0.0, next_at - asyncio.get_running_loop().time())
                if left != 0:
                    await wait_for(self._signals.again, left)
        finally:
            await self._pusher.finish(self._timing.sends_end_in)
            await asyncio.to_thread(self._intake.close)

    # told by others

    def nudge(self) -> None:
        """Something was written that may concern this account."""
        self._signals.push.set()

    def connect_now(self) -> None:
        """Do not wait for the next try."""
        self._signals.again.set()

    async def pull_now(self) -> None:
        """Pull, and return when all that was there is in the store. Raises what keeps it from that."""
        self.connect_now()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._signals.asked.append(done)
        self._signals.pull.set()
        await done

    async def prove_now(self) -> None:
        """Look for proof of what is unknown."""
        try:
            backend = self._opened()
        except Unreachable as error:
            await self._pusher.cannot_look(fault_of(error))
            raise
        await self._pusher.prove(backend, at_once=True)

    async def fetch_body(self, message_id: int) -> bool:
        """Bring the whole of a message of which only the headers are here."""
        backend = self._opened()
        if not isinstance(backend, BodySource):
            raise Unsupported("fetch_body")
        store = self._store
        places = await store.call(store.store.places, self.account.id, message_id)
        if not places:
            raise Unreachable("the server has it no more", reason="gone")
        place = places[0]
        copy = RemoteCopy(place.folder, place.uidvalidity, place.uid, place.email_id)
        raw = await backend.fetch_body(copy)
        return await self._intake.complete(raw, copy, seen=place.seen, answered=place.answered)

    def _opened(self) -> Backend:
        if self._backend is None:
            raise Unreachable(
                "not connected", reason=fault.code if (fault := self._health.present.fault) else "offline"
            )
        return self._backend

    # a session

    async def _session(self) -> float | None:
        """From the connection to its end; when the next one is due on the loop's clock, None: when a person says so."""
        backend: Backend | None = None
        try:
            await self._health.tell(Health.CONNECTING)
            backend = make_backend(self.account, self._accounts, self._settings, self._store)
            await self._live(backend)
        except Exception as error:
            self._backend = None
            # told before the end: a dead line takes its time to close, and the desk would show it as alive so long
            pause = await self._take_failure(error)
            return None if pause is None else asyncio.get_running_loop().time() + pause
        finally:
            self._backend = None
            await self._pusher.finish(self._timing.sends_end_in)
            if backend is not None:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(10):
                        await backend.close()
        return 0.0

    async def _live(self, backend: Backend) -> None:
        if Capability.PULL in backend.capabilities and backend.channel is Channel.EMAIL:
            self._intake.warm()
        try:
            async with asyncio.timeout(self._timing.open_limit):
                await backend.open()
        except TimeoutError as error:
            raise Unreachable("no answer") from error
        self._backend = backend
        self._hearing.begin(isinstance(backend, ConversationSource) and Capability.PULL in backend.available)
        await self._learn(backend)
        await self._pusher.recover()
        if self._settings.once:
            await self._all_once(backend)
        else:
            await together(
                self._pulling(backend), self._watching(backend), self._history(backend), self._pushing(backend)
            )

    async def _learn(self, backend: Backend) -> None:
        """Keep what this account can do: the desk greys out the rest."""
        learned = as_the_backend_says(self.account, backend)
        if learned != self.account:
            self.account = learned
            await self._store.call(self._store.store.learn, learned)

    async def _all_once(self, backend: Backend) -> None:
        self._signals.begin()
        if isinstance(backend, ConversationSource):
            try:
                await self._pull(backend)
            except BackendError:
                self._hearing.in_vain = IN_VAIN
                await self._push_all(backend)
                raise
        self._hearing.has_heard()
        self._signals.answer(None)
        await self._health.tell(Health.CONNECTED)
        if isinstance(backend, HistorySource) and Capability.HISTORY in backend.available:
            await self._bring_history(backend)
        await self._push_all(backend)

    # in

    async def _pulling(self, backend: Backend) -> None:
        if not isinstance(backend, ConversationSource) or Capability.PULL not in backend.available:
            await self._health.tell(Health.CONNECTED)
            return
        while True:
            self._signals.pull.clear()
            self._signals.begin()
            self._signals.quiet.clear()
            await self._pull(backend)
            self._hearing.has_heard()
            self._signals.answer(None)
            self._signals.quiet.set()
            self._failures = 0
            await self._health.tell(Health.CONNECTED)
            self._signals.push.set()  # what came may prove what is unknown, or tell where a moved mail lies
            if not await wait_for(self._signals.pull, min(self._timing.parser_rests, self._pause(backend))):
                await self._intake.rest()
                await wait_for(self._signals.pull, max(0.0, self._pause(backend) - self._timing.parser_rests))

    def _pause(self, backend: Backend) -> float:
        if Capability.WATCH in backend.available and isinstance(backend, ChangeWatch):
            return self._timing.poll_watched
        wished = self.account.options.get("poll_interval")
        return min(float(wished), self._timing.poll) if isinstance(wished, int | float) else self._timing.poll

    async def _pull(self, backend: ConversationSource) -> None:
        cursor = await self._store.call(self._store.store.cursor, self.account.id, PULL)
        await self._intake.take(backend.pull(cursor[0] if cursor else None), PULL, self._note)

    async def _watching(self, backend: Backend) -> None:
        if not isinstance(backend, ChangeWatch) or Capability.WATCH not in backend.available:
            return
        while True:
            try:
                async for told in backend.watch():
                    if isinstance(told, Hint):
                        self._signals.pull.set()
            except Unsupported:
                return
            await asyncio.sleep(spread(self._timing.backoff))

    async def _history(self, backend: Backend) -> None:
        if not isinstance(backend, HistorySource) or Capability.HISTORY not in backend.available:
            return
        await self._signals.quiet.wait()
        await self._bring_history(backend)

    async def _bring_history(self, backend: HistorySource) -> None:
        cursor = await self._store.call(self._store.store.cursor, self.account.id, HISTORY)
        if cursor is not None and cursor[1]:
            return
        await self._intake.take(
            backend.history(cursor[0] if cursor else None), HISTORY, self._note_history, self._let_pull_pass
        )
        await self._health.note("history_done")

    async def _let_pull_pass(self) -> None:
        """What is new goes before what is old."""
        if not self._settings.once:
            await self._signals.quiet.wait()

    async def _note(self, batch: ChangeBatch, results: Sequence[Result]) -> None:
        for result in results:
            if result.proves is not None:
                await self._pusher.proven(result.proves)
            if result.outcome is Outcome.SET_ASIDE:
                await self._health.note("set_aside", code=result.code)
            if result.stopped:
                by = {"who": str(result.who)} if result.who else {}
                await self._health.note(
                    "held_back_by" if by else "held_back", conversation=str(result.conversation_id), **by
                )

    async def _note_history(self, batch: ChangeBatch, results: Sequence[Result]) -> None:
        await self._note(batch, results)
        if batch.progress is not None:
            done, total = batch.progress
            await self._health.history(done, total)

    # out

    async def _pushing(self, backend: Backend) -> None:
        while True:
            self._signals.push.clear()
            pause = await self._push_all(backend)
            await wait_for(self._signals.push, pause)

    async def _push_all(self, backend: Backend) -> float:
        """Send and write what is due; seconds until something may be due again."""
        await self._pusher.recover()
        await self._pusher.push(backend, self._hearing.release)
        await self._writer.write(backend)
        await self._pusher.file_missing(backend)
        proof = await self._pusher.prove(backend, at_once=self._settings.once)
        present = now()
        due = await self._store.call(self._store.store.next_due_of, self.account.id, present)
        pauses = [IDLE, IDLE if proof is None else proof, IDLE if due is None else (due - present) / SECOND]
        return max(0.02, min(pauses))

    @property
    def sending(self) -> bool:
        """Something is on its way out right now."""
        return self._pusher.busy

    # how it is

    async def _take_failure(self, error: Exception) -> float | None:
        """Publish a failure; seconds until the next try, None where only a person can help."""
        self._signals.again.clear()  # whoever asks from now on, also while the old line ends, knows of this failure
        self._failures += 1
        health, fault, pause = judge(error, self._failures, self._timing)
        self.failed = fault
        if isinstance(error, BackendError | StoreError):
            log.warning("account %s: %s", self.account.id, fault.code)
        else:
            log.exception("account %s failed", self.account.id)
        self._signals.answer(error if isinstance(error, BackendError) else Unreachable(fault.code))
        if isinstance(error, AuthenticationFailed):
            self._settings.drop_token(self.account.id)
        await self._health.tell(health, fault, pause)
        return pause
