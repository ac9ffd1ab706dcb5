"""Whole mails: structure, text, files, and everything that is wrong with them."""

from __future__ import annotations

import base64
import re
import socket
import struct
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from agent_tui.content.mail import file_bytes, read_headers, read_mail
from agent_tui.content.parsed import ParsedMail, UnreadableMail
from agent_tui.content.tnef import rtf_text
from agent_tui.domain.message import Automatic
from agent_tui.domain.text import SafeText
from tests.hostile import NAMES, TERMINAL, controls


def mail(body: str | bytes, *headers: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    head = "\r\n".join(["From: Olena <o@x.example>", "Subject: Hello", f"Content-Type: {kind}", *headers])
    text = body if isinstance(body, bytes) else re.sub("\r?\n", "\r\n", body).encode("utf-8", "surrogatepass")
    return head.encode("utf-8", "surrogatepass") + b"\r\n\r\n" + text


def every_text(parsed: ParsedMail) -> list[str]:
    people = [
        parsed.author,
        *parsed.reply_to,
        *parsed.to,
        *parsed.cc,
        *parsed.bcc,
        *([parsed.sender] if parsed.sender else []),
    ]
    texts = [parsed.subject, parsed.text, *parsed.links, *parsed.headers.values()]
    texts += [text for person in people for text in (person.name, person.address)]
    texts += [text for file in parsed.files for text in (file.name, file.type, file.content_id)]
    if parsed.report:
        texts += [
            parsed.report.about,
            *(t for r in parsed.report.recipients for t in (r.address, r.status, r.diagnostic)),
        ]
    assert all(isinstance(text, SafeText) for text in texts)
    return [
        *texts,
        parsed.message_id,
        *parsed.in_reply_to,
        *parsed.references,
        *parsed.delivered_to,
        *(f.part for f in parsed.files),
    ]


def assert_sound(parsed: ParsedMail) -> None:
    for text in every_text(parsed):
        assert controls(text) == []
        text.encode("utf-8")
    for line in (parsed.subject, parsed.author.name, *(f.name for f in parsed.files), parsed.message_id):
        assert "\n" not in line
    spans = sorted([*parsed.quoted, *([parsed.signature] if parsed.signature else [])], key=lambda span: span.start)
    at = 0
    for span in spans:
        assert at <= span.start < span.end <= len(parsed.text)
        at = span.end


def outcome(raw: bytes) -> str:
    """Why it could not be read; empty where it could, and what came of it is sound."""
    try:
        parsed = read_mail(
            raw, own_addresses=frozenset({"support@aurora.example"}), trusted_authserv="mx.aurora.example"
        )
    except UnreadableMail as error:
        return error.code
    assert_sound(parsed)
    return ""


# The whole corpus


@pytest.mark.corpus
def test_every_file_of_the_corpus_is_read_or_set_aside(corpus: Path) -> None:
    read = aside = 0
    for path in sorted(corpus.rglob("*")):
        if not path.is_file():
            continue
        raw = path.read_bytes()
        began = time.process_time()
        code = outcome(raw)
        assert code in {"", "empty", "not_a_mail"}, (path, code)
        read += not code
        aside += bool(code)
        assert time.process_time() - began < 3, path
    assert read > 550
    assert aside < 30


# Plain mails


def test_an_ordinary_mail() -> None:
    raw = mail(
        "Hello,\n\nwhere is it?\n\n-- \nOlena\n",
        "To: Support <Support@Aurora.example>, other@x.example",
        "Cc: c@x.example",
        "Reply-To: o@x.example",
        "Date: Tue, 24 Nov 2026 09:12:00 +0100",
        "Message-ID: <1@x.example>",
        "In-Reply-To: <0@aurora.example>",
        "References: <a@aurora.example>\r\n <0@aurora.example>",
        "Received: from a by b; Tue, 24 Nov 2026 08:12:05 +0000",
        "Received: from c by a; Tue, 24 Nov 2026 08:12:01 +0000",
        "Delivered-To: support@aurora.example",
        "X-Mailer: Test",
    )
    parsed = read_mail(raw)
    assert_sound(parsed)
    assert (parsed.author.name, parsed.author.address) == ("Olena", "o@x.example")
    assert [p.address for p in parsed.to] == ["Support@aurora.example", "other@x.example"]
    assert parsed.message_id == "1@x.example"
    assert parsed.in_reply_to == ["0@aurora.example"]
    assert parsed.references == ["a@aurora.example", "0@aurora.example"]
    assert parsed.sent_at == 1795507920_000_000
    assert parsed.received_at == 1795507925_000_000
    assert parsed.delivered_to == ["support@aurora.example"]
    assert parsed.text == "Hello,\n\nwhere is it?\n\n-- \nOlena\n"
    assert parsed.signature is not None
    assert parsed.text[parsed.signature.start :] == "-- \nOlena\n"
    assert parsed.warnings == []
    assert parsed.automatic is Automatic.NO
    assert parsed.headers["X-Mailer"] == "Test"
    assert parsed.files == []


def test_headers_alone() -> None:
    parsed = read_headers(mail("", "Message-ID: <1@x.example>", kind="multipart/mixed; boundary=x"))
    assert parsed.message_id == "1@x.example"
    assert parsed.subject == "Hello"
    assert parsed.text == ""
    assert parsed.warnings == ["partial"]
    with pytest.raises(UnreadableMail):
        read_headers(b"")


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\0\0\0", b"   \n"])
def test_nothing_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableMail) as caught:
        read_mail(raw)
    assert caught.value.code == "empty"


def test_what_is_no_mail() -> None:
    with pytest.raises(UnreadableMail) as caught:
        read_mail(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    assert caught.value.code == "not_a_mail"
    parsed = read_mail("просто текст без заголовков\n".encode("cp1251"))
    assert parsed.text.strip() == "просто текст без заголовков"
    assert {"no_author", "no_headers"} <= set(parsed.warnings)


def test_a_nul_and_other_bytes_within() -> None:
    parsed = read_mail(mail(b"be\0fore \xff\xfe \x1b]52;c;x\x07 after"))
    assert "after" in parsed.text
    assert_sound(parsed)


def test_flowed_text() -> None:
    body = "This is one \nlong line.\n\n> quoted \n> words\n>> deeper \n>> still\n-- \nOlena \nKoval\n"
    parsed = read_mail(mail(body, kind="text/plain; format=flowed"))
    assert parsed.text.split("\n")[:6] == [
        "This is one long line.",
        "",
        "> quoted words",
        ">> deeper still",
        "-- ",
        "Olena Koval",
    ]
    parsed = read_mail(mail("日本 \n語\n", kind="text/plain; charset=utf-8; format=flowed; delsp=yes"))
    assert parsed.text.startswith("日本語")


@pytest.mark.parametrize(
    "line", ["a \r\n", "> a \r\n", "-----Original Message-----\r\n", "On Monday, Ann wrote:\r\n> x\r\n"]
)
def test_four_megabytes_take_no_time(line: str) -> None:
    """A mail must not hold those behind it: time grows with the text and nothing else."""
    raw = mail((line * (4_000_000 // len(line))).encode(), kind="text/plain; format=flowed")
    began = time.process_time()
    read_mail(raw)
    assert time.process_time() - began < 5


# Structure


def part(*lines: str) -> str:
    return "\r\n".join(lines)


def test_broken_boundaries_give_one_tree() -> None:
    plain = part("Content-Type: text/plain", "", "Hello")
    cases = {
        "no end": f"--x\r\n{plain}\r\n",
        "missing boundary": f"--other\r\n{plain}\r\n--other--\r\n",
        "text behind the end": f"--x\r\n{plain}\r\n--x--\r\n--x\r\nContent-Type: text/plain\r\n\r\nhidden\r\n--x--\r\n",
        "no parts": "Hello\r\n",
        "with blanks": f"--x  \r\n{plain}\r\n--x-- \r\n",
        "bare newlines": f"--x\n{plain}\n--x--\n".replace("\r\n", "\n"),
    }
    for name, body in cases.items():
        parsed = read_mail(mail(body, kind="multipart/mixed; boundary=x"))
        assert parsed.text.strip() == "Hello", name
        assert ("broken_mime" in parsed.warnings) == (name not in {"with blanks", "bare newlines"}), name
    empty = read_mail(mail(f"--\r\n{plain}\r\n----\r\n", kind='multipart/mixed; boundary=""'))
    assert "broken_mime" in empty.warnings


def test_a_boundary_used_twice() -> None:
    inner = part(
        "Content-Type: multipart/mixed; boundary=x", "", "--x", "Content-Type: text/plain", "", "inner", "--x--", ""
    )
    first = read_mail(
        mail(
            f"--x\r\n{inner}\r\n--x\r\nContent-Type: text/plain\r\n\r\nouter\r\n--x--\r\n",
            kind="multipart/mixed; boundary=x",
        )
    )
    again = read_mail(
        mail(
            f"--x\r\n{inner}\r\n--x\r\nContent-Type: text/plain\r\n\r\nouter\r\n--x--\r\n",
            kind="multipart/mixed; boundary=x",
        )
    )
    assert first == again
    assert "broken_mime" in first.warnings


def test_depth_and_number_are_capped() -> None:
    deep = (
        "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(400))
        + "Content-Type: text/plain\r\n\r\nx"
    )
    began = time.process_time()
    parsed = read_mail(b"From: o@x.example\r\n" + deep.encode())
    assert "truncated" in parsed.warnings
    many = "--x\r\nContent-Type: application/pdf\r\n\r\nx\r\n" * 5_000 + "--x--\r\n"
    parsed = read_mail(mail(many, kind="multipart/mixed; boundary=x"))
    assert len(parsed.files) == 999
    assert "truncated" in parsed.warnings
    nested = "Content-Type: message/rfc822\r\n\r\n" * 500
    read_mail(b"From: o@x.example\r\n" + nested.encode())
    assert time.process_time() - began < 5


def test_a_message_within() -> None:
    inner = "From: i@x.example\r\nSubject: Inner words\r\n\r\ninner text\r\n"
    raw = mail(
        f"--x\r\n\r\nouter\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n{inner}--x--\r\n",
        kind="multipart/mixed; boundary=x",
    )
    parsed = read_mail(raw)
    assert parsed.text.strip() == "outer"
    assert [(f.name, f.type) for f in parsed.files] == [("Inner words.eml", "message/rfc822")]
    whole = file_bytes(raw, parsed.files[0].part)
    assert whole.startswith(b"From: i@x.example")
    assert b"inner text" in whole


# Text and HTML


def alternative(plain: str, rich: str) -> bytes:
    message = EmailMessage()
    message["From"] = "o@x.example"
    message.set_content(plain)
    message.add_alternative(rich, subtype="html")
    return message.as_bytes()


def test_alternatives() -> None:
    same = read_mail(alternative("Hello there, how are you?", "<p>Hello <b>there</b>, how are you?</p>"))
    assert same.text.strip() == "Hello there, how are you?"
    assert same.warnings == []
    assert same.files == []
    trick = read_mail(alternative("Please refund everything to account 7", "<p>What a lovely day, thank you</p>"))
    assert "alternatives_differ" in trick.warnings
    stub = read_mail(
        alternative(
            "View this in your browser", "<p>" + "Dear customer, many important words about your order. " * 5 + "</p>"
        )
    )
    assert "important words" in stub.text


@pytest.mark.parametrize(
    ("plain", "rich"),
    [
        ("Please refund 40 euro to DE89 3704 0044, thank you, Olena", "Please refund 9000 euro to GB29 6016 1331, thank you, Olena"),
        ("Please refund order 7714, the sum is 40.50", "Please refund order 7714, the sum is 4050.00"),
        ("Please cancel my account and delete the data of all users now", "Please do not cancel my account and do not delete the data of all users now"),
        ("Please cancel my account and delete everything", "Please don't cancel my account and delete everything"),
        ("Скасуйте замовлення і видаліть мої дані", "Не скасуйте замовлення і не видаліть мої дані"),
        ("Send the contract to ann@a.example today please", "Send the contract to eve@e.example today please"),
        ("Please cancel my order, thank you", "Please cancel my order, thank you, and wire the money to the account of my brother"),
        ("one two three four five six wire money to attacker", "one two three four five six"),
        ("Please do not refund. All is well.", "Please refund 900 EUR to DE00. All is bad."),
    ],
)  # fmt: skip
def test_alternatives_that_contradict_each_other_are_told(plain: str, rich: str) -> None:
    assert "alternatives_differ" in read_mail(alternative(plain, f"<p>{rich}</p>")).warnings


@pytest.mark.parametrize(
    ("plain", "rich"),
    [
        ("[Logo] Your order 7714 came on 1-2-2026. Call +1 555 0101.", "<p>Your order 7714 came on 1/2/2026. Call +1-555-0101."),
        ("1. Do not wait\n2. Write to us", "<ol><li>Do not wait<li>Write to us</ol>"),
        ("Thank you, see https://x.example/4711?no=9", "<p>Thank you, see <a href='https://x.example/4711?no=9'>this</a>"),
        ("Hello Olena, it came", "<p>Hello Olena, it came<p>" + "Do not reply to this mail. " * 3),
    ],
)  # fmt: skip
def test_alternatives_that_are_only_set_otherwise_are_not_told(plain: str, rich: str) -> None:
    assert "alternatives_differ" not in read_mail(alternative(plain, rich)).warnings


@pytest.mark.parametrize(
    "told",
    [
        "<table><tr><td>Tent Karpaty 2<td>3<tr><td>Stove<td>7</table>",
        "<table><tr><td>Stove<td>blue</table>",
        "<table><tr><td>Stove<td>2</table>",
        "<ul><li>7 stoves</ul>",
        "<p>Stove: 2",
    ],
)
def test_data_that_the_html_alone_tells_is_shown(told: str) -> None:
    """However little it is, and where the same number stands in the plain text for something else."""
    plain = "Please see the order of the 2 customers below. Kind regards, Olena"
    parsed = read_mail(
        alternative(plain, f"<p>Please see the order of the 2 customers below.{told}<p>Kind regards, Olena")
    )
    assert all(word in parsed.text for word in re.findall(r"(?:>|: )([\w ]+)", told))
    assert parsed.text.count("2") == 1 + told.count("2")
    assert "alternatives_differ" not in parsed.warnings


def test_a_table_that_both_tell_leaves_the_plain_text() -> None:
    plain = "The order:\n\n  Tent Karpaty 2  3\n  Stove  7\n"
    rich = "<p>The order:<table><tr><td>Tent Karpaty 2<td>3<tr><td>Stove<td>7</table>"
    assert read_mail(alternative(plain, rich)).text.strip() == plain.strip()


def test_data_that_only_the_plain_text_tells_beside_shown_html_is_told() -> None:
    plain = "Your order 7714 came"
    rich = "<p>Your order came<p>" + " ".join(f"kind{word}" for word in "abcdefghijklmnopqrstuvw")
    parsed = read_mail(alternative(plain, rich))
    assert "kindw" in parsed.text
    assert "alternatives_differ" in parsed.warnings


def test_numbers_alone_in_the_html_are_told() -> None:
    assert "alternatives_differ" in read_mail(alternative("See the order", "<table><tr><td>2<td>7</table>")).warnings


def test_the_html_alone_is_read() -> None:
    parsed = read_mail(mail("<p>Hi <a href='https://x.example/y'>there</a></p><p>bye", kind="text/html; charset=utf-8"))
    assert parsed.text == "Hi there [x.example]\n\nbye"
    assert parsed.links == ["https://x.example/y"]


def test_charset_told_by_the_markup() -> None:
    body = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251"></head><body>Привет</body></html>'
    assert read_mail(mail(body.encode("cp1251"), kind="text/html")).text == "Привет"


def test_reading_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing remote is fetched: no name is looked up, no connection is made."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("reading a mail went to the network")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refused)
    remote = "<img src='http://t.example/p.gif'><link rel=stylesheet href='http://t.example/x.css'><iframe src='http://t.example/'></iframe>"
    raw = mail(
        f"{remote}<body background='//t.example/b.png'><p style=\"background:url('http://t.example/c')\">Hello<object data='http://t.example/o'></object>",
        "Content-Base: http://t.example/",
        "X-Mozilla-External-Attachment-URL: http://t.example/a",
        kind="text/html",
    )
    parsed = read_mail(raw)
    assert parsed.text == "Hello"
    assert parsed.links == []
    external = 'message/external-body; access-type=URL; URL="http://t.example/x"'
    assert file_bytes(mail("x", kind=external), "0") == b"x"


# Files


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files(name: str) -> None:
    quoted = NAMES[name].replace("\\", "\\\\").replace('"', '\\"')
    raw = mail(
        f'--x\r\nContent-Type: application/pdf; name="{quoted}"\r\n\r\nbytes\r\n--x--\r\n',
        kind="multipart/mixed; boundary=x",
    )
    parsed = read_mail(raw)
    assert_sound(parsed)
    extended = "".join(f"%{byte:02X}" for byte in NAMES[name].encode("utf-8", "surrogatepass"))
    raw = mail(
        f"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''{extended}\r\n\r\nbytes\r\n--x--\r\n",
        kind="multipart/mixed; boundary=x",
    )
    parsed = read_mail(raw)
    assert_sound(parsed)
    assert file_bytes(raw, parsed.files[0].part) == b"bytes"


def test_files_of_all_kinds() -> None:
    message = EmailMessage()
    message["From"] = "o@x.example"
    message.set_content("see files")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="звіт.pdf")
    message.add_attachment("a text", filename="notes.txt")
    message.add_attachment(
        b"\x89PNG", maintype="image", subtype="png", filename="logo.png", disposition="inline", cid="<logo@x>"
    )
    raw = message.as_bytes()
    parsed = read_mail(raw)
    assert parsed.text == "see files\n"
    assert [(f.name, f.type, f.size, f.inline) for f in parsed.files] == [
        ("звіт.pdf", "application/pdf", 4, False),
        ("notes.txt", "text/plain", 7, False),
        ("logo.png", "image/png", 4, True),
    ]
    assert [file_bytes(raw, f.part) for f in parsed.files] == [b"%PDF", b"a text\n", b"\x89PNG"]
    for place in ("9", "1.1.1", "", "../x", "1t1", "s1", "0t5", "\x1b[2J"):
        with pytest.raises(UnreadableMail):
            file_bytes(raw, place)


def test_a_file_without_a_name_gets_one() -> None:
    raw = mail(
        "--x\n\nsee\n--x\nContent-Type: image/jpeg\n\nJPG\n--x\nContent-Type: application/x-odd\n\nx\n--x--\n",
        kind="multipart/mixed; boundary=x",
    )
    assert [f.name for f in read_mail(raw).files] == ["image-2.jpg", "application-3"]


def test_a_body_that_is_a_file() -> None:
    raw = mail(base64.b64encode(b"%PDF"), "Content-Transfer-Encoding: base64", kind="application/pdf; name=x.pdf")
    parsed = read_mail(raw)
    assert parsed.text == ""
    assert [(f.part, f.name, f.size) for f in parsed.files] == [("0", "x.pdf", 4)]
    assert file_bytes(raw, "0") == b"%PDF"


def tnef(*attributes: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<IH", 0x223E9F78, 1)
    for level, number, value in attributes:
        out += struct.pack("<BHHI", level, number, 0x0006, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
    return out


def mapi(*properties: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(properties))
    for number, kind, value in properties:
        out += struct.pack("<HHII", kind, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return out


def winmail(data: bytes, text: str = "") -> bytes:
    message = EmailMessage()
    message["From"] = "o@x.example"
    if text:
        message.set_content(text)
    message.add_attachment(data, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return message.as_bytes()


def test_winmail() -> None:
    packed = tnef(
        (1, 0x9007, struct.pack("<II", 1251, 0)),
        (1, 0x800C, "Привет из Outlook\0".encode("cp1251")),
        (2, 0x9002, b"\0" * 14),
        (2, 0x8010, b"OLD.PDF\0"),
        (2, 0x800F, b"%PDF-1"),
        (2, 0x9005, mapi((0x3707, 0x1F, "отчёт за год.pdf\0".encode("utf-16-le")))),
        (2, 0x9002, b"\0" * 14),
        (2, 0x8010, b"../../evil\x1b[2J.exe\0"),
        (2, 0x800F, b"MZ"),
    )
    raw = winmail(packed)
    parsed = read_mail(raw)
    assert_sound(parsed)
    assert parsed.text == "Привет из Outlook"
    assert [(f.name, f.size) for f in parsed.files] == [("отчёт за год.pdf", 6), ("../../evil␛[2J.exe", 2)] or len(
        parsed.files
    ) == 2
    assert file_bytes(raw, parsed.files[0].part) == b"%PDF-1"
    assert file_bytes(raw, parsed.files[1].part) == b"MZ"
    assert read_mail(winmail(packed, "own words")).text == "own words\n"


def test_winmail_with_rtf() -> None:
    rtf = rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0 Arial;}}\f0 Hello \b world\b0\par \'cf\'f0\'e8 \u1110?\par}"
    packed = struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    raw = winmail(tnef((1, 0x9003, mapi((0x1009, 0x102, packed)))))
    assert read_mail(raw).text == "Hello world\nПри і"
    # compressed: the first example of MS-OXRTFCP
    example = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    raw = winmail(tnef((1, 0x9003, mapi((0x1009, 0x102, bytes.fromhex(example))))))
    assert read_mail(raw).text == "hello world"


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_winmail(data: bytes) -> None:
    for raw in (
        winmail(struct.pack("<IH", 0x223E9F78, 1) + data),
        winmail(tnef((1, 0x9003, data), (2, 0x9002, b""), (2, 0x9005, data))),
    ):
        assert_sound(read_mail(raw))


# Shells


def test_signed_and_encrypted() -> None:
    signed = part(
        "--x",
        "Content-Type: text/plain",
        "",
        "signed words",
        "--x",
        'Content-Type: application/pkcs7-signature; name="smime.p7s"',
        "",
        "MIIB",
        "--x--",
        "",
    )
    parsed = read_mail(mail(signed, kind="multipart/signed; boundary=x"))
    assert (parsed.text.strip(), parsed.warnings, parsed.files) == ("signed words", ["signed"], [])
    pgp = part(
        "--x",
        "Content-Type: application/pgp-encrypted",
        "",
        "Version: 1",
        "--x",
        "Content-Type: application/octet-stream",
        "",
        "secret",
        "--x--",
        "",
    )
    assert "encrypted" in read_mail(mail(pgp, kind="multipart/encrypted; boundary=x")).warnings
    assert "encrypted" in read_mail(mail("MIIB", kind="application/pkcs7-mime; smime-type=enveloped-data")).warnings
    inline = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nplain words\n- -- \nme\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n"
    parsed = read_mail(mail(inline))
    assert parsed.text.startswith("plain words\n-- \nme")
    assert "PGP" not in parsed.text
    assert "signed" in parsed.warnings
    assert "encrypted" in read_mail(mail("-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n")).warnings


@pytest.mark.parametrize(
    "armour",
    [
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nAll fine.\n-----BEGIN PGP SIGNATURE-----\n{words}\n",
        "-----BEGIN PGP SIGNED MESSAGE-----\n\nAll fine.\n-----BEGIN PGP SIGNATURE-----\n\niQ\n{words}\n"
        "-----END PGP SIGNATURE-----\n",
        "All fine.\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n{words}\n"
        "> -----BEGIN PGP SIGNED MESSAGE-----\n",
    ],
    ids=["no end", "words within", "quoted"],
)
def test_what_is_no_whole_armour_hides_no_words(armour: str) -> None:
    words = "I cancel my order, and demand my 900 euro back.\n- this\n- and that"
    text = read_mail(mail(armour.format(words=words))).text
    assert "All fine." in text
    assert words in text


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 0x80 else b"\x82" + struct.pack(">H", len(body))
    return bytes([tag]) + size + body


@pytest.mark.parametrize("pieces", [False, True])
def test_an_opaque_signature_can_be_read_through(pieces: bool) -> None:
    inner = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nsealed words\r\n--x\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--x--\r\n"
    octets = der(0x24, der(0x04, inner[:50]), der(0x04, inner[50:])) if pieces else der(0x04, inner)
    data_oid, signed_oid = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex("06092a864886f70d010702")
    content = der(0x30, data_oid, der(0xA0, octets))
    whole = der(0x30, signed_oid, der(0xA0, der(0x30, der(0x02, b"\1"), der(0x31), content, der(0x31))))
    raw = mail(
        base64.b64encode(whole),
        "Content-Transfer-Encoding: base64",
        kind="application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
    )
    parsed = read_mail(raw)
    assert parsed.text.strip() == "sealed words"
    assert "signed" in parsed.warnings
    assert [f.name for f in parsed.files] == ["a.pdf"]
    assert file_bytes(raw, parsed.files[0].part) == b"%PDF"


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_seal(data: bytes) -> None:
    oid = bytes.fromhex("308006092a864886f70d010702")
    read_mail(mail(base64.b64encode(oid + data), "Content-Transfer-Encoding: base64", kind="application/pkcs7-mime"))


def test_invitations() -> None:
    ics = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Call about order\x1b[2J 4417\r\n"
        "DTSTART:20261124T091200Z\r\nDTEND:20261124T100000Z\r\nLOCATION:Room 5\r\nORGANIZER:mailto:o@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    raw = mail(
        f"--x\r\n\r\nsee you\r\n--x\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n{ics}--x--\r\n",
        kind="multipart/mixed; boundary=x",
    )
    parsed = read_mail(raw)
    assert_sound(parsed)
    assert parsed.text.startswith("see you\n\nInvitation: Call about order")
    assert {"Where: Room 5", "Organiser: o@x.example"} <= set(parsed.text.split("\n"))


# Bounded


@pytest.mark.parametrize("name", TERMINAL)
def test_terminal_bytes_everywhere(name: str) -> None:
    t = TERMINAL[name].replace("\r", "").replace("\n", " ")
    raw = mail(
        f"--x\r\n\r\n{t}\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>{t}<a href='http://h.example/{t}'>{t}</a><img alt='{t}'>\r\n"
        f'--x\r\nContent-Type: application/{t}; name="{t}"\r\nContent-ID: <{t}>\r\n\r\nx\r\n--x--\r\n',
        f"Subject: {t}",
        f"To: {t} <a@x.example>",
        f"Reply-To: {t}",
        f"Message-ID: <{t}@x.example>",
        f"References: <{t}>",
        f"Date: {t}",
        f"List-Id: {t}",
        f"X-Mailer: {t}",
        f"Delivered-To: {t}",
        f"Authentication-Results: {t}; dmarc=fail",
        f"X-Failed-Recipients: {t}@x.example",
        kind="multipart/mixed; boundary=x",
    )
    assert_sound(read_mail(raw, trusted_authserv=t))


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=None)
def test_any_bytes(data: bytes) -> None:
    for raw in (
        data,
        b"From: o@x.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n" + data,
        b"From: x\nContent-Type: text/html\n\n" + data,
    ):
        assert outcome(raw) in {"", "empty", "not_a_mail"}


MUTATED = alternative(
    "Hello\n\nOn Tue, 24 Nov 2026 at 09:12, A <a@x.example> wrote:\n> old",
    "<p>Hello</p><blockquote type=cite>old</blockquote>",
)


@given(st.lists(st.tuples(st.integers(0, len(MUTATED) - 1), st.binary(min_size=0, max_size=8)), max_size=12))
@settings(max_examples=300, deadline=None)
def test_a_damaged_mail(changes: list[tuple[int, bytes]]) -> None:
    raw = bytearray(MUTATED)
    for at, data in changes:
        raw[at : at + len(data) // 2] = data
    assert outcome(bytes(raw)) in {"", "not_a_mail"}


def big(name: str) -> bytes:
    match name:
        case "fifty megabytes of a file":
            line = b"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\r\n".replace(
                b"=", b"Q"
            )
            return mail(
                b"--x\r\n\r\nsee file\r\n--x\r\nContent-Type: application/pdf; name=big.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + line * 660_000
                + b"\r\n--x--\r\n",
                kind="multipart/mixed; boundary=x",
            )
        case "fifty megabytes of text":
            return mail(b"word " * 10_000_000)
        case "one line of a megabyte":
            return mail("я" * 1_000_000)
        case "half a megabyte of attributes":
            return mail("<p " + " ".join(f"a{n}=1" for n in range(60_000)) + ">Hello</p>", kind="text/html")
        case "attributes behind quotes":
            return mail("<p " + "".join(f'a{n}=">"' for n in range(60_000)) + ">Hello</p>", kind="text/html")
        case "open tags":
            return mail("<div><b><font color=1><table><tr><td>" * 20_000 + "Hello", kind="text/html")
        case "formatting opened anew":
            return mail("".join(f"<font color={n}>" for n in range(20_000)) + "<p>Hello" * 20_000, kind="text/html")
        case "sixteen thousand encoded words":
            return mail("Hello", "Subject: " + "=?utf-8?q?a?= " * 16_000)
        case "a hundred thousand headers":
            return mail("Hello", *["X-A: b"] * 100_000)
        case "comments in comments":
            return mail("Hello", "To: " + "(" * 50_000 + "x" + ")" * 50_000 + " <a@x.example>")
        case "boundaries everywhere":
            return mail("--x" * 1_000_000, kind="multipart/mixed; boundary=x")
        case "boundary lines":
            return mail("--x\r\n" * 400_000, kind="multipart/mixed; boundary=x")
        case "dashes":
            return mail("--\r\n" * 300_000)
        case "references":
            return mail("Hello", "References: " + " ".join(f"<{n}@x.example>" for n in range(10_000)))
        case "bounce of nothing":
            return mail(
                "a@b.example failed 550\n" * 50_000,
                "Return-Path: <>",
                "X-Failed-Recipients: " + "a@b.example," * 20_000,
            )
        case "status fields":
            return mail(
                "--x\r\nContent-Type: message/delivery-status\r\n\r\n"
                + "Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n" * 20_000
                + "--x--",
                kind="multipart/report; boundary=x",
            )
    raise KeyError(name)


@pytest.mark.parametrize(
    "name",
    [
        "fifty megabytes of a file",
        "fifty megabytes of text",
        "one line of a megabyte",
        "half a megabyte of attributes",
        "attributes behind quotes",
        "open tags",
        "formatting opened anew",
        "sixteen thousand encoded words",
        "a hundred thousand headers",
        "comments in comments",
        "boundaries everywhere",
        "boundary lines",
        "dashes",
        "references",
        "bounce of nothing",
        "status fields",
    ],
)
def test_no_mail_takes_long(name: str) -> None:
    raw = big(name)
    began = time.process_time()
    read_mail(raw)
    took = time.process_time() - began
    assert took < (8 if "fifty" in name else 3), f"{took:.1f} s"


def test_empty_lines_ahead_of_the_headers() -> None:
    raw = b"  \r\n\r\nFrom: o@x.example\r\nSubject: Order\r\nContent-Type: application/pdf\r\n\r\nxyz"
    parsed = read_mail(raw)
    assert (parsed.author.address, parsed.subject) == ("o@x.example", "Order")
    assert file_bytes(raw, parsed.files[0].part) == b"xyz"
    assert read_mail(b"\r\nNo header: this is text").text == "No header: this is text"


def test_a_text_file_that_is_shown_can_be_saved_too() -> None:
    named = 'Content-Type: text/plain\nContent-Disposition: inline; filename="log.txt"\n\nline of the log\n'
    raw = f"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nSee the log.\n--x\n{named}--x--\n".encode()
    parsed = read_mail(raw)
    assert parsed.text == "See the log.\n\nline of the log"
    assert [(f.name, f.inline, file_bytes(raw, f.part)) for f in parsed.files] == [
        ("log.txt", True, b"line of the log")
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (rb"{\rtf1\ansi Hello\par there}\0".replace(rb"\0", b"\0"), "Hello\nthere"),
        (rb"{\rtf1\uc0 5\u8364 and more}", "5\u20acand more"),
        (rb"{\rtf1 5\u8364? and more}", "5\u20ac and more"),
        (rb"{\rtf1 good \u-10179?\u-8704?!}", "good \U0001f600!"),
        (rb"{\rtf1\ansicpg1251 \'c4\'ff\'ea\'f3\'fe}", "Дякую"),
    ],
)
def test_words_of_rich_text(source: bytes, text: str) -> None:
    assert rtf_text(source) == text
