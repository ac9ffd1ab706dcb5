"""The desk as an agent uses it: keys in, screen and store out."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from agent_tui.domain.conversation import Status, View
from tests.desk_data import AGENT, NOW, message, person
from tests.screens.conftest import MakeApp, desk_of, settle, text_of


async def test_opens_with_list_and_conversation_side_by_side(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.pause()
        screen = text_of(app)
        assert "Inbox 13" in screen[0]
        assert any("Card declined at checkout" in line for line in screen)
        assert "1 of 13" in screen[-1]


async def test_j_and_k_move_and_a_count_repeats(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = desk_of(app).inbox.list
        await pilot.press("j", "j", "k")
        assert rows.cursor == 1
        await pilot.press("5", "j")
        assert rows.cursor == 6
        await pilot.press("G")
        assert rows.cursor == 12
        await pilot.press("g", "g")
        assert rows.cursor == 0
        await pilot.press("3", "G")
        assert rows.cursor == 2


async def test_keys_of_a_cyrillic_layout_are_the_keys_at_the_same_place(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        rows = desk_of(app).inbox.list
        await pilot.press("о", "о", "л")
        assert rows.cursor == 1
        await pilot.press("п", "ц")
        assert desk_of(app).view is View.WAITING
        await pilot.press("full_stop")
        assert isinstance(app.focused, Input)
        await pilot.press("о", "л")
        assert app.focused.value == "ол"


async def test_opening_reads_and_moving_does_not(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = desk_of(app)
        await pilot.press("j")
        await pilot.pause(0.4)
        await settle(app, pilot)
        row = screen.inbox.row()
        assert row is not None
        assert row.unread
        assert screen.thread.shown == row.id
        await pilot.press("enter")
        await settle(app, pilot)
        screen.absorb()
        row = screen.inbox.row()
        assert row is not None
        assert not row.unread
        await pilot.pause()
        assert any("· new" in line for line in text_of(app)), "what was new stays marked while it is read"


async def test_the_conversation_lands_on_the_first_unread_message(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.press("j", "enter")
        await settle(app, pilot)
        block = desk_of(app).thread.block
        assert block is not None
        assert getattr(block.item, "text", "").startswith("Доброго дня! Кошти")


async def test_beside_the_composer_the_newest_words_are_in_sight(make_app: MakeApp) -> None:
    """Whichever comes first, the composer or the lines: with less room the window goes on to where it was to land."""
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "enter")
        await settle(app, pilot)
        thread = desk_of(app).thread.list
        alone = thread.first_line
        await pilot.press("r")
        await settle(app, pilot)
        assert thread.size.height < 15
        assert thread.first_line > alone
        assert any("Доброго дня! Кошти" in line for line in text_of(app))
        moved = thread.first_line - 3
        thread.scroll_lines(-3)
        await pilot.resize_terminal(80, 30)
        await settle(app, pilot)
        assert thread.first_line == moved, "what the agent has moved stays"


async def test_solving_says_so_and_z_takes_it_back(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        first = screen.inbox.current
        assert first is not None
        await pilot.press("e")
        await settle(app, pilot)
        assert screen.inbox.current == first, "a solved row stays until the view is left"
        row = screen.inbox.row()
        assert row is not None
        assert row.status is Status.SOLVED
        assert f"Solved #{row.number}." in text_of(app)[-1]
        assert "z undo" in text_of(app)[-1]
        await pilot.press("z")
        await settle(app, pilot)
        row = screen.inbox.row()
        assert row is not None
        assert row.status is Status.NEW
        assert "Took back" in text_of(app)[-1]
        await pilot.press("ctrl+y")
        await settle(app, pilot)
        row = screen.inbox.row()
        assert row is not None
        assert row.status is Status.SOLVED


async def test_a_solved_row_is_gone_when_the_view_is_left(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        first = screen.inbox.current
        await pilot.press("e")
        await settle(app, pilot)
        await pilot.press("g", "m", "g", "i")
        assert screen.inbox.current != first
        assert screen.inbox.list.rows.count == 12


async def test_selecting_leaves_the_cursor_where_it_is(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        await pilot.press("j", "x", "j", "x")
        await settle(app, pilot)
        rows = [screen.inbox.row(index) for index in (1, 2)]
        assert screen.inbox.selected == {row.id for row in rows if row is not None}
        await pilot.press("x")
        await settle(app, pilot)
        assert len(screen.inbox.selected) == 1


async def test_bulk_changes_are_one_step(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        await pilot.press("x", "j", "j", "j", "V", "i")
        await settle(app, pilot)
        assert "Assigned" in text_of(app)[-1]
        rows = [screen.inbox.row(index) for index in range(4)]
        assert all(row is not None and row.assignee == AGENT for row in rows)
        await pilot.press("z")
        await settle(app, pilot)
        first = screen.inbox.row(0)
        assert first is not None
        assert first.assignee is None


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("s", "w"), "waiting"),
        (("P", "u"), "urgent"),
        (("P", "l"), "low"),
        (("A", "2"), "ihor"),
        (("exclamation_mark", "y"), "spam"),
        (("h", "enter"), "Snoozed"),
        (("t", *"vip", "enter"), "vip"),
    ],
)
async def test_pickers(make_app: MakeApp, keys: tuple[str, ...], said: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await settle(app, pilot)
        assert app.screen is desk_of(app)
        assert said in text_of(app)[-1]


async def test_search_as_you_type_says_why(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = desk_of(app)
        await pilot.press("j", "j", "slash", *"refund")
        await pilot.pause(0.2)
        await settle(app, pilot)
        assert screen.inbox.hits is not None
        assert screen.inbox.hits.count == 1
        shown = text_of(app)
        assert any("subject" in line and "Refund received" in line for line in shown)
        assert "1 of 1" in shown[-1]
        await pilot.press("enter")
        assert app.focused is screen.inbox.list
        await pilot.press("escape")
        assert screen.inbox.hits is None
        assert screen.inbox.list.cursor == 2, "the view is where it was left"


async def test_arrivals_do_not_move_the_list(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        await pilot.press("j", "j", "j")
        held, top = screen.inbox.current, screen.inbox.list.first_line
        from agent_tui.domain.message import Placement, Rule
        from agent_tui.store.open import open_worker

        worker = open_worker(app.desk.settings.downloads.parent)
        try:
            for number in range(50):
                with worker.ingest() as tx:
                    who = person(f"New {number}", f"new{number}@example.com")
                    contact = tx.add_contact(who.name, "email", who.address, "test")
                    one = message("hello", -number * 1000, who, unread=True, contact_id=contact)
                    made = tx.add_conversation("mail", one.channel, one.subject, contact, Status.NEW, NOW, None)
                    tx.add_message(one, made, Placement(Rule.NEW))
                if number % 10 == 0:
                    screen.absorb()
                    await pilot.press("j", "k")
        finally:
            worker.close()
        screen.absorb()
        await pilot.pause()
        assert (screen.inbox.current, screen.inbox.list.first_line) == (held, top)
        assert "50 new above" in text_of(app)[-1]
        await pilot.press("g", "g")
        assert screen.inbox.list.cursor == 0
        row = screen.inbox.row()
        assert row is not None
        assert row.customer.startswith("New")


async def test_a_paste_beside_a_field_is_never_keys(make_app: MakeApp) -> None:

    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        before = desk_of(app).inbox.list.cursor
        app.post_message(events.Paste("jjjjeeee!\n"))
        await pilot.pause()
        assert desk_of(app).inbox.list.cursor == before
        assert "left out" in text_of(app)[-1]


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (60, 16), (100, 30), (140, 40), (250, 80)])
async def test_every_size_is_survived(make_app: MakeApp, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("j", "enter")
        await settle(app, pilot)
        await pilot.resize_terminal(*size)
        await pilot.pause()
        await pilot.press("J", "escape", "j", "question_mark", "escape", "slash", "x", "escape", "h", "escape")
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "Inbox" in text_of(app)[0]


async def test_back_goes_out_step_by_step_and_never_leaves(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        await pilot.press("g", "w", "enter")
        await settle(app, pilot)
        assert screen.reading
        await pilot.press("q")
        assert not screen.reading
        assert screen.view is View.WAITING
        await pilot.press("left")
        assert screen.view is View.INBOX
        await pilot.press("q", "escape", "u")
        assert app.is_running
        assert "ctrl+q" in text_of(app)[-1]


async def test_a_number_and_enter_opens_that_conversation(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        row = screen.inbox.row(4)
        assert row is not None
        await pilot.press(*str(row.number), "enter")
        await settle(app, pilot)
        assert screen.thread.shown == row.id
        await pilot.press("colon", *"9999", "enter")
        await settle(app, pilot)
        assert "no conversation #9999" in text_of(app)[-1]


async def test_the_palette_runs_commands(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", *"waiting", "enter")
        await settle(app, pilot)
        assert desk_of(app).view is View.WAITING


async def test_an_empty_store_says_so(make_app: MakeApp) -> None:
    app = make_app(filled=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert any("No account yet. g c adds one" in line for line in text_of(app))
        await pilot.press("j", "enter", "e", "x", "v", "w", "n", "G", "J")
        assert app.is_running


async def test_idle_draws_nothing(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.4)
        await settle(app, pilot)
        drawn: list[object] = []
        original = app._display

        def display(*arguments: Any) -> None:
            drawn.append(arguments)
            original(*arguments)

        monkeypatch.setattr(app, "_display", display)
        await pilot.pause(1.0)
        assert not drawn


async def test_what_is_typed_ahead_waits_for_the_field_it_was_meant_for(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = desk_of(app)
        await pilot.press("j")
        for key in ("N", *"eeee!x"):
            app.post_message(_key(key))
        for _turn in range(50):
            await pilot.pause(0.02)
            if screen.answering.pane.text.text == "eeee!x":
                break
        assert screen.answering.pane.text.text == "eeee!x"
        row = screen.inbox.row(1)
        assert row is not None
        assert row.status is Status.OPEN
        await pilot.press("escape")
        await settle(app, pilot)
        await pilot.press("escape")
        for key in ("t", *"qvip"):
            app.post_message(_key(key))
        await pilot.pause(0.3)
        assert isinstance(app.focused, Input)
        assert app.focused.value == "qvip"


def _key(letter: str) -> events.Key:
    from textual.keys import _character_to_key

    return events.Key(_character_to_key(letter), letter)
