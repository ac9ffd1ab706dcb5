"""What ingest asks before it decides: is it here, whose conversation is that, who has a part in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from agent_tui.domain.conversation import Status
from agent_tui.domain.message import IN_DOUBT, Delivery, Direction, in_doubt
from agent_tui.domain.outbox import OutboxItem
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.store.ports import TWINS_CAP, Candidate, ConversationState, StoredLetter, StoredMail
from agent_tui.store.rows import GONE_BOX, OUTBOX_COLUMNS, key_of, normal, read_outbox
from agent_tui.store.writes import common, messages
from agent_tui.store.writes.transaction import Transaction

AUTOMATIC_LOOKED_AT = 2000
"""Messages among which automatic ones of one author are counted: a millisecond of the transaction."""
SCANNED = 64
"""Messages under one Message-ID, or referring to it, that are looked at; they may be another account's."""
_LONGEST_PEOPLE = 8_000
"""Signs that the people of a letter take from outside before it counts as one to a crowd: twenty take two thousand."""


class Looking:
    """What ingest asks before it decides."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._own: frozenset[str] | None = None

    def message_by_native(self, account: str, native_id: str) -> int | None:
        """The message with this id, in this account; the same bytes as an imported file count for every account."""
        found = self._tx.value(
            "SELECT m.id FROM message m WHERE m.native_id = ? AND (m.account = ?"
            " OR EXISTS (SELECT 1 FROM account a WHERE a.offline AND a.id IN (m.account, ?)))"
            " ORDER BY m.account <> ?, m.id LIMIT 1",
            (native_id, account, account, account),
        )
        return int(found) if found is not None else None

    def message_by_copy(self, account: str, folder: str, uidvalidity: int, uid: int) -> int | None:
        """The message that lies there."""
        found = self._tx.value(
            "SELECT message_id FROM remote_copy WHERE account = ? AND folder = ? AND uidvalidity = ? AND uid = ?",
            (account, folder, uidvalidity, uid),
        )
        return int(found) if found is not None else None

    def message_by_email_id(self, account: str, email_id: str) -> int | None:
        """The message with this EMAILID."""
        if not email_id:
            return None
        found = self._tx.value(
            "SELECT message_id FROM remote_copy WHERE email_id = ? AND account = ?", (email_id, account)
        )
        return int(found) if found is not None else None

    def stored_mail(self, message_id: int) -> StoredMail:
        """What a message is, before anything changes it."""
        header, size, partial, delivery, detail, text, account, direction, author, raw = self._tx.one(
            "SELECT header_id, size, partial, delivery, delivery_detail, people, account, direction, author_address, raw"
            " FROM message WHERE id = ?",
            (message_id,),
        )
        people = json.loads(text)
        addresses = set(_addressed(people))
        envelope_id = ""
        if direction == Direction.OUT:
            sent = self._tx.all(
                "SELECT data, envelope_id FROM outbox WHERE account = ? AND token = ? AND message_id = ?",
                (account, header, message_id),
            )
            for data, name in sent:
                addresses.update(json.loads(data).get("envelope_to", ()))
                envelope_id = name
        return StoredMail(
            header,
            size,
            bool(partial),
            Delivery(delivery),
            SafeText.trusted(detail),
            frozenset(addresses),
            Direction(direction),
            SafeText.trusted(author),
            raw,
            envelope_id,
        )

    def candidates(self, account: str, header_ids: Sequence[str]) -> Sequence[Candidate]:
        """Messages with these Message-IDs, in the order of the ids asked.

        Under one id ours and the oldest are looked at: who copies an id has seen it, so that his mail came later.
        """
        found = []
        for header in dict.fromkeys(header_ids):
            rows = self._tx.all(
                "SELECT m.id, p.conversation_id, m.header_id, m.direction, m.author_address, m.warnings,"
                " EXISTS (SELECT 1 FROM outbox o WHERE o.account = m.account AND o.token = m.header_id AND o.message_id = m.id)"
                " AS ours FROM message m JOIN placement p ON p.id = m.id WHERE m.id IN ("
                "SELECT id FROM (SELECT id FROM message WHERE header_key = ? ORDER BY id LIMIT ?)"
                " UNION SELECT message_id FROM outbox WHERE account = ? AND token = ?"
                ") AND m.account = ? AND m.header_id = ? AND p.kind = 1"
                " ORDER BY ours DESC, m.direction = 'in', m.id LIMIT ?",
                (key_of(header), SCANNED, account, header, account, header, TWINS_CAP + 1),
            )
            found += [
                Candidate(i, c, h, Direction(d), bool(ours), SafeText.trusted(author), _doubted(d, warnings))
                for i, c, h, d, author, warnings, ours in rows
            ]
        return found

    def orphans(self, account: str, header_id: str, most: int) -> Sequence[Candidate]:
        """Messages that refer to this Message-ID and came before it."""
        rows = self._tx.all(
            "SELECT m.id, p.conversation_id, m.header_id, m.direction, m.author_address, t.refs, m.warnings,"
            " EXISTS (SELECT 1 FROM outbox o WHERE o.account = m.account AND o.token = m.header_id AND o.message_id = m.id)"
            " FROM (SELECT message_id FROM message_reference WHERE key = ? ORDER BY message_id LIMIT ?) r"
            " JOIN message m ON m.id = r.message_id JOIN placement p ON p.id = m.id"
            " JOIN message_text t ON t.id = m.id WHERE m.account = ? AND p.kind = 1 ORDER BY m.id LIMIT ?",
            (key_of(header_id), SCANNED, account, most),
        )
        found = []
        for i, conversation, header, direction, author, refs, warnings, ours in rows:
            named = json.loads(refs)
            if header_id in named["references"] or header_id in named["in_reply_to"]:
                wrote = SafeText.trusted(author)
                doubted = _doubted(direction, warnings)
                answers = header_id in (named["in_reply_to"] or named["references"][-1:])
                found.append(
                    Candidate(i, conversation, header, Direction(direction), bool(ours), wrote, doubted, answers)
                )
        return found

    def outbox_by_token(self, account: str, token: str) -> OutboxItem | None:
        """What we sent with this mark."""
        found = self._tx.one(f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE account = ? AND token = ?", (account, token))
        return read_outbox(found) if found else None

    def sent_in_envelope(self, account: str, envelope_id: str) -> Candidate | None:
        """What we sent in the envelope of this name."""
        found = self._tx.one(
            "SELECT token, message_id FROM outbox WHERE account = ? AND envelope_id = ? AND envelope_id <> ''",
            (account, envelope_id),
        )
        named = self.candidates(account, [found[0]]) if found else ()
        return next((one for one in named if one.message_id == found[1]), None)

    def conversation_by_native(self, account: str, native_id: str) -> int | None:
        """The conversation that the backend knows by this id."""
        found = self._tx.value(
            "SELECT id FROM conversation WHERE account = ? AND native_id = ? AND box <> ?",
            (account, native_id, GONE_BOX),
        )
        return int(found) if found is not None else None

    def conversation_state(self, conversation_id: int) -> ConversationState:
        """What ingest must know of a conversation."""
        number, status, contact_id, native_id, last_at, last_in_at, assignee = self._tx.one(
            "SELECT number, status, contact_id, native_id, last_at, last_in_at, assignee FROM conversation WHERE id = ?",
            (conversation_id,),
        )
        filed = status == Status.SPAM and not common.was_marked_as_spam(self._tx, conversation_id)
        return ConversationState(
            conversation_id, number, Status(status), contact_id, native_id, last_at, last_in_at, assignee or None, filed
        )

    def participants(self, conversation_id: int) -> frozenset[tuple[str, str]]:
        """Everyone who wrote in it or was written to by us; ours excluded."""
        own = self._own_addresses()
        return frozenset(
            (kind, value)
            for kind, value in self._tx.all(
                "SELECT kind, value FROM participant WHERE conversation_id = ?", (conversation_id,)
            )
            if value not in own
        )

    def wrote_in(self, conversation_id: int, contact_id: int) -> bool:
        """A message of the conversation came from this contact."""
        marks = ", ".join("?" * len(IN_DOUBT))
        found = self._tx.one(
            "SELECT 1 FROM placement p JOIN message m ON m.id = p.id WHERE p.conversation_id = ? AND p.kind = 1"
            " AND m.direction = 'in' AND m.contact_id = ? AND m.automatic <> 'report'"
            f" AND NOT EXISTS (SELECT 1 FROM json_each(m.warnings) WHERE value IN ({marks})) LIMIT 1",
            (conversation_id, contact_id, *IN_DOUBT),
        )
        return found is not None

    def answered_elsewhere(self, conversation_id: int, since: Micros) -> bool:
        """Something that did not leave from here was sent in it. A message's id is its time."""
        found = self._tx.one(
            "SELECT 1 FROM placement p JOIN message m ON m.id = p.id WHERE p.conversation_id = ? AND p.kind = 1"
            " AND m.id > ? AND m.direction = 'out' AND NOT EXISTS (SELECT 1 FROM outbox o"
            " WHERE o.account = m.account AND o.token = m.header_id AND o.message_id = m.id) LIMIT 1",
            (conversation_id, since),
        )
        return found is not None

    def letters(self, conversation_id: int, limit: int) -> Sequence[StoredLetter]:
        """The newest messages of the conversation, the oldest first."""
        rows = self._tx.all(
            "SELECT m.direction, m.author_address, m.contact_id, m.warnings,"
            " CASE WHEN m.direction = 'out' OR length(m.people) <= ? THEN m.people END"
            " FROM placement p JOIN message m ON m.id = p.id"
            " WHERE p.conversation_id = ? AND p.kind = 1 AND m.automatic <> 'report' ORDER BY p.id DESC LIMIT ?",
            (_LONGEST_PEOPLE, conversation_id, limit),
        )
        return [
            StoredLetter(
                Direction(direction),
                SafeText.trusted(author),
                contact_id,
                _addressed(json.loads(people)) if people else frozenset(),
                _doubted(direction, warnings),
            )
            for direction, author, contact_id, warnings, people in reversed(rows)
        ]

    def automatic_from(self, address: str, since: Micros, until: Micros) -> int:
        """How many automatic answers and reports came from this address in between.

        A message's id is its time, so this reads one stretch of the table; what a busy hour holds is read in part.
        """
        return int(
            self._tx.value(
                "SELECT count(*) FROM (SELECT author_address, automatic, direction FROM message"
                " WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?)"
                " WHERE lower(author_address) = lower(?) AND automatic IN ('reply', 'report') AND direction = 'in'",
                (since, until, AUTOMATIC_LOOKED_AT, address),
            )
        )

    def contact_of(self, kind: str, value: str) -> int | None:
        """The contact with this identity."""
        return messages.contact_of(self._tx, kind, value)

    def conversation_of(self, message_id: int) -> int | None:
        """Where a message stands."""
        found = self._tx.value("SELECT conversation_id FROM placement WHERE id = ?", (message_id,))
        return int(found) if found is not None else None

    def _own_addresses(self) -> frozenset[str]:
        if self._own is None:
            rows = self._tx.all("SELECT own_addresses FROM account WHERE NOT removed")
            self._own = frozenset(normal(address) for (text,) in rows for address in json.loads(text))
        return self._own


def _doubted(direction: str, warnings: str) -> bool:
    return direction == Direction.IN and in_doubt(json.loads(warnings))


def _addressed(people: Mapping[str, Sequence[tuple[str, str]]]) -> frozenset[str]:
    """The addresses of all recipients of a message, as they are kept."""
    return frozenset(address for name in ("to", "cc", "bcc") for _, address in people[name])
