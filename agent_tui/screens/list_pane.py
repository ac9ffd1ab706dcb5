"""The list with its search: one view at a time, still under the agent's hands."""

from __future__ import annotations

import asyncio

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from agent_tui import sentences
from agent_tui.desk.inbox import Inbox, ListWindow, Refreshed
from agent_tui.desk.plain import Changes
from agent_tui.desk.search import Search
from agent_tui.desk.workspace import Desk
from agent_tui.domain.conversation import ConversationRow, View
from agent_tui.domain.search import Count, Query
from agent_tui.named_keys import named
from agent_tui.screens.sought import HitsHere
from agent_tui.screens.trouble import TellsTrouble
from agent_tui.widgets.draw_ahead import DrawAhead
from agent_tui.widgets.hit_rows import HitList, HitRows
from agent_tui.widgets.inbox_rows import ListRows, RowContext
from agent_tui.widgets.quiet_note import QuietNote
from agent_tui.widgets.search_field import SearchField
from agent_tui.widgets.title_line import TitleLine
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import _

HITS = 50
DEBOUNCE = 0.06


class ListPane(TellsTrouble, Vertical):
    """List and search field."""

    class Changed(Message):
        """Another view, other counts, another number of hits: the bars tell it."""

    def __init__(self, desk: Desk, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.desk = desk
        self.inbox = Inbox(desk.reads, desk.agent)
        self.searching = Search(desk)
        self.hits_here = HitsHere(self.searching.within)
        self.selected: set[int] = set()
        self.context = RowContext(desk.agent, desk.now, self.selected)
        self.row_height = 1
        self.window: ListWindow | None = None
        self.hits: HitList | None = None
        """Hits in place of the view while a search is active."""
        self.count = Count(0)
        self.asked = Query()
        self._anchor: int | None = None
        self._kept_cursor = 0
        self._looking = False
        """Hits of what stands in the field are still looked for."""
        self.list = VirtualList(id="list")
        self.list.ahead = DrawAhead(self.list)
        self.bar = Horizontal(id="search-bar")
        """Sign and field: shown as long as a search is active, whoever has the focus."""
        self.field = SearchField(id="search")
        self._nothing = QuietNote(id="nothing")

    def compose(self) -> ComposeResult:
        """A search field that shows when asked for, and the list."""
        with self.bar:
            yield TitleLine("/", ground="raised", id="search-sign")
            yield self.field
        yield self.list
        yield self._nothing

    # what is shown

    def open_view(self, view: View) -> None:
        """Begin a visit of a view."""
        self.window = self.inbox.open(view)
        self.hits = None
        self.selected.clear()
        self.bar.display = False
        self._show(0)
        self.post_message(self.Changed())

    def _show(self, cursor: int) -> None:
        """The present rows, with the cursor on one of them."""
        self.context.view = self.window.view if self.window is not None and self.hits is None else None
        if self.hits is not None:
            self.list.set_rows(HitRows(self.hits, self.context, self.row_height), cursor)
        elif self.window is not None:
            self.list.set_rows(ListRows(self.window, self.context, self.row_height), cursor)
        self._tell_nothing()

    def _tell_nothing(self) -> None:
        empty = self.list.rows.count == 0
        note = self._nothing
        self.list.display = not empty
        note.display = empty
        if empty:
            waiting = self.inbox.counts().get(View.WAITING)
            if self.hits is None and not self.desk.accounts():
                text = _("No account yet. {accounts} adds one, {help} shows all keys.")
                note.say(text.format(accounts=named("go.accounts"), help=named("help")))
                return
            view, hint = self.window.view if self.window else None, sentences.hint(self.asked.hint)
            note.tell(self.searched_for, view, waiting.total if waiting else 0, hint)

    @property
    def searched_for(self) -> str | None:
        """What is searched for; None while a view is shown."""
        return self.field.value if self.hits is not None else None

    def set_row_height(self, height: int) -> None:
        """One line a row, or two."""
        if height != self.row_height:
            self.row_height = height
            self._show(self.list.cursor)

    # the row under the cursor

    def row(self, index: int | None = None) -> ConversationRow | None:
        """A row, or the one under the cursor."""
        at = self.list.cursor if index is None else index
        if self.hits is not None:
            return self.hits.row(at)
        return self.window.row(at) if self.window else None

    @property
    def current(self) -> int | None:
        """The conversation under the cursor."""
        row = self.row()
        return row.id if row else None

    def place_of(self, conversation: int) -> int | None:
        """Where in the list a conversation stands."""
        if self.hits is not None:
            return next((i for i, hit in enumerate(self.hits.hits) if hit.row.id == conversation), None)
        return self.window.index_of(conversation) if self.window else None

    def targets(self) -> list[int]:
        """What a change concerns: the selected conversations, else the one under the cursor."""
        if self.selected:
            return sorted(self.selected)
        current = self.current
        return [current] if current is not None else []

    # selecting

    def toggle(self) -> None:
        """Select the row under the cursor, or let go of it."""
        row = self.row()
        if row is None:
            return
        self.selected.symmetric_difference_update({row.id})
        self._anchor = self.list.cursor
        self.list.redraw(self.list.cursor)

    def extend(self) -> None:
        """Select from the last selected row to here."""
        start = self.list.cursor if self._anchor is None else self._anchor
        for index in range(min(start, self.list.cursor), max(start, self.list.cursor) + 1):
            row = self.row(index)
            if row:
                self.selected.add(row.id)
        self._anchor = self.list.cursor
        self.list.refresh()

    def unselect(self) -> bool:
        """Let go of all; true where something was selected."""
        had = bool(self.selected)
        self.selected.clear()
        self._anchor = None
        if had:
            self.list.refresh()
        return had

    # what changed meanwhile

    def absorb(self, changes: Changes) -> Refreshed:
        """Bring rows up to date where they stand; nothing moves."""
        if self.window is None:
            return Refreshed()
        was_empty = self.window.count == 0
        at = self.list.cursor if self.hits is None else self._kept_cursor
        held = self.window.id_at(at)
        done = self.window.refresh(changes)
        place = self.window.index_of(held) if held is not None else None
        moved = 0 if place is None else place - at  # one reads near the end, and more came into what was not read yet
        if self.hits is not None:
            self._kept_cursor += moved
            self._absorb_hits(changes)
        elif moved:
            rows = ListRows(self.window, self.context, self.row_height)
            self.list.set_rows(rows, at + moved, top=self.list.first_line + moved * self.row_height)
        elif was_empty != (self.window.count == 0):
            self._show(0)
        elif done.length_changed:
            self.list.rows_changed(*done.rows)
        else:
            self.list.redraw(*done.rows)
        if was_empty:
            self._tell_nothing()
        return done

    def _absorb_hits(self, changes: Changes) -> None:
        from dataclasses import replace

        hits = self.hits.hits if self.hits else []
        touched = [i for i, hit in enumerate(hits) if changes.everything or hit.row.id in changes.conversations]
        rows = self.desk.reads.rows([hits[i].row.id for i in touched], self.desk.agent)
        for i in touched:
            fresh = rows.get(hits[i].row.id)
            if fresh:
                hits[i] = replace(hits[i], row=fresh)
        self.list.redraw(*touched)

    def let_in(self, *, stay: bool = False) -> None:
        """A new visit of the same view: what is new comes in, what left goes. The cursor stays with its row.

        On the first row it follows the top, unless it is to `stay`; where its row left, it stays at that place.
        """
        if self.window is None:
            return
        at = self.list.cursor
        current = self.current if at or stay else None
        self.window.merge()
        place = self.window.index_of(current) if current is not None else 0
        if self.hits is None:
            self._show(at if place is None else place)
        self.post_message(self.Changed())

    @property
    def arrived(self) -> tuple[int, int]:
        """How many rows would come or go above the first, and how many between those that are there."""
        window = self.window if self.hits is None else None
        return (window.new_above + window.written_again, window.new_between) if window is not None else (0, 0)

    # search

    def start_search(self, text: str = "") -> None:
        """Show the field, with what was searched last."""
        if self.hits is None:
            self._kept_cursor = self.list.cursor
        self.bar.display = True
        if text:
            self.field.value = text
        self.screen.set_focus(self.field)  # at once: what is typed behind the key is text already

    def end_search(self) -> None:
        """Back to the view, where it was left. Hits that are still looked for come to nobody any more."""
        self.workers.cancel_group(self, "search")
        self._looking = self.field.leaving = False
        self.bar.display = False
        self.field.clear()
        if self.hits is not None:
            self.hits = None
            self.unselect()
            self._show(self._kept_cursor)
        self.screen.set_focus(self.list)
        self.post_message(self.Changed())

    def to_hits(self) -> None:
        """Keys go to the hits, now or as soon as those of what was typed last are here."""
        self.field.leaving = self._looking
        if not self._looking and self.list.rows.count:
            self.screen.set_focus(self.list)

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.bar.display:
            self._looking = True
            self._run(event.value)

    @on(VirtualList.Moved, "#list")
    def _moved(self, event: VirtualList.Moved) -> None:
        if self.hits is not None and event.row >= self.hits.count - HITS // 5:
            self._more()

    @work(group="search", exclusive=True, exit_on_error=False)
    async def _run(self, text: str) -> None:
        """Hits as one types; the count comes behind them."""
        await asyncio.sleep(DEBOUNCE)
        try:
            query = self.searching.understand(text, typing=True)
            found = await asyncio.to_thread(self.searching.hits, query, None, HITS)
        except Exception:
            self._looking = self.field.leaving = False  # nothing comes that keys could wait for
            raise
        self.asked, self.hits = query, HitList(found)
        self.unselect()  # what cannot be seen any more would be changed blindly
        self.count = Count(len(found), capped=len(found) == HITS)
        self._show(0)
        self._looking = False
        if self.field.leaving:
            self.to_hits()
        self.post_message(self.Changed())
        if len(found) == HITS:
            self.count = await asyncio.to_thread(self.searching.count, query)
            self.post_message(self.Changed())

    @work(group="search", exit_on_error=False)
    async def _more(self) -> None:
        hits = self.hits
        if hits is None or not hits.hits or hits.count % HITS:
            return
        found = await asyncio.to_thread(self.searching.hits, self.asked, hits.hits[-1].order, HITS)
        if hits is self.hits and found:
            known = {hit.row.id for hit in hits.hits}
            hits.hits.extend(hit for hit in found if hit.row.id not in known)
            self.list.rows_changed()
