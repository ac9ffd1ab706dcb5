"""How an account's connection is, told to the desk; and how long to wait after which failure."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace

from agent_tui.backends.api import BackendError, RateLimited, SecretUnavailable
from agent_tui.domain.account import AccountHealth, Fault, Health
from agent_tui.domain.times import now
from agent_tui.store.ports import StoreError
from agent_tui.sync.services import StoreAccess, Timing, after, backoff, fault_of, is_locked

log = logging.getLogger(__name__)


_UP = (Health.OFF, Health.CONNECTED)


class HealthTeller:
    """Publishes what changed, and nothing else."""

    def __init__(self, account: str, store: StoreAccess) -> None:
        self._account = account
        self._store = store
        self.present = AccountHealth(account, Health.OFF, now())

    async def tell(self, health: Health, fault: Fault | None = None, pause: float | None = None) -> None:
        """The state of the connection, why, and in how many seconds it is tried again.

        An outage is one from its beginning to the next connection, however often that is tried meanwhile; what it is
        stays told while it is tried again.
        """
        old = self.present
        goes_on = health is old.health or (health not in _UP and old.health not in _UP)
        if health is Health.CONNECTING and goes_on:
            fault = fault or old.fault
        await self._publish(
            replace(
                old,
                health=health,
                since=old.since if goes_on else now(),
                fault=fault,
                next_try_at=after(pause) if pause is not None else None,
            )
        )
        if health is not old.health and health is not Health.CONNECTING:
            await self.note(health.value, **({"fault": fault.code} if fault else {}))

    async def history(self, done: int, total: int) -> None:
        """How much of the history is here."""
        await self._publish(replace(self.present, history_done=done, history_total=total))

    async def note(self, what: str, /, **parameters: str) -> None:
        """A line of what the program did."""
        with contextlib.suppress(StoreError):
            await self._store.call(self._store.store.log_activity, self._account, what, parameters)

    async def _publish(self, new: AccountHealth) -> None:
        if new == self.present:
            return
        self.present = new
        # A store that cannot be written shall not keep an account from being tried again.
        with contextlib.suppress(StoreError):
            await self._store.call(self._store.store.set_health, new)


def judge(error: Exception, failures: int, timing: Timing) -> tuple[Health, Fault, float | None]:
    """What a failure means: the state, the fault, and seconds until the next try; None where only a person helps."""
    fault = fault_of(error)
    pause = backoff(failures, timing.backoff, timing.backoff_cap)
    if isinstance(error, RateLimited):
        return Health.WAITING, fault, max(pause, error.retry_after)
    if isinstance(error, SecretUnavailable):
        return (Health.LOCKED if is_locked(error) else Health.REFUSED), fault, timing.locked_retry
    if isinstance(error, BackendError) and error.needs_person:
        # A second wrong password helps nobody and may lock the account.
        return Health.REFUSED, fault, None
    return Health.WAITING, fault, pause
