"""How a draft begins: whom it goes to, from which address, what stands in it."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import methodcaller
from pathlib import Path

from agent_tui.content.safe import file_name, safe
from agent_tui.desk import quoting
from agent_tui.desk.again import missed, nowhere
from agent_tui.desk.conversation import Conversations
from agent_tui.desk.customers import NOBODY, Customer, customer_of
from agent_tui.desk.drafts import Drafts, new_id
from agent_tui.desk.progress import Progress
from agent_tui.desk.recipients import Answer, address_key, answer_to, keys_of, written_to
from agent_tui.desk.workspace import Desk
from agent_tui.domain.account import Account, Capability
from agent_tui.domain.conversation import Channel, Conversation
from agent_tui.domain.message import Automatic, Delivery, Direction, Message, Person
from agent_tui.domain.outbox import Draft, DraftFile, DraftKind
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.store.ports import DeskWrites

LOOKED_BACK = 200
LARGEST_FILE = 50 * 1024 * 1024
MOST_FORWARDED = 100
"""Files that are forwarded at once: more are no letter of a person."""


class CannotCompose(Exception):
    """No draft can begin: `code` is `no_conversation`, `no_message`, `no_account`, `not_able`, `only_imported`,
    `only_reports`, `cannot_start`, `not_back` or `still_unknown`."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters: dict[str, str] = parameters


class CannotAttach(Exception):
    """A file cannot go with it: `code` is `not_found`, `not_a_file`, `unreadable`, `too_large` or `no_content`."""

    def __init__(self, code: str, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters: dict[str, str] = parameters


@dataclass(frozen=True, slots=True)
class Started:
    """A draft as the composer opens with it."""

    draft: Draft
    proposed: tuple[Person, ...]
    """Recipients it began with: what differs is underlined."""
    cursor: int = 0
    """Where writing begins."""
    reply_to_differs: bool = False
    resumed: bool = False
    customer: Customer = NOBODY
    """Of the conversation that is answered: whether he gets it is told as recipients are typed."""
    files_beyond: int = 0
    """Files of a message handed on that do not go along, since they are more than go at once."""
    files_missing: int = 0
    """Files of a message handed on that are not kept here."""
    field: str = ""
    """The field in which an address is wrong: `to`, `cc` or `bcc`."""
    spared: int = 0
    """Others who got what is written again: it does not go to them."""


class Composer:
    """Begins drafts and changes what goes with them."""

    def __init__(self, desk: Desk, drafts: Drafts) -> None:
        self._desk = desk
        self._drafts = drafts

    # beginning

    def reply(
        self,
        conversation_id: int,
        *,
        everybody: bool = False,
        answers: int | None = None,
        under_cursor: Message | None = None,
        seen_order: int | None = None,
    ) -> Started:
        """An answer to the last message of the customer himself, or of another one, as the cursor stands; else of who
        wrote last; or to a chosen message. Raises `CannotCompose`.

        `seen_order` is what the agent has on screen (`OpenConversation.seen_order`): what is newer was not seen.
        """
        from agent_tui.content.compose import reply_subject

        conversation = self._conversation(conversation_id)
        own = self._desk.own_addresses()
        customer = customer_of(self._desk.reads, conversation, own)
        message = self._answered(
            conversation,
            answers,
            meant=customer.with_whom(under_cursor),
            sure=not (under_cursor and under_cursor.doubted),
        )
        account = self._sender(message.account, message)
        kind = DraftKind.REPLY_ALL if everybody else DraftKind.REPLY
        if message.channel is not Channel.EMAIL:
            return self._seen_by(self._chat(conversation, message, account), seen_order)
        answer = answer_to(message, own, everybody=everybody)
        subject = message.subject or conversation.subject
        quoted = quoting.quote(message, self._desk.settings.zone, self._desk.settings.phrases)
        layout = self._desk.settings.layout
        text = quoting.lay_out("", account.signature, quoted, layout)
        draft = self._draft(kind, conversation, account, answer, message)
        draft = replace(
            draft,
            subject=reply_subject(subject),
            text=text,
            from_address=written_to(message, account.own_addresses) or self._first(account),
        )
        cursor = quoting.cursor_of(text, quoted, layout)
        started = Started(
            draft, (*answer.to, *answer.cc), cursor, answer.reply_to_differs, customer=customer.answered_by(message)
        )
        return self._seen_by(started, seen_order)

    def _chat(self, conversation: Conversation, message: Message, account: Account) -> Started:
        """Channels without envelopes: text to the one who wrote."""
        person = message.author if message.direction is Direction.IN else next(iter(message.to), message.author)
        answer = Answer((person,))
        return Started(self._draft(DraftKind.REPLY, conversation, account, answer, message), answer.to)

    async def forward(
        self, conversation_id: int, message_id: int | None = None, progress: Progress | None = None
    ) -> Started:
        """A message whole, with its files, to somebody else. Raises `CannotCompose`, `StoreError` and `Stopped`."""
        from agent_tui.content.compose import forward_subject

        conversation = self._conversation(conversation_id)
        message = self._answered(conversation, message_id, own_too=True)
        # In a thread of its own: reading a large mail takes a while, and what else is written does not wait for it.
        files = await asyncio.to_thread(self._files_of, message, progress or Progress())
        account = self._forwarder(message)
        below = quoting.forwarded(message, self._desk.settings.zone, self._desk.settings.phrases)
        layout = replace(self._desk.settings.layout, quote="below", signature="above_quote")
        draft = replace(
            self._draft(DraftKind.FORWARD, conversation, account, Answer(()), message),
            subject=forward_subject(message.subject or conversation.subject),
            text=quoting.lay_out("", account.signature, below, layout),
            from_address=written_to(message, account.own_addresses) or self._first(account),
            files=files,
        )
        wanted = len(message.attachments)
        beyond = max(0, wanted - MOST_FORWARDED)
        return Started(draft, (), files_beyond=beyond, files_missing=wanted - beyond - len(files))

    def handed_on(self, conversation_id: int, message_id: int | None = None) -> int:
        """The message that a forward hands on. Raises `CannotCompose`."""
        return self._answered(self._conversation(conversation_id), message_id, own_too=True).id

    async def again(
        self, conversation_id: int, message_id: int, progress: Progress | None = None, seen_order: int | None = None
    ) -> Started:
        """A message as it was, to those who did not get it: nothing of it goes by itself. Raises as `forward`."""
        conversation = self._conversation(conversation_id)
        message = self._desk.reads.message(message_id)
        if message is None or not message.failed:
            unknown = message is not None and message.delivery is Delivery.UNKNOWN
            raise CannotCompose("still_unknown" if unknown else "not_back")
        account = self._sender(message.account, message)
        people = missed(message)
        files = await asyncio.to_thread(self._files_of, message, progress or Progress())
        own = {address_key(address): address for address in account.own_addresses}
        draft = replace(
            self._draft(DraftKind.AGAIN, conversation, account, Answer(people.to, people.cc), message),
            bcc=people.bcc,
            subject=message.subject,
            text=str(message.text),
            from_address=own.get(address_key(message.author.address)) or self._first(account),
            files=files,
        )
        wanted = len(message.attachments)
        beyond = max(0, wanted - MOST_FORWARDED)
        started = Started(
            draft,
            (*draft.to, *draft.cc, *draft.bcc),
            quoting.end_of_own(draft.text, self._desk.settings.phrases),
            files_beyond=beyond,
            files_missing=wanted - beyond - len(files),
            field=self._wrong_field(draft, message),
            spared=people.spared,
        )
        return self._seen_by(started, seen_order)

    def failed(self, conversation_id: int) -> Message | None:
        """Our newest message of a conversation that may be written again; where there is none, our newest."""
        items = self._desk.reads.items(conversation_id, None, LOOKED_BACK)
        ours = [item for item in items if isinstance(item, Message) and item.direction is Direction.OUT]
        back = [one for one in reversed(ours) if one.failed]
        return next((one for one in back if one.is_left_over), next(iter(back or reversed(ours)), None))

    def _wrong_field(self, draft: Draft, first: Message | None) -> str:
        """The first field that names an address which does not exist, so servers said."""
        gone = nowhere(first) if first is not None else frozenset()
        for field, people in (("to", draft.to), ("cc", draft.cc), ("bcc", draft.bcc)):
            keys = keys_of(people)
            if keys & gone or self._desk.reads.hard_bounced([*keys]):
                return field
        return ""

    def _files_of(self, message: Message, progress: Progress) -> tuple[DraftFile, ...]:
        """The files of a message, copied into the file store one by one."""
        wanted = message.attachments[:MOST_FORWARDED]
        progress.begin(len(wanted))
        found: list[DraftFile] = []
        contents = Conversations(self._desk).contents(message.id, wanted)
        for item in wanted:
            progress.check()
            content = next(contents)
            if content is not None:
                sha256 = self._desk.write_now(methodcaller("put_file", content))
                found.append(DraftFile(item.name, item.type, len(content), sha256))
            progress.step()
        return tuple(found)

    def new(self, account_id: str | None = None, to: Sequence[Person] = ()) -> Started:
        """A message that begins a conversation."""
        able = self.starters()
        account = next((a for a in able if a.id == account_id), None) if account_id else next(iter(able), None)
        if account is None:
            raise CannotCompose("cannot_start")
        draft = Draft(
            id=new_id(),
            agent=self._desk.agent,
            kind=DraftKind.NEW,
            conversation_id=None,
            account=account.id,
            to=tuple(to),
            cc=(),
            bcc=(),
            subject=NOTHING,
            text=quoting.lay_out("", account.signature, "", self._desk.settings.layout),
            updated_at=self._desk.now(),
            from_address=self._first(account),
        )
        return Started(draft, tuple(to))

    def note(self, conversation_id: int, seen_order: int | None = None) -> Started:
        """Words for the team. It has no recipients and no way out."""
        conversation = self._conversation(conversation_id)
        draft = Draft(
            id=new_id(),
            agent=self._desk.agent,
            kind=DraftKind.NOTE,
            conversation_id=conversation.id,
            account=conversation.account,
            to=(),
            cc=(),
            bcc=(),
            subject=NOTHING,
            text="",
            seen_order=self._desk.reads.newest_order(conversation.id),
            updated_at=self._desk.now(),
        )
        return self._seen_by(Started(draft, ()), seen_order)

    def resume(self, draft: Draft) -> Started:
        """Go on with a parked draft; what it would have proposed is worked out anew."""
        self._drafts.opened(draft)
        proposed: tuple[Person, ...] = ()
        differs, customer = False, NOBODY
        message = self._desk.reads.message(draft.answers) if draft.answers is not None else None
        if message is not None and draft.kind in (DraftKind.REPLY, DraftKind.REPLY_ALL):
            if message.channel is Channel.EMAIL:
                everybody = draft.kind is DraftKind.REPLY_ALL
                own = self._desk.own_addresses()
                answer = answer_to(message, own, everybody=everybody)
                proposed, differs = (*answer.to, *answer.cc), answer.reply_to_differs
                if draft.conversation_id is not None:
                    conversation = self._desk.reads.conversation(draft.conversation_id)
                    customer = customer_of(self._desk.reads, conversation, own).answered_by(message)
            else:
                proposed = draft.to
        cursor = quoting.end_of_own(draft.text, self._desk.settings.phrases)
        field = self._wrong_field(draft, message) if draft.kind is DraftKind.AGAIN else ""
        return Started(draft, proposed, cursor, differs, resumed=True, customer=customer, field=field)

    # choices

    def starters(self) -> tuple[Account, ...]:
        """Accounts that may write to somebody who has not written."""
        needed = {Capability.SEND, Capability.NEW_CONVERSATION}
        return tuple(a for a in self._desk.accounts() if not a.offline and needed <= a.capabilities)

    def senders(self, draft: Draft) -> tuple[tuple[Account, SafeText], ...]:
        """(account, address) pairs that this draft could be sent from."""
        if draft.kind is DraftKind.NEW:
            able: Sequence[Account] = self.starters()
        else:
            able = [a for a in self._desk.accounts() if a.id == draft.account]
        return tuple((account, address) for account in able for address in account.own_addresses or (NOTHING,))

    # files

    async def attach(self, draft: Draft, path: Path) -> Draft:
        """Copy a file into the store and put it beside the draft. Raises `CannotAttach` or `StoreError`."""
        return await self._desk.write(lambda writes: _attached(writes, draft, path))

    def attach_now(self, draft: Draft, path: Path) -> Draft:
        """Attach and wait."""
        return self._desk.write_now(lambda writes: _attached(writes, draft, path))

    # inside

    def _conversation(self, conversation_id: int) -> Conversation:
        found = self._desk.reads.conversation(conversation_id)
        if found is None:
            raise CannotCompose("no_conversation", conversation=str(conversation_id))
        return found

    def _answered(
        self,
        conversation: Conversation,
        chosen: int | None,
        *,
        meant: frozenset[str] = frozenset(),
        sure: bool = True,
        own_too: bool = False,
    ) -> Message:
        """The chosen message, else the last one that somebody wrote himself, else our own last one. Where several
        write, it is the last one of those who are meant; where it is to be `sure`, of what is surely theirs, if any is.

        Never a delivery report by itself: whoever wants to write anew after one means those our message was for. Of
        all of them (`own_too`, to hand on) it is the last, whatever it is.
        """
        if chosen is not None:
            message = self._desk.reads.message(chosen)
            if message is None:
                raise CannotCompose("no_message", message=str(chosen))
            return message
        found = [
            item for item in self._desk.reads.items(conversation.id, None, LOOKED_BACK) if isinstance(item, Message)
        ]
        written = [m for m in found if m.automatic is not Automatic.REPORT]
        inbound = [m for m in written if m.direction is Direction.IN]
        by_people = [m for m in inbound if m.automatic is not Automatic.REPLY]
        of_those = [m for m in by_people if address_key(m.author.address) in meant]
        if sure:
            of_those = [m for m in of_those if not m.doubted] or of_those
        best = found if own_too and found else of_those or by_people or inbound or written
        if not best:
            raise CannotCompose("only_reports" if found else "no_message", conversation=str(conversation.id))
        return best[-1]

    def _sender(self, account_id: str, message: Message) -> Account:
        """The account a message came through; for imported mail one that has the address it was written to."""
        accounts = [a for a in self._desk.accounts() if not a.offline and Capability.SEND in a.capabilities]
        for account in accounts:
            if account.id == account_id:
                return account
        its_own = self._desk.account(account_id)
        if its_own is not None and not its_own.offline:  # it is in use, and only receives: no other speaks for it
            raise self._no_sender(account_id)
        alike = [a for a in accounts if a.channel is message.channel]
        mentioned = [a for a in alike if written_to(message, a.own_addresses)]
        if message.channel is Channel.EMAIL and (mentioned or alike):
            return (mentioned or alike)[0]
        raise self._no_sender(account_id)

    def _no_sender(self, account_id: str) -> CannotCompose:
        found = self._desk.account(account_id)
        if found is None:
            return CannotCompose("no_account", account=account_id)
        return CannotCompose("only_imported" if found.offline else "not_able", account=found.label)

    def _forwarder(self, message: Message) -> Account:
        """A mail goes on from where it came to; what was said elsewhere goes on by mail."""
        if message.channel is Channel.EMAIL:
            return self._sender(message.account, message)
        by_mail = [account for account in self.starters() if account.channel is Channel.EMAIL]
        if not by_mail:
            raise CannotCompose("cannot_start")
        return by_mail[0]

    def _draft(
        self, kind: DraftKind, conversation: Conversation, account: Account, answer: Answer, message: Message
    ) -> Draft:
        return Draft(
            id=new_id(),
            agent=self._desk.agent,
            kind=kind,
            conversation_id=conversation.id,
            account=account.id,
            to=answer.to,
            cc=answer.cc,
            bcc=(),
            subject=NOTHING,
            text="",
            answers=message.id,
            seen_order=self._desk.reads.newest_order(conversation.id),
            updated_at=self._desk.now(),
        )

    def _seen_by(self, started: Started, seen_order: int | None) -> Started:
        if seen_order is None:
            return started
        return replace(started, draft=replace(started.draft, seen_order=seen_order))

    def _first(self, account: Account) -> SafeText:
        return next(iter(account.own_addresses), NOTHING)


def read_file(path: Path) -> bytes:
    """The bytes of an ordinary file: no directory, no device, no pipe. Raises `CannotAttach`."""
    try:
        path = path.expanduser()
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise CannotAttach("not_found", path=str(path)) from error
    except OSError as error:
        raise CannotAttach("unreadable", path=str(path), reason=error.strerror or "") from error
    except (RuntimeError, ValueError) as error:  # a home that is not known, a NUL in the name
        raise CannotAttach("not_found", path=str(path).replace("\0", "")) from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise CannotAttach("not_a_file", path=str(path))
        if found.st_size > LARGEST_FILE:
            raise CannotAttach("too_large", path=str(path), size=str(found.st_size), most=str(LARGEST_FILE))
        with os.fdopen(os.dup(handle), "rb") as file:
            return file.read(LARGEST_FILE)
    except OSError as error:
        raise CannotAttach("unreadable", path=str(path), reason=error.strerror or "") from error
    finally:
        os.close(handle)


def _attached(writes: DeskWrites, draft: Draft, path: Path) -> Draft:
    content = read_file(path)
    return _with_file(draft, path, content, writes.put_file(content))


def _with_file(draft: Draft, path: Path, content: bytes, sha256: str) -> Draft:
    kind = mimetypes.guess_type(path.name, strict=False)[0] or "application/octet-stream"
    file = DraftFile(file_name(path.name), safe(kind, one_line=True), len(content), sha256)
    return replace(draft, files=(*draft.files, file))


def without_file(draft: Draft, index: int) -> Draft:
    """Take a file off."""
    return replace(draft, files=tuple(file for at, file in enumerate(draft.files) if at != index))


def without_people(draft: Draft, addresses: Sequence[str]) -> Draft:
    """Take recipients out."""
    gone = {address_key(address) for address in addresses}

    def _kept(people: tuple[Person, ...]) -> tuple[Person, ...]:
        return tuple(person for person in people if address_key(person.address) not in gone)

    return replace(draft, to=_kept(draft.to), cc=_kept(draft.cc), bcc=_kept(draft.bcc))
