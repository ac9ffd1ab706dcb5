"""A message of a chat, messenger or ticket into the store, and what else a backend tells of its conversations."""

from __future__ import annotations

import logging
from collections.abc import Collection

from agent_tui.backends.api import StatusChanged, TextArrived
from agent_tui.content.safe import file_name, safe
from agent_tui.domain import transitions
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Attachment, Automatic, Delivery, Direction, Person, Placement, Rule
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros, now
from agent_tui.domain.transitions import Happening
from agent_tui.store.ports import IngestTransaction, NewMessage
from agent_tui.sync.customers import is_another, somebody_else
from agent_tui.sync.identity import EMAIL, Key, as_written, email_key, identity_key
from agent_tui.sync.incoming import SKEW, IngestAccount, Outcome, Prepared, Result

TEXT_CAP = 200_000
NAME_CAP = 100
"""Characters of a name that a backend gives to an agent, a tag or a status."""
TAGS_CAP = 50

log = logging.getLogger(__name__)


class TextIngest:
    """Takes texts of one account into one transaction."""

    def __init__(self, tx: IngestTransaction, account: IngestAccount, *, live: bool) -> None:
        self._tx = tx
        self._account = account
        self._live = live

    def take(self, item: Prepared) -> Result:
        """One message."""
        change = item.change
        assert isinstance(change, TextArrived)
        tx, account = self._tx, self._account.id
        known = tx.message_by_native(account, change.native_id)
        if known is not None:
            if change.edited and self._may_edit(known, change):
                tx.update_text(known, safe(change.text[:TEXT_CAP]), True)
            return Result(Outcome.DUPLICATE, known, tx.conversation_of(known))
        if change.outgoing and change.token:
            sent = tx.outbox_by_token(account, change.token)
            if sent is not None and sent.message_id is not None:
                return Result(Outcome.DUPLICATE, sent.message_id, sent.conversation_id, proves=sent.id)
        return self._store(item, change)

    def status(self, change: StatusChanged) -> Result:
        """The backend's own conversation changed there."""
        conversation_id = self._tx.conversation_by_native(self._account.id, change.conversation)
        if conversation_id is None:
            return Result(Outcome.IGNORED)
        tx = self._tx
        if change.status is not None and tx.conversation_state(conversation_id).status is not change.status:
            tx.set_status(
                conversation_id,
                change.status,
                "backend",
                now(),
                safe(change.native_status, one_line=True, cap=NAME_CAP),
            )
        if change.assignee is not None:
            tx.set_assignee(conversation_id, safe(change.assignee, one_line=True, cap=NAME_CAP), "backend")
        if change.tags is not None:
            tags = [safe(tag, one_line=True, cap=NAME_CAP) for tag in change.tags[:TAGS_CAP]]
            tx.set_tags(conversation_id, [tag for tag in tags if tag.strip()], "backend")
        return Result(Outcome.APPLIED, conversation_id=conversation_id)

    def _may_edit(self, message_id: int, change: TextArrived) -> bool:
        """Who wrote it may change it. Nobody puts words into another's mouth: least of all a customer into ours."""
        stored = self._tx.stored_mail(message_id)
        if change.outgoing or stored.direction is Direction.OUT:
            return change.outgoing and stored.direction is Direction.OUT
        kind, backend = change.identity_kind, self._account.backend
        wrote, edits = (identity_key(kind, author, backend) for author in (stored.author, change.author_id))
        if wrote is not None and wrote == edits:
            return True
        log.warning("an edit of message %d by somebody else than its author is not taken over", message_id)
        return False

    def _store(self, item: Prepared, change: TextArrived) -> Result:
        tx = self._tx
        arrived = Micros(max(1, min(change.arrived_at, now())))
        author = Person(safe(change.author_name, one_line=True), safe(change.author_id, one_line=True))
        contact_id = None if change.outgoing else self._contact(change, author, arrived)
        conversation_id = self._conversation(change, contact_id, author, arrived)
        text = safe(change.text[:TEXT_CAP])
        message = NewMessage(
            account=self._account.id,
            channel=self._account.channel,
            native_id=change.native_id,
            direction=Direction.OUT if change.outgoing else Direction.IN,
            author=author,
            to=(),
            cc=(),
            bcc=(),
            reply_to=(),
            subject=safe(change.subject, one_line=True),
            sent_at=arrived,
            arrived_at=arrived,
            text=text,
            quoted=(),
            signature=None,
            links=(),
            files=self._files(item, change),
            automatic=Automatic.NO,
            warnings=("text_cut",) if len(change.text) > TEXT_CAP else (),
            header_id=f"{change.native_id[:200]}@{self._account.id}.invalid",
            in_reply_to=(),
            references=(),
            contact_id=contact_id,
            called=author.name,
            raw=None,
            size=len(change.text),
            unread=not (change.outgoing or change.seen),
            delivery=Delivery.SENT if change.outgoing else Delivery.NONE,
        )
        placement = Placement(Rule.NATIVE, {"conversation": change.conversation[:300]})
        message_id = tx.add_message(message, conversation_id, placement)
        wrote = not change.outgoing
        who = somebody_else(message, tx.conversation_state(conversation_id))
        stopped = len(tx.stop_held(conversation_id, Micros(arrived + SKEW), who)) if wrote and self._live else 0
        return Result(Outcome.IMPORTED, message_id, conversation_id, customer_wrote=wrote, stopped=stopped, who=who)

    @staticmethod
    def _files(item: Prepared, change: TextArrived) -> tuple[Attachment, ...]:
        hashes = [*item.files, *[""] * (len(change.files) - len(item.files))]
        return tuple(
            Attachment(0, file_name(f.name), safe(f.type, one_line=True), f.size, part=f"sha256:{sha}" if sha else "")
            for f, sha in zip(change.files, hashes, strict=True)
        )

    def _conversation(self, change: TextArrived, contact_id: int | None, author: Person, arrived: Micros) -> int:
        tx = self._tx
        happening = Happening.REPLY_QUEUED if change.outgoing else Happening.CUSTOMER_WROTE
        found = tx.conversation_by_native(self._account.id, change.conversation)
        if found is None:
            return tx.add_conversation(
                self._account.id,
                self._account.channel,
                safe(change.subject, one_line=True),
                contact_id,
                transitions.after(Status.NEW, happening),
                arrived,
                native_id=change.conversation,
            )
        state = tx.conversation_state(found)
        if arrived >= state.last_at - (SKEW if self._live else 0):
            another = not change.outgoing and is_another(contact_id, state)
            happening = Happening.OTHER_WROTE if another else happening
            status = transitions.after(state.status, happening)
            if status is not state.status:
                tx.set_status(found, status, happening.value, arrived, who=author.shown if another else NOTHING)
        return found

    def _contact(self, change: TextArrived, author: Person, arrived: Micros) -> int | None:
        """The customer: by his id there, else by an address that the backend vouches for."""
        tx = self._tx
        key = identity_key(change.identity_kind, change.author_id, self._account.backend)
        if key is None:
            return None
        vouched = {k: as_written(e) for e in change.emails if (k := email_key(e)) and not self._account.ours.has(k)}
        value = as_written(change.author_id) if key[0] == EMAIL else safe(key[1], one_line=True)
        contact_id = tx.contact_of(*key)
        if contact_id is None:
            contact_id = self._vouched_contact(key[0], value, vouched)
        if contact_id is None:
            contact_id = tx.add_contact(author.name, key[0], value, "wrote")
        for email, address in vouched.items():
            if tx.contact_of(*email) is None:
                tx.add_identity(contact_id, EMAIL, address, f"vouched:{self._account.backend}")
        tx.see_contact(contact_id, key[0], value, author.name, arrived)
        return contact_id

    def _vouched_contact(self, kind: str, value: SafeText, vouched: Collection[Key]) -> int | None:
        """The one contact that the vouched addresses name. Where they name several, nobody is guessed."""
        named = {c for email in vouched if (c := self._tx.contact_of(*email)) is not None}
        if len(named) != 1:
            return None
        contact_id = named.pop()
        self._tx.add_identity(contact_id, kind, value, f"vouched:{self._account.backend}")
        return contact_id
