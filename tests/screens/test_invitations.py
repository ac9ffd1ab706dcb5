"""An invitation as an agent meets it: it came as a file, is found by its words, and is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent_tui.__main__ import main
from agent_tui.app import AgentApp, AppOptions
from agent_tui.config import Settings
from agent_tui.locations import locate
from agent_tui.terminal.environment import Terminal
from tests.desk_data import open_test_desk
from tests.screens.conftest import settle, text_of

ICS = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:1
DTSTART:20261121T100000Z
DTEND:20261121T110000Z
SUMMARY:Handover of the zeppelin
LOCATION:Hangar 5
ORGANIZER:mailto:ann@cust.example
END:VEVENT
END:VCALENDAR
"""
INVITATION = (
    "From: Ann <ann@cust.example>\nTo: support@aurora.example\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"
    "Message-ID: <1@cust.example>\nSubject: invite\nMIME-Version: 1.0\n"
    f"Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n{ICS}"
)


async def test_an_invitation_is_found_and_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(tmp_path / "home")
    file = tmp_path / "invitation.eml"
    file.write_text(INVITATION)
    assert main(["import", str(file), "--home", home]) == 0
    capsys.readouterr()
    assert main(["search", "zeppelin", "--json", "--home", home]) == 0
    hit = json.loads(capsys.readouterr().out)
    assert main(["show", str(hit["conversation"]), "--json", "--home", home]) == 0
    [message] = [m for m in json.loads(capsys.readouterr().out)["messages"] if m["kind"] == "message"]
    assert message["visible_text"].split("\n")[0] == "Invitation: Handover of the zeppelin"
    desk = open_test_desk(locate(tmp_path / "home").data, filled=False)
    app = AgentApp(desk, AppOptions(Settings(), terminal=Terminal()))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        await pilot.press("enter")
        await settle(app, pilot)
        shown = "\n".join(text_of(app))
    desk.close()
    assert "Invitation: Handover of the zeppelin" in shown
    assert "When: Sat 21 Nov 2026, 10:00–11:00 UTC" in shown
    assert "Where: Hangar 5" in shown
    assert "no text" not in shown
