"""Hits of a search: the conversation as in the list, and below it where and why it matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.strip import Strip

from agent_tui.domain.conversation import ConversationRow
from agent_tui.domain.search import Hit
from agent_tui.domain.times import Micros
from agent_tui.widgets.cells import Line, cut, end_of, in_cell, width
from agent_tui.widgets.inbox_rows import RowContext, comfortable, compact
from agent_tui.widgets.look import Look
from agent_tui.words import _

INDENT = 4


class HitList:
    """Hits as rows: the state of each conversation, the age of what matched, and the place."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self.hits = list(hits)

    @property
    def count(self) -> int:
        """How many were read so far."""
        return len(self.hits)

    def row(self, index: int) -> ConversationRow | None:
        """The conversation of a hit."""
        return self.hits[index].row if 0 <= index < len(self.hits) else None


def field_name(code: str) -> str:
    """Where it matched, as people say it."""
    known = {
        "subject": _("subject"),
        "text": _("text"),
        "note": _("note"),
        "from": _("from"),
        "to": _("to"),
        "attachment": _("attachment"),
        "tag": _("tag"),
    }
    return known.get(code, code)


class HitRows:
    """Rows of hits for a `VirtualList`: the row's one or two lines, and the line that says why."""

    def __init__(self, source: HitList, context: RowContext, row_height: int) -> None:
        self.source = source
        self.context = context
        self.per_row = row_height + 1

    @property
    def count(self) -> int:
        """How many hits."""
        return self.source.count

    @property
    def lines(self) -> int:
        """How many lines."""
        return self.source.count * self.per_row

    def top(self, row: int) -> int:
        """First line of a hit."""
        return row * self.per_row

    def height(self, row: int) -> int:
        """All hits are alike."""
        return self.per_row

    def at(self, line: int) -> int:
        """The hit of a line."""
        return line // self.per_row

    def draw(self, row: int, part: int, width: int, look: Look, *, current: bool, active: bool) -> Strip:
        """One line of a hit."""
        hit = self.source.hits[row]
        if part == self.per_row - 1:
            return self._why(hit, width, look, current=current)
        # Hits stand in the order of what matched, so its age is told, not that of the conversation's last message.
        found = replace(hit.row, last_at=Micros(hit.order))
        if self.per_row == 2:
            return compact(found, width, look, self.context, current=current)
        return comfortable(found, part, width, look, self.context, current=current)

    @staticmethod
    def _why(hit: Hit, cells: int, look: Look, *, current: bool) -> Strip:
        ground = look.cursor_ground if current else "ground"
        line = Line()
        line.add(look.glyphs.bar if current else " ", look.palette("accent", ground))
        line.add(" " * (INDENT - 1), look.palette("text", ground))
        label = f"{field_name(hit.field)} {look.glyphs.middot} "
        line.add(label, look.palette("faint", ground))
        at = 0
        for start, end in hit.marks:
            if start < at or end > len(hit.snippet):
                continue
            lead, mark = in_cell(hit.snippet[at:start]), in_cell(hit.snippet[start:end])
            room = cells - line.width - 1
            if at == 0 and width(lead) + width(mark) > room:  # what is looked for stays in sight
                lead = end_of(lead, max(0, min(room // 2, room - width(mark))), look.glyphs.ellipsis)
            line.add(lead, look.palette("quiet", ground))
            line.add(mark, look.palette("accent", ground, "bold underline"))
            at = end
        rest = in_cell(hit.snippet[at:])
        line.add(cut(rest, max(0, cells - line.width - 1), look.glyphs.ellipsis), look.palette("quiet", ground))
        return line.strip(cells, look.palette("text", ground), tells_cut=True)
