"""Is what came a copy of what we sent? The Message-ID alone does not say so: everybody who got the mail knows it."""

from __future__ import annotations

import re

from agent_tui.content.parsed import ParsedMail
from agent_tui.domain.outbox import OutboxItem
from agent_tui.sync.identity import email_key

_COMPARED = ("from", "to", "cc", "date", "subject", "in-reply-to")
_BLANK = re.compile(rb"\s+")


def same_letter(frozen: bytes, came: bytes) -> bool:
    """The same body and the same heading. Servers add fields on the way, and may fold them or end lines otherwise."""
    if abs(len(came) - len(frozen)) > max(len(frozen), 1 << 20):
        return False
    heading, body = _parted(frozen)
    other_heading, other_body = _parted(came)
    return heading == other_heading and body == other_body


def _parted(raw: bytes) -> tuple[dict[str, list[bytes]], bytes]:
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    heading: dict[str, list[bytes]] = {}
    for field in re.sub(rb"\n(?=[ \t])", b"", head).split(b"\n"):
        name, _, value = field.partition(b":")
        known = name.strip().lower().decode("latin-1")
        if known in _COMPARED:
            heading.setdefault(known, []).append(_BLANK.sub(b" ", value).strip())
    return heading, body.rstrip()


def same_heading(item: OutboxItem, parsed: ParsedMail) -> bool:
    """The same subject, to the same people. Blind copies are left out: servers take them off."""
    wanted = {email_key(person.address) for person in (*item.to, *item.cc)}
    named = {email_key(person.address) for person in (*parsed.to, *parsed.cc)}
    return wanted == named and item.subject.split() == parsed.subject.split()
