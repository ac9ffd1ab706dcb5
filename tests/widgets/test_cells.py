"""Cells: whatever the text is, a cell has the width it was given and nothing in it moves the cursor."""

from __future__ import annotations

import pytest
from hypothesis import example, given, strategies as st
from rich.cells import cell_len
from rich.style import Style

from agent_tui.widgets.cells import Line, cut, cut_name, end_of, fit, fit_right, in_cell, shown, width, wrap
from tests.hostile import TERMINAL

TEXTS = st.text(max_size=60)


@given(TEXTS, st.integers(0, 40))
@example("⺀@", 2)
def test_a_cell_is_as_wide_as_it_was_given(text: str, cells: int) -> None:
    clean = in_cell(text)
    assert cell_len(fit(clean, cells)) == cells
    assert cell_len(fit_right(clean, cells)) == cells
    assert cell_len(cut(clean, cells)) <= cells


LONG = "refunds@bank.example." + "a" * 96 + ".evil.example"


@pytest.mark.parametrize("before", ["", "+", "to ", "Goes to ", "Bank  ", "to bob@b.example  cc "])
@pytest.mark.parametrize("behind", ["", ",", " in 10 s.", "  and 3 more"])
def test_an_address_never_loses_its_domain_to_a_cut(before: str, behind: str) -> None:
    whole = before + LONG + behind
    for room in range(width(before) + 32, width(whole)):
        short = cut(whole, room)
        assert width(short) <= room
        assert ".evil.example" in short
    for room in range(6, width(before) + 32):
        short = cut(whole, room)
        assert width(short) <= room
        # where there is no room even for its end, its beginning does not stand alone
        assert "ref" not in short or short.rstrip(",").endswith("le")


def test_other_words_are_cut_at_their_end() -> None:
    assert cut("ask bob@b.example about the parcel", 25) == "ask bob@b.example about…"
    assert cut("about the parcel of bob@b.example", 12) == "about the p…"
    assert cut("ask bob@b.example", 8) == "ask…"
    assert cut("@" * 30, 10, "...") == "@@...@@@@@"


@given(st.text(max_size=300) | st.text("> a漢\n", max_size=100), st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, cells: int) -> None:
    lines = wrap(text, cells)
    assert all(width(line) <= cells for line in lines)
    kept = "".join("".join(lines).split()).replace(">", "")  # these are put before what goes on of a quote
    told = "".join(shown(line) for line in text.replace("\t", " ").split("\n"))
    assert kept == "".join(told.split()).replace(">", "")


@pytest.mark.parametrize("text", TERMINAL.values(), ids=TERMINAL.keys())
def test_no_control_gets_past_a_cell(text: str) -> None:
    for made in (shown(text), in_cell(text), *wrap(text, 20)):
        assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in made)
        assert not set(made) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def test_an_indent_stays_and_a_long_word_is_broken() -> None:
    assert wrap("  ab cd", 20) == ["  ab cd"]
    assert wrap("aaaa bbbb cccc", 9) == ["aaaa bbbb", "cccc"]
    assert wrap("> aaaa bbbb cccc\nd", 11) == ["> aaaa bbbb", "> cccc", "d"]
    assert wrap(">> aaaa bbbb cccc", 12) == [">> aaaa bbbb", ">> cccc"]
    assert wrap("> > aaaa bbbb", 8) == ["> > aaaa", "> > bbbb"]
    assert wrap(">aaaa bbbb", 6) == ["> aaaa", "> bbbb"]
    assert wrap(">   aaaa bbbb", 10) == [">   aaaa", "> bbbb"]
    assert wrap("a > bbbb", 5) == ["a >", "bbbb"]
    assert all(width(line) <= 6 for line in wrap(">>>>>> aaaa", 6))
    assert wrap("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert wrap("漢字漢字", 5) == ["漢字", "漢字"]


@pytest.mark.parametrize(
    ("texts", "cells", "shown"),
    [
        (("Aurora Support  mail · Tue 08:33 · ", "sent"), 36, "Aurora Support  mail · Tue 08:33 · …"),
        (("only your team sees this",), 20, "only your team sees…"),
        (("in room",), 7, "in room"),
        (("padded   ",), 7, "padded "),
        (("── Today ", "─" * 30), 20, "── Today ───────────"),
        (("сколько идёт",), 8, "сколько…"),
        (("漢字漢字",), 4, "漢 …"),
    ],
)
def test_a_line_without_room_ends_in_a_sign(texts: tuple[str, ...], cells: int, shown: str) -> None:
    line = Line()
    for text in texts:
        line.add(text, Style())
    strip = line.strip(cells, Style(), tells_cut=True)
    assert strip.text == shown
    assert strip.cell_length == cells == width(strip.text)


def test_the_last_words_of_a_text() -> None:
    assert end_of("perfect condition and I have just ", 12) == "…have just "
    assert end_of("short ", 12) == "short "
    assert width(end_of("слово за словом идёт ", 9)) <= 9


HIDDEN = ["invoice.pdf" + "\u2800" * 75 + ".exe", "Rechnung-2026-11-" + "0" * 90 + ".pdf.exe", "a" * 99 + ".pdf   .exe"]


@given(TEXTS, st.integers(0, 40))
def test_a_name_has_no_more_cells_than_it_was_given(text: str, cells: int) -> None:
    assert width(cut_name(text, cells)) <= cells


@pytest.mark.parametrize("name", HIDDEN)
@pytest.mark.parametrize("cells", range(6, 90, 7))
def test_the_ending_of_a_name_is_never_cut(name: str, cells: int) -> None:
    assert cut_name(name, cells).endswith(".exe")


@pytest.mark.parametrize("ending", [".pdf.exe", ".tar.gz", ".pdf .exe"])
def test_both_of_a_double_ending_stay(ending: str) -> None:
    assert cut_name("a" * 80 + ending, 20) == "a" * (19 - len(ending)) + "…" + ending


def test_a_name_keeps_its_beginning_and_is_whole_where_there_is_room() -> None:
    assert cut_name("price list.csv", 20) == "price list.csv"
    assert cut_name("Rechnung-2026-11-0000000000.pdf", 20) == "Rechnung-2026…00.pdf"
    assert cut_name("no ending " + "x" * 50 + " the end", 20) == "no ending xxx…he end"
    assert cut_name("invoice.pdf" + " " * 75 + ".exe", 80) == "invoice.pdf .exe"
