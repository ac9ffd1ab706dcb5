from __future__ import annotations

import pytest

from agent_tui.content.mail import read_mail
from agent_tui.content.safe import safe
from agent_tui.desk import quoting
from agent_tui.desk.quoting import Layout
from agent_tui.domain.message import Span
from tests.desk.make import message


def test_only_what_was_visible_is_quoted() -> None:
    text = safe("Thanks!\n\n> older words\n> more\n-- \nOlena")
    asked = message(text=text, quoted=(Span(9, 30),), signature=Span(30, len(text)))
    quoted = quoting.quote(asked, "Europe/Kyiv")
    assert quoted == "On 2026-11-20 16:05 +0200, Olena K. wrote:\n> Thanks!"


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("Europe/Kyiv", "2026-11-20 16:05 +0200"),
        ("America/New_York", "2026-11-20 09:05 -0500"),
        ("Asia/Kolkata", "2026-11-20 19:35 +0530"),
        ("UTC", "2026-11-20 14:05 UTC"),
        ("Europe/London", "2026-11-20 14:05 UTC"),
    ],
)
def test_a_time_bears_its_offset_in_quotes_and_forwards(zone: str, when: str) -> None:
    assert quoting.quote(message(), zone).startswith(f"On {when}, Olena K. wrote:\n")
    assert f"\nDate: {when}\n" in quoting.forwarded(message(), zone)


def test_a_quote_holds_what_the_customer_wrote_and_no_remark_of_ours() -> None:
    html = (
        "<p>Track: <a href='http://evil.example.net/x'>https://tracking.post.example</a> [1], or"
        " <a href='mailto:a@b.example'>write</a>, <a href='javascript:x'>press</a>.</p>"
        "<p><a href='https://shop.example/'><img src='cid:logo'></a></p><p>See [note] and [evil.example.org].</p>"
    )
    read = read_mail(f"From: o@x.example\nContent-Type: text/html\n\n{html}".encode())
    assert "https://tracking.post.example [evil.example.net]" in read.text
    quoted = quoting.quote(message(text=read.text, links=tuple(read.links)), "UTC").split("\n")[1:]
    assert quoted == [
        "> Track: https://tracking.post.example [1], or write, press.",
        ">",
        "> [image]",
        ">",
        "> See [note] and [evil.example.org].",
    ]


def test_layouts() -> None:
    assert quoting.lay_out("", "Dana", "> q", Layout()) == "\n\n-- \nDana\n\n> q\n"
    assert quoting.lay_out("", "Dana", "> q", Layout(signature="below_quote")) == "\n\n> q\n\n-- \nDana\n"
    assert quoting.lay_out("", "Dana", "> q", Layout(quote="none")) == "\n\n-- \nDana\n"
    assert quoting.lay_out("", "", "", Layout()) == ""
    above = quoting.lay_out("", "Dana", "> q", Layout(quote="above"))
    assert above == "> q\n\n\n\n-- \nDana\n"
    assert quoting.cursor_of(above, "> q", Layout(quote="above")) == 5


@pytest.mark.parametrize("layout", [Layout(), Layout(quote="above"), Layout(signature="below_quote")])
def test_own_words_are_what_was_typed(layout: Layout) -> None:
    quoted = quoting.quote(message(text=safe("Where is it?\n\nI sent it back.")), "UTC")
    text = quoting.lay_out("It is on its way.", "Dana\nAurora", quoted, layout)
    assert quoting.own_words(text) == "It is on its way."


@pytest.mark.parametrize("own", ["", "It is on its way."])
@pytest.mark.parametrize("layout", [Layout(), Layout(quote="above"), Layout(signature="below_quote")])
def test_writing_goes_on_behind_own_words(layout: Layout, own: str) -> None:
    quoted = quoting.quote(message(text=safe("Where is it?\n\nI sent it back.")), "UTC")
    text = quoting.lay_out(own, "Dana\nAurora", quoted, layout)
    assert quoting.end_of_own(text) == quoting.cursor_of(text, quoted, layout) + len(own)


def test_words_between_quoted_lines_are_own_words() -> None:
    text = "On Monday, Olena wrote:\n> first question\n\nYes.\n\n> second\nNo.\n"
    assert quoting.own_words(text) == "Yes.\n\nNo."


def test_a_forwarded_message_is_not_own_words() -> None:
    text = "Please look.\n\n" + quoting.forwarded(message(), "UTC")
    assert quoting.own_words(text) == "Please look."
    assert "From: Olena K. <olena.k@example.com>" in text


def test_a_name_cannot_break_the_attribution() -> None:
    from tests.desk.make import who

    quoted = quoting.quote(message(author=who("a@b.example", "{date} {0.__class__}")), "UTC")
    assert quoted.startswith("On 2026-11-20 14:05 UTC, {date} {0.__class__} wrote:\n")


def test_spans_cover_the_quote_exactly() -> None:
    text = "Hi\n\n-- \nDana\n\nOn Monday, Olena wrote:\n> a\n> b\n"
    found = quoting.parts(text)
    assert [text[s.start : s.end] for s in found.quoted] == ["On Monday, Olena wrote:\n> a\n> b"]
    assert found.signature
    assert text[found.signature.start : found.signature.end] == "-- \nDana"


def quoted_lines(text: str) -> list[str]:
    return [line.removeprefix("> ") for line in quoting.quote(message(text=safe(text)), "UTC").split("\n")[1:]]


def test_a_line_without_end_is_broken_at_its_blanks() -> None:
    found = quoted_lines("слово " * 1_000)
    assert max(map(len, found)) <= quoting.LONGEST_LINE
    assert " ".join(found) == ("слово " * 1_000).rstrip()
    assert {word for line in found for word in line.split()} == {"слово"}


def test_a_quote_has_no_more_characters_than_one_may_write_under() -> None:
    found = quoted_lines("漢" * 990_000)
    assert found[-1] == quoting.CUT
    assert sum(map(len, found[:-1])) == quoting.QUOTED
    assert {len(line) for line in found[:-1]} == {quoting.LONGEST_LINE}
    short = quoted_lines("a\n" * 200)
    assert quoting.CUT not in short


def test_a_forwarded_text_has_no_line_without_end() -> None:
    found = quoting.forwarded(message(text=safe("word " * 200_000)), "UTC")
    assert max(map(len, found.split("\n"))) <= quoting.LONGEST_LINE
    assert found.endswith(quoting.CUT)
    assert quoting.FORWARDED < len(found) < quoting.FORWARDED + 1_000


def test_what_is_pasted_is_broken_between_words_only() -> None:
    paragraph = "word " * 900
    assert quoting.clean(paragraph) == paragraph
    address = "https://example.test/" + "x" * 20_000
    assert quoting.clean(f"see {address} there") == f"see\n{address}\nthere"
    assert max(map(len, quoting.clean("word " * 100_000).split("\n"))) <= quoting.LONGEST_OWN_LINE


def test_who_gets_a_forwarded_text_can_follow_its_links() -> None:
    read = read_mail(
        b"From: a@b.test\nContent-Type: text/html\n\n<p><a href='https://track.example/abc?token=1'>Track it</a> or"
        b" <a href='https://track.example/abc?token=1'>here</a>, or see https://shop.example/help"
        b" <a href='https://shop.example/help'>https://shop.example/help</a> <a href='mailto:ann@shop.example'>Ann</a>"
    )
    found = quoting.forwarded(message(text=read.text, links=tuple(read.links)), "UTC")
    assert found.partition("\n\n")[2].split("\n\n")[1:] == ["Links:\nhttps://track.example/abc?token=1"]
    text = f"Please look.\n\n{found}"
    assert quoting.own_words(text) == "Please look."


def test_of_hundreds_of_links_the_first_are_named() -> None:
    links = tuple(safe(f"https://news.example/{n}") for n in range(300))
    found = quoting.forwarded(message(links=links), "UTC").split("\n")
    assert found.count("https://news.example/39") == 1
    assert found[-1] == quoting.CUT
    assert "https://news.example/40" not in found
