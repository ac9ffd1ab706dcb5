"""Mails we make: read again they say exactly what was meant, and nothing gets in that was not."""

from __future__ import annotations

import email
import email.policy
import re
from email.utils import getaddresses

import pytest
from hypothesis import given, settings, strategies as st

from agent_tui.content.compose import (
    NewMail,
    OutgoingFile,
    Uncomposable,
    bare_subject,
    compose,
    forward_block,
    forward_subject,
    new_message_id,
    quote_for_reply,
    reply_subject,
)
from agent_tui.content.mail import file_bytes, read_mail
from agent_tui.content.quotes import split_reply
from agent_tui.content.safe import disk_name, file_name, safe
from agent_tui.domain.message import Person
from agent_tui.domain.times import Micros
from tests.hostile import NAMES, TERMINAL

DATE = Micros(1795507920_000_000)


def person(name: str, address: str) -> Person:
    return Person(safe(name), safe(address))


def new(**changes: object) -> NewMail:
    given_fields: dict[str, object] = {
        "sender": person("Aurora Support", "support@aurora.example"),
        "to": [person("Olena", "o@x.example")],
        "subject": "Hello",
        "text": "Words.\n",
        "message_id": "1.agent-tui@aurora.example",
        "date": DATE,
    }
    return NewMail(**{**given_fields, **changes})  # type: ignore[arg-type]


def headers_of(raw: bytes) -> list[str]:
    return [name.lower() for name, _ in email.message_from_bytes(raw).items()]


def assert_wire(raw: bytes) -> None:
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw), "no line ends but CRLF"
    assert b"\0" not in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    head = raw.split(b"\r\n\r\n", 1)[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 120


def test_a_reply() -> None:
    raw = compose(
        new(
            cc=[person("", "c@x.example")],
            subject="Re: Повернення за замовлення 4417",
            text="Вітаю, Олено!\n\nГроші вже в дорозі.\n",
            in_reply_to="0@x.example",
            references=["a@x.example", "0@x.example"],
        )
    )
    assert_wire(raw)
    own = ["from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"]
    assert headers_of(raw)[:8] == own
    assert sorted(headers_of(raw)[8:]) == ["content-transfer-encoding", "content-type", "mime-version"]
    mail = read_mail(raw)
    assert (mail.author.name, mail.author.address) == ("Aurora Support", "support@aurora.example")
    assert [(p.name, p.address) for p in mail.to] == [("Olena", "o@x.example")]
    assert [p.address for p in mail.cc] == ["c@x.example"]
    assert mail.subject == "Re: Повернення за замовлення 4417"
    assert mail.text == "Вітаю, Олено!\n\nГроші вже в дорозі.\n"
    assert mail.message_id == "1.agent-tui@aurora.example"
    assert mail.in_reply_to == ["0@x.example"]
    assert mail.references == ["a@x.example", "0@x.example"]
    assert mail.sent_at == DATE
    assert mail.warnings == []


def test_the_same_mail_in_another_reader() -> None:
    raw = compose(
        new(subject="Ärger, " * 30, text="naïve — “quoted”\n" * 50, to=[person("Müller, Jörg", "j@x.example")])
    )
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["subject"] == ("Ärger, " * 30).strip()
    assert mail["to"].addresses[0].display_name == "Müller, Jörg"
    assert mail.get_content().replace("\r\n", "\n") == "naïve — “quoted”\n" * 50
    assert not mail.defects


@pytest.mark.parametrize(
    "bad",
    ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\0b", "a\x85b", "a\u2028b", "a\u2029b", "a\x1bb", "a\x0bb", "a\ud800b"],
)
@pytest.mark.parametrize(
    "place",
    [
        "subject",
        "message_id",
        "in_reply_to",
        "to name",
        "to address",
        "cc address",
        "sender name",
        "sender address",
        "header",
    ],
)
def test_what_could_break_a_header_is_refused(bad: str, place: str) -> None:
    from agent_tui.domain.text import SafeText

    raw_person = Person(
        SafeText.trusted(bad if "name" in place else ""),
        SafeText.trusted(f"{bad}@x.example" if "address" in place else "o@x.example"),
    )
    changes: dict[str, object] = {
        "to name": {"to": [raw_person]},
        "to address": {"to": [raw_person]},
        "cc address": {"cc": [raw_person]},
        "sender name": {"sender": raw_person},
        "sender address": {"sender": raw_person},
        "header": {"headers": {"X-Agent-TUI-Loop": bad}},
    }.get(place, {place: bad})  # type: ignore[assignment]
    with pytest.raises(Uncomposable):
        compose(new(**changes))


def test_other_refusals() -> None:
    for changes, code in (
        ({"sender": person("x", "")}, "no_sender"),
        ({"to": [person("x", "nobody")]}, "bad_address"),
        ({"to": [person("x", "a@x.example, b@y.example")]}, "bad_address"),
        ({"to": [person("x", "иван@x.example")]}, "bad_address"),
        ({"message_id": "<>"}, "bad_message_id"),
        ({"message_id": "a b@c"}, "bad_message_id"),
        ({"headers": {"Bcc": "x@y.example"}}, "foreign_header"),
    ):
        with pytest.raises(Uncomposable) as caught:
            compose(new(**changes))
        assert caught.value.code == code


def test_fifty_recipients_with_names_read_again_equal() -> None:
    to = [person(f'Олена, № {n} ("відділ") <x>', f"user{n}@довгий-домен{n}.example") for n in range(50)]
    raw = compose(new(to=to))
    assert_wire(raw)
    mail = read_mail(raw)
    assert [p.name for p in mail.to] == [p.name for p in to]
    assert [p.address for p in mail.to] == [
        p.address.rpartition("@")[0] + "@" + p.address.rpartition("@")[2].encode("idna").decode() for p in to
    ]


def test_long_references_keep_the_first_and_the_last() -> None:
    ids = [f"{n}@x.example" for n in range(500)]
    mail = read_mail(compose(new(references=[*ids, "bad id", "x\r\nBcc: y"])))
    assert mail.references[0] == ids[0]
    assert mail.references[-39:] == ids[-39:]
    assert len(mail.references) == 40


@pytest.mark.parametrize("odd", ["ідентифікатор@x.example", "a" * 500 + "@x.example", "", " "])
def test_an_odd_id_of_theirs_does_not_stop_the_answer(odd: str) -> None:
    raw = compose(new(in_reply_to=odd, references=["a@x.example", odd]))
    assert "in-reply-to" not in headers_of(raw)
    assert read_mail(raw).references == ["a@x.example"]


@pytest.mark.parametrize("name", TERMINAL)
def test_an_answer_to_a_hostile_mail(name: str) -> None:
    hostile = TERMINAL[name].replace("\r", "").replace("\n", " ").encode("utf-8", "surrogatepass")
    raw = (
        b"From: "
        + hostile
        + b" <o@x.example>\nSubject: =?utf-8?q?a=0D=0ABcc:_x=40y?= "
        + hostile
        + b"\nMessage-ID: <1"
        + hostile
        + b"@x>\n\n"
        + hostile
    )
    mail = read_mail(raw)
    if not mail.author.address:
        return
    answer = compose(
        new(
            to=[mail.author],
            subject=reply_subject(mail.subject),
            text=quote_for_reply(mail.text, f"{mail.author.name} wrote:"),
            in_reply_to=mail.message_id,
            references=[*mail.references, mail.message_id],
        )
    )
    assert_wire(answer)
    assert set(headers_of(answer)) <= {
        "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding",
    }  # fmt: skip
    assert [p.address for p in read_mail(answer).to] == ["o@x.example"]


def test_bcc_is_nowhere() -> None:
    assert not any("bcc" in name for name in NewMail.__dataclass_fields__)
    assert b"bcc" not in compose(new()).lower()


@pytest.mark.parametrize(
    "text",
    [
        "From the start\n.\n..\n.hidden\n",
        "a\r.\rb\r\n.\r\nc\n.\nd",
        "x" * 5_000,
        "я" * 5_000,
        "trailing blanks   \n\ttabs\t\n",
        "",
        "no end",
        "-- \nsignature",
        "\x1b[2J and \x07",
        "emoji 👩‍👩‍👧",
    ],
)
def test_any_text_arrives(text: str) -> None:
    raw = compose(new(text=text))
    assert_wire(raw)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    content = message.get_content().replace("\r\n", "\n")
    assert content.rstrip("\n") == re.sub("\r\n|\r", "\n", text).rstrip("\n")


@given(st.text(st.characters(codec="utf-8"), max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_is_safe_on_the_wire(text: str) -> None:
    raw = compose(new(text=text))
    assert_wire(raw)
    assert headers_of(raw)[:5] == ["from", "to", "subject", "date", "message-id"]


@given(st.text(st.characters(codec=None), max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_subject_arrives_or_is_refused(subject: str) -> None:
    try:
        raw = compose(new(subject=subject))
    except Uncomposable:
        return
    assert_wire(raw)
    assert headers_of(raw).count("subject") == 1
    assert " ".join(read_mail(raw).subject.split()) == " ".join(safe(subject, one_line=True).split())


@pytest.mark.parametrize("name", NAMES)
def test_files_go_along(name: str) -> None:
    raw = compose(new(files=[OutgoingFile(NAMES[name], "application/pdf", b"%PDF\r\n\n\r\0")]))
    assert_wire(raw)
    mail = read_mail(raw)
    assert [(f.name, f.type, f.inline) for f in mail.files] == [
        (file_name(disk_name(NAMES[name])), "application/pdf", False)
    ]
    assert file_bytes(raw, mail.files[0].part) == b"%PDF\r\n\n\r\0"
    assert mail.text == "Words.\n"


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "message/rfc822", "multipart/mixed", "x\r\nBcc: y/z", "APPLICATION/PDF", "a/b; c=d"]
)
def test_types_of_files(kind: str) -> None:
    raw = compose(new(files=[OutgoingFile("a.bin", kind, b"From: x\n\nfoo")]))
    assert_wire(raw)
    mail = read_mail(raw)
    assert [f.name for f in mail.files] == ["a.bin"]
    assert file_bytes(raw, mail.files[0].part) == b"From: x\n\nfoo"


def test_an_automatic_answer_says_so() -> None:
    raw = compose(new(auto_submitted=True, headers={"X-Agent-TUI-Loop": "1"}))
    assert b"\r\nAuto-Submitted: auto-replied\r\n" in raw
    assert read_mail(raw).automatic == "reply"
    assert read_mail(raw).loop_count == 1
    assert b"Auto-Submitted" not in compose(new())


def test_message_ids_are_new_and_tell_nothing() -> None:
    ids = {new_message_id("support@aurora.example") for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"[0-9a-f]{32}\.agent-tui@aurora\.example", i) for i in ids)
    assert new_message_id("x@почта.example").endswith("@xn--80a1acny.example")
    assert new_message_id("\r\n").endswith("@localhost.invalid")


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Hello", "Re: Hello"),
        ("Re: Hello", "Re: Hello"),
        ("RE: re: Re: Hello", "Re: Hello"),
        ("AW: Hello", "Re: Hello"),
        ("Antw: Hello", "Re: Hello"),
        ("SV: VS: Hello", "Re: Hello"),
        ("Отв: Привет", "Re: Привет"),
        ("Відп: Привіт", "Re: Привіт"),
        ("Odp: Cześć", "Re: Cześć"),
        ("RES: Olá", "Re: Olá"),
        ("R: Ciao", "Re: Ciao"),
        ("Re[2]: Hello", "Re: Hello"),
        ("Re(3): Hello", "Re: Hello"),
        ("回复：你好", "Re: 你好"),
        ("Fwd: Hello", "Re: Fwd: Hello"),
        ("Report: Hello", "Re: Report: Hello"),
        ("Refund", "Re: Refund"),
        ("", "Re:"),
        ("Re:", "Re:"),
        ("a\r\nBcc: x", "Re: a Bcc: x"),
    ],
)
def test_subjects_of_replies(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply


def test_subjects_of_forwards() -> None:
    assert forward_subject("Hello") == "Fwd: Hello"
    assert forward_subject("WG: Fwd: Hello") == "Fwd: Hello"
    assert forward_subject("Re: Hello") == "Fwd: Re: Hello"
    assert bare_subject("Re: Fwd: AW: Hello") == "Hello"


@pytest.mark.parametrize("words", range(1, 24))
@pytest.mark.parametrize("name", ["a, <e@x.example> b", "e@x.example, c", 'x \\ "y"', "Smith, John;"])
def test_a_name_never_folds_within_its_quotes(name: str, words: int) -> None:
    """Other programs read what stands behind such a fold as an address."""
    told = " ".join([name] * words)[:200].strip()
    people = [person("Olena", "o@x.example"), person(told, "j@x.example"), person(told[::-1], "k@x.example")]
    raw = compose(new(to=people))
    head = raw.split(b"\r\n\r\n", 1)[0].decode()
    assert all(re.sub(r"\\.", "", line).count('"') % 2 == 0 for line in head.split("\r\n"))
    addresses = [address for _, address in getaddresses([email.message_from_bytes(raw)["To"]])]
    assert addresses == [one.address for one in people]
    assert [one.name for one in read_mail(raw).to] == [one.name for one in people]


def test_quotes_for_replies() -> None:
    quote = quote_for_reply("Where is it?\n\n> earlier words\nThanks\n", "On 24 Nov 2026 at 09:12, Olena wrote:")
    assert quote == "On 24 Nov 2026 at 09:12, Olena wrote:\n> Where is it?\n>\n>> earlier words\n> Thanks\n"
    whole = safe(f"Here it is.\n\n{quote}")
    reply = split_reply(whole)
    assert whole[: reply.quoted[0].start].strip() == "Here it is."


@pytest.mark.parametrize("name", TERMINAL)
def test_what_is_quoted_is_safe(name: str) -> None:
    from tests.hostile import controls

    assert controls(quote_for_reply(TERMINAL[name], TERMINAL[name])) == []
    block = forward_block(TERMINAL[name], title=TERMINAL[name], fields=[(TERMINAL[name], TERMINAL[name])])
    assert controls(block) == []


def test_forwards() -> None:
    block = forward_block(
        "Hello\n", title="Forwarded message", fields=[("From", "Olena <o@x.example>"), ("Cc", ""), ("Subject", "Hi")]
    )
    assert block == "---------- Forwarded message ----------\nFrom: Olena <o@x.example>\nSubject: Hi\n\nHello\n"
    whole = safe(f"See below.\n\n{block}")
    assert split_reply(whole).quoted == []
