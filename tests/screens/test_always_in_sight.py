"""What must be seen whole at 80 columns: the way to all keys, the way on and back, every header of a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.screens.conftest import MakeApp, desk_of, text_of
from tests.screens.states import STATES, State, reach, typed, with_long_headers

PLACES = {
    "list": (),
    "conversation": ("j", "enter"),
    "waiting": ("g", "w"),
    "solved": ("g", "d"),
    "nothing there": ("g", "s"),
    "panel": ("j", "b"),
    "selected": ("x", "j", "x"),
    "hits": ("slash", *typed("refund"), "enter"),
    "a hit": ("slash", *typed("refund"), "enter", "enter"),
}


@pytest.mark.parametrize("keys", PLACES.values(), ids=PLACES.keys())
async def test_the_way_to_all_keys_is_always_told(make_app: MakeApp, keys: tuple[str, ...]) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(State(keys), app, pilot)
        desk_of(app).bars.quiet()
        await pilot.pause(0.1)
        assert "? keys" in text_of(app)[-1]


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (120, 40)])
async def test_every_sign_of_a_long_header_can_be_read(
    make_app: MakeApp, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app()
    with_long_headers(tmp_path / "desk0")
    async with app.run_test(size=size) as pilot:
        await reach(STATES["headers"], app, pilot)
        read = ""
        for _each in range(60):
            box = app.screen.query_one("#box").region
            shown = [line[box.x : box.right].strip(" │") for line in text_of(app)[box.y : box.bottom]]
            read += "\n".join(shown) + "\n"
            await pilot.press("j")
            await pilot.pause()
        whole = read.replace(" ", "").replace("\n", "")
        assert "…" not in read.split("As it came")[1].split("esc close")[0]
        for piece in (
            "cipher=TLS_AES_256_GCM_SHA384);",
            "16:28",
            "Subject:Question",
            "mx1.partner.example[192.0.2.17]",
        ):
            assert piece in whole
        assert "QmFzZTY0" * 30 in whole


async def test_with_many_reasons_the_way_on_and_back_stay(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(STATES["presend, many"], app, pilot)
        assert any("ctrl+s send all the same   esc back" in line for line in text_of(app))
