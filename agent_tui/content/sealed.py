"""Signed and encrypted mail: what is signed can be read, what is encrypted is said to be."""

from __future__ import annotations

import re
from typing import Final

from agent_tui.content.tree import Part, Tree

_SMIME: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
SIGNATURES: Final = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
    }
)
_PGP_MESSAGE = re.compile(r"^-----BEGIN PGP MESSAGE-----", re.MULTILINE)
_PGP_SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z]{1,20}: [^\n]{0,100}\n){0,5}\n?", re.MULTILINE
)
_PGP_SIGNATURE = re.compile(
    r"^-----BEGIN PGP SIGNATURE-----[ \t]*\n(?:[A-Za-z]{1,20}: [^\n]{0,100}\n){0,5}[ \t]*\n?"
    r"(?:[A-Za-z0-9+/=]{1,100}[ \t]*\n){1,400}-----END PGP SIGNATURE-----[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_ENVELOPED: Final = (bytes.fromhex("2a864886f70d010703"), bytes.fromhex("2a864886f70d0109100117"))
_DEPTH_CAP: Final = 20
_PIECES_CAP: Final = 100_000
"""Of what is in more pieces nothing is read, rather than a part of it: it stays the file that it came as."""


def seals(tree: Tree, text: str) -> list[str]:
    """`encrypted` and `signed`, as far as the shell tells. Nothing is verified here, and nothing is said to be."""
    found: set[str] = set()
    for part in tree.root.walk():
        if part.within("message/rfc822"):
            continue
        if part.kind == "multipart/encrypted":
            found.add("encrypted")
        elif part.kind == "multipart/signed":
            found.add("signed")
        elif part.kind in _SMIME:
            told = part.type.parameters.get("smime-type", "").lower()
            found.add("signed" if told in {"signed-data", "certs-only"} else "encrypted")
    if _PGP_MESSAGE.search(text):
        found.add("encrypted")
    if _PGP_SIGNED.search(text):
        found.add("signed")
    return sorted(found)


def without_armour(text: str) -> str:
    """The words of inline-signed texts, without what surrounds them. What is no whole armour is words, and stays."""
    kept, at = [], 0
    while (begin := _PGP_SIGNED.search(text, at)) and (end := _PGP_SIGNATURE.search(text, begin.end())):
        kept += [text[at : begin.start()], re.sub(r"^- ", "", text[begin.end() : end.start()], flags=re.MULTILINE)]
        at = end.end()
    return "".join([*kept, text[at:]])


def opaque_content(raw: bytes, part: Part) -> bytes | None:
    """What an opaque S/MIME signature covers: a MIME entity of its own; None where it is none, or encrypted."""
    if part.kind not in _SMIME or part.end - part.start > 40_000_000:
        return None
    data = part.content(raw)
    if _SIGNED_DATA not in data[:80] or any(oid in data[:80] for oid in _ENVELOPED):
        return None
    try:
        return _content_of(data)
    except (IndexError, ValueError):
        return None


def _content_of(data: bytes) -> bytes | None:
    """ContentInfo → SignedData → encapsulated content → octets."""
    inner = _descend(data, 0, len(data), 0x30)  # ContentInfo
    if inner is None:
        return None
    inner = _descend(data, *inner, 0xA0)  # [0] content
    inner = inner and _descend(data, *inner, 0x30)  # SignedData
    inner = inner and _descend(data, *inner, 0x30)  # EncapsulatedContentInfo
    inner = inner and _descend(data, *inner, 0xA0)  # [0] eContent
    if not inner:
        return None
    return b"".join(_octets(data, inner[0], inner[1], 0)) or None


def _descend(data: bytes, at: int, end: int, wanted: int) -> tuple[int, int] | None:
    """Where the content of the first element with this tag lies, among those between `at` and `end`."""
    for _ in range(64):
        if at + 2 > end:
            return None
        tag, start, stop, following = _element(data, at, end)
        if tag == wanted:
            return start, stop
        at = following
    return None


def _element(data: bytes, at: int, end: int) -> tuple[int, int, int, int]:
    """Tag, start and end of the content, start of the next element. An indefinite length reaches to the end."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length == 0x80:
        return tag, at, end, end
    if length > 0x80:
        size = length & 0x7F
        if size > 4:
            raise ValueError("length of a length")
        length = int.from_bytes(data[at : at + size], "big")
        at += size
    stop = min(at + length, end)
    return tag, at, stop, stop


def _octets(data: bytes, at: int, end: int, depth: int) -> list[bytes]:
    """Octet strings, those in pieces put together."""
    found: list[bytes] = []
    while at + 2 <= end and depth < _DEPTH_CAP:
        if data[at] == 0 and data[at + 1] == 0:
            break
        if len(found) >= _PIECES_CAP:
            raise ValueError("octets in too many pieces")
        tag, start, stop, at = _element(data, at, end)
        if tag == 0x04:
            found.append(data[start:stop])
        elif tag == 0x24:
            found += _octets(data, start, stop, depth + 1)
    return found
