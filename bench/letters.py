"""Mails as they lie on a server: the text that was written, in the clothes that mail programs give it.

About 5 kB each, as support mail is: transport headers, several charsets and encodings, every second with an HTML part,
answers with a quote, every twelfth with an attachment.
"""

from __future__ import annotations

import base64
import binascii
import html
import random
from collections.abc import Sequence
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING

from agent_tui.domain.times import to_datetime

if TYPE_CHECKING:
    from bench.mailbox import Mail

CYRILLIC = ("utf-8", "utf-8", "utf-8", "koi8-u", "windows-1251")
LATIN = ("utf-8", "utf-8", "us-ascii", "iso-8859-1")
STYLE = (
    "<style>body{font:14px/1.5 Arial,sans-serif;color:#222}.q{border-left:2px solid #ccc;padding-left:8px;color:#666}"
    ".btn{background:#0a7;color:#fff;padding:8px 14px;border-radius:4px}@media(max-width:600px){td{display:block}}</style>"
)


def letter(mail: Mail, before: Sequence[str], us: str) -> bytes:
    """The raw message; `before` holds the Message-IDs that it follows."""
    chance = random.Random(f"{mail.message_id}.clothes")
    theirs, ours = formataddr((mail.name, mail.address), "utf-8"), f"Aurora <{us}>"
    sender, receiver = (theirs, ours) if mail.inbound else (ours, theirs)
    date = format_datetime(to_datetime(mail.at))
    head = [
        f"Return-Path: <{mail.address if mail.inbound else us}>",
        f"Received: from mx{chance.randrange(9)}.example.net (mx.example.net [192.0.2.{chance.randrange(255)}])\n"
        f"\tby in.aurora.example (Postfix) with ESMTPS id {chance.getrandbits(40):X}\n\tfor <{us}>; {date}",
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=k1;\n"
        f"\th=from:to:subject:date:message-id; bh={_noise(chance, 32)};\n\tb={_noise(chance, 96)}",
        f"From: {sender}",
        f"To: {receiver}",
        f"Subject: {Header(mail.subject, 'utf-8', maxlinelen=75, header_name='Subject').encode()}",
        f"Date: {date}",
        f"Message-ID: <{mail.message_id}>",
    ]
    if before:
        head.append(f"In-Reply-To: <{before[-1]}>")
        head.append("References:" + "".join(f"\n <{one}>" for one in before))
    head.append("MIME-Version: 1.0")
    return "\n".join(head).encode() + b"\n" + _body(mail, chance, bool(before))


def _body(mail: Mail, chance: random.Random, answer: bool) -> bytes:
    quoted = [f"> {line}" for line in mail.text.splitlines()[::-1]] if answer else []
    greeting = f"On {to_datetime(mail.at):%d %b %Y, at %H:%M}, {mail.name} wrote:" if answer else ""
    name = mail.name if mail.inbound else "Aurora support"
    text = "\n".join([mail.text, "", *([greeting, *quoted, ""] if quoted else []), "-- ", name, "tel. 555-0100", ""])
    part = _part(text, "plain", chance)
    if chance.random() < 0.5:
        part = _several("alternative", [part, _part(_page(mail, quoted, chance), "html", chance)], chance)
    if mail.number % 12 == 0:
        part = _several("mixed", [part, _file(chance)], chance)
    return part


def _page(mail: Mail, quoted: Sequence[str], chance: random.Random) -> str:
    lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in mail.text.splitlines())
    quote = "<br>\n".join(html.escape(line[2:]) for line in quoted)
    return (
        f'<html><head>{STYLE}</head><body><table width="100%"><tr><td><img src="https://img.example.com/logo.png" alt="">'
        f'</td><td align="right">Order <b>{mail.number}</b></td></tr></table>\n{lines}'
        f'<p><a class="btn" href="https://shop.example.com/orders/{mail.number}?utm=mail">View order</a></p>\n'
        + (f'<blockquote class="q">{quote}</blockquote>\n' if quoted else "")
        + f"<p>--<br>{html.escape(mail.name)}</p>"
        f'<img src="https://t.example.net/o.gif?id={chance.getrandbits(48):x}" width="1" height="1"></body></html>\n'
    )


def _part(text: str, kind: str, chance: random.Random) -> bytes:
    charset = chance.choice(LATIN if text.isascii() else CYRILLIC)
    try:
        data = text.encode(charset)
    except UnicodeError:
        charset, data = "utf-8", text.encode()
    encoding = (
        "7bit" if charset == "us-ascii" else chance.choice(["8bit", "quoted-printable", "quoted-printable", "base64"])
    )
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = binascii.b2a_qp(data, istext=True)
    head = f'Content-Type: text/{kind}; charset="{charset}"\nContent-Transfer-Encoding: {encoding}\n\n'
    return head.encode() + data


def _several(kind: str, parts: Sequence[bytes], chance: random.Random) -> bytes:
    mark = f"=-{chance.getrandbits(64):x}"
    inner = b"".join(b"--" + mark.encode() + b"\n" + part + b"\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\n\n'.encode() + inner + f"--{mark}--\n".encode()


def _file(chance: random.Random) -> bytes:
    data = chance.randbytes(chance.randrange(2_000, 12_000))
    name = f"photo-{chance.randrange(1000)}.jpg"
    head = (
        f'Content-Type: image/jpeg; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
        "Content-Transfer-Encoding: base64\n\n"
    )
    return head.encode() + base64.encodebytes(data)


def _noise(chance: random.Random, size: int) -> str:
    return base64.b64encode(chance.randbytes(size)).decode()
