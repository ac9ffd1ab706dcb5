"""The outbox: what is on its way, what could not leave, and what only the agent can decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from agent_tui import ages, sentences, sentences_delivery
from agent_tui.desk.actions import Actions
from agent_tui.desk.sending import Sending
from agent_tui.domain.account import Fault, Health
from agent_tui.domain.action import ActionStep
from agent_tui.domain.message import Delivery, Message
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.times import Micros
from agent_tui.named_keys import way
from agent_tui.screens.live_sheet import LiveSheet
from agent_tui.screens.sheet import Question
from agent_tui.widgets import labels
from agent_tui.widgets.cells import fit, in_cell, width
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _, ngettext

WHOM = 30
AGAIN = "e"
"""The key that writes it again: the one that edits what never left."""
SENT = "y"
"""The key that says of one that nobody knows about that it was sent."""
PATIENCE = 10.0
"""Seconds after which a look that was asked for counts as not taken up."""
LATELY = 8
"""Messages that left, shown below those that have not."""


def state_word(item: OutboxItem, present: Micros, message: Message | None = None) -> tuple[str, str]:
    """The state in a word, and its role. What a report said of a message that left says more than that it left."""
    if message is not None and message.delivery in (Delivery.BOUNCED, Delivery.DELAYED, Delivery.DELIVERED):
        return labels.delivery(message.delivery, message.delivery_detail)
    return labels.leaving(item, present)


class OutboxSheet(LiveSheet):
    """Messages on their way. Gives back ("draft", id), ("again", item) or ("open", conversation) where the agent goes
    on elsewhere."""

    def __init__(self, sending: Sending, title: str) -> None:
        self.sending = sending
        self.asked: dict[int, tuple[str, float]] = {}
        """Looks that were asked for, by item: when the last answer was from, and when it was asked."""
        self.sure: tuple[int, str] | None = None
        """The item, and the key whose second press is meant for it."""
        self.dropped: dict[int, ActionStep] = {}
        """What was discarded here, with the step that did it."""
        self.sure_since = 0.0
        super().__init__(title, sending.desk)

    def read(self) -> list[SheetLine]:
        """One line a message, and below it what is to be known."""
        present = self.desk.now()
        items = self.items()
        messages = [self.message_of(item) for item in items]
        words = [
            (_("discarded"), "faint") if item.id in self.dropped else state_word(item, present, message)
            for item, message in zip(items, messages, strict=True)
        ]
        column = max((width(word) for word, _role in words), default=0) + 2
        lines: list[SheetLine] = []
        for item, message, (word, role) in zip(items, messages, words, strict=True):
            people = [*item.to, *item.cc, *item.bcc]
            who = in_cell(people[0].address or people[0].name) if people else ""
            who += f" +{len(people) - 1}" if len(people) > 1 else ""
            subject = in_cell(item.subject) or in_cell(" ".join(item.text.split())[:80])
            at = item.leaves_at(present) if item.state is OutboxState.HELD else item.created_at
            when = ages.moment(at, present)
            lines.append(
                SheetLine(f"{fit(word, column)}{fit(who, WHOM)} {subject}", right=when, role=role, value=item.id)
            )
            lines += [SheetLine(said, role="quiet", flows=True, indent=column) for said in self.about(item, message)]
        return lines or [SheetLine(_("Nothing is on its way."), role="quiet")]

    def items(self) -> list[OutboxItem]:
        """What is open, then what left lately."""
        waiting = self.sending.outbox()
        waiting += [item for i in self.dropped if (item := self.desk.reads.outbox_item(i)) is not None]
        waiting.sort(key=lambda item: item.id, reverse=True)
        known = {item.id for item in waiting}
        gone = [item for item in self.desk.reads.outbox(open_only=False, limit=LATELY * 4) if item.id not in known]
        return [*waiting, *[item for item in gone if item.state is OutboxState.SENT][:LATELY]]

    def message_of(self, item: OutboxItem) -> Message | None:
        """The message that stands for one that left."""
        gone = item.state is OutboxState.SENT and item.message_id is not None
        return self.desk.reads.message(item.message_id) if gone and item.message_id is not None else None

    def _came_back(self, item: OutboxItem) -> bool:
        message = self.message_of(item)
        return message is not None and item.conversation_id is not None and message.is_left_over

    def about(self, item: OutboxItem, message: Message | None) -> list[str]:
        """What is to be known besides."""
        if item.state is OutboxState.UNKNOWN:
            return self.doubts(item)
        said = [sentences.fault(item.fault, "send")] if item.fault else []
        if item.is_overdue(self.desk.now()):
            said.append(self.line_of(item))
        if message is not None and message.delivery in (Delivery.BOUNCED, Delivery.DELAYED):
            way_on = sentences_delivery.way_on(message, self.desk.now(), AGAIN)
            said = [sentences_delivery.delivery(message.delivery, message.delivery_detail, way_on)]
        if item.is_stuck and item.not_before > self.desk.now():
            said.append(_("Next try {time}.").format(time=ages.next_try(item.not_before, self.desk.now())))
        if item.state is OutboxState.SENT and item.detail.get("answer") == "found":
            left = ages.moment(item.marked_at or item.created_at, self.desk.now())
            said.append(_("Found in Sent: it left at {time}.").format(time=left))
        if (who := item.detail.get("said_by")) and (message is None or message.delivery is Delivery.SENT):
            by = _("You") if who == self.desk.agent else in_cell(who)
            said.append(_("{by} said that it was sent; there is no proof of it.").format(by=by))
        if item.sent_copy == "missing":
            said.append(_("It was sent; only its copy in the Sent folder is missing."))
        return said

    def line_of(self, item: OutboxItem) -> str:
        """What one waits for that nothing holds any more."""
        found = next((one for one in self.desk.reads.health() if one.account == item.account), None)
        if found is None or found.health not in (Health.WAITING, Health.REFUSED, Health.LOCKED):
            return _("It waits for the worker, which sends it as soon as it can.")
        said = sentences.fault(found.fault or Fault("unreachable"), "send", way=way("go.accounts"))
        if found.health is not Health.WAITING:
            return " ".join((said, _("It leaves when that is mended.")))
        if found.next_try_at is None or found.next_try_at <= self.desk.now():
            return " ".join((said, _("It waits for the line, which is tried now.")))
        when = ages.next_try(found.next_try_at, self.desk.now())
        return " ".join((said, _("It waits for the line; next try {time}.").format(time=when)))

    def doubts(self, item: OutboxItem) -> list[str]:
        """Why nobody knows, how often it was tried, what the last look came to: what the agent decides by."""
        present = self.desk.now()
        if item.fault is None or item.fault.code == "no_answer":
            why = _("The server gave no answer, so it may have arrived: nothing is sent again unless you say so.")
        else:
            why = " ".join(
                (
                    sentences.fault(item.fault, "send"),
                    _("It may have arrived: nothing is sent again unless you say so."),
                )
            )
        if item.partly and item.envelope_to:
            left = in_cell(item.envelope_to[0]) + (f" +{more}" if (more := len(item.envelope_to) - 1) else "")
            why = " ".join((_("The others have it; whether {address} got it nobody knows.").format(address=left), why))
        last = ages.moment(item.marked_at or item.created_at, present)
        tried = ngettext("Tried once, at {time}.", "Tried {n} times, last at {time}.", item.doubtful)
        said = [why, tried.format(n=item.doubtful, time=last)]
        if looked := self.looked(item):
            said.append(looked)
        if self.sure == (item.id, "a"):
            again = _("It may arrive {n} times; a sends it again, any other key leaves it.")
            said.append(again.format(n=item.doubtful + 1))
        if self.sure == (item.id, SENT):
            said.append(
                _("It would count as sent on your word, and that cannot be undone; y says so, any other key leaves it.")
            )
        return said

    def looked(self, item: OutboxItem) -> str:
        """What the last look for proof came to, or that one is under way."""
        at, answer = item.detail.get("looked", ""), item.detail.get("answer", "")
        before, since = self.asked.get(item.id, ("", 0.0))
        if item.id in self.asked and before == at:
            waited = time.monotonic() - since
            return _("It is being looked for.") if waited < PATIENCE else _("It was not looked for: no worker answers.")
        if not at:
            return ""
        found = next((one for one in self.desk.reads.accounts() if one.id == item.account), None)
        label = in_cell(found.label or found.id) if found is not None else item.account
        told = {
            "not_there": _("Looked for it in Sent of {account} at {time}: not there."),
            "others_have_it": _("Its copy in {account} proves nothing here: the others have it."),
            "no_folder": _("It could not be looked for at {time}: {account} shows no Sent folder."),
            "not_sent": _("{account} had not got it at {time}, so it was sent again."),
            "unreachable": _("It could not be looked for at {time}: no connection to {account}."),
        }.get(answer, _("It could not be looked for at {time}: {account} did not answer as it should."))
        return told.format(account=label, time=ages.moment(Micros(int(at)), self.desk.now()))

    async def look_for(self, item: OutboxItem) -> None:
        """Ask the worker to look, and say so at once."""
        self.asked[item.id] = (item.detail.get("looked", ""), time.monotonic())
        self.show()
        await self.sending.look_for(item)

    def look_again(self) -> None:
        """A look that nobody takes up is told as well, though nothing was committed."""
        super().look_again()
        waiting = any(item.state is OutboxState.HELD for item in self.sending.outbox())
        if self.asked or waiting:  # what is held becomes what waits by time alone
            self.show()
            self.tell_keys()

    def again(self, item: OutboxItem) -> None:
        """Send an unknown one again. Where that was done before, it takes a second press."""
        if item.doubtful <= 1 or self.is_sure(item, "a"):
            self.do(self.sending.settle(item.id, was_sent=False))

    def was_sent(self, item: OutboxItem) -> None:
        """Take an unknown one for sent. What never left would be gone by a slip of the finger."""
        if self.is_sure(item, SENT):
            self.do(self.sending.settle(item.id, was_sent=True))

    def is_sure(self, item: OutboxItem, stroke: str) -> bool:
        """Whether this is the second press; the first one asks."""
        if self.sure != (item.id, stroke):
            self.sure, self.sure_since = (item.id, stroke), time.monotonic()
            self.show()
            return False
        if time.monotonic() < self.sure_since + Question.READING:
            return False
        self.sure = None
        return True

    def press(self, stroke: str) -> bool:
        """While it is asked whether that is meant, any key but the same one leaves it."""
        asked, self.sure = self.sure, self.sure if self.sure is not None and stroke == self.sure[1] else None
        item = self.item
        if asked is not None and self.sure is None and item is not None and item.state is OutboxState.UNKNOWN:
            self.show()
            return True
        return super().press(stroke)

    @property
    def item(self) -> OutboxItem | None:
        """The message under the cursor."""
        here = self.here
        return self.desk.reads.outbox_item(here) if isinstance(here, int) else None

    def keys_here(self) -> Sequence[tuple[str, str, Callable[[], object]]]:
        """What can be done with a message hangs on its state."""
        item = self.item
        if item is None:
            return ()
        opens: list[tuple[str, str, Callable[[], object]]] = []
        if item.conversation_id is not None:
            opens.append(("o", _("open"), lambda: self.dismiss(("open", item.conversation_id))))
        match item.state:
            case OutboxState.HELD if item.is_overdue(self.desk.now()):
                own = [
                    ("z", _("take back"), lambda: self.do(self._stop(item.id))),
                    ("r", _("try now"), lambda: self.do(self._try_line(item.account))),
                ]
            case OutboxState.HELD:
                own = [
                    ("z", _("take back"), lambda: self.do(self._stop(item.id))),
                    ("s", _("send now"), lambda: self.do(self.sending.release(item.id))),
                ]
            case OutboxState.UNKNOWN:
                own = [
                    (SENT, _("it was sent"), lambda: self.was_sent(item)),
                    ("a", _("send again"), lambda: self.again(item)),
                    ("p", _("look for it"), lambda: self.do(self.look_for(item))),
                ]
            case OutboxState.REJECTED if item.id in self.dropped:
                own = [("z", _("bring back"), lambda: self.do(self._bring_back(item.id)))]
            case OutboxState.REJECTED:
                own = [
                    (AGAIN, _("write again"), lambda: self.do(self._edit(item.id))),
                    ("d", _("discard"), lambda: self.do(self._discard(item.id))),
                ]
            case OutboxState.SENT if self._came_back(item):
                own = [(AGAIN, _("write again"), lambda: self._again(item))]
            case OutboxState.QUEUED:
                own = []
                if item.can_be_taken_back:
                    own.append(("z", _("take back"), lambda: self.do(self._stop(item.id))))
                if item.is_stuck:
                    own.append(("r", _("try now"), lambda: self.do(self.sending.release(item.id))))
            case _:
                own = []
        return [*own, *opens]

    def key(self, stroke: str) -> bool:
        """The key that asks for what is new tries again, here as on the desk."""
        return super().key("r" if stroke == "ctrl+r" else stroke)

    def choose(self, index: int) -> None:
        """Enter opens the conversation."""
        item = self.item
        if item is not None and item.conversation_id is not None:
            self.dismiss(("open", item.conversation_id))

    async def _stop(self, item_id: int) -> None:
        draft = await self.sending.stop(item_id)
        if draft is not None:
            self.dismiss(("draft", draft.id))
        else:
            self.query_one("#sheet-title").say(_("Too late to take it back."))  # type: ignore[attr-defined]

    async def _try_line(self, account: str) -> None:
        await self.desk.write(lambda writes: writes.ask(account, "pull", {}))

    async def _discard(self, item_id: int) -> None:
        step = await self.sending.discard(item_id)
        if step is not None:
            self.dropped[item_id] = step

    async def _bring_back(self, item_id: int) -> None:
        await Actions(self.desk).undo(self.dropped.pop(item_id).id)

    def _again(self, item: OutboxItem) -> None:
        self.dismiss(("again", item))

    async def _edit(self, item_id: int) -> None:
        draft = await self.sending.edit(item_id)
        if draft is not None:
            self.dismiss(("draft", draft.id))
