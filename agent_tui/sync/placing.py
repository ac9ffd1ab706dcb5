"""Which conversation a message belongs to, and why. Pure rules over what the store tells.

What a message refers to is a claim of its author. It is believed only where the author has a part in the
conversation: he wrote in it, we wrote to him, he is its customer, he got the very message that he refers to (in copy,
say), or we sent the message ourselves; our address as its author is no proof of that. Everybody else begins a
conversation of his own, with a hint to the other one. The subject is never evidence.

A delivery report is believed by proof: it gives back the name that we gave the envelope, which stands nowhere in the
mail, or our Message-ID and nothing that contradicts what we sent.

History is read from its end, so the same proof counts when the older message comes second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent_tui.content.heading import contradicts
from agent_tui.content.parsed import Heading
from agent_tui.domain.message import Direction, Placement, Rule
from agent_tui.store.ports import Candidate
from agent_tui.sync.identity import Key, email_key

CROWD = 20
"""With more participants than this, a conversation is a mailing: answers to it are conversations of their own."""
IDS_CAP = 60
"""Ids looked up for one message; a hostile one may carry thousands."""
ORPHANS_CAP = 20


class Book(Protocol):
    """What placing asks of the store, within one transaction."""

    def candidates(self, header_ids: Sequence[str]) -> Sequence[Candidate]:
        """Messages with these ids, in the order of the ids."""
        ...

    def orphans(self, header_id: str) -> Sequence[Candidate]:
        """Messages that refer to this id and came before it."""
        ...

    def participants(self, conversation_id: int) -> frozenset[Key]: ...

    def contact(self, conversation_id: int) -> int | None: ...

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
    found = _by_references(arrival, book, refused)
    answers = found[0].message_id if found else None
    later = _by_orphans(arrival, book, refused)
    if found is None and later:
        found = (later[0], Placement(Rule.REFERENCES, _evidence(later[0], field="answered_by")))
    if found is None:
        found = _by_shared_references(arrival, book, refused)
    if found is None:
        rule = Rule.STRANGER if refused.conversations else Rule.NEW
        return Decision(None, Placement(rule, refused.evidence), tuple(refused.conversations))
    candidate, placement = found
    home = candidate.conversation_id
    joins = dict.fromkeys(c.conversation_id for c in later if c.conversation_id != home)
    return Decision(home, placement, joins=tuple(joins), answers=answers, answered_by=tuple(later))


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


def _by_references(arrival: Arrival, book: Book, refused: _Refused) -> tuple[Candidate, Placement] | None:
    fields = dict(referred(arrival))
    if not fields:
        return None
    candidates = list(book.candidates(list(fields)))
    order = {header_id: place for place, header_id in enumerate(fields)}
    # Our own Message-IDs cannot be guessed, so they weigh most; then the order in which they were named.
    candidates.sort(key=lambda c: (fields.get(c.header) != "in_reply_to", not c.ours, order.get(c.header, len(order))))
    taken = _first_believed(arrival, candidates, book, refused)
    if taken is None:
        return None
    where = fields.get(taken.header, "references")
    if taken.ours:
        rule = Rule.OUR_MESSAGE_ID
    else:
        rule = Rule.IN_REPLY_TO if where == "in_reply_to" else Rule.REFERENCES
    return taken, Placement(rule, _evidence(taken, field=where))


def _first_believed(
    arrival: Arrival, candidates: Sequence[Candidate], book: Book, refused: _Refused
) -> Candidate | None:
    """Where he has a part in the conversation; else where he got the message that he refers to."""
    got = []
    for candidate in candidates:
        reason = _refuses(arrival, candidate.conversation_id, book)
        if not reason:
            return candidate
        refused.add(candidate, reason)
        if reason == "not_a_participant":
            got.append(candidate)
    return next((one for one in got if _was_sent_to(arrival.author, book.receivers(one.message_id))), None)


def _was_sent_to(author: Key | None, receivers: frozenset[Key]) -> bool:
    """A copy to a crowd makes nobody a part of anything."""
    return author in receivers and len(receivers) <= CROWD


def _by_orphans(arrival: Arrival, book: Book, refused: _Refused) -> list[Candidate]:
    """Messages that came before and refer to this one, with people who have a part in both."""
    if not arrival.header_id:
        return []
    found: list[Candidate] = []
    has_part: dict[int, bool] = {}  # by conversation: most of them stand in one
    for orphan in list(book.orphans(arrival.header_id))[:ORPHANS_CAP]:
        home = orphan.conversation_id
        went_to_its_author = _was_sent_to(email_key(orphan.author), arrival.recipients)
        if not went_to_its_author and home not in has_part:
            has_part[home] = _has_part_in(arrival, home, book)
        if went_to_its_author or has_part[home]:
            found.append(orphan)
        else:
            refused.add(orphan, "not_a_participant")
    return found


def _has_part_in(arrival: Arrival, conversation: int, book: Book) -> bool:
    people = book.participants(conversation)
    mine = arrival.recipients if arrival.ours else frozenset([arrival.author] if arrival.author else [])
    same = arrival.contact_id is not None and book.contact(conversation) == arrival.contact_id
    return len(people) <= CROWD and len(mine) <= CROWD and bool(same or people & mine)


def _by_shared_references(arrival: Arrival, book: Book, refused: _Refused) -> tuple[Candidate, Placement] | None:
    """Others refer to the same message, which is not here: two answers of one person to it belong together."""
    for header_id, _ in referred(arrival)[:3]:
        for sibling in list(book.orphans(header_id))[:ORPHANS_CAP]:
            reason = _refuses(arrival, sibling.conversation_id, book)
            if not reason:
                evidence = _evidence(sibling, field="shared", shared=header_id)
                return sibling, Placement(Rule.REFERENCES, evidence)
            refused.add(sibling, reason)
    return None


def _refuses(arrival: Arrival, conversation: int, book: Book) -> str:
    """Why the author has no part in this conversation; empty where he has."""
    if arrival.ours:
        return ""
    if arrival.author is None:
        return "no_author"
    if arrival.contact_id is not None and book.contact(conversation) == arrival.contact_id:
        return ""
    people = book.participants(conversation)
    if len(people) > CROWD:
        return "crowd"
    return "" if arrival.author in people else "not_a_participant"


def _reported(report: Reported, book: Book) -> Candidate | None:
    """The message of ours that a report proves to be about. Who sent it does not matter: servers do."""
    found = book.in_envelope(report.envelope) if report.envelope else None
    if found is not None:
        return found  # servers alone were told that name, so nothing else has to fit
    candidates = book.candidates(list(report.about)[:IDS_CAP])
    ours = (one for one in candidates if one.direction is Direction.OUT)
    return next((one for one in ours if _fits(report, one, book)), None)


def _fits(report: Reported, sent: Candidate, book: Book) -> bool:
    """Everybody who got a copy knows its Message-ID: nothing else that is given back may be of another mail."""
    named = book.envelope_of(sent.message_id) if report.envelope else ""
    if named and named != report.envelope:
        return False
    return not contradicts(report.heading, book.heading_of(sent.message_id))


def _evidence(candidate: Candidate, **more: str) -> dict[str, str]:
    facts: Mapping[str, str] = {
        "header": candidate.header[:300],
        "message": str(candidate.message_id),
        "conversation": str(candidate.conversation_id),
    }
    return {**facts, **more}
