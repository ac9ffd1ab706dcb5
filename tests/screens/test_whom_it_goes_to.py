"""Nobody gets a message whose address was not shown before it went."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_tui.desk.letters import Letter
from agent_tui.desk.presend import Finding, Severity, Situation
from agent_tui.desk.sending import Sending
from agent_tui.domain.message import Person
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.screens.presend import PresendCheck
from agent_tui.screens.sheet import People
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import SIZE, open_refund, type_text, wait_for


async def test_every_address_stands_in_the_check(make_app: MakeApp) -> None:
    people = [f"helper{n}@elsewhere.example" for n in range(1, 8)]
    finding = Finding("reply_to_differs", Severity.WARN, (("address", ", ".join(people)),), "recipients")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        app.push_screen(PresendCheck((finding,), Micros(0)))
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        shown = "\n".join(text_of(app))
        assert [address for address in people if address not in shown] == []


async def test_who_bears_the_customers_name_is_told_with_both_addresses(make_app: MakeApp) -> None:
    parameters = (("address", "eve@evil.example"), ("name", "Olena K."), ("other", "olena.k@example.com"))
    finding = Finding("namesake", Severity.WARN, parameters, "recipients")
    app = make_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(app, pilot)
        check = PresendCheck((finding,), Micros(0))
        app.push_screen(check)
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        shown = " ".join("\n".join(text_of(app)).split())
        assert "eve@evil.example bears the name of olena.k@example.com: Olena K." in shown
        assert check.keys["r"].fix == "recipients"


async def test_after_sending_it_is_the_address_that_is_named(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        (person,) = screen.answering.pane.draft().to
        liked = Person(SafeText.trusted("Your boss"), person.address)
        screen.answering.pane.fields.set({"to": f"{liked.name} <{liked.address}>"})
        await type_text(pilot, "It left today")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not screen.answering.is_open)
        assert f"Goes to {person.address} in" in text_of(app)[-1]
        assert "boss" not in text_of(app)[-1]


@pytest.mark.parametrize("check", [True, False])
async def test_who_does_not_stand_in_the_head_is_named_before_it_goes(make_app: MakeApp, *, check: bool) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        screen.desk.settings = replace(screen.desk.settings, check=check)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        pane = screen.answering.pane
        strangers = [f"x{n}@evil.example" for n in range(60)]
        pane.started = (
            replace(pane.started, proposed=(*pane.draft().to, *map(person, strangers))) if pane.started else None
        )
        pane.fields.set({"cc": ", ".join(strangers)})
        await type_text(pilot, "Done")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: isinstance(app.screen, PresendCheck))
        check_screen = app.screen
        assert isinstance(check_screen, PresendCheck)
        (hidden,) = [finding for finding in check_screen.findings if finding.code == "not_on_screen"]
        said = " ".join(line.text for line in check_screen.list.rows.found)  # type: ignore[attr-defined]
        assert set(pane.not_shown()) == set(hidden.people)
        assert {*strangers[2:]} <= set(hidden.people)
        assert [address for address in hidden.people if address not in said] == []
        await wait_for(pilot, app, lambda: check_screen.press("a") and app.screen is not check_screen)
        await wait_for(pilot, app, lambda: isinstance(app.screen, People))
        lines = [line.text for line in app.screen.found]  # type: ignore[attr-defined]
        assert [address for address in strangers if f"cc {address}" not in lines] == []
        assert "It goes to 61, 60 new here" in "\n".join(text_of(app))


async def test_the_ones_behind_and_more_can_be_looked_at(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        pane = screen.answering.pane
        assert pane.not_shown() == ()
        named = [f"x{n}@evil.example" for n in range(8)]
        looked_at = Sending.situation

        def answered_names_them(self: Sending, letter: Letter) -> Situation:
            found = looked_at(self, letter)
            return replace(found, last_people=found.last_people | frozenset(named))

        monkeypatch.setattr(Sending, "situation", answered_names_them)
        pane.fields.set({"cc": ", ".join([*named, "x8@evil.example"])})
        pane.tell()
        await pilot.press("ctrl+r")
        await wait_for(pilot, app, lambda: isinstance(app.screen, People))
        marks = {line.value: line.right for line in app.screen.found}  # type: ignore[attr-defined]
        assert [who for who, mark in marks.items() if mark] == ["x8@evil.example"], "only who was added by hand"
        assert "8 known from this message alone, 1 new here" in "\n".join(text_of(app))
        assert "x8@evil.example" in "\n".join(text_of(app))
        await pilot.press("enter")
        await wait_for(pilot, app, lambda: pane.fields.fields["to"].has_focus)
        await pilot.press("ctrl+r")  # in the fields it leads back to the text, as ever
        assert pane.not_shown() != ()


async def test_an_address_that_is_cut_does_not_stand_there(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_refund(app, pilot)
        screen = desk_of(app)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: screen.answering.is_open)
        long = f"refunds@bank.example.{'a' * 60}.evil.example"
        screen.answering.pane.fields.set({"to": long})
        assert screen.answering.pane.not_shown() == (long,)


def person(address: str) -> Person:
    return Person(SafeText.trusted(""), SafeText.trusted(address))
