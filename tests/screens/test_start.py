"""The start: at the first paint nothing heavy is loaded; it comes behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.desk_data import open_test_desk

HEAVY = (
    "sqlmodel sqlalchemy pydantic httpx keyring imapclient aiosmtplib selectolax chardet cryptography alembic Stemmer"
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
        seen.append([m for m in {HEAVY.split()!r} if m in sys.modules])
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
