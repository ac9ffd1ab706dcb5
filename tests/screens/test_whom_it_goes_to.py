"""Nobody gets a message whose address was not shown before it went."""

from __future__ import annotations

from agent_tui.desk.presend import Finding, Severity
from agent_tui.domain.message import Person
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.screens.presend import PresendCheck
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
