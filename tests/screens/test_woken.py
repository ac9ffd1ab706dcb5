"""A snooze ends while one works: the row is marked, the line says so, and opening takes the mark away."""

from __future__ import annotations

from pathlib import Path

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
