"""What stands in the cells of a row.

A row is its text and, beside it, one pen number for each cell. The text is a plain string as long as every cell
holds one character of one cell, which is nearly always; a tuple of cell texts where some are wide or combined (the
second cell of a wide character is empty). Both are indexed alike, and comparing two rows is comparing two strings.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, split_graphemes

Cells: TypeAlias = "str | tuple[str, ...]"

CLUSTER_LIMIT = 8
"""Code points drawn in one cell; the rest of a pile of combining marks is dropped."""

REPLACEMENT = "?"
"""Stands for a character that no terminal may receive."""

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Controls of both sets, what turns the direction of text, what cannot be seen, and halves of characters."""

_ASCII_FORMS = str.maketrans("─│┌┐└┘├┤┬┴┼▌▎●○◐·…▸▾✓–—‘’“”«»•", '-|+++++++++>|*o~-.+-v--\'\'""""*')


class Row(NamedTuple):
    """One row of the screen."""

    text: Cells
    """One text per cell."""

    pens: str
    """One character per cell; its code is the number of the pen."""


def safe_text(text: str) -> str:
    """The text without what is unsafe. Width is kept: what Textual counts as a cell stays a cell."""
    return UNSAFE.sub(lambda found: REPLACEMENT * cell_len(found[0]), text)


def _is_simple(text: str) -> bool:
    return all(cell_len(character) == 1 for character in text)


@lru_cache(maxsize=8192)
def cells(text: str) -> Cells:
    """A text as cells, safe to send."""
    if text.isascii() and text.isprintable():
        return text
    text = safe_text(text)
    if _is_simple(text):
        return text
    found: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width == 0:
            continue  # a mark with nothing to stand on
        found.append(_cluster(text[start:end], width))
        found.extend([""] * (width - 1))
    return tuple(found)


def _cluster(text: str, width: int) -> str:
    """What is drawn in one cell or two: cut where it is endless, blank where the cut changed its width."""
    for shorter in (text[:CLUSTER_LIMIT], text[0]):
        if cell_len(shorter) == width:
            return shorter
    return REPLACEMENT


@lru_cache(maxsize=8192)
def leading_marks(text: str) -> str:
    """What a text begins with that belongs onto the cell before it: marks are cut off their letter where it is
    styled differently, as under a caret."""
    marks = safe_text(text[:CLUSTER_LIMIT])
    return marks[: next((at for at, mark in enumerate(marks) if cell_len(mark)), len(marks))]


def with_marks(text: Cells, marks: str) -> Cells:
    """The cells with marks put onto the last one."""
    found = list(text)
    at = next((x for x in range(len(found) - 1, -1, -1) if found[x]), None)
    if at is None or len(found[at]) + len(marks) > CLUSTER_LIMIT or cell_len(found[at] + marks) != cell_len(found[at]):
        return text
    found[at] += marks
    return tuple(found)


@lru_cache(maxsize=8192)
def ascii_cells(text: str) -> Cells:
    """A text as cells for a terminal that knows ASCII alone."""
    found = cells(text)
    if isinstance(found, str) and found.isascii():
        return found
    return "".join(_ascii_form(cell) for cell in found)


def _ascii_form(cell: str) -> str:
    if cell.isascii():
        return cell or " "
    if (form := cell.translate(_ASCII_FORMS)).isascii():
        return form
    letter = unicodedata.normalize("NFD", cell)[0]
    return letter if letter.isascii() else "?"


@lru_cache(maxsize=4096)
def is_certain(cell: str) -> bool:
    """Whether every terminal advances as we do over this cell: true of single characters, not of clusters."""
    return len(cell) <= 1


def join(first: Cells, second: Cells) -> Cells:
    """Cells behind cells."""
    if isinstance(first, str) and isinstance(second, str):
        return first + second
    return (*first, *second)


def mended(text: Cells) -> Cells:
    """The cells with halves of wide characters made blank, as after a wide one was half covered."""
    if isinstance(text, str):
        return text
    found = list(text)
    last = len(found) - 1
    for x, cell in enumerate(found):
        if cell == "":
            if x == 0 or found[x - 1] == " " or cell_len(found[x - 1]) != 2:
                found[x] = " "
        elif cell_len(cell) == 2 and (x == last or found[x + 1] != ""):
            found[x] = " "
    if all(len(cell) == 1 and cell_len(cell) == 1 for cell in found):
        return "".join(found)
    return tuple(found)


def blank_row(width: int, pen: int = 0) -> Row:
    """An empty row."""
    return Row(" " * width, chr(pen) * width)
