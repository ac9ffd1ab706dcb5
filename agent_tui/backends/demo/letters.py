"""How what is said becomes mail: real RFC 5322 bytes, as the mail programs of real customers make them."""

from __future__ import annotations

import html
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import format_datetime

from agent_tui.domain.times import Micros, to_datetime

OUR_ADDRESS = "support@aurora.example"
OUR_NAME = "Aurora Support"
_MAILER = "mailer-daemon@aurora.example"
_ZONES = {"en": 0, "uk": 2, "ru": 3}


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message that an answer quotes."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a mail is made from."""

    author: tuple[str, str]
    """Name and address."""
    to: Sequence[tuple[str, str]]
    subject: str
    text: str
    at: Micros
    message_id: str
    language: str = "en"
    references: Sequence[str] = ()
    """Message-IDs without brackets; the last one is what it answers."""
    quoted: Quoted | None = None
    rich: bool = False
    """With an HTML form beside the plain one."""
    files: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def write(letter: Letter) -> bytes:
    """The mail, as it would lie on a server."""
    mail = EmailMessage(policy=SMTP)
    if letter.author[1] != OUR_ADDRESS:
        _arrive(mail, letter)
    mail["From"] = _address(*letter.author)
    mail["To"] = [_address(*person) for person in letter.to]
    mail["Subject"] = letter.subject
    mail["Date"] = _local(letter.at, letter.language)
    mail["Message-ID"] = f"<{letter.message_id}>"
    if letter.references:
        mail["In-Reply-To"] = f"<{letter.references[-1]}>"
        mail["References"] = " ".join(f"<{known}>" for known in letter.references)
    for name, value in letter.headers.items():
        mail[name] = value
    mail.set_content(_plain(letter))
    if letter.rich:
        mail.add_alternative(_html(letter), subtype="html")
    for name in letter.files:
        maintype, subtype, content = file(name)
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"part-{number}-{zlib.crc32(letter.message_id.encode()):08x}")
    return mail.as_bytes()


def bounce(about: bytes, about_id: str, recipient: str, at: Micros, message_id: str, reason: str) -> bytes:
    """A delivery report (RFC 3464) about a mail of ours."""
    text = (
        "This is the mail system at host mx.aurora.example.\n\n"
        "Your message could not be delivered to one recipient. It is attached below.\n\n"
        f"<{recipient}>: {reason}\n"
    )
    mail = EmailMessage(policy=SMTP)
    mail["Return-Path"] = "<>"
    mail["From"] = _address("Mail Delivery System", _MAILER)
    mail["To"] = OUR_ADDRESS
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    mail["Date"] = _local(at, "en")
    mail["Message-ID"] = f"<{message_id}>"
    mail["Auto-Submitted"] = "auto-replied"
    status = (
        "Reporting-MTA: dns; mx.aurora.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; {reason}\r\n"
    )
    original = about.split(b"\r\n\r\n", 1)[0].decode("ascii", "replace")
    boundary = f"report-{zlib.crc32(message_id.encode()):08x}"
    parts = (
        ("text/plain; charset=utf-8", text.replace("\n", "\r\n")),
        ("message/delivery-status", status),
        ("text/rfc822-headers", original + "\r\n"),
    )
    body = "".join(f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n{part}\r\n" for kind, part in parts)
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = f'multipart/report; report-type=delivery-status; boundary="{boundary}"'
    head = mail.as_bytes().split(b"\r\n\r\n", 1)[0]
    return head + b"\r\n\r\n" + body.encode() + f"--{boundary}--\r\n".encode()


def plain_text(raw: bytes) -> str:
    """What a mail of ours says, for those who quote it."""
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    try:
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")
    except (LookupError, ValueError):
        return ""


def heading(template: str, at: Micros, language: str, name: str) -> str:
    """The line above a quote, as `On 21 Nov 2026 at 14:05, Aurora Support wrote:`."""
    return template.format(
        date=_local(at, language).strftime("%d.%m.%Y"), time=f"{_local(at, language):%H:%M}", name=name
    )


def file(name: str) -> tuple[str, str, bytes]:
    """A small real file for a name: a picture, a PDF, a table."""
    kind = name.rsplit(".", 1)[-1]
    if kind == "png":
        return "image", "png", _picture(name)
    if kind == "pdf":
        return "application", "pdf", _pdf(name.rsplit(".", 1)[0])
    return "text", "csv", b"order;item;quantity\r\nAU-20417;Borealis 2;1\r\nAU-20418;Ember Mini;2\r\n"


def _arrive(mail: EmailMessage, letter: Letter) -> None:
    domain = letter.author[1].rsplit("@", 1)[-1]
    mail["Return-Path"] = f"<{letter.author[1]}>"
    mail["Received"] = f"from mx.{domain} by mx.aurora.example with ESMTPS; {format_datetime(to_datetime(letter.at))}"
    if "Authentication-Results" not in letter.headers:
        mail["Authentication-Results"] = (
            f"mx.aurora.example; spf=pass smtp.mailfrom={domain}; dkim=pass header.d={domain}; dmarc=pass"
        )


def _address(name: str, address: str) -> Address:
    return Address(display_name=name, addr_spec=address)


def _local(at: Micros, language: str) -> datetime:
    return to_datetime(at).astimezone(timezone(timedelta(hours=_ZONES[language]))).replace(microsecond=0)


def _plain(letter: Letter) -> str:
    text = letter.text.rstrip("\n") + "\n"
    if letter.quoted is not None:
        lines = letter.quoted.text.rstrip("\n").split("\n")
        text += f"\n{letter.quoted.heading}\n" + "".join(f"> {line}\n" if line else ">\n" for line in lines)
    return text


def _html(letter: Letter) -> str:
    paragraphs = "".join(
        f"<p>{html.escape(paragraph).replace(chr(10), '<br>')}</p>\n" for paragraph in letter.text.strip().split("\n\n")
    )
    quote = ""
    if letter.quoted is not None:
        inner = html.escape(letter.quoted.text).replace("\n", "<br>\n")
        quote = (
            f'<div class="gmail_quote"><div class="gmail_attr">{html.escape(letter.quoted.heading)}</div>\n'
            f'<blockquote class="gmail_quote">{inner}</blockquote></div>\n'
        )
    return (
        f'<html><head><meta charset="utf-8"></head><body>\n<div dir="ltr">{paragraphs}</div>\n{quote}</body></html>\n'
    )


def _picture(name: str) -> bytes:
    """A PNG of soft stripes, whose colours come from its name."""
    width, height, tint = 96, 64, zlib.crc32(name.encode())
    red, green, blue = tint & 0x7F, (tint >> 8) & 0x7F, (tint >> 16) & 0x7F
    rows = b"".join(
        b"\0" + bytes(channel + (x + 2 * y) % 128 for x in range(width) for channel in (red, green, blue))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _pdf(title: str) -> bytes:
    """A page with one line on it."""
    stream = f"BT /F1 18 Tf 72 720 Td ({title}) Tj ET".encode("ascii", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
