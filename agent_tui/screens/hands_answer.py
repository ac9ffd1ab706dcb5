"""Answering: begin, keep, check, send. The composer pane holds the words, this decides what becomes of them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from agent_tui import sentences
from agent_tui.desk import editing
from agent_tui.desk.compose import CannotCompose, Composer, Started, without_people
from agent_tui.desk.drafts import Drafts, Kept
from agent_tui.desk.letters import Letter, NoteDraft, sort
from agent_tui.desk.plain import StoreError
from agent_tui.desk.presend import Finding
from agent_tui.desk.sending import CannotSend, HowToSend, Sending
from agent_tui.domain.conversation import Channel
from agent_tui.domain.outbox import Draft, DraftKind, OutboxItem
from agent_tui.domain.times import Micros
from agent_tui.screens.attaching import Attaching
from agent_tui.screens.drafts_list import draft_lines
from agent_tui.screens.presend import PresendCheck, Verdict
from agent_tui.screens.sheet import Finder, Sheet
from agent_tui.screens.times import offer_times
from agent_tui.widgets import ages
from agent_tui.widgets.cells import in_cell
from agent_tui.widgets.composer import ComposerPane
from agent_tui.widgets.hint_line import Hint
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand

ANSWERS = (DraftKind.REPLY, DraftKind.REPLY_ALL)
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
        self.attaching = Attaching(self)
        self._busy = False
        self.opening = 0

    def hands(self) -> dict[str, Hand]:
        """By command."""
        return {
            "reply": lambda count: self.reply(),
            "reply.all": lambda count: self.reply(everybody=True),
            "forward": lambda count: self.forward(),
            "compose": lambda count: self.new(),
            "note": lambda count: self.note(),
            "drafts": lambda count: self.parked(),
        }

    # beginning

    def target(self) -> int | None:
        """The conversation that is read, else the one under the cursor."""
        screen = self.screen
        reading = screen.reading or screen.focused is screen.thread.list
        found = screen.thread.shown if reading else screen.inbox.current
        if found is None:
            screen.bars.say(_("No conversation is under the cursor."))
        return found

    def reply(self, *, everybody: bool = False) -> None:
        """Answer, or go on with the answer that was begun."""
        conversation = self.target()
        if conversation is None:
            return
        kind = DraftKind.REPLY_ALL if everybody else DraftKind.REPLY
        begun = self.drafts.of_conversation(conversation, (kind,))
        if begun is not None:
            self.open(lambda: self.composer.resume(begun), conversation)
            return
        self.open(lambda: self._reply(conversation, everybody), conversation)

    def _reply(self, conversation: int, everybody: bool) -> Started:
        return self.composer.reply(conversation, everybody=everybody, seen_order=self._seen(conversation))

    def _seen(self, conversation: int) -> int | None:
        """What of it is on screen; None where it is not open there."""
        opened = self.screen.thread.open
        return opened.seen_order if opened is not None and opened.id == conversation else None

    def note(self) -> None:
        """Words for the team."""
        conversation = self.target()
        if conversation is None:
            return
        begun = self.drafts.of_conversation(conversation, (DraftKind.NOTE,))
        if begun is not None:
            self.open(lambda: self.composer.resume(begun), conversation)
            return
        self.open(lambda: self.composer.note(conversation, self._seen(conversation)), conversation)

    def new(self) -> None:
        """A message to somebody who has not written."""
        self.open(self.composer.new, None)

    def forward(self) -> None:
        """Hand a message on, with its files."""
        conversation = self.target()
        if conversation is None:
            return
        shown = self.screen.thread.message if self.screen.focused is self.screen.thread.list else None

        async def begin() -> None:
            try:
                started = await self.composer.forward(conversation, shown.id if shown else None)
            except (CannotCompose, StoreError) as error:
                self.fail(error)
            else:
                self.open(lambda: started, conversation)

        self.run(begin(), "compose")

    def parked(self) -> None:
        """Drafts that wait; Enter goes on with one."""
        found = self.drafts.parked()
        lines = draft_lines(found, self.screen.desk)

        def chosen(value: object | None) -> None:
            draft = next((one for one in found if one.id == value), None)
            if draft is not None:
                self.resume(draft)

        self.screen.app.push_screen(Sheet(_("Drafts · Enter goes on"), lines), chosen)

    def resume(self, draft: Draft) -> None:
        """Go on with a draft, beside its conversation."""
        self.open(lambda: self.composer.resume(draft), draft.conversation_id)

    def resume_by_id(self, draft_id: str) -> None:
        """A message that was taken back is a draft again."""
        draft = self.drafts.find(draft_id)
        if draft is not None:
            self.resume(draft)

    def open(self, begin: Callable[[], Started], conversation: int | None) -> None:
        """Show the composer under its conversation; what was being written is parked first."""

        async def show() -> None:
            if not await self._put_away():
                return
            try:
                started = begin()
            except (CannotCompose, StoreError) as error:
                self.fail(error)
                return
            self._show(started, conversation)

        self.run(show(), "compose")

    def _show(self, started: Started, conversation: int | None) -> None:
        screen = self.screen
        if conversation is not None and screen.thread.shown != conversation:
            screen.open(conversation)
        screen.reading = True
        screen.panel_wanted = screen.panel_wanted and screen.mode != "narrow"
        screen.lay_out()
        account = screen.desk.account(started.draft.account)
        senders = tuple(address for _account, address in self.composer.senders(started.draft) if address)
        self.pane.begin(started, account.channel if account else Channel.EMAIL, senders)
        self.fit()
        if started.reply_to_differs:
            self.pane.say(_("answers go elsewhere than they came from"), "due")
        screen.bars.tell_hints()

    def fit(self) -> None:
        """The composer alone where there is no room for both, or nothing to stand under."""
        if not self.pane.is_attached:
            return
        draft = self.pane.started.draft if self.pane.started else None
        alone = draft is not None and (self.screen.size.height < LOW or draft.conversation_id is None)
        self.pane.set_class(alone, "-tall")
        self.screen.thread.display = not alone

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
            "send": lambda: self.send(HowToSend()),
            "send_and_solve": lambda: self.send(HowToSend(solve=True)),
            "send_later": self.later,
            "attach": self.attaching.choose,
            "editor": self.edit_outside,
            "park": self.park,
        }.get(what, lambda: None)()

    def journal(self) -> None:
        """Keep what was typed."""
        if not self.pane.is_open:
            return
        draft = self.pane.draft()

        async def keep() -> None:
            self.tell_kept(await self.drafts.keep(draft))

        self.run(keep(), "journal")

    def tell_kept(self, kept: Kept) -> None:
        """Saved; or not, and why."""
        pane = self.pane
        if pane.started is None or pane.started.draft.id != kept.draft.id or (kept.where == "store" and pane.pending):
            return
        if kept.where == "store":
            pane.say(_("saved"))
            return
        why = {"disk_full": _("disk full"), "locked": _("store busy"), "read_only": _("store is read-only")}.get(
            kept.fault, kept.fault.replace("_", " ")
        )
        text = _("kept aside: {why}") if kept.where == "runtime" else _("not saved: {why}")
        pane.say(text.format(why=why), "late")

    def keep_now(self) -> None:
        """The desk ends: what is written is kept before it does."""
        if self.pane.is_open and self.pane.touched:
            self.drafts.keep_now(self.pane.draft(), wait=2.0)

    def park(self) -> None:
        """Turn to something else; the draft waits."""

        async def leave() -> None:
            had = self.pane.touched
            if await self._put_away() and had:
                key = self.screen.strokes.keymap.key_of("drafts")
                self.screen.bars.say(_("Draft kept."), Hint(key, _("drafts")))

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
        screen = self.screen
        if alone and screen.mode == "narrow":
            screen.close_thread()
        elif screen.reading and screen.thread.shown is not None:
            screen.thread.list.focus()
        else:
            screen.inbox.list.focus()
        screen.bars.tell_hints()

    # out

    def send(self, how: HowToSend) -> None:
        """Look at it, then queue it. A second press while that happens does nothing."""
        if self._busy or not self.pane.is_open:
            return
        self._busy = True

        async def out() -> None:
            try:
                what = sort(self.pane.draft())
                if isinstance(what, NoteDraft):
                    await self._keep_note(what)
                else:
                    await self._send(what, how)
            except (CannotSend, StoreError) as error:
                self.pane.say(_("not sent"), "late")
                self.fail(error)
            finally:
                self._busy = False

        self.run(out(), "send")

    async def _keep_note(self, note: NoteDraft) -> None:
        await self.sending.add_note(note)
        self.close()
        self.screen.absorb()
        self.screen.bars.say(_("Note kept; only your team sees it."), self.undo_hint())

    async def _send(self, letter: Letter, how: HowToSend) -> None:
        unread = self.pane.unread()
        if unread:
            self.pane.fields.focus_field("to")
            text = _("“{text}” is no address; it was not sent.").format(text=in_cell(unread[0].text))
            self.screen.bars.say(text, role="late")
            return
        accepted: set[Finding] = set()
        while new := [f for f in self._findings(letter) if f not in accepted]:
            verdict = await self._ask(tuple(new))
            if not verdict.send:
                self._mend(verdict)
                return
            accepted.update(new)
        item = await self.sending.send(letter, how)
        self.close()
        self.screen.absorb()
        self._say_sent(item, how)

    def _findings(self, letter: Letter) -> tuple[Finding, ...]:
        """What speaks against it. What makes it impossible is always told."""
        found = self.sending.check(letter)
        if self.screen.desk.settings.check:
            return found
        return tuple(one for one in found if one.severity == "stop")

    async def _ask(self, findings: tuple[Finding, ...]) -> Verdict:
        answer = await self.screen.app.push_screen_wait(PresendCheck(findings, self.screen.desk.now()))
        return answer or Verdict()

    def _mend(self, verdict: Verdict) -> None:
        """What the agent chose instead of sending."""
        if verdict.fix == "read":
            self.screen.thread.absorb()
            self.screen.thread.list.focus()
            self._see()
            return
        if verdict.fix == "drop":
            self.pane.take(without_people(self.pane.draft(), verdict.people))
        elif verdict.fix == "recipients":
            self.pane.fields.focus_field("to")
            return
        elif verdict.fix == "attach":
            self.attaching.choose()
            return
        self.pane.text.focus()

    def _see(self) -> None:
        """What came meanwhile is on the screen now: the draft has seen it."""
        started = self.pane.started
        seen = self._seen(started.draft.conversation_id) if started and started.draft.conversation_id else None
        if started is not None and seen is not None:
            self.pane.has_seen(seen)

    def _say_sent(self, item: OutboxItem, how: HowToSend) -> None:
        people = [*item.to, *item.cc, *item.bcc]
        who = in_cell(people[0].shown) if people else ""
        more = _(" and {n} more").format(n=len(people) - 1) if len(people) > 1 else ""
        if how.at is not None:
            text = _("Goes to {who} {time}, unless they write first.").format(
                who=who + more, time=ages.moment(item.not_before, self.screen.desk.now())
            )
        elif item.not_before > self.screen.desk.now():
            seconds = max(1, round((item.not_before - self.screen.desk.now()) / 1_000_000))
            text = _("Goes to {who} in {n} s.").format(who=who + more, n=seconds)
        else:
            text = _("On its way to {who}.").format(who=who + more)
        self.screen.bars.say(text, self.undo_hint())

    def later(self) -> None:
        """Send at a time."""
        desk = self.screen.desk
        if self.pane.started is None or self.pane.started.draft.kind is DraftKind.NOTE:
            return

        def chosen(value: object | None) -> None:
            self.pane.text.focus()
            if isinstance(value, int):
                self.send(HowToSend(at=Micros(value)))

        self.screen.app.push_screen(Finder(_("Send at"), offer_times(desk)), chosen)

    # the agent's own editor

    def edit_outside(self) -> None:
        """Write on in $EDITOR; the desk waits."""
        settings = self.screen.desk.settings
        try:
            argv = editing.command(settings.editor, editing.environment_for_editor())
            call = editing.prepare(settings.editing, self.pane.text.text, argv)
        except (editing.NoEditor, OSError) as error:
            self.screen.bars.say(_("No editor could be opened: {why}.").format(why=in_cell(str(error))), role="late")
            return
        try:
            with self.screen.app.suspend():
                done = subprocess.run(call.argv, check=False, env=editing.environment_for_editor())
        except (SuspendNotSupported, OSError) as error:
            editing.take_back(call)
            self.screen.bars.say(_("No editor could be opened: {why}.").format(why=in_cell(str(error))), role="late")
            return
        text = editing.take_back(call)
        if text is None or done.returncode != 0:
            self.screen.bars.say(_("The editor left no text; yours is as it was."), role="late")
        elif text.rstrip("\n") != self.pane.text.text.rstrip("\n"):
            self.pane.replace_text(text)
        self.screen.app.refresh(layout=True)

    # helpers

    def run(self, work: Coroutine[Any, Any, None], group: str) -> None:
        """Do it off the keys. While a composer opens, what is typed waits for it."""
        if group == "compose":
            self.opening += 1
            work = self._opening(work)
        self.screen.run_worker(work, group=group, exit_on_error=False)

    async def _opening(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self.screen.app.call_later(self._opened)  # behind the focus that the work asked for

    def _opened(self) -> None:
        self.opening -= 1

    def fail(self, error: CannotCompose | CannotSend | StoreError) -> None:
        """What did not happen, in one sentence."""
        self.screen.bars.say(sentences.error(error.code, error.parameters), role="late")

    def undo_hint(self) -> Hint:
        """How to take it back."""
        return Hint(self.screen.strokes.keymap.key_of("undo"), _("undo"))


__all__ = ["ANSWERS", "Answering"]
