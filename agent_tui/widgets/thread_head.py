"""The two lines above a conversation: what it is about, and how it stands."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from agent_tui import ages
from agent_tui.domain.conversation import Conversation, Priority, Status
from agent_tui.domain.times import Micros
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, cut, in_cell, width
from agent_tui.widgets.inbox_rows import assignee_of
from agent_tui.widgets.look import Look, look_of
from agent_tui.words import _


class ThreadHead(Widget):
    """Title and state of the open conversation."""

    DEFAULT_CSS = "ThreadHead { height: 3; background: $ground; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.conversation: Conversation | None = None
        """What is told of, as it was last read."""
        self._agent = ""
        self._now: Micros | None = None
        self._marks: tuple[tuple[int, int], ...] = ()
        self.active = self._more = False

    def tell_more(self, *, more: bool) -> None:
        """Whether there is more below the window."""
        if more != self._more:
            self._more = more
            self.refresh(Region(0, 1, self.size.width, 1))

    def show(
        self, conversation: Conversation | None, agent: str, now: Micros, marks: tuple[tuple[int, int], ...] = ()
    ) -> None:
        """Tell of a conversation, with marks in its subject; nothing is drawn where nothing changed."""
        changed = conversation != self.conversation or marks != self._marks
        self.conversation, self._agent, self._now, self._marks = conversation, agent, now, marks
        if changed:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The title, or the line of its state."""
        cells, look = self.size.width, look_of(self)
        palette, line, found = look.palette, Line(), self.conversation
        line.add(" ", palette("text"))
        if found and y == 0:
            title = labels.title(found.subject, found.origin, found.customer)
            self._add_title(line, cut(title, cells - 2, look.glyphs.ellipsis), look)
        elif found and y == 1:
            sign = f"{look.glyphs.down} {_('more')}" if self._more else ""
            cells -= width(sign) + 1 if sign else 0
            for text, role in self._state(found):
                if line.width + width(text) > cells - 1:
                    line.add(cut(text, cells - 1 - line.width, look.glyphs.ellipsis), palette(role))
                    break
                line.add(text, palette(role))
            if sign:
                line.add(" " * max(0, cells - line.width), palette("text")).add(sign, palette("quiet"))
        return line.strip(self.size.width, palette("text"))

    def _add_title(self, line: Line, title: str, look: Look) -> None:
        at = 0
        for start, end in (*self._marks, (len(title), len(title))):
            line.add(title[at:start], look.palette("text", weight="bold"))
            line.add(title[start:end], look.palette("accent", weight="bold underline"))
            at = end

    def _state(self, found: Conversation) -> list[tuple[str, str]]:
        native = in_cell(found.native_status)
        status = labels.status(found.status) + (f" ({native})" if native else "")
        if found.status is Status.SNOOZED and found.snoozed_until:
            status += " " + _("until {time}").format(time=ages.moment(found.snoozed_until, self._now))
        parts = [(f"#{found.number} ", "faint"), (status, labels.STATUS_ROLES[found.status])]
        if found.priority is not Priority.NORMAL:
            parts += [(" · ", "faint"), (labels.priority(found.priority), labels.PRIORITY_ROLES[found.priority])]
        owner = assignee_of(found.assignee, self._agent) or _("unassigned")
        parts += [(" · ", "faint"), (owner, "quiet")]
        if found.tags:
            shown = [in_cell(tag) for tag in found.tags[:4]]
            more = len(found.tags) - len(shown)
            parts += [(" · ", "faint"), (" ".join([*shown, *([f"+{more}"] if more > 0 else [])]), "quiet")]
        return parts
