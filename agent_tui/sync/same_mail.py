"""Is what came the same letter as one that is here, by way of another address of ours?

The Message-ID alone does not say so: everybody who got the mail knows it, and may write another one under it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent_tui.content.headers import split_headers

_SAYS = frozenset(
    {
        "from", "sender", "reply-to", "to", "cc", "bcc", "date", "subject", "message-id", "in-reply-to", "references",
        "mime-version", "auto-submitted", "precedence", "list-id",
    }
)  # fmt: skip
"""Fields by which a letter is somebody's, or about something; `Content-…` says how its body reads."""
MOST_ADDED = 64 * 1024
"""Bytes of head in which two copies may differ: servers write where they took it, and what they think of it."""
_MOST_HEAD = 256 * 1024
_MOST_LINES = 2_000
"""Of a head; one that has more is compared with none, for that is done while nobody else can write."""
_SMALL = 4 * 1024 * 1024
"""Bytes of a body in which line ends may differ. A larger one is the same byte for byte or not at all."""
COMPARED_CAP = 4 * 1024 * 1024
"""Bytes that one transaction reads to compare them; the last mail may be larger than what is left."""
_BEGINS = re.compile(rb"(?m)^[^ \t\n]")
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_FOLD = re.compile(rb"[\r\n][\r\n \t]*")


class FewRead:
    """Reads mails to compare them, within one transaction: nobody else can write meanwhile."""

    def __init__(self, read_raw: Callable[[str], bytes | None]) -> None:
        self._read_raw = read_raw
        self._read = 0

    def __call__(self, raw: str | None, size: int) -> bytes | None:
        """Its bytes; None where too much was read already. What is compared no more stays in sight, beside the other."""
        if raw is None or self._read >= COMPARED_CAP:
            return None
        self._read += size
        return self._read_raw(raw)


def same_mail(here: bytes, came: bytes) -> bool:
    """The same body and the same heading, read in the same way. Only what servers add on the way may differ."""
    if abs(len(came) - len(here)) > MOST_ADDED:
        return False
    ends, came_ends = _head_end(here), _head_end(came)
    if not ends or not came_ends or not _same_body(here[ends:].rstrip(), came[came_ends:].rstrip()):
        return False
    one, other = _heading(here, ends), _heading(came, came_ends)
    return one is not None and one == other


def _head_end(raw: bytes) -> int:
    """Where the body begins; 0 where another reader may say otherwise."""
    blank = _BLANK_LINE.search(raw[:_MOST_HEAD])
    return blank.end() if blank and not blank[0].strip(b"\r\n") else 0


def _heading(raw: bytes, ends: int) -> dict[str, list[bytes]] | None:
    """The fields that say something, parted as their reader parts them; None where another one may do otherwise."""
    head = raw[:ends].replace(b"\r\n", b"\n")
    if b"\r" in head or b"\0" in head or head.count(b"\n") > _MOST_LINES:
        return None
    headers, begins = split_headers(raw, 0, ends)
    if begins != ends or len(_BEGINS.findall(head)) != len(headers.fields):
        return None
    heading: dict[str, list[bytes]] = {}
    for name, value in headers.fields:
        if name.startswith("content-") or name in _SAYS:
            heading.setdefault(name, []).append(_FOLD.sub(b" ", value).strip())
    return heading


def _same_body(one: bytes, other: bytes) -> bool:
    if one == other or len(one) > _SMALL:
        return one == other
    return one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n")
