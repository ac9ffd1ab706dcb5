"""Answering: begin, keep, check, send. The composer pane holds the words, this decides what becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual.worker import Worker

from agent_tui import sentences
from agent_tui.desk.compose import CannotCompose, Composer, Started
from agent_tui.desk.drafts import Drafts, Kept
from agent_tui.desk.known_people import KnownPeople
from agent_tui.desk.plain import StoreError
from agent_tui.desk.sending import CannotSend, HowToSend, Sending
from agent_tui.domain.conversation import Channel
from agent_tui.domain.outbox import DraftKind
from agent_tui.screens.attaching import Attaching
from agent_tui.screens.beginning import Beginning, left_out, spared
from agent_tui.screens.going_out import GoingOut
from agent_tui.screens.outside import Outside
from agent_tui.screens.sight import Sight
from agent_tui.widgets.composer import ComposerPane
from agent_tui.widgets.hint_line import Hint
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand

LOW = 18
"""With fewer lines than this the composer stands alone."""


class Answering:
    """Hands that write."""

    def __init__(self, screen: DeskScreen) -> None:
        self.screen = screen
        self.drafts = Drafts(screen.desk)
        self.composer = Composer(screen.desk, self.drafts)
        self.sending = Sending(screen.desk, self.drafts)
        self.pane = ComposerPane(id="composer")
        self.pane.fields.look_up = KnownPeople(screen.desk).found
        self.sight = Sight(self)
        self.attaching = Attaching(self)
        self.beginning = Beginning(self)
        self.going_out = GoingOut(self)
        self.outside = Outside(self)
        self.opening = 0
        self._placing = asyncio.Lock()

    def hands(self) -> dict[str, Hand]:
        """By command."""
        return self.beginning.hands()

    async def stand(self) -> None:
        """The composer has its place below the conversation, not shown yet."""
        async with self._placing:  # who comes second waits until it stands, too
            if not self.pane.is_attached:
                await self.screen.query_one("#reading").mount(self.pane)

    def resume_by_id(self, draft_id: str) -> None:
        """A message that was taken back is a draft again."""
        self.beginning.resume_by_id(draft_id)

    def seen(self, conversation: int) -> int | None:
        """What of it was in sight; None where it is not open."""
        return self.sight.order(conversation)

    def open(self, begin: Callable[[], Started], conversation: int | None) -> None:
        """Show the composer under its conversation; what was being written is parked first."""

        async def show() -> None:
            await self.stand()
            if not await self._put_away():
                return
            try:
                started = begin()
            except (CannotCompose, StoreError) as error:
                self.fail(error)
                return
            self._show(started, conversation)
            await self.sight.settle(started)

        self.run(show(), "compose")

    def _show(self, started: Started, conversation: int | None) -> None:
        screen = self.screen
        if conversation is not None and (screen.thread.shown != conversation or not screen.reading):
            screen.open(conversation)
        screen.reading = True
        screen.panel_wanted = screen.panel_wanted and screen.mode != "narrow"
        screen.lay_out()
        account = screen.desk.account(started.draft.account)
        senders = tuple((found.id, address) for found, address in self.composer.senders(started.draft) if address)
        ours = {one for each in screen.desk.accounts() if not each.offline for one in each.own_addresses}
        self.pane.names_sender = len(ours) > 1
        if not started.resumed:
            self.drafts.begins(started.draft)
        self.pane.begin(started, account.channel if account else Channel.EMAIL, senders)
        self.fit()
        screen.thread.writing = True
        screen.thread.tell_foot()
        if started.reply_to_differs:
            self.pane.say(_("answers go elsewhere than they came from"), "due")
        files = left_out(started)
        if said := " ".join(filter(None, (files, spared(started)))):
            self.screen.bars.say(said, role="due")
        if files:
            self.pane.say(_("not all files go along"), "due")
        screen.bars.tell_hints()
        held_back = screen.desk.reads.held_back(screen.desk.agent) if started.resumed else ()
        if any(one.conversation_id == conversation for one in held_back):
            self.journal(again=True)  # it is taken up: the line that tells of it has done its work
        if account is None and started.draft.kind is not DraftKind.NOTE:
            self.pane.say(_("cannot be sent"), "late")
            self.fail(CannotSend("no_account", account=started.draft.account))

    def fit(self) -> None:
        """The composer alone where there is no room for both, or nothing to stand under."""
        if not self.pane.is_attached:
            return
        draft = self.pane.started.draft if self.pane.started else None
        alone = draft is not None and (self.screen.size.height < LOW or draft.conversation_id is None)
        self.pane.set_class(alone, "-tall")
        self.screen.thread.display = not alone
        self.screen.tell_panel()

    @property
    def is_open(self) -> bool:
        """Something is being written."""
        return self.pane.is_open

    @property
    def conversation(self) -> int | None:
        """Whom the draft belongs to."""
        return self.pane.started.draft.conversation_id if self.pane.started else None

    # what the composer asks

    def asked(self, what: str) -> None:
        """A key of the composer."""
        {
            "send": lambda: self.going_out.send(HowToSend()),
            "send_and_solve": lambda: self.going_out.send(HowToSend(solve=True)),
            "send_later": self.going_out.later,
            "attach": self.attaching.choose,
            "people": self.going_out.show_people,
            "editor": self.outside.edit,
            "palette": lambda: self.screen.run_command("palette"),
            "park": self.park,
            "read": self.read_beside,
        }.get(what, lambda: None)()

    def write_on(self) -> None:
        """Back from the conversation to what is being written, at once: the next key is text, and it is in sight."""
        if self.screen.mode == "narrow" and self.screen.panel_wanted:
            self.screen.panel_wanted = False
            self.screen.lay_out()
        self.sight.look_again()
        self.screen.set_focus(self.pane.text)

    def read_beside(self) -> None:
        """To the conversation above; first of all to what came meanwhile."""
        if self.conversation is None:
            self.pane.toggle_fields()
        elif self.pane.news.text or self.screen.thread.unseen.messages:
            self.going_out.read_newest()
        else:
            self.screen.set_focus(self.screen.thread.list)

    def journal(self, *, again: bool = False) -> None:
        """Keep what was typed."""
        if not self.pane.is_open:
            return
        draft = self.pane.draft()

        async def keep() -> None:
            self.tell_kept(await self.drafts.keep(draft, again=again, slow=self.tell_kept))

        self.run(keep(), "journal")

    def tell_kept(self, kept: Kept) -> None:
        """Saved; or not, and why."""
        pane = self.pane
        if self.follow_draft():
            return
        if pane.started is None or pane.started.draft.id != kept.draft.id or (kept.where == "store" and pane.pending):
            return
        if kept.where == "store":
            pane.say(_("saved") if self.drafts.is_written(kept.draft) else "")
            return
        why = {
            "disk_full": _("disk full"),
            "full_and_taken": _("disk full"),
            "no_more_files": _("no room for further files"),
            "quota_used_up": _("disk quota used up"),
            "locked": _("store busy"),
            "read_only": _("store is read-only"),
        }.get(kept.fault, kept.fault.replace("_", " "))
        text = _("kept aside: {why}") if kept.where == "runtime" else _("not saved: {why}")
        pane.say(text.format(why=why), "late")

    def follow_draft(self) -> bool:
        """True where what is written here became a draft of its own: another desk made something of the one it was."""
        started = self.pane.started
        draft = self.drafts.current(started.draft) if started is not None else None
        if started is None or draft is None or draft.id == started.draft.id:
            return False
        self.pane.started = replace(started, draft=draft)
        self.pane.say(_("changed at another desk: a draft of its own"), "due")
        return True

    def keep_now(self) -> None:
        """The desk ends: what is written is kept before it does."""
        if self.pane.is_open and self.pane.touched:
            self.drafts.keep_now(self.pane.draft(), wait=2.0)

    def park(self, then: Callable[[], object] = lambda: None) -> None:
        """Turn to something else, or to what comes `then`; the draft waits."""

        async def leave() -> None:
            had = self.pane.touched and self.drafts.is_written(self.pane.draft())
            if not await self._put_away():
                return
            if had:
                key = self.screen.strokes.keymap.key_of("drafts")
                self.screen.bars.say(_("Draft kept."), Hint(key, _("drafts")))
            then()

        self.run(leave(), "compose")

    def leave_for(self, then: Callable[[], None]) -> None:
        """Another conversation is opened: the draft waits, then on."""

        async def leave() -> None:
            if await self._put_away():
                then()

        self.run(leave(), "compose")

    async def _put_away(self) -> bool:
        """Keep and close. False where it could be kept nowhere: then it stays on the screen."""
        if not self.pane.is_open:
            return True
        if self.pane.touched:
            kept = await self.drafts.keep(self.pane.draft())
            if kept.where == "nowhere":
                self.tell_kept(kept)
                return False
        self.close()
        return True

    def close(self) -> None:
        """No composer any more; back to what is read."""
        alone = self.conversation is None
        self.pane.end()
        self.fit()
        self.screen.thread.writing = False
        self.screen.thread.list.landed = None  # what comes now comes into the room that the text leaves
        self.screen.thread.tell_foot()
        screen = self.screen
        if alone and screen.mode == "narrow":
            screen.close_thread()
        elif screen.reading and screen.thread.shown is not None:
            screen.set_focus(screen.thread.list)
        else:
            screen.set_focus(screen.inbox.list)
        screen.bars.tell_hints()

    # helpers

    def run(self, work: Coroutine[Any, Any, None], group: str) -> Worker[None]:
        """Do it off the keys. While a composer opens, what is typed waits for it."""
        if group == "compose":
            self.opening += 1
            work = self._opening(work)
        return self.screen.run_worker(work, group=group, exit_on_error=False)

    async def _opening(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self.screen.app.call_later(self._opened)  # behind the focus that the work asked for

    def _opened(self) -> None:
        self.opening -= 1

    def fail(self, error: CannotCompose | CannotSend | StoreError) -> None:
        """What did not happen, in one sentence."""
        kind = "send" if isinstance(error, CannotSend) else ""
        self.screen.bars.say(sentences.error(error.code, error.parameters, kind), role="late")
