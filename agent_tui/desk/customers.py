"""Whom a conversation is with, as the desk tells it: who would get an answer for the customer, and who would not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent_tui.desk.again import unreached
from agent_tui.desk.recipients import address_key, keys_of, others
from agent_tui.domain.contact import Contact
from agent_tui.domain.conversation import Conversation
from agent_tui.domain.message import Automatic, Direction, Item, Message, Person
from agent_tui.domain.parties import Said, customers_side, passes_by
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.store.ports import DeskReads

LOOKED_AT = 200
"""Items, the newest, that tell who was brought in."""


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer of a conversation."""

    name: SafeText = NOTHING
    own: frozenset[str] = frozenset()
    """His own addresses, folded, and those that were written to in place of one that did not reach him."""
    side: frozenset[str] = frozenset()
    """Who gets an answer for him, folded. Empty where he is not known."""
    asked: tuple[frozenset[str], ...] = ()
    """Whom alone we answered before after they wrote, folded: it was decided then that he gets nothing of it."""
    another_is_answered: bool = False
    """What is answered is not his."""

    def misses(self, people: Iterable[Person]) -> bool:
        """It goes to others alone."""
        return passes_by(self.side, keys_of(people))

    def is_left_out(self, people: Iterable[Person]) -> bool:
        """He gets nothing of it, nor does he himself where another one is answered: whoever writes sees that."""
        return self.misses(people) or (self.another_is_answered and passes_by(self.own, keys_of(people)))

    def answered_by(self, message: Message) -> Customer:
        """With this one to be answered."""
        another = message.direction is Direction.IN and address_key(message.author.address) not in self.own
        return replace(self, another_is_answered=another)

    def with_whom(self, message: Message | None) -> frozenset[str]:
        """Who is spoken with where this one stands, folded: he himself, or others alone.

        Never another of his side for him: how that one came there may be a forger's word.
        """
        if message is None:
            return frozenset()
        ours = message.direction is Direction.OUT
        people = keys_of([*message.to, *message.cc, *message.bcc] if ours else [message.author])
        return people if self.own.isdisjoint(people) else self.own


NOBODY = Customer()


def contact_of(reads: DeskReads, conversation: Conversation | None) -> Contact | None:
    """Whom it is with, where he is known."""
    return reads.contact(conversation.contact_id) if conversation and conversation.contact_id is not None else None


def own_keys(contact: Contact | None) -> frozenset[str]:
    """His own addresses of mail, folded."""
    known = contact.identities if contact is not None else ()
    return frozenset(address_key(one.value) for one in known if one.kind == "email")


def customer_of(reads: DeskReads, conversation: Conversation | None, own: frozenset[str]) -> Customer:
    """Reads the store: not for the event loop."""
    contact = contact_of(reads, conversation)
    if conversation is None or contact is None:
        return NOBODY
    his = own_keys(contact)
    messages = [one for one in reads.items(conversation.id, None, LOOKED_AT) if _counts(one, own)]
    said = [_said(one, own, reads) for one in messages if isinstance(one, Message)]
    for one in said:
        his |= one.stands_in if one.instead_of and one.instead_of <= his else frozenset()
    side = customers_side(his, said)
    name = conversation.customer or contact.name or next((one.value for one in contact.identities), NOTHING)
    return Customer(name, his, side, tuple(_asked(messages, side, own)))


def _counts(item: Item, own: frozenset[str]) -> bool:
    """What servers report, and what others write in our name, tells of nobody."""
    if not isinstance(item, Message) or item.automatic is Automatic.REPORT:
        return False
    return item.direction is Direction.OUT or bool(others([item.author], own))


def _said(message: Message, own: frozenset[str], reads: DeskReads) -> Said:
    ours = message.direction is Direction.OUT
    people = [*message.to, *message.cc, *(message.bcc if ours else message.reply_to)]
    named = keys_of(others(people, own))
    first = reads.message(message.again_of) if message.again_of is not None else None
    if first is None:
        return Said(address_key(message.author.address), named, ours, message.doubted)
    stands_in = keys_of(others(message.to, own)) - keys_of([*first.to, *first.cc, *first.bcc])
    return Said(address_key(message.author.address), named, ours, message.doubted, unreached(first) - named, stands_in)


def _asked(messages: Sequence[Item], side: frozenset[str], own: frozenset[str]) -> Iterable[frozenset[str]]:
    wrote: set[str] = set()
    for one in messages:
        if not isinstance(one, Message):
            continue
        if one.direction is Direction.IN:
            wrote.add(address_key(one.author.address))
            continue
        people = keys_of(others([*one.to, *one.cc, *one.bcc], own))
        if passes_by(side, people) and not wrote.isdisjoint(people):
            yield people
