"""The picker of attachments: in the order of the messages, one or all, and where they go."""

from __future__ import annotations

from operator import methodcaller
from pathlib import Path

import pytest

from agent_tui.content.safe import file_name
from agent_tui.domain.message import Attachment, Placement, Rule
from agent_tui.domain.text import SafeText
from agent_tui.store.open import open_worker
from tests.desk_data import OLENA, message
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import wait_for


async def test_they_stand_in_their_order_and_all_are_saved_at_once(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        conversation = desk_of(app).inbox.current
        assert conversation is not None
        worker = open_worker(tmp_path / "desk0")
        for names in (("older.txt",), ("first.txt", "second.txt")):
            files = tuple(
                Attachment(0, SafeText(name), SafeText("text/plain"), 1, False, f"sha256:{sha256}")
                for name in names
                for sha256 in (app.desk.write_now(methodcaller("put_file", name.encode())),)
            )
            with worker.ingest() as tx:
                found = message("Files.", -60_000_000, OLENA, files=files, native_id=names[0], header_id=names[0])
                tx.add_message(found, conversation, Placement(Rule.IN_REPLY_TO))
        worker.close()
        await settle(app, pilot)
        await pilot.press("enter")
        await settle(app, pilot)
        await pilot.press("v")
        await settle(app, pilot)
        shown = "\n".join(text_of(app)).partition("Attachments")[2]
        assert shown.index("older.txt") < shown.index("first.txt") < shown.index("second.txt")
        assert "enter save" in shown
        assert "They are saved in" in shown
        folder = app.desk.settings.downloads
        await pilot.press("2")
        await wait_for(pilot, app, (folder / "first.txt").exists)
        assert [path.name for path in folder.iterdir()] == ["first.txt"]
        await pilot.press("v", "a")
        await wait_for(pilot, app, lambda: any("Saved 3 files in" in line for line in text_of(app)))
        saved = {path.name: path.read_text() for path in folder.iterdir()}
        assert saved == {
            "first.txt": "first.txt", "first-2.txt": "first.txt", "older.txt": "older.txt", "second.txt": "second.txt",
        }  # fmt: skip


HIDDEN = file_name("Rechnung-2026-11-" + "0" * 120 + ".pdf.exe")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_true_ending_stands_wherever_the_file_does(
    make_app: MakeApp, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(app, pilot)
        conversation = desk_of(app).inbox.current
        assert conversation is not None
        sha256 = app.desk.write_now(methodcaller("put_file", b"MZ"))
        files = tuple(Attachment(0, HIDDEN, SafeText("application/pdf"), 2, False, f"sha256:{sha256}") for _ in "12345")
        worker = open_worker(tmp_path / "desk0")
        with worker.ingest() as tx:
            found = message("Files.", -60_000_000, OLENA, files=files, native_id="x", header_id="x")
            tx.add_message(found, conversation, Placement(Rule.IN_REPLY_TO))
        worker.close()
        await settle(app, pilot)
        await pilot.press("enter")
        endings = ("….pdf.exe", "0.pdf.exe")
        await wait_for(pilot, app, lambda: sum(any(end in line for end in endings) for line in text_of(app)) >= 5)
        await pilot.press("v")
        await settle(app, pilot)
        assert any(".pdf.exe" in line and ".exe, not application/pdf" in line for line in text_of(app))
        await pilot.press("1")
        await wait_for(pilot, app, lambda: any("Saved Rechnung" in line for line in text_of(app)))
        assert any("Saved Rechnung" in line and ".pdf.exe in " in line for line in text_of(app))
        while not (here := desk_of(app).thread.message) or not here.attachments:
            await pilot.press("n")
            await settle(app, pilot)
        await pilot.press("f")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await settle(app, pilot)
        shown = desk_of(app).answering.pane.files.region
        lines = [line for line in text_of(app)[shown.y : shown.bottom] if ".pdf.exe" in line]
        assert len(lines) == min(5, size[1] // 10)
        assert ("more  ctrl+o" in lines[-1]) is (len(lines) < 5)
        await pilot.press("ctrl+o")
        await settle(app, pilot)
        assert sum(".pdf.exe" in line and "take off" in line for line in text_of(app)) == 5
