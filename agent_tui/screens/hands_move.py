"""Moving: rows, pages, messages, conversations, panes, views, search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_tui.domain.conversation import View
from agent_tui.screens.commands import Where
from agent_tui.widgets.panel_rows import PanelRows
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand

VIEWS = {
    "go.inbox": View.INBOX,
    "go.mine": View.MINE,
    "go.unassigned": View.UNASSIGNED,
    "go.waiting": View.WAITING,
    "go.snoozed": View.SNOOZED,
    "go.solved": View.SOLVED,
    "go.all": View.ALL,
    "go.spam": View.SPAM,
}


class Moving:
    """Hands that move."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen

    def hands(self) -> dict[str, Hand]:
        """By command."""
        return {
            "move.down": lambda count: self.move(count or 1),
            "move.up": lambda count: self.move(-(count or 1)),
            "scroll.down": lambda count: self.scroll(count or 1),
            "scroll.up": lambda count: self.scroll(-(count or 1)),
            "page.down": lambda count: self.page(count or 1),
            "page.up": lambda count: self.page(-(count or 1)),
            "move.first": lambda count: self.first(),
            "move.last": self.last,
            "open": self.open,
            "back": lambda count: self.back(),
            "conversation.next": lambda count: self.neighbour(count or 1),
            "conversation.previous": lambda count: self.neighbour(-(count or 1)),
            "message.next": lambda count: self.message(1),
            "message.previous": lambda count: self.message(-1),
            "hit.next": lambda count: self.hit(1),
            "hit.previous": lambda count: self.hit(-1),
            "pane.switch": lambda count: self.switch(),
            "search": lambda count: self.search(),
            "panel": lambda count: self.panel(),
            **{command: self._going(view) for command, view in VIEWS.items()},
        }

    def _going(self, view: View) -> Hand:
        return lambda count: self.screen.go_to(view)

    def move(self, step: int) -> None:
        """Rows of the list."""
        rows = self.screen.inbox.list
        if not rows.go(rows.cursor + step) and step < 0 and any(self.screen.inbox.arrived):
            self.screen.inbox.let_in()

    def scroll(self, step: int) -> None:
        """Lines of the conversation; lines of the panel have a cursor."""
        screen = self.screen
        if screen.focused is screen.panel:
            screen.panel.go(screen.panel.cursor + step)
            return
        screen.thread.list.scroll_lines(step)
        screen.thread.list.follow_window()

    def page(self, pages: int) -> None:
        """Windows of the list, of the conversation, of the panel."""
        screen = self.screen
        if screen.focused is screen.thread.list:
            self.scroll(pages * max(1, screen.thread.list.size.height - 2))
        elif screen.focused is screen.panel:
            screen.panel.page(pages)
        else:
            screen.inbox.list.page(pages)

    def search(self) -> None:
        """In the list, also where a conversation stands in its place: hits that cannot be seen are acted on blindly."""
        screen = self.screen
        if screen.mode == "narrow" and (screen.reading or screen.panel_wanted):
            if screen.writing:  # what it leaves behind gets the focus first, and only then the field
                screen.writing.park(lambda: screen.app.call_later(self.search))
                return
            screen.reading = screen.panel_wanted = False
            screen.lay_out()
        screen.inbox.start_search()

    def first(self) -> None:
        """The top. In the list this is where new conversations come in."""
        screen = self.screen
        if screen.focused is screen.thread.list:
            while screen.thread.open is not None and not screen.thread.open.all_read:
                screen.thread.load_older()
            screen.thread.list.to_end(last=False)
        elif screen.focused is screen.panel:
            screen.panel.go(0)
        else:
            if any(screen.inbox.arrived):
                screen.inbox.let_in()
            screen.inbox.list.go(0)

    def last(self, count: int | None) -> None:
        """The end, or the row of a number."""
        screen = self.screen
        if screen.focused is screen.thread.list:
            if not screen.thread.unseen.to_first(screen.thread.list):
                screen.thread.list.to_end(last=True)
        elif screen.focused is screen.panel:
            screen.panel.go(screen.panel.rows.count)
        else:
            rows = screen.inbox.list
            rows.go((count or rows.rows.count) - 1)

    def open(self, count: int | None) -> None:
        """The conversation under the cursor, or the one of a number."""
        screen = self.screen
        if count is not None:
            self.by_number(count)
            return
        current = screen.inbox.current
        if current is not None:
            screen.open(current)

    def by_number(self, number: int) -> None:
        """The conversation that people call by this number."""
        found = self.screen.conversations.by_number(number)
        if found is None:
            self.screen.bars.say(_("There is no conversation #{number}.").format(number=number))
            return
        place = self.screen.inbox.place_of(found)
        if place is not None:
            self.screen.inbox.list.go(place)
        self.screen.open(found)

    def back(self) -> None:
        """One step out: panel, conversation, selection, search; at the root a word about leaving."""
        screen = self.screen
        if screen.focused is screen.panel or (screen.mode == "narrow" and screen.panel_wanted):
            self.panel(close=True)
        elif screen.where is Where.THREAD or screen.reading:
            screen.close_thread()
        elif screen.inbox.unselect():
            screen.bars.tell_place()
        elif screen.inbox.hits is not None or screen.inbox.bar.display:
            screen.inbox.end_search()
        elif screen.view is not View.INBOX:
            screen.go_to(View.INBOX)
        else:
            screen.bars.say(
                _("This is the inbox."), screen.bars.hint("quit"), screen.bars.hint("undo"), screen.bars.hint("help")
            )

    def neighbour(self, step: int) -> None:
        """The next conversation of the list, open where one was open."""
        screen = self.screen
        rows = screen.inbox.list
        open_one = screen.where is Where.THREAD
        place = screen.inbox.place_of(screen.thread.shown) if open_one and screen.thread.shown else rows.cursor
        target = (rows.cursor if place is None else place) + step
        if not 0 <= target < rows.rows.count:
            screen.bars.say(_("No further conversation in this list."))
            return
        rows.go(target)
        current = screen.inbox.current
        if open_one and current is not None:
            screen.open(current)

    def message(self, step: int) -> None:
        """The next message of the conversation on screen."""
        screen = self.screen
        if not screen.thread.step(step):
            word = _("This is the last message.") if step > 0 else _("This is the first message.")
            screen.bars.say(word, screen.bars.hint("conversation.next"))

    def hit(self, step: int) -> None:
        """The next hit of the search: in the list, or in the conversation that is read."""
        screen = self.screen
        if screen.hearing is Where.FOUND:
            self._hit_here(step)
            return
        self.screen.inbox.list.go(self.screen.inbox.list.cursor + step)

    def _hit_here(self, step: int) -> None:
        """To a hit further down or up in this conversation; where only filters were asked for, each message is one."""
        screen = self.screen
        if not screen.inbox.asked.terms:
            self.message(step)
            return
        block = screen.thread.block
        now = block.item.order if block is not None else 0
        orders = screen.hits_here()
        ahead = [one for one in orders if one > now] if step > 0 else [one for one in reversed(orders) if one < now]
        if ahead:
            screen.thread.go_to_hit(ahead[0])
            screen.bars.tell_place()
            return
        word = _("No further hit below in this conversation.") if step > 0 else _("No further hit above.")
        other = ("hit.previous" if step > 0 else "hit.next",) if len(orders) > 1 else ()
        screen.bars.say(word, *(screen.bars.hint(command) for command in (*other, "back")))

    def switch(self) -> None:
        """Between list and conversation, and the panel where it is shown."""
        screen = self.screen
        if screen.mode == "narrow":
            current = screen.inbox.current
            if screen.reading or current is None:
                screen.close_thread()
            else:
                screen.open(current)
            return
        order = [screen.inbox.list, screen.thread.list, *([screen.panel] if screen.panel.display else [])]
        at = order.index(screen.focused) if screen.focused in order else 0
        target = order[(at + 1) % len(order)]
        if target is screen.thread.list and screen.thread.shown is not None:
            screen.open(screen.thread.shown)
        elif target is screen.inbox.list:
            screen.to_list()
        else:
            screen.set_focus(target)

    def panel(self, *, close: bool = False) -> None:
        """Show the customer, or put him away; the keys move at once, and the next one is meant for what stands there."""
        screen = self.screen
        had_focus = screen.focused is screen.panel
        if close and screen.mode == "wide":
            screen.set_focus(screen.inbox.list)
            return
        if screen.mode == "wide":
            screen.panel_away = not screen.panel_away
        else:
            screen.panel_wanted = not close and not screen.panel_wanted
        screen.lay_out()
        if screen.mode != "wide" and screen.panel_wanted:
            screen.set_focus(screen.panel)
        elif had_focus or screen.mode == "narrow":
            target = screen.thread.list if screen.reading else screen.inbox.list
            screen.set_focus(target)

    def choose_in_panel(self) -> bool:
        """Enter in the panel: open that conversation. False where the panel has not the focus."""
        screen = self.screen
        if screen.focused is not screen.panel:
            return False
        rows = screen.panel.rows
        if isinstance(rows, PanelRows) and rows.count:
            line = rows.panel[screen.panel.cursor]
            if line.conversation is not None:
                screen.panel_wanted = False
                screen.open(line.conversation)
        return True
