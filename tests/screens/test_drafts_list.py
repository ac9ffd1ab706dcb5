"""The list of drafts: what each is about, and throwing one away."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui.screens.drafts_list import DraftsSheet
from agent_tui.store.open import open_worker
from tests.desk_data import converse, message, person
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
        assert "Took back: Discarded the draft of a new message to bob@example.com." in text_of(app)[-2]
        assert "ctrl+y redo" in text_of(app)[-1], "the key has a line of its own where there is no room beside it"
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


@pytest.mark.parametrize("form", [True, False])
async def test_an_answer_to_a_contact_form_is_found_by_whom_it_goes_to(
    make_app: MakeApp, tmp_path: Path, form: bool
) -> None:
    """All of them are from the form itself, under one subject."""
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        worker = open_worker(tmp_path / "desk0")
        site, customer = person("Shop website", "form@shop.example"), person("Mary", "mary@customer.example")
        with worker.ingest() as tx:
            asked = message("Is it in stock?", 0, site, reply_to=(customer,) if form else ())
            made = converse(tx, "Contact form: question", site, [asked])
        worker.close()
        screen.absorb()
        screen.open(made)
        await wait_for(pilot, app, lambda: any("Is it in stock?" in line for line in text_of(app)))
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "It is")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await pilot.press("g", "t")
        await wait_for(pilot, app, lambda: isinstance(app.screen, DraftsSheet))
        await settle(app, pilot)
        assert any("to mary@customer.example: It is" in line for line in text_of(app)) is form
        assert any(" It is" in line and "form@shop.example" not in line for line in text_of(app))
