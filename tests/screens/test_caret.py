"""Where writing goes on in a draft that waited: behind one's own words."""

from __future__ import annotations

import pytest

from tests.screens.conftest import MakeApp, desk_of, settle
from tests.screens.test_composing import open_refund, type_text, wait_for
from tests.screens.test_one_conversation import resume_by_the_list_of_drafts

SIZE = (120, 40)


@pytest.mark.parametrize("way", ["reply", "drafts"])
async def test_a_draft_goes_on_behind_ones_own_words(make_app: MakeApp, way: str) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)
        await type_text(pilot, "It left")
        await pilot.press("enter", "enter")
        await type_text(pilot, "We are")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        if way == "drafts":
            await resume_by_the_list_of_drafts(app, pilot)
        else:
            await pilot.press("r")
            await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)
        await settle(app, pilot)
        await type_text(pilot, " sorry")
        assert screen.answering.pane.text.text.startswith("It left\n\nWe are sorry\n")
