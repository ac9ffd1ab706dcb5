"""Files that go along: chosen by path, taken off again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui import ages, sentences
from agent_tui.desk.compose import CannotAttach, without_file
from agent_tui.desk.files import completed, matching
from agent_tui.desk.plain import StoreError
from agent_tui.screens.sheet import Finder
from agent_tui.widgets.cells import in_cell
from agent_tui.widgets.file_words import name_of
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.hands_answer import Answering

TAKE_OFF = "take off"


class Attaching:
    """Chooses files for the draft on the screen."""

    def __init__(self, answering: Answering) -> None:
        self._of = answering

    def choose(self, typed: str = "") -> None:
        """A path, completed while it is typed; what is attached already can be taken off."""
        screen = self._of.screen
        attached = self._of.pane.draft().files

        def offer(text: str) -> list[SheetLine]:
            lines = [
                SheetLine(name_of(file.name), key="-", right=_("take off"), value=(TAKE_OFF, index), names_file=True)
                for index, file in enumerate(attached)
                if not text
            ]
            lines += [
                SheetLine(
                    f"{in_cell(found.name)}/" if found.folder else in_cell(found.name),
                    right="" if found.folder else ages.size(found.size),
                    value=found.path,
                    names_file=not found.folder,
                )
                for found in matching(text)
            ]
            if not lines and not text.strip():
                return [SheetLine(_("Type a path: ~/Documents/"), role="faint")]
            return lines or [SheetLine(_("No such file."), role="faint")]

        def chosen(value: object | None) -> None:
            self._of.pane.text.focus()
            if isinstance(value, tuple):
                self._of.pane.take(without_file(self._of.pane.draft(), value[1]))
            elif isinstance(value, Path) and value.is_dir():
                self.choose(f"{value}/")
            elif isinstance(value, Path):
                self._of.run(self._attach(value), "attach")

        screen.app.push_screen(Finder(_("Attach a file"), offer, typed=typed, complete=completed), chosen)

    async def _attach(self, path: Path) -> None:
        pane = self._of.pane
        draft = pane.draft()
        try:
            with_file = await self._of.composer.attach(draft, path)
        except (CannotAttach, StoreError) as error:
            self._of.screen.bars.say(sentences.error(error.code, error.parameters, "attach"), role="late")
            return
        if pane.started is not None and pane.started.draft.id == draft.id:
            pane.take_files(with_file.files)
