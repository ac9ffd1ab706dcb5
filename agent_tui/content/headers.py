"""The headers of a message or part, read line by line from its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Final

from agent_tui.content.encoded import Parametered, decode_words, header_text, read_parameters
from agent_tui.content.safe import safe
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros, from_datetime

HEADERS_CAP: Final = 4_000_000
"""Bytes of a header block that are read."""
FIELDS_CAP: Final = 5_000
IDS_CAP: Final = 1_000
ID_LENGTH: Final = 500

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_FOLD = re.compile(r"[\r\n][\r\n \t]*")
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r|\A\r?\n")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in order, names lower case, values as raw bytes with their folds."""

    fields: Sequence[tuple[str, bytes]]

    def raw(self, name: str) -> bytes | None:
        """The first value of a field."""
        return next((value for key, value in self.fields if key == name), None)

    def count(self, name: str) -> int:
        """How many fields have this name."""
        return sum(key == name for key, _ in self.fields)

    def every(self, name: str) -> Iterator[str]:
        """All values of a field, unfolded, encoded words not decoded."""
        return (unfold(value) for key, value in self.fields if key == name)

    def get(self, name: str) -> str:
        """The first value of a field, unfolded, encoded words not decoded; empty where there is none."""
        value = self.raw(name)
        return "" if value is None else unfold(value)

    def has(self, name: str) -> bool:
        """There is such a field."""
        return self.raw(name) is not None

    def text(self, name: str) -> SafeText:
        """The first value of a field, decoded, for display."""
        return safe(decode_words(self.get(name)), one_line=True)

    def parametered(self, name: str) -> Parametered:
        """The first value of a field with its parameters."""
        return read_parameters(self.get(name))


def unfold(value: bytes) -> str:
    """A raw value as one line of text."""
    return _FOLD.sub(" ", header_text(value) if len(value) < 200_000 else value.decode("utf-8", "replace")).strip()


def split_headers(data: bytes, start: int = 0, end: int | None = None) -> tuple[Headers, int]:
    """The header block that begins at `start`, and where its body begins.

    A first line that is no field (an mbox `From ` line aside) means that there are no headers: all of it is body.
    """
    end = len(data) if end is None else end
    fields: list[tuple[str, bytes]] = []
    name, value = "", bytearray()
    at = start
    stop = min(end, start + HEADERS_CAP)
    while at < stop and len(fields) < FIELDS_CAP:
        newline = data.find(b"\n", at, stop)
        following = stop if newline < 0 else newline + 1
        line = data[at:following].rstrip(b"\r\n")
        if not line or (not line.strip(b" \t") and not (name and _goes_on(data, following, stop))):
            at = following
            break
        if line[:1] in b" \t" and name:
            value += b"\n" + line
            at = following
            continue
        match = _FIELD.match(line)
        if not match:
            if at == start and line[:5] in (b"From ", b">From"):
                at = following
                continue
            if line[:5] in (b"From ", b">From") and name:
                at = following
                continue
            break
        if name:
            fields.append((name, bytes(value)))
        name, value = match[1].decode("ascii").lower(), bytearray(line[match.end() :])
        at = following
    if name:
        fields.append((name, bytes(value)))
    if len(fields) >= FIELDS_CAP or at >= stop < end:
        blank = _BLANK_LINE.search(data, at, end)
        at = blank.end() if blank else end
    return Headers(fields), at


def _goes_on(data: bytes, at: int, stop: int) -> bool:
    """A line of blanks inside a header block is a fold, not its end, where a fold or a field follows."""
    return data[at : at + 1] in (b" ", b"\t") or bool(_FIELD.match(data, at, stop))


# Message-IDs

_BRACKETED = re.compile(r"<([^<>]{1,1000})>")
_COMMENT = re.compile(r"\([^()]*\)")


def read_ids(value: str) -> list[str]:
    """Message-IDs of a header value, without brackets, in order, each once.

    Without brackets, a word that holds an `@` counts. Blanks inside an id (folded by broken software) are taken out.
    """
    value = value[:200_000]
    found = [_clean_id(text) for text in _BRACKETED.findall(value)]
    if not any(found):
        words = _COMMENT.sub(" ", value).replace("<", " ").replace(">", " ").replace(",", " ").replace(";", " ").split()
        found = [_clean_id(word) for word in words if "@" in word]
        if not found and len(words) == 1:
            found = [_clean_id(words[0])]
    return list(dict.fromkeys(text for text in found if text))[:IDS_CAP]


def _clean_id(text: str) -> str:
    text = "".join(text.split()).strip("<>")
    if len(text) > ID_LENGTH or not text:
        return ""
    return str(safe(text, one_line=True)) if safe(text, one_line=True) == text else ""


# Dates


def read_date(value: str) -> Micros | None:
    """The moment a Date header tells, where it makes sense."""
    value = decode_words(value[:200])
    try:
        parsed = parsedate_tz(value)
    except (ValueError, IndexError, TypeError, OverflowError):
        parsed = None
    if parsed is None:
        return _read_iso(value)
    year = parsed[0]
    if not 1970 <= year <= 2200:
        return None
    offset = parsed[9] or 0
    if abs(offset) > 14 * 3600 + 1800:
        offset = 0
    try:
        moment = datetime(*parsed[:5], min(parsed[5], 59), tzinfo=timezone(timedelta(seconds=offset)))
        return from_datetime(moment)
    except (ValueError, OverflowError, TypeError):
        return None


def _read_iso(value: str) -> Micros | None:
    try:
        moment = datetime.fromisoformat(value.strip()[:40])
    except ValueError:
        return None
    if not 1970 <= moment.year <= 2200:
        return None
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def read_received(value: str) -> Micros | None:
    """The moment a Received line tells: what stands behind its last semicolon."""
    _, semicolon, date = value.rpartition(";")
    return read_date(date.strip()) if semicolon else None
