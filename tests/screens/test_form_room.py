"""The form of an account where the terminal has less room than it has fields."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.domain.account import BackendInfo, Capability, OptionField
from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import SafeText
from agent_tui.screens.account_form import AccountForm
from agent_tui.screens.form_parts import SomeLines
from tests.screens.conftest import MakeApp, desk_of, settle, text_of

TITLES = (
    "Seconds between looks",
    "Folder in which copies of sent mail are kept",
    *(f"Option number {number}" for number in range(18)),
)


def many() -> BackendInfo:
    options = tuple(OptionField(f"o{number}", title, "", "integer", default=120) for number, title in enumerate(TITLES))
    first = OptionField("host", "Server", "", "text", required=True)
    return BackendInfo(
        name="imap",
        title=SafeText.trusted("Mail"),
        api_version=1,
        channel=Channel.EMAIL,
        options=(first, *options),
        capabilities=frozenset({Capability.PULL}),
        proof="real server",
    )


async def opened(app: AgentApp, pilot: Pilot[Any]) -> AccountForm:
    """The form of an account with as many options."""
    await settle(app, pilot)
    form = AccountForm(desk_of(app).minding.accounts, many())
    app.push_screen(form)
    await settle(app, pilot)
    return form


async def test_labels_stay_apart_from_values_and_more_is_told(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("ctrl+r")
        await settle(app, pilot)
        shown = "\n".join(text_of(app))
        assert "Seconds between looks " in shown
        assert "looks120" not in shown
        assert "Folder in which copies of sent mail are kept " in shown
        assert "more below" in shown
        assert "more above" not in shown
        for _ in range(40):
            await pilot.press("down")
            await pilot.pause()
            if "more below" not in "\n".join(text_of(app)):
                break
        shown = "\n".join(text_of(app))
        assert "more below" not in shown
        assert "more above" in shown
        assert shown.splitlines()[-1].startswith("└"), "the box takes the room there is"
        assert "Signature" in shown or "Shown as" in shown


async def test_what_is_typed_at_once_waits_for_the_form(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        form = AccountForm(desk_of(app).minding.accounts, many())
        app.push_screen(form)
        for key in (*"localhost", "ctrl+r", "down", "tab", "ctrl+u", *"42351", "up", "7"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(app, pilot)
        assert form.more
        assert [form.field(name).value for name in ("host", "o0", "o1")] == ["localhost", "1207", "42351"]


async def test_nothing_is_above_where_fewer_fields_are(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("ctrl+r", "up")
        await settle(app, pilot)
        assert any("more above" in line for line in text_of(app))
        await pilot.press("ctrl+r")
        await settle(app, pilot)
        assert not any("more above" in line for line in text_of(app))


async def test_a_signature_may_have_empty_lines(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        form = await opened(app, pilot)
        await pilot.press("ctrl+r")
        signature = form.field("signature")
        assert isinstance(signature, SomeLines)
        signature.focus()
        await settle(app, pilot)
        assert any("enter begins another line, tab goes on" in line for line in text_of(app))
        await pilot.press("A", "enter", "enter", "B", "tab")
        await settle(app, pilot)
        assert signature.value == "A\n\nB"
        assert not signature.has_focus


async def test_the_question_whether_to_leave_goes_with_any_other_key(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        form = await opened(app, pilot)
        await pilot.press("x", "escape")
        await settle(app, pilot)
        assert any("Esc again drops" in line for line in text_of(app))
        await pilot.press("left")
        await settle(app, pilot)
        assert not any("Esc again drops" in line for line in text_of(app))
        await pilot.press("escape")
        await settle(app, pilot)
        assert app.screen is form


async def test_a_field_that_is_hidden_hands_its_caret_on(make_app: MakeApp) -> None:
    """Else no key would have a place any more."""
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        form = await opened(app, pilot)
        await pilot.press("ctrl+r")
        await settle(app, pilot)
        last = form.options[-2].name
        form.set_focus(form.field(last))
        await pilot.press("ctrl+r")
        await settle(app, pilot)
        assert form.is_ready
        await pilot.press("ctrl+u", *"xyz")
        await settle(app, pilot)
        assert form.values()["host"] == "xyz"
