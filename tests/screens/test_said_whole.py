"""What is said at the bottom is readable whole, also while trouble stands above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui.widgets.hint_line import Hint
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.states import line_lost

LONG = (
    "Took back: Message in #15 to olena.kovalenko.of.the.other.branch@example.com is a draft again,"
    " for the server of the sender refused it."
)


@pytest.mark.parametrize("trouble", [True, False])
@pytest.mark.parametrize("words", [LONG, LONG[:78], LONG[:79], f"{LONG} And this, too, is to be read before it goes."])
async def test_a_long_sentence_is_whole_with_its_key(
    make_app: MakeApp, tmp_path: Path, trouble: bool, words: str
) -> None:
    app = make_app()
    if trouble:
        line_lost(tmp_path / "desk0")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        before = text_of(app)
        screen = desk_of(app)
        screen.bars.say(words, Hint("z", "undo"))
        await settle(app, pilot)
        said = [" ".join(line.split()) for line in text_of(app)]
        assert words in " ".join(said)
        assert len(words) <= 78 or said[-1].endswith("z undo")
        assert any("No connection to imap.aurora.example" in line for line in said) is trouble
        screen.bars.quiet()
        await settle(app, pilot)
        assert text_of(app) == before


async def test_what_is_longer_than_three_lines_says_that_it_goes_on(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        desk_of(app).bars.say("word " * 80)
        await settle(app, pilot)
        assert [line.strip().startswith("word word") for line in text_of(app)[-4:]] == [False, True, True, True]
        assert text_of(app)[-1].rstrip().endswith("…")
