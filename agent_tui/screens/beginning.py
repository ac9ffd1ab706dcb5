"""How writing begins: an answer, a note, a new message, a forward, or a draft that waited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from agent_tui.desk.again import refused
from agent_tui.desk.compose import CannotCompose, Started
from agent_tui.desk.plain import StoreError
from agent_tui.desk.progress import Progress
from agent_tui.domain.message import Automatic, Direction
from agent_tui.domain.outbox import Draft, DraftKind, OutboxItem
from agent_tui.named_keys import named
from agent_tui.screens.drafts_list import DraftsSheet, draft_lines
from agent_tui.screens.long_work import MOMENT
from agent_tui.screens.sheet import Picker
from agent_tui.widgets.cells import in_cell
from agent_tui.words import _, ngettext

if TYPE_CHECKING:
    from agent_tui.screens.desk import Hand
    from agent_tui.screens.hands_answer import Answering


class Beginning:
    """Begins drafts, or goes on with them."""

    def __init__(self, answering: Answering) -> None:
        self._of = answering
        self.screen = answering.screen
        self.drafts = answering.drafts
        self.composer = answering.composer

    def hands(self) -> dict[str, Hand]:
        """By command."""
        return {
            "reply": lambda count: self.reply(),
            "reply.all": lambda count: self.reply(everybody=True),
            "forward": lambda count: self.forward(),
            "write.again": lambda count: self.again(),
            "compose": lambda count: self._of.open(self.composer.new, None),
            "note": lambda count: self.note(),
            "draft.discard": lambda count: self.discard(),
            "drafts": lambda count: self.parked(),
        }

    def target(self) -> int | None:
        """The conversation that is read, else the one under the cursor."""
        screen = self.screen
        in_list = screen.focused is screen.inbox.list
        found = screen.inbox.current if in_list else screen.thread.shown
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
            self.resume(begun)
            return
        seen = self._of.seen(conversation)
        here = self.screen.thread.message if self.screen.focused is self.screen.thread.list else None
        on_report = here is not None and here.automatic is Automatic.REPORT

        def begin() -> Started:
            started = self.composer.reply(conversation, everybody=everybody, under_cursor=here, seen_order=seen)
            if on_report:
                self._tell_whom(started)
            self._tell_other(conversation, everybody=everybody)
            return started

        self._of.open(begin, conversation)

    def _tell_whom(self, started: Started) -> None:
        """The cursor stands on a delivery report: whoever presses the key there may think that it is answered."""
        address = ", ".join(in_cell(person.address) for person in started.draft.to)
        text = _("Nobody reads an answer to a delivery report: this one goes to {address}.")
        self.screen.bars.say(text.format(address=address), role="due")

    def _tell_other(self, conversation: int, *, everybody: bool) -> None:
        """Another answer was begun here. It is not what was asked for, and goes to others, so it is only named."""
        other = DraftKind.REPLY if everybody else DraftKind.REPLY_ALL
        if self.drafts.of_conversation(conversation, (other,)) is None:
            return
        if everybody:
            text = _("A draft to the sender alone waits here: {park}, then {key}, goes on with it.")
        else:
            text = _("A draft to everybody waits here: {park}, then {key}, goes on with it.")
        key = named("reply" if everybody else "reply.all")
        self.screen.bars.say(text.format(park=named("writing.park"), key=key), role="due")

    def note(self) -> None:
        """Words for the team."""
        conversation = self.target()
        if conversation is None:
            return
        begun = self.drafts.of_conversation(conversation, (DraftKind.NOTE,))
        if begun is not None:
            self.resume(begun)
            return
        seen = self._of.seen(conversation)
        self._of.open(lambda: self.composer.note(conversation, seen), conversation)

    def forward(self) -> None:
        """Hand a message on, with its files; or go on with the forward of it that was begun."""
        conversation = self.target()
        if conversation is None:
            return
        shown = self.screen.thread.message if self.screen.focused is self.screen.thread.list else None
        begun = self._forward_of(conversation, shown.id if shown else None)
        if begun is not None:
            self.resume(begun)
            return
        self._begin_slowly(
            conversation,
            lambda progress: self.composer.forward(conversation, shown.id if shown else None, progress),
            _("Stopped; nothing is forwarded."),
            _("The message to forward is ready."),
        )

    def again(self) -> None:
        """Write what came back, or could not leave, once more: to another address."""
        conversation = self.target()
        if conversation is None:
            return
        here = self.screen.thread.message if self.screen.focused is self.screen.thread.list else None
        ours = here is not None and here.direction is Direction.OUT
        message = here if ours else self.composer.failed(conversation)  # a report is about one of ours
        if message is None:
            self._of.fail(CannotCompose("not_back"))
        else:
            self._again(conversation, message.id)

    def again_of(self, item: OutboxItem) -> None:
        """The same, from the outbox."""
        if item.conversation_id is not None and item.message_id is not None:
            self._again(self.screen.desk.reads.standing(item.conversation_id), item.message_id)

    def _again(self, conversation: int, message: int) -> None:
        """What never left is the draft that it was; of what left, a new one."""
        never_left = refused(self._of.sending.outbox(), message)
        begun = (one for one in self.drafts.parked() if one.kind is DraftKind.AGAIN and one.answers == message)
        if never_left is not None:
            self._of.run(self._edit(never_left), "compose")
        elif (draft := next(begun, None)) is not None:
            self.resume(draft)
        else:
            seen = self._of.seen(conversation)
            self._begin_slowly(
                conversation,
                lambda progress: self.composer.again(conversation, message, progress, seen),
                _("Stopped; nothing is written again."),
                _("The message to write again is ready."),
            )

    async def _edit(self, item_id: int) -> None:
        try:
            draft = await self._of.sending.edit(item_id)
        except StoreError as error:
            self._of.fail(error)
            return
        if draft is not None:
            self.resume(draft)

    def _begin_slowly(
        self, conversation: int, begins: Callable[[Progress], Coroutine[Any, Any, Started]], stopped: str, ready: str
    ) -> None:
        """With files that are read first: the screen goes on meanwhile."""
        began = asyncio.Event()

        async def hold() -> None:
            """What is typed waits for the composer, but not longer than a moment."""
            with suppress(TimeoutError):
                await asyncio.wait_for(began.wait(), MOMENT)

        async def begin() -> None:
            progress = Progress()
            try:
                started = await self.screen.long_work.run(progress, begins(progress))
                if started is None:
                    self.screen.bars.say(stopped)
                elif holding.is_finished and await self._put_aside(started, conversation):
                    said = left_out(started) or ready
                    self.screen.bars.say(said, self.screen.bars.hint("drafts"))
                else:
                    self._of.open(lambda: started, conversation)
            except (CannotCompose, StoreError) as error:
                self._of.fail(error)
            finally:
                began.set()

        holding = self._of.run(hold(), "compose")
        self._of.run(begin(), "slowly")

    def _forward_of(self, conversation: int, chosen: int | None) -> Draft | None:
        """The newest draft that waits and forwards this very message."""
        parked = [one for one in self.drafts.parked() if one.kind is DraftKind.FORWARD]
        of_here = [one for one in parked if one.conversation_id == conversation]
        if not of_here:
            return None
        try:
            message = self.composer.handed_on(conversation, chosen)
        except CannotCompose:
            return None
        return next((one for one in of_here if one.answers == message), None)

    async def _put_aside(self, started: Started, conversation: int) -> bool:
        """It took so long that the agent does something else by now: no text opens under his fingers."""
        screen = self.screen
        here = screen.thread.shown == conversation and screen.writing is None and screen.app.screen is screen
        return not here and (await self.drafts.keep(started.draft)).where != "nowhere"

    def parked(self) -> None:
        """Drafts that wait; Enter goes on with one."""

        def chosen(value: object | None) -> None:
            if isinstance(value, str):
                self.resume_by_id(value)

        def show() -> None:
            self.screen.app.push_screen(DraftsSheet(self.drafts, _("Drafts"), self.screen.desk), chosen)

        # one that is being written is put aside first: in the list it can be thrown away
        self._of.leave_for(show) if self._of.pane.is_open else show()

    def discard(self) -> None:
        """Throw away what is being written, or the draft that waits in the conversation; undo brings it back."""
        if self._of.pane.is_open:
            self._throw_away(self._of.pane.draft())
            return
        conversation = self.target()
        if conversation is None:
            return
        waiting = [draft for draft in self.drafts.parked() if draft.conversation_id == conversation]
        if not waiting:
            self.screen.bars.say(_("Nothing is being written, and no draft waits here."))
        elif len(waiting) == 1:
            self._throw_away_waiting(waiting[0])
        else:
            lines = draft_lines(waiting, self.screen.desk)
            which = Picker(_("Discard which draft?"), lines, enter=_("discard"))
            self.screen.app.push_screen(which, lambda value: self._chosen_to_go(value, waiting))

    def _chosen_to_go(self, value: object | None, waiting: list[Draft]) -> None:
        for draft in waiting:
            if draft.id == value:
                self._throw_away_waiting(draft)

    def _throw_away_waiting(self, draft: Draft) -> None:
        self.drafts.opened(draft)
        self._throw_away(draft)

    def _throw_away(self, draft: Draft) -> None:
        bars = self.screen.bars

        async def away() -> None:
            try:
                await self.drafts.discard(draft)
            except StoreError as error:
                self._of.fail(error)
                return
            if self._of.pane.is_open:
                self._of.close()
            self.screen.absorb()
            bars.say(_("Discarded what you wrote."), bars.hint("undo"))

        self._of.run(away(), "compose")

    def resume(self, draft: Draft) -> None:
        """Go on with a draft, beside its conversation: as it stands once what was being written is put away."""
        self._of.open(lambda: self.composer.resume(self.drafts.find(draft.id) or draft), draft.conversation_id)

    def resume_by_id(self, draft_id: str) -> None:
        """A message that was taken back is a draft again."""
        draft = self.drafts.find(draft_id)
        if draft is not None:
            self.resume(draft)


def spared(started: Started) -> str:
    """Others have what is written again: nobody may believe that it goes to them, too."""
    if not started.spared:
        return ""
    said = ngettext(
        "Only who did not get it stands here; {n} other does not get it twice.",
        "Only who did not get it stands here; {n} others do not get it twice.",
        started.spared,
    )
    return said.format(n=started.spared)


def left_out(started: Started) -> str:
    """Files of a forwarded message that do not go along, in a sentence; nobody may believe that they do."""
    if started.files_beyond:
        n = len(started.draft.files) + started.files_missing
        said = _("Only the first {n} of {all} files go along; the others have to be saved and sent by themselves.")
        return said.format(n=n, all=n + started.files_beyond)
    if started.files_missing:
        said = ngettext(
            "{n} file is not kept here and does not go along.",
            "{n} files are not kept here and do not go along.",
            started.files_missing,
        )
        return said.format(n=started.files_missing)
    return ""
