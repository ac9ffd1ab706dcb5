"""The way out: looked at, asked about where something speaks against it, queued, and said so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from agent_tui import ages
from agent_tui.desk.actions import Actions, solve
from agent_tui.desk.compose import without_people
from agent_tui.desk.letters import Letter, NoteDraft, sort
from agent_tui.desk.plain import StoreError
from agent_tui.desk.presend import Finding, Severity
from agent_tui.desk.recipients import address_key, is_own
from agent_tui.desk.sending import CannotSend, HowToSend
from agent_tui.domain.message import Direction, Message, Note
from agent_tui.domain.outbox import Draft, DraftKind, OutboxItem
from agent_tui.domain.times import SECOND, Micros
from agent_tui.screens.presend import PresendCheck, Verdict
from agent_tui.screens.sheet import Finder, People
from agent_tui.screens.times import offer_times
from agent_tui.widgets.cells import in_cell
from agent_tui.widgets.composer_keys import WRITING
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.widgets.thread_rows import ThreadRows
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.hands_answer import Answering


class GoingOut:
    """Sends what is on the screen."""

    def __init__(self, answering: Answering) -> None:
        self._of = answering
        self.screen = answering.screen
        self.sending = answering.sending
        self.pane = answering.pane
        self._busy = False

    @property
    def busy(self) -> bool:
        """It is being queued: the text is frozen, and its composer about to go."""
        return self._busy

    def repeats(self, key: str) -> bool:
        """Send was pressed again while it is being sent: there is nothing more to do."""
        return self._busy and (
            key == "ctrl+enter" or any(key == one.key and one.asks.startswith("send") for one in WRITING)
        )

    def send(self, how: HowToSend, accepted: frozenset[Finding] = frozenset()) -> None:
        """Look at it, then queue it. A second press while that happens does nothing."""
        if self._busy or not self.pane.is_open:
            return
        self._busy = True

        async def out() -> None:
            try:
                what = sort(self.pane.draft())
                if isinstance(what, NoteDraft):
                    await self._keep_note(what, how)
                else:
                    await self._send(what, how, accepted)
            except (CannotSend, StoreError) as error:
                if not self._of.follow_draft():
                    self.pane.say(_("not sent"), "late")
                self._of.fail(error)
            finally:
                self._busy = False

        self._of.run(out(), "send")

    async def _keep_note(self, note: NoteDraft, how: HowToSend) -> None:
        await self.sending.add_note(note)
        said = _("Note kept; only your team sees it.")
        if how.solve and note.draft.conversation_id is not None:
            await Actions(self.screen.desk).apply(solve([note.draft.conversation_id]))
            said = _("Note kept; only your team sees it. Solved.")
        self._show(note.draft)
        self.screen.bars.say(said, self._undo_hint())

    async def _send(self, letter: Letter, how: HowToSend, accepted: frozenset[Finding]) -> None:
        unread = self.pane.unread()
        if unread:
            self.pane.fields.focus_field(self.pane.unread_field())
            text = _("“{text}” is no address; it was not sent.").format(text=in_cell(unread[0].text))
            self.screen.bars.say(text, role="late")
            return
        if len(self.pane.senders) > 1 and self.pane.sender() is None:
            self.pane.fields.focus_field("sender")
            ours = ", ".join(in_cell(address) for _account, address in self.pane.senders)
            text = _("Not sent: its sender is no address of yours any more. Space chooses from {addresses}.")
            self.screen.bars.say(text.format(addresses=ours), role="late")
            return
        if await self._speaks_against(letter, how, accepted):
            return
        item = await self.sending.send(letter, how)
        self._show(letter.draft)
        self._say_sent(item, how)

    def _show(self, draft: Draft) -> None:
        """It stands in its conversation now."""
        self._of.close()
        self.screen.absorb()
        thread = self.screen.thread
        if draft.conversation_id is not None and thread.shown == draft.conversation_id:
            thread.list.last_in_sight()

    async def _speaks_against(self, letter: Letter, how: HowToSend, accepted: frozenset[Finding]) -> bool:
        """Ask about what was not accepted yet; false where there is nothing."""
        new = tuple(finding for finding in await self._findings(letter) if finding not in accepted)
        if new:
            self._ask(new, how, accepted)
        return bool(new)

    async def _findings(self, letter: Letter) -> tuple[Finding, ...]:
        """What speaks against it. What makes it impossible is always told."""
        found = await asyncio.to_thread(self.sending.check, letter)
        if not self.screen.desk.settings.check:
            found = tuple(one for one in found if one.severity is Severity.STOP)
        hidden = tuple(in_cell(address) for address in self.pane.not_shown())
        # Nothing goes to whom the screen did not name: this is shown, not checked, and so no setting turns it off.
        return (*found, Finding("not_on_screen", Severity.NOTICE, (), "people", hidden)) if hidden else found

    def _ask(self, findings: tuple[Finding, ...], how: HowToSend, accepted: frozenset[Finding]) -> None:
        """Show what speaks against it. Sent all the same, it is looked at again: something may have come meanwhile."""

        def decided(verdict: Verdict | None) -> None:
            if verdict is not None and verdict.send:
                self.send(how, accepted | set(findings))
                return
            self._mend(verdict or Verdict())
            if verdict is not None and verdict.fix == "drop":  # what else speaks against it is told still
                self._of.run(self._look_again(how, accepted), "send")

        self.screen.app.push_screen(PresendCheck(findings, self.screen.desk.now()), decided)

    async def _look_again(self, how: HowToSend, accepted: frozenset[Finding]) -> None:
        await self._speaks_against(Letter(self.pane.draft()), how, accepted)

    def _mend(self, verdict: Verdict) -> None:
        """What the agent chose instead of sending."""
        if verdict.fix == "read":
            self.read_newest()
            return
        if verdict.fix == "drop":
            self.pane.take(without_people(self.pane.draft(), verdict.people))
        elif verdict.fix == "people":
            self.show_people()
            return
        elif verdict.fix == "recipients":
            self.pane.fields.focus_field("to")
            return
        elif verdict.fix == "attach":
            self._of.attaching.choose()
            return
        elif not verdict.fix:
            return  # back to where the caret was
        self.pane.text.focus()

    def show_people(self) -> None:
        """Everybody it goes to, one to a line; from there on to the fields."""
        now = self.sending.situation(Letter(self.pane.draft()))
        draft = now.draft
        groups = ((_("to"), draft.to), (_("cc"), draft.cc), (_("bcc"), draft.bcc))
        lines, fresh, named = [], 0, 0
        only_named = now.only_named
        for label, people in groups:
            for person in people:
                key = address_key(person.address)
                # To mark all whom the customer wrote to as well would hide the one somebody here added.
                new = key not in now.known and key not in only_named and not is_own(key, now.own)
                fresh += new
                named += key in only_named
                mark = _("new here") if new else ""
                text = f"{label} {in_cell(person.address or person.name)}"
                lines.append(SheetLine(text, right=mark, value=person.address, flows=True))
        told = [_("It goes to {n}").format(n=len(lines))]
        if named:
            told.append(_("{n} known from this message alone").format(n=named))
        if fresh:
            told.append(_("{n} new here").format(n=fresh))
        title = ", ".join(told)

        def closed(chosen: object | None) -> None:
            if chosen is not None:
                self.pane.fields.focus_field("to")

        self.screen.app.push_screen(People(title, lines), closed)

    def tell_news(self) -> None:
        """Somebody wrote in the conversation that is being answered: said at once, not when it is sent."""
        started, opened = self.pane.started, self.screen.thread.open
        if started is None or opened is None:
            return
        seen = max(started.draft.seen_order, self._of.sight.there)
        new = [one for one in opened.items if isinstance(one, Message) and one.order > seen]
        theirs = [one for one in new if one.direction is Direction.IN]
        if theirs:
            name = in_cell(theirs[-1].author.shown).strip() or _("Somebody")
            self.pane.news.say(_("{name} wrote just now").format(name=name))

    def read_newest(self) -> None:
        """Bring what was not seen onto the screen."""
        thread = self.screen.thread
        self.pane.news.say("")
        thread.absorb()
        thread.list.focus()
        started, rows = self.pane.started, thread.list.rows
        if started is not None and thread.open is not None and isinstance(rows, ThreadRows):
            spoken = [one for one in thread.open.items if isinstance(one, Message | Note)]
            first = next(iter(thread.unseen.missed(spoken, started.draft.seen_order)), spoken[-1] if spoken else None)
            thread.list.head_at_top(rows.place_of(first))
        self._of.sight.look_again()

    def _say_sent(self, item: OutboxItem, how: HowToSend) -> None:
        people = [*item.to, *item.cc, *item.bcc]
        # Addresses alone: a name is what its bearer likes it to be.
        who = in_cell(people[0].address or people[0].name) if people else ""
        more = _(" and {n} more").format(n=len(people) - 1) if len(people) > 1 else ""
        if how.at is not None:
            text = _("Goes to {who}, {time}, unless they write first.").format(
                who=who + more, time=ages.moment(item.not_before, self.screen.desk.now())
            )
        elif item.not_before > self.screen.desk.now():
            seconds = max(1, round((item.not_before - self.screen.desk.now()) / SECOND))
            self.screen.bars.hold(item, _("Goes to {who} in {n} s.").format(who=who + more, n=seconds))
            return
        else:
            text = _("On its way to {who}.").format(who=who + more)
        self.screen.bars.say(text, self._undo_hint())

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

    def _undo_hint(self) -> Hint:
        """How to take it back."""
        return Hint(self.screen.strokes.keymap.key_of("undo"), _("undo"))
