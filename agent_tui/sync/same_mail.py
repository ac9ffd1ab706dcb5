"""Is what came the same letter as one that is here, by way of another address of ours?

The Message-ID alone does not say so: everybody who got the mail knows it, and may write another one under it.
"""

from __future__ import annotations

import re

_SAYS = frozenset(
    {
        "from", "sender", "reply-to", "to", "cc", "bcc", "date", "subject", "message-id", "in-reply-to", "references",
        "mime-version", "auto-submitted", "precedence", "list-id",
    }
)  # fmt: skip
"""Fields by which a letter is somebody's, or about something; `Content-…` says how its body reads."""
MOST_ADDED = 64 * 1024
"""Bytes of head in which two copies may differ: servers write where they took it, and what they think of it."""
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_BLANK = re.compile(rb"\s+")


def same_mail(here: bytes, came: bytes) -> bool:
    """The same body and the same heading, read in the same way. Only what servers add on the way may differ."""
    if abs(len(came) - len(here)) > MOST_ADDED:
        return False
    one, other = _parted(here), _parted(came)
    return one is not None and one == other


def _parted(raw: bytes) -> tuple[dict[bytes, list[bytes]], bytes] | None:
    """Heading and body; None where readers may not agree where the one ends and the other begins."""
    head, blank, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    if not blank or b"\r" in head:
        return None
    heading: dict[bytes, list[bytes]] = {}
    for field in re.sub(rb"\n(?=[ \t])", b"", head).split(b"\n"):
        if not _FIELD.match(field):
            return None
        name, _, value = field.partition(b":")
        known = name.strip().lower()
        if known.startswith(b"content-") or known.decode("ascii") in _SAYS:
            heading.setdefault(known, []).append(_BLANK.sub(b" ", value).strip())
    return heading, body.rstrip()
