"""Reading: long conversations, folds, themes, what is wrong, what is copied and saved."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui.config import Notify, Settings
from agent_tui.domain.account import AccountHealth, Fault, Health
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Placement, Rule
from agent_tui.domain.times import DAY, MINUTE, Micros
from agent_tui.screens.sheet import Sheet
from agent_tui.store.open import open_worker
from agent_tui.widgets.thread_rows import ThreadContext, ThreadRows, build
from tests.desk_data import NOW, OLENA, converse, message, person
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import wait_for


def home_of(app: object) -> Path:
    from agent_tui.app import AgentApp

    assert isinstance(app, AgentApp)
    return app.desk.settings.downloads.parent


async def test_older_messages_come_as_one_scrolls_up_and_nothing_jumps(make_app: MakeApp) -> None:
    app = make_app()
    worker = open_worker(home_of(app))
    with worker.ingest() as tx:
        many = [message(f"line {n}", 3 * DAY - n * MINUTE, OLENA) for n in range(180)]
        long = converse(tx, "A long one", OLENA, many)
    worker.close()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = desk_of(app)
        screen.open(long)
        await settle(app, pilot)
        assert screen.thread.open is not None
        assert len(screen.thread.open.items) == 50
        assert "line 179" in "\n".join(text_of(app))
        while len(screen.thread.open.items) == 50:
            await pilot.press("pageup")
            await settle(app, pilot)
        assert screen.thread.list.first_line > 0, "what was on screen stayed there"
        await pilot.press("g", "g")
        await settle(app, pilot)
        assert "line 0" in "\n".join(text_of(app))
        await pilot.press("G")
        assert "line 179" in "\n".join(text_of(app))


async def test_a_message_that_comes_in_while_reading_is_shown_and_the_window_stays(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = desk_of(app)
        await pilot.press("j", "enter")
        await settle(app, pilot)
        first = screen.thread.list.first_line
        shown = screen.thread.shown
        assert shown is not None
        worker = open_worker(home_of(app))
        with worker.ingest() as tx:
            one = message("One thing more", -MINUTE, OLENA, unread=True)
            tx.add_message(one, shown, Placement(Rule.IN_REPLY_TO, {"header": "x"}))
        worker.close()
        screen.absorb()
        await settle(app, pilot)
        assert "One thing more" in "\n".join(text_of(app))
        assert screen.thread.list.first_line == first


async def test_folds_open_and_close(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("j", "enter")
        await settle(app, pilot)
        assert "▸ 6 quoted lines" in "\n".join(text_of(app))
        await pilot.press("enter")
        assert "▾ 6 quoted lines" in "\n".join(text_of(app))
        await pilot.press("plus")
        await pilot.press("minus")
        assert "▸ 6 quoted lines" in "\n".join(text_of(app))


async def test_n_and_p_go_from_message_to_message(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = desk_of(app)
        await pilot.press("j", "enter")
        await settle(app, pilot)
        at = screen.thread.list.cursor
        await pilot.press("p")
        assert screen.thread.list.cursor == at - 1
        await pilot.press("p", "p", "p")
        assert "first message" in text_of(app)[-1]


async def test_every_theme_can_be_put_on_while_running(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        seen = []
        for _turn in range(3):
            desk_of(app).run_command("theme")
            await pilot.pause()
            seen.append(app.theme)
            assert "Inbox 13" in text_of(app)[0]
        assert sorted(seen) == ["dark", "light", "terminal"]


@pytest.mark.parametrize("keymap", ["gmail", "vim", "mutt"])
async def test_other_keymaps_open_and_move(make_app: MakeApp, keymap: str) -> None:
    settings = Settings(keymap=keymap)  # type: ignore[arg-type]
    app = make_app(settings=settings)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("j", "enter")
        await settle(app, pilot)
        assert desk_of(app).reading


async def test_gmails_keys_without_a_command_say_what_does_it(make_app: MakeApp) -> None:
    app = make_app(settings=Settings(keymap="gmail"))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(app, pilot)
        count = desk_of(app).inbox.list.rows.count
        await pilot.press("number_sign")
        assert "Nothing is deleted here: e solves it, ! marks it as spam." in text_of(app)[-1]
        assert desk_of(app).inbox.list.rows.count == count
        await pilot.press("asterisk", "a")
        assert "To select all: g g, x, G, V." in text_of(app)[-1]
        await pilot.press("g", "g", "x", "G", "V")
        assert len(desk_of(app).inbox.selected) == count, "it does what was said"
        await pilot.press("asterisk", "n")
        assert not desk_of(app).inbox.selected
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(app, pilot)
        await pilot.press("number_sign")
        assert "# means nothing here." in text_of(app)[-1]


async def test_own_keys_that_clash_are_told_and_never_fatal(make_app: MakeApp) -> None:
    app = make_app(settings=Settings(keys={"solve": "E", "reopen": "E", "fly": "f", "note": "[/]"}))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause(0.2)
        assert {problem.code for problem in app.keymap_in_use.problems} == {"clash", "unknown_command"}
        assert app.is_running


async def test_faults_of_the_settings_are_told_on_the_screen(make_app: MakeApp) -> None:
    settings = Settings(theme="lihgt", keys={"solve": "j"})
    app = make_app(settings=settings, wrong=("settings.toml, line 3: there is no setting “bogus”",))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await wait_for(pilot, app, lambda: any("Settings: settings.toml, line 3" in line for line in text_of(app)))
        told = " ".join(notification.message for notification in app._notifications)
        assert "there is no setting “bogus”. 2 more: agent-tui doctor names them." in told
        assert "solve" in text_of(app)[-1]
        assert "j solve" not in text_of(app)[-1]
        assert "e solve" in " ".join(text_of(app)[-1].split())
    app = make_app(settings=Settings(theme="lihgt"))
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await wait_for(pilot, app, lambda: len(app._notifications) > 0)
        [notification] = app._notifications
        told = notification.message
        assert "there is no theme “lihgt”; there are: dark, light, plain, terminal" in told


async def test_what_is_wrong_stands_until_it_is_mended(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        screen = desk_of(app)
        top = screen.inbox.list.region.y
        worker = open_worker(home_of(app))
        fault = Fault("unreachable", {"reason": "refused", "host": "imap.aurora.example", "port": "993"})
        worker.set_health(AccountHealth("mail", Health.WAITING, NOW, fault, next_try_at=Micros(NOW + MINUTE)))
        screen.absorb()
        await pilot.pause()
        shown = " ".join(line.strip() for line in text_of(app)[-3:])
        assert "No connection to imap.aurora.example: it refuses port 993." in shown
        assert "Next try 16:41 (ctrl+r now)" in shown
        assert screen.inbox.list.region.y == top
        worker.set_health(AccountHealth("mail", Health.CONNECTED, NOW))
        worker.close()
        screen.absorb()
        await pilot.pause()
        assert "No connection" not in "\n".join(text_of(app))


async def test_headers_show_the_message_as_it_came(make_app: MakeApp) -> None:
    app = make_app()
    worker = open_worker(home_of(app))
    (sha,) = worker.put_raw([b"From: a@example.com\r\nX-Odd: \x1b]52;c;eA==\x07[/]\r\n\r\nBody \x9b2J text\r\n"])
    with worker.ingest() as tx:
        who = person("Raw Sender", "a@example.com")
        made = converse(tx, "Raw", who, [message("Body text", 0, who, raw=sha)], Status.OPEN)
    worker.close()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        desk_of(app).open(made)
        await settle(app, pilot)
        await pilot.press("H")
        await settle(app, pilot)
        assert isinstance(app.screen, Sheet)
        shown = "\n".join(text_of(app))
        assert "From: a@example.com" in shown
        assert "\x1b" not in shown
        assert "\x9b" not in shown


async def test_the_bell_rings_on_wish_alone(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    for wish, expected in ((Notify(bell=True), 1), (Notify(), 0)):
        app = make_app(settings=Settings(notify=wish))
        rung: list[int] = []
        monkeypatch.setattr(app, "bell", lambda rung=rung: rung.append(1))
        async with app.run_test(size=(80, 24)) as pilot:
            worker = open_worker(home_of(app))
            with worker.ingest() as tx:
                who = person("Late", "late@example.com")
                converse(tx, "New", who, [message("x", 0, who, unread=True)], Status.NEW)
            worker.close()
            await pilot.pause(0.6)
        assert len(rung) == expected


def test_a_long_message_is_bounded_until_it_is_asked_for() -> None:
    from tests.widgets.test_hostile import LOOK
    from tests.widgets.test_thread_rows import inbound

    rows = build([inbound("word " * 400_000)], 100, ThreadContext("dana", NOW))
    assert isinstance(rows, ThreadRows)
    assert rows.lines < 2_000
    strip = rows.draw(0, 0, 100, LOOK, current=True, active=True)
    assert strip.cell_length == 100


async def test_the_rest_of_a_large_message_is_asked_for(make_app: MakeApp) -> None:
    app = make_app()
    worker = open_worker(home_of(app))
    with worker.ingest() as tx:
        large = converse(tx, "A large one", OLENA, [message("", MINUTE, OLENA, warnings=("partial",), partial=True)])
        small = converse(tx, "A small one", OLENA, [message("All of it", 2 * MINUTE, OLENA)])
    async with app.run_test(size=(120, 40)) as pilot:
        screen = desk_of(app)
        screen.open(small)
        await settle(app, pilot)
        await pilot.press("D")
        await settle(app, pilot)
        assert "All of this message is here." in "\n".join(text_of(app))
        assert not worker.requests()
        screen.open(large)
        await settle(app, pilot)
        assert "Only its headers are here" in "\n".join(text_of(app))
        await pilot.press("D")
        await settle(app, pilot)
        assert "Fetching all of it" in "\n".join(text_of(app))
        assert [request.kind for request in worker.requests()] == ["fetch_body"]
    worker.close()
