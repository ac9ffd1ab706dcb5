"""What a mail costs grows with its size and no faster, whatever it is made of."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from agent_tui.content import html, quotes
from agent_tui.content.bodies import _ADDRESSES, _NEGATIONS
from agent_tui.content.mail import MailFiles, read_mail
from agent_tui.content.markup import rewrite
from agent_tui.content.reports import _words
from agent_tui.content.safe import safe
from agent_tui.content.tree import Tree, read_tree

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
    "comments that end at once": lambda n: rewrite("<!-->" * (n // 5)),
    "comments and styles that begin": lambda n: rewrite("<!---->" * (n // 14) + "<style>" * (n // 14)),
    "styles of drawings": lambda n: rewrite("<svg>" + "<style><!" * (n // 9)),
    "texts of drawings": lambda n: rewrite("<svg>" + "<![CDATA[" * (n // 9)),
    "texts spelt in drawings": lambda n: rewrite("<svg>" + "<xmp>" * (n // 5)),
    "titles": lambda n: rewrite("x" + "<title>a<</title>" * (n // 17)),
    "frames": lambda n: rewrite("<iframe>" + "<a" * (n // 2)),
    "open tags": lambda n: rewrite("<a <" * (n // 4)),
    "comments of styles": lambda n: rewrite("<style>" + "/*" * (n // 2) + "</style>x"),
    "strings of styles": lambda n: rewrite("<style>" + "'\"" * (n // 2) + "</style>x"),
    "addresses of styles": lambda n: rewrite("<style>" + "url(" * (n // 4) + "</style>x"),
    "rules of styles": lambda n: rewrite("<style>" + ".a{display:none}" * (n // 16) + "</style>" + "<p class=a>" * 99),
    "styled tags": lambda n: rewrite("<style>.a{display:none}</style>" + "<p class='a b'>" * (n // 16)),
    "negations": lambda n: _NEGATIONS.findall("not n'" * (n // 6)),
    "one long negation": lambda n: _NEGATIONS.findall("n" * n),
    "labels of a host": lambda n: html._named_host("a." * (n // 2)),
    "dashes of a host": lambda n: html._named_host("a-" * (n // 2)),
    "hosts of addresses": lambda n: html._named_host("a.b@" * (n // 4)),
    "at signs": lambda n: _ADDRESSES.findall("a@" * (n // 2)),
    "open braces": lambda n: rewrite("<style>" + "{" * n + "</style>x"),
    "open rules": lambda n: rewrite("<style>" + "@media a{" * (n // 9) + "</style>x"),
    "empty lines of a report": lambda n: _words("\n" * n),
    "blank lines of a report": lambda n: _words(" \n" * (n // 2)),
    "dashes of a report": lambda n: _words("-" * n),
    "marks of quotes in a report": lambda n: _words("> " * (n // 2)),
    "dashes of quotes": rules,
    "rules between quotes": lambda n: read_mail(
        b"From: a@b.test\n\nHi\n\nOn Mon, 30 Nov 2026 at 10:00, Bob wrote:\n> a\nfoo\n" + b"---\n> ---\n" * (n // 10)
    ),
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


def many_links(parts: int, links: int) -> bytes:
    head = "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    part = "--b\r\nContent-Type: text/html\r\n\r\n" + f"<a href=http://x.y/>{'a.' * 150}</a> " * links + "\r\n"
    return f"{head}{part * parts}--b--\r\n".encode()


def test_the_links_of_all_parts_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    show = html.show_link

    def counted(words: str, href: str) -> html.ShownLink:
        read.append(href)
        return show(words, href)

    monkeypatch.setattr(html, "show_link", counted)
    few = read_mail(many_links(3, 300))
    assert "truncated" not in few.warnings
    many = read_mail(many_links(6, 300))
    assert len(read) == 900 + html.LINKS_READ
    assert "truncated" in many.warnings
    assert str(many.text).count("[not opened]") == 1800 - html.LINKS_READ


def test_the_markup_of_all_parts_is_read_up_to_one_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    text = html.html_text

    def counted(source: str, links_read: int = 0) -> html.HtmlText:
        read.append(len(source))
        return text(source, links_read)

    monkeypatch.setattr("agent_tui.content.bodies.html_text", counted)
    assert "truncated" in read_mail(many_links(5, 3_000)).warnings
    assert sum(read) <= 3_000_000


def many_files(parts: int, junk: int) -> bytes:
    """A mail of so many files with so many header fields each."""
    fields = "".join(f"X-{at:04}: y\r\n" for at in range(junk))
    head = "From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    files = "".join(
        f"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=f{at}.pdf\r\n{fields}"
        f"\r\nfile {at}\r\n"
        for at in range(parts)
    )
    return f"{head}--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n{files}--b--\r\n".encode()


def test_the_structure_is_read_once_however_many_files_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = many_files(300, 5)
    places = [file.part for file in read_mail(raw).files]
    read: list[int] = []

    def counted(raw: bytes) -> Tree:
        read.append(len(raw))
        return read_tree(raw)

    monkeypatch.setattr("agent_tui.content.files.read_tree", counted)
    opened = MailFiles(raw)
    assert [opened.content(place) for place in places] == [b"file %d" % at for at in range(300)]
    assert len(read) == 1


def test_parts_with_more_headers_than_any_mail_has_are_not_all_read() -> None:
    """Each part may have thousands of fields; a thousand such parts would take ten seconds and half a gigabyte."""
    usual = read_mail(many_files(900, 60))
    assert len(usual.files) == 900
    assert "truncated" not in usual.warnings
    hostile = read_mail(many_files(900, 1000))
    assert "truncated" in hostile.warnings
    assert "broken_mime" not in hostile.warnings
    assert len(hostile.files) == 100
    assert MailFiles(many_files(900, 1000)).content(hostile.files[-1].part) == b"file 99"


def test_folds_without_end_are_not_all_read() -> None:
    fold = b"X-Long: y\r\n" + b" y\r\n" * 250_000
    raw = many_files(20, 0).replace(b"Content-Type: application/pdf", fold + b"Content-Type: application/pdf")
    hostile = read_mail(raw)
    assert "truncated" in hostile.warnings
    assert 0 < len(hostile.files) < 12
