"""The desk: list, conversation, and the customer beside it. It lays out, takes keys, and follows what changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from agent_tui import sentences
from agent_tui.desk.conversation import Conversations
from agent_tui.desk.workspace import Desk
from agent_tui.domain.conversation import View
from agent_tui.domain.outbox import DraftKind
from agent_tui.named_keys import key_shown
from agent_tui.screens.bars import Bars, Timers
from agent_tui.screens.beside import kept_from
from agent_tui.screens.commands import Where
from agent_tui.screens.keymap import Keymap, name_keys
from agent_tui.screens.list_pane import ListPane
from agent_tui.screens.long_work import LongWork
from agent_tui.screens.options import DeskOptions
from agent_tui.screens.panes import Panes
from agent_tui.screens.strokes import NoMeaning, Run, Strokes, Waiting
from agent_tui.screens.thread_pane import ThreadList, ThreadPane
from agent_tui.screens.told_once import ToldOnce
from agent_tui.screens.trouble import TellsTrouble
from agent_tui.screens.typed_at_once import TypedAtOnce
from agent_tui.widgets.header_bar import HeaderBar
from agent_tui.widgets.hint_line import HintLine
from agent_tui.widgets.search_field import SearchField
from agent_tui.widgets.trouble_lines import TroubleLines
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.desk.accounts import Door, ForgetSecrets, KeepSecret
    from agent_tui.screens.going_out import GoingOut
    from agent_tui.screens.hands_answer import Answering
    from agent_tui.screens.hands_mind import Minding
    from agent_tui.widgets.composer import ComposerPane

FOLLOW_AFTER, HINTS_AFTER, PLACE_AFTER = 0.25, 0.4, 0.12
Hand = Callable[[int | None], object]
"""What a command does, given the count before it."""


class DeskScreen(TellsTrouble, Panes):
    """Where an agent works."""

    CSS_PATH = "desk.tcss"
    AUTO_FOCUS = "#list"

    def __init__(self, desk: Desk, keymap: Keymap, options: DeskOptions) -> None:
        super().__init__()
        self.desk = desk
        self.options = options
        self.strokes = Strokes(keymap)
        name_keys(keymap)
        self.hands: dict[str, Hand] = {}
        self.conversations = Conversations(desk)
        self.view = View.INBOX
        self.reading = False
        """Narrow: the conversation stands in place of the list."""
        self.panel_wanted = self.panel_away = False
        self.compact = options.compact
        self.timers = Timers(self)
        self.bars = Bars(self, self.timers)
        self.long_work = LongWork(self)
        self.told_once = ToldOnce(self)
        self.typed_at_once = TypedAtOnce(self)
        self.header = HeaderBar(id="header")
        self.inbox = ListPane(desk, id="inbox")
        self.thread = ThreadPane(desk, id="conversation")
        self.panel = VirtualList(id="panel")
        self.hint_line = HintLine(id="hints")
        self.welcoming = not desk.accounts()
        """The ways to begin are about to stand here."""
        self.troubles = TroubleLines(id="troubles")
        self._answering: Answering | None = None
        self._minding: Minding | None = None
        self._secrets: tuple[KeepSecret, ForgetSecrets, Door | None] | None = None

    def compose(self) -> ComposeResult:
        """Bar, panes, line."""
        yield self.header
        with Horizontal(id="panes"):
            yield self.inbox
            with Vertical(id="reading"):
                yield self.thread  # the composer comes below it, behind the first picture
            yield self.panel
        with Vertical(id="foot"):
            yield self.troubles
            yield self.hint_line

    # what the first picture does not need

    @property
    def answering(self) -> Answering:
        """The hands that write; made when they are wanted first."""
        if self._answering is None:
            from agent_tui.screens.hands_answer import Answering

            self._answering = Answering(self)
        return self._answering

    @property
    def writing(self) -> Answering | None:
        """The hands that write, where something is being written."""
        return self._answering if self._answering is not None and self._answering.is_open else None

    @property
    def minding(self) -> Minding:
        """The hands that look after things; made when they are wanted first."""
        if self._minding is None:
            from agent_tui.screens.hands_mind import Minding

            self._minding = Minding(self, *self._secrets) if self._secrets is not None else Minding(self)
        return self._minding

    def keep_secrets_by(self, keep: KeepSecret, forget: ForgetSecrets, door: Door | None = None) -> None:
        """Where secrets of accounts go."""
        self._secrets = (keep, forget, door)

    async def complete(self, load: Callable[[], None]) -> None:
        """Load the rest, and put the composer below the conversation: the first answer does not wait for either."""
        await asyncio.to_thread(load)
        await self.answering.stand()
        self.answering.outside.take_over()
        await self.answering.drafts.recover()

    def on_mount(self) -> None:
        """Open the inbox."""
        key_of = self.strokes.keymap.key_of
        self.thread.keys = {
            DraftKind.REPLY: key_of("reply"),
            DraftKind.REPLY_ALL: key_of("reply.all"),
            DraftKind.NOTE: key_of("note"),
            DraftKind.FORWARD: key_of("drafts"),
            DraftKind.AGAIN: key_of("drafts"),
        }
        self.thread.outbox_key = key_of("go.outbox")
        self.thread.below_key = key_of("move.last")
        self.lay_out()
        self.go_to(View.INBOX)
        self.bars.tell_bars()
        self.told_once.tell()

    def on_resize(self) -> None:
        """Another size. Where there is room for one pane alone, it is the one that has the keys."""
        if self.mode == "narrow" and not self.has_class("-narrow") and self.is_mounted:
            self.reading = not self.inbox.has_focus_within or self.writing is not None
            self.panel_wanted = self.focused is self.panel
        self.lay_out()
        if self._answering is not None:
            self._answering.fit()
        if self.inbox.has_focus_within:  # what stood in place of the list stands beside it now, where its keys act
            self.follow()
        self.call_after_refresh(self.thread.width_changed)

    # keys

    @property
    def is_ready(self) -> bool:
        """Keys have a place to go; not while a composer opens, is about to go or is left for what stands beside it, nor
        before the hits that Enter meant, nor on an empty workspace before the ways to begin."""
        writing = self._answering
        opening = writing is not None and (writing.opening or self.sending or writing.pane.turning)
        return not (opening or self.inbox.field.leaving or self.welcoming)

    @property
    def sending(self) -> GoingOut | None:
        """What queues the message at this moment; None where none is on its way into the outbox."""
        going = self._answering.going_out if self._answering is not None else None
        return going if going is not None and going.busy else None

    def press(self, stroke: str) -> bool:
        """A key outside of text."""
        if stroke == "escape" and not self.strokes.pending and self.long_work.stop():
            return True
        outcome = self.strokes.feed(stroke, self.hearing)
        if isinstance(outcome, Waiting):
            self.timers.after("hints", HINTS_AFTER, self.bars.tell_hints)
            return True
        self.timers.stop("hints")
        if isinstance(outcome, Run):
            if self.writing is None or not kept_from(self.writing, outcome.command):
                self.run_command(outcome.command.id, outcome.count)
        elif isinstance(outcome, NoMeaning) and outcome.typed:
            nothing = _("{keys} means nothing here.").format(keys=key_shown(outcome.typed))
            self.bars.say(self.strokes.keymap.instead(outcome.typed) or nothing, self.bars.hint("help"))
        self.bars.tell_hints()
        return True

    def run_command(self, command: str, count: int | None = None) -> None:
        """Do what a command says."""
        hand = self.hands.get(command)
        if hand is None:
            self.bars.say(_("This part is not here."), self.bars.hint("help"))
            return
        if command not in ("undo", "redo"):
            self.bars.quiet()
        hand(count)

    # what the panes tell

    @on(VirtualList.Moved, "#list")
    def _moved(self) -> None:
        self.timers.after("place", PLACE_AFTER, self.bars.tell_place)
        if self.options.follow and self.mode != "narrow":
            self.timers.after("follow", FOLLOW_AFTER, self.follow)

    @on(VirtualList.Picked, "#list")
    def _picked(self) -> None:
        self.run_command("open")

    @on(ListPane.Changed)
    def _list_changed(self) -> None:
        self.bars.tell_bars()
        self.bars.tell_hints()
        # where nothing is found it stands in the list's place
        hint = self.inbox.asked.hint if self.inbox.hits is not None and self.inbox.list.rows.count else ""
        self.bars.of_the_search(sentences.hint(hint) if hint else "")
        if self.inbox.list.rows.count and self.options.follow and self.mode != "narrow":
            self.timers.after("follow", FOLLOW_AFTER, self.follow)

    @on(SearchField.Left, "#search")
    def _search_left(self, event: SearchField.Left) -> None:
        if event.enter and not event.empty:
            self.inbox.to_hits()
        elif not event.enter or event.empty:
            self.inbox.end_search()
        self.bars.tell_hints()

    @on(SearchField.Stepped, "#search")
    def _search_stepped(self, event: SearchField.Stepped) -> None:
        self.inbox.list.go(self.inbox.list.cursor + event.step)

    def on_composer_pane_asked(self, event: ComposerPane.Asked) -> None:
        """A key of the composer. Found by its name: the composer is not loaded yet."""
        self.answering.asked(event.what)
        self.app.call_later(self.answering.pane.turned)  # behind the focus that it asked for

    def on_composer_pane_journal(self) -> None:
        """Something was typed."""
        self.answering.journal()

    @on(ThreadPane.Seen)
    def _seen(self) -> None:
        writing = self.writing
        if self.where is Where.THREAD or (writing is not None and writing.conversation == self.thread.shown):
            self.run_worker(self.mark_read(), group="read", exit_on_error=False)

    @on(ThreadList.AtTop)
    def _at_top(self) -> None:
        self.thread.load_older()

    def on_descendant_focus(self) -> None:
        """Other keys work in another pane."""
        if self.focused is self.inbox.list and self.thread.shown != self.inbox.current:
            self.follow()
        self.thread.head.active = self.focused is self.thread.list
        self.bars.tell_hints()
        self.bars.tell_place()

    # what changed meanwhile

    def absorb(self) -> bool:
        """Take in what others committed; draws nothing where nothing changed."""
        changes = self.desk.refresh()
        if changes is None:
            return False
        had = self.inbox.list.rows.count
        self.inbox.absorb(changes)
        if bool(had) != bool(self.inbox.list.rows.count):  # other keys mean something now
            self.bars.tell_hints()
        shown, writing = self.thread.shown, self.writing
        if writing and (changes.everything or writing.conversation in changes.conversations):
            writing.pane.follow(self.desk.reads.standing)
        if shown is not None and (changes.everything or shown in changes.conversations):
            came = self.thread.absorb()
            self.bars.tell_hints()  # a report may have come
            shown = self.thread.shown
            self.tell_panel()
            if came and writing and writing.conversation == shown:
                writing.going_out.tell_news()
            if came and self.where is Where.THREAD:
                self.run_worker(self.mark_read(), group="read", exit_on_error=False)
        self.bars.tell_bars()
        self.told_once.tell()
        return True

    def minute(self) -> None:
        """Ages move on the minute, and what was to be tried at its time is tried now."""
        self.inbox.list.refresh()
        self.bars.tell_bars()
