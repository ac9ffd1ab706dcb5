"""Between rows and the domain: how things are written into columns, and read out of them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agent_tui.domain.account import Account, AccountHealth, BackendInfo, Capability, Fault, Health, OptionField
from agent_tui.domain.conversation import Channel, Conversation, ConversationRow, Priority, Status
from agent_tui.domain.message import Attachment, Person, Span
from agent_tui.domain.outbox import Draft, DraftFile, DraftKind, OutboxItem, OutboxState
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros

Row = sqlite3.Row | tuple[Any, ...]

MESSAGE, NOTE, EVENT, HIDDEN_NOTE = 1, 2, 3, -2
"""Kinds of placements."""

safe = SafeText.trusted
"""What was stored was safe when it came; this restores the type."""


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def dumps(value: object) -> str:
    """JSON as it is kept: compact, and the same for the same value."""
    return _encode(value)


def key_of(header_id: str) -> int:
    """A Message-ID as a number to index by. Collisions are possible; who asks compares the text."""
    digest = hashlib.blake2b(header_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def normal(value: str) -> str:
    """The form of an address under which it is looked up: nothing is folded but the case, or `ß` and `ss` were one."""
    return value.strip().lower()


_BOXES = {
    Status.NEW: 1,
    Status.OPEN: 1,
    Status.WAITING: 2,
    Status.SNOOZED: 3,
    Status.SOLVED: 4,
    Status.CLOSED: 4,
    Status.SPAM: 5,
}
GONE_BOX = 0
"""A conversation that was merged into another: in no view."""


def box_of(status: Status) -> int:
    """The view a status belongs to, as a number to index by."""
    return _BOXES[status]


# People, spans, faults


def write_people(people: Iterable[Person]) -> list[list[str]]:
    return [[p.name, p.address] for p in people]


def read_people(value: Iterable[Sequence[str]]) -> tuple[Person, ...]:
    return tuple(Person(safe(name), safe(address)) for name, address in value)


def write_spans(spans: Iterable[Span]) -> str:
    return dumps([[s.start, s.end] for s in spans])


def read_spans(text: str) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in json.loads(text)) if text != "[]" else ()


def write_fault(fault: Fault | None) -> str | None:
    return dumps([fault.code, dict(fault.parameters)]) if fault else None


def read_fault(text: str | None) -> Fault | None:
    return None if text is None else Fault.told(text)


# Conversations

ROW_COLUMNS = (
    "c.id, c.number, c.customer, c.channel, c.subject, c.snippet, c.status, c.priority, c.assignee, c.unread,"
    " c.last_at, c.tags, c.snoozed_until, c.files, c.failed,"
    " EXISTS (SELECT 1 FROM draft d WHERE d.conversation_id = c.id AND d.agent = :agent)"
)
"""Columns of a list row, of `conversation c`, with the agent as `:agent`."""


def read_row(r: Sequence[Any]) -> ConversationRow:
    """A list row of `ROW_COLUMNS`."""
    return ConversationRow(
        id=r[0],
        number=r[1],
        customer=safe(r[2]),
        channel=Channel(r[3]),
        subject=safe(r[4]),
        snippet=safe(r[5]),
        status=Status(r[6]),
        priority=Priority(r[7]),
        assignee=r[8] or None,
        unread=r[9] > 0,
        last_at=r[10],
        tags=read_tags(r[11]),
        snoozed_until=r[12],
        has_attachments=r[13] > 0,
        delivery_failed=r[14] > 0,
        draft=bool(r[15]),
    )


def read_tags(text: str) -> tuple[SafeText, ...]:
    return tuple(safe(tag) for tag in json.loads(text)) if text != "[]" else ()


CONVERSATION_COLUMNS = (
    "id, number, account, channel, origin, subject, status, native_status, priority, assignee, contact_id, customer,"
    " tags, created_at, last_at, last_in_at, last_out_at, snoozed_until, snooze_zone, unread, message_count, native_id,"
    " related"
)


def read_conversation(r: Sequence[Any]) -> Conversation:
    """A conversation of `CONVERSATION_COLUMNS`."""
    return Conversation(
        id=r[0],
        number=r[1],
        account=r[2],
        channel=Channel(r[3]),
        origin=Channel(r[4]),
        subject=safe(r[5]),
        status=Status(r[6]),
        native_status=safe(r[7]),
        priority=Priority(r[8]),
        assignee=r[9] or None,
        contact_id=r[10],
        customer=safe(r[11]),
        tags=read_tags(r[12]),
        created_at=r[13],
        last_at=r[14],
        last_in_at=r[15],
        last_out_at=r[16],
        snoozed_until=r[17],
        snooze_zone=r[18],
        unread=r[19] > 0,
        message_count=r[20],
        native_id=r[21],
        related=tuple(json.loads(r[22])),
    )


# Attachments

ATTACHMENT_COLUMNS = "id, name, type, size, inline, part"


def read_attachment(r: Sequence[Any]) -> Attachment:
    return Attachment(r[0], safe(r[1]), safe(r[2]), r[3], bool(r[4]), r[5])


# Drafts


def write_draft(draft: Draft) -> str:
    """All of a draft as JSON."""
    return dumps(
        {
            "id": draft.id,
            "agent": draft.agent,
            "kind": draft.kind,
            "conversation": draft.conversation_id,
            "account": draft.account,
            "to": write_people(draft.to),
            "cc": write_people(draft.cc),
            "bcc": write_people(draft.bcc),
            "subject": draft.subject,
            "text": draft.text,
            "files": [[f.name, f.type, f.size, f.sha256] for f in draft.files],
            "answers": draft.answers,
            "seen_order": draft.seen_order,
            "updated_at": draft.updated_at,
            "from": draft.from_address,
            "unread": [list(pair) for pair in draft.unread],
        }
    )


def read_draft(text: str) -> Draft:
    d = json.loads(text)
    return Draft(
        id=d["id"],
        agent=d["agent"],
        kind=DraftKind(d["kind"]),
        conversation_id=d["conversation"],
        account=d["account"],
        to=read_people(d["to"]),
        cc=read_people(d["cc"]),
        bcc=read_people(d["bcc"]),
        subject=safe(d["subject"]),
        text=d["text"],
        files=tuple(DraftFile(safe(n), safe(t), size, sha) for n, t, size, sha in d["files"]),
        answers=d["answers"],
        seen_order=d["seen_order"],
        updated_at=Micros(d["updated_at"]),
        from_address=safe(d["from"]),
        unread=tuple((field, safe(text)) for field, text in d.get("unread", ())),
    )


# Outbox

OUTBOX_COLUMNS = (
    "id, conversation_id, message_id, account, kind, state, token, not_before, scheduled, attempts, created_at,"
    " created_by, fault, raw, native_conversation, envelope_from, marked_at, sent_copy, data, envelope_id"
)


def read_outbox(r: Sequence[Any]) -> OutboxItem:
    """An item of `OUTBOX_COLUMNS`."""
    data = json.loads(r[18])
    return OutboxItem(
        id=r[0],
        conversation_id=r[1],
        message_id=r[2],
        account=r[3],
        kind=DraftKind(r[4]),
        state=OutboxState(r[5]),
        to=read_people(data["to"]),
        cc=read_people(data["cc"]),
        bcc=read_people(data["bcc"]),
        subject=safe(data["subject"]),
        text=safe(data["text"]),
        token=r[6],
        not_before=r[7],
        scheduled=bool(r[8]),
        attempts=r[9],
        created_at=r[10],
        created_by=r[11],
        fault=read_fault(r[12]),
        raw=r[13],
        native_conversation=r[14],
        envelope_from=safe(r[15]),
        envelope_to=tuple(safe(a) for a in data.get("left") or data["envelope_to"]),
        marked_at=r[16],
        sent_copy=r[17],
        envelope_id=r[19],
        detail=data.get("detail", {}),
        files=tuple(DraftFile(safe(n), safe(t), size, sha) for n, t, size, sha in data.get("files", ())),
        partly="left" in data,
        refused=data.get("refused", {}),
        wrote_first=safe(data.get("wrote_first", "")),
    )


# Accounts

ACCOUNT_COLUMNS = "id, backend, label, channel, options, capabilities, own_addresses, own_name, signature, offline"


def write_account(account: Account) -> tuple[Any, ...]:
    return (
        account.id,
        account.backend,
        account.label,
        account.channel,
        dumps(dict(account.options)),
        dumps(sorted(account.capabilities)),
        dumps(list(account.own_addresses)),
        account.own_name,
        account.signature,
        account.offline,
    )


def read_account(r: Sequence[Any]) -> Account:
    return Account(
        id=r[0],
        backend=r[1],
        label=safe(r[2]),
        channel=Channel(r[3]),
        options=json.loads(r[4]),
        capabilities=_capabilities(json.loads(r[5])),
        own_addresses=tuple(safe(a) for a in json.loads(r[6])),
        own_name=safe(r[7]),
        signature=safe(r[8]),
        offline=bool(r[9]),
    )


def _capabilities(names: Iterable[str]) -> frozenset[Capability]:
    known = {c.value for c in Capability}
    return frozenset(Capability(name) for name in names if name in known)


HEALTH_COLUMNS = "account, health, since, fault, next_try_at, history_done, history_total"


def read_health(r: Sequence[Any]) -> AccountHealth:
    return AccountHealth(r[0], Health(r[1]), r[2], read_fault(r[3]), r[4], r[5], r[6])


def write_backend(info: BackendInfo) -> str:
    return dumps(
        {
            "title": info.title,
            "api_version": info.api_version,
            "channel": info.channel,
            "options": [asdict(option) for option in info.options],
            "capabilities": sorted(info.capabilities),
            "proof": info.proof,
            "broken": info.broken,
        }
    )


def _option(fields: dict[str, Any]) -> OptionField:
    """An option as it was published; tuples went through JSON as lists."""
    when = fields["when"]
    return OptionField(**{**fields, "choices": tuple(fields["choices"]), "when": tuple(when) if when else None})


def read_backend(name: str, text: str) -> BackendInfo:
    d: Mapping[str, Any] = json.loads(text)
    return BackendInfo(
        name=name,
        title=safe(d["title"]),
        api_version=d["api_version"],
        channel=Channel(d["channel"]),
        options=tuple(_option(option) for option in d["options"]),
        capabilities=_capabilities(d["capabilities"]),
        proof=d["proof"],
        broken=safe(d["broken"]),
    )
