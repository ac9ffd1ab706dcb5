"""The MIME tree of a message: one stable reading, bounded in depth and number, whatever its boundaries do.

Parts are offsets into the raw bytes; nothing is copied or decoded until it is asked for. Where a boundary is missing,
empty, used twice or never closed, there is still exactly one tree, and `broken` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agent_tui.content.encoded import Parametered, decode_transfer
from agent_tui.content.headers import Headers, split_headers

DEPTH_CAP: Final = 50
PARTS_CAP: Final = 1000
_BOUNDARY_TAIL: Final = 200
_SCAN_CAP: Final = 600_000_000
"""Bytes looked through for boundaries in all levels together."""
FIELDS_IN_ALL: Final = 100_000
"""Header fields read in all parts together: twenty times what a thousand parts need."""
HEADERS_IN_ALL: Final = 8_000_000
"""Bytes of header blocks read in all parts together."""


@dataclass(slots=True)
class Part:
    """A node of the tree: its headers, and where its body lies in the raw bytes."""

    number: str
    """As `2.1`; empty at the root."""
    headers: Headers
    start: int
    end: int
    type: Parametered
    parent: Part | None = None
    children: list[Part] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Its content type, lower case; what an absent or senseless one means is settled."""
        return self.type.value

    def content(self, raw: bytes, cap: int | None = None) -> bytes:
        """Its body decoded; with `cap`, made from about as many bytes at most."""
        end = self.end if cap is None else min(self.end, self.start + cap * 2)
        decoded = decode_transfer(raw[self.start : end], self.headers.get("content-transfer-encoding"))
        return decoded if cap is None else decoded[:cap]

    def walk(self) -> Iterator[Part]:
        """This part and all below it, in order."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting.extend(reversed(part.children))

    def within(self, kind: str) -> bool:
        """One of the parts around it is of this kind."""
        part = self.parent
        while part is not None:
            if part.kind == kind:
                return True
            part = part.parent
        return False


@dataclass(slots=True)
class Tree:
    """A whole message."""

    root: Part
    broken: bool = False
    """Boundaries were missing, doubled or not closed."""
    truncated: bool = False
    """It was deeper, longer or more than is read."""
    fields: int = 0
    """Header fields of all parts so far."""
    header_bytes: int = 0

    def count(self, headers: Headers, length: int) -> None:
        """A header block of so many bytes was read."""
        self.fields += len(headers.fields)
        self.header_bytes += length

    @property
    def full(self) -> bool:
        """Its parts have more headers than are read of one message: no further part is."""
        return self.fields >= FIELDS_IN_ALL or self.header_bytes >= HEADERS_IN_ALL


_LEADING = re.compile(
    rb"[ \t\r\n]{1,2000}(?=(?:from|to|cc|subject|date|message-id|received|return-path|delivered-to|mime-version|reply-to|sender|"
    rb"content-type|x-[a-z-]{2,40})[ \t]{0,3}:)",
    re.IGNORECASE,
)
"""Empty lines ahead of the headers, as careless programs save mails."""


def with_newlines(raw: bytes) -> bytes:
    """Mails whose lines end with a lone CR, as old machines wrote them, in today's form; without empty lines ahead."""
    raw = raw.replace(b"\r", b"\n") if b"\r" in raw[:2000] and b"\n" not in raw[:20_000] else raw
    leading = _LEADING.match(raw[:2100]) if raw[:1] in (b" ", b"\t", b"\r", b"\n") else None
    return raw[leading.end() :] if leading else raw


def read_tree(raw: bytes) -> Tree:
    """Read the structure of a message."""
    headers, start = split_headers(raw)
    root = Part("", headers, start, len(raw), _type_of(headers, "text/plain"))
    tree = Tree(root)
    tree.count(headers, start)
    count, scanned = 1, 0
    waiting: list[tuple[Part, int]] = [(root, 0)]
    while waiting:
        part, depth = waiting.pop()
        if not part.kind.startswith(("multipart/", "message/")):
            continue
        scanned += part.end - part.start
        if depth >= DEPTH_CAP or count >= PARTS_CAP or scanned > _SCAN_CAP or tree.full:
            tree.truncated = True
            continue
        children = _children(raw, part, tree)
        if count + len(children) > PARTS_CAP:
            children = children[: PARTS_CAP - count]
            tree.truncated = True
        part.children = children
        count += len(children)
        waiting.extend((child, depth + 1) for child in reversed(children))
    return tree


def _type_of(headers: Headers, default: str) -> Parametered:
    if not headers.has("content-type"):
        return Parametered(default)
    found = headers.parametered("content-type")
    kind = found.value.strip().strip("\"'")
    if kind == "text":
        kind = "text/plain"
    if kind.count("/") != 1 or not all(kind.split("/")):
        return Parametered(default, found.parameters)
    return Parametered(kind, found.parameters)


def _children(raw: bytes, part: Part, tree: Tree) -> list[Part]:
    if part.kind.startswith("multipart/"):
        return _split(raw, part, tree)
    if part.kind in {"message/rfc822", "message/global"}:
        return _enclosed(raw, part, tree)
    return []


def _enclosed(raw: bytes, part: Part, tree: Tree) -> list[Part]:
    """A message within a message. One that is base64 encoded, against the rules, stays a file."""
    if part.headers.get("content-transfer-encoding").strip().lower() in {"base64", "quoted-printable"}:
        return []
    headers, start = split_headers(raw, part.start, part.end)
    tree.count(headers, start - part.start)
    if not headers.fields:
        return []
    number = f"{part.number}.1" if part.number else "1"
    return [Part(number, headers, start, part.end, _type_of(headers, "text/plain"), part)]


def _split(raw: bytes, part: Part, tree: Tree) -> list[Part]:
    boundary = _boundary_of(raw, part, tree)
    if not boundary:
        return _whole(part)
    default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
    begins: int | None = None
    children: list[Part] = []
    closed = False
    at = part.start
    while len(children) < PARTS_CAP + 1:
        found = _next_boundary(raw, boundary, at, part.end)
        if found is None:
            break
        if begins is not None:
            _add(raw, part, tree, children, begins, found[0], default)
        at = begins = found[1]
        if tree.full:
            tree.truncated = closed = True
            begins = None
            break
        if found[2]:
            closed = True
            begins = None
            if raw.find(b"--" + boundary, at, part.end) >= 0:
                tree.broken = True  # it goes on behind its own end: nobody reads on
            break
    if begins is not None:
        _add(raw, part, tree, children, begins, part.end, default)
    if not closed:
        tree.broken = True
    return children or _whole(part)


def _next_boundary(raw: bytes, boundary: bytes, at: int, end: int) -> tuple[int, int, bool] | None:
    """The next boundary line: where it begins and ends, and whether it closes. Found by plain search: bodies are long
    and boundaries few."""
    mark = b"--" + boundary
    while True:
        place = raw.find(mark, at, end)
        if place < 0:
            return None
        if place == 0 or raw[place - 1 : place] == b"\n":
            stop = place + len(mark)
            newline = raw.find(b"\n", stop, min(end, stop + _BOUNDARY_TAIL))
            following = newline + 1 if newline >= 0 else end
            tail = raw[stop:following].strip(b" \t\r\n") if following - stop <= _BOUNDARY_TAIL else b"?"
            if tail in (b"", b"--"):
                return place, following, tail == b"--"
        at = place + 2


def _add(raw: bytes, parent: Part, tree: Tree, children: list[Part], begins: int, ends: int, default: str) -> None:
    """A child between two boundary lines; the newline before the second belongs to the boundary."""
    if ends > begins and raw[ends - 1 : ends] == b"\n":
        ends -= 1
        if ends > begins and raw[ends - 1 : ends] == b"\r":
            ends -= 1
    headers, start = split_headers(raw, begins, ends)
    tree.count(headers, start - begins)
    number = f"{parent.number}.{len(children) + 1}" if parent.number else str(len(children) + 1)
    children.append(Part(number, headers, min(start, ends), ends, _type_of(headers, default), parent))


def _boundary_of(raw: bytes, part: Part, tree: Tree) -> bytes:
    told = part.type.parameters.get("boundary", "").rstrip()
    if told and len(told) <= 300:
        boundary = told.encode("utf-8", "replace")
        if raw.find(b"--" + boundary, part.start, part.end) >= 0:
            return boundary
    tree.broken = True
    guess = re.compile(
        rb"^--([^\s-][^\r\n]{0,199}?|-{1,60}[^\s-][^\r\n]{0,150}?)[ \t]*\r?\n(?:content-[a-z-]+:|mime-version:)",
        re.I | re.M,
    )
    found = guess.search(raw, part.start, min(part.end, part.start + 200_000))
    return found[1] if found else b""


def _whole(part: Part) -> list[Part]:
    """A multipart without parts is read as one text."""
    number = f"{part.number}.1" if part.number else "1"
    return [Part(number, Headers(()), part.start, part.end, Parametered("text/plain"), part)]
