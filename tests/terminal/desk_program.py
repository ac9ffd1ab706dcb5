"""The real desk on the small workspace, with time standing still: python -m tests.terminal.desk_program FOLDER

The n-th F12 is answered once all that was typed before is done: FOLDER/n.screen is then what Textual's own output
draws of the same moment, beside which stands what the output layer sent. `CURSOR=light` and `CURSOR=row` choose how the selected row shows;
`CERTAIN=1` leaves letters out whose width terminals disagree about.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from textual import events
from textual._compositor import LayoutUpdate
from textual.worker import WorkerError

from agent_tui.app import AgentApp, AppOptions
from agent_tui.config import Settings
from agent_tui.screens.presend import PresendCheck
from agent_tui.screens.sheet import Question
from tests.desk_data import NOW, open_test_desk, pinned_time
from tests.terminal.arrivals import FIRST, arrive


class Played(AgentApp):
    """Tells which keys it has taken."""

    pings: Path
    number = 0

    def on_mount(self) -> None:
        """Where a list stands must not hang on the moment of the next key."""
        self.animation_level = "none"
        super().on_mount()

    async def on_event(self, event: events.Event) -> None:
        """F12 is ours."""
        if isinstance(event, events.Key) and event.key == "f12":
            self._ping = asyncio.create_task(self._answer())
            return
        await super().on_event(event)

    async def _answer(self) -> None:
        for _turn in range(2):  # what one work asks for may be another one
            while self._ahead._held or not getattr(self.screen, "is_ready", True):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            with contextlib.suppress(WorkerError):  # one that a later one put an end to
                await self.workers.wait_for_complete()
            self._look_for_changes()
            await asyncio.sleep(0)
        whole = self.screen._compositor.render_update(full=True)
        assert isinstance(whole, LayoutUpdate)
        self.number += 1
        made = self.pings / "made"
        made.write_text(f"{self.size.width} {self.size.height}\n{whole.render_segments(self.console)}")
        made.rename(self.pings / f"{self.number}.screen")


def main() -> None:
    """Until it is ended."""
    home = Path(sys.argv[1])
    PresendCheck.READING = Question.READING = 0.0  # else whether a key counts hangs on its moment
    desk = open_test_desk(home)
    with pinned_time(NOW):
        for number in range(FIRST):
            arrive(home, number, certain=bool(os.environ.get("CERTAIN")))
    app = Played(desk, AppOptions(Settings(cursor="light" if os.environ.get("CURSOR") == "light" else "row")))
    app.pings = home
    with pinned_time(NOW):
        app.run(mouse=False)
    desk.close()


if __name__ == "__main__":
    main()
