"""Messages, drafts and people for tests of the desk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent_tui.content.safe import safe
from agent_tui.domain.conversation import Channel
from agent_tui.domain.message import Direction, Message, Note, Person
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.domain.text import NOTHING
from agent_tui.domain.times import Micros, from_datetime

OWN = frozenset({"support@aurora.example", "billing@aurora.example"})


def at(text: str) -> Micros:
    from datetime import datetime

    return from_datetime(datetime.fromisoformat(text))


def who(address: str, name: str = "") -> Person:
    return Person(safe(name), safe(address))


OLENA = who("olena.k@example.com", "Olena K.")
SUPPORT = who("support@aurora.example")


def message(**changes: Any) -> Message:
    base = Message(
        id=7,
        order=1_000,
        direction=Direction.IN,
        channel=Channel.EMAIL,
        account="mail",
        author=OLENA,
        to=(SUPPORT,),
        cc=(),
        bcc=(),
        subject=safe("Refund"),
        sent_at=at("2026-11-20T14:05:00+00:00"),
        arrived_at=at("2026-11-20T14:05:03+00:00"),
        text=safe("Where is my refund?"),
    )
    return replace(base, **changes)


def note(order: int, author: str = "dana") -> Note:
    return Note(order, order, safe(author), safe("ask Ihor"), at("2026-11-20T15:00:00+00:00"))


def draft(text: str = "Hello Olena, it left today.", **changes: Any) -> Draft:
    base = Draft(
        id="d" * 32,
        agent="me",
        kind=DraftKind.REPLY,
        conversation_id=1,
        account="mail",
        to=(OLENA,),
        cc=(),
        bcc=(),
        subject=safe("Re: Refund"),
        text=text,
        answers=7,
        seen_order=1_000,
        from_address=SUPPORT.address,
    )
    return replace(base, **changes)


__all__ = ["NOTHING", "OLENA", "OWN", "SUPPORT", "at", "draft", "message", "note", "who"]
