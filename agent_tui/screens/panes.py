"""The panes of the desk and what stands in them: which view, which conversation, beside it or in place of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen

from agent_tui.desk.conversation import Conversations
from agent_tui.desk.plain import StoreError
from agent_tui.desk.workspace import Desk
from agent_tui.domain.conversation import View
from agent_tui.screens.bars import Bars, Timers
from agent_tui.screens.commands import Where
from agent_tui.screens.list_pane import ListPane
from agent_tui.screens.options import DeskOptions
from agent_tui.screens.sought import PLACES, Sought
from agent_tui.screens.thread_pane import ThreadPane
from agent_tui.widgets.panel_rows import PanelRows, lines
from agent_tui.widgets.virtual_list import NoRows, VirtualList
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.hands_answer import Answering

WIDE, MEDIUM = 140, 100
LIST, LIST_AT_MOST, THREAD, PANEL = 46, 110, 97, 37
COMPACT_FROM = 84
"""A list this wide shows one line a row; narrower beside a conversation it shows two."""


class Panes(Screen[None]):
    """List, conversation, customer: laid out by the room there is."""

    desk: Desk
    options: DeskOptions
    conversations: Conversations
    timers: Timers
    bars: Bars
    inbox: ListPane
    thread: ThreadPane
    panel: VirtualList
    view: View
    reading: bool
    """Narrow: the conversation stands in place of the list."""
    panel_wanted: bool
    """The customer, where he stands beside only when he is asked for."""
    panel_away: bool
    """The same where he stands beside by himself: he was put away."""
    compact: bool | None

    @property
    def writing(self) -> Answering | None:
        """The hands that write, where something is being written."""
        raise NotImplementedError

    # what floats above

    def on_screen_suspend(self) -> None:
        """The keys that count are told there."""
        self.bars.tell_hints()

    def on_screen_resume(self) -> None:
        """They are told here again."""
        if self.is_mounted:
            self.bars.tell_hints()

    # layout

    @property
    def mode(self) -> str:
        """`wide`, `medium` or `narrow`."""
        width = self.size.width
        return "wide" if width >= WIDE else "medium" if width >= MEDIUM else "narrow"

    @property
    def panel_shown(self) -> bool:
        """The customer stands beside, or in place of the rest."""
        return not self.panel_away if self.mode == "wide" else self.panel_wanted

    def lay_out(self) -> None:
        """Show the panes that have room."""
        mode = self.mode
        narrow, panel = mode == "narrow", self.panel_shown
        self.inbox.display = not narrow or not (self.reading or panel)
        self.query_one("#reading").display = not narrow or (self.reading and not panel)
        self.panel.display = panel
        for name in ("wide", "medium", "narrow"):
            self.set_class(mode == name, f"-{name}")
        width = self.size.width if narrow else self._list_width(panel=panel)
        self.inbox.styles.width = "1fr" if narrow else width
        compact = (narrow or width >= COMPACT_FROM) if self.compact is None else self.compact
        self.inbox.list.half_page_step = not narrow
        self.inbox.set_row_height(1 if compact else 2)
        if panel:
            self.tell_panel()

    def _list_width(self, *, panel: bool) -> int:
        """What the conversation does not need: its lines end at 90 columns however wide the pane is."""
        left = self.size.width - THREAD - (PANEL if panel else 0)
        return max(LIST, min(left, LIST_AT_MOST))

    def tell_panel(self) -> None:
        """The customer of the conversation on screen."""
        shown = self.thread.shown or self.inbox.current
        if self.writing and self.writing.conversation is None:  # a new message is to nobody of the list
            self.panel.set_rows(NoRows())
        elif self.panel.display and shown is not None:
            found = lines(self.conversations.side_panel(shown), self.desk.now())
            self.panel.set_rows(PanelRows(found), 0)

    @property
    def where(self) -> Where:
        """The place in which a key is pressed."""
        if self.focused in (self.thread.list, self.panel):
            return Where.THREAD
        return Where.SEARCH if self.inbox.hits is not None else Where.LIST

    @property
    def hearing(self) -> Where:
        """The place whose keys are heard: a conversation that is read while a search is active has its hits."""
        reads_hits = self.focused is self.thread.list and self.inbox.hits is not None
        return Where.FOUND if reads_hits else self.where

    # conversations

    def go_to(self, view: View) -> None:
        """Begin a visit of a view."""
        self.view = view
        self.reading = False
        self.panel_wanted = False
        self.inbox.open_view(view)
        self.lay_out()
        self.set_focus(self.inbox.list)
        self.follow()

    def follow(self) -> None:
        """Show the conversation under the cursor beside the list, without reading it."""
        if self.mode == "narrow" or self.writing:
            return
        current = self.inbox.current
        if current is None:
            self.thread.clear()
        elif self.options.follow:
            self.thread.show(current, self._sought(current))
        elif self.thread.shown is None:
            self.thread.clear(_("Enter opens the conversation."))
        self.tell_panel()

    def _sought(self, conversation: int) -> Sought | None:
        """What is looked for while a search is active, and the hit that the list shows of a conversation."""
        if self.inbox.hits is None or not (self.inbox.asked.terms or self.inbox.asked.filters):
            return None
        place = self.inbox.place_of(conversation)
        hit = self.inbox.hits.hits[place] if place is not None else None
        # Where the list says a name or a subject, no message is meant more than another.
        at = hit.order if hit is not None and hit.field in PLACES and self.inbox.asked.terms else None
        return Sought(self.inbox.asked, self.inbox.searching.marks, at)

    def hits_here(self) -> Sequence[int]:
        """Places of the hits in the conversation on screen, oldest first; none where no words are looked for."""
        opened = self.thread.open
        if self.inbox.hits is None or opened is None or not self.inbox.asked.terms:
            return ()
        return self.inbox.hits_here.orders(self.inbox.asked, opened.id, opened.seen_order)

    def open(self, conversation: int) -> None:
        """Bring a conversation onto the screen to be read."""
        self.timers.stop("follow")
        self.timers.stop("place")  # told below
        writing = self.writing
        if writing and writing.conversation != conversation:
            writing.leave_for(lambda: self.open(conversation))
            return
        self.reading = True
        self.panel_wanted = self.panel_wanted and self.mode != "narrow"
        again = self.inbox.has_focus_within
        with self.app.batch_update():
            self.lay_out()
            if self.mode == "narrow":  # what stands in place of the list is never drawn with what it held before
                self.options.arrange(self)
            self._open_here(conversation, again=again)

    def _open_here(self, conversation: int, *, again: bool) -> None:
        self.thread.show(conversation, self._sought(conversation), again=again)
        place = self.inbox.place_of(conversation)
        if place is not None:  # however it was opened, the list points at the same one
            self.inbox.list.go(place)
        if not self.writing:
            self.set_focus(self.thread.list)
        self.tell_panel()
        self.bars.tell_place()
        self.run_worker(self.mark_read(), group="read", exit_on_error=False)

    async def mark_read(self) -> None:
        """Opening marks read, once it is on screen."""
        opened = self.thread.open
        if opened is None:
            return
        try:
            await opened.mark_read(self.thread.unseen.first_order)
        except StoreError as error:
            self.bars.fail(error)

    def close_thread(self) -> None:
        """Back to the list."""
        if self.writing:
            self.writing.park()
        self.reading = False
        self.lay_out()
        self.to_list()
        self.bars.tell_place()

    def to_list(self) -> None:
        """Keys go to the list; at once its row is what stands beside it, for the next key acts on that one."""
        self.set_focus(self.inbox.list)
        self.follow()
