"""Whose news a message is: the customer's of its conversation, or somebody else's who was brought in."""

from __future__ import annotations

from agent_tui.domain.message import Direction
from agent_tui.domain.parties import Said, customers_side, passes_by
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.transitions import Happening
from agent_tui.store.ports import ConversationState, NewMessage
from agent_tui.sync.identity import email_key, foreign
from agent_tui.sync.incoming import TransactionBook
from agent_tui.sync.placing import LETTERS_CAP


def somebody_else(message: NewMessage, state: ConversationState) -> SafeText:
    """Who wrote it, where he is known and is not the customer; else nothing."""
    incoming = message.direction is Direction.IN
    return message.author.shown if incoming and is_another(message.contact_id, state) else NOTHING


def is_another(contact_id: int | None, state: ConversationState) -> bool:
    """This contact is known, and not the customer of the conversation."""
    return None not in (contact_id, state.contact_id) and contact_id != state.contact_id


def happening(message: NewMessage, state: ConversationState, book: TransactionBook) -> Happening:
    """What a mail does in the conversation that it came into."""
    if message.direction is Direction.OUT:
        return Happening.OTHERS_WRITTEN_TO if _passes_by(message, state, book) else Happening.REPLY_QUEUED
    return Happening.OTHER_WROTE if somebody_else(message, state) else Happening.CUSTOMER_WROTE


def _passes_by(message: NewMessage, state: ConversationState, book: TransactionBook) -> bool:
    """The customer does not get it. Where he is not known, he is not passed by."""
    people = foreign([*message.to, *message.cc, *message.bcc], book.ours)
    recipients = {key[1] for person in people if (key := email_key(person.address)) is not None}
    if state.contact_id is None or any(book.contact_of(one) == state.contact_id for one in recipients):
        return False
    letters = book.letters(state.id, LETTERS_CAP)
    his = {one.author[1] for one in letters if one.author is not None and one.contact_id == state.contact_id}
    said = (
        Said(one.author[1] if one.author else "", {value for _kind, value in one.receivers}, one.ours, one.doubted)
        for one in letters
        if one.ours or one.author is not None
    )
    return passes_by(customers_side(his, said), recipients)
