"""A message that was refused and is thrown away: it is brought back where it stood, and by undo afterwards."""

from __future__ import annotations

from pathlib import Path

from agent_tui.screens.outbox import OutboxSheet
from agent_tui.screens.sheet import Picker
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.states import outbox_full
from tests.screens.test_composing import open_refund, wait_for


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


async def test_the_draft_that_waits_in_a_conversation_is_discarded_there(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        answering = desk_of(app).answering

        def waiting() -> set[str]:
            return {draft.kind.value for draft in answering.drafts.parked() if draft.conversation_id == conversation}

        await pilot.press("colon", *"draft.dis", "enter")
        await wait_for(pilot, app, lambda: any("no draft waits here" in line for line in text_of(app)))
        for key, there in (("r", {"reply"}), ("N", {"reply", "note"})):
            await pilot.press(key)
            await wait_for(pilot, app, lambda: answering.is_open)
            await pilot.press("H", "i", "escape")
            await wait_for(pilot, app, lambda there=there: not answering.is_open and waiting() == there)
        await pilot.press("colon", *"draft.dis", "enter")
        await wait_for(pilot, app, lambda: isinstance(app.screen, Picker))
        assert any("Discard which draft?" in line for line in text_of(app))
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: len(waiting()) == 1)  # of two of one moment either may stand first
        left = waiting()
        await wait_for(pilot, app, lambda: any("Discarded what you wrote." in line for line in text_of(app)))
        await pilot.press("colon", *"draft.dis", "enter")
        await wait_for(pilot, app, lambda: not waiting())
        assert any("Discarded what you wrote." in line for line in text_of(app))
        await pilot.press("z")
        await wait_for(pilot, app, lambda: waiting() == left)


async def test_the_help_says_how_a_command_without_a_key_is_given(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 60)) as pilot:
        await settle(app, pilot)
        await pilot.press("question_mark")
        await settle(app, pilot)
        assert any(":draft.discard" in line and "Discard what is being written" in line for line in text_of(app))
