"""Whom the agent may mean while he types a recipient: those who were written to and wrote come first.

A name is no proof: whoever writes once may bear that of a customer. So whom we answered stands before who only wrote,
and a message that begins under a name of several addresses is asked about before it goes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from agent_tui.desk.recipients import Namesake, address_key, is_own, plain_name, shown
from agent_tui.desk.workspace import Desk
from agent_tui.domain.message import IN_DOUBT, Direction, Message, Person
from agent_tui.domain.search import Filter, Query

MOST, LOOKED_AT = 5, 40
"""People that are offered, and conversations that are looked at for them, of either direction."""
ASKED_ABOUT = 10
"""Recipients whose names are looked up: a list of them is no choice between two."""
SHORTEST = 2
DOUBTING = IN_DOUBT | {"reply_to_differs"}
"""Warnings about who wrote it: nobody is offered under a name and address that somebody else may have written."""
_LAST = re.compile(r"(?P<head>(?:.*[,;]\s*)?)(?P<piece>[^,;]*)", re.DOTALL)


def last_piece(typed: str) -> tuple[str, str]:
    """What stands before the recipient that is being typed, and what is typed of it; nothing within quotes."""
    found = _LAST.fullmatch(typed)
    if found is None or typed.count('"') % 2 or "<" in found["piece"]:
        return typed, ""
    return found["head"], found["piece"].strip()


def with_person(typed: str, person: Person) -> str:
    """The field with this person in place of what was typed of him."""
    return last_piece(typed)[0] + shown((person,))


@dataclass(slots=True)
class _Known:
    person: Person
    wrote: int = 0
    """Conversations in which he wrote, of those looked at."""
    written_to: int = 0
    newest: int = 0
    doubted: bool = False

    @property
    def rank(self) -> tuple[bool, bool, int, int]:
        """Both ways first, then whom we wrote to; then the count of exchanges, then the newest."""
        answered = self.written_to > 0
        return answered and self.wrote > 0, answered, self.wrote + self.written_to, self.newest


class KnownPeople:
    """Finds people by the beginning of any word of their names and addresses."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def found(self, typed: str) -> tuple[Person, ...]:
        """A few, the best known first. Reads the store: not for the event loop.

        Nobody whose address does not exist, or whose message was marked by a doubt, as one who looks like another.
        """
        head, piece = last_piece(typed)
        if len(piece) < SHORTEST:
            return ()
        people = self._known(piece)
        bounced = {address_key(one) for one in self._desk.reads.hard_bounced(list(people))}
        there = head.casefold()
        offered = [
            one
            for key, one in people.items()
            if not one.doubted and key not in bounced and key not in there and key != piece.casefold()
        ]
        return tuple(one.person for one in sorted(offered, key=lambda one: one.rank, reverse=True))[:MOST]

    def namesakes(self, people: Sequence[Person]) -> tuple[Namesake, ...]:
        """Those whose name is known here with another address, too, where either may be meant.

        Where only the chosen one was ever written to, the other is the stranger, and nothing is to be asked.
        """
        own = self._desk.own_addresses()
        return tuple(found for one in people[:ASKED_ABOUT] if (found := self._namesake(one, own)) is not None)

    def _namesake(self, person: Person, own: Collection[str]) -> Namesake | None:
        key = address_key(person.address)
        if not key:
            return None
        chosen = self._known(person.address).get(key)
        name = chosen.person.name or person.name if chosen is not None else person.name
        plain = plain_name(name)
        if not plain:
            return None
        alike = [
            one
            for other, one in self._known(name).items()
            if other != key and plain_name(one.person.name) == plain and not one.doubted and not is_own(other, own)
        ]
        best = max(alike, key=lambda one: one.rank, default=None)
        answered = chosen is not None and chosen.written_to > 0
        if best is None or (answered and not best.written_to):
            return None
        return Namesake(person.address, best.person, doubtful=not answered)

    def _known(self, piece: str) -> dict[str, _Known]:
        """Everybody whom it fits, by address: who wrote, and whom we wrote to."""
        people: dict[str, _Known] = {}
        for message in self._messages("from", piece):
            if message.direction is not Direction.IN or not message.author.address:
                continue
            one = people.setdefault(address_key(message.author.address), _Known(message.author))
            one.wrote += 1
            one.newest = max(one.newest, message.arrived_at)
            one.doubted = one.doubted or not DOUBTING.isdisjoint(message.warnings)
        for message in self._messages("to", piece):
            if message.direction is not Direction.OUT:
                continue
            for person in (*message.to, *message.cc, *message.bcc):
                key = address_key(person.address)
                if key and (key in people or _fits(person, piece)):
                    one = people.setdefault(key, _Known(person))
                    one.written_to += 1
                    one.newest = max(one.newest, message.arrived_at)
        return people

    def _messages(self, field: str, piece: str) -> Iterator[Message]:
        reads = self._desk.reads
        for hit in reads.hits(Query(filters=(Filter(field, piece),)), self._desk.agent, None, LOOKED_AT):
            message = reads.message(hit.message_id)
            if message is not None:
                yield message


def _fits(person: Person, piece: str) -> bool:
    """Every typed word begins one of his."""
    words = re.findall(r"\w+", f"{person.name} {person.address}".casefold())
    return all(any(word.startswith(typed) for word in words) for typed in re.findall(r"\w+", piece.casefold()))
