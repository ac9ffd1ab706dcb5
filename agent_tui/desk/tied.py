"""Conversations that are tied to one by what a message refers to, and are not joined to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent_tui.desk.workspace import Desk
from agent_tui.domain.conversation import Conversation, Status
from agent_tui.domain.message import Item, Message, Rule
from agent_tui.domain.text import NOTHING, SafeText

MOST_TIED = 50
"""Anybody can refer to a conversation, as often as he likes."""


@dataclass(frozen=True, slots=True)
class Tied:
    """One of them."""

    conversation: Conversation
    by: SafeText = NOTHING
    """Whose it is, where it is he who refers here: its subject is a word of his choice, and he may be anybody."""


def tied(desk: Desk, conversation: Conversation) -> tuple[Tied, ...]:
    """Those that this one refers to, then those that refer here, the latest first."""
    # The conversation that refers is begun by that, behind the one it refers to.
    older = _standing(desk, conversation.id, (one for one in conversation.related if one < conversation.id))
    later = _standing(desk, conversation.id, (one for one in conversation.related if one > conversation.id))
    honest = [one for one in later if one.status is not Status.SPAM and one.id not in {known.id for known in older}]
    by = desk.reads.addresses([one.id for one in honest])
    return (*map(Tied, older), *(Tied(one, by.get(one.id, one.customer)) for one in honest))


def referred_to(desk: Desk, message: Message) -> Conversation | None:
    """The conversation that a message refers to without having a part in it."""
    told = message.placement.evidence.get("conversation", "")
    if message.placement.rule is not Rule.STRANGER or not told.isdecimal():
        return None
    return desk.reads.conversation(desk.reads.standing(int(told)))


def numbers(desk: Desk, items: Iterable[Item], here: int) -> Mapping[int, int]:
    """The messages that refer to another conversation, with its number."""
    asked = ((item.id, referred_to(desk, item)) for item in items if isinstance(item, Message))
    return {message: found.number for message, found in asked if found is not None and found.id != here}


def _standing(desk: Desk, here: int, ids: Iterable[int]) -> list[Conversation]:
    newest = sorted(ids, reverse=True)[:MOST_TIED]
    stands = dict.fromkeys(desk.reads.standing(one) for one in newest)
    found = (desk.reads.conversation(one) for one in stands if one != here)
    return [one for one in found if one is not None]
