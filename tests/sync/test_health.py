"""Since when a connection is lost: from its loss on, not from the last try."""

from __future__ import annotations

import pytest

from agent_tui.domain.account import AccountHealth, Fault, Health
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


async def test_what_is_wrong_stays_told_while_it_is_tried_again() -> None:
    kept, lost = Kept(), Fault("unreachable", {"host": "mx.test"})
    teller = HealthTeller("mail", kept)  # type: ignore[arg-type]
    await teller.tell(Health.CONNECTING)
    await teller.tell(Health.WAITING, lost, 5)
    await teller.tell(Health.CONNECTING)
    await teller.tell(Health.CONNECTED)
    await teller.tell(Health.CONNECTING)
    assert [one.fault for one in kept.told] == [None, lost, lost, None, None]
    assert kept.told[2].next_try_at is None
