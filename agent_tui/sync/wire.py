"""How a parsed mail travels from the parsing child to the worker: JSON, and made safe anew on arrival.

The child reads hostile bytes with parsers written in C. Should one of them be taken over, what it sends must not be
more than text: no pickle, and every text goes through `safe` once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agent_tui.content.parsed import DeliveryReport, Heading, ParsedFile, ParsedMail, ReportedRecipient
from agent_tui.content.safe import safe
from agent_tui.domain.message import Automatic, Person, Span
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros

_LINE = 20_000


def encode(mail: ParsedMail) -> bytes:
    """A parsed mail as bytes."""
    report = mail.report
    value = {
        "id": mail.message_id,
        "irt": list(mail.in_reply_to),
        "refs": list(mail.references),
        "author": _person(mail.author),
        "sender": _person(mail.sender) if mail.sender else None,
        "reply_to": [_person(p) for p in mail.reply_to],
        "to": [_person(p) for p in mail.to],
        "cc": [_person(p) for p in mail.cc],
        "bcc": [_person(p) for p in mail.bcc],
        "delivered": list(mail.delivered_to),
        "subject": mail.subject,
        "sent": mail.sent_at,
        "received": mail.received_at,
        "text": mail.text,
        "quoted": [(s.start, s.end) for s in mail.quoted],
        "signature": (mail.signature.start, mail.signature.end) if mail.signature else None,
        "links": list(mail.links),
        "files": [(f.part, f.name, f.type, f.size, f.inline, f.content_id) for f in mail.files],
        "automatic": mail.automatic,
        "report": report
        and {
            "about": report.about,
            "recipients": [(r.address, r.action, r.permanent, r.status, r.diagnostic) for r in report.recipients],
            "stated": report.stated,
            "envelope": report.envelope,
            "returned": report.returned,
            "heading": (report.heading.sent_at, report.heading.subject, list(report.heading.to)),
        },
        "warnings": list(mail.warnings),
        "verified": mail.verified,
        "loop": mail.loop_count,
        "headers": dict(mail.headers),
    }
    return json.dumps(value, separators=(",", ":"), check_circular=False).encode()


def decode(data: bytes) -> ParsedMail:
    """The parsed mail of these bytes. Raises `ValueError`, `KeyError` or `TypeError` where they are none."""
    d: Mapping[str, Any] = json.loads(data)
    text = safe(str(d["text"]))
    return ParsedMail(
        message_id=_word(d["id"]),
        in_reply_to=_words(d["irt"]),
        references=_words(d["refs"]),
        author=_read_person(d["author"]),
        sender=_read_person(d["sender"]) if d["sender"] else None,
        reply_to=_read_people(d["reply_to"]),
        to=_read_people(d["to"]),
        cc=_read_people(d["cc"]),
        bcc=_read_people(d["bcc"]),
        delivered_to=_words(d["delivered"]),
        subject=_line(d["subject"]),
        sent_at=_moment(d["sent"]),
        received_at=_moment(d["received"]),
        text=text,
        quoted=tuple(_span(s, len(text)) for s in d["quoted"]),
        signature=_span(d["signature"], len(text)) if d["signature"] else None,
        links=tuple(_line(link) for link in d["links"]),
        files=tuple(
            ParsedFile(_word(part), _line(name), _line(type_), int(size), bool(inline), _line(content_id))
            for part, name, type_, size, inline, content_id in d["files"]
        ),
        automatic=Automatic(d["automatic"]),
        report=_report(d["report"]) if d["report"] else None,
        warnings=_words(d["warnings"]),
        verified=bool(d["verified"]),
        loop_count=int(d["loop"]),
        headers={_word(k): _line(v) for k, v in d["headers"].items()},
    )


def _report(d: Mapping[str, Any]) -> DeliveryReport:
    sent_at, subject, to = d["heading"]
    return DeliveryReport(
        about=_line(d["about"]),
        recipients=tuple(
            ReportedRecipient(_line(address), _word(action), bool(permanent), _line(status), _line(diagnostic))
            for address, action, permanent, status, diagnostic in d["recipients"]
        ),
        stated=bool(d["stated"]),
        envelope=_line(d["envelope"]),
        returned=bool(d["returned"]),
        heading=Heading(_moment(sent_at), _line(subject), _words(to)),
    )


def _person(person: Person) -> tuple[str, str]:
    return (person.name, person.address)


def _read_person(value: Sequence[str]) -> Person:
    name, address = value
    return Person(_line(name), _line(address))


def _read_people(values: Sequence[Sequence[str]]) -> tuple[Person, ...]:
    return tuple(_read_person(value) for value in values)


def _line(value: str) -> SafeText:
    return safe(value, one_line=True, cap=_LINE)


def _word(value: str) -> str:
    """A word that no screen shows as it is, but that the store must be able to keep."""
    if not isinstance(value, str):
        raise TypeError("a word")
    if value.isascii() and value.isprintable():
        return value
    return "".join(c for c in value if c.isprintable())


def _words(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(_word(value) for value in values)


def _moment(value: int | None) -> Micros | None:
    return None if value is None else Micros(int(value))


def _span(value: Sequence[int], length: int) -> Span:
    start, end = (min(max(int(n), 0), length) for n in value)
    return Span(start, max(start, end))
