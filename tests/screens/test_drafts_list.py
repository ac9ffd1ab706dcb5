"""The list of drafts: what each is about, and throwing one away."""

from __future__ import annotations

from agent_tui.screens.drafts_list import DraftsSheet
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import type_text, wait_for


async def test_a_new_message_is_found_by_its_subject_and_can_be_discarded_and_brought_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        await pilot.press("c")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "bob@example.com")
        screen.answering.pane.fields.focus_field("subject")
        await pilot.pause()
        await type_text(pilot, "Hello there")
        await pilot.press("tab", "escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await settle(app, pilot)
        await pilot.press("g", "t")
        await wait_for(pilot, app, lambda: isinstance(app.screen, DraftsSheet))
        await settle(app, pilot)
        assert any("bob@example.com" in line and "Hello there" in line for line in text_of(app))
        assert any("enter write on   d discard   esc close" in line for line in text_of(app))
        await pilot.press("d")
        await wait_for(pilot, app, lambda: any("z bring back" in line for line in text_of(app)))
        assert app.desk.reads.drafts(app.desk.agent) == []
        assert any("discarded" in line for line in text_of(app))
        await pilot.press("enter")
        assert isinstance(app.screen, DraftsSheet), "what was discarded is not written on"
        await pilot.press("z")
        await wait_for(pilot, app, lambda: any("d discard" in line for line in text_of(app)))
        assert [draft.subject for draft in app.desk.reads.drafts(app.desk.agent)] == ["Hello there"]
        await pilot.press("d")
        await wait_for(pilot, app, lambda: any("z bring back" in line for line in text_of(app)))
        await pilot.press("escape", "z")
        await wait_for(pilot, app, lambda: bool(app.desk.reads.drafts(app.desk.agent)))
        await settle(app, pilot)
        assert "Took back: Discarded the draft of a new message to bob@example.com." in text_of(app)[-1]
        await pilot.press("Z")
        await settle(app, pilot)
        assert any("Discarded the draft of a new message" in line and "taken back" in line for line in text_of(app))
        await pilot.press("escape", "g", "t")
        await wait_for(pilot, app, lambda: isinstance(app.screen, DraftsSheet))
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert screen.answering.pane.fields.value("subject") == "Hello there"
        await type_text(pilot, "More")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert "More" in app.desk.reads.drafts(app.desk.agent)[0].text, "it is kept again"


async def test_a_forward_is_found_by_whom_it_goes_to_and_gone_on_with(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        await pilot.press("f")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "bob@example.com")
        screen.answering.pane.text.focus()
        await pilot.pause()
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await settle(app, pilot)
        (draft,) = app.desk.reads.drafts(app.desk.agent)
        await pilot.press("g", "t")
        await wait_for(pilot, app, lambda: isinstance(app.screen, DraftsSheet))
        await settle(app, pilot)
        assert any("to bob@example.com: nothing written yet" in line for line in text_of(app))
        await pilot.press("escape", "f")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert screen.answering.pane.draft().id == draft.id
        assert "bob@example.com" in screen.answering.pane.fields.value("to")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await settle(app, pilot)
        assert [one.id for one in app.desk.reads.drafts(app.desk.agent)] == [draft.id]
