"""Text that reaches a terminal, and names that reach a disk."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings, strategies as st

from agent_tui.content.safe import MARK, disk_name, file_name, safe
from agent_tui.domain.text import SafeText
from tests.hostile import NAMES, TERMINAL, controls

TRICKY = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from(list("\x1b\x9b\x9d\x07\x9c]P[\\2Jm;\r\n\t\u200d\u200c\ufe0f\u0301\u0344\u202e🙂👩\u0645")),
    ),
    max_size=60,
)


@pytest.mark.parametrize("name", TERMINAL)
@pytest.mark.parametrize("one_line", [False, True])
def test_no_terminal_fixture_survives(name: str, one_line: bool) -> None:
    text = safe(f"before {TERMINAL[name]}\nafter", one_line=one_line)
    assert controls(text) == []
    assert text.startswith("before")
    assert text.endswith("after")
    assert not one_line or "\n" not in text


@pytest.mark.parametrize("name", [n for n in TERMINAL if n.startswith("markup")])
def test_markup_is_only_text(name: str) -> None:
    assert safe(TERMINAL[name]) == TERMINAL[name]


@given(TRICKY)
@settings(max_examples=600, deadline=None)
def test_whatever_comes(text: str) -> None:
    for one_line in (False, True):
        shown = safe(text, one_line=one_line)
        assert isinstance(shown, SafeText)
        assert controls(shown) == []
        assert unicodedata.is_normalized("NFC", shown)
        assert safe(shown, one_line=one_line) == shown
        shown.encode("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, 100 %",
        "Вітаю! Де моє замовлення № 4417?",
        "Ёлка, объём, її ґанок, п’ять",
        "می\u200cخواهم",  # Persian: the joiner parts two letters of one word
        "क्\u200dष",
        "日本語　テスト",
        "שלום עולם",
        "Zoë, naïve, Łódź",
        "family 👨\u200d👩\u200d👧 and ❤\ufe0f",
        "two\nlines",
    ],
)
def test_living_scripts_stay(text: str) -> None:
    assert safe(text) == unicodedata.normalize("NFC", text)


def test_a_list_cell_holds_one_plain_line() -> None:
    assert safe(" a\r\n\tb\u2028c  👨\u200d👩 ❤\ufe0f می\u200cخ ", one_line=True) == "a b c 👨👩 ❤ میخ"
    assert safe("x" * 5000, one_line=True) == "x" * 999 + "…"


def test_what_is_taken_out_cannot_hide_the_rest() -> None:
    assert "visible" in safe("\x1b]52;c;never closed, still visible")
    assert "visible" in safe("\x1b]0;" + "a" * 10_000 + " visible\x07")
    assert safe("\x1b[31mred\x1b[0m") == "red"
    assert safe("safe\x08evil") == "safe␈evil"


@pytest.mark.parametrize("sign", "\u00a0\u2800\U0001d159\U00013441\U00013442")
def test_a_sign_without_ink_is_a_blank(sign: str) -> None:
    assert safe(f"a{sign * 40}b") == f"a{' ' * 40}b"
    assert safe(f"{sign}a{sign * 40}b", one_line=True) == "a b"
    assert file_name(f"invoice.pdf{sign * 40}.exe") == "invoice.pdf .exe"


@pytest.mark.parametrize(
    "sign",
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2061\u2064\u3164\uffa0\ufeff\ufffb\U0001bca0\U0001d173\U000e0041",
)
def test_a_sign_without_room_is_not_there(sign: str) -> None:
    assert safe(f"a{sign * 40}b") == safe(f"a{sign * 40}b", one_line=True) == "ab"


def test_marks_are_capped_and_never_lead() -> None:
    assert len(safe(TERMINAL["combining_pile"])) < 8
    assert safe(TERMINAL["leading_mark"]) == "x\ny"


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "я" * 1_000_000,
        "\x1b" * 1_000_000,
        "\x1b]" * 500_000,
        "\x1b[" * 500_000,
        "\x9d" * 300_000,
        "e" + "\u0301\u0323" * 300_000,
        "\u200d\ufe0f" * 500_000,
        "🙂\u200d" * 300_000,
        " " * 1_000_000,
        "\t" * 200_000,
    ],
    ids=lambda text: repr(text[:4]),
)
def test_a_megabyte_takes_no_time(text: str) -> None:
    began = time.process_time()
    safe(text)
    safe(text, one_line=True)
    file_name(text)
    disk_name(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", NAMES)
def test_names_on_screen(name: str) -> None:
    shown = file_name(NAMES[name])
    assert controls(shown) == []
    assert "\n" not in shown
    assert len(shown) <= 160


def test_the_true_ending_is_in_sight() -> None:
    assert file_name(NAMES["spaces"]) == "a.pdf .exe"
    assert file_name(NAMES["long_ending"]).endswith("….exe")
    assert file_name(NAMES["right_to_left"]) == f"invoice{MARK}fdp.exe"
    assert disk_name(NAMES["right_to_left"]) == "invoice_fdp.exe"
    assert disk_name(NAMES["long_ending"]).endswith(".exe")
    assert disk_name(NAMES["spaces"]).endswith(".exe")


def _is_plain_leaf(name: str) -> bool:
    return (
        name not in {"", ".", ".."}
        and not (set(name) & set("/\\\0\n\r;$`|<>&*?\"'~"))
        and not name.startswith((".", "-", "~", " "))
        and not name.endswith((".", " "))
        and len(name.encode()) <= 200
        and controls(name) == []
    )


@pytest.mark.parametrize("name", NAMES)
def test_names_on_disk(name: str) -> None:
    assert _is_plain_leaf(disk_name(NAMES[name]))


@given(TRICKY)
@settings(max_examples=400, deadline=None)
def test_any_name_on_disk(name: str) -> None:
    assert _is_plain_leaf(disk_name(name))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("отчёт 📎.pdf", "отчёт 📎.pdf"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\x.docx", "x.docx"),
        (".bashrc", "bashrc"),
        (".-.-rf", "rf"),
        ("- .--.-. -rf.pdf", "rf.pdf"),
        ("-.-", "attachment"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("", "attachment"),
        ("..", "attachment"),
    ],
)
def test_ordinary_names_stay(name: str, kept: str) -> None:
    assert disk_name(name) == kept
