"""Text in cells: cut, padded and joined by the width it has on screen, never by its length."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment

if TYPE_CHECKING:
    from rich.style import Style
    from textual.strip import Strip

_NEVER_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\u200b\u00ad]")
"""Whatever made the text safe before, no control sequence and no override of direction gets past here."""
_JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f]")


_ASCII_SIGNS = str.maketrans(
    {"·": "-", "…": "...", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "×": "x", "→": "->"}
)


_ADDRESS_ROOM = 12
"""Cells below which no address is told in part behind other words."""


_QUOTE_MARKS = re.compile(r" {0,3}>(?: ?>)*")


class Signs:
    """Which signs our own words are written with: one choice for the terminal, as its width of letters is."""

    ascii = False

    @classmethod
    def draw(cls, text: str) -> str:
        """The text with the signs that the terminal is to get."""
        return text if not cls.ascii or text.isascii() else text.translate(_ASCII_SIGNS)

    @classmethod
    def ellipsis(cls) -> str:
        """What stands for what was cut."""
        return "..." if cls.ascii else "…"


def shown(text: str) -> str:
    """The text without anything that could move the cursor or turn its direction."""
    if text.isascii() and text.isprintable():
        return text
    return _NEVER_SHOWN.sub("", text.replace("\t", "    ").replace("\n", " "))


def in_cell(text: str) -> str:
    """For a cell of a list: also without joiners, on whose width terminals disagree."""
    return _JOINERS.sub("", shown(text)) if not text.isascii() else shown(text)


def width(text: str) -> int:
    """Cells that a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, cells: int, ellipsis: str = "") -> str:
    """At most so many cells; what is left out shows as an ellipsis."""
    if cells <= 0:
        return ""
    if width(text) <= cells:
        return text
    ellipsis = ellipsis or Signs.ellipsis()
    room = cells - width(ellipsis)
    if room < 0:
        return set_cell_size(text, cells)
    kept = set_cell_size(text, room)
    if "@" in text:
        return _with_domain(text, kept, ellipsis) or kept.rstrip() + ellipsis
    return kept.rstrip() + ellipsis


def with_less_of(text: str, parts: Iterable[str], cells: int) -> str:
    """The text with less of these parts, one after the other, as far as so many cells need it: words of ours around
    what somebody wrote stay whole."""
    for part in parts:
        over, at = width(text) - cells, text.rfind(part)
        if over > 0 and part and at >= 0:
            text = text[:at] + cut(part, max(1, width(part) - over)) + text[at + len(part) :]
    return text


def end_of(text: str, cells: int, ellipsis: str = "") -> str:
    """The last words, in at most so many cells; what is left out before them shows as an ellipsis."""
    if width(text) <= cells:
        return text
    ellipsis = ellipsis or Signs.ellipsis()
    words = text.split(" ")
    while words and width(" ".join(words)) > cells - width(ellipsis):
        words.pop(0)
    return ellipsis + " ".join(words)


_BLANKS = re.compile(r"\s{2,}")
_ENDING = re.compile(r"(?:\.\w{1,8}\s?)?\.[^.]{1,16}\.*\Z")
"""The ending of a file's name, with the one before it: `.pdf.exe`, `.tar.gz`."""


def cut_name(name: str, cells: int) -> str:
    """A file's name in at most so many cells, cut in its middle: its ending, which says what it is, always stands there.

    Who sends `invoice.pdf`, many blanks and `.exe`, or puts them behind a hundred letters, hides nothing.
    """
    name = _BLANKS.sub(" ", in_cell(name)).strip()
    room = cells - width(Signs.ellipsis())
    if width(name) <= cells or room <= 0:
        return name if width(name) <= cells else _tail(name, max(0, cells))
    found = _ENDING.search(name)
    kept = _tail(name, max(min(width(found[0]), room) if found else 0, room // 3))
    return set_cell_size(name, room - width(kept)).rstrip() + Signs.ellipsis() + kept


def _tail(text: str, cells: int) -> str:
    """The end of a text, as much as so many cells hold."""
    begin, taken = len(text), 0
    while begin > 0 and taken + width(text[begin - 1]) <= cells:
        begin -= 1
        taken += width(text[begin])
    return text[begin:]


def _with_domain(text: str, kept: str, ellipsis: str) -> str:
    """The text cut so that an address in it keeps its end, which says whose it is; empty where none is cut.

    Anybody can write a bank's name at the beginning of his own. One for which there is too little room is left out.
    """
    whole = text[: len(kept)]  # half a wide letter is kept as a blank, and is none
    begin = max(whole.rfind(" "), whole.rfind("\u00a0")) + 1
    address = text[begin:].split(" ", 1)[0]
    if "@" not in address or begin + len(address) <= len(kept):
        return ""
    room = width(kept) - width(text[:begin])
    if room < _ADDRESS_ROOM and begin:
        return text[:begin].rstrip() + ellipsis
    end, taken = len(address), 0
    while end > 0 and taken + width(address[end - 1]) <= room - room // 3:
        end -= 1
        taken += width(address[end])
    return text[:begin] + set_cell_size(address, room - taken) + ellipsis + address[end:]


def fit(text: str, cells: int, ellipsis: str = "") -> str:
    """Exactly so many cells, left-aligned."""
    short = cut(text, cells, ellipsis)
    return short + " " * (cells - width(short))


def fit_right(text: str, cells: int, ellipsis: str = "") -> str:
    """Exactly so many cells, right-aligned."""
    short = cut(text, cells, ellipsis)
    return " " * (cells - width(short)) + short


def wrap(text: str, cells: int) -> list[str]:
    """Lines of at most so many cells. Lines of the text stay lines, an indent stays, a word too long is broken.

    What goes on of a quoted line carries its `>` too, or it would seem to be the answer to it.
    """
    cells = max(1, cells)
    lines: list[str] = []
    for line in text.split("\n"):
        clean = line.replace("\t", "    ").rstrip()
        marks = _QUOTE_MARKS.match(clean)
        begin = f"{marks[0]} " if marks else ""
        if marks is None or width(clean) <= cells or len(begin) > cells // 2:
            lines.extend(_wrap_line(clean, cells))
        else:
            said = clean[marks.end() :].removeprefix(" ")
            lines.extend(begin + part for part in _wrap_line(said, cells - len(begin)))
    return lines


def _wrap_line(line: str, cells: int) -> list[str]:
    clean = shown(line)
    if width(clean) <= cells:
        return [clean]
    lines: list[str] = []
    now, room = "", cells
    for piece in re.findall(r"\s*\S+", clean):
        taken = width(piece)
        if taken <= room:
            now += piece
            room -= taken
            continue
        if now:
            lines.append(now)
        word = piece.lstrip() if lines else piece
        parts = [word] if width(word) <= cells else chop_cells(word, cells)
        lines.extend(parts[:-1])
        now = parts[-1] if parts else ""
        room = cells - width(now)
    if now:
        lines.append(now)
    return lines


class Line:
    """One line of the screen, put together from left to right."""

    __slots__ = ("_segments", "_width")

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._width = 0

    @property
    def width(self) -> int:
        """Cells so far."""
        return self._width

    def add(self, text: str, style: Style) -> Line:
        """Append a text as it is."""
        if text:
            text = Signs.draw(text)
            self._segments.append(Segment(text, style))
            self._width += width(text)
        return self

    def cell(self, text: str, cells: int, style: Style) -> Line:
        """Append a text in exactly so many cells."""
        if cells > 0:
            self._segments.append(Segment(fit(Signs.draw(in_cell(text)), cells), style))
            self._width += cells
        return self

    def right(self, text: str, cells: int, style: Style) -> Line:
        """Append a text in exactly so many cells, right-aligned."""
        if cells > 0:
            self._segments.append(Segment(fit_right(Signs.draw(in_cell(text)), cells), style))
            self._width += cells
        return self

    def up_to(self, column: int, style: Style, fill: str = " ") -> Line:
        """Fill up to a column."""
        if column > self._width:
            self.add(fill * (column - self._width), style)
        return self

    def strip(self, cells: int, style: Style, *, tells_cut: bool = False) -> Strip:
        """The finished line, exactly so many cells wide. Sentences tell where they were cut; columns have their own signs."""
        from textual.strip import Strip  # not at the head: the command line counts cells too, and loads no Textual

        if self._width > cells:
            return self._cropped(cells) if tells_cut else Strip(self._segments, self._width).crop(0, cells)
        self.up_to(cells, style)
        return Strip(self._segments, cells)

    def _cropped(self, cells: int) -> Strip:
        """What has no room is cut with a sign, unless it is blank or drawn to the end."""
        from textual.strip import Strip

        whole = Strip(self._segments, self._width)
        if not whole.crop(cells, self._width).text.strip(" ─-"):
            return whole.crop(0, cells)
        ellipsis = Signs.ellipsis()
        kept = list(whole.crop(0, max(0, cells - width(ellipsis))))
        style = kept[-1].style if kept else None
        return Strip([*kept, Segment(ellipsis[:cells], style)], cells)
