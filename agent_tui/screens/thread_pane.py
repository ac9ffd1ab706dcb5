"""The open conversation: its title, its messages, and the place of the composer below them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message as Sent

from agent_tui import ages
from agent_tui.desk.conversation import Conversations, OpenConversation
from agent_tui.desk.tied import numbers
from agent_tui.desk.workspace import Desk
from agent_tui.domain.message import Direction, Event, Item, Message
from agent_tui.domain.outbox import DraftKind, OutboxState
from agent_tui.screens.sought import Sought
from agent_tui.screens.unseen import Sighted, Unseen
from agent_tui.widgets.cells import in_cell
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.quiet_note import QuietNote
from agent_tui.widgets.thread_foot import ThreadFoot
from agent_tui.widgets.thread_head import ThreadHead
from agent_tui.widgets.thread_rows import Block, Fold, ThreadContext, ThreadRows, build, folds_with
from agent_tui.widgets.virtual_list import NoRows, Rows, VirtualList
from agent_tui.words import _


@dataclass(frozen=True, slots=True)
class Landing:
    """Lines that are to be in sight until the agent moves, in whatever room there is by and by."""

    top: int
    end: int | None = None
    """The last one: it stands right above what is below the window. None: the top one stands at the top."""
    several: bool = False
    """Several messages: where they have no room together, the first is shown from its head on."""

    def first_line(self, lines: int, height: int) -> int:
        """Which of so many lines stands first in a window of this height."""
        if self.end is None:
            return self.top
        # what stands behind it, a note perhaps, where that has room as well
        end = lines - 1 if lines - self.top <= height else self.end
        return self.top if self.several and end - self.top >= height else end - height + 1


class ThreadList(VirtualList):
    """The messages. It tells when it was drawn to its top, so that older ones can come."""

    class AtTop(Sent):
        """The window reached the first line."""

    class Resized(Sent):
        """The width changed: lines are to be broken anew."""

    class Window(Sent):
        """Other lines stand in the window."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Window())
        if round(new_value) == 0 and round(old_value) > 0:
            self.post_message(self.AtTop())

    landed: Landing | None = None
    """It may have had no room yet."""

    def land(self, rows: ThreadRows, cursor: int, landing: Landing) -> None:
        """Show a conversation with these lines in sight, now or as soon as there is room for them."""
        self.set_rows(rows, cursor, top=landing.first_line(rows.lines, self.size.height))
        self.landed = landing

    def set_rows(self, rows: Rows, cursor: int = 0, *, top: int | None = None) -> None:
        """Other lines."""
        self.landed = None
        super().set_rows(rows, cursor, top=top)

    def on_resize(self, event: events.Resize) -> None:
        """Another width, also where the list had none yet when it was filled."""
        self.post_message(self.Resized())

    def settle_window(self) -> None:
        """With another height it stands as it was landed, as near as there is room for it, or where it was read."""
        landed, height = self.landed, self.size.height
        self._scroll_to_line(self.first_line if landed is None else landed.first_line(self.rows.lines, height))
        top, end = self.rows.top(self.cursor), self.rows.top(self.cursor) + self.rows.height(self.cursor)
        if landed is None and not (top < self.first_line + height and end > self.first_line):
            self.reveal()

    def go(self, row: int) -> bool:
        """The agent moves."""
        self.landed = None
        return super().go(row)

    def page(self, pages: int) -> None:
        """By windows."""
        self.landed = None
        super().page(pages)

    def scroll_lines(self, step: int) -> None:
        """The window alone."""
        self.landed = None
        super().scroll_lines(step)

    def to_end(self, *, last: bool) -> None:
        """The window to one end, the cursor on the message there."""
        self.scroll_lines(self.rows.lines if last else -self.rows.lines)
        if isinstance(self.rows, ThreadRows):
            readable = [row for row, block in enumerate(self.rows.blocks) if block.readable]
            self._stand(readable[-1 if last else 0] if readable else 0)

    def follow_window(self) -> None:
        """Where the head of what the cursor stands on is out of sight, it goes to what fills most of the window: what
        is answered is what is read."""
        rows, first, height = self.rows, self.first_line, self.size.height
        if not rows.count or height <= 0 or first <= self.caret_line() < first + height:
            return
        end = min(first + height, rows.lines)
        shown = range(rows.at(first), rows.at(end - 1) + 1)
        self._stand(max(shown, key=lambda row: min(rows.top(row) + rows.height(row), end) - max(rows.top(row), first)))

    def _stand(self, row: int) -> None:
        if row != self.cursor:
            self.cursor = row
            self.refresh()

    def head_at_top(self, row: int) -> None:
        """Go to a message, its head at the top of the window where there is room."""
        if isinstance(self.rows, ThreadRows):
            self.go(row)
            self.scroll_lines(self.rows.top(row) + self.rows.blocks[row].lead - 1 - self.first_line)

    def last_in_sight(self) -> None:
        """Show the end of the last message, or its head where it is long; the cursor stays."""
        rows = self.rows
        if isinstance(rows, ThreadRows):
            row = next((at for at in reversed(range(rows.count)) if rows.blocks[at].readable), 0)
            end = rows.top(row) + rows.height(row) - 1
            if end >= self.first_line + self.size.height:
                self.land(rows, self.cursor, Landing(rows.top(row), end, several=True))

    @property
    def more_below(self) -> bool:
        """Further lines stand under the window."""
        return self.rows.lines > self.first_line + self.size.height > 0

    def caret_line(self) -> int:
        """The head of a message, not the day line before it."""
        rows = self.rows
        if isinstance(rows, ThreadRows) and rows.count:
            return rows.top(self.cursor) + rows.blocks[self.cursor].lead
        return 0


def _unread(items: Iterable[Item]) -> set[int]:
    return {item.id for item in items if isinstance(item, Message) and item.unread}


class ThreadPane(Vertical):
    """One conversation."""

    class Seen(Sent):
        """A message that had come in out of sight was seen."""

    def __init__(self, desk: Desk, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.desk = desk
        self.conversations = Conversations(desk)
        self.open: OpenConversation | None = None
        self._fresh: set[int] = set()
        """What was unread when it was opened stays marked until it is left."""
        self._sighted: Sighted = set()
        self.unseen = Unseen()
        self._opened: set[Fold] = set()
        self._all_opened = False
        self._sought: Sought | None = None
        """What is looked for, where the conversation was opened from a search."""
        self._built_for = 0
        self.head = ThreadHead(id="thread-head")
        self.list = ThreadList(id="thread")
        self.foot = ThreadFoot(id="thread-foot")
        self.keys: dict[DraftKind, str] = {}
        """The key that goes on with a draft of a kind."""
        self.outbox_key = self.below_key = ""
        self.writing = False
        """A draft of it is open below."""
        self.typing = False
        """The keys are typed into it."""
        self.settling = False
        """A text is about to stand below: what gives way to it was never in sight."""

    def compose(self) -> ComposeResult:
        """Title, messages, and where there is none a word about it."""
        yield self.head
        yield self.list
        yield QuietNote(id="no-thread")
        yield self.foot

    # which conversation

    @property
    def shown(self) -> int | None:
        """The conversation on screen."""
        return self.open.id if self.open else None

    def show(self, conversation: int, sought: Sought | None = None, *, again: bool = False) -> None:
        """Bring a conversation onto the screen: at the hit of a search, else at the first unread message. Opened `again`
        from the list it lands on what came since, and what was read then is new no more."""
        conversation = self.desk.reads.standing(conversation)  # the list may not know yet that it was joined
        self.call_after_refresh(self.look_below)
        if self.open is not None and self.open.id == conversation:
            if again:  # what was read or came a moment ago may not be known here yet
                self.absorb()
            before, self._fresh = self._fresh, _unread(self.open.items) if again else self._fresh
            if again and self.unseen.messages:
                self._land()
            elif self._fresh != before:
                self.rebuild()
            self._seek(sought)
            return
        self.open = self.conversations.open(conversation)
        self._sought = sought.said_among(self.open.items) if sought is not None else None
        self._fresh = _unread(self.open.items)
        self.unseen = Unseen(self.open.items, self._sighted, self.desk.agent)
        self._opened.clear()
        self._all_opened = False
        self._note("")
        self._land()
        self._tell_head()
        self.head.tell_more(more=self.list.more_below)

    def _seek(self, sought: Sought | None) -> None:
        """Other words are looked for in what is on screen, or none any more."""
        before, self._sought = self._sought, sought
        if before is sought or (before is not None and before.same_words(sought)):
            return
        self._tell_head()
        if sought is not None and sought.order is not None and self.open is not None:
            self._sought = sought.said_among(self.open.items)
            self._land()
        else:
            self.rebuild()

    def go_to_hit(self, order: int) -> None:
        """To another hit of the search that it was opened from."""
        if self._sought is not None:
            self._sought = self._sought.at(order)
            self._land()

    def clear(self, said: str = "") -> None:
        """Show none."""
        self.open, self.unseen = None, Unseen()
        self.list.set_rows(NoRows())
        self.head.show(None, self.desk.agent, self.desk.now())
        self.tell_foot()
        self._note(said)

    def _note(self, said: str) -> None:
        note = self.query_one("#no-thread", QuietNote)
        note.say(said)
        note.display = bool(said)
        self.list.display = not said

    def _land(self) -> None:
        hit = self._hit()
        rows = self._build()
        if self.open is None or not rows.count:
            self.list.set_rows(rows)
            return
        # what was unread first when it was opened, though it may be marked read by now
        fresh = (item for item in self.open.items if isinstance(item, Message) and item.id in self._fresh)
        item = hit or next(fresh, None) or self.open.items[self.open.first_unread()]
        target = rows.place_of(item)
        while target and not rows.blocks[target].readable:
            target -= 1
        top = rows.top(target) + self._down_to_hit(rows, target if hit else None)
        self.list.land(rows, target, Landing(top))

    def _hit(self) -> Item | None:
        """The message or note that the search found, read as far up as it stands; what it folds away is opened."""
        order = self._sought.order if self._sought is not None else None
        if self.open is None or self._sought is None or order is None:
            return None
        while self.open.items and self.open.items[0].order > order and self.open.load_older():
            pass
        hit = next((item for item in self.open.items if item.order == order and not isinstance(item, Event)), None)
        if isinstance(hit, Message):
            self._opened |= set(folds_with(hit, self._sought.in_text))
        return hit

    def _down_to_hit(self, rows: ThreadRows, at: int | None) -> int:
        """Lines to go down in a long message until what was found can be seen."""
        if at is None:
            return 0
        line = next((n for n, one in enumerate(rows.lines_of(at)) if one.found), 0)
        height = self.list.size.height
        return line - height // 2 if line > height - 2 else 0

    def _tell_head(self) -> None:
        found = self.open.conversation if self.open else None
        sought = self._sought.in_subject(in_cell(found.subject).strip()) if self._sought and found else ()
        self.head.show(found, self.desk.agent, self.desk.now(), tuple(sought))
        self.tell_foot()

    def tell_foot(self) -> None:
        """The agent's own that waits here."""
        here = self.shown
        if here is None:
            self.foot.tell(())
            return
        said: list[tuple[str, Hint]] = []
        if waits := self.unseen.said(self.list):
            said.append((waits, Hint("tab" if self.typing else self.below_key, _("to it"))))
        for draft in self.desk.reads.drafts(self.desk.agent) if not self.writing else ():
            if draft.conversation_id == here and draft.kind in self.keys:
                word = _("Your note waits here.") if draft.kind is DraftKind.NOTE else _("Your draft waits here.")
                said.append((word, Hint(self.keys[draft.kind], _("write on"))))
                break
        for item in self.desk.reads.outbox():
            if item.conversation_id == here and item.scheduled and item.state is OutboxState.HELD:
                when = ages.moment(item.not_before, self.desk.now())
                said.append((_("Your answer leaves {time}.").format(time=when), Hint(self.outbox_key, _("outbox"))))
        self.foot.tell(tuple(said))

    # lines

    def _build(self) -> ThreadRows:
        self._built_for = self.list.size.width
        if self.open is None:
            return ThreadRows([])
        items: list[Item] = [
            replace(item, unread=True) if isinstance(item, Message) and item.id in self._fresh else item
            for item in self.open.items
        ]
        context = ThreadContext(
            agent=self.desk.agent,
            now=self.desk.now(),
            opened=frozenset(self._opened),
            all_opened=self._all_opened,
            more_above=not self.open.all_read,
            find=self._sought.in_text if self._sought is not None else None,
            customer=self.open.customer,
            refers=numbers(self.desk, items, self.open.id),
        )
        return build(items, max(20, self._built_for), context)

    def rebuild(self) -> None:
        """Make the lines anew; the block at the top of the window stays there."""
        rows, landed = self.list.rows, self.list.landed
        current = self.block
        fresh = self._build()
        cursor = fresh.place_of(current.item if current else None)

        def now_at(line: int) -> int | None:
            if not isinstance(rows, ThreadRows) or not rows.count:
                return None
            at = fresh.place_of(rows.blocks[rows.at(line)].item)
            return fresh.top(at) + min(line - rows.top(rows.at(line)), max(0, fresh.height(at) - 1))

        top = now_at(self.list.first_line if landed is None else landed.top)
        if landed is not None and top is not None:
            end = now_at(landed.end) if landed.end is not None else None
            self.list.land(fresh, cursor, replace(landed, top=top, end=end))
        else:
            self.list.set_rows(fresh, cursor, top=top)

    def absorb(self) -> bool:
        """Read anew what is on screen; true where a message came in."""
        if self.open is None:
            return False
        self.open.follow()
        known = {(type(item), item.id) for item in self.open.items}
        before = list(self.open.items)
        after = list(self.open.reload())
        came = [item for item in after if (type(item), item.id) not in known]
        self._fresh |= _unread(came)
        answers = [item.order for item in came if isinstance(item, Message) and item.direction is Direction.OUT]
        if answers:  # what was answered is new no more
            self._fresh -= {item.id for item in after if isinstance(item, Message) and item.order < max(answers)}
        if after != before:
            self.rebuild()
        self.unseen.came(came)
        self._tell_head()
        # What comes brings lines of its own below, which take some of the window: it is in sight once they stand.
        self.call_after_refresh(self.look_below)
        return any(isinstance(item, Message) for item in came)

    def load_older(self) -> None:
        """One page more above; what is on screen stays."""
        if self.open is not None and self.open.load_older():
            self.rebuild()

    def width_changed(self) -> None:
        """Lines were broken for another width."""
        width = self.list.size.width
        if self.open is None or not width or width == self._built_for:
            return
        if self._built_for:
            self.rebuild()
        else:  # nothing of it was on screen before: it lands now
            self._land()

    @on(ThreadList.Resized)
    @on(ThreadList.Window)
    def _window(self, event: Sent) -> None:
        event.stop()
        if isinstance(event, ThreadList.Resized):
            self.width_changed()
        self.head.tell_more(more=self.list.more_below)
        self.call_after_refresh(self.look_below)

    def look_below(self) -> None:
        """What of it is in sight now."""
        some = not self.settling and self.unseen.look(self.list)
        if some:
            self.post_message(self.Seen())
        if some or self.unseen.messages:
            self.tell_foot()
        self.head.tell_more(more=self.list.more_below)

    # the block under the cursor

    @property
    def block(self) -> Block | None:
        """The message, note or events under the cursor."""
        rows = self.list.rows
        if isinstance(rows, ThreadRows) and rows.count:
            return rows.blocks[min(self.list.cursor, rows.count - 1)]
        return None

    @property
    def message(self) -> Message | None:
        """The message under the cursor, or the last one before it."""
        rows = self.list.rows
        if not isinstance(rows, ThreadRows):
            return None
        for at in range(min(self.list.cursor, rows.count - 1), -1, -1):
            item = rows.blocks[at].item
            if isinstance(item, Message):
                return item
        return next((block.item for block in rows.blocks if isinstance(block.item, Message)), None)

    def step(self, step: int) -> bool:
        """To the next message or note, its head at the top of the window where there is room."""
        rows = self.list.rows
        if not isinstance(rows, ThreadRows):
            return False
        at = self.list.cursor + step
        while 0 <= at < rows.count and not rows.blocks[at].readable:
            at += step
        if not 0 <= at < rows.count:
            return False
        self.list.head_at_top(at)
        return True

    def fold(self) -> bool:
        """Fold or open what the block under the cursor folds; false where it folds nothing."""
        block = self.block
        if block is None or not block.folds:
            return False
        folds = set(block.folds)
        self._opened = self._opened - folds if folds & self._opened else self._opened | folds
        self.rebuild()
        return True

    def fold_all(self) -> None:
        """Fold or open everything."""
        self._all_opened = not self._all_opened
        self._opened.clear()
        self.rebuild()
