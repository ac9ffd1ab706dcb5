"""The worker of one workspace: its accounts, what is due by the clock, what the desk asks, and when to end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from agent_tui import __version__
from agent_tui.domain.account import Account, AccountHealth, Fault, Health
from agent_tui.domain.times import now
from agent_tui.store.ports import DeskReads, StoreError, WorkerStore
from agent_tui.sync import wake
from agent_tui.sync.account_runner import AccountRunner
from agent_tui.sync.courtesy import Pace
from agent_tui.sync.door import addresses_of, own_addresses
from agent_tui.sync.lock import any_desk
from agent_tui.sync.requests import Requests
from agent_tui.sync.services import StoreAccess, WorkerSettings, wait_for

MERGE_BUDGET = 0.02
"""Seconds of merging the search index at a time, between which everybody else gets a turn."""
DESK_GRACE = 15.0
"""A worker that a desk started waits so long for a desk before it believes that there is none."""

log = logging.getLogger(__name__)


class Worker:
    """Runs until it is told to stop, or has nothing left to do."""

    def __init__(self, settings: WorkerSettings, store: WorkerStore, reads: DeskReads) -> None:
        self._settings = settings
        self._store = StoreAccess(store, Pace(settings.key_ago))
        self._reads = reads
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()
        self._requests = Requests(settings, self._store)
        self._crew = Crew(settings, self._store)
        self._version = -1
        self._merging = True
        self._mergeable_at = 0.0

    def stop(self) -> None:
        """End soon: what is on its way out is brought to its end."""
        self._stopped.set()
        self._woken.set()

    def hear(self, word: str) -> None:
        """A word came by the socket."""
        kind, _, rest = word.partition(" ")
        if kind == wake.STOP or (kind == wake.VERSION and rest != __version__):
            log.info("told to end: %s", kind)
            self.stop()
        self._version = -1  # whoever nudges has written something
        self._woken.set()

    async def run(self) -> int:
        """Work; the exit status."""
        line = None
        try:
            if not self._settings.once:
                with contextlib.suppress(OSError):  # without the socket the worker looks by itself
                    line = await wake.listen(self._settings.socket, self.hear)
            await self._store.call(self._store.store.publish_backends, self._settings.backends())
            if self._settings.once:
                return await self._once()
            await self._forever()
            return 0
        finally:
            if line is not None:
                line.close()
                self._settings.socket.unlink(missing_ok=True)
            await self._requests.stop()
            await self._crew.stop()
            self._store.close()

    async def _once(self) -> int:
        await self._crew.follow(await self._accounts())
        await self._requests.take(self._crew.runners, await self._accounts())
        await self._store.call(self._store.store.wake_snoozed, now())
        done = asyncio.ensure_future(self._crew.wait())
        stopped = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait([done, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not done.done():
            done.cancel()
            return 1
        await self._requests.finish(10.0)
        for _ in range(500):
            if not await self._store.call(self._store.store.merge_search_index, MERGE_BUDGET):
                break
        return 1 if any(runner.failed for runner in self._crew.runners.values()) else 0

    async def _forever(self) -> None:
        begun = asyncio.get_running_loop().time()
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                await self._look()
                lonely = self._settings.attached and asyncio.get_running_loop().time() - begun > DESK_GRACE
                if lonely and await self._may_end():
                    return
            except StoreError as error:
                log.warning("the store: %s", error.code)
            except Exception:
                # What is broken here must not keep the accounts from being served.
                log.exception("the worker stumbled")
                self._version = -1
                await wait_for(self._stopped, 5.0)
            await wait_for(self._woken, self._settings.timing.tick)

    async def _look(self) -> None:
        """What changed in the store, and what is due by the clock."""
        store = self._store
        version = self._reads.data_version()
        if version != self._version:
            self._version = version
            self._merging = True
            accounts = await self._accounts()
            await self._crew.follow(accounts)
            await self._requests.take(self._crew.runners, accounts)
            self._crew.nudge()
        woken = await store.call(store.store.wake_snoozed, now())
        for conversation in woken:
            await store.call(store.store.log_activity, "", "woken", {"conversation": str(conversation)})
        await self._merge()

    async def _merge(self) -> None:
        """Keep the search index in few pieces, a little at a time."""
        present = asyncio.get_running_loop().time()
        if self._merging and present >= self._mergeable_at:
            self._merging = await self._store.call(self._store.store.merge_search_index, MERGE_BUDGET)
            self._mergeable_at = present + (0.0 if self._merging else 10.0)

    async def _may_end(self) -> bool:
        """No desk is alive, and nothing has to leave any more."""
        if any_desk(self._settings.desk_lock) or self._requests.busy or self._crew.sending:
            return False
        return await self._store.call(self._store.store.outbox_open) == 0

    async def _accounts(self) -> Sequence[Account]:
        return await self._store.call(self._store.store.accounts)


def _essence(account: Account) -> tuple[object, ...]:
    """What of an account asks for another connection when it changes; a label or a signature does not."""
    return (account.backend, account.channel, dict(account.options), addresses_of(account))


class Crew:
    """One runner for each account that has a connection; it follows what the desk adds, changes and removes."""

    def __init__(self, settings: WorkerSettings, store: StoreAccess) -> None:
        self._settings = settings
        self._store = store
        self.runners: dict[str, AccountRunner] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._own: frozenset[str] = frozenset()

    async def follow(self, accounts: Sequence[Account]) -> None:
        """Start, restart and stop runners so that they are those of these accounts."""
        wanted = {account.id: account for account in accounts if not account.offline}
        own = own_addresses(accounts)
        everybody = own != self._own  # who is a customer and who is not is another question now
        for name in list(self.runners):
            if name not in wanted:
                await self._end(name)
                await self._store.call(self._store.store.set_health, AccountHealth(name, Health.OFF, now()))
            elif everybody or _essence(self.runners[name].account) != _essence(wanted[name]):
                await self._end(name)
        self._own = own
        for name, account in wanted.items():
            if name not in self.runners:
                self._begin(account, accounts)

    def nudge(self) -> None:
        """Something was written."""
        for runner in self.runners.values():
            runner.nudge()

    @property
    def sending(self) -> bool:
        """Something is on its way out right now."""
        return any(runner.sending for runner in self.runners.values())

    async def wait(self) -> None:
        """Until all runners have ended."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def stop(self) -> None:
        """End all of them, side by side."""
        for task in self._tasks.values():
            task.cancel()
        await self.wait()

    def _begin(self, account: Account, accounts: Sequence[Account]) -> None:
        runner = AccountRunner(account, accounts, self._settings, self._store)
        self.runners[account.id] = runner
        self._tasks[account.id] = task = asyncio.ensure_future(runner.run())
        task.add_done_callback(lambda ended: self._ended(runner, ended))

    def _ended(self, runner: AccountRunner, task: asyncio.Task[None]) -> None:
        """A runner never ends by itself; where one does, it is not left unnoticed."""
        if task.cancelled() or task.exception() is None:
            return
        runner.failed = Fault("backend_failed")
        log.error("account %s: its task ended", runner.account.id, exc_info=task.exception())
        if self.runners.get(runner.account.id) is runner:
            del self.runners[runner.account.id]
            del self._tasks[runner.account.id]

    async def _end(self, name: str) -> None:
        task = self._tasks.pop(name)
        del self.runners[name]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
