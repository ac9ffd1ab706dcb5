"""The desk as a bundle: who works here, what he reads, what he writes, and what changed meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from agent_tui.desk.quoting import ENGLISH, Layout, Phrases
from agent_tui.desk.recipients import address_key
from agent_tui.domain.account import Account
from agent_tui.domain.times import Micros, now
from agent_tui.store.ports import Changes, DeskReads, DeskWrites, StoreError

T = TypeVar("T")

HOLD_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What the desk must know of the configuration."""

    agent: str
    runtime: Path
    """A private folder that lives outside the store: the draft journal goes there where the store cannot be written."""
    downloads: Path
    """The one folder that attachments are saved into."""
    editing: Path
    """A private folder for texts that are open in the agent's own editor."""
    colleagues: tuple[str, ...] = ()
    zone: str = "UTC"
    """The IANA name of the zone that the agent's times are meant in."""
    hold_seconds: float = HOLD_SECONDS
    """How long a message waits before it goes, so that it can be taken back."""
    check: bool = True
    """Look at each message before it goes."""
    editor: str = ""
    """The command of the agent's own editor; empty takes VISUAL, then EDITOR."""
    layout: Layout = field(default_factory=Layout)
    """Where quote and signature stand in an answer."""
    phrases: Phrases = ENGLISH
    """Words that stand in what is sent."""
    clock: Callable[[], Micros] = field(default=now)


def _nobody() -> None:
    """No worker is there to be woken."""


class Desk:
    """The agent's place of work.

    Reads answer at once, on the caller's thread. Writes go through one thread of their own, in the order they
    were asked for; the writer is opened with the first of them, since what it imports is heavy.
    """

    def __init__(
        self,
        settings: DeskSettings,
        reads: DeskReads,
        open_writes: Callable[[], DeskWrites],
        wake: Callable[[], object] = _nobody,
    ) -> None:
        self.settings = settings
        self.reads = reads
        self._open_writes = open_writes
        self._wake = wake
        self._writes: DeskWrites | None = None
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, "desk-writes")
        self._writing: dict[Future[Any], float] = {}
        """What is not written yet, and since when."""
        self._version = reads.data_version()
        self._sequence = reads.changes_since(0).sequence

    @property
    def agent(self) -> str:
        """The agent's name, as it stands in assignments and events."""
        return self.settings.agent

    @property
    def zone(self) -> ZoneInfo:
        """The zone that the agent's times are meant in."""
        return ZoneInfo(self.settings.zone)

    def now(self) -> Micros:
        """The present, as this desk's clock says."""
        return self.settings.clock()

    # writing

    def submit(self, work: Callable[[DeskWrites], T]) -> Future[T]:
        """Queue a piece of writing; the worker is woken once it is durable."""
        writing = self._thread.submit(self._work, work)
        self._writing[writing] = time.monotonic()
        writing.add_done_callback(lambda done: self._writing.pop(done, None))
        return writing

    def writing_for(self) -> float:
        """Seconds that the oldest change has waited to be written; 0 where all are."""
        begun = list(self._writing.values())
        return time.monotonic() - min(begun) if begun else 0.0

    async def write(self, work: Callable[[DeskWrites], T]) -> T:
        """Write off the event loop. Raises `StoreError` where nothing of it happened.

        A caller that is cancelled meanwhile does not cancel the writing.
        """
        return await asyncio.shield(asyncio.wrap_future(self.submit(work)))

    def write_now(self, work: Callable[[DeskWrites], T]) -> T:
        """Write and wait: for the command line and for tests."""
        return self.submit(work).result()

    def warm_up(self) -> None:
        """Open the writer ahead of the first write, behind the first paint. An error shows at the first write."""

        def _open(_: DeskWrites) -> None:
            return

        self._thread.submit(self._attempt, _open)

    def _attempt(self, work: Callable[[DeskWrites], None]) -> None:
        try:
            work(self._writer())
        except StoreError:
            return

    def _work(self, work: Callable[[DeskWrites], T]) -> T:
        done = work(self._writer())
        self._wake()
        return done

    def _writer(self) -> DeskWrites:
        with self._lock:
            if self._writes is None:
                self._writes = self._open_writes()
            return self._writes

    # what changed

    def refresh(self) -> Changes | None:
        """What was committed since the last call, as one; None where nothing was. Cheap enough for every tick."""
        version = self.reads.data_version()
        if version == self._version:
            return None
        changes = self.reads.changes_since(self._sequence)
        self._version = version
        self._sequence = changes.sequence
        return changes

    # who we are

    def accounts(self) -> tuple[Account, ...]:
        """All accounts."""
        return tuple(self.reads.accounts())

    def account(self, account_id: str) -> Account | None:
        """One account by its id."""
        return next((account for account in self.reads.accounts() if account.id == account_id), None)

    def own_addresses(self) -> frozenset[str]:
        """Addresses of all accounts, folded: who writes from one of them is us."""
        return frozenset(address_key(address) for account in self.reads.accounts() for address in account.own_addresses)

    @property
    def assignees(self) -> tuple[str, ...]:
        """Whom a conversation can be given to: me first, then the colleagues of the configuration."""
        return (self.agent, *(name for name in self.settings.colleagues if name != self.agent))

    def close(self) -> None:
        """Finish what is being written and let go of the store."""
        self._thread.shutdown(wait=True)
        if self._writes is not None:
            self._writes.close()
        self.reads.close()
