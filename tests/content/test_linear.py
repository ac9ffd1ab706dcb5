"""What a mail costs grows with its size and no faster, whatever it is made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from agent_tui.content import quotes
from agent_tui.content.bodies import _ADDRESSES, _NEGATIONS
from agent_tui.content.mail import read_mail
from agent_tui.content.markup import rewrite
from agent_tui.content.reports import _words
from agent_tui.content.safe import safe

SMALL = 3_000
TIMES = 8


def cost(work: Callable[[int], Any], size: int) -> float:
    """CPU time of the quickest of three."""
    found = []
    for _ in range(3):
        before = time.process_time()
        work(size)
        found.append(time.process_time() - before)
    return min(found)


def rules(n: int) -> None:
    """Lines of dashes that are no rule after all, of as many characters."""
    line = ("*" * n)[:-1] + "x"
    quotes._RULE.match(line)
    quotes._TITLE.match("=" * n + "a\0")
    quotes._TITLE.match("= " * (n // 2) + "a\0")


WORK: dict[str, Callable[[int], Any]] = {
    "blanks in a tag": lambda n: rewrite("<p " + " " * n + ">x"),
    "slashes in a tag": lambda n: rewrite("<p " + "/" * n + ">x"),
    "blanks behind a name": lambda n: rewrite("<p " + ("a" + " " * 50) * (n // 51) + ">x"),
    "blanks behind an equals sign": lambda n: rewrite("<p a=" + " " * n + ">x"),
    "names in a tag": lambda n: rewrite("<p " + "a " * (n // 2) + ">x"),
    "open quotes in a tag": lambda n: rewrite("<p " + "a='b=\"" * (n // 6) + ">x"),
    "selectors": lambda n: rewrite("<style>" + "a," * (n // 2) + "{display:none}</style>x"),
    "words in a style sheet": lambda n: rewrite("<style>" + "a " * (n // 2) + "</style>x"),
    "comments and styles": lambda n: rewrite("<!---->" * (n // 14) + "<style>x</style>" * (n // 32)),
    "comments of styles": lambda n: rewrite("<style>" + "/*" * (n // 2) + "</style>x"),
    "strings of styles": lambda n: rewrite("<style>" + "'\"" * (n // 2) + "</style>x"),
    "addresses of styles": lambda n: rewrite("<style>" + "url(" * (n // 4) + "</style>x"),
    "rules of styles": lambda n: rewrite("<style>" + ".a{display:none}" * (n // 16) + "</style>" + "<p class=a>" * 99),
    "styled tags": lambda n: rewrite("<style>.a{display:none}</style>" + "<p class='a b'>" * (n // 16)),
    "negations": lambda n: _NEGATIONS.findall("not n'" * (n // 6)),
    "one long negation": lambda n: _NEGATIONS.findall("n" * n),
    "at signs": lambda n: _ADDRESSES.findall("a@" * (n // 2)),
    "open braces": lambda n: rewrite("<style>" + "{" * n + "</style>x"),
    "open rules": lambda n: rewrite("<style>" + "@media a{" * (n // 9) + "</style>x"),
    "empty lines of a report": lambda n: _words("\n" * n),
    "blank lines of a report": lambda n: _words(" \n" * (n // 2)),
    "dashes of a report": lambda n: _words("-" * n),
    "marks of quotes in a report": lambda n: _words("> " * (n // 2)),
    "dashes of quotes": rules,
}


@pytest.mark.parametrize("name", WORK)
def test_eight_times_the_size_is_not_much_more_than_eight_times_the_work(name: str) -> None:
    small = cost(WORK[name], SMALL)
    large = cost(WORK[name], SMALL * TIMES)
    assert large < 3 * TIMES * max(small, 0.002)


def test_the_detectors_of_reports_are_given_the_beginning_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them tries dozens of patterns on each line; two megabytes of empty lines would take a quarter minute."""
    import flufl.bounce

    lines = []

    def detect(message: Any) -> tuple[frozenset[bytes], frozenset[bytes]]:
        lines.append(message.as_string().count("\n"))
        return frozenset(), frozenset([b"lost@example.test"])

    monkeypatch.setattr(flufl.bounce, "all_failures", detect)
    head = b"From: MAILER-DAEMON@example.test\r\nTo: a@example.test\r\nSubject: Undelivered\r\n\r\n"
    parsed = read_mail(head + b"<lost@example.test>: no such user\r\n" + b"\n" * 300_000)
    assert lines
    assert max(lines) <= 5_000
    assert parsed.report is not None
    assert [r.address for r in parsed.report.recipients] == [safe("lost@example.test")]
