"""A mail into the store: is it here already, who wrote it, where does it belong, what does it change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from agent_tui.backends.api import MailArrived
from agent_tui.content.parsed import CONTENT_VERSION, ParsedMail
from agent_tui.domain import transitions
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Attachment, Automatic, Delivery, Direction, Person, Placement, Rule, in_doubt
from agent_tui.domain.text import NOTHING
from agent_tui.domain.times import DAY, SECOND, Micros, now
from agent_tui.domain.transitions import Happening
from agent_tui.store.ports import TWINS_CAP, CopyPlace, IngestTransaction, NewMessage, Twin
from agent_tui.sync.believing import called, is_distrusted, is_proven, names_him, surely_his
from agent_tui.sync.customers import happening, somebody_else
from agent_tui.sync.identity import EMAIL, Ours, as_written, email_key, foreign, plain_name
from agent_tui.sync.incoming import NO_MESSAGE_ID, SKEW, IngestAccount, Outcome, Prepared, Result, TransactionBook
from agent_tui.sync.ingest_reports import note_answer, note_report, reported
from agent_tui.sync.loops import is_loop, is_unheard
from agent_tui.sync.own_copy import same_heading, same_letter
from agent_tui.sync.parse import Unreadable
from agent_tui.sync.placing import Arrival, Decision, place
from agent_tui.sync.same_mail import MOST_ADDED, FewRead, same_mail

PEOPLE_KEPT = 500
"""Recipients kept of one header. All of them stay in the raw message."""
REFERENCES_KEPT = 200
_FROM_OUTSIDE = ("inbox", "junk")
"""Folders into which everybody can deliver."""
_BEGINS_AS = {"junk": Status.SPAM, "archive": Status.SOLVED, "trash": Status.CLOSED}
"""Status of a conversation that begins with a mail in such a folder."""
_PUT_AWAY = ("archive", "trash")
"""Folders into which people move what they have seen."""
_OF_ITS_PLACE = frozenset({"loop", "own_address", "recipients_cut", "in_junk"})
"""Warnings that are given when a mail is taken in, and not by its reader."""
ROOM_BETWEEN, STEP = 64, 1_000
"""Microseconds between two mails of one second, for what was written between them; and behind what is answered."""
LONG_AGO = DAY
"""A mail that was read on the server, and came so long before the last one here, was moved into the folder."""


class MailIngest:
    """Takes mails of one account into one transaction."""

    def __init__(
        self,
        tx: IngestTransaction,
        account: IngestAccount,
        read_raw: Callable[[str], bytes | None],
        *,
        live: bool,
    ) -> None:
        self._tx = tx
        self._read_raw = read_raw
        self._account = account
        self._to_compare = FewRead(read_raw)
        self._live = live
        """It is new, not history: it may stop what was scheduled."""

    def take(self, item: Prepared) -> Result:
        """One mail."""
        change = item.change
        assert isinstance(change, MailArrived)
        assert item.sha256 is not None
        if change.role == "drafts":
            return Result(Outcome.IGNORED)
        known = self._known(item, change)
        if known is not None:
            return self._seen_again(known, item, change)
        if not isinstance(item.reading, ParsedMail):
            return self._set_aside(item, change)
        ours = self._our_copy(change, item.reading) or self._same_as_ours(item, change, item.reading)
        if ours is not None:
            return ours
        twins = self._twins(change, item.reading)
        return self._same_as_theirs(twins, change, item.reading) or self._store(item, change, item.reading, twins)

    # here already

    def _known(self, item: Prepared, change: MailArrived) -> int | None:
        """The message that this is. Where it lies and the id a server gives it say so only of one whose head is here.

        Servers begin their numbers anew, and a hostile one gives any number to any mail: other bytes in the place of
        a whole message are another message, and change nothing of the first.
        """
        tx, account = self._tx, self._account.id
        found = tx.message_by_native(account, item.sha256 or "")
        copy = change.copy
        if found is not None or copy is None:
            return found
        found = tx.message_by_copy(account, copy.folder, copy.uidvalidity, copy.uid)
        if found is None and copy.email_id:
            found = tx.message_by_email_id(account, copy.email_id)
        if found is None or not isinstance(item.reading, ParsedMail):
            return None
        stored = tx.stored_mail(found)
        same_head = stored.header_id == (item.reading.message_id or stored.header_id)
        same_size = change.partial and stored.size == change.size
        return found if same_head and (stored.partial or same_size) else None

    def _seen_again(self, message_id: int, item: Prepared, change: MailArrived) -> Result:
        tx = self._tx
        whole = tx.message_by_native(self._account.id, item.sha256 or "")
        if whole is None and not change.partial and isinstance(item.reading, ParsedMail):
            arrived = arrival_time(change, item.reading)
            tx.complete_message(message_id, self._message(item, change, item.reading, arrived, contact_id=None))
        if isinstance(item.reading, ParsedMail):
            # A file is no copy on a server: it may be imported again once an account says which addresses are ours.
            again = change.copy is None and is_outgoing(item.reading, change.role, self._account.ours)
            if change.role == "sent" or again:
                self._recognise(message_id, item, change, item.reading)
        self._put_copy(message_id, change)
        conversation_id = tx.conversation_of(message_id)
        if conversation_id is not None and change.role not in (*_BEGINS_AS, "sent"):
            tx.left_junk(message_id)
            self._back_in_sight(conversation_id)
        return Result(Outcome.DUPLICATE, message_id, conversation_id)

    def _back_in_sight(self, conversation_id: int) -> None:
        """The very same bytes lie elsewhere than among spam now: only the server, or who reads there, moves a mail."""
        state = self._tx.conversation_state(conversation_id)
        if state.only_filed:
            status = Status.SOLVED if self._account.solved else Status.NEW
            self._tx.set_status(conversation_id, status, "out_of_junk", max(now(), state.last_at))

    def _same_as_ours(self, item: Prepared, change: MailArrived, parsed: ParsedMail) -> Result | None:
        """The same letter is here already: sent by another program of ours, and gone through our own mailbox too.

        What lies in the folder of what was sent makes it ours; a letter that only came from outside never does.
        """
        if not parsed.message_id or change.partial or parsed.author not in self._account.ours:
            return None
        for candidate in self._tx.candidates(self._account.id, [parsed.message_id]):
            stored = self._tx.stored_mail(candidate.message_id)
            ours = stored.direction is Direction.OUT or (
                change.role == "sent" and self._account.ours.wrote(stored.author)
            )
            raw = self._to_compare(stored.raw, stored.size) if ours and not stored.partial else None
            if raw is None or not same_letter(raw, change.raw):
                continue
            if change.role == "sent":
                self._recognise(candidate.message_id, item, change, parsed)
            self._put_copy(candidate.message_id, change)
            return Result(Outcome.DUPLICATE, candidate.message_id, self._tx.conversation_of(candidate.message_id))
        return None

    def _twins(self, change: MailArrived, parsed: ParsedMail) -> Sequence[Twin]:
        if not parsed.message_id or is_outgoing(parsed, change.role, self._account.ours):
            return ()
        return self._tx.twins(self._account.id, parsed.message_id, parsed.author.address)

    def _same_as_theirs(self, twins: Sequence[Twin], change: MailArrived, parsed: ParsedMail) -> Result | None:
        """A customer wrote one letter to two addresses of ours: it is here already, and is answered once.

        Where a server doubts one of the two and not the other, both stay in sight: joined, the doubt would fall on the
        honest one, or be lost with the forged one.
        """
        if change.partial:
            return None
        for twin in twins[:TWINS_CAP]:
            read_alike = twin.automatic is parsed.automatic and twin.warnings - _OF_ITS_PLACE == set(parsed.warnings)
            if not twin.here or not read_alike or self._would_hide(twin, change, parsed):
                continue
            near = abs(twin.size - len(change.raw)) <= MOST_ADDED  # what cannot be it is not read, however large it is
            raw = self._to_compare(twin.raw, twin.size) if near else None
            if raw is not None and same_mail(raw, change.raw):
                self._put_copy(twin.message_id, change)
                return Result(Outcome.DUPLICATE, twin.message_id, twin.conversation_id)
        return None

    def _would_hide(self, twin: Twin, change: MailArrived, parsed: ParsedMail) -> bool:
        """It came in sight, and the other one never was: it lies in the trash, an archive, or among spam.

        Or nobody was told of it, for it went in a circle, or a mark says so that anybody may write above a letter.
        """
        if "loop" in twin.warnings and not is_unheard(parsed.automatic, parsed.loop_count):
            return True
        if change.role in _BEGINS_AS or self._account.solved or twin.status not in _BEGINS_AS.values():
            return False
        copy = change.copy
        place = (self._account.id, copy.folder, copy.uidvalidity, copy.uid) if copy is not None else None
        if place is not None and self._tx.message_by_copy(*place) == twin.message_id:
            return False
        return twin.status is Status.SPAM or not twin.dealt_with

    def _tell_twins(
        self, twins: Sequence[Twin], conversation_id: int, change: MailArrived, parsed: ParsedMail, at: Micros
    ) -> None:
        """Two conversations with the same letter, as it seems, name each other, that it is not answered twice.

        A forger's has a subject of his choice, which nobody shall read in a customer's conversation.
        """
        if len(twins) > TWINS_CAP or change.role == "junk" or not surely_his(parsed):
            return
        honest = [one for one in twins if one.status is not Status.SPAM and not in_doubt(one.warnings)]
        for other in dict.fromkeys(self._tx.conversation_of(twin.message_id) for twin in honest):
            if other is not None and other != conversation_id:
                self._tx.tell_twin(conversation_id, other, at)
                self._tx.tell_twin(other, conversation_id, at)

    def _recognise(self, message_id: int, item: Prepared, change: MailArrived, parsed: ParsedMail) -> None:
        """It was found elsewhere first, and taken for somebody's who uses our address: now it is known to be ours."""
        tx = self._tx
        stored = tx.stored_mail(message_id)
        if stored.direction is Direction.OUT or not self._account.ours.wrote(stored.author):
            return
        arrived = arrival_time(change, parsed)
        contact_id = self._contact(parsed, change, arrived, outgoing=True)
        message = self._message(item, change, parsed, arrived, contact_id)
        decision = self._place(parsed, change, message)
        tx.make_ours(message_id, contact_id)
        home = tx.conversation_of(message_id)
        assert home is not None
        if decision.conversation_id is not None and decision.conversation_id != home:
            home = decision.conversation_id
            tx.move_message(message_id, home, decision.placement)
        state = tx.conversation_state(home)
        unanswered = state.status is Status.NEW and (state.last_in_at or 0) < arrived
        if unanswered or (state.status is Status.OPEN and state.last_in_at is None):
            what = happening(replace(message, direction=Direction.OUT), state, self._book())
            tx.set_status(home, transitions.after(state.status, what), what.value, arrived)
        for other in decision.joins:
            if other != home:
                home = self._join(home, other, decision, arrived)
        self._explain(decision, message, message_id)

    def _our_copy(self, change: MailArrived, parsed: ParsedMail) -> Result | None:
        """A copy of what we sent from here: it is the message that stands there since it was queued, and proves it left.

        Whoever got a mail of ours knows its Message-ID, and may write another one under it, in our name. In the
        folder of what we sent, the same subject and recipients are enough, for some servers write bodies anew;
        elsewhere it must be the same letter.
        """
        if not parsed.message_id or not (change.role == "sent" or parsed.author in self._account.ours):
            return None
        item = self._tx.outbox_by_token(self._account.id, parsed.message_id)
        if item is None or item.message_id is None:
            return None
        if change.role == "sent":
            same = same_heading(item, parsed)
        else:
            frozen = self._read_raw(item.raw) if item.raw else None
            same = frozen is not None and same_letter(frozen, change.raw)
        if not same:
            return None
        self._put_copy(item.message_id, change)
        return Result(Outcome.DUPLICATE, item.message_id, item.conversation_id, proves=item.id)

    def _put_copy(self, message_id: int, change: MailArrived) -> None:
        copy = change.copy
        if copy is not None:
            place = CopyPlace(
                copy.folder, copy.uidvalidity, copy.uid, copy.email_id, seen=change.seen, answered=change.answered
            )
            self._tx.put_copy(message_id, self._account.id, place)

    def _set_aside(self, item: Prepared, change: MailArrived) -> Result:
        reading = item.reading
        code, parameters = (
            (reading.code, reading.parameters) if isinstance(reading, Unreadable) else ("parse_error", {})
        )
        sha256 = item.sha256 or ""
        self._tx.set_aside(
            self._account.id, sha256, code, parameters, item.sha256, change.size or len(change.raw), item.origin
        )
        return Result(Outcome.SET_ASIDE, code=code, parameters=parameters)

    # new

    def _store(self, item: Prepared, change: MailArrived, parsed: ParsedMail, twins: Sequence[Twin]) -> Result:
        tx = self._tx
        arrived = arrival_time(change, parsed)
        outgoing = is_outgoing(parsed, change.role, self._account.ours)
        contact_id = self._contact(parsed, change, arrived, outgoing)
        message = self._message(item, change, parsed, arrived, contact_id)
        decision = self._place(parsed, change, message)
        # One server reports on many messages of ours within an hour, and goes in no circle with that.
        told_of_ours = outgoing or decision.about is not None
        loop = not told_of_ours and is_loop(
            parsed.author.address, parsed.automatic, arrived, parsed.loop_count, tx.automatic_from
        )
        if loop:
            message = replace(message, warnings=(*message.warnings, "loop"))
        message = replace(message, arrived_at=place_in_time(arrived, decision))
        automatic = Automatic.REPLY if loop else parsed.automatic
        news = self._is_news(decision, message, change)
        conversation_id = self._conversation(decision, message, change, automatic, news=news)
        if decision.about is not None:
            # Whoever is not asked who he is stands there with his address, never under a name of his choice.
            message = replace(message, author=Person(NOTHING, message.author.address))
            note_report(tx, self._account.ours, decision.about, parsed, live=self._live)
        message_id = tx.add_message(message, conversation_id, decision.placement)
        self._put_copy(message_id, change)
        for other in decision.joins:
            conversation_id = self._join(conversation_id, other, decision, arrived)
        self._explain(decision, message, message_id)
        if loop:
            tx.add_event(conversation_id, "loop", {"author": parsed.author.address}, arrived)
        self._tell_twins(twins, conversation_id, change, parsed, arrived)
        wrote = not outgoing and automatic not in (Automatic.REPLY, Automatic.REPORT)
        if wrote and surely_his(parsed) and change.role != "junk":
            note_answer(tx, self._account.id, parsed)
        theirs = wrote and self._live and parsed.author not in self._account.ours and not is_distrusted(parsed, change)
        # What was answered already, and is found late, is not written behind what was queued since.
        until = now() if news else Micros(arrived + SKEW)
        who = somebody_else(message, tx.conversation_state(conversation_id))
        stopped = len(tx.stop_held(conversation_id, until, who)) if theirs else 0
        return Result(Outcome.IMPORTED, message_id, conversation_id, customer_wrote=wrote, stopped=stopped, who=who)

    def _contact(self, parsed: ParsedMail, change: MailArrived, arrived: Micros, outgoing: bool) -> int | None:
        """The customer: who wrote, or whom we wrote to first."""
        tx = self._tx
        if outgoing:
            people = foreign([*parsed.to, *parsed.cc, *parsed.bcc], self._account.ours)
            person, evidence = (people[0] if people else None), "written_to"
        else:
            person, evidence = parsed.author, "wrote"
        key = email_key(person.address) if person else None
        if person is None or key is None or self._account.ours.has(key):
            return None
        name = plain_name(person) if outgoing or names_him(parsed, change) else NOTHING
        address = as_written(person.address)
        contact_id = tx.add_contact(name, EMAIL, address, evidence)
        if not outgoing:
            tx.see_contact(
                contact_id, EMAIL, address, name, arrived, renames=surely_his(parsed) and is_proven(parsed, change)
            )
        return contact_id

    def _message(
        self, item: Prepared, change: MailArrived, parsed: ParsedMail, arrived: Micros, contact_id: int | None
    ) -> NewMessage:
        outgoing = is_outgoing(parsed, change.role, self._account.ours)
        cut = max(len(parsed.to), len(parsed.cc), len(parsed.bcc)) > PEOPLE_KEPT
        return NewMessage(
            account=self._account.id,
            channel=Channel.EMAIL,
            native_id=item.sha256 or "",
            direction=Direction.OUT if outgoing else Direction.IN,
            author=parsed.author,
            to=parsed.to[:PEOPLE_KEPT],
            cc=parsed.cc[:PEOPLE_KEPT],
            bcc=parsed.bcc[:PEOPLE_KEPT],
            reply_to=parsed.reply_to[:PEOPLE_KEPT],
            subject=parsed.subject,
            sent_at=parsed.sent_at if parsed.sent_at is not None else arrived,
            arrived_at=arrived,
            text=parsed.text,
            quoted=parsed.quoted,
            signature=parsed.signature,
            links=parsed.links,
            files=tuple(Attachment(0, f.name, f.type, f.size, f.inline, f.part) for f in parsed.files),
            automatic=parsed.automatic,
            warnings=(
                *parsed.warnings,
                *(("partial",) if change.partial and "partial" not in parsed.warnings else ()),
                *(("recipients_cut",) if cut else ()),
                *(("own_address",) if not outgoing and parsed.author in self._account.ours else ()),
                *(("in_junk",) if change.role == "junk" else ()),
            ),
            header_id=parsed.message_id or f"{(item.sha256 or '')[:32]}{NO_MESSAGE_ID}",
            in_reply_to=parsed.in_reply_to[:REFERENCES_KEPT],
            references=parsed.references[-REFERENCES_KEPT:],
            contact_id=contact_id,
            called=NOTHING if outgoing else called(parsed, change),
            raw=item.sha256,
            size=change.size or len(change.raw),
            unread=not (outgoing or change.seen),
            delivery=Delivery.SENT if outgoing else Delivery.NONE,
            content_version=CONTENT_VERSION,
            partial=change.partial,
        )

    def _place(self, parsed: ParsedMail, change: MailArrived, message: NewMessage) -> Decision:
        return place(self._arrival(parsed, change, message), self._book())

    def _book(self) -> TransactionBook:
        return TransactionBook(self._tx, self._account.id, self._account.ours, self._read_raw)

    def _arrival(self, parsed: ParsedMail, change: MailArrived, message: NewMessage) -> Arrival:
        ours = message.direction is Direction.OUT  # our address alone opens no conversation: it is easily written
        people = foreign([*parsed.to[:PEOPLE_KEPT], *parsed.cc[:PEOPLE_KEPT], *parsed.bcc], self._account.ours)
        keys = (email_key(person.address) for person in people)
        author = email_key(parsed.author.address)
        return Arrival(
            header_id=message.header_id,
            in_reply_to=parsed.in_reply_to,
            references=parsed.references,
            author=author,
            contact_id=message.contact_id,
            ours=ours,
            recipients=frozenset(key for key in keys if key is not None),
            report=reported(parsed, self._account.ours),
            in_junk=change.role == "junk",
            distrusted=is_distrusted(parsed, change),
            doubted=not ours and in_doubt(message.warnings),
        )

    def _conversation(
        self, decision: Decision, message: NewMessage, change: MailArrived, automatic: Automatic, *, news: bool
    ) -> int:
        tx = self._tx
        arrived, outgoing = message.arrived_at, message.direction is Direction.OUT
        if decision.conversation_id is None:
            begins = _BEGINS_AS.get(change.role) or (Status.SOLVED if self._account.solved else None)
            began = Happening.REPLY_QUEUED if outgoing else Happening.CUSTOMER_WROTE
            status = begins or transitions.after(Status.NEW, began, automatic)
            return tx.add_conversation(
                self._account.id,
                Channel.EMAIL,
                message.subject,
                message.contact_id,
                status,
                arrived,
                related=decision.related,
            )
        state = tx.conversation_state(decision.conversation_id)
        if news:
            what = happening(message, state, self._book())
            status = transitions.after(state.status, what, automatic)
            if status is not state.status:
                who = somebody_else(message, state)
                tx.set_status(state.id, status, what.value, max(arrived, state.last_at), who=who)
        return state.id

    def _is_news(self, decision: Decision, message: NewMessage, change: MailArrived) -> bool:
        """Whether it moves a status, and stops what is held. What history brings was answered or solved long ago.

        The time at which a server says a mail came proves nothing of one that comes in now: queues keep mail for an
        hour, programs put it there with its old date, clocks go behind. Whoever answered or solved here did not have
        it, unless an answer of ours is to it, or the server says that it was answered, or read well before. What an
        answer refers to further up, it only copies from the mail that it answers.
        """
        if decision.conversation_id is None:
            return True
        if self._account.solved:
            return False
        arrived, last_at = message.arrived_at, self._tx.conversation_state(decision.conversation_id).last_at
        if arrived >= last_at or not self._live:
            return arrived >= last_at
        if message.direction is Direction.OUT or change.role in _PUT_AWAY:
            return not decision.answered_by and arrived >= last_at - SKEW
        if change.answered or self._is_answered(decision, message):
            return False
        read_since = change.seen and self._tx.answered_elsewhere(decision.conversation_id, arrived)
        return not read_since and not (change.seen and arrived < last_at - LONG_AGO)

    def _is_answered(self, decision: Decision, message: NewMessage) -> bool:
        """By an answer of ours to this very message: to none that another one here bears the Message-ID of."""
        answers = any(one.direction is Direction.OUT and one.answers for one in decision.answered_by)
        return answers and not self._tx.candidates(self._account.id, [message.header_id])

    def _join(self, home: int, other: int, decision: Decision, at: Micros) -> int:
        """Two conversations were one: the livelier one stays, and says so."""
        tx = self._tx
        ours, theirs = tx.conversation_state(home), tx.conversation_state(other)
        source, target = (ours, theirs) if theirs.last_at > ours.last_at else (theirs, ours)
        tx.merge_conversation(source.id, target.id, decision.placement)
        tx.add_event(target.id, "joined", {"number": str(source.number)}, at)
        return target.id

    def _explain(self, decision: Decision, message: NewMessage, message_id: int) -> None:
        """What refers to this message came before it, and seemed to be tied to nothing, or to strangers."""
        if not decision.answered_by:
            return
        home = self._tx.conversation_of(message_id)
        evidence = {"header": message.header_id[:300], "message": str(message_id), "conversation": str(home)}
        placement = Placement(Rule.REFERENCES, {**evidence, "field": "came_later"})
        self._tx.explain_messages([later.message_id for later in decision.answered_by], placement)


def place_in_time(arrived: Micros, decision: Decision) -> Micros:
    """An answer stands behind what it answers, and ahead of what answers it, in whatever order they were brought.

    Servers tell whole seconds, by clocks of their own. What came long after its answers stays where it came.
    """
    after, answers = decision.answers, [one.message_id for one in decision.answered_by]
    before = min((one for one in answers if one > arrived - SKEW), default=None)
    own = arrived
    if after is not None and own <= after:
        own = Micros(max(own, min(after + STEP, now())))
    if before is not None and own >= before:
        own = Micros((after + before) // 2 if after is not None and after < before else before - STEP)
    return Micros(max(1, own))


def arrival_time(change: MailArrived, parsed: ParsedMail) -> Micros:
    """When it came: as the server says, else as its headers say, never later than now."""
    present = now()
    for moment in (change.arrived_at, parsed.received_at, parsed.sent_at):
        if moment:
            # Servers tell whole seconds. Within one, mails came in the order of their numbers, however they are read.
            part = change.copy.uid * ROOM_BETWEEN % SECOND if change.copy is not None and moment % SECOND == 0 else 0
            return Micros(max(1, min(moment + part, present)))
    return present


def is_outgoing(parsed: ParsedMail, role: str, ours: Ours) -> bool:
    """We wrote it. Where strangers may put mail, our address in From says nothing: forms and forgers use it too.

    Into the folder of what was sent only our own programs put mail. Into any other, filters of the server put what
    came from outside; such a mail was delivered and carries the trace of it (`Received`), while a copy that one of
    our programs filed carries none. With that trace it is ours only where our own server vouches for its sender.
    Else it counts as somebody's who claims to be us, until the same letter is found among what was sent.
    """
    if role == "sent":
        return True
    if role in _FROM_OUTSIDE:
        return False
    if parsed.author not in ours or {"auth_failed", "two_from"} & set(parsed.warnings):
        return False
    if parsed.received_at is not None and not parsed.verified:
        return False
    everyone: list[Person] = [*parsed.to, *parsed.cc, *parsed.bcc]
    return bool(foreign(everyone, ours))
