"""A toast covers neither the bar at the top nor the lines that stand at the bottom."""

from __future__ import annotations

from tests.screens.conftest import MakeApp, settle, text_of


async def test_toasts_stand_below_the_bar_at_the_top(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        before = text_of(app)
        app.tell("Pasted text was left out: no text field is open.")
        await pilot.pause()
        await settle(app, pilot)
        shown = text_of(app)
        assert "Pasted text was left out" in "\n".join(shown[1:8])
        assert (shown[0], shown[-5:]) == (before[0], before[-5:])
