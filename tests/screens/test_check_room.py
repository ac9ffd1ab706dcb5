"""What stands in the check before sending and does not fit into its box is told, not cut off in silence."""

from __future__ import annotations

import pytest

from agent_tui.desk.presend import Finding, Severity
from agent_tui.domain.times import Micros
from agent_tui.screens.presend import PresendCheck, Verdict
from tests.screens.conftest import MakeApp, settle, text_of
from tests.screens.test_composing import wait_for


async def test_what_the_box_is_too_small_for_is_told(make_app: MakeApp) -> None:
    people = tuple(f"helper{n}@long.example" for n in range(1, 61))
    counts = (("count", "59"), ("all", "60"))
    findings = (
        Finding("many_new", Severity.WARN, counts, "people", people[:59]),
        Finding("not_on_screen", Severity.NOTICE, (), "people", people),
    )
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        check = PresendCheck(findings, Micros(0))
        app.push_screen(check)
        await wait_for(pilot, app, lambda: "more lines" in "\n".join(text_of(app)))
        lines = text_of(app)
        assert "It also goes to 60 others: helper1@" in "\n".join(lines)
        assert sum("show all" in line for line in lines) == 1, "one key, told once"
        said = next(line for line in lines if "more lines" in line)
        seen = sum("helper" in line for line in lines)
        assert f"{check.list.rows.count - 1 - seen} more lines" in said
        assert "j down" in said
        for _line in range(check.list.rows.count):
            check.press("j")
        await wait_for(pilot, app, lambda: people[-1] in "\n".join(text_of(app)))
        assert "more line" not in "\n".join(text_of(app))
        check.press("k")
        await wait_for(pilot, app, lambda: "1 more line " in "\n".join(text_of(app)))
        assert check.hints()[0].key == "ctrl+s"
        assert "ctrl+s" in "\n".join(text_of(app))


@pytest.mark.parametrize("size", [(20, 5), (39, 24), (80, 8)])
async def test_where_no_reason_can_be_read_nothing_goes_against_it(make_app: MakeApp, size: tuple[int, int]) -> None:
    findings = (Finding("somebody_else", Severity.WARN, (("address", "a@b.test"), ("customer", "c@d.test")), "", ()),)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        verdicts: list[Verdict | None] = []
        check = PresendCheck(findings, Micros(0))
        app.push_screen(check, verdicts.append)
        await wait_for(pilot, app, lambda: "ctrl+s" in "\n".join(text_of(app)))
        await pilot.resize_terminal(*size)
        await wait_for(pilot, app, lambda: "Enlarge" in "\n".join(text_of(app)))
        assert "ctrl+s" not in "\n".join(text_of(app))
        await pilot.pause(check.READING)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.screen is check
        await pilot.resize_terminal(80, 24)
        await wait_for(pilot, app, lambda: "ctrl+s" in "\n".join(text_of(app)))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: verdicts == [Verdict(send=True)])
