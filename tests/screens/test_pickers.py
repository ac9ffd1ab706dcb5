"""What floats over the desk and is chosen from: where its keys go, and what it says."""

from __future__ import annotations

import pytest

from tests.screens.conftest import MakeApp, desk_of, settle, text_of


@pytest.mark.parametrize("opens", ["t", "h", "ctrl+p", "colon"])
async def test_tab_takes_the_keys_from_no_field(make_app: MakeApp, opens: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press(opens)
        await pilot.pause()
        await pilot.press("z", "tab", "q", "shift+tab", "x")
        await settle(app, pilot)
        assert any("zqx" in line for line in text_of(app))


@pytest.mark.parametrize("keys", [("P",), ("question_mark",), ("t", "tab"), ("g", "x")])
async def test_the_key_that_leaves_works_over_everything(make_app: MakeApp, keys: tuple[str, ...]) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press(*keys)
        await settle(app, pilot)
        assert app.screen is not desk_of(app)
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_code == 0
    assert app._exit
