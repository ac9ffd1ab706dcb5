"""What the program did, and the messages it could not read."""

from __future__ import annotations

from agent_tui import ages, sentences
from agent_tui.screens.live_sheet import LiveSheet
from agent_tui.widgets.cells import fit, in_cell
from agent_tui.widgets.inbox_rows import customer_of, subject_of
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _

ACCOUNT = 12


class ActivitySheet(LiveSheet):
    """Connected, sent, retried, failed: newest first."""

    def read(self) -> list[SheetLine]:
        """One line each."""
        present = self.desk.now()
        lines = []
        found = self.desk.reads.activity()
        about = {one.id: int(told) for one in found if (told := one.parameters.get("conversation", "")).isdecimal()}
        rows = self.desk.reads.rows(list(dict.fromkeys(about.values())), self.desk.agent)
        for one in found:
            text = in_cell(sentences.activity(one.code, one.parameters))
            row = rows.get(about.get(one.id, 0))
            if row is not None:
                text = f"{text}: #{row.number} {customer_of(row)} · {subject_of(row)}"
            account = fit(in_cell(one.account), ACCOUNT)
            lines.append(
                SheetLine(f"{account} {text}", right=ages.moment(one.at, present), flows=True, hang=ACCOUNT + 1)
            )
        return lines or [SheetLine(_("Nothing happened yet."), role="quiet")]


class SetAsideSheet(LiveSheet):
    """Messages that could not be read, each with its reason. They are kept as they came."""

    def read(self) -> list[SheetLine]:
        """Where it came from, and why it is not among the others."""
        present = self.desk.now()
        lines: list[SheetLine] = []
        for one in self.desk.reads.set_aside():
            head = f"{fit(in_cell(one.account), ACCOUNT)} {in_cell(one.origin) or _('unknown place')}"
            lines.append(SheetLine(head, right=f"{ages.size(one.size)}  {ages.moment(one.at, present)}"))
            reason = sentences.error(one.code, one.parameters)
            lines.append(SheetLine(in_cell(reason), role="quiet", flows=True, indent=ACCOUNT + 1))
        return lines or [SheetLine(_("Every message could be read."), role="quiet")]
