"""What others did is taken in where the hands rest, and soon where they do not."""

from __future__ import annotations

import gc
import time
from pathlib import Path

from agent_tui.screens.between_keys import AT_LEAST, REST, BetweenKeys
from tests.screens.conftest import MakeApp, desk_of, settle
from tests.screens.test_composing import SIZE
from tests.screens.test_under_arrivals import Arrivals


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_looking_waits_for_keys_but_not_for_ever() -> None:
    clock = Clock()
    hands = BetweenKeys(clock)
    assert hands.may_look(), "at once where nobody pressed a key"
    began = clock.now
    while True:
        hands.pressed()
        clock.now += REST / 2
        if hands.may_look():
            break
        assert clock.now - began < AT_LEAST + REST, "keys that do not end"
    assert clock.now - began >= AT_LEAST
    hands.pressed()
    clock.now += REST
    assert hands.may_look(), "the hands rest"


def test_garbage_is_searched_for_where_the_hands_rest() -> None:
    clock, searched = Clock(), list[int]()
    hands = BetweenKeys(clock)

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            searched.append(info["generation"])

    gc.collect(0)  # what is left of it is older now, and a search of the older finds something to do
    gc.callbacks.append(note)
    try:
        hands.pressed()
        hands.tidy()
        assert 1 not in searched
        clock.now += REST
        hands.tidy()
        assert 1 in searched
        searched.clear()
        hands.tidy()
        assert 1 not in searched, "nothing was made since"
    finally:
        gc.callbacks.remove(note)


async def test_what_came_is_counted_though_keys_are_pressed_all_the_time(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        screen = desk_of(app)
        await settle(app, pilot)
        arrivals = Arrivals(tmp_path / "desk0")
        try:
            arrivals.come(3)
        finally:
            arrivals.close()
        began = time.monotonic()
        while screen.inbox.arrived[0] < 3:
            await pilot.press("j", "k")
            assert time.monotonic() - began < 20
