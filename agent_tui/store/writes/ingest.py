"""One transaction of ingest: looking, writing conversations, following the server's copies, and telling twins apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from agent_tui.domain.action import Field
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Delivery, Placement
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros, now
from agent_tui.store.ports import NewMessage
from agent_tui.store.rows import dumps, normal
from agent_tui.store.writes import actions, common, deliveries, index, joining, messages, withdrawing
from agent_tui.store.writes.copies import CopyWriting
from agent_tui.store.writes.looking import Looking
from agent_tui.store.writes.transaction import Transaction
from agent_tui.store.writes.twins import TwinWriting


class ConversationWriting:
    """What ingest changes of people, conversations and messages."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._named: set[int] = set()

    def add_contact(self, name: SafeText, kind: str, value: SafeText, evidence: str) -> int:
        """A contact with his first identity."""
        return messages.new_contact(self._tx, name, kind, value, evidence, now())

    def add_identity(self, contact_id: int, kind: str, value: SafeText, evidence: str) -> None:
        """One more address of a contact."""
        messages.new_identity(self._tx, contact_id, kind, value, evidence)

    def see_contact(
        self, contact_id: int, kind: str, value: str, name: SafeText, at: Micros, *, renames: bool = True
    ) -> None:
        """He wrote: keep when, and what he calls himself now. History tells what he was called before."""
        tx = self._tx
        had, first, seen = tx.one(
            "SELECT name, first_seen_at, (SELECT max(seen_at) FROM identity WHERE contact_id = contact.id)"
            " FROM contact WHERE id = ?",
            (contact_id,),
        )
        tx.run(
            "UPDATE identity SET value = CASE WHEN ?5 AND ?1 >= coalesce(seen_at, 0) THEN ?2 ELSE value END,"
            " seen_at = max(coalesce(seen_at, 0), ?1) WHERE kind = ?3 AND normal = ?4",
            (at, value, kind, normal(value), renames),
        )
        if at < first:
            tx.run("UPDATE contact SET first_seen_at = ? WHERE id = ?", (at, contact_id))
        if not name or normal(name) == normal(value):
            return
        newest = renames and (seen is None or at >= seen)
        if had == name or (
            had
            and not newest
            and tx.one("SELECT 1 FROM identity WHERE contact_id = ? AND normal = ?", (contact_id, normal(had))) is None
        ):
            return
        tx.run("UPDATE contact SET name = ? WHERE id = ?", (name, contact_id))
        if not had or tx.one("SELECT 1 FROM identity WHERE contact_id = ? AND normal = ?", (contact_id, normal(had))):
            self._named.add(contact_id)

    def show_names(self) -> None:
        """Conversations that bear an address for want of a name get the one that was told; others bear the name he wrote
        in them: behind one address of a form or a shop write many."""
        tx = self._tx
        for contact_id in self._named:
            name = messages.customer_of(tx, contact_id)
            unnamed = (
                "contact_id = ?1 AND EXISTS (SELECT 1 FROM identity i WHERE i.contact_id = ?1"
                " AND (i.value = customer OR i.normal = lower(customer)))"
            )
            for (conversation_id,) in tx.all(f"SELECT id FROM conversation WHERE {unnamed}", (contact_id,)):
                tx.touch("conversation", conversation_id)
            tx.run(f"UPDATE conversation SET customer = ?2 WHERE {unnamed}", (contact_id, name))
        self._named.clear()

    def add_conversation(
        self,
        account: str,
        channel: Channel,
        subject: SafeText,
        contact_id: int | None,
        status: Status,
        at: Micros,
        native_id: str | None = None,
        related: Sequence[int] = (),
    ) -> int:
        """A conversation without messages, with the next number."""
        return messages.new_conversation(
            self._tx, account, channel, subject, contact_id, status, at, native_id, related
        )

    def add_message(self, message: NewMessage, conversation_id: int, placement: Placement) -> int:
        """Store, place, index, and bring the conversation's row up to date."""
        return messages.store_message(self._tx, message, conversation_id, placement)

    def update_text(self, message_id: int, text: SafeText, edited: bool) -> None:
        """The author changed what he wrote."""
        tx = self._tx
        index.take(tx, message_id, index.stored_message(tx, message_id))
        tx.run("UPDATE message_text SET text = ?, quoted = '[]', signature = '[]' WHERE id = ?", (text, message_id))
        tx.run("UPDATE message SET edited = ? WHERE id = ?", (edited, message_id))
        index.put(tx, message_id, index.stored_message(tx, message_id))
        self._refresh_around(message_id)

    def complete_message(self, message_id: int, message: NewMessage) -> None:
        """The body of a partial message came."""
        tx = self._tx
        messages.forget_text(tx, message_id)
        taken = tx.value(
            "SELECT id FROM message WHERE native_id = ? AND account = ?", (message.native_id, message.account)
        )
        if taken is None:
            tx.run("UPDATE message SET native_id = ? WHERE id = ?", (message.native_id, message_id))
        tx.run(
            "UPDATE message SET subject = ?, author_name = ?, author_address = ?, automatic = ?, warnings = ?, raw = ?,"
            " size = ?, files = ?, content_version = ?, partial = ?, people = ? WHERE id = ?",
            (
                message.subject,
                message.author.name,
                message.author.address,
                message.automatic,
                dumps(list(message.warnings)),
                message.raw,
                message.size,
                len(message.files),
                message.content_version,
                message.partial,
                messages.people_json(message),
                message_id,
            ),
        )
        messages.store_text(tx, message_id, message)
        self._refresh_around(message_id)

    def make_ours(self, message_id: int, contact_id: int | None) -> None:
        """What was taken for somebody's who uses our address proved to be written by us, to this customer."""
        tx = self._tx
        text, warnings, conversation_id = tx.one(
            "SELECT m.people, m.warnings, p.conversation_id FROM message m JOIN placement p ON p.id = m.id WHERE m.id = ?",
            (message_id,),
        )
        kept = [code for code in json.loads(warnings) if code != "own_address"]
        tx.run(
            "UPDATE message SET direction = 'out', unread = 0, delivery = 'sent', contact_id = ?, warnings = ? WHERE id = ?",
            (contact_id, dumps(kept), message_id),
        )
        people = json.loads(text)
        written_to = [
            ("email", normal(address)) for name in ("to", "cc", "bcc") for _, address in people[name] if address
        ]
        messages.add_participants(tx, conversation_id, written_to)
        unknown = tx.one("SELECT 1 FROM conversation WHERE id = ? AND contact_id IS NULL", (conversation_id,))
        if contact_id is not None and unknown:
            tx.run(
                "UPDATE conversation SET contact_id = ?, customer = ? WHERE id = ?",
                (contact_id, messages.customer_of(tx, contact_id), conversation_id),
            )
            tx.run("UPDATE contact SET conversation_count = conversation_count + 1 WHERE id = ?", (contact_id,))
        common.refresh(tx, conversation_id)

    def _refresh_around(self, message_id: int) -> None:
        conversation_id = self._tx.value("SELECT conversation_id FROM placement WHERE id = ?", (message_id,))
        if conversation_id is not None:
            common.refresh(self._tx, conversation_id)

    def move_message(self, message_id: int, conversation_id: int, placement: Placement) -> None:
        """Put a message into another conversation; one that is left empty is in no view any more."""
        joining.move_message(self._tx, message_id, conversation_id, placement)

    def merge_conversation(self, source: int, target: int, placement: Placement) -> None:
        """Move all messages and close the empty one's row."""
        joining.merge(self._tx, source, target, placement)

    def explain_messages(self, ids: Sequence[int], placement: Placement) -> None:
        """Say better why messages stand where they do, where nothing was found that ties them to another."""
        self._tx.run(
            f"UPDATE placement SET rule = ?, evidence = ? WHERE id IN ({', '.join('?' * len(ids))})"
            " AND rule IN ('new', 'stranger')",
            (placement.rule, dumps(dict(placement.evidence)), *ids),
        )

    def set_status(
        self,
        conversation_id: int,
        status: Status,
        cause: str,
        at: Micros,
        native: SafeText = NOTHING,
        who: SafeText = NOTHING,
    ) -> None:
        """Change the status with its event, which names who did it by writing; a snooze ends."""
        common.move_status(self._tx, conversation_id, status, cause, at=at, native=native, who=who)

    def set_assignee(self, conversation_id: int, assignee: SafeText, cause: str) -> None:
        """Who has it now, with its event."""
        self._set_field(conversation_id, Field.ASSIGNEE, assignee or None, cause)

    def set_tags(self, conversation_id: int, tags: Sequence[SafeText], cause: str) -> None:
        """All its tags, with the event of what changed."""
        self._set_field(conversation_id, Field.TAGS, sorted(set(tags)), cause)

    def _set_field(self, conversation_id: int, field: Field, value: object, cause: str) -> None:
        before = actions.current(self._tx, conversation_id, field)
        after = dumps(value)
        if before is not None and before != after:
            by = self._tx.value(
                "SELECT a.label FROM conversation c JOIN account a ON a.id = c.account WHERE c.id = ?",
                (conversation_id,),
            )
            actions.put(self._tx, by or "", conversation_id, field, before, after, cause)

    def set_delivery(
        self, message_id: int, delivery: Delivery, detail: SafeText = NOTHING, *, reopens: bool = False
    ) -> None:
        """How far a message of ours got."""
        deliveries.set_delivery(self._tx, message_id, delivery, detail, reopens=reopens)

    def set_deliverable(self, kind: str, value: str, state: Deliverable, detail: SafeText) -> None:
        """What delivery reports said of an address."""
        deliveries.mark_address(self._tx, kind, value, state, detail)

    def stop_held(self, conversation_id: int, queued_before: Micros, who: SafeText = NOTHING) -> Sequence[int]:
        """The customer, or another one, wrote first: what has not left becomes a draft again."""
        found = self._tx.all(
            "SELECT id FROM outbox WHERE conversation_id = ? AND state = 'held' AND created_at <= ?",
            (conversation_id, queued_before),
        )
        return [i for (i,) in found if withdrawing.stop(self._tx, i, "customer_wrote_first", who=who)]

    def add_event(
        self, conversation_id: int, code: str, parameters: Mapping[str, str], at: Micros, by: SafeText = NOTHING
    ) -> None:
        """Something happened to the conversation."""
        common.add_event(self._tx, conversation_id, code, parameters, by, at)


class SqliteIngest(Looking, ConversationWriting, CopyWriting, TwinWriting):
    """`IngestTransaction`."""

    def __init__(self, tx: Transaction) -> None:
        Looking.__init__(self, tx)
        ConversationWriting.__init__(self, tx)
        CopyWriting.__init__(self, tx)
        TwinWriting.__init__(self, tx)

    def set_aside(
        self,
        account: str,
        native_id: str,
        code: str,
        parameters: Mapping[str, str],
        raw: str | None,
        size: int,
        origin: str,
    ) -> None:
        """A message that could not be read: its reason, once."""
        self._tx.run(
            "INSERT INTO set_aside (account, native_id, code, parameters, at, raw, size, origin)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, native_id) DO UPDATE SET code = excluded.code,"
            " parameters = excluded.parameters, raw = coalesce(excluded.raw, raw), size = excluded.size",
            (account, native_id, code, dumps(dict(parameters)), now(), raw, size, origin),
        )
        self._tx.touch("accounts")

    def save_cursor(self, account: str, stream: str, cursor: str, done: bool = False) -> None:
        """Where the stream goes on behind what this transaction holds."""
        self._tx.run(
            "INSERT INTO cursor VALUES (?, ?, ?, ?) ON CONFLICT (account, stream)"
            " DO UPDATE SET cursor = excluded.cursor, done = excluded.done",
            (account, stream, cursor, done),
        )
