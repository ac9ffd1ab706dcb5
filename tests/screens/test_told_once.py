"""What happens by itself is told once: a snooze that ended, a message that could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui.desk import actions
from agent_tui.domain.times import DAY, Micros
from agent_tui.store.open import open_worker
from tests.desk_data import NOW
from tests.screens.conftest import MakeApp, desk_of, settle, text_of


async def test_what_woke_is_told_and_marked(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        row = next(one for i in range(screen.inbox.list.rows.count) if (one := screen.inbox.row(i)) and not one.unread)
        place = screen.inbox.place_of(row.id)
        assert place is not None
        await pilot.press("j", *("j" * (place - 1)))
        await app.desk.write(
            lambda writes: writes.apply("dana", "snooze", actions.snooze([row.id], Micros(NOW + DAY), "UTC").targets)
        )
        screen.absorb()
        await settle(app, pilot)
        assert "Awake again" not in text_of(app)[-1]
        worker = open_worker(tmp_path / "desk0")
        try:
            assert worker.wake_snoozed(Micros(NOW + DAY)) == [row.id]
        finally:
            worker.close()
        screen.absorb()
        await settle(app, pilot)
        assert f"Awake again: #{row.number}" in text_of(app)[-1]
        assert screen.inbox.place_of(row.id) == place, "nothing moves"
        assert "●" in text_of(app)[place + 1]
        screen.bars.quiet()
        screen.absorb()
        await pilot.press("enter")
        await settle(app, pilot)
        assert "Awake again" not in text_of(app)[-1], "it is told once"
        screen.absorb()
        now = screen.inbox.row()
        assert now is not None
        assert (now.id, now.unread) == (row.id, False)


def _set_aside(home: Path, *names: str) -> None:
    worker = open_worker(home)
    try:
        with worker.ingest() as tx:
            for name in names:
                tx.set_aside("mail", name, "not_a_mail", {}, None, 12, f"INBOX {name}")
    finally:
        worker.close()


async def test_what_could_not_be_read_is_told_while_one_works(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        assert "could not be read" not in text_of(app)[-1]
        monkeypatch.setattr("agent_tui.store.writes.ingest.now", screen.desk.now)
        _set_aside(tmp_path / "desk0", "x", "y")
        screen.absorb()
        await settle(app, pilot)
        assert "2 messages could not be read and were set aside (g k)." in text_of(app)[-1]
        screen.bars.quiet()
        _set_aside(tmp_path / "desk0", "y")
        screen.absorb()
        await settle(app, pilot)
        assert "could not be read" not in text_of(app)[-1], "the same one is told once"
        _set_aside(tmp_path / "desk0", "z")
        screen.absorb()
        await settle(app, pilot)
        assert "1 message could not be read and was set aside (g k)." in text_of(app)[-1]


@pytest.mark.parametrize(("days", "told"), [(0.5, True), (2, False)])
async def test_a_desk_that_opens_tells_of_the_last_day(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: float, told: bool
) -> None:
    app = make_app()
    monkeypatch.setattr("agent_tui.store.writes.ingest.now", lambda: Micros(int(NOW - days * DAY)))
    _set_aside(tmp_path / "desk0", "x")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        assert any("could not be read" in line for line in text_of(app)) is told
