"""Since when a connection is lost: from its loss on, not from the last try."""

from __future__ import annotations

import pytest

from agent_tui.domain.account import AccountHealth, Health
from agent_tui.domain.times import Micros
from agent_tui.sync import health
from agent_tui.sync.health import HealthTeller


class Kept:
    """A store that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[AccountHealth] = []
        self.store = self

    def set_health(self, told: AccountHealth) -> None:
        self.told.append(told)

    def log_activity(self, *_: object) -> None:
        pass

    async def call(self, what, *given):  # type: ignore[no-untyped-def]
        return what(*given)


async def test_an_outage_begins_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(Micros(at) for at in range(1, 100))
    monkeypatch.setattr(health, "now", lambda: next(clock))
    kept = Kept()
    teller = HealthTeller("mail", kept)  # type: ignore[arg-type]
    for state in (Health.CONNECTING, Health.CONNECTED):
        await teller.tell(state)
    connected = teller.present.since
    lost = set()
    for state in (Health.WAITING, Health.CONNECTING, Health.WAITING, Health.REFUSED, Health.CONNECTING):
        await teller.tell(state)
        lost.add(teller.present.since)
    assert len(lost) == 1
    assert lost.pop() > connected
    await teller.tell(Health.CONNECTED)
    again = teller.present.since
    await teller.tell(Health.WAITING)
    assert connected < again < teller.present.since
