"""One conversation: its items in order, its files, its customer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from agent_tui.domain.contact import Contact, Deliverable, Identity
from agent_tui.domain.conversation import Channel, Conversation, OtherConversation, Status, TwinLetter
from agent_tui.domain.message import (
    Attachment,
    Automatic,
    Delivery,
    Direction,
    Event,
    Item,
    Message,
    Note,
    Person,
    Placement,
    Rule,
)
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.store import joined
from agent_tui.store.files import FileStore
from agent_tui.store.reads.connections import ReadConnections
from agent_tui.store.rows import (
    ATTACHMENT_COLUMNS,
    CONVERSATION_COLUMNS,
    EVENT,
    GONE_BOX,
    MESSAGE,
    NOTE,
    normal,
    read_attachment,
    read_conversation,
    read_people,
    read_spans,
    safe,
)

MESSAGE_COLUMNS = (
    "m.id, m.direction, m.channel, m.account, m.author_name, m.author_address, m.people, m.subject, m.sent_at,"
    " m.arrived_at, m.automatic, m.delivery, m.delivery_detail, m.unread, m.header_id, m.warnings, m.raw, m.files,"
    " p.rule, p.evidence, t.text, t.quoted, t.signature, t.links"
)
_MESSAGES = (
    f"SELECT {MESSAGE_COLUMNS} FROM message m JOIN placement p ON p.id = m.id JOIN message_text t ON t.id = m.id"
)
_AT_ONCE = 400
_SCANNED = 64
"""Messages under one Message-ID that are looked at: there may be thousands."""


def read_message(
    r: Sequence[Any],
    files: tuple[Attachment, ...],
    *,
    answered: bool,
    again_at: Micros | None = None,
    again_of: int | None = None,
) -> Message:
    """A message of `MESSAGE_COLUMNS`."""
    people = json.loads(r[6])
    spans = read_spans(r[22])
    return Message(
        id=r[0],
        order=r[0],
        direction=Direction(r[1]),
        channel=Channel(r[2]),
        account=r[3],
        author=Person(safe(r[4]), safe(r[5])),
        to=read_people(people["to"]),
        cc=read_people(people["cc"]),
        bcc=read_people(people["bcc"]),
        subject=safe(r[7]),
        sent_at=r[8],
        arrived_at=r[9],
        text=safe(r[20]),
        quoted=read_spans(r[21]),
        signature=spans[0] if spans else None,
        attachments=files,
        automatic=Automatic(r[10]),
        delivery=Delivery(r[11]),
        delivery_detail=safe(r[12]),
        placement=Placement(Rule(r[18]), json.loads(r[19])),
        unread=r[13] > 0,
        message_id=safe(r[14]),
        warnings=tuple(json.loads(r[15])),
        reply_to=read_people(people["reply_to"]),
        links=tuple(safe(link) for link in json.loads(r[23])),
        raw=r[16] is not None,
        answered=answered,
        again_at=again_at,
        again_of=again_of,
    )


_AGAIN = """
SELECT o.message_id, json_extract(o.data, '$.answers'), o.created_at, o.state FROM outbox o
WHERE o.kind = 'again' AND o.state <> 'stopped'
AND o.conversation_id IN (SELECT conversation_id FROM placement WHERE id IN ({marks})) ORDER BY o.id"""

_TWINS = f"""
SELECT c.number,
  (SELECT max(o.id) FROM placement q JOIN message o ON o.id = q.id WHERE q.conversation_id = c.id AND q.kind = {MESSAGE}
   AND q.id > t.id AND o.direction = 'out' AND o.delivery <> 'rejected'),
  EXISTS (SELECT 1 FROM remote_copy r WHERE r.message_id = t.id AND r.answered),
  EXISTS (SELECT 1 FROM draft d WHERE d.conversation_id = c.id AND d.kind IN ('reply', 'reply_all'))
FROM message m JOIN placement h ON h.id = m.id
JOIN message t ON t.id IN (SELECT i.id FROM message i WHERE i.header_key = m.header_key ORDER BY i.id LIMIT {_SCANNED})
JOIN placement p ON p.id = t.id AND p.kind = {MESSAGE} JOIN conversation c ON c.id = p.conversation_id
WHERE m.id = ? AND m.direction = 'in' AND t.direction = 'in' AND c.id <> h.conversation_id AND c.box <> ?
AND t.header_id = m.header_id AND lower(t.author_address) = lower(m.author_address) ORDER BY t.id"""

_ADDRESSES = f"""
SELECT c.id, CASE WHEN c.contact_id IS NOT NULL THEN coalesce(
  (SELECT i.value FROM participant p JOIN identity i ON i.kind = 'email' AND i.normal = p.value
   WHERE p.conversation_id = c.id AND i.contact_id = c.contact_id ORDER BY i.id LIMIT 1),
  (SELECT i.value FROM identity i WHERE i.contact_id = c.contact_id AND i.kind = 'email' ORDER BY i.id LIMIT 1))
ELSE (
  SELECT m.author_address FROM placement p JOIN message m ON m.id = p.id
  WHERE p.conversation_id = c.id AND p.kind = {MESSAGE} AND m.direction = 'in' ORDER BY p.id DESC LIMIT 1) END
FROM conversation c WHERE c.id IN"""


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


class SqliteConversationReads:
    """`ConversationReads`."""

    def __init__(self, connections: ReadConnections, files: FileStore) -> None:
        self._db = connections
        self._files = files

    def conversation(self, conversation_id: int) -> Conversation | None:
        """One conversation without its items; None where it is not, or was merged into another."""
        found = self._db.one(
            f"SELECT {CONVERSATION_COLUMNS} FROM conversation WHERE id = ? AND box <> ?", (conversation_id, GONE_BOX)
        )
        return read_conversation(found) if found else None

    def standing(self, conversation_id: int) -> int:
        """The conversation itself, or the one that it was joined to."""
        return joined.standing(self._db, conversation_id)

    def by_number(self, number: int) -> int | None:
        """The conversation with this number, or the one it was joined to."""
        found = self._db.one("SELECT id FROM conversation WHERE number = ?", (number,))
        return self.standing(int(found[0])) if found else None

    def items(self, conversation_id: int, before: int | None, limit: int) -> Sequence[Item]:
        """Items in order of time, ending right before `before`."""
        older = "AND id < :before" if before is not None else ""
        places = self._db.all(
            f"SELECT id, kind FROM placement WHERE conversation_id = :c AND kind > 0 {older} ORDER BY id DESC LIMIT :n",
            {"c": conversation_id, "before": before or 0, "n": limit},
        )
        by_kind: dict[int, list[int]] = defaultdict(list)
        for item_id, kind in places:
            by_kind[kind].append(item_id)
        found: dict[int, Item] = {}
        found.update(self._messages(by_kind[MESSAGE]))
        found.update(self._notes(by_kind[NOTE]))
        found.update(self._events(by_kind[EVENT]))
        return [found[item_id] for item_id, _ in reversed(places) if item_id in found]

    def newest_order(self, conversation_id: int) -> int:
        """Order of the newest message or note; 0 where there is none."""
        found = self._db.one(
            "SELECT id FROM placement WHERE conversation_id = ? AND kind IN (?, ?) ORDER BY id DESC LIMIT 1",
            (conversation_id, MESSAGE, NOTE),
        )
        return int(found[0]) if found else 0

    def woken(self, after: int) -> Sequence[tuple[int, int]]:
        """Conversations whose snooze ended behind this order, each with the order of that event, the oldest first."""
        return self._db.all(
            "SELECT p.conversation_id, e.id FROM event e JOIN placement p ON p.id = e.id"
            " WHERE e.id > ? AND e.code = 'woken' ORDER BY e.id",
            (after,),
        )

    def message(self, message_id: int) -> Message | None:
        """One message whole."""
        return self._messages([message_id]).get(message_id)

    def message_raw(self, message_id: int) -> bytes | None:
        """The raw bytes of a message."""
        found = self._db.one("SELECT raw FROM message WHERE id = ?", (message_id,))
        return self._files.read(found[0]) if found and found[0] else None

    def references(self, message_id: int) -> Sequence[str]:
        """References for an answer: its own (or what it replied to), then its Message-ID."""
        found = self._db.one(
            "SELECT t.refs, m.header_id FROM message m JOIN message_text t ON t.id = m.id WHERE m.id = ?",
            (message_id,),
        )
        if not found:
            return []
        refs = json.loads(found[0])
        chain = refs["references"] or refs["in_reply_to"][:1]
        return [*(r for r in dict.fromkeys(chain) if r != found[1]), found[1]]

    def twins(self, message_id: int, limit: int) -> Sequence[TwinLetter]:
        """The same letter in other conversations, as far as its Message-ID and author tell, the oldest first."""
        found: dict[int, TwinLetter] = {}
        for number, at, marked, begun in self._db.all(_TWINS, (message_id, GONE_BOX)):
            known = found.get(number)
            if known is None or (at is not None and not known.answered):
                found[number] = TwinLetter(number, at is not None or bool(marked), at, bool(begun))
        return list(found.values())[:limit]

    def contact(self, contact_id: int) -> Contact | None:
        """A customer with his addresses."""
        found = self._db.one(
            "SELECT id, name, first_seen_at, conversation_count FROM contact WHERE id = ?", (contact_id,)
        )
        if not found:
            return None
        identities = self._db.all(
            "SELECT id, kind, value, deliverable, detail, seen_at FROM identity WHERE contact_id = ? ORDER BY id",
            (contact_id,),
        )
        return Contact(
            id=found[0],
            name=safe(found[1]),
            identities=tuple(Identity(i, k, safe(v), Deliverable(d), safe(t), s) for i, k, v, d, t, s in identities),
            first_seen_at=found[2],
            conversation_count=found[3],
        )

    def addresses(self, ids: Sequence[int]) -> Mapping[int, SafeText]:
        """The address that each conversation's customer wrote from; where nobody is known, its newest sender's."""
        found: dict[int, SafeText] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            marks = _marks(some)
            found.update((i, safe(a)) for i, a in self._db.all(f"{_ADDRESSES} ({marks})", some) if a)
        return found

    def others(self, contact_id: int, besides: int, limit: int) -> Sequence[OtherConversation]:
        """The customer's other conversations, newest first."""
        found = self._db.all(
            "SELECT id, number, subject, channel, status, last_at FROM conversation"
            " WHERE contact_id = ? AND id <> ? AND box <> ? ORDER BY last_at DESC LIMIT ?",
            (contact_id, besides, GONE_BOX, limit),
        )
        return [OtherConversation(i, n, safe(s), Channel(c), Status(t), at) for i, n, s, c, t, at in found]

    def attachments(self, conversation_id: int) -> Sequence[tuple[Message, Attachment]]:
        """All files of the conversation, newest message first."""
        with_files = self._db.all(
            "SELECT p.id FROM placement p JOIN message m ON m.id = p.id"
            " WHERE p.conversation_id = ? AND p.kind = ? AND m.files > 0 ORDER BY p.id DESC LIMIT 1000",
            (conversation_id, MESSAGE),
        )
        messages = self._messages([r[0] for r in with_files])
        return [(messages[i], file) for (i,) in with_files if i in messages for file in messages[i].attachments]

    def file_bytes(self, sha256: str) -> bytes | None:
        """Bytes out of the file store."""
        return self._files.read(sha256)

    def has_file(self, sha256: str) -> bool:
        """Whether these bytes lie in the file store."""
        return self._files.has(sha256)

    def known_recipients(self, addresses: Sequence[str], besides: int | None = None) -> frozenset[str]:
        """Those of the addresses that took part in any conversation here before, or in any but one."""
        elsewhere = f"conversation_id <> {besides:d} AND" if besides is not None else ""
        return self._of_these(addresses, f"SELECT DISTINCT value FROM participant WHERE {elsewhere} value IN")

    def hard_bounced(self, addresses: Sequence[str]) -> frozenset[str]:
        """Those of the addresses that a server said do not exist."""
        return self._of_these(
            addresses, "SELECT normal FROM identity WHERE kind = 'email' AND deliverable = 'hard' AND normal IN"
        )

    def _of_these(self, addresses: Sequence[str], query: str) -> frozenset[str]:
        asked = {normal(address): address for address in addresses}
        found: set[str] = set()
        values = list(asked)
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            marks = _marks(some)
            found.update(r[0] for r in self._db.all(f"{query} ({marks})", some))
        return frozenset(address for value, address in asked.items() if value in found)

    def _messages(self, ids: Sequence[int]) -> dict[int, Message]:
        found: dict[int, Message] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            marks = _marks(some)
            rows = self._db.all(f"{_MESSAGES} WHERE m.id IN ({marks})", some)
            files: dict[int, list[Attachment]] = defaultdict(list)
            if any(r[17] for r in rows):
                for r in self._db.all(
                    f"SELECT {ATTACHMENT_COLUMNS}, message_id FROM attachment"
                    f" WHERE message_id IN ({marks}) ORDER BY id",
                    some,
                ):
                    files[r[6]].append(read_attachment(r))
            answered = {
                i
                for (i,) in self._db.all(
                    f"SELECT message_id FROM remote_copy WHERE message_id IN ({marks}) AND answered", some
                )
            }
            ours = [r[0] for r in rows if r[1] == Direction.OUT]
            again_of, again_at = self._written_again(ours)
            found.update(
                (
                    r[0],
                    read_message(
                        r,
                        tuple(files[r[0]]),
                        answered=r[0] in answered,
                        again_at=again_at.get(r[0]),
                        again_of=again_of.get(r[0]),
                    ),
                )
                for r in rows
            )
        return found

    def _written_again(self, ids: Sequence[int]) -> tuple[Mapping[int, int], Mapping[int, Micros]]:
        """Which message is the first one of another, and when that was written again."""
        of: dict[int, int] = {}
        at: dict[int, Micros] = {}
        for second, first, written_at, state in self._db.all(_AGAIN.format(marks=_marks(ids)), ids) if ids else ():
            if first is None:
                continue
            of[second] = first
            if state != OutboxState.REJECTED:
                at[first] = written_at
        return of, at

    def _notes(self, ids: Sequence[int]) -> dict[int, Note]:
        if not ids:
            return {}
        marks = _marks(ids)
        rows = self._db.all(f"SELECT id, author, text, created_at FROM note WHERE id IN ({marks})", ids)
        return {i: Note(i, i, safe(author), safe(text), at) for i, author, text, at in rows}

    def _events(self, ids: Sequence[int]) -> dict[int, Event]:
        if not ids:
            return {}
        marks = _marks(ids)
        rows = self._db.all(f"SELECT id, code, parameters, by, at FROM event WHERE id IN ({marks})", ids)
        return {i: Event(i, i, code, json.loads(p), safe(by), at) for i, code, p, by, at in rows}
