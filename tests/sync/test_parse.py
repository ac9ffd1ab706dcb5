"""A mail that hangs, eats, crashes or lies costs itself, and the ones behind it still come."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent_tui.content.mail import read_mail
from agent_tui.content.parsed import ParsedMail
from agent_tui.sync.parse import ParseContext, ParseLimits, Parser, ParserGone, ParserTeam, Reading, Unreadable
from agent_tui.sync.parse_child import allowed
from agent_tui.sync.wire import decode, encode
from tests.hostile import NAMES, TERMINAL, controls
from tests.sync.ingest_bench import report
from tests.sync.workspace import mail

LIMITS = ParseLimits(cpu=1.5, wall=30.0, memory=1 << 30)


@pytest.fixture
def parser() -> Iterator[Parser]:
    found = Parser(LIMITS, "tests.sync.bad_child")
    yield found
    found.close()


def codes(readings: list[Reading]) -> list[str]:
    return [one.code if isinstance(one, Unreadable) else "" for one in readings]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("x-spin", "parse_timeout"),
        ("x-eat", "parse_memory"),
        ("x-crash", "parse_crash"),
        ("x-exit", "parse_crash"),
        ("x-raise", "parse_error"),
        ("x-unreadable", "empty"),
    ],
)
def test_poison_between_two_good_ones(parser: Parser, word: str, code: str) -> None:
    readings = parser.parse([mail(subject="First"), mail(text=word), mail(subject="Last")])
    assert codes(readings) == ["", code, ""]
    first, last = readings[0], readings[2]
    assert isinstance(first, ParsedMail)
    assert isinstance(last, ParsedMail)
    assert (first.subject, last.subject) == ("First", "Last")


def test_a_child_that_only_hangs_is_ended_by_the_clock() -> None:
    parser = Parser(ParseLimits(cpu=5, wall=0.5, memory=1 << 30), "tests.sync.bad_child")
    begun = time.monotonic()
    assert codes(parser.parse([mail(text="x-hang"), mail()])) == ["parse_timeout", ""]
    assert time.monotonic() - begun < 30
    parser.close()


def test_many_poisonous_ones_in_one_batch(parser: Parser) -> None:
    batch = [mail(text="x-crash" if n % 3 == 1 else f"number {n}") for n in range(12)]
    assert codes(parser.parse(batch)) == ["parse_crash" if n % 3 == 1 else "" for n in range(12)]


def test_a_child_killed_by_others_blames_no_mail(parser: Parser) -> None:
    parser.parse([mail()])
    assert parser.pid is not None
    os.kill(parser.pid, signal.SIGKILL)
    assert codes(parser.parse([mail(), mail()])) == ["", ""]
    killer = threading.Timer(0.2, lambda: os.kill(parser.pid or 0, signal.SIGKILL) if parser.pid else None)
    killer.start()
    assert codes(parser.parse([mail(text="a" * 3_000_000) for _ in range(6)])) == [""] * 6
    killer.join()


def test_what_a_parser_prints_gets_into_nothing(parser: Parser) -> None:
    assert codes(parser.parse([mail(text="x-noise"), mail()])) == ["", ""]


def test_large_mails_do_not_block_the_pipe(parser: Parser) -> None:
    big = mail(text="line of text\r\n" * 200_000)
    assert codes(parser.parse([big] * 5)) == [""] * 5


def test_the_context_reaches_the_child(parser: Parser) -> None:
    own = ParseContext(frozenset(["me@example.test"]))
    assert codes(parser.parse([mail()], own)) == [""]
    assert codes(parser.parse([mail(text="x-crash"), mail()], own)) == ["parse_crash", ""]


def test_a_closed_parser_says_so(parser: Parser) -> None:
    parser.close()
    with pytest.raises(ParserGone):
        parser.parse([mail()])


def test_a_team_keeps_the_order() -> None:
    team = ParserTeam(ParseLimits(), size=2)
    readings = team.parse([mail(subject=f"n{n}") for n in range(31)])
    assert [r.subject if isinstance(r, ParsedMail) else "" for r in readings] == [f"n{n}" for n in range(31)]
    team.close()


def test_the_child_is_told_no_secret(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_TUI_SECRET_MAIL_PASSWORD", "canary-7")
    parser.parse([mail()])
    with open(f"/proc/{parser.pid}/environ", "rb") as file:
        assert b"canary" not in file.read()


# On the wire


def test_a_mail_comes_through_the_wire_as_it_was() -> None:
    raw = mail(
        '"Ann, the first" <ann@a.test>',
        text="Hello\r\n\r\n> quoted\r\n\r\n-- \r\nAnn",
        Cc="b@b.test, Ольга <olga@c.test>",
        References="<a@x> <b@x>",
        In_Reply_To="<b@x>",
    )
    parsed = read_mail(raw)
    assert decode(encode(parsed)) == decode(encode(decode(encode(parsed))))
    again = decode(encode(parsed))
    assert (again.author, again.text, tuple(again.quoted), again.signature) == (
        parsed.author,
        parsed.text,
        tuple(parsed.quoted),
        parsed.signature,
    )
    assert (tuple(again.references), tuple(again.in_reply_to)) == (("a@x", "b@x"), ("b@x",))


def test_a_report_comes_through_the_wire_as_it_was() -> None:
    head = "Date: Mon, 01 Jun 2026 10:00:00 +0000\r\nSubject: Re: Hello\r\nTo: ann@a.test, bob@b.test"
    parsed = read_mail(report("1@us", "ann@a.test", "failed", "5.1.1", head=head, envelope="name"))
    assert parsed.report is not None
    assert parsed.report.heading.to == ("ann@a.test", "bob@b.test")
    assert decode(encode(parsed)).report == replace(parsed.report, recipients=tuple(parsed.report.recipients))


@pytest.mark.parametrize("text", [*TERMINAL.values(), *NAMES.values()], ids=[*TERMINAL, *NAMES])
def test_what_a_child_in_other_hands_sends_is_made_safe(text: str) -> None:
    import dataclasses
    import json

    parsed = read_mail(mail())
    value = json.loads(encode(parsed))
    value["text"] = value["subject"] = text
    value["author"] = [text, text]
    value["quoted"] = [[-5, 10**9]]
    again = decode(json.dumps(value).encode())
    shown = [again.text, again.subject, again.author.name, again.author.address]
    assert not any(controls(one) for one in shown)
    assert all(0 <= span.start <= span.end <= len(again.text) for span in again.quoted)
    assert dataclasses.is_dataclass(again)


def test_a_small_mail_may_take_a_part_of_the_time_only() -> None:
    sizes = [0, 1_000, 200_000, 1_000_000, 3_000_000]
    times = [allowed(10.0, size) for size in sizes]
    assert times == sorted(times)
    assert times[2] < 4.0
    assert times[-1] == 10.0
