"""winmail.dat: what Outlook packs into one file that others cannot read. Bounded, and never trusting a length."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agent_tui.content.charsets import decode

SIGNATURE: Final = b"\x78\x9f\x3e\x22"
FILES_CAP: Final = 200
_PROPERTIES_CAP: Final = 5_000
_ATTRIBUTES_CAP: Final = 5_000

_BODY, _MESSAGE_PROPERTIES, _RENDERED = 0x800C, 0x9003, 0x9002
_TITLE, _DATA, _ATTACHMENT, _CODEPAGE = 0x8010, 0x800F, 0x9005, 0x9007
_P_BODY, _P_RTF, _P_HTML = 0x1000, 0x1009, 0x1013
_P_LONG_NAME, _P_NAME, _P_DATA, _P_TYPE = 0x3707, 0x3704, 0x3701, 0x370E
_FIXED: Final = {0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}


@dataclass(slots=True)
class TnefFile:
    """A file inside."""

    name: str = ""
    type: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Tnef:
    """What was inside."""

    text: str = ""
    html: str = ""
    rtf: str = ""
    """The text of its RTF body, formatting left out."""
    files: list[TnefFile] = field(default_factory=list)


def read_tnef(data: bytes) -> Tnef | None:
    """Read a winmail.dat; None where it is none. What is cut off or broken ends the reading, not the program."""
    if data[:4] != SIGNATURE:
        return None
    found = Tnef()
    codepage = ""
    current: TnefFile | None = None
    for number, value in _attributes(data):
        if number == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        elif number == _BODY:
            found.text = decode(value.split(b"\0", 1)[0], codepage)
        elif number == _MESSAGE_PROPERTIES:
            _read_message(found, value, codepage)
        elif number == _RENDERED:
            if len(found.files) >= FILES_CAP:
                break
            current = TnefFile()
            found.files.append(current)
        elif current is not None:
            if number == _TITLE:
                current.name = current.name or decode(value.split(b"\0", 1)[0], codepage)
            elif number == _DATA:
                current.content = bytes(value)
            elif number == _ATTACHMENT:
                _read_file(current, value, codepage)
    found.files = [file for file in found.files if file.content or file.name]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _ in range(_ATTRIBUTES_CAP):
        if at + 9 > len(data):
            return
        _level, number, _kind, size = struct.unpack_from("<BHHI", data, at)
        at += 9
        if size > len(data) - at:
            return
        yield number, data[at : at + size]
        at += size + 2


def _read_message(found: Tnef, value: bytes, codepage: str) -> None:
    for number, kind, data in _properties(value):
        if number == _P_BODY:
            found.text = _string(data, kind, codepage) or found.text
        elif number == _P_HTML:
            found.html = _string(data, kind, codepage)
        elif number == _P_RTF:
            found.rtf = rtf_text(unpack_rtf(data))


def _read_file(file: TnefFile, value: bytes, codepage: str) -> None:
    for number, kind, data in _properties(value):
        if number == _P_LONG_NAME or (number == _P_NAME and not file.name):
            file.name = _string(data, kind, codepage) or file.name
        elif number == _P_TYPE:
            file.type = _string(data, kind, codepage)
        elif number == _P_DATA and not file.content:
            file.content = data[16:] if kind == 0xD else data


def _string(data: bytes, kind: int, codepage: str) -> str:
    if kind == 0x1F:
        return data.decode("utf-16-le", "replace").split("\0", 1)[0]
    return decode(data.split(b"\0", 1)[0], codepage)


def _properties(value: bytes) -> Iterator[tuple[int, int, bytes]]:
    """MAPI properties: number, kind, value."""
    if len(value) < 4:
        return
    count, at = struct.unpack_from("<I", value)[0], 4
    try:
        for _ in range(min(count, _PROPERTIES_CAP)):
            kind, number = struct.unpack_from("<HH", value, at)
            at += 4
            if number >= 0x8000:
                at = _skip_name(value, at)
            many = bool(kind & 0x1000)
            kind &= 0x0FFF
            values = 1
            if many or kind in {0xD, 0x1E, 0x1F, 0x102}:
                values = struct.unpack_from("<I", value, at)[0]
                at += 4
            first = b""
            for turn in range(min(values, _PROPERTIES_CAP)):
                if kind in _FIXED:
                    size = _FIXED[kind]
                elif kind in {0xD, 0x1E, 0x1F, 0x102}:
                    size = struct.unpack_from("<I", value, at)[0]
                    at += 4
                else:
                    return
                if size > len(value) - at:
                    return
                if not turn:
                    first = value[at : at + size]
                at += size + (-size % 4)
            yield number, kind, first
    except struct.error:
        return


def _skip_name(value: bytes, at: int) -> int:
    named = struct.unpack_from("<I", value, at + 16)[0]
    if named == 0:
        return at + 24
    size = struct.unpack_from("<I", value, at + 20)[0]
    return int(at + 24 + size + (-size % 4))


# RTF

_DICTIONARY: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbol"
    rb"ArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_RTF_CAP: Final = 2_000_000


def unpack_rtf(data: bytes) -> bytes:
    """Unpack compressed RTF (MS-OXRTFCP)."""
    if len(data) < 16:
        return b""
    _size, plain, magic, _check = struct.unpack_from("<IIII", data)
    if magic == 0x414C454D:
        return data[16 : 16 + min(plain, _RTF_CAP)]
    if magic != 0x75465A4C:
        return b""
    window = bytearray(_DICTIONARY + bytes(4096 - len(_DICTIONARY)))
    place, at, out = len(_DICTIONARY), 16, bytearray()
    while at < len(data) and len(out) < _RTF_CAP:
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data):
                return bytes(out)
            if not flags >> bit & 1:
                out.append(data[at])
                window[place % 4096] = data[at]
                place, at = place + 1, at + 1
                continue
            if at + 1 >= len(data):
                return bytes(out)
            token = data[at] << 8 | data[at + 1]
            at += 2
            offset, length = token >> 4, (token & 15) + 2
            if offset == place % 4096:
                return bytes(out)
            for step in range(length):
                byte = window[(offset + step) % 4096]
                out.append(byte)
                window[place % 4096] = byte
                place += 1
    return bytes(out)


_SKIPPED: Final = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "themedata",
        "listtable",
        "listoverridetable",
        "generator",
    ]
)
_TOKEN = re.compile(rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+")


def rtf_text(data: bytes) -> str:
    """The words of an RTF text."""
    reader = _Rtf()
    for match in _TOKEN.finditer(data[:_RTF_CAP]):
        word, number, code, sign, brace, text = match.groups()
        if brace:
            reader.brace(brace)
        elif word:
            reader.word(word.decode(), int(number) if number else None)
        elif sign == b"*":
            reader.skip[-1] = True
        elif reader.skip[-1]:
            continue
        elif code:
            reader.byte(int(code, 16))
        elif sign:
            reader.out.append({b"~": " ", b"_": "-"}.get(sign, sign.decode("latin-1") if sign in b"\\{}" else ""))
        elif text:
            reader.out.append(text[reader.after :].decode("latin-1"))
            reader.after = max(0, reader.after - len(text))
    text = "".join(reader.out).replace("\0", "")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # halves of one character, joined


@dataclass(slots=True)
class _Rtf:
    """Where a reading of RTF stands."""

    out: list[str] = field(default_factory=list)
    skip: list[bool] = field(default_factory=lambda: [False])
    codepage: str = "cp1252"
    after: int = 0
    """Characters to leave out behind a Unicode one: what older readers would show for it."""
    instead: int = 1
    """How many of them stand behind each."""

    def brace(self, sign: bytes) -> None:
        if sign == b"{" and len(self.skip) < 2_000:
            self.skip.append(self.skip[-1])
        elif sign == b"}" and len(self.skip) > 1:
            self.skip.pop()

    def word(self, name: str, number: int | None) -> None:
        if name in _SKIPPED:
            self.skip[-1] = True
        elif name == "ansicpg" and number:
            self.codepage = f"cp{number}"
        elif self.skip[-1]:
            return
        elif name in {"par", "line", "row"}:
            self.out.append("\n")
        elif name in {"tab", "cell"}:
            self.out.append("\t")
        elif name == "u" and number is not None:
            self.out.append(chr(number % 65536))
            self.after = self.instead
        elif name == "uc" and number is not None:
            self.instead = min(max(number, 0), 16)

    def byte(self, code: int) -> None:
        if self.after:
            self.after -= 1
        else:
            self.out.append(decode(bytes([code]), self.codepage))
