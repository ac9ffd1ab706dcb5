"""What floats over the desk and is chosen from: where its keys go, and what it says."""

from __future__ import annotations

import re
from dataclasses import replace
from operator import methodcaller
from pathlib import Path

import pytest

from agent_tui.app import AgentApp
from agent_tui.desk.actions import tag
from agent_tui.desk.moments import parse, some_day
from agent_tui.domain.conversation import View
from agent_tui.screens.sheet import Finder
from agent_tui.widgets.search_field import SearchField
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, wait_for


@pytest.mark.parametrize("opens", ["t", "h", "ctrl+p", "colon"])
async def test_tab_takes_the_keys_from_no_field(make_app: MakeApp, opens: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press(opens)
        await pilot.pause()
        await pilot.press("z", "tab", "q", "shift+tab", "x")
        await settle(app, pilot)
        assert any("zqx" in line for line in text_of(app))


@pytest.mark.parametrize("keys", [("P",), ("question_mark",), ("t", "tab"), ("g", "x")])
async def test_the_key_that_leaves_works_over_everything(make_app: MakeApp, keys: tuple[str, ...]) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press(*keys)
        await settle(app, pilot)
        assert app.screen is not desk_of(app)
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_code == 0
    assert app._exit


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("h", *"gestern", "enter"), "“gestern” is not understood as a time."),
        (("h", *"2020-01-01", "enter"), "“2020-01-01” lies in the past."),
    ],
)
async def test_what_is_no_time_is_said(make_app: MakeApp, keys: tuple[str, ...], said: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press(*keys)
        await settle(app, pilot)
        shown = "\n".join(text_of(app))
        assert said in shown
        example = some_day(app.desk.now(), app.desk.zone)
        assert f"fri 16:05, {example}, in 3 hours" in shown
        assert parse(example, app.desk.now(), app.desk.zone) > app.desk.now()


async def test_times_are_shown_in_the_zone_that_they_are_typed_in(make_app: MakeApp) -> None:
    app = make_app()
    app.desk.settings = replace(app.desk.settings, zone="Pacific/Kiritimati")
    app = AgentApp(app.desk, app.options)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("h", *"tomorrow", "space", "9")
        await settle(app, pilot)
        assert any("09:00" in line and "Tomorrow" in line for line in text_of(app))


async def test_times_are_understood_and_named_in_cyrillic(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("h", *"скоро")
        await settle(app, pilot)
        assert any("завтра 9, пт 16:05, через 2 години" in line for line in text_of(app))
        await pilot.press(*["backspace"] * 5, *"завтра", "space", "9")
        await settle(app, pilot)
        shown = "\n".join(text_of(app))
        assert "not understood" not in shown
        assert "09:00" in shown


async def test_where_no_tag_is_in_use_one_is_told_how_to_begin(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        for name, _uses in app.desk.reads.tags():
            for row in app.desk.reads.page(View.ALL, app.desk.agent, None, 200):
                intent = tag({row.id: row}, [], [str(name)])
                app.desk.write_now(methodcaller("apply", app.desk.agent, intent.code, intent.targets))
        await settle(app, pilot)
        await pilot.press("t")
        await settle(app, pilot)
        assert any("type a new one, then enter" in line for line in text_of(app))


@pytest.mark.parametrize(("opens", "typed", "finds"), [("colon", "ефп", "tag"), ("ctrl+p", "ыщдму", "Solve")])
async def test_commands_are_found_as_typed_on_the_other_layout(
    make_app: MakeApp, opens: str, typed: str, finds: str
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press(opens, *typed)
        await settle(app, pilot)
        assert isinstance(app.screen, Finder)
        assert app.screen.found[0].value == finds.lower()


async def test_it_is_said_that_a_time_may_be_typed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("h")
        await settle(app, pilot)
        assert any("Or type a time: fri 16:05, 24.12 9:00" in line for line in text_of(app))


async def test_a_comma_parts_two_tags(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        conversation = await open_refund(app, pilot)
        before = {str(tag) for tag in app.desk.reads.rows([conversation], "dana")[conversation].tags}
        await pilot.press("t", *"vip, late")
        await settle(app, pilot)
        assert any("+vip, +late" in line for line in text_of(app))
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: "late" in app.desk.reads.rows([conversation], "dana")[conversation].tags)
        assert set(app.desk.reads.rows([conversation], "dana")[conversation].tags) == before | {"vip", "late"}
        await pilot.press("t", *"-late, +soon", "enter")
        await wait_for(pilot, app, lambda: "soon" in app.desk.reads.rows([conversation], "dana")[conversation].tags)
        assert set(app.desk.reads.rows([conversation], "dana")[conversation].tags) == before | {"vip", "soon"}


async def test_the_command_line_says_what_it_takes(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("colon", *"foo")
        await settle(app, pilot)
        shown = "\n".join(text_of(app))
        assert "Command, or number of a conversation" in shown
        assert re.search(r"esc, then ctrl\+p finds them by what they .*do\.", shown, re.DOTALL)


async def test_a_field_to_type_in_stays_where_it_is(make_app: MakeApp, tmp_path: Path) -> None:
    for name in ("aaa", "aab", "abb"):
        (tmp_path / name).write_text("x")
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await pilot.press("ctrl+o")
        await wait_for(pilot, app, lambda: isinstance(app.screen, Finder))
        tops = set()
        for letter in ("", *f"{tmp_path}/aab"):
            if letter:
                await pilot.press("slash" if letter == "/" else letter)
            await settle(app, pilot)
            tops.add(app.screen.query_one("#box").region.y)
            assert app.screen.query_one("#box").region.bottom <= 24
        assert len(tops) == 1


@pytest.mark.parametrize(("keys", "first"), [((), "Next row · in the list"), (("enter",), "A line down · in the c")])
async def test_help_says_where_a_key_works_and_that_it_goes_on(
    make_app: MakeApp, keys: tuple[str, ...], first: str
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press(*keys)
        await settle(app, pilot)
        await pilot.press("question_mark")
        await settle(app, pilot)
        lines = text_of(app)
        assert first in next(line for line in lines if re.search(r"\bj\b", line))
        assert any("space on" in line and "esc close" in line for line in lines)


@pytest.mark.parametrize(
    ("typed", "owner"), [(("i", "h", "enter"), "ihor"), (("2",), "ihor"), (("h", "o", "r", "enter"), "ihor")]
)
async def test_somebody_is_assigned_by_his_name_or_his_number(
    make_app: MakeApp, typed: tuple[str, ...], owner: str
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        row = desk_of(app).inbox.row()
        assert row is not None
        await pilot.press("A", *typed)
        await settle(app, pilot)
        after = desk_of(app).inbox.row()
        assert after is not None
        assert after.assignee == owner


async def test_where_no_colleagues_are_named_it_says_where_they_are(make_app: MakeApp) -> None:
    app = make_app()
    app.desk.settings = replace(app.desk.settings, colleagues=())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        for typed in ((), tuple("zoe")):
            await pilot.press("A", *typed)
            await settle(app, pilot)
            shown = "\n".join(text_of(app))
            assert "To assign to others, name them in settings.toml: colleagues =" in shown
            assert ("Nobody here" in shown, "1  You" in shown) == (False, not typed)
            await pilot.press("escape")
            await settle(app, pilot)


async def test_a_name_that_nobody_has_assigns_to_nobody_else(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        row = desk_of(app).inbox.row()
        await pilot.press("A", *"zoe", "enter")
        await settle(app, pilot)
        assert any("Nobody here is called so" in line for line in text_of(app))
        await pilot.press("escape")
        await settle(app, pilot)
        assert desk_of(app).inbox.row() == row


async def test_tab_completes_a_path(make_app: MakeApp, tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "invoices").mkdir(parents=True)
    for name in ("invoice-1.pdf", "invoice-2.pdf", "photo.png"):
        (files / name).write_bytes(b"1")
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await pilot.press("ctrl+o")
        await wait_for(pilot, app, lambda: isinstance(app.screen, Finder))
        field = app.screen.query_one(SearchField)
        for typed, meant in (("pho", "photo.png"), ("in", "invoice"), ("invoices", "invoices/"), ("x", "x")):
            field.value = f"{files}/{typed}"
            await pilot.press("tab")
            await pilot.pause()
            assert field.value == f"{files}/{meant}"
        await pilot.press("backspace", *"photo", "enter")
        await wait_for(
            pilot, app, lambda: [one.name for one in desk_of(app).answering.pane.draft().files] == ["photo.png"]
        )
