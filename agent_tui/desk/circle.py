"""Who belongs to a conversation, and by whose word: ours, the customer's, his own, or one that is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent_tui.desk.customers import contact_of, own_keys
from agent_tui.desk.recipients import address_key, keys_of
from agent_tui.domain.conversation import Conversation
from agent_tui.domain.message import Direction, Message
from agent_tui.store.ports import DeskReads


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom a conversation is with. Addresses are folded."""

    customer: str = ""
    """His address, as it is told."""
    partners: frozenset[str] = frozenset()
    """His addresses, whom we wrote to, and whom he named before they wrote. Empty: he is not known."""
    sure: frozenset[str] = frozenset()
    """His addresses, and whom we wrote to: no word of another one."""
    taking_part: frozenset[str] = frozenset()
    """His addresses, who wrote there, and whom we wrote to. Whom else a mail of his names is what that mail says, which
    may be another's."""
    only_in_doubt: frozenset[str] = frozenset()
    """Whom nothing names but what is answered, which may be another's than it says."""


NOBODY = Circle()


def everybody(message: Message) -> frozenset[str]:
    """Who wrote it, and everybody whom it names."""
    people = [message.author, *message.to, *message.cc, *message.reply_to]
    return keys_of([*people, *message.bcc] if message.direction is Direction.OUT else people)


def circle_of(
    reads: DeskReads, conversation: Conversation | None, messages: Sequence[Message], answered: Message | None
) -> Circle:
    """As these messages tell it, the oldest first. Reads the store: not for the event loop."""
    contact = contact_of(reads, conversation)
    his = own_keys(contact)
    told = next((str(one.value) for one in (contact.identities if contact else ()) if one.kind == "email"), "")
    sure, named, wrote, wrote_surely = set(his), set[str](), set[str](), set[str]()
    for one in messages:
        author = address_key(one.author.address)
        if one.direction is Direction.OUT:
            sure |= everybody(one)
            told = told or next((str(person.address) for person in one.to), "")
            continue
        if not one.doubted:
            wrote_surely.add(author)
            if author in his:
                # Whom he names in the mail that is answered he wants to have the answer, whoever wrote first.
                is_answered = answered is not None and answered.id == one.id
                named |= everybody(one) if is_answered else everybody(one) - wrote
                told = str(one.author.address)
        wrote.add(author)
    partners = sure | named
    only = (
        _only_in_doubt(reads, conversation, messages, answered, his, partners) if answered is not None else frozenset()
    )
    return Circle(told, frozenset(partners), frozenset(sure), frozenset(sure | wrote_surely), only)


def _only_in_doubt(
    reads: DeskReads,
    conversation: Conversation | None,
    messages: Sequence[Message],
    answered: Message,
    his: frozenset[str],
    partners: set[str],
) -> frozenset[str]:
    """He, too, may be known by nothing else: the address in From is what is in doubt."""
    if not answered.doubted:
        return frozenset()
    sure = [
        everybody(one) if one.direction is Direction.OUT else keys_of([one.author])
        for one in messages
        if not one.doubted
    ]
    unsure = his.difference(*sure)
    elsewhere = reads.known_recipients(sorted(unsure), besides=conversation.id if conversation else None)
    return everybody(answered) - (partners - unsure) - elsewhere
