"""The files of a mail: which they are, and their bytes.

A file's place is the number of its part (`2.1`, `0` for the whole body). Behind an opaque signature it begins with
`s`; what lies in a winmail.dat has `t1`, `t2`, … behind the number of that part.
"""

from __future__ import annotations

import re
from typing import Final

from agent_tui.content.parsed import ParsedFile, UnreadableMail
from agent_tui.content.safe import file_name, safe
from agent_tui.content.sealed import SIGNATURES, opaque_content
from agent_tui.content.tnef import Tnef, TnefFile, read_tnef
from agent_tui.content.tree import Part, Tree, read_tree, with_newlines

_TNEF: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_REPORTED: Final = frozenset(
    {"message/delivery-status", "message/global-delivery-status", "message/disposition-notification"}
)
_PLACE = re.compile(r"(s?)([0-9]{1,5}(?:\.[0-9]{1,5}){0,60})(?:t([0-9]{1,4}))?")
_TYPES: Final = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".txt": "text/plain",
    ".html": "text/html",
    ".csv": "text/csv",
    ".ics": "text/calendar",
    ".eml": "message/rfc822",
    ".zip": "application/zip",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
}


def read_files(raw: bytes, tree: Tree, used: set[int], prefix: str = "") -> list[ParsedFile]:
    """The files of a message. `used` holds the parts that its text was made from."""
    found: list[ParsedFile] = []
    read = False
    for part in _leaves(tree.root):
        if id(part) in used:
            if read and _is_named_text(part):
                found.append(_file(raw, part, prefix))
            read = True
            continue
        if part.kind in _REPORTED or (part.kind in SIGNATURES and part.within("multipart/signed")):
            continue
        packed = tnef_of(raw, part)
        if packed is not None and packed.files:
            found += [_packed(part, number, file, prefix) for number, file in enumerate(packed.files, 1)]
        elif packed is None or not (packed.text or packed.html or packed.rtf):
            file = _file(raw, part, prefix)
            if file.size or part.headers.has("content-disposition"):
                found.append(file)
    return found


def _is_named_text(part: Part) -> bool:
    """A file that is shown on as text, as some programs attach them: it can be saved as well."""
    disposition = part.headers.parametered("content-disposition")
    alternative = part.parent is not None and part.parent.kind == "multipart/alternative"
    return bool(disposition.parameters.get("filename")) and not alternative


def tnef_of(raw: bytes, part: Part) -> Tnef | None:
    """What a winmail.dat holds; None where the part is none."""
    named = part.type.parameters.get("name", "").lower() == "winmail.dat"
    return read_tnef(part.content(raw)) if part.kind in _TNEF or named else None


def _leaves(root: Part) -> list[Part]:
    """Parts that are files or texts: an attached message is one file, whatever is in it."""
    found: list[Part] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.kind.startswith("multipart/"):
            waiting.extend(reversed(part.children))
        else:
            found.append(part)
    return found


def _file(raw: bytes, part: Part, prefix: str) -> ParsedFile:
    disposition = part.headers.parametered("content-disposition")
    name = disposition.parameters.get("filename") or part.type.parameters.get("name") or ""
    if not name and part.kind == "message/rfc822" and part.children:
        subject = part.children[0].headers.text("subject")
        name = f"{subject[:80] or 'message'}.eml"
    if not name:
        name = _made_name(part)
    content_id = part.headers.get("content-id").strip().strip("<>")
    return ParsedFile(
        part=prefix + (part.number or "0"),
        name=file_name(name),
        type=safe(part.kind, one_line=True, cap=120),
        size=len(part.content(raw)),
        inline=disposition.value != "attachment" and (disposition.value == "inline" or bool(content_id)),
        content_id=safe(content_id, one_line=True, cap=300),
    )


def _made_name(part: Part) -> str:
    """A name for a file that has none, as `image-2.png`: it can be told apart and saved."""
    ending = next((ending for ending, kind in _TYPES.items() if kind == part.kind), "")
    return f"{part.kind.partition('/')[0]}-{part.number or '0'}{ending}"


def _packed(part: Part, number: int, file: TnefFile, prefix: str) -> ParsedFile:
    name = file_name(file.name)
    kind = file.type or next(
        (t for ending, t in _TYPES.items() if name.lower().endswith(ending)), "application/octet-stream"
    )
    return ParsedFile(
        part=f"{prefix}{part.number or '0'}t{number}",
        name=name,
        type=safe(kind, one_line=True, cap=120),
        size=len(file.content),
    )


class MailFiles:
    """The files of one mail: its structure is read once, however many of them are taken."""

    def __init__(self, raw: bytes) -> None:
        self._outer = _Opened(with_newlines(raw))
        self._inner: _Opened | None = None
        self._packed: tuple[Part, Tnef | None] | None = None

    def content(self, place: str) -> bytes:
        """The bytes of a file that `read_mail` found. Raises `UnreadableMail` where it is not there."""
        opened, part, number = self._find(place)
        if not number:
            return part.content(opened.raw)
        packed = self._unpacked(opened.raw, part)
        if packed is None or number > len(packed.files):
            raise _missing(place)
        return packed.files[number - 1].content

    def _unpacked(self, raw: bytes, part: Part) -> Tnef | None:
        """What a winmail.dat holds; the last one opened is kept, since its files are asked for one after another."""
        if self._packed is None or self._packed[0] is not part:
            self._packed = part, tnef_of(raw, part)
        return self._packed[1]

    def _find(self, place: str) -> tuple[_Opened, Part, int]:
        match = _PLACE.fullmatch(place)
        if not match:
            raise _missing(place)
        opened = self._covered(place) if match[1] else self._outer
        part = opened.parts.get("" if match[2] == "0" else match[2])
        if part is None:
            raise _missing(place)
        return opened, part, int(match[3] or 0)

    def _covered(self, place: str) -> _Opened:
        """What lies behind an opaque signature."""
        if self._inner is None:
            inner = opaque_content(self._outer.raw, self._outer.root)
            if inner is None:
                raise _missing(place)
            self._inner = _Opened(inner)
        return self._inner


class _Opened:
    """A message with its parts by their numbers."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.root = read_tree(raw).root
        self.parts: dict[str, Part] = {}
        for part in self.root.walk():
            self.parts.setdefault(part.number, part)


def file_bytes(raw: bytes, place: str) -> bytes:
    """The bytes of one file that `read_mail` found. Raises `UnreadableMail` where it is not there."""
    return MailFiles(raw).content(place)


def _missing(place: str) -> UnreadableMail:
    return UnreadableMail("no_such_part", part=str(safe(place, one_line=True, cap=40)))
