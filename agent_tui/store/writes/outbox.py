"""The outbox: every step from held to sent is one conditional update, so that no two can take the same one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent_tui.domain import returned, transitions
from agent_tui.domain.account import Fault
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Automatic, Delivery, Direction, Placement, Rule
from agent_tui.domain.outbox import SET_BACK, Draft, DraftKind, OutboxItem, OutboxState, Release
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import Micros, now
from agent_tui.store import joined
from agent_tui.store.ports import NewMessage, QueueOrder, StoreError
from agent_tui.store.rows import (
    OUTBOX_COLUMNS,
    dumps,
    read_draft,
    read_outbox,
    safe,
    write_draft,
    write_fault,
    write_people,
)
from agent_tui.store.writes import common, deliveries, messages, remote, unreached, withdrawing
from agent_tui.store.writes.transaction import Transaction

_NO_SUCH_ADDRESS = re.compile(r"5\d\d[ -]5\.1\.(?:[1236]|10)(?![\d.])")
"""Refusals that say of the address that there is none: by the code right behind the reply's, for behind that stand other
addresses and numbers. 5.1.7 and 5.1.8 speak of the sender's (RFC 3463, RFC 7505)."""
DELIVERIES = {
    OutboxState.QUEUED: Delivery.QUEUED,
    OutboxState.SENDING: Delivery.SENDING,
    OutboxState.SENT: Delivery.SENT,
    OutboxState.REJECTED: Delivery.REJECTED,
    OutboxState.UNKNOWN: Delivery.UNKNOWN,
}


def item(tx: Transaction, item_id: int) -> OutboxItem | None:
    """One item."""
    found = tx.one(f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE id = ?", (item_id,))
    return read_outbox(found) if found else None


# Into the outbox


def queue(tx: Transaction, agent: str, order: QueueOrder) -> OutboxItem:
    """Freeze a draft as `held`, with its message in the conversation and the status changed."""
    if order.kind is DraftKind.NOTE:
        raise ValueError("a note is never sent")
    at = now()
    draft = _draft_of(tx, agent, order, at)
    conversation_id = order.conversation_id
    if conversation_id is not None:
        conversation_id = joined.standing(tx, conversation_id)
    else:
        conversation_id = _begin_conversation(tx, order, at)
    before = _status_of(tx, conversation_id)
    customer_before = unreached.hand_over(tx, conversation_id, order, draft.answers, _channel_of(tx, order.account))
    message_id = _put_message(tx, order, conversation_id, at)
    after = order.then_status or _status_after(Status(before["status"]), order)
    common.move_status(tx, conversation_id, after, "reply", by=SafeText.trusted(agent))
    if before["status"] != after:
        remote.follow_status(tx, conversation_id, Status(before["status"]), after)
    step_id = tx.insert("INSERT INTO step (agent, at, code, undone, undoable) VALUES (?, ?, 'send', 0, 1)", (agent, at))
    data = {
        "to": write_people(order.to),
        "cc": write_people(order.cc),
        "bcc": write_people(order.bcc),
        "subject": order.subject,
        "text": order.text,
        "envelope_to": list(order.envelope_to),
        "answers": draft.answers,
        "customer_before": customer_before,
        "files": [[f.name, f.type, f.size, f.sha256] for f in order.beside],
    }
    item_id = tx.insert(
        "INSERT INTO outbox (state, account, conversation_id, message_id, kind, token, not_before, scheduled, attempts,"
        " created_at, created_by, raw, native_conversation, envelope_from, envelope_id, sent_copy, data, draft, step_id,"
        " before_status, after_status, settled)"
        " VALUES ('held', ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, '', '', ?, ?, ?, ?, ?, 0)",
        (
            order.account,
            conversation_id,
            message_id,
            order.kind,
            order.token,
            order.not_before,
            order.scheduled,
            at,
            agent,
            order.raw,
            order.native_conversation,
            order.envelope_from,
            dumps(data),
            write_draft(draft),
            step_id,
            dumps(before),
            after,
        ),
    )
    tx.run(
        "INSERT INTO step_change VALUES (?, 0, ?, 'send', ?, ?, 0)",
        (step_id, conversation_id, dumps(order.draft_id), dumps(item_id)),
    )
    tx.run("DELETE FROM draft WHERE id = ?", (order.draft_id,))
    tx.touch("drafts")
    tx.touch("outbox")
    queued = item(tx, item_id)
    if queued is None:
        raise StoreError("broken")
    return queued


def _draft_of(tx: Transaction, agent: str, order: QueueOrder, at: Micros) -> Draft:
    found = tx.value("SELECT data FROM draft WHERE id = ?", (order.draft_id,))
    if found:
        return read_draft(found)
    return Draft(
        id=order.draft_id,
        agent=agent,
        kind=order.kind,
        conversation_id=order.conversation_id,
        account=order.account,
        to=tuple(order.to),
        cc=tuple(order.cc),
        bcc=tuple(order.bcc),
        subject=order.subject,
        text=order.text,
        seen_order=order.seen_order,
        updated_at=at,
        from_address=order.author.address,
    )


def _begin_conversation(tx: Transaction, order: QueueOrder, at: Micros) -> int:
    channel = _channel_of(tx, order.account)
    contact_id = None
    everyone = [p for p in (*order.to, *order.cc, *order.bcc) if p.address]
    if everyone:
        first = everyone[0]
        kind = messages.identity_kind(tx, channel, first.address)
        contact_id = messages.new_contact(tx, first.name, kind, first.address, "written_to", at)
    return messages.new_conversation(
        tx, order.account, channel, order.subject, contact_id, Status.NEW, at, order.native_conversation
    )


def _channel_of(tx: Transaction, account: str) -> Channel:
    found = tx.value("SELECT channel FROM account WHERE id = ?", (account,))
    return Channel(found) if found else Channel.EMAIL


def _status_of(tx: Transaction, conversation_id: int) -> dict[str, Any]:
    found = tx.one("SELECT status, snoozed_until, snooze_zone FROM conversation WHERE id = ?", (conversation_id,))
    if not found:
        raise StoreError("broken", detail="no such conversation")
    return {"status": found[0], "until": found[1], "zone": found[2]}


def _status_after(status: Status, order: QueueOrder) -> Status:
    """Handing a mail on to somebody else is no answer to the customer."""
    others = order.kind is DraftKind.FORWARD or order.past_customer
    happening = transitions.Happening.OTHERS_WRITTEN_TO if others else transitions.Happening.REPLY_QUEUED
    return transitions.after(status, happening)


def _put_message(tx: Transaction, order: QueueOrder, conversation_id: int, at: Micros) -> int:
    message = NewMessage(
        account=order.account,
        channel=_channel_of(tx, order.account),
        native_id=order.raw or order.token,
        direction=Direction.OUT,
        author=order.author,
        to=order.to,
        cc=order.cc,
        bcc=order.bcc,
        reply_to=(),
        subject=order.subject,
        sent_at=at,
        arrived_at=at,
        text=order.text,
        quoted=order.quoted,
        signature=order.signature,
        links=(),
        files=order.files,
        automatic=Automatic.NO,
        warnings=(),
        header_id=order.token,
        in_reply_to=order.references[-1:],
        references=order.references,
        contact_id=None,
        raw=order.raw,
        size=0,
        unread=False,
        delivery=Delivery.QUEUED,
    )
    place = common.order_now(tx, conversation_id, at)
    handed_on = {"written": "forward"} if order.kind is DraftKind.FORWARD else {}
    return messages.store_message(tx, message, conversation_id, Placement(Rule.OUTBOX, handed_on), place)


# The agent's word on what is in it


def send_now(tx: Transaction, item_id: int) -> bool:
    """Release a held item at once, or one that waits for its next try."""
    released = tx.run(
        "UPDATE outbox SET not_before = min(not_before, ?), scheduled = 0 WHERE id = ? AND state IN ('held', 'queued')",
        (now(), item_id),
    ).rowcount
    tx.touch("outbox")
    return bool(released)


def settle_unknown(tx: Transaction, agent: str, item_id: int, was_sent: bool) -> bool:
    """The agent's own word on an unknown item."""
    found = item(tx, item_id)
    if found is None or found.state is not OutboxState.UNKNOWN:
        return False
    if was_sent:
        settle(tx, item_id, OutboxState.SENT)
        _detail(tx, item_id, said_by=agent)
        if found.conversation_id is not None:
            common.add_event(tx, found.conversation_id, "said_sent", {}, by=safe(agent))
    else:
        settle(tx, item_id, OutboxState.QUEUED, retry_at=now())
        _detail(tx, item_id, again=str(found.doubtful))
    return True


def looked(tx: Transaction, item_id: int, answer: str) -> None:
    """Proof was looked for, and this came of it. What is proven not to have left has not arrived however often tried."""
    more = {"again": "0", "put_off": "0"} if answer == "not_sent" else {}
    _detail(tx, item_id, looked=str(now()), answer=answer, **more)


def _detail(tx: Transaction, item_id: int, **said: str) -> None:
    data = tx.value("SELECT data FROM outbox WHERE id = ?", (item_id,))
    if data is not None:
        known = json.loads(data)
        known["detail"] = {**known.get("detail", {}), **said}
        tx.run("UPDATE outbox SET data = ? WHERE id = ?", (dumps(known), item_id))
        tx.touch("outbox")


# The worker's steps


def due(tx: Transaction, account: str, at: Micros, release: Release = Release.ALL) -> Sequence[OutboxItem]:
    """Held items whose time has come become queued; returns what is queued and may go, oldest first.

    Where the clock stands before an item was queued, it was set back, and the item has waited: `leaves_at`. One that is
    meant for a time keeps to the clock.
    """
    released = tx.run(
        "UPDATE outbox SET state = 'queued', not_before = min(not_before, ?1) WHERE account = ?2 AND state = 'held'"
        " AND (not_before <= ?1 OR (NOT scheduled AND created_at > ?1 + ?3)) AND ?4 AND (NOT scheduled OR ?5)",
        (at, account, SET_BACK, release is not Release.NONE, release is Release.ALL),
    ).rowcount
    if released:
        tx.touch("outbox")
    found = tx.all(
        f"SELECT {OUTBOX_COLUMNS} FROM outbox WHERE account = ? AND state = 'queued' AND not_before <= ? ORDER BY id",
        (account, at),
    )
    return [read_outbox(r) for r in found]


def claim(tx: Transaction, item_id: int) -> OutboxItem | None:
    """queued → sending."""
    changed = tx.run(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, marked_at = NULL WHERE id = ? AND state = 'queued'",
        (item_id,),
    ).rowcount
    if not changed:
        return None
    _show(tx, item_id, OutboxState.SENDING)
    return item(tx, item_id)


def mark_leaving(tx: Transaction, item_id: int, envelope_id: str = "") -> None:
    """The body is about to leave. Refused where the item is not being sent: then it must not leave.

    The name of an envelope that may have left before is kept: what is sent again goes under the same one.
    """
    changed = tx.run(
        "UPDATE outbox SET marked_at = ?, envelope_id = coalesce(nullif(?, ''), envelope_id)"
        " WHERE id = ? AND state = 'sending'",
        (now(), envelope_id, item_id),
    ).rowcount
    if not changed:
        raise StoreError("broken", detail="the item is not being sent")


def settle(
    tx: Transaction,
    item_id: int,
    state: OutboxState,
    *,
    fault: Fault | None = None,
    retry_at: Micros | None = None,
    native_id: str = "",
    native_conversation: str | None = None,
    sent_copy: str = "",
    put_off: int | None = None,
) -> None:
    """What became of it. What is sent or taken back stays so, whoever says otherwise later."""
    found = item(tx, item_id)
    if found is None or found.state in (OutboxState.STOPPED, OutboxState.HELD):
        return
    if found.state is OutboxState.SENT and state is not OutboxState.SENT:
        return
    tx.run(
        "UPDATE outbox SET state = ?, fault = CASE WHEN ? AND state = 'sent' THEN fault ELSE ? END,"
        " not_before = coalesce(?, not_before),"
        " marked_at = CASE WHEN ? = 'queued' THEN NULL ELSE marked_at END,"
        " sent_copy = CASE WHEN ? = '' THEN sent_copy ELSE ? END,"
        " native_conversation = coalesce(?, native_conversation), settled = ? WHERE id = ?",
        (
            state,
            fault is None,
            write_fault(fault),
            retry_at,
            state,
            sent_copy,
            sent_copy,
            native_conversation,
            state is OutboxState.SENT,
            item_id,
        ),
    )
    if put_off is not None:
        _detail(tx, item_id, put_off=str(put_off))
    if found.state is OutboxState.SENT:  # what reports said since then of a sent one is not taken back
        tx.touch("outbox")
    else:
        _show(tx, item_id, state, fault)
    if state is OutboxState.REJECTED and found.state is not OutboxState.REJECTED:
        withdrawing.take_status_back(tx, item_id, "rejected", "")
    if state is OutboxState.SENT and found.state is not OutboxState.SENT:
        _was_sent(tx, found, native_id, native_conversation)


def sent_partly(
    tx: Transaction, item_id: int, left: Sequence[str], refused: Mapping[str, str], fault: Fault, retry_at: Micros
) -> None:
    """Some have it, and those who are left are tried again. Who it once went to stands beside them: reports come."""
    data = tx.value("SELECT data FROM outbox WHERE id = ? AND state = 'sending'", (item_id,))
    if data is not None:
        known = json.loads(data)
        known |= {"left": list(left), "refused": {**known.get("refused", {}), **refused}}
        tx.run("UPDATE outbox SET data = ? WHERE id = ?", (dumps(known), item_id))
        settle(tx, item_id, OutboxState.QUEUED, fault=fault, retry_at=retry_at)
        message_id = tx.value("SELECT message_id FROM outbox WHERE id = ?", (item_id,))
        if refused and message_id is not None:
            _some_refused(tx, message_id, Fault("some_refused", known["refused"]))


REPORTED = (Delivery.BOUNCED, Delivery.DELAYED, Delivery.DELIVERED)
"""What only a report can say. A report may come before the answer of the server that took the message over."""


def _show(tx: Transaction, item_id: int, state: OutboxState, fault: Fault | None = None) -> None:
    message_id, data = tx.one("SELECT message_id, data FROM outbox WHERE id = ?", (item_id,))
    if message_id is not None:
        may_be_reported = state is OutboxState.SENT or "left" in json.loads(data)
        known = tx.value("SELECT delivery FROM message WHERE id = ?", (message_id,))
        if fault is not None and fault.code == "some_refused":
            _some_refused(tx, message_id, fault)
        elif not may_be_reported or known not in REPORTED:
            deliveries.set_delivery(tx, message_id, DELIVERIES[state], write_fault(fault) or "")
    tx.touch("outbox")


def _some_refused(tx: Transaction, message_id: int, fault: Fault) -> None:
    """The server took it for others. For those it refused it is what a bounce is, only told at once.

    The worker has cleaned the server's words.
    """
    told = [returned.Told(address, "", words, unproven=False) for address, words in fault.parameters.items()]
    deliveries.set_delivery(tx, message_id, Delivery.BOUNCED, returned.detail(told), reopens=True)
    for address, words in fault.parameters.items():
        if _NO_SUCH_ADDRESS.match(words):
            messages.new_contact(tx, NOTHING, "email", safe(address), "bounced", now())
            deliveries.mark_address(tx, "email", address, Deliverable.HARD, safe(f"{address}: {words}"))


def _was_sent(tx: Transaction, sent: OutboxItem, native_id: str, native_conversation: str | None) -> None:
    """The backend's own ids, and the mark `answered` on what was answered."""
    if sent.message_id is not None and native_id and native_id != sent.raw:
        tx.run("UPDATE OR IGNORE message SET native_id = ? WHERE id = ?", (native_id, sent.message_id))
    if native_conversation and sent.conversation_id is not None:
        tx.run(
            "UPDATE conversation SET native_id = ? WHERE id = ? AND native_id IS NULL",
            (native_conversation, sent.conversation_id),
        )
    answers = json.loads(tx.value("SELECT data FROM outbox WHERE id = ?", (sent.id,))).get("answers")
    if answers is not None and sent.kind in (DraftKind.REPLY, DraftKind.REPLY_ALL):
        remote.queue_marks(tx, [answers], answered=True)


def recover(tx: Transaction, account: str) -> Sequence[OutboxItem]:
    """After a crash: what had not been marked is sent again, what had been is unknown."""
    stuck = tx.all("SELECT id, marked_at FROM outbox WHERE account = ? AND state = 'sending'", (account,))
    unknown = []
    for item_id, marked_at in stuck:
        state = OutboxState.QUEUED if marked_at is None else OutboxState.UNKNOWN
        tx.run("UPDATE outbox SET state = ? WHERE id = ?", (state, item_id))
        _show(tx, item_id, state)
        if state is OutboxState.UNKNOWN:
            found = item(tx, item_id)
            if found:
                unknown.append(found)
    return unknown
