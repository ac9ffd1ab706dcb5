"""What the parts of the worker share: its settings, the store off the event loop, and small tools for waiting."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from agent_tui.backends.api import Backend, BackendError, SecretUnavailable
from agent_tui.content.safe import safe
from agent_tui.domain.account import BackendInfo, Fault
from agent_tui.domain.times import SECOND, Micros, now
from agent_tui.store.ports import StoreError, WorkerStore
from agent_tui.sync.courtesy import Pace
from agent_tui.sync.parse import ParseLimits

P = ParamSpec("P")
T = TypeVar("T")

_chance = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the worker waits for what. Tests shorten it."""

    tick: float = 1.0
    """Between two looks at the store, where nobody wakes us."""
    poll: float = 60.0
    """Between two pulls of a backend that cannot watch."""
    poll_watched: float = 300.0
    """The same where it can: a hint may be lost."""
    open_limit: float = 90.0
    step_limit: float = 300.0
    """For one batch of a pull. A backend has limits of its own; this is for one that forgot them."""
    send_limit: float = 900.0
    backoff: float = 5.0
    backoff_cap: float = 300.0
    locked_retry: float = 60.0
    """Between two tries where a secret was locked."""
    send_backoff: float = 30.0
    send_backoff_cap: float = 3600.0
    put_off_steps: tuple[float, ...] = (300.0, 1800.0, 7200.0, 21600.0)
    """Before each further try of what the other side had whole when it said `later`; behind the last nothing is tried
    unasked."""
    proof_steps: tuple[float, ...] = (2.0, 30.0, 120.0, 600.0, 3600.0)
    """When proof of an unknown item is looked for again."""
    sends_end_in: float = 30.0
    """What is being sent while the worker is told to end may go on for so long."""
    parser_rests: float = 120.0
    """An idle parsing child is ended after this."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What the worker is given. It never looks for anything by itself."""

    data: Path
    """The folder of the store."""
    lock: Path
    desk_lock: Path
    socket: Path
    secret: Callable[[str, str], Awaitable[str]]
    """Secret by account and option. Raises `SecretUnavailable`."""
    find_backend: Callable[[str], type[Backend]]
    """Raises `Misconfigured` where there is no such backend."""
    backends: Callable[[], Sequence[BackendInfo]] = tuple
    drop_token: Callable[[str], None] = lambda account: None
    """A server refused this account's token: the next one must be fresh."""
    http: Callable[[], Any] | None = None
    """Makes the shared HTTP client."""
    key_ago: Callable[[], float] = lambda: float("inf")
    """Seconds since a key was pressed at a desk: history lets the hands go first."""
    attached: bool = False
    """Started by a desk: ends when no desk is alive and nothing has to leave."""
    once: bool = False
    timing: Timing = field(default_factory=Timing)
    limits: ParseLimits = field(default_factory=ParseLimits)


class StoreAccess:
    """The store, off the event loop: one thread for ingest, one for everything that must not wait for it."""

    def __init__(self, store: WorkerStore, pace: Pace | None = None) -> None:
        self.store = store
        self.pace = pace or Pace()
        self._control = ThreadPoolExecutor(1, "store")
        self._ingest = ThreadPoolExecutor(1, "store-ingest")

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call of the store. Once begun it is finished, also where the caller is cancelled."""
        future = self._control.submit(work, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))

    async def ingest(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for ingest."""
        future = self._ingest.submit(work, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))

    def close(self) -> None:
        """Wait for what was begun, then close the store."""
        self._control.shutdown(wait=True)
        self._ingest.shutdown(wait=True)
        self.store.close()


def safe_fault(code: str, parameters: Mapping[str, str]) -> Fault:
    """What a backend tells, as it may be kept and shown: addresses and servers' words come from outside."""
    return Fault(code, {safe(name, one_line=True): safe(value, one_line=True) for name, value in parameters.items()})


def fault_of(error: BaseException) -> Fault:
    """An error as data. Of errors that are not ours only the type is told: their texts may hold anything."""
    if isinstance(error, BackendError):
        return safe_fault(error.code, error.parameters)
    if isinstance(error, StoreError):
        return Fault(f"store_{error.code}")
    return Fault("backend_failed", {"error": type(error).__name__})


def is_locked(error: BaseException) -> bool:
    """The secret is there, but closed."""
    return isinstance(error, SecretUnavailable) and error.parameters.get("reason", "").endswith("_locked")


def spread(seconds: float) -> float:
    """About so long: accounts that fell together shall not come back together."""
    return seconds * _chance.uniform(0.8, 1.2)


def backoff(failures: int, first: float, cap: float) -> float:
    """How long to wait after so many failures."""
    return spread(min(first * 2.0 ** min(failures - 1, 30), cap))


def after(seconds: float) -> Micros:
    """The time in so many seconds."""
    return Micros(now() + int(seconds * SECOND))


async def wait_for(event: asyncio.Event, seconds: float | None) -> bool:
    """Until the event, or the time; true for the event."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Run these side by side until all have ended, or one fails: then the others are cancelled and it is raised."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
