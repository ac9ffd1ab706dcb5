"""Header values: encoded words (RFC 2047) and parameters (RFC 2231), read in one pass and without trust."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

from agent_tui.content.charsets import codec_name, decode

VALUE_CAP: Final = 200_000
"""Characters of one header that are read for display."""
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_PARAMETERS_CAP: Final = 200


def header_text(value: bytes) -> str:
    """A raw header value as text with its encoded words still in it; bytes above ASCII by their likeliest charset."""
    return decode(value[:VALUE_CAP])


def unbase64(data: bytes) -> bytes:
    """Whatever can be had from base64, broken, cut off or put together from pieces as it may be."""
    padded = data.find(b"=")
    if padded < 0 or not data[padded:].strip(b"=\r\n\t "):
        try:
            return binascii.a2b_base64(data)
        except binascii.Error:
            pass
    out = bytearray()
    for piece in re.split(rb"=+", data):
        clean = _NOT_BASE64.sub(b"", piece)
        if len(clean) % 4 == 1:
            clean = clean[:-1]
        try:
            out += binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
        except binascii.Error:
            continue
    return bytes(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogatepass")
    if encoding in "bB":
        return unbase64(raw)
    return binascii.a2b_qp(raw.replace(b"_", b" "), header=False)


def decode_words(value: str) -> str:
    """Encoded words as text. Words of one charset that follow one another are joined first: some split characters."""
    if "=?" not in value:
        return value
    out: list[str] = []
    waiting, charset, at = bytearray(), "", 0
    for match in _WORD.finditer(value):
        between = value[at : match.start()]
        name = match[1].split("*", 1)[0]
        if waiting and (between.strip() or codec_name(name) != codec_name(charset)):
            out.append(decode(bytes(waiting), charset))
            waiting.clear()
            joined = not between.strip()
        else:
            joined = bool(at) and not between.strip()
        if not joined:
            out.append(between)
        charset, at = name, match.end()
        waiting += _word_bytes(match[2], match[3])
    if waiting:
        out.append(decode(bytes(waiting), charset))
    out.append(value[at:])
    return "".join(out)


@dataclass(frozen=True, slots=True)
class Parametered:
    """A value with parameters, as of Content-Type and Content-Disposition."""

    value: str
    """Lower case."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name, decoded."""


_PARAMETER = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)("?)|([^;]*))', re.DOTALL)


def read_parameters(value: str) -> Parametered:
    """Read `type/subtype; name=value; name*0*=utf-8''…`. A value that is not quoted reaches to the next semicolon."""
    value = value[:20_000]
    head, semicolon, _ = value.partition(";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(value, len(head))):
        if count >= _PARAMETERS_CAP or not semicolon:
            break
        name = match[1].lower()
        text = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[4].strip()
        base, number, extended = _split_parameter(name)
        if number is None and not extended:
            plain.setdefault(base, text)
        else:
            pieces.setdefault(base, {}).setdefault(number or 0, (text, extended))
    parameters = {name: decode_words(text) for name, text in plain.items()}
    parameters.update({name: _join(parts) for name, parts in pieces.items()})
    return Parametered(next(iter(head.lower().split()), "")[:120], parameters)


def _split_parameter(name: str) -> tuple[str, int | None, bool]:
    extended = name.endswith("*")
    base, star, number = name.rstrip("*").partition("*")
    return base, int(number) if star and number.isascii() and number.isdigit() and len(number) < 5 else None, extended


def _join(parts: Mapping[int, tuple[str, bool]]) -> str:
    charset, data = "", bytearray()
    for number in sorted(parts):
        text, extended = parts[number]
        if extended:
            if number == min(parts) and text.count("'") >= 2:
                charset, _, text = text.split("'", 2)
            data += unquote_to_bytes(text.encode("utf-8", "replace"))
        else:
            data += (
                text.encode("utf-8", "surrogatepass")
                if codec_name(charset) in {"", "utf-8"}
                else _encoded(text, charset)
            )
    return decode_words(decode(bytes(data), charset))


def _encoded(text: str, charset: str) -> bytes:
    return text.encode(codec_name(charset) or "utf-8", "replace")


def unquoted_printable(data: bytes) -> bytes:
    """Quoted-printable, tolerant of what is broken."""
    return binascii.a2b_qp(data)


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """Undo a Content-Transfer-Encoding."""
    match encoding.strip().lower():
        case "base64":
            return unbase64(data)
        case "quoted-printable":
            return unquoted_printable(data)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _unuu(data)
    return data


def _unuu(data: bytes) -> bytes:
    out = bytearray()
    lines = data.splitlines()
    begun = not any(line.startswith(b"begin ") for line in lines[:2000])
    for line in lines:
        if not begun:
            begun = line.startswith(b"begin ")
            continue
        if line in (b"end", b"`", b" "):
            break
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(out)
