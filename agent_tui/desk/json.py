"""The shapes that `--json` prints. Codes stay codes, times are ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agent_tui.desk.workspace import Desk
from agent_tui.domain.account import Fault
from agent_tui.domain.conversation import ConversationRow
from agent_tui.domain.message import Event, Item, Message, Note, Person
from agent_tui.domain.outbox import OutboxItem
from agent_tui.domain.search import Hit
from agent_tui.domain.times import NEVER, Micros, iso

ITEMS = 500


def moment(at: Micros | None) -> str | None:
    """A time, or null where there is none."""
    return None if at is None or at == NEVER else iso(at)


def person(who: Person) -> dict[str, str]:
    """Name and address."""
    return {"name": str(who.name), "address": str(who.address)}


def row(found: ConversationRow, address: str = "") -> dict[str, Any]:
    """One conversation of a list."""
    return {
        "id": found.id,
        "number": found.number,
        "subject": str(found.subject),
        "snippet": str(found.snippet),
        "status": found.status.value,
        "channel": found.channel.value,
        "customer": str(found.customer),
        "address": address,
        "assignee": found.assignee,
        "priority": found.priority.name.lower(),
        "tags": [str(tag) for tag in found.tags],
        "unread": found.unread,
        "last_at": moment(found.last_at),
        "snoozed_until": moment(found.snoozed_until),
        "delivery_failed": found.delivery_failed,
    }


def message(item: Message) -> dict[str, Any]:
    """A public message, whole."""
    told = Fault.told(item.delivery_detail)
    return {
        "id": item.id,
        "kind": "message",
        "direction": item.direction.value,
        "channel": item.channel.value,
        "account": item.account,
        "author": person(item.author),
        "to": [person(who) for who in item.to],
        "cc": [person(who) for who in item.cc],
        "bcc": [person(who) for who in item.bcc],
        "reply_to": [person(who) for who in item.reply_to],
        "sent_at": moment(item.sent_at),
        "arrived_at": moment(item.arrived_at),
        "subject": str(item.subject),
        "text": str(item.text),
        "visible_text": str(item.visible_text),
        "attachments": [
            {"id": file.id, "name": str(file.name), "type": str(file.type), "size": file.size, "inline": file.inline}
            for file in item.attachments
        ],
        "automatic": item.automatic.value,
        "delivery": item.delivery.value,
        "delivery_detail": told.code if told else str(item.delivery_detail),
        "placement": {"rule": item.placement.rule.value, "evidence": dict(item.placement.evidence)},
        "message_id": str(item.message_id),
        "unread": item.unread,
        "answered": item.answered,
        "warnings": list(item.warnings),
    }


def note(item: Note) -> dict[str, Any]:
    """Words for the team, in the same shape as a message as far as it goes."""
    return {
        "id": item.id,
        "kind": "note",
        "direction": None,
        "author": {"name": str(item.author), "address": ""},
        "to": [],
        "cc": [],
        "sent_at": moment(item.created_at),
        "subject": "",
        "text": str(item.text),
        "visible_text": str(item.text),
        "attachments": [],
        "delivery": None,
        "placement": None,
    }


def event(item: Event) -> dict[str, Any]:
    """Something that happened, as a code with parameters."""
    return {
        "id": item.id,
        "kind": "event",
        "direction": None,
        "author": {"name": str(item.by), "address": ""},
        "to": [],
        "cc": [],
        "sent_at": moment(item.at),
        "subject": "",
        "text": "",
        "visible_text": "",
        "attachments": [],
        "delivery": None,
        "placement": None,
        "code": item.code,
        "parameters": dict(item.parameters),
    }


def item(found: Item) -> dict[str, Any]:
    """Whatever stands in a conversation."""
    match found:
        case Message():
            return message(found)
        case Note():
            return note(found)
        case Event():
            return event(found)


def all_items(desk: Desk, conversation_id: int) -> list[Item]:
    """All of a conversation, in order."""
    pages: list[list[Item]] = []
    before: int | None = None
    while page := list(desk.reads.items(conversation_id, before, ITEMS)):
        pages.append(page)
        before = page[0].order
        if len(page) < ITEMS:
            break
    return [found for page in reversed(pages) for found in page]


def conversation(desk: Desk, conversation_id: int) -> dict[str, Any] | None:
    """One conversation whole: what `show` and `export` print."""
    found = desk.reads.conversation(conversation_id)
    if found is None:
        return None
    contact = desk.reads.contact(found.contact_id) if found.contact_id is not None else None
    return {
        "id": found.id,
        "number": found.number,
        "subject": str(found.subject),
        "status": found.status.value,
        "channel": found.channel.value,
        "account": found.account,
        "customer": {
            "id": found.contact_id,
            "name": str(contact.name if contact else found.customer),
            "identities": [
                {"kind": who.kind, "value": str(who.value), "deliverable": who.deliverable.value}
                for who in (contact.identities if contact else ())
            ],
        },
        "assignee": found.assignee,
        "priority": found.priority.name.lower(),
        "tags": [str(tag) for tag in found.tags],
        "created_at": moment(found.created_at),
        "last_at": moment(found.last_at),
        "snoozed_until": moment(found.snoozed_until),
        "unread": found.unread,
        "related": list(found.related),
        "messages": [item(each) for each in all_items(desk, conversation_id)],
    }


def outbox(found: OutboxItem) -> dict[str, Any]:
    """One message on its way."""
    return {
        "id": found.id,
        "conversation": found.conversation_id,
        "state": found.state.value,
        "to": [person(who) for who in (*found.to, *found.cc, *found.bcc)],
        "subject": str(found.subject),
        "text": str(found.text),
        "not_before": moment(found.not_before),
        "scheduled": found.scheduled,
        "attempts": found.attempts,
        "message_id": found.token,
        "account": found.account,
        "sent_copy": found.sent_copy,
        "error": {"code": found.fault.code, "parameters": dict(found.fault.parameters)} if found.fault else None,
    }


def hit(found: Hit) -> dict[str, Any]:
    """One hit of a search."""
    return {
        "conversation": found.row.id,
        "number": found.row.number,
        "message": found.message_id,
        "snippet": str(found.snippet),
        "field": found.field,
        "marks": [list(mark) for mark in found.marks],
        "subject": str(found.row.subject),
        "customer": str(found.row.customer),
    }


def export(desk: Desk) -> Iterator[dict[str, Any]]:
    """Every conversation, spam included, newest first, one at a time."""
    from agent_tui.desk.listing import every_conversation

    for conversation_id in every_conversation(desk):
        found = conversation(desk, conversation_id)
        if found is not None:
            yield found
