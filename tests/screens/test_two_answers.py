"""An answer to one beside a begun answer to all, and the other way round: the one that waits is named."""

from __future__ import annotations

import pytest

from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, type_text, wait_for


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("a", "r", "A draft to everybody waits here: esc, then a, goes on with it."),
        ("r", "a", "A draft to the sender alone waits here: esc, then r, goes on with it."),
    ],
)
async def test_the_answer_that_was_begun_otherwise_is_named(
    make_app: MakeApp, first: str, second: str, said: str
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press(first)
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert not any("waits here" in line for line in text_of(app)), "there is none yet"
        await type_text(pilot, "Begun")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await pilot.press(second)
        await wait_for(pilot, app, lambda: any(said in line for line in text_of(app)))
        assert "Begun" not in screen.answering.pane.draft().text
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await settle(app, pilot)
        await pilot.press(first)
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert "Begun" in screen.answering.pane.draft().text, "that key goes on with it"
        assert len(screen.desk.reads.drafts("dana")) == 1, "an answer that nobody wrote is no draft"
