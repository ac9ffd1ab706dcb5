"""The outbox: what is on its way, what could not leave, and what only the agent can decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent_tui import ages, sentences, sentences_delivery
from agent_tui.desk.sending import Sending
from agent_tui.domain.message import Delivery, Message
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.screens.live_sheet import LiveSheet
from agent_tui.widgets import labels
from agent_tui.widgets.cells import fit, in_cell, width
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _

WHOM = 30
LATELY = 8
"""Messages that left, shown below those that have not."""


def state_word(item: OutboxItem, message: Message | None = None) -> tuple[str, str]:
    """The state in a word, and its role. What a report said of a message that left says more than that it left."""
    if message is not None and message.delivery in (Delivery.BOUNCED, Delivery.DELAYED, Delivery.DELIVERED):
        return labels.delivery(message.delivery)
    if item.state is OutboxState.HELD:
        return (_("later") if item.scheduled else _("held")), "quiet"
    words = {
        OutboxState.QUEUED: (_("waits"), "due" if item.is_stuck else "quiet"),
        OutboxState.SENDING: (_("sending"), "accent"),
        OutboxState.SENT: (_("sent"), "faint"),
        OutboxState.REJECTED: (_("not sent"), "late"),
        OutboxState.UNKNOWN: (_("unknown"), "late"),
        OutboxState.STOPPED: (_("taken back"), "faint"),
    }
    return words[item.state]


class OutboxSheet(LiveSheet):
    """Messages on their way. Gives back ("draft", id) or ("open", conversation) where the agent goes on elsewhere."""

    def __init__(self, sending: Sending, title: str) -> None:
        self.sending = sending
        super().__init__(title, sending.desk)

    def read(self) -> list[SheetLine]:
        """One line a message, and below it what is to be known."""
        present = self.desk.now()
        items = self.items()
        messages = [self.message_of(item) for item in items]
        words = [state_word(item, message) for item, message in zip(items, messages, strict=True)]
        column = max((width(word) for word, _role in words), default=0) + 2
        lines: list[SheetLine] = []
        for item, message, (word, role) in zip(items, messages, words, strict=True):
            people = [*item.to, *item.cc, *item.bcc]
            who = in_cell(people[0].address or people[0].name) if people else ""
            who += f" +{len(people) - 1}" if len(people) > 1 else ""
            subject = in_cell(item.subject) or in_cell(" ".join(item.text.split())[:80])
            when = ages.moment(item.not_before if item.state is OutboxState.HELD else item.created_at, present)
            lines.append(
                SheetLine(f"{fit(word, column)}{fit(who, WHOM)} {subject}", right=when, role=role, value=item.id)
            )
            lines += [SheetLine(said, role="quiet", flows=True, indent=column) for said in self.about(item, message)]
        return lines or [SheetLine(_("Nothing is on its way."), role="quiet")]

    def items(self) -> list[OutboxItem]:
        """What is open, then what left lately."""
        waiting = self.sending.outbox()
        known = {item.id for item in waiting}
        gone = [item for item in self.desk.reads.outbox(open_only=False, limit=LATELY * 4) if item.id not in known]
        return [*waiting, *[item for item in gone if item.state is OutboxState.SENT][:LATELY]]

    def message_of(self, item: OutboxItem) -> Message | None:
        """The message that stands for one that left."""
        gone = item.state is OutboxState.SENT and item.message_id is not None
        return self.desk.reads.message(item.message_id) if gone and item.message_id is not None else None

    def about(self, item: OutboxItem, message: Message | None) -> list[str]:
        """What is to be known besides."""
        said = [sentences.fault(item.fault, "send")] if item.fault else []
        if message is not None and message.delivery in (Delivery.BOUNCED, Delivery.DELAYED):
            said = [sentences_delivery.delivery(message.delivery, message.delivery_detail)]
        if item.is_stuck and item.not_before > self.desk.now():
            said.append(_("Next try {time}.").format(time=ages.moment(item.not_before, self.desk.now())))
        if item.state is OutboxState.UNKNOWN:
            said.append(_("It may have arrived: nothing is sent again unless you say so."))
        if item.sent_copy == "missing":
            said.append(_("It was sent; only its copy in the Sent folder is missing."))
        return said

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
            case OutboxState.HELD:
                own = [
                    ("z", _("take back"), lambda: self.do(self._stop(item.id))),
                    ("s", _("send now"), lambda: self.do(self.sending.release(item.id))),
                ]
            case OutboxState.UNKNOWN:
                own = [
                    ("y", _("it was sent"), lambda: self.do(self.sending.settle(item.id, was_sent=True))),
                    ("a", _("send again"), lambda: self.do(self.sending.settle(item.id, was_sent=False))),
                    ("p", _("look for it"), lambda: self.do(self.sending.look_for(item))),
                ]
            case OutboxState.REJECTED:
                own = [
                    ("e", _("edit"), lambda: self.do(self._edit(item.id))),
                    ("d", _("discard"), lambda: self.do(self.sending.discard(item.id, as_draft=False))),
                ]
            case OutboxState.QUEUED if item.is_stuck:
                own = [("r", _("try now"), lambda: self.do(self.sending.release(item.id)))]
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
            self.query_one("#sheet-title").say(_("Too late: it has left."))  # type: ignore[attr-defined]

    async def _edit(self, item_id: int) -> None:
        draft = await self.sending.discard(item_id, as_draft=True)
        if draft is not None:
            self.dismiss(("draft", draft.id))
