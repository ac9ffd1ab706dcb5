"""A message that was refused and is thrown away: it is brought back where it stood, and by undo afterwards."""

from __future__ import annotations

from pathlib import Path

from agent_tui.screens.outbox import OutboxSheet
from tests.screens.conftest import MakeApp, settle, text_of
from tests.screens.states import outbox_full
from tests.screens.test_composing import wait_for


async def test_a_refused_message_that_was_discarded_is_what_undo_brings_back(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    outbox_full(tmp_path / "desk0")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("i", "g", "x")
        await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
        await settle(app, pilot)
        sheet = app.screen
        assert isinstance(sheet, OutboxSheet)
        for _line in range(8):
            if any("d discard" in line for line in text_of(app)):
                break
            await pilot.press("j")
            await pilot.pause()
        await pilot.press("d")
        await wait_for(pilot, app, lambda: any("z bring back" in line for line in text_of(app)))
        assert any("discarded" in line and "maria@example.com" in line for line in text_of(app))
        await pilot.press("z")
        await wait_for(pilot, app, lambda: any("d discard" in line for line in text_of(app)))
        await pilot.press("d")
        await wait_for(pilot, app, lambda: any("z bring back" in line for line in text_of(app)))
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not any("was not sent" in line for line in text_of(app)))
        await pilot.press("z")
        await wait_for(pilot, app, lambda: any("1 message was not sent." in line for line in text_of(app)))
        said = " ".join(text_of(app))
        assert "Took back: Discarded the message in #" in said
        assert "to maria@example.com that was refused." in " ".join(said.split())
