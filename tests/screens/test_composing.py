"""Writing on the desk: from the key to the store."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.domain.conversation import Status, View
from agent_tui.domain.message import Note, Placement, Rule
from agent_tui.domain.outbox import DraftKind, OutboxState
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import iso
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.presend import PresendCheck
from agent_tui.store.open import open_worker
from tests.desk_data import OLENA, mail_account, message
from tests.screens.conftest import READING, MakeApp, desk_of, settle, text_of

SIZE = (120, 40)


async def wait_for(pilot: Pilot[Any], app: AgentApp, condition: Any) -> None:
    """Until something holds; each round lets the desk work."""
    for _ in range(200):
        await pilot.pause(0.02)
        if condition():
            await pilot.pause()
            return
    raise AssertionError("it never came to hold")


async def open_refund(app: AgentApp, pilot: Pilot[Any]) -> int:
    await settle(app, pilot)
    screen = desk_of(app)
    conversation = next(
        row.id for row in screen.desk.reads.page(View.INBOX, "dana", None, 50) if "Повернення" in row.subject
    )
    screen.open(conversation)
    await settle(app, pilot)
    return conversation


async def type_text(pilot: Pilot[Any], text: str) -> None:
    await pilot.press(*("space" if char == " " else char for char in text))


async def test_the_keys_of_a_texts_ends_go_there(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        await pilot.press("N")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await pilot.press(*"two", "enter", "enter", *"three", "ctrl+home", *"one", "ctrl+end", *"four")
        assert desk_of(app).answering.pane.text.text == "onetwo\n\nthreefour"
        await pilot.press("ctrl+shift+home", "x")
        assert desk_of(app).answering.pane.text.text == "x"


async def test_what_was_answered_is_new_no_more(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        assert any("· new" in line for line in text_of(app))
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await type_text(pilot, "Done")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
        await settle(app, pilot)
        assert any("waits to leave" in line for line in text_of(app)) or await _to_the_end(app, pilot)
        await pilot.press("g", "g")
        await settle(app, pilot)
        assert any("olena.k@example.com  mail" in line for line in text_of(app))
        assert not any("· new" in line for line in text_of(app))


async def _to_the_end(app: AgentApp, pilot: Pilot[Any]) -> bool:
    await pilot.press("G")
    await settle(app, pilot)
    return any("waits to leave" in line for line in text_of(app))


async def test_a_reply_is_typed_and_queued(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert screen.answering.pane.text.has_focus
        await type_text(pilot, "It left today")
        shown = "\n".join(text_of(app))
        assert " REPLY " in shown
        assert "olena.k@example.com" in shown
        assert "ctrl+s send" in shown
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        items = screen.desk.reads.outbox()
        ours = [item for item in items if item.conversation_id == conversation]
        assert ours[0].state is OutboxState.HELD
        assert ours[0].text.startswith("It left today")
        assert [person.address for person in ours[0].to] == ["olena.k@example.com"]
        found = screen.desk.reads.conversation(conversation)
        assert found is not None
        assert found.status is Status.WAITING
        assert "z undo" in text_of(app)[-1]


async def test_undo_of_a_send_brings_the_composer_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Too early")
        await pilot.press("ctrl+t")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await pilot.press("z")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert screen.answering.pane.text.text.startswith("Too early")
        held = [item for item in screen.desk.reads.outbox() if item.state is OutboxState.HELD]
        assert not [item for item in held if item.text.startswith("Too early")]
        assert "redo" not in text_of(app)[-1], "a message is sent again from the composer"


async def test_after_a_redo_it_is_undo_that_is_offered(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        for key, said, offered in (("e", "Solved", "z undo"), ("z", "Took back", "redo"), ("ctrl+y", "Done", "z undo")):
            await pilot.press(key)
            await wait_for(pilot, app, lambda said=said: said in text_of(app)[-1])
            assert offered in text_of(app)[-1]


async def test_a_half_typed_recipient_waits_with_the_draft(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        before = screen.answering.pane.draft().to
        screen.answering.pane.fields.focus_field("cc")
        await pilot.pause()
        await type_text(pilot, "bob@x.example, нова@прик")
        await pilot.press("escape", "escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert screen.answering.drafts.of_conversation(conversation) is not None
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        pane = screen.answering.pane
        assert pane.fields.value("cc") == "bob@x.example, нова@прик"
        assert pane.draft().to == before
        await type_text(pilot, "Hello")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: "is no address" in text_of(app)[-1])
        assert screen.answering.is_open


async def test_esc_parks_and_r_goes_on(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Half a thought")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        kept = screen.answering.drafts.of_conversation(conversation)
        assert kept is not None
        assert kept.text.startswith("Half a thought")
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert screen.answering.pane.text.text.startswith("Half a thought")


async def test_the_journal_is_less_than_a_second_behind(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "abc")
        await pilot.pause(0.8)
        await wait_for(pilot, app, lambda: screen.answering.drafts.of_conversation(conversation) is not None)
        stored = screen.desk.reads.drafts("dana")
        assert [draft.text[:3] for draft in stored if draft.conversation_id == conversation] == ["abc"]
        await wait_for(pilot, app, lambda: "saved" in "\n".join(text_of(app)))


async def test_a_composer_that_was_not_touched_leaves_nothing(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert screen.answering.drafts.of_conversation(conversation) is None


async def test_a_note_is_kept_and_never_queued(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        before = len(screen.desk.reads.outbox(open_only=False))
        await pilot.press("N")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert "only your team sees this" in "\n".join(text_of(app))
        assert screen.answering.pane.has_class("-note")
        await type_text(pilot, "ask the bank")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        notes = [item for item in screen.desk.reads.items(conversation, None, 50) if isinstance(item, Note)]
        assert notes[-1].text == "ask the bank"
        assert len(screen.desk.reads.outbox(open_only=False)) == before


def _status(screen: DeskScreen, conversation: int) -> Status:
    row = screen.desk.reads.conversation(conversation)
    assert row is not None
    return row.status


async def test_a_note_may_solve_as_an_answer_may(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("N")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "the bank paid")
        await pilot.press("ctrl+t")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert "Note kept; only your team sees it. Solved." in text_of(app)[-1]
        assert _status(screen, conversation) is Status.SOLVED
        notes = [item for item in screen.desk.reads.items(conversation, None, 50) if isinstance(item, Note)]
        assert notes[-1].text == "the bank paid"
        await pilot.press("z")
        await wait_for(pilot, app, lambda: _status(screen, conversation) is not Status.SOLVED)


async def test_the_check_asks_and_one_key_mends(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Please find attached")
        screen.answering.pane.fields.set({"cc": "maria@partner.example"})
        screen.answering.pane.changed()
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        shown = "\n".join(text_of(app))
        assert "Before it goes" in shown
        assert "maria@partner.example gets this for the first time" in shown
        assert "nothing is attached" in shown
        assert "ctrl+s send all the same" in shown
        await pilot.press("d")
        await wait_for(pilot, app, lambda: screen.answering.pane.draft().cc == ())
        await wait_for(pilot, app, lambda: any("nothing is attached" in line for line in text_of(app)))
        assert isinstance(app.screen, PresendCheck), "what is left is asked still: its keys are no text"
        assert "maria@partner.example" not in "\n".join(text_of(app))
        assert screen.answering.is_open
        await pilot.pause(READING)
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)


async def test_nothing_said_cannot_be_sent(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        assert "send all the same" not in "\n".join(text_of(app))
        await pilot.press("ctrl+s", "escape")
        await wait_for(pilot, app, lambda: app.screen is screen)
        assert screen.answering.is_open


async def test_a_new_message_asks_for_its_recipient(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        await pilot.press("c")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        assert screen.answering.pane.fields.fields["to"].has_focus
        await type_text(pilot, "bob")
        await pilot.press("enter", "enter", "enter")
        await type_text(pilot, "Hello")
        await pilot.press("enter")
        await type_text(pilot, "Hi Bob")
        await pilot.press("ctrl+s")
        await settle(app, pilot)
        assert screen.answering.is_open
        assert "is no address" in text_of(app)[-1]
        await type_text(pilot, "@example.com")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        item = screen.desk.reads.outbox()[0]
        assert (item.kind, item.subject) == (DraftKind.NEW, "Hello")
        assert [person.address for person in item.to] == ["bob@example.com"]


async def test_an_open_draft_belongs_to_its_conversation(make_app: MakeApp) -> None:
    """What arrives or is opened meanwhile never gets the answer."""
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "For Olena")
        other = next(row.id for row in screen.desk.reads.page(View.INBOX, "dana", None, 9) if row.id != conversation)
        screen.open(other)
        await wait_for(pilot, app, lambda: screen.thread.shown == other)
        assert not screen.answering.is_open
        kept = screen.answering.drafts.of_conversation(conversation)
        assert kept is not None
        assert [person.address for person in kept.to] == ["olena.k@example.com"]
        assert screen.answering.drafts.of_conversation(other) is None


async def test_a_paste_brings_no_control_sequences(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        screen.answering.pane.text.post_message(events.Paste("\x1b]52;c;ZXZpbA==\x07[/]price \u202elist\r\n2"))
        await settle(app, pilot)
        assert screen.answering.pane.text.text.startswith("[/]price list\n2")
        text_of(app)


async def test_leaving_keeps_what_is_written(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "last words")
        await pilot.press("ctrl+q")
    stored = [draft for draft in app.desk.reads.drafts("dana") if draft.conversation_id == conversation]
    assert [draft.text[:10] for draft in stored] == ["last words"]


@pytest.mark.parametrize("size", [(80, 24), (160, 44), (60, 12)])
async def test_recipients_stay_in_sight_at_every_size(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        shown = "\n".join(text_of(app))
        assert "olena.k@example.com" in shown
        assert " REPLY " in shown


async def test_the_agents_own_editor(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    editor = tmp_path / "myedit"
    editor.write_text('#!/bin/sh\nprintf "From outside\\033[31m\\n" > "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    app = make_app()
    monkeypatch.setattr(type(app), "suspend", lambda self: contextlib.nullcontext())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await pilot.press("ctrl+g")
        await wait_for(pilot, app, lambda: screen.answering.pane.text.text == "From outside\n")
        await pilot.press("ctrl+z")
        await wait_for(pilot, app, lambda: "wrote:" in screen.answering.pane.text.text)
    assert list((tmp_path / "desk0" / "edit").iterdir()) == []


async def test_an_editor_that_fails_leaves_the_text(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    editor = tmp_path / "myedit"
    editor.write_text('#!/bin/sh\necho gone > "$1"\nexit 3\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    app = make_app()
    monkeypatch.setattr(type(app), "suspend", lambda self: contextlib.nullcontext())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "mine")
        await pilot.press("ctrl+g")
        await wait_for(pilot, app, lambda: "yours is as it was" in text_of(app)[-1])
        assert screen.answering.pane.text.text.startswith("mine")


async def test_a_file_is_attached_shown_and_taken_off(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "price list.csv").write_bytes(b"a;b;c")
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Hi")
        await pilot.press("ctrl+o")
        await wait_for(pilot, app, lambda: app.screen is not screen)
        await pilot.press(*f"{tmp_path}/price", "enter")
        await wait_for(pilot, app, lambda: bool(screen.answering.pane.draft().files))
        assert any("price list.csv" in line for line in text_of(app))
        assert screen.answering.pane.text.text.startswith("Hi")
        await pilot.press("ctrl+o")
        await wait_for(pilot, app, lambda: app.screen is not screen)
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: not screen.answering.pane.draft().files)


async def test_sent_at_a_time(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Good morning")
        await pilot.press("ctrl+n")
        await wait_for(pilot, app, lambda: app.screen is not screen)
        await pilot.press(*"tomorrow", "enter")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        item = screen.desk.reads.outbox()[0]
        assert item.scheduled
        assert iso(item.not_before) == "2026-11-21T09:00:00Z"


async def test_hostile_names_and_subjects_reach_no_markup(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        await pilot.press("c")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        fields = screen.answering.pane.fields
        fields.set({"to": "[/] [@click=app.quit]x <a@b.example>, \x1b]0;x\x07y, z@", "subject": "[bold]\x1b[2J[/]"})
        screen.answering.pane.changed()
        fields.fields["cc"].focus()
        fields.fields["cc"].post_message(events.Paste("\x1b]52;c;x\x07bob@example.com\ncarol@example.com"))
        await pilot.pause(0.1)
        assert fields.value("cc") == "bob@example.com, carol@example.com"
        await type_text(pilot, "[/]")
        shown = "\n".join(text_of(app))
        assert "\x1b" not in shown
        await pilot.press("ctrl+s")
        await pilot.pause(0.1)
        assert app.is_running
        assert screen.answering.is_open


async def test_the_same_draft_is_not_sent_twice(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        before = len(screen.desk.reads.outbox(open_only=False))
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Once")
        await pilot.press("ctrl+s", "ctrl+s", "ctrl+t", "ctrl+enter")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        await settle(app, pilot)
        assert len(screen.desk.reads.outbox(open_only=False)) == before + 1
        assert screen.answering.drafts.parked() == []


async def test_a_full_disk_is_said_and_the_text_stays(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent_tui.store.ports import StoreError
    from agent_tui.store.writes.desk import SqliteWrites

    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)

        def full(*_: object, **_ignored: object) -> bool:
            raise StoreError("disk_full")

        monkeypatch.setattr(SqliteWrites, "save_draft", full)
        await type_text(pilot, "Precious")
        await wait_for(pilot, app, lambda: any("kept aside: disk full" in line for line in text_of(app)))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("not sent" in line for line in text_of(app)))
        assert screen.answering.pane.text.text.startswith("Precious")
        assert [draft.text[:8] for draft in screen.answering.drafts.parked()] == ["Precious"]


async def test_the_sender_is_one_of_our_addresses(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(app, pilot)
        screen = desk_of(app)
        second = replace(mail_account(), id="sales", own_addresses=(SafeText.trusted("sales@aurora.example"),))
        app.desk.write_now(lambda writes: writes.put_account(second))
        await pilot.press("c")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        pane = screen.answering.pane
        pane.fields.set({"to": "bob@example.com", "sender": "ceo@bank.example"})
        pane.fields.focus_field("subject")
        await pilot.pause()
        await pilot.press("H", "i", "tab")  # the sender is filled in already: on to the text
        await pilot.pause()
        await type_text(pilot, "Hello")
        assert pane.text.text.startswith("Hello")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("Not sent: its sender" in line for line in text_of(app)))
        assert app.focused is pane.fields.sender
        assert "space another address" in text_of(app)[-1] or "Space chooses" in "".join(text_of(app)[-2:])
        await pilot.press(*"gx", "space", "space")
        assert pane.fields.value("sender") == "sales@aurora.example"
        await pilot.press("left")
        assert pane.fields.value("sender") == "support@aurora.example"
        await pilot.press("right", "tab")  # it stands above the others
        await pilot.pause()
        assert pane.fields.fields["to"].has_focus
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open or isinstance(app.screen, PresendCheck))
        item = screen.desk.reads.outbox()[0]
        assert (item.account, item.envelope_from) == ("sales", "sales@aurora.example")


async def test_r_in_the_list_answers_the_row_under_the_cursor(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "For Olena")
        screen.inbox.list.focus()
        await pilot.pause()
        rows = screen.inbox.list
        other = next(i for i in range(rows.rows.count) if "Invoice" in str(screen.inbox.row(i).subject))  # type: ignore[union-attr]
        rows.go(other)
        await pilot.pause(0.4)
        assert screen.thread.shown == conversation, "the conversation stays under the draft that belongs to it"
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.conversation not in (None, conversation))
        assert [p.address for p in screen.answering.pane.draft().to] == ["weber@acme.example"]
        assert screen.answering.drafts.of_conversation(conversation) is not None


async def test_going_on_with_a_draft_shows_what_came_meanwhile(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        await type_text(pilot, "Thank you")
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            tx.add_message(message("One more thing", -60_000_000, OLENA), conversation, Placement(Rule.IN_REPLY_TO))
        worker.close()
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        assert any("you have not seen it" in line for line in text_of(app)), "\n".join(text_of(app))
        await pilot.press("v")
        await wait_for(pilot, app, lambda: app.screen is screen)
        assert any("One more thing" in line for line in text_of(app))
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.pane.text.has_focus)
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)


async def test_keys_of_a_burst_stay_in_order(make_app: MakeApp) -> None:
    """Letters never overtake Backspace, arrows or Ctrl+U, however fast they come."""
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        for key in ("t", "e", "h", "backspace", "backspace", "h", "e", "left", "X"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_for(pilot, app, lambda: screen.answering.pane.text.text.startswith("thXe\n"))
        screen.answering.pane.fields.focus_field("cc")
        await pilot.pause()
        for key in ("a", "b", "ctrl+u", "c", "d", "backspace", "e", "enter", "f"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_for(pilot, app, lambda: screen.answering.pane.fields.value("bcc") == "f")
        assert screen.answering.pane.fields.value("cc") == "ce"


async def test_what_was_taken_back_goes_on_behind_the_own_words(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        pane = desk_of(app).answering.pane
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await type_text(pilot, "Hello there")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
        await pilot.press("z")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await pilot.press("x", "y")
        assert pane.text.text.startswith("Hello therexy")


async def test_beside_the_text_no_key_is_named_that_would_be_typed_into_it(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        monkeypatch.setattr(type(screen.inbox), "arrived", (3, 0))
        screen.bars.tell_place()
        await pilot.pause()
        assert "3 new above" in text_of(app)[-1]
        assert "g g" not in text_of(app)[-1], "in the conversation it goes to its top"
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        screen.bars.tell_place()
        await pilot.pause()
        last = text_of(app)[-1]
        assert "new above" not in last
        assert "ctrl+o attach" in last
        assert "ctrl+r to, cc" in last


async def test_no_view_goes_and_comes_again_with_a_message_on_its_way(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        before = [word for word in text_of(app)[0].split() if word.istitle()]
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await type_text(pilot, "Hello there")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: "1 sending" in text_of(app)[0])
        assert [word for word in text_of(app)[0].split() if word.istitle()] == before


async def test_a_draft_is_not_forgotten_with_what_is_solved(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await type_text(pilot, "Hello")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
        await pilot.press("e")
        await settle(app, pilot)
        said = " ".join(" ".join(text_of(app)[-2:]).split())
        assert "Solved" in said
        assert "Your draft waits there (g t)." in said
        await pilot.press("escape", "escape")
        await settle(app, pilot)
        assert any("Олена" in line and "draft" in line for line in text_of(app))


@pytest.mark.parametrize("several", [False, True])
async def test_where_we_have_several_addresses_an_answer_tells_which_it_goes_out_from(
    make_app: MakeApp, tmp_path: Path, several: bool
) -> None:
    app = make_app()
    if several:
        worker = open_worker(tmp_path / "desk0")
        worker.put_account(
            replace(mail_account(), id="sales", own_addresses=(SafeText.trusted("sales@aurora.example"),))
        )
        worker.close()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open and desk_of(app).is_ready)
        head = next(line for line in text_of(app) if " REPLY " in line)
        assert ("from support@aurora.example" in head) is several, head
