"""Storing a message: used by ingest for what came, and by the outbox for what goes."""

from __future__ import annotations

import json
from collections.abc import Iterable

from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Automatic, Direction, Person, Placement
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.store.ports import NewMessage
from agent_tui.store.rows import MESSAGE, box_of, dumps, key_of, normal, write_people, write_spans
from agent_tui.store.writes import index
from agent_tui.store.writes.common import follow_failure, free_order, place, snippet_of
from agent_tui.store.writes.transaction import Transaction

REFERENCES_KEPT = 40
"""Of a long chain the nearest are enough to find its place."""

_INSERT = (
    "INSERT INTO message (id, account, channel, native_id, direction, author_name, author_address, people, subject,"
    " sent_at, arrived_at, automatic, delivery, delivery_detail, unread, header_id, header_key, warnings, contact_id,"
    " raw, size, files, content_version, partial, edited)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
)
_KIND_OF = {Channel.SMS: "phone", Channel.CALL: "phone", Channel.CHAT: "chat"}


def store_message(
    tx: Transaction, message: NewMessage, conversation_id: int, placement: Placement, order: int | None = None
) -> int:
    """Store, place, index, and bring the conversation's row up to date."""
    at = message.arrived_at
    item_id = free_order(tx, at) if order is None else order
    place(tx, item_id, conversation_id, MESSAGE, placement)
    came = message.direction is Direction.IN
    unread = int(message.unread and came)
    tx.run(
        _INSERT,
        (
            item_id,
            message.account,
            message.channel,
            message.native_id,
            message.direction,
            message.author.name,
            message.author.address,
            people_json(message),
            message.subject,
            message.sent_at,
            at,
            message.automatic,
            message.delivery,
            unread,
            message.header_id,
            key_of(message.header_id),
            dumps(list(message.warnings)),
            message.contact_id,
            message.raw,
            message.size,
            len(message.files),
            message.content_version,
            message.partial,
        ),
    )
    store_text(tx, item_id, message)
    if message.raw:  # what was set aside may be read after all, by a program that was mended
        tx.run("DELETE FROM set_aside WHERE account = ? AND native_id = ?", (message.account, message.raw))
    add_participants(tx, conversation_id, _partners(tx, message))
    _bring_up(tx, conversation_id, message, unread)
    if not came:
        follow_failure(tx, conversation_id)
    tx.touch("conversation", conversation_id)
    return item_id


def _bring_up(tx: Transaction, conversation_id: int, message: NewMessage, unread: int) -> None:
    """The conversation's row. Only columns that change are set: each indexed one that is costs four indexes."""
    at = message.arrived_at
    count, last_at, last_in_at, last_out_at, created_at, customer, contact_id, account, channel = tx.one(
        "SELECT message_count, last_at, last_in_at, last_out_at, created_at, customer, contact_id, account, channel"
        " FROM conversation WHERE id = ?",
        (conversation_id,),
    )
    change: dict[str, object] = {"message_count": count + 1}
    if count == 0 or at >= last_at:
        change["snippet"] = snippet_of(message.text, message.quoted, message.signature)
        if at != last_at:
            change["last_at"] = at
    if at < created_at:
        change["created_at"] = at
        if message.subject:  # history arrives backwards: the name of a conversation is that of its first message
            change["subject"] = message.subject
    if message.direction is Direction.OUT:
        change["last_out_at"] = max(last_out_at or 0, at)
    else:
        if last_in_at is None or at >= last_in_at:
            change["last_in_at"] = at
            if (account, channel) != (message.account, message.channel):
                change |= {"account": message.account, "channel": message.channel}
            # Not the name he bears elsewhere: behind one address of a form or a shop write many.
            if message.called and message.called != customer and message.contact_id == contact_id:
                change["customer"] = message.called
        if not customer and "customer" not in change:
            change["customer"] = message.author.shown
    columns = ", ".join(f"{name} = :{name}" for name in change)
    counts = "unread = unread + :unread, " if unread else ""
    if files := sum(not f.inline for f in message.files):
        counts += "files = files + :files, "
    tx.run(
        f"UPDATE conversation SET {counts}{columns} WHERE id = :id",
        {**change, "id": conversation_id, "unread": unread, "files": files},
    )


def store_text(tx: Transaction, item_id: int, message: NewMessage) -> None:
    """Text, references, files and index of a message."""
    tx.run(
        "INSERT INTO message_text VALUES (?, ?, ?, ?, ?, ?)",
        (
            item_id,
            message.text,
            write_spans(message.quoted),
            write_spans([message.signature] if message.signature else []),
            dumps(list(message.links)),
            dumps({"in_reply_to": list(message.in_reply_to), "references": list(message.references)}),
        ),
    )
    near = dict.fromkeys([*message.in_reply_to[:REFERENCES_KEPT], *message.references[-REFERENCES_KEPT:]])
    if near:
        tx.many("INSERT OR IGNORE INTO message_reference VALUES (?, ?)", [(key_of(header), item_id) for header in near])
    if message.files:
        tx.many(
            "INSERT INTO attachment (message_id, name, type, size, inline, part) VALUES (?, ?, ?, ?, ?, ?)",
            [(item_id, f.name, f.type, f.size, f.inline, f.part) for f in message.files],
        )
    index.put(
        tx,
        item_id,
        index.Indexed(
            subject=message.subject,
            author=f"{message.author.name} {message.author.address}",
            recipients=index.people_text([*message.to, *message.cc, *message.bcc]),
            files=index.files_text(f.name for f in message.files),
            body=message.text,
        ),
    )


def forget_text(tx: Transaction, item_id: int) -> None:
    """Take text, references, files and index of a message away, to write them anew or not at all."""
    index.take(tx, item_id, index.stored_message(tx, item_id))
    refs = tx.value("SELECT refs FROM message_text WHERE id = ?", (item_id,))
    if refs:
        old = json.loads(refs)
        near = [*old["in_reply_to"][:REFERENCES_KEPT], *old["references"][-REFERENCES_KEPT:]]
        tx.many("DELETE FROM message_reference WHERE key = ? AND message_id = ?", [(key_of(h), item_id) for h in near])
    tx.run("DELETE FROM message_text WHERE id = ?", (item_id,))
    tx.run("DELETE FROM attachment WHERE message_id = ?", (item_id,))


def delete_message(tx: Transaction, item_id: int) -> None:
    """Take back a message that never left."""
    forget_text(tx, item_id)
    tx.run("DELETE FROM message WHERE id = ?", (item_id,))
    tx.run("DELETE FROM placement WHERE id = ?", (item_id,))


def people_json(message: NewMessage) -> str:
    """Everyone a message names, as it is kept."""
    return dumps(
        {
            "to": write_people(message.to),
            "cc": write_people(message.cc),
            "bcc": write_people(message.bcc),
            "reply_to": write_people(message.reply_to),
        }
    )


# Participants


def _partners(tx: Transaction, message: NewMessage) -> list[tuple[str, str]]:
    if message.direction is Direction.IN and message.automatic is Automatic.REPORT:
        return []  # a server has no part in what people say, and nobody gets one by writing like a server
    people: list[Person] = (
        [message.author] if message.direction is Direction.IN else [*message.to, *message.cc, *message.bcc]
    )
    return [(identity_kind(tx, message.channel, p.address), normal(p.address)) for p in people if p.address]


def identity_kind(tx: Transaction, channel: Channel, address: str) -> str:
    """Which kind of identity an address of a channel is."""
    if channel is Channel.EMAIL:
        return "email"
    known = tx.value("SELECT kind FROM identity WHERE normal = ? AND kind <> 'email'", (normal(address),))
    return known or _KIND_OF.get(channel) or ("email" if "@" in address else "chat")


def add_participants(tx: Transaction, conversation_id: int, people: Iterable[tuple[str, str]]) -> None:
    """They took part in the conversation."""
    rows = [(conversation_id, kind, value) for kind, value in people]
    if rows:
        tx.many("INSERT OR IGNORE INTO participant VALUES (?, ?, ?)", rows)


# Contacts and conversations


def contact_of(tx: Transaction, kind: str, value: str) -> int | None:
    """The contact with this identity."""
    found = tx.value("SELECT contact_id FROM identity WHERE kind = ? AND normal = ?", (kind, normal(value)))
    return int(found) if found is not None else None


def new_contact(tx: Transaction, name: SafeText, kind: str, value: SafeText, evidence: str, at: Micros) -> int:
    """A contact with his first identity; the one who has it already, where somebody does."""
    known = contact_of(tx, kind, value)
    if known is not None:
        return known
    contact_id = tx.insert("INSERT INTO contact (name, first_seen_at, conversation_count) VALUES (?, ?, 0)", (name, at))
    new_identity(tx, contact_id, kind, value, evidence)
    return contact_id


def new_identity(tx: Transaction, contact_id: int, kind: str, value: SafeText, evidence: str) -> None:
    """One more address of a contact; nothing happens where somebody has it already."""
    tx.run(
        "INSERT OR IGNORE INTO identity (contact_id, kind, value, normal, deliverable, detail, evidence)"
        " VALUES (?, ?, ?, ?, 'ok', '', ?)",
        (contact_id, kind, value, normal(value), evidence),
    )


def customer_of(tx: Transaction, contact_id: int | None) -> str:
    """What a contact is called in the list."""
    if contact_id is None:
        return ""
    found = tx.value(
        "SELECT coalesce(nullif(name, ''), (SELECT value FROM identity WHERE contact_id = contact.id ORDER BY id LIMIT 1), '')"
        " FROM contact WHERE id = ?",
        (contact_id,),
    )
    return str(found or "")


def new_conversation(
    tx: Transaction,
    account: str,
    channel: Channel,
    subject: SafeText,
    contact_id: int | None,
    status: Status,
    at: Micros,
    native_id: str | None = None,
    related: Iterable[int] = (),
) -> int:
    """A conversation without messages, with the next number."""
    number = (tx.value("SELECT max(number) FROM conversation") or 0) + 1
    related = sorted(set(related))
    conversation_id = tx.insert(
        "INSERT INTO conversation (number, account, channel, origin, subject, status, native_status, box, priority,"
        " assignee, contact_id, customer, snippet, tags, created_at, last_at, unread, message_count, files, failed,"
        " native_id, related) VALUES (?, ?, ?, ?, ?, ?, '', ?, 1, '', ?, ?, '', '[]', ?, ?, 0, 0, 0, 0, ?, ?)",
        (
            number,
            account,
            channel,
            channel,
            subject,
            status,
            box_of(status),
            contact_id,
            customer_of(tx, contact_id),
            at,
            at,
            native_id,
            dumps(related),
        ),
    )
    if contact_id is not None:
        tx.run("UPDATE contact SET conversation_count = conversation_count + 1 WHERE id = ?", (contact_id,))
    for other in related:
        _relate(tx, other, conversation_id)
    tx.touch("conversation", conversation_id)
    return conversation_id


def _relate(tx: Transaction, conversation_id: int, other: int) -> None:
    tx.run(
        "UPDATE conversation SET related = json_insert(related, '$[#]', ?) WHERE id = ?"
        " AND NOT EXISTS (SELECT 1 FROM json_each(related) WHERE value = ?)",
        (other, conversation_id, other),
    )
    tx.touch("conversation", conversation_id)
