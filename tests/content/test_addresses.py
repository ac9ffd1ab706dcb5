"""One clean address or none."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings, strategies as st

from agent_tui.content.addresses import normalise_address, read_mailboxes, read_people
from agent_tui.content.mail import read_mail
from tests.hostile import TERMINAL, controls


def from_of(value: str) -> tuple[str, str, list[str]]:
    mail = read_mail(f"From: {value}\r\nSubject: x\r\n\r\nHello\r\n".encode("utf-8", "surrogateescape"))
    return mail.author.name, mail.author.address, list(mail.warnings)


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("a@x.example", "", "a@x.example"),
        ("<a@x.example>", "", "a@x.example"),
        ("Olena <a@x.example>", "Olena", "a@x.example"),
        ("OLENA <A@X.Example>", "OLENA", "A@x.example"),
        ("Reply+AbC-xYz@GH.example", "", "Reply+AbC-xYz@gh.example"),
        ("É.Dupont@x.example", "", "É.Dupont@x.example"),
        ('"Koval, Olena" <a@x.example>', "Koval, Olena", "a@x.example"),
        ("'Olena' <a@x.example>", "Olena", "a@x.example"),
        ("a@x.example (Olena)", "Olena", "a@x.example"),
        ("=?utf-8?b?0J7Qu9C10L3QsA==?= <a@x.example>", "Олена", "a@x.example"),
        ("=?koi8-u?q?=EF=CC=C5=CE=C1?= <a@x.example>", "Олена", "a@x.example"),
        ('"=?utf-8?b?0J7Qu9C10L3QsA==?=" <a@x.example>', "Олена", "a@x.example"),
        ("Олена <a@x.example>", "Олена", "a@x.example"),
        ("O. K. <a+tag@x.example>", "O. K.", "a+tag@x.example"),
        ('"a.b"@x.example', "", "a.b@x.example"),
        ("Olena <mailto:a@x.example>", "Olena", "a@x.example"),
        ("root@localhost", "", "root@localhost"),
        ("Olena <a@xn--80ak6aa92e.com>", "Olena", "a@xn--80ak6aa92e.com"),
        ("Olena <a@x.example", "Olena", "a@x.example"),
        ("Olena <a@x.example>,", "Olena", "a@x.example"),
        ("=?utf-8?q?Eve=0D=0ABcc=3A_x=40y?= <a@x.example>", "Eve Bcc: x@y", "a@x.example"),
    ],
)
def test_clean_senders(value: str, name: str, address: str) -> None:
    assert from_of(value)[:2] == (name, address)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("kunde@Straße.example", "kunde@straße.example"),
        ("o@пошта.укр", "o@пошта.укр"),
        ("o@日本shop.example", "o@日本shop.example"),
        ("o@аррӏе.com", "o@xn--80ak6aa92e.com"),
        ("o@bаnk.example", "o@xn--bnk-6cd.example"),
        ("o@bank.com\u2800\u2800.evil.example", "o@bank.xn--com-096aa.evil.example"),
        ("o@bank.com\u2215login.evil.example", "o@bank.xn--comlogin-0f7d.evil.example"),
        ("o@bank\ua4f8com.evil.example", "o@xn--bankcom-578y.evil.example"),
        ("o@i\u2764.example", "o@xn--i-7iq.example"),
    ],
)
def test_a_domain_that_reads_as_another_is_shown_as_the_wire_writes_it(written: str, shown: str) -> None:
    mail = read_mail(f"From: {written}\r\nCc: {written}\r\n\r\nHello\r\n".encode())
    assert mail.author.address == mail.cc[0].address == normalise_address(written) == shown


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Olena",
        "<>",
        '"',
        '"x"@',
        "@x.example",
        "a@",
        "a@x@y.example",
        "a b@x.example",
        '"a b"@x.example',
        "a(c)@x.example",
        "a@(c)x.example",
        "<a@x.example> <b@y.example>",
        "a@x.example <b@y.example> <c@z.example>",
        "<a@x.example>b",
        "a@x.example, b@y.example",
        "a@x.example; b@y.example",
        "Group: a@x.example;",
        "Group: a@x.example, b@y.example;",
        "undisclosed-recipients:;",
        "<@relay.example:a@x.example>",
        "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?==?utf-8?Q?=00?=@mailsploit.example",
        "=?utf-8?Q?potus=40whitehouse.gov=0A?=@mailsploit.example",
        "=?utf-8?q?a=40x.example?=",
        "a@x.example\x00",
        "a@x\x1b[2J.example",
        "a\u202e@x.example",
        "a@x..example",
        "a@-x.example",
        "a@[127.0.0.1]",
        "a@x.example (b@y.example",
        "(" * 2000 + "a@x.example",
        '"' + '\\"' * 500 + "@x.example",
        "a" * 400 + "@x.example",
        "a@" + "x" * 300 + ".example",
        "alice@evil.example\\@good.example",
        '"alice@good.example" bob@evil.example',
        "a&email=v@x.example(",
    ],
)
def test_what_is_no_sender(value: str) -> None:
    name, address, warnings = from_of(value)
    assert address == ""
    assert "no_author" in warnings
    assert controls(name) == []


def test_two_from_lines() -> None:
    mail = read_mail(b"From: a@x.example\r\nFrom: b@y.example\r\n\r\nHi\r\n")
    assert mail.author.address == ""
    assert {"two_from", "doubled_header"} <= set(mail.warnings)
    assert "two_from" in from_of("a@x.example, b@y.example")[2]


def test_the_address_is_in_sight_beside_a_name_that_is_one() -> None:
    name, address, warnings = from_of('"support@bank.example" <x@evil.example>')
    assert (name, address) == ("support@bank.example", "x@evil.example")
    assert "lookalike_sender" in warnings


def test_groups_and_lists_of_recipients() -> None:
    people = read_people(
        'Team: "A, B" <a@x.example>, b@y.example;, Olena <c@z.example>, broken, undisclosed-recipients:;'
    )
    assert [(p.name, p.address) for p in people] == [
        ("A, B", "a@x.example"),
        ("", "b@y.example"),
        ("Olena", "c@z.example"),
        ("broken", ""),
    ]


def test_twenty_thousand_recipients() -> None:
    began = time.process_time()
    value = ", ".join(f'"User, {n}" <u{n}@example.com>' for n in range(20_000))
    mail = read_mail(f"From: a@x.example\r\nTo: {value}\r\n\r\nHi\r\n".encode())
    assert len(mail.to) == 20_000
    assert mail.to[-1].address == "u19999@example.com"
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "value",
    ['"' * 100_000, "(" * 100_000, "<" * 100_000, '"' + '\\"' * 50_000, "a:" * 50_000, "<," * 50_000, "\\" * 100_000],
)
def test_no_header_takes_long(value: str) -> None:
    began = time.process_time()
    read_mailboxes(value)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("name", TERMINAL)
def test_terminal_bytes_in_names(name: str) -> None:
    for person in read_people(
        f'"{TERMINAL[name]}" <a@x.example>, {TERMINAL[name]} <b@y.example>, {TERMINAL[name]}@x.example'
    ):
        assert controls(person.name) == []
        assert controls(person.address) == []


@given(st.text(st.one_of(st.characters(codec=None), st.sampled_from(list('"<>()@,;:\\. =?'))), max_size=60))
@settings(max_examples=500, deadline=None)
def test_an_address_is_always_one_that_stays(value: str) -> None:
    for box in read_mailboxes(value):
        if box.clean:
            assert normalise_address(box.person.address) == box.person.address != ""
            assert box.person.address.count("@") == 1
        else:
            assert box.person.address == ""
        assert controls(box.person.name) == []
