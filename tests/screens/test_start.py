"""The start: at the first paint nothing heavy is loaded; it comes behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from agent_tui.screens import hands
from agent_tui.screens.hands_change import Changing
from agent_tui.screens.hands_desk import Desking
from agent_tui.screens.hands_move import Moving
from agent_tui.screens.hands_read import Reading
from tests.desk_data import open_test_desk
from tests.screens.conftest import MakeApp, desk_of, settle

HEAVY = (
    "sqlmodel sqlalchemy pydantic httpx keyring imapclient aiosmtplib selectolax chardet cryptography alembic Stemmer"
)
LATER = (
    "agent_tui.screens.hands_answer agent_tui.screens.hands_change agent_tui.screens.hands_mind "
    "agent_tui.widgets.composer agent_tui.desk.sending textual.widgets._text_area"
)
CODE = f"""
import asyncio, sys
from pathlib import Path
from agent_tui.app import AgentApp, AppOptions
from agent_tui.config import Settings
from agent_tui.desk.opening import open_desk
from agent_tui.locations import locate, prepare

seen = []
class Watched(AgentApp):
    def _painted(self):
        seen.append([m for m in {[*HEAVY.split(), *LATER.split()]!r} if m in sys.modules])
        seen.append([m for m in sys.modules if m.startswith("agent_tui.backends.")])
        super()._painted()

async def main():
    places = prepare(locate(sys.argv[1]))
    desk = open_desk(places, Settings(agent="dana"))
    app = Watched(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.1)
        assert desk.write_now(lambda writes: writes.mark_read(1, 10**18)) in (True, False)
    desk.close()
    print(seen)

asyncio.run(main())
"""


def test_nothing_heavy_before_the_first_paint(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    open_test_desk(tmp_path / "data").close()
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=False, timeout=90
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[[], []]"


async def test_hands_that_come_later_are_all_named(make_app: MakeApp) -> None:
    """A command that is named but not there fails when it is pressed; one that is there but not named is not bound."""
    app = make_app()
    async with app.run_test(size=(120, 40)):
        screen = desk_of(app)
        moving = Moving(screen)
        assert set(hands.CHANGING) == set(Changing(screen).hands())
        assert set(hands.READING) == set(Reading(screen, moving).hands())
        assert set(hands.DESKING) == set(Desking(screen, moving).hands())
        assert set(hands.ANSWERING) == set(screen.answering.hands())
        assert set(hands.MINDING) == set(screen.minding.hands())


async def test_an_answer_begun_before_the_composer_stands_gets_every_key(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = desk_of(app)
        screen.run_command("reply")
        assert not screen.answering.pane.is_attached
        await pilot.press("t", "e", "a")
        await settle(app, pilot)
        await pilot.pause(0.1)
        assert screen.answering.is_open
        assert screen.answering.pane.text.text.startswith("tea")


async def test_each_key_is_told_so_that_the_worker_lets_the_hands_go_first(make_app: MakeApp) -> None:
    told: list[str] = []
    app = make_app(key_pressed=lambda: told.append("key"))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        assert told == []
        await pilot.press("j", "r")
        await pilot.press("x")  # text of the answer that opens: a key as any other
        await settle(app, pilot)
        assert len(told) >= 3
