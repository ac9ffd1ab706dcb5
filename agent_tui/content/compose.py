"""Composing mail: the frozen bytes of what an agent sends, and the texts it begins with.

Nothing that could end a header line gets into one: such input is refused, not repaired. Bcc is never in the bytes.
"""

from __future__ import annotations

import base64
import mimetypes
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from agent_tui.content.addresses import normalise_address
from agent_tui.content.domains import ascii_domain
from agent_tui.content.safe import disk_name, safe
from agent_tui.content.subjects import (
    bare_subject,
    forward_subject,
    reply_subject,
)
from agent_tui.domain.message import Person
from agent_tui.domain.text import NOTHING
from agent_tui.domain.times import Micros, to_datetime

__all__ = [
    "NewMail",
    "OutgoingFile",
    "Uncomposable",
    "bare_subject",
    "compose",
    "forward_block",
    "forward_subject",
    "new_message_id",
    "quote_for_reply",
    "reply_subject",
]

REFERENCES_CAP: Final = 40
"""Message-IDs kept in References: the first, and the last ones."""
SUBJECT_CAP: Final = 900
_WIDTH: Final = 76
_QUOTED_CAP: Final = 66
"""Signs of a quoted name that fit into one line. A longer one is encoded: a fold within quotes is foreign to some readers,
who take what stands behind it for an address."""
_POLICY = SMTP.clone(max_line_length=78, refold_source="none")
_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ID = re.compile(r"[!-;=?-~]{1,200}@[!-;=?-~]{1,255}|[!-;=?-~]{1,455}")
_OWN_HEADERS: Final = frozenset({"x-agent-tui-loop", "auto-submitted", "precedence"})


class Uncomposable(ValueError):
    """A mail that must not be made. `code` says why: `control_character`, `bad_address`, `bad_message_id`, `no_sender`."""

    def __init__(self, code: str, place: str) -> None:
        super().__init__(f"{code} in {place}")
        self.code = code
        self.place = place


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes along."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class NewMail:
    """What a mail is made of. Who gets it unseen stands in the envelope alone, never here."""

    sender: Person
    to: Sequence[Person]
    subject: str
    text: str
    """Any characters; its line breaks become CRLF."""
    message_id: str
    """Without brackets, as all ids here."""
    date: Micros
    cc: Sequence[Person] = ()
    in_reply_to: str = ""
    references: Sequence[str] = ()
    files: Sequence[OutgoingFile] = ()
    auto_submitted: bool = False
    """No person wrote it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of our own."""


def compose(new: NewMail) -> bytes:
    """The whole mail as it will be sent: CRLF lines, MIME, headers folded. Raises `Uncomposable`."""
    if not new.sender.address:
        raise Uncomposable("no_sender", "From")
    head = [_folded("From", _mailbox(new.sender, "From"))]
    for name, people in (("To", new.to), ("Cc", new.cc)):
        if people:
            head.append(_folded(name, _mailboxes(people, name)))
    head.append(_folded("Subject", _words(_line(new.subject, "Subject")[:SUBJECT_CAP])))
    head.append(f"Date: {format_datetime(to_datetime(new.date).astimezone(UTC))}")
    head.append(f"Message-ID: <{_id(new.message_id, 'Message-ID')}>")
    if _ID.fullmatch(_line(new.in_reply_to, "In-Reply-To")):  # an odd id of theirs is left out: the answer must go
        head.append(f"In-Reply-To: <{new.in_reply_to.strip()}>")
    references = _references(new.references)
    if references:
        head.append(_folded("References", references))
    if new.auto_submitted:
        head.append("Auto-Submitted: auto-replied")
    for name, value in new.headers.items():
        if name.lower() not in _OWN_HEADERS:
            raise Uncomposable("foreign_header", name)
        head.append(_folded(name, _words(_line(value, name))))
    mail = EmailMessage(policy=_POLICY)
    mail.set_content(_body(new.text), charset="utf-8", cte=_transfer(new.text))
    for file in new.files:
        _attach(mail, file)
    if "MIME-Version" not in mail:
        mail["MIME-Version"] = "1.0"
    return _wire("\r\n".join(head).encode("ascii") + b"\r\n" + mail.as_bytes(policy=_POLICY))


def _wire(raw: bytes) -> bytes:
    """Bytes with no line end but CRLF."""
    return re.sub(rb"\r\n|\r|\n", b"\r\n", raw)


# Headers are written here and not by the library, which loses blanks between encoded words.


def _line(text: str, place: str) -> str:
    if _BREAKS.search(text):
        raise Uncomposable("control_character", place)
    return text.strip()


def _folded(name: str, pieces: Sequence[str]) -> str:
    """A header of pieces that are joined by blanks; it is folded between them."""
    lines = [f"{name}:"]
    for piece in pieces:
        if len(lines[-1]) + 1 + len(piece) > _WIDTH and lines[-1].strip() and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {piece}"
    return "\r\n".join(lines)


def _words(text: str) -> list[str]:
    """A text as pieces: its words where they are plain, else encoded words of which none splits a character."""
    words = text.split(" ")
    if text.isascii() and "=?" not in text and all(0 < len(word) <= 60 for word in words):
        return words
    return _encoded(text) if text else []


def _encoded(text: str) -> list[str]:
    pieces: list[str] = []
    chunk = b""
    for char in text:
        data = char.encode("utf-8")
        if len(chunk) + len(data) > 42:
            pieces.append(chunk.decode("utf-8"))
            chunk = b""
        chunk += data
    pieces.append(chunk.decode("utf-8"))
    return [f"=?utf-8?b?{base64.b64encode(piece.encode()).decode()}?=" for piece in pieces]


def _mailboxes(people: Sequence[Person], place: str) -> list[str]:
    pieces: list[str] = []
    for number, person in enumerate(people, 1):
        pieces += _mailbox(person, place)
        if number < len(people):
            pieces[-1] += ","
    return pieces


def _mailbox(person: Person, place: str) -> list[str]:
    name = " ".join(_line(str(person.name), place)[:200].split())
    address = normalise_address(person.address)
    if not address:
        raise Uncomposable("control_character" if _BREAKS.search(person.address) else "bad_address", place)
    local, _, domain = address.partition("@")
    if not local.isascii():
        raise Uncomposable("bad_address", place)  # needs SMTPUTF8, which few servers speak
    address = f"{local}@{domain if domain.isascii() else _ascii_domain(domain, place)}"
    if not name:
        return [address]
    if not name.isascii() or "=?" in name or max(map(len, name.split(" "))) > 60:
        return [*_encoded(name), f"<{address}>"]
    if re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+", name):
        return [*name.split(" "), f"<{address}>"]
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    if len(quoted) > _QUOTED_CAP:
        return [*_encoded(name), f"<{address}>"]
    return [quoted, f"<{address}>"]


def _ascii_domain(domain: str, place: str) -> str:
    plain = ascii_domain(domain)
    if plain is None:
        raise Uncomposable("bad_address", place)
    return plain


def _id(text: str, place: str) -> str:
    text = text.strip().removeprefix("<").removesuffix(">")
    if not _ID.fullmatch(text):
        raise Uncomposable("control_character" if _BREAKS.search(text) else "bad_message_id", place)
    return text


def _references(ids: Sequence[str]) -> list[str]:
    """The chain, with its first and its last ids kept; ids that would break the header are left out."""
    clean = list(dict.fromkeys(i.strip("<>") for i in ids if _ID.fullmatch(i.strip("<>"))))
    if len(clean) > REFERENCES_CAP:
        clean = [clean[0], *clean[-(REFERENCES_CAP - 1) :]]
    return [f"<{i}>" for i in clean]


def _body(text: str) -> str:
    text = re.sub("\r\n|[\r\x85\u2028\u2029]", "\n", text)
    text = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return text if text.endswith("\n") else text + "\n"


def _transfer(text: str) -> str:
    """Quoted-printable where it stays readable; base64 where most characters would be escaped."""
    if text.isascii() and all(len(line) < 900 for line in text.splitlines()):
        return (
            "7bit" if not re.search(r"[\x00-\x08\x0b-\x1f\x7f]|^From |^\.", text, re.MULTILINE) else "quoted-printable"
        )
    high = sum(1 for c in text if c > "\x7f")
    return "base64" if high * 4 > len(text) else "quoted-printable"


def _attach(mail: EmailMessage, file: OutgoingFile) -> None:
    kind = file.type.strip().lower()
    if not re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}", kind):
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith(("message/", "multipart/")):
        kind = "application/octet-stream"
    main, _, sub = kind.partition("/")
    mail.add_attachment(file.content, maintype=main, subtype=sub, filename=disk_name(file.name), cte="base64")


# What a new mail begins with


def new_message_id(domain: str) -> str:
    """A Message-ID of our own, without brackets: random, and telling nothing about who or when."""
    host = normalise_address(f"x@{domain.rpartition('@')[2]}")[2:]
    return f"{secrets.token_hex(16)}.agent-tui@{ascii_domain(host) or 'localhost.invalid'}"


def quote_for_reply(text: str, intro: str) -> str:
    """The text as a quote below its introduction (`On …, Olena wrote:`), ready to stand in a draft."""
    lines = str(safe(text)).strip("\n").split("\n")
    quoted = "\n".join(f">{'' if line.startswith('>') or not line.strip() else ' '}{line.rstrip()}" for line in lines)
    return f"{safe(intro, one_line=True)}\n{quoted}\n"


def forward_block(text: str, *, title: str, fields: Sequence[tuple[str, str]]) -> str:
    """A forwarded message: a title between dashes, its headers in the words of the reader, its text as it was."""
    head = "\n".join(f"{safe(name, one_line=True)}: {safe(value, one_line=True)}" for name, value in fields if value)
    return (
        f"---------- {safe(title, one_line=True) or NOTHING} ----------\n{head}\n\n{str(safe(text)).strip(chr(10))}\n"
    )
