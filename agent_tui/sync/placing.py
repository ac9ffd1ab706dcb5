"""Which conversation a message belongs to, and why. Pure rules over what the store tells.

What a message refers to is a claim of its author, and so are its To and Cc: whoever knows a Message-ID can write another
mail under it, with copies to whom he likes. The claim is believed only where the author has a part in the conversation:

- we sent the message ourselves (our address as its author is no proof of that);
- he wrote there, or is its customer;
- what he refers to is ours, and he is one of those we wrote to there;
- he and the author of what he refers to each name the other one among their recipients, independently of one another,
  as all do who answer all, neither mail is in doubt, and nobody else in the conversation is a stranger to him.

Everybody else begins a conversation of his own, with a hint to the other one. The subject is never evidence. Different
messages under one Message-ID prove nothing, unless one of them is ours; where there are many, the id tells nothing at
all. What is looked at for one message is bounded, whatever it refers to. Two conversations become one only where they are
one customer's, and nobody's mail goes to another one's spam.

What a server put among spam lies there by its guess, and whoever wrote it chose what it refers to and is referred by.
So it hides no mail that the server put elsewhere, of anybody or of ours: that begins its own in sight. And what the
server doubts besides is nobody's word: it goes to nothing but spam. What a person called spam stays so for all that its
sender writes.

A delivery report is believed by proof: it gives back the name that we gave the envelope, which stands nowhere in the
mail, or our Message-ID with the date, the subject and To that we sent: the id alone stands in every later mail. Where
our own server vouches for it, the id is enough. That proves which mail it is about, and nothing of its author but that
he got it, or handed it on: what he says of others who got it is his word.

History is read from its end, so the same proof counts when the older message comes second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent_tui.content.heading import contradicts, gives_back
from agent_tui.content.parsed import Heading
from agent_tui.domain.message import Direction, Placement, Rule
from agent_tui.store.ports import TWINS_CAP, Candidate
from agent_tui.sync.identity import Key, email_key

CROWD = 20
"""With more participants than this, a conversation is a mailing: answers to it are conversations of their own."""
IDS_CAP = 60
"""Ids looked up for one message; a hostile one may carry thousands."""
ORPHANS_CAP = 20
CANDIDATES_CAP = 60
"""Messages that it is judged by, those that weigh most first."""
LOOKS_CAP = 40
"""Stored messages whose recipients are asked for. What would need more is not told apart, and names nobody."""
LETTERS_CAP = 400
"""Messages of conversations that are looked through for strangers; what is longer takes in nobody by his word alone."""
_WITHOUT_PART = "not_a_participant"


@dataclass(frozen=True, slots=True)
class Letter:
    """Who wrote a message of a conversation, and to whom."""

    author: Key | None
    contact_id: int | None
    ours: bool
    receivers: frozenset[Key]
    """Whom it went to besides us; of a foreign one, as its author says."""
    doubted: bool = False
    """It may be another's than it says."""


class Book(Protocol):
    """What placing asks of the store, within one transaction."""

    def candidates(self, header_ids: Sequence[str]) -> Sequence[Candidate]:
        """Messages with these ids, in the order of the ids; of one id ours first, and at most `TWINS_CAP` and one."""
        ...

    def orphans(self, header_id: str, most: int) -> Sequence[Candidate]:
        """Messages that refer to this id and came before it, the first ones."""
        ...

    def participants(self, conversation_id: int) -> frozenset[Key]:
        """Who wrote in it, and whom we wrote to there."""
        ...

    def contact(self, conversation_id: int) -> int | None: ...

    def is_spam(self, conversation_id: int) -> bool: ...

    def is_only_filed(self, conversation_id: int) -> bool:
        """It is spam by the folder it came in, and no person said so."""
        ...

    def wrote_in(self, conversation_id: int, author: Key) -> bool:
        """He wrote in it, from this address or another one of his, what is in no doubt."""
        ...

    def letters(self, conversation_id: int, limit: int) -> Sequence[Letter]:
        """Its messages, the oldest first, without delivery reports; the newest `limit` of them."""
        ...

    def receivers(self, message_id: int) -> frozenset[Key]:
        """Whom it went to besides us, as it says: our own address lets nobody in who uses it."""
        ...

    def in_envelope(self, envelope_id: str) -> Candidate | None:
        """What we sent in the envelope of this name."""
        ...

    def envelope_of(self, message_id: int) -> str:
        """The name that a server took for its envelope; empty where none did."""
        ...

    def heading_of(self, message_id: int) -> Heading:
        """As it stands in its bytes; empty where they are not here."""
        ...


@dataclass(frozen=True, slots=True)
class Reported:
    """What a delivery report gives back of the message that it is about."""

    about: Sequence[str]
    """Message-IDs, the surest first; none where it only claims one."""
    envelope: str
    heading: Heading
    vouched: bool = False
    """Our own server's word: it need not give back what proves it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What of a message matters for its place."""

    header_id: str
    in_reply_to: Sequence[str]
    references: Sequence[str]
    author: Key | None
    """None where the author's address could not be read cleanly: such a message is nobody's."""
    contact_id: int | None
    ours: bool
    """We wrote it."""
    recipients: frozenset[Key] = frozenset()
    """Whom it went to besides us."""
    report: Reported | None = None
    doubted: bool = False
    """It may be another's than it says."""
    in_junk: bool = False
    """The server put it among spam."""
    distrusted: bool = False
    """It put it there and doubts its sender besides."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a message goes."""

    conversation_id: int | None
    """None begins a new conversation."""
    placement: Placement
    related: tuple[int, ...] = ()
    """Conversations it refers to without having a part in them."""
    joins: tuple[int, ...] = ()
    """Conversations that this message shows to be one with its own."""
    about: Candidate | None = None
    """The message that a delivery report is about."""
    answers: int | None = None
    """The message that it answers: it cannot have come before that one."""
    answered_by: tuple[Candidate, ...] = ()
    """Messages of its conversation that refer to it and are here already: it is not the newest."""


@dataclass(slots=True)
class _Refused:
    """What was refused on the way, for the hint."""

    evidence: dict[str, str] = field(default_factory=dict)
    conversations: dict[int, None] = field(default_factory=dict)

    def add(self, candidate: Candidate, reason: str) -> None:
        if not self.evidence:
            self.evidence = _evidence(candidate, reason=reason)
        self.conversations[candidate.conversation_id] = None


def place(arrival: Arrival, book: Book) -> Decision:
    """Where this message goes."""
    if arrival.report is not None:
        about = _reported(arrival.report, book)
        if about is not None:
            placement = Placement(Rule.DELIVERY_REPORT, _evidence(about, field="report"))
            return Decision(about.conversation_id, placement, about=about, answers=about.message_id)
    refused = _Refused()
    judge = _Judge(arrival, book)
    found = _by_references(judge, refused)
    answers = found[0].message_id if found else None
    later = _by_orphans(judge, refused)
    if found is None and later:
        first = _one_home(later, arrival, book)
        if first is None:
            for orphan in later:
                refused.add(orphan, "several")
        else:
            found = (first, Placement(Rule.REFERENCES, _evidence(first, field="answered_by")))
    if found is None:
        found = _by_shared_references(judge, refused)
        later = []
    if found is None:
        rule = Rule.STRANGER if refused.conversations else Rule.NEW
        return Decision(None, Placement(rule, refused.evidence), tuple(refused.conversations))
    candidate, placement = found
    home = candidate.conversation_id
    joins = _joins(home, later, arrival, book)
    with_it = tuple(one for one in later if one.conversation_id == home or one.conversation_id in joins)
    return Decision(home, placement, joins=joins, answers=answers, answered_by=with_it)


def _one_home(later: Sequence[Candidate], arrival: Arrival, book: Book) -> Candidate | None:
    """Which of what answers it says where it stands; None where that would be one customer's place among several's."""
    first = {one.conversation_id: one for one in reversed(later)}
    contacts = {home: book.contact(home) for home in first}
    order = [one.conversation_id for one in later]
    homes = sorted(first, key=lambda home: (book.is_spam(home), order.index(home)))
    own = [home for home in homes if arrival.contact_id is not None and contacts[home] == arrival.contact_id]
    one_customer = len(homes) == 1 or (len(set(contacts.values())) == 1 and None not in contacts.values())
    return first[(own or homes)[0]] if own or one_customer or arrival.ours else None


def _joins(home: int, later: Sequence[Candidate], arrival: Arrival, book: Book) -> tuple[int, ...]:
    """Conversations that this message shows to be one with its own: of one customer, or of nobody where we wrote it."""
    others = [other for other in dict.fromkeys(one.conversation_id for one in later) if other != home]
    if not others or book.is_spam(home):
        return ()
    customer = book.contact(home)
    found = []
    for other in others:
        theirs = book.contact(other)
        one_customer = theirs == customer if customer is not None and theirs is not None else arrival.ours
        if one_customer and not book.is_spam(other):
            found.append(other)
            customer = customer if customer is not None else theirs
    return tuple(found)


def referred(arrival: Arrival) -> Sequence[tuple[str, str]]:
    """(id, field) in the order of their weight: In-Reply-To, then References from the end. Each once, itself never."""
    references = list(reversed(arrival.references))
    if len(references) > IDS_CAP:
        references = [*references[: IDS_CAP - 5], *references[-5:]]
    ids: dict[str, str] = {}
    for header_id in list(arrival.in_reply_to)[:IDS_CAP]:
        ids.setdefault(header_id, "in_reply_to")
    for header_id in references:
        ids.setdefault(header_id, "references")
    ids.pop(arrival.header_id, None)
    ids.pop("", None)
    return list(ids.items())


class _Judge:
    """Whether the author of a message has a part in a conversation: each is judged once."""

    def __init__(self, arrival: Arrival, book: Book) -> None:
        self.arrival = arrival
        self.book = book
        self._reasons: dict[tuple[int, bool], str] = {}
        self._familiar: dict[int, bool] = {}
        self._looked_at: set[int] = set()
        self._letters_left = LETTERS_CAP

    def refuses(self, one: Candidate, *, strictly: bool = False) -> str:
        """Why he has none in the conversation of this message; empty where he has.

        What we wrote ourselves is believed, unless `strictly`: then it must have gone to somebody there.
        """
        if self.arrival.ours and not strictly:
            return "junk" if self.book.is_only_filed(one.conversation_id) else ""
        key = (one.conversation_id, one.direction is Direction.OUT)
        if key not in self._reasons:
            look = self._ours_refused if self.arrival.ours else self._foreign_refused
            self._reasons[key] = look(*key)
        return self._reasons[key]

    def _ours_refused(self, conversation: int, _to_ours: bool) -> str:
        if self.book.is_only_filed(conversation):
            return "junk"
        if self._is_customer(conversation):
            return ""
        people, mine = self.book.participants(conversation), self.arrival.recipients
        if len(people) > CROWD or len(mine) > CROWD:
            return "crowd"
        return "" if people & mine else _WITHOUT_PART

    def _foreign_refused(self, conversation: int, to_ours: bool) -> str:
        author = self.arrival.author
        if author is None:
            return "no_author"
        if not self.arrival.in_junk and self.book.is_only_filed(conversation):
            return "junk"
        if self.arrival.distrusted and not self.book.is_spam(conversation):
            return "distrusted"
        if self.book.is_spam(conversation) and not (
            self._is_customer(conversation) and self._is_his_spam(conversation)
        ):
            return "spam"
        if self._is_customer(conversation):
            return ""
        people = self.book.participants(conversation)
        if len(people) > CROWD:
            return "crowd"
        if author not in people:
            return _WITHOUT_PART
        # Whom we wrote to answers us; another one's mail to him is that one's claim.
        return "" if to_ours or self.book.wrote_in(conversation, author) else _WITHOUT_PART

    def _is_his_spam(self, conversation: int) -> bool:
        """What was marked as spam is surely his own: a mail in doubt is no word of him, and hides none."""
        letters = self.book.letters(conversation, LETTERS_CAP)
        return self.arrival.doubted or any(not letter.doubted and not letter.ours for letter in letters)

    def _is_customer(self, conversation: int) -> bool:
        return self.arrival.contact_id is not None and self.book.contact(conversation) == self.arrival.contact_id

    def name_each_other(self, one: Candidate) -> bool:
        """Each of the two authors says himself that it went to the other one, and there are only people he knows.

        What is in doubt is no word of its author.
        """
        author, other = self.arrival.author, email_key(one.author)
        if self.arrival.ours or one.direction is Direction.OUT or author is None:
            return False
        if self.arrival.doubted or one.doubted:
            return False
        if not _was_sent_to(other, self.arrival.recipients):
            return False
        if not _was_sent_to(author, self._receivers(one) or frozenset()):
            return False
        conversation = one.conversation_id
        if conversation not in self._familiar:
            self._familiar[conversation] = self._meets_no_stranger(conversation, author)
        return self._familiar[conversation]

    def _meets_no_stranger(self, conversation: int, author: Key) -> bool:
        """He names everybody who wrote there, or is named by him, or we brought that one in.

        Else one forged mail that several people answer would gather them all.
        """
        letters = self.book.letters(conversation, self._letters_left) if self._letters_left > 0 else ()
        whole = len(letters) < self._letters_left
        self._letters_left -= len(letters)
        if not whole:
            return False
        brought: set[Key] = set()
        known: dict[Key | int, bool] = {}
        for letter in letters:
            if letter.ours:
                brought |= letter.receivers
            elif letter.author is not None:
                writer = letter.author if letter.contact_id is None else letter.contact_id
                by_us = writer not in known and letter.author in brought
                names_him = not letter.doubted and _was_sent_to(author, letter.receivers)
                named = letter.author in self.arrival.recipients or names_him
                known[writer] = known.get(writer, False) or by_us or named
        return all(known.values())

    def claims(self, one: Candidate) -> tuple[Key | None, frozenset[Key] | None]:
        """From whom and to whom it says it is: copies of one letter, by way of two addresses of ours, say the same."""
        return email_key(one.author), self._receivers(one)

    def _receivers(self, one: Candidate) -> frozenset[Key] | None:
        """Whom it went to; None where enough was looked at."""
        if one.message_id not in self._looked_at and len(self._looked_at) >= LOOKS_CAP:
            return None
        self._looked_at.add(one.message_id)
        return self.book.receivers(one.message_id)


def _by_references(judge: _Judge, refused: _Refused) -> tuple[Candidate, Placement] | None:
    arrival = judge.arrival
    fields = dict(referred(arrival))
    if not fields:
        return None
    candidates, doubled = _told_apart(list(fields), judge)
    order = {header_id: place for place, header_id in enumerate(fields)}
    # Our own Message-IDs cannot be guessed, so they weigh most; then the order in which they were named.
    candidates.sort(key=lambda c: (fields.get(c.header) != "in_reply_to", not c.ours, order.get(c.header, len(order))))
    taken, more = _first_believed(judge, candidates[:CANDIDATES_CAP], doubled, refused)
    if taken is None:
        return None
    where = fields.get(taken.header, "references")
    if taken.ours:
        rule = Rule.OUR_MESSAGE_ID
    else:
        rule = Rule.IN_REPLY_TO if where == "in_reply_to" else Rule.REFERENCES
    return taken, Placement(rule, _evidence(taken, field=where, **more))


def _told_apart(header_ids: Sequence[str], judge: _Judge) -> tuple[list[Candidate], set[str]]:
    """Ours alone where one under the same Message-ID is ours, none of too many foreign ones; and where these differ."""
    by_header: dict[str, list[Candidate]] = {}
    for one in judge.book.candidates(header_ids):
        by_header.setdefault(one.header, []).append(one)
    kept: list[Candidate] = []
    doubled = set()
    for header, several in by_header.items():
        ours = [one for one in several if one.ours or one.direction is Direction.OUT]
        if ours or len(several) <= TWINS_CAP:
            kept += ours or several
            if not ours and len(several) > 1 and _differ(several, judge):
                doubled.add(header)
    return kept, doubled


def _differ(several: Sequence[Candidate], judge: _Judge) -> bool:
    """They are not one letter, as far as is looked."""
    first = judge.claims(several[0])
    return first[1] is None or any(judge.claims(one) != first for one in several[1:])


def _first_believed(
    judge: _Judge, candidates: Sequence[Candidate], doubled: set[str], refused: _Refused
) -> tuple[Candidate | None, dict[str, str]]:
    """Where he has a part in the conversation; else where he and another one there answer each other."""
    others = []
    for one in candidates:
        reason = judge.refuses(one, strictly=one.header in doubled)
        if not reason:
            return one, {}
        may_answer = reason == _WITHOUT_PART and one.header not in doubled
        refused.add(one, "doubled" if reason == _WITHOUT_PART and not may_answer else reason)
        if may_answer:
            others.append(one)
    answered = next((one for one in others if judge.name_each_other(one)), None)
    return answered, {"part": "name_each_other"}


def _was_sent_to(author: Key | None, receivers: frozenset[Key]) -> bool:
    """A copy to a crowd makes nobody a part of anything."""
    return author in receivers and len(receivers) <= CROWD


def _by_orphans(judge: _Judge, refused: _Refused) -> list[Candidate]:
    """Messages that came before and refer to this one, with people who have a part in both."""
    arrival, book = judge.arrival, judge.book
    orphans = book.orphans(arrival.header_id, ORPHANS_CAP) if arrival.header_id else ()
    if not orphans:
        return []
    twins = () if arrival.ours else book.candidates([arrival.header_id])
    ours_is_here = any(one.ours or one.direction is Direction.OUT for one in twins)
    mine = (arrival.author, arrival.recipients)
    doubled = len(twins) > TWINS_CAP or any(judge.claims(one) != mine for one in twins)
    found: list[Candidate] = []
    for orphan in orphans:
        reason = "doubled" if ours_is_here else judge.refuses(orphan, strictly=True)
        tied = reason == _WITHOUT_PART and not doubled and judge.name_each_other(orphan)
        if not reason or tied:
            found.append(orphan)
        else:
            refused.add(orphan, reason)
    return found


def _by_shared_references(judge: _Judge, refused: _Refused) -> tuple[Candidate, Placement] | None:
    """Others refer to the same message, which is not here: two answers of one person to it belong together."""
    for header_id, _ in referred(judge.arrival)[:3]:
        for sibling in judge.book.orphans(header_id, ORPHANS_CAP):
            reason = judge.refuses(sibling, strictly=True)
            more = {}
            if reason == _WITHOUT_PART and judge.name_each_other(sibling):
                reason, more = "", {"part": "name_each_other"}
            if not reason:
                evidence = _evidence(sibling, field="shared", shared=header_id, **more)
                return sibling, Placement(Rule.REFERENCES, evidence)
            refused.add(sibling, reason)
    return None


def _reported(report: Reported, book: Book) -> Candidate | None:
    """The message of ours that a report proves to be about. Who sent it does not matter: servers do."""
    found = book.in_envelope(report.envelope) if report.envelope else None
    if found is not None:
        return found  # only who got it, and servers on the way, were told that name: nothing else has to fit
    candidates = book.candidates(list(report.about)[:IDS_CAP])
    ours = (one for one in candidates if one.direction is Direction.OUT)
    return next((one for one in ours if _fits(report, one, book)), None)


def _fits(report: Reported, sent: Candidate, book: Book) -> bool:
    """Whoever saw a later mail knows its Message-ID: only its head beside it shows that somebody has it."""
    named = book.envelope_of(sent.message_id) if report.envelope else ""
    if named and named != report.envelope:
        return False
    heading = book.heading_of(sent.message_id)
    return not contradicts(report.heading, heading) if report.vouched else gives_back(report.heading, heading)


def _evidence(candidate: Candidate, **more: str) -> dict[str, str]:
    facts: Mapping[str, str] = {
        "header": candidate.header[:300],
        "message": str(candidate.message_id),
        "conversation": str(candidate.conversation_id),
    }
    return {**facts, **more}
