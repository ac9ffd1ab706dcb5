"""The way out: the check before it, freezing, taking back, and what an agent decides about the rest.

Only a `Letter` can be queued. A note has a door of its own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent_tui.content.safe import safe
from agent_tui.desk import presend
from agent_tui.desk.again import missed, nowhere
from agent_tui.desk.circle import circle_of, everybody
from agent_tui.desk.customers import customer_of
from agent_tui.desk.drafts import DraftMoved, Drafts
from agent_tui.desk.known_people import KnownPeople
from agent_tui.desk.letters import Letter, NoteDraft
from agent_tui.desk.quoting import parts
from agent_tui.desk.recipients import address_key, answer_to, unique, wire_address
from agent_tui.desk.workspace import Desk
from agent_tui.domain.account import Account, Capability
from agent_tui.domain.action import ActionStep
from agent_tui.domain.conversation import Channel, Conversation, Status
from agent_tui.domain.message import Attachment, Direction, Message, Person, answered_elsewhere
from agent_tui.domain.outbox import Draft, DraftKind, OutboxItem, OutboxState
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import SECOND, Micros
from agent_tui.store.ports import DeskWrites, QueueOrder

if TYPE_CHECKING:
    from agent_tui.content.compose import OutgoingFile

NEWEST = 100
MOST_RECIPIENTS = 500
MOST_TWINS = 3
"""Other conversations with the same letter that are told of: we have a few addresses, and forgers have many mails."""
LARGEST_MAIL = 50 * 1024 * 1024


class CannotSend(Exception):
    """It cannot be queued: `code` is `no_account`, `no_recipient`, `no_sender`, `no_text`, `too_many`, `too_large`,
    `file_lost`, `draft_moved`, `not_able`, `only_imported`, `files_not_able` or one of the composer's (`control_character`, `bad_address`, …)."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters: dict[str, str] = parameters


@dataclass(frozen=True, slots=True)
class HowToSend:
    """When, and what becomes of the conversation."""

    solve: bool = False
    at: Micros | None = None
    """A time meant by the agent; it stops by itself when the customer writes first."""


SOON = HowToSend()


def _claim(drafts: Drafts, writes: DeskWrites, draft: Draft) -> None:
    """Of a draft that two desks hold one message is made."""
    try:
        drafts.claim(writes, draft)
    except DraftMoved:
        raise CannotSend("draft_moved") from None


class Sending:
    """Checks, queues, takes back."""

    def __init__(self, desk: Desk, drafts: Drafts) -> None:
        self._desk = desk
        self._drafts = drafts

    @property
    def desk(self) -> Desk:
        """Where it is sent from."""
        return self._desk

    # before

    def situation(self, letter: Letter) -> presend.Situation:
        """All that the pre-send rules look at, as it is now."""
        draft = letter.draft
        reads = self._desk.reads
        own = self._desk.own_addresses()
        conversation = reads.conversation(draft.conversation_id) if draft.conversation_id is not None else None
        items = list(reads.items(draft.conversation_id, None, NEWEST)) if draft.conversation_id is not None else []
        answered = reads.message(draft.answers) if draft.answers is not None else None
        people = [*draft.to, *draft.cc, *draft.bcc]
        keys = [address_key(person.address) for person in people if person.address]
        mail = self._is_mail(draft)
        proposed: tuple[Person, ...] = ()
        elsewhere: frozenset[str] = frozenset()
        if answered is not None and draft.kind in (DraftKind.REPLY, DraftKind.REPLY_ALL):
            answer = answer_to(answered, own, everybody=draft.kind is DraftKind.REPLY_ALL)
            proposed = (*answer.to, *answer.cc) if mail else draft.to
            elsewhere = frozenset(address_key(person.address) for person in answer.elsewhere)
        first = answered if draft.kind is DraftKind.AGAIN else None
        if first is not None:
            unreached = missed(first)
            proposed = (*unreached.to, *unreached.cc, *unreached.bcc)
        besides = conversation.id if first is not None and conversation is not None else None
        messages = [item for item in items if isinstance(item, Message)]
        circle = circle_of(reads, conversation, messages, answered)
        return presend.Situation(
            draft=draft,
            status=conversation.status if conversation else None,
            newer=[item for item in items if item.order > draft.seen_order],
            proposed=proposed,
            last_people=everybody(answered) if answered is not None else frozenset(),
            known=frozenset(address_key(found) for found in reads.known_recipients(keys, besides=besides)),
            own=own,
            hard_bounced=frozenset(address_key(found) for found in reads.hard_bounced(keys)),
            doubted=nowhere(first) if first is not None else frozenset(),
            again_at=first.again_at if first is not None else None,
            elsewhere=elsewhere,
            circle=circle,
            with_whom=customer_of(reads, conversation, own),
            met=[message.author for message in messages if message.direction is Direction.IN],
            agent=self._desk.agent,
            mail=mail,
            recipients_cut=answered is not None and "recipients_cut" in answered.warnings,
            answered_elsewhere=draft.answers in answered_elsewhere(items),
            twins=reads.twins(draft.answers, MOST_TWINS) if draft.answers is not None else (),
            phrases=self._desk.settings.phrases,
        )

    def check(self, letter: Letter) -> tuple[presend.Finding, ...]:
        """Reasons to look again, the heaviest first. Empty: nothing speaks against it. Not for the event loop."""
        situation, draft = self.situation(letter), letter.draft
        if situation.mail and draft.kind in presend.BEGINS:  # they are searched for: not where nobody asks for them
            people = [*draft.to, *draft.cc, *draft.bcc]
            situation = replace(situation, namesakes=KnownPeople(self._desk).namesakes(people))
        return presend.check(situation)

    def _is_mail(self, draft: Draft) -> bool:
        account = self._desk.account(draft.account)
        return account is None or account.channel is Channel.EMAIL

    # out

    async def send(self, letter: Letter, how: HowToSend = SOON) -> OutboxItem:
        """Freeze and queue, held for a while. Raises `CannotSend` or `StoreError`; then the draft is as it was."""
        return await self._desk.write(lambda writes: self._queue(writes, letter, how))

    def send_now(self, letter: Letter, how: HowToSend = SOON) -> OutboxItem:
        """Queue and wait."""
        return self._desk.write_now(lambda writes: self._queue(writes, letter, how))

    def _queue(self, writes: DeskWrites, letter: Letter, how: HowToSend) -> OutboxItem:
        letter = Letter(self._drafts.current(letter.draft))
        _claim(self._drafts, writes, letter.draft)
        order = self._freeze(writes, letter, how)
        self._drafts.gone(letter.draft.id)
        try:
            return writes.queue(self._desk.agent, order)
        except BaseException:  # whatever it was: the draft lives on
            self._drafts.back(letter.draft.id)
            raise

    def _freeze(self, writes: DeskWrites, letter: Letter, how: HowToSend) -> QueueOrder:
        draft = letter.draft
        account = self._desk.account(draft.account)
        if account is None:
            raise CannotSend("no_account", account=draft.account)
        if account.offline:
            raise CannotSend("only_imported", account=account.label)
        if Capability.SEND not in account.capabilities:
            raise CannotSend("not_able", account=account.label)
        conversation = (
            self._desk.reads.conversation(draft.conversation_id) if draft.conversation_id is not None else None
        )
        if account.channel is Channel.EMAIL:
            order = self._freeze_mail(writes, draft, account, conversation, how)
            customer = customer_of(self._desk.reads, conversation, self._desk.own_addresses())
            return replace(order, past_customer=customer.misses(_meant_for(self._desk, order, draft)))
        return self._freeze_text(draft, account, conversation, how)

    def _freeze_text(
        self, draft: Draft, account: Account, conversation: Conversation | None, how: HowToSend
    ) -> QueueOrder:
        """Channels that carry text: no bytes of our making, and a transaction id for a mark."""
        text = safe(draft.text.strip())
        if not text and not draft.files:
            raise CannotSend("no_text")
        if draft.files and Capability.ATTACH not in account.capabilities:
            raise CannotSend("files_not_able", account=account.label)
        if conversation is None or not draft.to:
            raise CannotSend("no_recipient")
        for file in draft.files:
            if not self._desk.reads.has_file(file.sha256):
                raise CannotSend("file_lost", name=file.name)
        return QueueOrder(
            draft_id=draft.id,
            conversation_id=draft.conversation_id,
            account=account.id,
            kind=draft.kind,
            to=draft.to,
            cc=(),
            bcc=(),
            subject=NOTHING,
            text=text,
            quoted=(),
            signature=None,
            token=secrets.token_hex(16),
            raw=None,
            envelope_from=NOTHING,
            envelope_to=(),
            author=Person(account.own_name or account.label, next(iter(account.own_addresses), NOTHING)),
            references=(),
            not_before=self._not_before(how),
            scheduled=how.at is not None,
            files=tuple(Attachment(0, f.name, f.type, f.size, part=f"sha256:{f.sha256}") for f in draft.files),
            beside=draft.files,
            native_conversation=conversation.native_id,
            then_status=Status.SOLVED if how.solve else None,
            seen_order=draft.seen_order,
        )

    def _freeze_mail(
        self,
        writes: DeskWrites,
        draft: Draft,
        account: Account,
        conversation: Conversation | None,
        how: HowToSend,
    ) -> QueueOrder:
        from agent_tui.content.compose import NewMail, Uncomposable, compose, new_message_id

        to, cc, bcc = _each_once(draft)
        envelope = tuple(wire_address(person.address) for person in (*to, *cc, *bcc))
        sender = Person(account.own_name, _own_sender(draft, account))
        if draft.unread:  # somebody was meant by it
            raise CannotSend("bad_address", address=draft.unread[0][1])
        if not envelope:
            raise CannotSend("no_recipient")
        if len(envelope) > MOST_RECIPIENTS:
            raise CannotSend("too_many", count=str(len(envelope)), most=str(MOST_RECIPIENTS))
        references = _references(self._desk, draft)
        token = new_message_id(sender.address)
        text = safe(draft.text.rstrip())
        found = parts(text, self._desk.settings.phrases)
        try:
            raw = compose(
                NewMail(
                    sender=sender,
                    to=to,
                    cc=cc,
                    subject=draft.subject,
                    text=text,
                    message_id=token,
                    date=max(self._desk.now(), how.at or self._desk.now()),
                    in_reply_to=references[-1] if references else "",
                    references=references,
                    files=self._contents(draft),
                )
            )
        except Uncomposable as error:
            raise CannotSend(error.code, place=error.place) from error
        if len(raw) > LARGEST_MAIL:
            raise CannotSend("too_large", size=str(len(raw)), most=str(LARGEST_MAIL))
        return QueueOrder(
            draft_id=draft.id,
            conversation_id=draft.conversation_id if draft.kind is not DraftKind.NEW else None,
            account=account.id,
            kind=draft.kind,
            to=to,
            cc=cc,
            bcc=bcc,
            subject=draft.subject,
            text=text,
            quoted=found.quoted,
            signature=found.signature,
            token=token,
            raw=writes.put_file(raw),
            envelope_from=sender.address,
            envelope_to=envelope,
            author=sender,
            references=references,
            not_before=self._not_before(how),
            scheduled=how.at is not None,
            files=_attachments(draft),
            native_conversation=conversation.native_id
            if conversation is not None and conversation.account == account.id
            else None,
            then_status=Status.SOLVED if how.solve else None,
            seen_order=draft.seen_order,
        )

    def _contents(self, draft: Draft) -> list[OutgoingFile]:
        from agent_tui.content.compose import OutgoingFile

        found = []
        for file in draft.files:
            content = self._desk.reads.file_bytes(file.sha256)
            if content is None:
                raise CannotSend("file_lost", name=file.name)
            found.append(OutgoingFile(file.name, file.type, content))
        return found

    def _not_before(self, how: HowToSend) -> Micros:
        present = self._desk.now()
        return how.at if how.at is not None else Micros(present + int(self._desk.settings.hold_seconds * SECOND))

    # notes

    async def add_note(self, note: NoteDraft) -> int:
        """Keep words for the team. There is no road from here to the outbox."""
        return await self._desk.write(lambda writes: self._keep_note(writes, note))

    def add_note_now(self, note: NoteDraft) -> int:
        """Keep and wait."""
        return self._desk.write_now(lambda writes: self._keep_note(writes, note))

    def _keep_note(self, writes: DeskWrites, note: NoteDraft) -> int:
        draft = self._drafts.current(note.draft)
        text = safe(draft.text.strip())
        if not text:
            raise CannotSend("no_text")
        if draft.conversation_id is None:
            raise CannotSend("no_conversation")
        _claim(self._drafts, writes, draft)
        added = writes.add_note(self._desk.agent, draft.conversation_id, text)
        self._drafts.gone(draft.id)
        writes.drop_draft(draft.id)
        return added

    # afterwards

    async def stop(self, item_id: int) -> Draft | None:
        """Take back a message that is held or waits for its line: it is a draft again. None where it may have left."""
        draft = await self._desk.write(lambda writes: writes.take_back(self._desk.agent, item_id))
        if draft is not None:
            self._drafts.back(draft.id)
        return draft

    async def release(self, item_id: int) -> bool:
        """Let a held message go at once, or try one again that waits for its next try."""
        return await self._desk.write(lambda writes: writes.send_now(item_id))

    async def settle(self, item_id: int, *, was_sent: bool) -> bool:
        """The agent's word on an unknown one: it was sent, or it goes again under the same Message-ID."""
        return await self._desk.write(lambda writes: writes.settle_unknown(self._desk.agent, item_id, was_sent))

    async def edit(self, item_id: int) -> Draft | None:
        """A refused one is a draft again. None where it is not refused."""
        draft = await self._desk.write(lambda writes: writes.edit_rejected(item_id))
        if draft is not None:
            self._drafts.back(draft.id)
        return draft

    async def discard(self, item_id: int) -> ActionStep | None:
        """Done with a refused one: it is let be. Can be undone. None where it is not refused."""
        return await self._desk.write(lambda writes: writes.discard_rejected(self._desk.agent, item_id))

    async def look_for(self, item: OutboxItem) -> int:
        """Ask the worker to look for proof of an unknown one now."""
        return await self._desk.write(lambda writes: writes.ask(item.account, "settle", {"item": str(item.id)}))

    def outbox(self, *, open_only: bool = True) -> list[OutboxItem]:
        """What is on its way, newest first."""
        return list(self._desk.reads.outbox(open_only=open_only))

    def summary(self) -> OutboxSummary:
        """Numbers for the top line."""
        states = [item.state for item in self.outbox()]
        return OutboxSummary(
            leaving=sum(state in (OutboxState.QUEUED, OutboxState.SENDING) for state in states),
            held=states.count(OutboxState.HELD),
            unknown=states.count(OutboxState.UNKNOWN),
            rejected=states.count(OutboxState.REJECTED),
        )


@dataclass(frozen=True, slots=True)
class OutboxSummary:
    """How many messages wait, leave, or need a word of the agent."""

    leaving: int = 0
    held: int = 0
    unknown: int = 0
    rejected: int = 0


def _references(desk: Desk, draft: Draft) -> tuple[str, ...]:
    """What is forwarded refers to nothing; what is sent again answers what the first one did, not the first one."""
    if draft.answers is None or draft.kind is DraftKind.FORWARD:
        return ()
    found = tuple(desk.reads.references(draft.answers))
    return found[:-1] if draft.kind is DraftKind.AGAIN else found


def _meant_for(desk: Desk, order: QueueOrder, draft: Draft) -> tuple[Person, ...]:
    """What is sent again is for whom the first one was for, under whatever address."""
    people = (*order.to, *order.cc, *order.bcc)
    first = desk.reads.message(draft.answers) if draft.kind is DraftKind.AGAIN and draft.answers is not None else None
    return (*people, *first.to, *first.cc, *first.bcc) if first is not None else people


def _each_once(draft: Draft) -> tuple[tuple[Person, ...], tuple[Person, ...], tuple[Person, ...]]:
    """Nobody gets it twice; who stands in To is taken out of Cc and Bcc."""
    to = unique(draft.to)
    seen = {address_key(person.address) for person in to}
    cc = unique(draft.cc, seen)
    seen |= {address_key(person.address) for person in cc}
    return to, cc, unique(draft.bcc, seen)


def _own_sender(draft: Draft, account: Account) -> SafeText:
    """The address it is sent from: one of the account's own, never a foreign one."""
    own = {address_key(address): address for address in account.own_addresses}
    found = own.get(address_key(draft.from_address)) or next(iter(account.own_addresses), NOTHING)
    if not found:
        raise CannotSend("no_sender", account=account.label)
    return found


def _attachments(draft: Draft) -> tuple[Attachment, ...]:
    """The files as the message will show them; the text is the first part, they follow it."""
    return tuple(
        Attachment(0, file.name, file.type, file.size, part=str(at)) for at, file in enumerate(draft.files, start=2)
    )
