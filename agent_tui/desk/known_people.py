"""Whom the agent may mean while he types a recipient: customers who wrote, those who wrote last first."""

from __future__ import annotations

import re

from agent_tui.desk.recipients import address_key, shown
from agent_tui.desk.workspace import Desk
from agent_tui.domain.message import Direction, Person
from agent_tui.domain.search import Filter, Query

MOST, LOOKED_AT = 3, 40
"""People that are offered, and conversations that are looked at for them."""
SHORTEST = 2
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


class KnownPeople:
    """Finds people by the beginning of any word of their names and addresses."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def found(self, typed: str) -> tuple[Person, ...]:
        """A few, newest first. Reads the store: not for the event loop.

        Nobody whose address does not exist, or whose message was marked by a doubt, as one who looks like another.
        """
        head, piece = last_piece(typed)
        if len(piece) < SHORTEST:
            return ()
        reads = self._desk.reads
        query = Query(filters=(Filter("from", piece),))
        people: dict[str, Person] = {}
        doubted: set[str] = set()
        for hit in reads.hits(query, self._desk.agent, None, LOOKED_AT):
            message = reads.message(hit.message_id)
            if message is None or message.direction is not Direction.IN or not message.author.address:
                continue
            key = address_key(message.author.address)
            if message.warnings:
                doubted.add(key)
            people.setdefault(key, message.author)
        bounced = {address_key(one) for one in reads.hard_bounced(list(people))}
        there = head.casefold()
        offered = (
            person
            for key, person in people.items()
            if key not in doubted | bounced and key not in there and key != piece.casefold()
        )
        return tuple(offered)[:MOST]
