"""Whom a message goes to that is written again: who did not get it, and nobody who did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agent_tui.desk.recipients import address_key, keys_of
from agent_tui.domain.message import Delivery, Message, Person
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.domain.returned import told


@dataclass(frozen=True, slots=True)
class Missed:
    """Who did not get it."""

    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    bcc: tuple[Person, ...]
    spared: int = 0
    """How many others it went to: they have it."""


def refused(waiting: Iterable[OutboxItem], message_id: int) -> int | None:
    """The item of a message that was refused, as long as nobody has dealt with it."""
    found = (one for one in waiting if one.message_id == message_id and one.state is OutboxState.REJECTED)
    return next((one.id for one in found), None)


def nowhere(message: Message) -> frozenset[str]:
    """Whom a report about this very message said not to exist, folded. Unproven as it may be, he is looked at first."""
    if message.delivery is not Delivery.BOUNCED:
        return frozenset()
    return frozenset(address_key(one.address) for one in told(message.delivery_detail) if one.is_nowhere)


def missed(message: Message) -> Missed:
    """Of what came back those it came back from, in To; who was not to be seen by the others is not seen now.

    Where it never left, or nobody can tell from whom it came back, all of them as they stood.
    """
    whole = Missed(message.to, message.cc, message.bcc)
    if message.delivery is not Delivery.BOUNCED:
        return whole
    back = {address_key(one.address) for one in told(message.delivery_detail)}
    seen = tuple(person for person in (*message.to, *message.cc) if address_key(person.address) in back)
    unseen = tuple(person for person in message.bcc if address_key(person.address) in back)
    if not seen and not unseen:
        return whole
    everybody = keys_of((*message.to, *message.cc, *message.bcc))
    return Missed(seen, (), unseen, len(everybody - back))


def unreached(message: Message) -> frozenset[str]:
    """The same without order, folded."""
    found = missed(message)
    return keys_of((*found.to, *found.cc, *found.bcc))
