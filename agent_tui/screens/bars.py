"""The bars of the desk: what may be pressed, what happened, how things stand. And the clocks behind them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.timer import Timer

from agent_tui import sentences
from agent_tui.desk.plain import StoreError
from agent_tui.domain.account import AccountHealth
from agent_tui.domain.action import Field
from agent_tui.domain.conversation import Status
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.times import SECOND, Micros
from agent_tui.named_keys import key_shown
from agent_tui.screens.commands import BY_ID, HINTS, Where
from agent_tui.widgets.header_bar import HeaderState, outbox_numbers
from agent_tui.widgets.hint_line import Hint, Said
from agent_tui.widgets.panel_rows import PanelRows
from agent_tui.widgets.trouble_lines import troubles
from agent_tui.words import _, grouped, ngettext, pgettext

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen
    from agent_tui.screens.hands_answer import Answering

SAID_FOR = 4.0
STORE_WAITS = 1.0
"""Seconds that a change waits for the store before it is told."""
NEWEST_STEPS = 8


class Timers:
    """Named timers of a screen: starting one again begins it anew."""

    def __init__(self, screen: DeskScreen) -> None:
        self._screen = screen
        self._timers: dict[str, Timer] = {}

    def after(self, name: str, seconds: float, what: Callable[[], None]) -> None:
        """Do something once, later."""
        self.stop(name)
        self._timers[name] = self._screen.set_timer(seconds, what)

    def stop(self, name: str) -> None:
        """Not any more."""
        timer = self._timers.pop(name, None)
        if timer:
            timer.stop()


class Bars:
    """Tells the header and the hint line what to show."""

    def __init__(self, screen: DeskScreen, timers: Timers) -> None:
        self._screen = screen
        self._timers = timers
        self._worker_failing = False
        self._only_reading = ""
        self._said = ""
        """What stands there now in place of the hints."""
        self._of_search = ""
        self._holding: tuple[int, str] | None = None
        """The message that was sent last and can still be taken back, and what is said of it as long as it can."""

    def hint(self, command: str) -> Hint:
        """The key and word of a command."""
        found = BY_ID[command]
        key = self._screen.strokes.keymap.key_of(command)
        word = _("not spam") if command == "reopen" and self._on_spam else found.shown_hint or found.shown
        return Hint(key, word, stays=command == "help")

    def tell_hints(self) -> None:
        """What may be pressed now, or what may follow a prefix."""
        if self._screen.thread.typing != (self._writer is not None):  # other lines name keys, too
            self._screen.thread.typing = not self._screen.thread.typing
            self.tell_bars()
        if not self._said:
            self._screen.hint_line.say(self._of_the_hold())
        if self._screen.app.screen is not self._screen:
            self._screen.hint_line.hint(())
            return
        if self._writer is not None:
            self._screen.hint_line.hint(self._writer.pane.hints())
            return
        prefix = self._screen.strokes.prefix
        if self._screen.writing and not prefix and self._screen.where is Where.THREAD:
            on = Hint(self._screen.strokes.keymap.key_of("reply"), _("write on"))
            step = [self.hint(command) for command in ("fold", "help")]
            self._screen.hint_line.hint((on, Hint("tab", _("to the text")), *step), self._screen.strokes.pending)
            return
        if prefix:
            follow = self._screen.strokes.keymap.continuations(self._screen.hearing, prefix)
            counts = {f"go.{view}": number for view, number in self._screen.header.left_out().items()}
            hints = [
                Hint(key, c.shown_hint or c.shown, count=counts.get(c.id, ""))
                for key, c in follow.items()
                if c.id in self._screen.hands
            ]
            self._screen.hint_line.hint(hints, self._screen.strokes.pending)
            return
        if self._screen.focused is self._screen.inbox.field:
            self._screen.hint_line.hint((Hint("enter", _("to the hits")), Hint("escape", _("end the search"))))
            return
        if self._screen.focused is self._screen.panel:
            opens = (Hint("enter", _("open")),) if self._of_panel() is not None else ()
            self._screen.hint_line.hint((*opens, self.hint("back"), self.hint("help")))
            return
        offered = [self.hint(command) for command in self._offered() if command in self._screen.hands]
        self._screen.hint_line.hint([hint for hint in offered if hint.key], self._screen.strokes.pending)

    def _of_panel(self) -> int | None:
        """The conversation that Enter opens in the panel."""
        rows, at = self._screen.panel.rows, self._screen.panel.cursor
        return rows.panel[at].conversation if isinstance(rows, PanelRows) and rows.count else None

    def _offered(self) -> tuple[str, ...]:
        """Commands that mean something in this place: an empty list has nothing to open or solve."""
        screen, spam = self._screen, self._on_spam
        if screen.where is not Where.THREAD and screen.inbox.selected:  # they all change at once
            return ("reopen" if spam else "solve", "tag", "assign", "snooze", "status", "select.none", "help")
        if screen.where is Where.THREAD or screen.inbox.list.rows.count:
            offered = HINTS[screen.hearing]
            if screen.hearing is Where.THREAD and screen.thread.open is not None and screen.thread.open.came_back:
                offered = ("write.again", *offered)
            return ("reopen", *(one for one in offered if one != "solve")) if spam else offered
        if screen.where is Where.SEARCH:
            return ("back", "help")
        return ("compose", "search", "palette", "help") if screen.desk.accounts() else ("go.accounts", "help")

    @property
    def _on_spam(self) -> bool:
        """What is read, or stands under the cursor, was marked as spam: it is not solved, but perhaps none after all."""
        opened = self._screen.thread.head.conversation if self._reads else None
        found = opened or self._screen.inbox.row()
        return found is not None and found.status is Status.SPAM

    def say(self, text: str, *hints: Hint, role: str = "text") -> None:
        """What just happened, for four seconds in place of the hints."""
        self._said = text
        self._screen.hint_line.say(Said(text, tuple(hints), role))
        self._timers.after("said", SAID_FOR, self.quiet)

    def of_the_search(self, text: str) -> None:
        """What was not understood of a search. It goes with the search that it is about."""
        if text:
            self.say(text, role="due")
        elif self._of_search and self._said == self._of_search:
            self.quiet()
        self._of_search = text

    def quiet(self) -> None:
        """Back to the hints."""
        self._timers.stop("said")
        self._said = ""
        self._screen.hint_line.say(self._of_the_hold())

    def hold(self, item: OutboxItem, text: str) -> None:
        """What is said of a message as long as it is held; what is said of something else stands before it for its time."""
        self._holding = item.id, text
        self._timers.after("hold", (item.not_before - self._screen.desk.now()) / SECOND, self._let_go)
        self.quiet()

    def _let_go(self) -> None:
        self._timers.stop("hold")
        self._holding = None
        if not self._said:
            self.quiet()

    def _of_the_hold(self) -> Said | None:
        """It with the key that takes it back: that is another one where something else was done since."""
        screen = self._screen
        if self._holding is None or self._writer is not None or screen.app.screen is not screen:
            return None  # in a text the key is a letter, and in a sheet another one
        item, text = self._holding
        desk = screen.desk
        steps = (step for step in desk.reads.steps(desk.agent, NEWEST_STEPS) if step.undoable and not step.undone)
        newest = next(steps, None)
        sent = newest is not None and (Field.SEND, str(item)) in {(one.field, one.after) for one in newest.changes}
        key_of = screen.strokes.keymap.key_of
        return Said(text, (Hint(key_of("undo"), _("undo")) if sent else Hint(key_of("undo.list"), _("undo")),))

    def fail(self, error: StoreError) -> None:
        """A change that did not happen."""
        self.say(sentences.error(error.code, error.parameters), role="late")

    def tell_bars(self) -> None:
        """Counts, connections, outbox, place."""
        counts = {view: count.total for view, count in self._screen.inbox.inbox.counts().items()}
        outbox, health = self._screen.desk.reads.outbox(), self._health()
        now = self._screen.desk.now()
        view = None if self._screen.inbox.hits is not None else self._screen.view
        stuck = frozenset(item.account for item in outbox if item.is_stuck)
        held = {item.id for item in outbox if item.state is OutboxState.HELD}
        if self._holding is not None and self._holding[0] not in held:
            self._let_go()
        self._screen.header.show(HeaderState(view, counts, health, outbox_numbers(outbox, now), stuck))
        self._screen.thread.tell_foot()
        held_back = self._held_back()
        self._only_reading = self._screen.desk.reads.only_reading()
        found = troubles(
            health,
            outbox,
            now,
            held_back,
            worker_failing=self._worker_failing,
            only_reading=self._only_reading,
            typing=self._writer is not None,
        )
        self._screen.troubles.show(found)
        self.tell_place()

    def tell_worker(self, *, failing: bool) -> None:
        """Whether there is a worker that lives, and a disk that it could write on."""
        if failing != self._worker_failing or self._only_reading != self._screen.desk.reads.only_reading():
            self._worker_failing = failing
            self.tell_bars()

    def tell_store(self) -> None:
        """That a change waits, for the store perhaps, which something else has: the key was not in vain."""
        waits = self._screen.desk.writing_for() >= STORE_WAITS
        said = _("What you did is still being written; it is not lost.")
        if waits and self._said != said:
            self.say(said, role="due")
        elif not waits and self._said == said:
            self.quiet()

    def _held_back(self) -> list[tuple[str, Micros | None]]:
        """Held messages that did not go: who wrote first, and for when it was meant, if for a time."""
        desk = self._screen.desk
        items = desk.reads.held_back(desk.agent)
        rows = desk.reads.rows([i.conversation_id for i in items if i.conversation_id is not None], desk.agent)
        found = [(rows.get(i.conversation_id or 0), i) for i in items]
        return [(str(i.wrote_first or row.customer), i.not_before if i.scheduled else None) for row, i in found if row]

    def _health(self) -> tuple[AccountHealth, ...]:
        """How the connections are. Imported files have none: they count nowhere."""
        desk = self._screen.desk
        files = {account.id for account in desk.accounts() if account.offline}
        return tuple(one for one in desk.reads.health() if one.account not in files)

    @property
    def _writer(self) -> Answering | None:
        """What the keys are typed into, where that is a text."""
        writing = self._screen.writing
        return writing if writing is not None and writing.pane.has_focus_within else None

    @property
    def _reads(self) -> bool:
        """The agent is in the conversation, or writes below it; the list's place says nothing then."""
        screen = self._screen
        narrow = screen.reading and screen.mode == "narrow"
        return self._writer is not None or screen.where is Where.THREAD or narrow

    def tell_place(self) -> None:
        """Where in the list one is, and what is new above."""
        parts: list[tuple[str, str]] = []
        if self._screen.long_work.said:
            # in a text Esc parks it
            way = "" if self._writer is not None else f"  {key_shown('escape')} {_('stop')}"
            parts.append((self._screen.long_work.said + way, "accent"))
        above, between = self._screen.inbox.arrived
        if (above or between) and self._writer is None:
            # only beside the list the key leads there
            key = "" if self._reads else key_shown(self._screen.strokes.keymap.key_of("move.first"))
            said = ngettext("{n} new above", "{n} new above", above)
            if between:
                said = ngettext("{n} new", "{n} new", above + between)
            said = said.format(n=grouped(above + between))
            parts.append((f"{said}  {key}".rstrip(), "accent"))
        if self._screen.inbox.selected:
            parts.append((_("{n} selected").format(n=grouped(len(self._screen.inbox.selected))), "accent"))
        count = self._screen.inbox.list.rows.count
        here = self._screen.hits_here() if self._reads else ()
        if here:
            block = self._screen.thread.block
            at = bisect_right(here, block.item.order) if block is not None else 0
            parts.append((_("hit {place} of {all}").format(place=max(1, at), all=grouped(len(here))), "faint"))
        elif self._screen.inbox.hits is not None:
            found = self._screen.inbox.count
            more = "+" if found.capped else ""
            parts.append(
                (
                    _("{place} of {all}").format(
                        place=min(self._screen.inbox.list.cursor + 1, count), all=f"{grouped(found.number)}{more}"
                    ),
                    "faint",
                )
            )
        elif self._writer is not None and self._writer.conversation is None:  # it belongs to none yet
            parts.append((pgettext("place", "new"), "faint"))
        elif self._reads:
            opened = self._screen.thread.open
            row = self._screen.inbox.row()
            shown = opened.conversation if opened is not None else row
            number = shown.number if shown else None
            parts.append((f"#{number}" if number is not None else "", "faint"))
        elif count:
            parts.append(
                (
                    _("{place} of {all}").format(place=grouped(self._screen.inbox.list.cursor + 1), all=grouped(count)),
                    "faint",
                )
            )
        self._screen.hint_line.place(*parts)
