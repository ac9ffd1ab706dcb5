"""Reading: folds, attachments, links, evidence, the message as it came; and the desk's own sheets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui import ages, sentences
from agent_tui.desk.conversation import CannotSave, RawView
from agent_tui.desk.plain import StoreError
from agent_tui.desk.progress import Progress
from agent_tui.desk.tied import referred_to
from agent_tui.domain.message import Attachment, Message
from agent_tui.screens.sheet import Picker, Sheet
from agent_tui.widgets import labels
from agent_tui.widgets.cells import cut_name, in_cell, width
from agent_tui.widgets.file_words import name_of, type_of
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _, ngettext

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand
    from agent_tui.screens.hands_move import Moving

MOST_RAW_LINES = 5_000
LEAST_NAME = 30
"""Cells that a file's name gets before its folder is cut."""


class Reading:
    """Hands that read."""

    def __init__(self, screen: DeskScreen, moving: Moving) -> None:
        self.screen = screen
        self.moving = moving

    def hands(self) -> dict[str, Hand]:
        """By command."""
        return {
            "fold": lambda count: self.fold(),
            "fold.all": lambda count: self.screen.thread.fold_all(),
            "attachments": lambda count: self.attachments(),
            "links": lambda count: self.links(),
            "evidence": lambda count: self.evidence(),
            "fetch.whole": lambda count: self.fetch_whole(),
            "headers": lambda count: self.headers(),
            "copy.number": lambda count: self.copy_number(),
        }

    def fold(self) -> None:
        """Fold or open; in the panel, open what the cursor stands on."""
        if self.moving.choose_in_panel():
            return
        if not self.screen.thread.fold():
            self.screen.bars.say(_("Nothing is folded here."), self.screen.bars.hint("message.next"))

    def _message(self) -> Message | None:
        message = self.screen.thread.message
        if message is None:
            self.screen.bars.say(_("No message is on screen."))
        return message

    # attachments

    def attachments(self) -> None:
        """Files of the conversation on screen; Enter saves one."""
        thread = self.screen.thread
        if thread.open is None:
            self.screen.bars.say(_("No conversation is on screen."))
            return
        files = self.screen.desk.reads.attachments(thread.open.id)
        if not files:
            self.screen.bars.say(_("This conversation has no attachments."))
            return
        # As they stand on the screen: the oldest message first, and its files in their order.
        found = sorted(((message.order, message.id, one) for message, one in files), key=lambda file: file[0])
        lines = [
            SheetLine(
                name_of(one.name),
                key=str(number) if number < 10 else "",
                right=f"{type_of(one.name, one.type)}  {ages.size(one.size)}",
                value=((message, one),),
                names_file=True,
            )
            for number, (_order, message, one) in enumerate(found, 1)
        ]
        every = tuple((message, one) for _order, message, one in found)
        if len(every) > 1:
            lines.append(SheetLine(_("All of them"), key="a", value=every))
        folder = in_cell(from_home(self.screen.desk.settings.downloads))
        said = _("They are saved in {folder}").format(folder=folder)
        lines += [SheetLine(), SheetLine(said, role="quiet", flows=True)]

        def chosen(value: object | None) -> None:
            if isinstance(value, tuple):
                self.screen.run_worker(self._save(value), group="save", exit_on_error=False)

        here = thread.message
        first = next((at for at, (_order, message, _one) in enumerate(found) if here and message == here.id), 0)
        self.screen.app.push_screen(Picker(_("Attachments"), lines, first, enter=_("save")), chosen)

    async def _save(self, files: tuple[tuple[int, Attachment], ...]) -> None:
        progress = Progress()
        saving = asyncio.to_thread(self.screen.conversations.save_all, files, progress)
        try:
            path = await self.screen.long_work.run(progress, saving)
        except CannotSave as error:
            self.screen.bars.say(sentences.error(error.code, error.parameters, "save"), role="late")
        except StoreError as error:
            self.screen.bars.fail(error)
        else:
            if path is None:
                said = ngettext("Stopped; {n} file was saved.", "Stopped; {n} files were saved.", progress.done)
                self.screen.bars.say(said.format(n=progress.done))
            elif len(files) == 1:
                self.screen.bars.say(self._saved(path))
            else:
                said = ngettext("Saved {n} file in {folder}.", "Saved {n} files in {folder}.", len(files))
                self.screen.bars.say(said.format(n=len(files), folder=in_cell(from_home(path.parent))))

    def _saved(self, path: Path) -> str:
        """Where a file lies now; its ending is in sight, and where there is little room the folder gives way."""
        said = _("Saved {name} in {folder}.")
        folder = in_cell(from_home(path.parent))
        room = self.screen.size.width - width(said.format(name="", folder=folder)) - 4
        return said.format(name=cut_name(path.name, max(LEAST_NAME, room)), folder=folder)

    # links, evidence, raw

    def links(self) -> None:
        """Where the links of the message lead; Enter copies one. Nothing is ever opened by itself."""
        message = self._message()
        if message is None:
            return
        if not message.links:
            self.screen.bars.say(_("This message has no links."))
            return
        lines = [
            SheetLine(in_cell(link), key=str(n) if n < 10 else "", value=str(link))
            for n, link in enumerate(message.links, 1)
        ]

        def chosen(value: object | None) -> None:
            if value is not None:
                self.screen.app.copy_to_clipboard(str(value))
                self.screen.bars.say(_("Copied the link."))

        self.screen.app.push_screen(Picker(_("Links"), lines, enter=_("copy")), chosen)

    def evidence(self) -> None:
        """Why the message under the cursor stands in this conversation."""
        message = self._message()
        if message is None:
            return
        rule, *speaks = [SheetLine(said, flows=True) for said in sentences.placement(message.placement)]
        other = referred_to(self.screen.desk, message)
        there: list[SheetLine] = []
        if other is not None and other.id != self.screen.thread.shown:
            title = labels.title(other.subject, other.origin, other.customer)
            there.append(SheetLine(f"#{other.number} {title}", value=other.id))
        lines = [rule, *there, *speaks, SheetLine()]
        lines.append(SheetLine(_("Arrived {time}").format(time=ages.exact(message.arrived_at)), role="quiet"))
        lines.append(
            SheetLine(
                _("Sent {time}, as its author says").format(time=ages.exact(message.sent_at)), role="quiet", flows=True
            )
        )
        lines.append(SheetLine(_("Account {name}").format(name=message.account), role="quiet"))
        if message.message_id:
            lines.append(SheetLine(f"Message-ID {in_cell(message.message_id)}", role="quiet", flows=True))

        def chosen(value: object | None) -> None:
            if isinstance(value, int):
                self.screen.open(value)

        sheet = Sheet(_("Why this message stands here"), lines, 1 if there else 0, enter=_("open"))
        self.screen.app.push_screen(sheet, chosen)

    def fetch_whole(self) -> None:
        """Ask for what was left out of a message that is larger than the account fetches by itself."""
        message = self._message()
        if message is None:
            return
        if "partial" not in message.warnings:
            self.screen.bars.say(_("All of this message is here."))
            return
        self.screen.bars.say(_("Fetching all of it; it shows here when it has come."))
        self.screen.run_worker(self._fetch_whole(message), group="fetch", exit_on_error=False)

    async def _fetch_whole(self, message: Message) -> None:
        try:
            await self.screen.conversations.fetch_whole(message)
        except StoreError as error:
            self.screen.bars.fail(error)

    def headers(self) -> None:
        """The message as it came."""
        message = self._message()
        if message is not None:
            self.screen.run_worker(self._headers(message), group="raw", exit_on_error=False)

    async def _headers(self, message: Message) -> None:
        raw = await asyncio.to_thread(self.screen.conversations.raw, message.id)
        if raw is None:
            self.screen.bars.say(_("This message is not kept as it came."))
            return
        self.screen.app.push_screen(Sheet(_("As it came · {size}").format(size=ages.size(raw.size)), _raw_lines(raw)))

    def copy_number(self) -> None:
        """The number, for a colleague or a form."""
        row = self.screen.inbox.row()
        opened = self.screen.thread.open
        found = opened.conversation if opened is not None and self.screen.reading else None
        number = found.number if found else row.number if row else None
        if number is not None:
            self.screen.app.copy_to_clipboard(f"#{number}")
            self.screen.bars.say(_("Copied #{number}.").format(number=number))


def from_home(path: Path) -> str:
    """A path as people write it: `~/Downloads`."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (RuntimeError, ValueError):  # no home is known, or it lies elsewhere
        return str(path)


def _raw_lines(raw: RawView) -> list[SheetLine]:
    lines = [SheetLine(text, role="quiet", flows=True) for text in raw.headers.split("\n")]
    lines.append(SheetLine())
    body = raw.body.split("\n")
    lines.extend(SheetLine(text, flows=True) for text in body[:MOST_RAW_LINES])
    if raw.cut or len(body) > MOST_RAW_LINES:
        lines.append(SheetLine(_("Cut off here; the rest is kept."), role="faint"))
    return lines
