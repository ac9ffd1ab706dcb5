"""The real desk on the small workspace, with time standing still: python -m tests.terminal.desk_program FOLDER

F12 adds a byte to FOLDER/pings, so that who plays keys knows how far they have come.
"""

from __future__ import annotations

import sys
from pathlib import Path

from textual import events

from agent_tui.app import AgentApp, AppOptions
from agent_tui.config import Settings
from tests.desk_data import NOW, open_test_desk, pinned_time


class Played(AgentApp):
    """Tells which keys it has taken."""

    pings: Path

    async def on_event(self, event: events.Event) -> None:
        """F12 is ours."""
        if isinstance(event, events.Key) and event.key == "f12":
            with self.pings.open("ab") as file:
                file.write(b".")
            return
        await super().on_event(event)


def main() -> None:
    """Until it is ended."""
    home = Path(sys.argv[1])
    desk = open_test_desk(home)
    app = Played(desk, AppOptions(Settings()))
    app.pings = home / "pings"
    with pinned_time(NOW):
        app.run(mouse=False)
    desk.close()


if __name__ == "__main__":
    main()
