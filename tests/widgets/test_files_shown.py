"""A file's true ending stands wherever the file does."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Size

from agent_tui.content.safe import file_name, safe
from agent_tui.desk.conversation import SidePanel
from agent_tui.domain.message import Attachment
from agent_tui.domain.outbox import DraftFile
from agent_tui.domain.times import Micros
from agent_tui.widgets.composer_head import ComposerFiles
from agent_tui.widgets.file_words import name_of, type_of
from agent_tui.widgets.look import Look
from agent_tui.widgets.palette import Palette, shipped
from agent_tui.widgets.panel_rows import PanelRows, lines
from agent_tui.widgets.sheet_rows import SheetLine, SheetRows
from tests.desk.make import message

LOOK = Look(Palette(shipped()["dark"]))
HIDDEN = [
    file_name(name)
    for name in (
        "invoice.pdf" + "\u2800" * 75 + ".exe",
        "Rechnung-2026-11-" + "0" * 120 + ".pdf.exe",
        "x" * 300 + ".exe",
    )
]


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("cells", [30, 44, 80])
def test_in_the_panel(name: str, cells: int) -> None:
    file = Attachment(1, safe(name), safe("application/pdf"), 12, part="2")
    rows = PanelRows(lines(SidePanel(None, (), ((message(), file),)), Micros(0)))
    drawn = rows.draw(rows.count - 1, 0, cells, LOOK, current=False, active=False).text
    assert ".exe" in drawn


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("cells", [40, 64, 110])
def test_in_a_list_to_choose_from(name: str, cells: int) -> None:
    rows = SheetRows([SheetLine(name_of(name), right="12 kB", value=1, names_file=True)])
    assert ".exe" in rows.draw(0, 0, cells, LOOK, current=False, active=False).text


class FilesApp(App[None]):
    look = LOOK

    def __init__(self, *files: str) -> None:
        super().__init__()
        self.files = ComposerFiles()
        self.given = tuple(DraftFile(safe(name), safe("application/pdf"), 12, "0" * 64) for name in files)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"ground": "#000000"}

    def compose(self) -> ComposeResult:
        yield self.files

    def drawn(self) -> list[str]:
        return [self.files.render_line(y).text for y in range(self.files.size.height)]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_each_file_that_leaves_has_a_line_or_is_counted(size: tuple[int, int]) -> None:
    app = FilesApp(*HIDDEN, *(f"f{at}.pdf" for at in range(97)))
    async with app.run_test(size=size) as pilot:
        app.files.tell(app.given)
        await pilot.pause()
        drawn = app.drawn()
        assert len(drawn) == size[1] // 10
        assert all(".exe" in line for line in drawn[: len(HIDDEN)])
        assert f"and {100 - len(drawn)} more  ctrl+o" in drawn[-1]
        app.files.tell(app.given[:2])
        await pilot.pause()
        assert ["more" in line for line in app.drawn()] == [False, False]
        app.files.tell(())
        await pilot.pause()
        assert app.files.size == Size(0, 0)


@pytest.mark.parametrize(
    ("name", "declared", "shown"),
    [
        ("bill.pdf", "application/pdf", "application/pdf"),
        ("bill.PDF", "application/pdf", "application/pdf"),
        ("photo.jpeg", "image/jpeg", "image/jpeg"),
        ("bill.pdf.exe", "application/pdf", ".exe, not application/pdf"),
        ("photo.jpg .lnk", "image/jpeg", ".lnk, not image/jpeg"),
        ("data.bin", "application/octet-stream", "application/octet-stream"),
        ("a.xyz", "application/x-unknown", "application/x-unknown"),
        ("noending", "application/pdf", "application/pdf"),
    ],
)
def test_an_ending_that_is_none_of_the_declared_type_is_told(name: str, declared: str, shown: str) -> None:
    assert type_of(name, declared) == shown


def test_a_folder_in_a_name_is_no_ending() -> None:
    assert type_of("./etc/passwd", "text/plain") == "text/plain"
    assert type_of("..\\notes\\list", "text/plain") == "text/plain"
    assert type_of("./etc/run.exe", "text/plain") == ".exe, not text/plain"
