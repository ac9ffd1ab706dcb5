"""How many stand in a view is told, also of those that the top bar has no room for."""

from __future__ import annotations

import pytest

from agent_tui import words
from agent_tui.domain.conversation import View
from tests.screens.conftest import MakeApp, desk_of, text_of
from tests.screens.states import State, reach


@pytest.mark.parametrize(
    ("language", "cells", "told"),
    [
        ("", 80, {View.SOLVED: "d solved", View.ALL: "a all", View.SPAM: "! spam"}),
        ("", 140, {View.ALL: "a all", View.SPAM: "! spam"}),
        ("pseudo", 110, {View.ALL: "a ‹all›"}),
    ],
)
async def test_the_keys_of_views_tell_what_the_top_bar_leaves_out(
    make_app: MakeApp, language: str, cells: int, told: dict[View, str]
) -> None:
    words.set_language(language)
    try:
        app = make_app()
        async with app.run_test(size=(cells, 24)) as pilot:
            await reach(State(("g",)), app, pilot)
            await pilot.pause(0.5)
            counts = desk_of(app).desk.reads.view_counts(desk_of(app).desk.agent)
            below = "\n".join(text_of(app)[-2:])
            for view, said in told.items():
                assert f"{said} {counts[view].total}" in below
            assert f"inbox {counts[View.INBOX].total}" not in below, "that stands above already"
    finally:
        words.set_language("")


async def test_where_there_is_no_room_the_keys_stand_before_the_counts(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(64, 24)) as pilot:
        await reach(State(("g",)), app, pilot)
        await pilot.pause(0.5)
        below = "\n".join(text_of(app)[-2:])
        for said in ("d solved", "! spam", "x outbox", "c accounts"):
            assert said in below
