"""FETCH: its answers, read one by one so that a broken one spoils no other, and mails in bounded batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from imapclient.response_parser import parse_fetch_response

MAX_NESTING = 64
"""Brackets within brackets in an answer; the parser calls itself for each."""
LONGEST = 256 << 10
"""Of an answer, its literals left out. Short words cost the parser a hundred times their size."""
WANTED = (b"UID", b"FLAGS", b"INTERNALDATE", b"RFC822.SIZE", b"EMAILID", b"MODSEQ", b"BODY[")
"""What is asked for. Anything else is not kept."""


@dataclass(slots=True)
class Fetched:
    """Answers by UID."""

    items: dict[int, dict[bytes, Any]] = field(default_factory=dict)
    broken: int = 0
    """Answers that made no sense."""


def parse_fetch(data: list[Any]) -> Fetched:
    """Read the answers to a FETCH. Those without a UID are news of the server's own and are left to the next pull."""
    result = Fetched()
    group: list[Any] = []
    for item in data:
        if item is None:
            continue
        group.append(item)
        if isinstance(item, bytes):
            _read(group, result)
            group = []
    return result


def _read(group: list[Any], result: Fetched) -> None:
    text = spoken(group)
    if len(text) > LONGEST or _depth(text) > MAX_NESTING:
        result.broken += 1
        return
    try:
        parsed = parse_fetch_response(group, normalise_times=False, uid_is_key=False)
    except Exception:
        result.broken += 1
        return
    for attributes in parsed.values():
        uid = attributes.get(b"UID")
        if isinstance(uid, int) and 0 < uid < 2**32:
            kept = {key: value for key, value in attributes.items() if key.startswith(WANTED)}
            result.items.setdefault(uid, {}).update(kept)


def spoken(group: list[Any]) -> bytes:
    """A response without its literals."""
    return b"".join(part[0] if isinstance(part, tuple) else part for part in group if part is not None)


def _depth(text: bytes) -> int:
    if text.count(b"(") <= MAX_NESTING:
        return 0
    depth = deepest = 0
    for byte in text:
        if byte == 0x28:
            depth += 1
            deepest = max(deepest, depth)
        elif byte == 0x29:
            depth -= 1
    return deepest


def marks(attributes: dict[bytes, Any]) -> tuple[bool, bool, bool]:
    """(seen, answered, flagged)."""
    flags = attributes.get(b"FLAGS")
    names = {f.lower() for f in flags if isinstance(f, bytes)} if isinstance(flags, tuple) else set()
    return b"\\seen" in names, b"\\answered" in names, b"\\flagged" in names


def arrival(attributes: dict[bytes, Any]) -> datetime | None:
    """INTERNALDATE."""
    found = attributes.get(b"INTERNALDATE")
    return found if isinstance(found, datetime) else None


def size_of(attributes: dict[bytes, Any]) -> int:
    """RFC822.SIZE; 0 where it makes no sense."""
    found = attributes.get(b"RFC822.SIZE")
    return found if isinstance(found, int) and 0 <= found < 2**40 else 0


def email_id(attributes: dict[bytes, Any]) -> str:
    """EMAILID of RFC 8474."""
    found = attributes.get(b"EMAILID")
    if isinstance(found, tuple) and found and isinstance(found[0], bytes):
        return found[0].decode("ascii", "replace")[:255]
    return ""


def body_of(attributes: dict[bytes, Any]) -> bytes | None:
    """The body or header section that was asked for; None where it is missing or NIL."""
    for key, value in attributes.items():
        if isinstance(key, bytes) and key.startswith(b"BODY["):
            return value if isinstance(value, bytes) or value is None else str(value).encode()
    return None
