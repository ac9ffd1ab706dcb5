"""The lines that HTML becomes, and small tables among them: columns stand below one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

_COLUMNS: Final = 6
_CELL: Final = 32
"""Cells of the screen that the widest cell of a column takes."""
_ROW: Final = 72
"""Cells of the screen that a row takes; wider ones would be broken on a narrow screen, and read worse than before."""


@dataclass(slots=True)
class Line:
    """A line of text. `quoted` where the markup itself says that it is one."""

    text: str
    depth: int = 0
    """How deep in quotes: it is shown with as many `>`."""
    quoted: bool = False
    cells: tuple[str, ...] = ()
    """What stood beside one another, where it is a row of a table."""

    @property
    def shown(self) -> str:
        """As it stands in the text."""
        return f"{'>' * min(self.depth, 20)} {self.text}".rstrip() if self.depth else self.text.rstrip()


def aligned(lines: Sequence[Line]) -> list[Line]:
    """The lines, with the columns of small tables filled up to one width; larger ones stay as they are."""
    done: list[Line] = []
    for (columns, _depth, _quoted), group in groupby(
        lines, key=lambda line: (len(line.cells), line.depth, line.quoted)
    ):
        rows = list(group)
        if columns > 1 and len(rows) > 1:
            _align(rows)
        done += rows
    return done


def _align(rows: Sequence[Line]) -> None:
    from rich.cells import cell_len

    columns = [column for column in zip(*(row.cells for row in rows), strict=True) if any(column)]
    widths = [max(map(cell_len, column)) for column in columns]
    if not 1 < len(columns) <= _COLUMNS or max(widths) > _CELL or sum(widths) + 3 * (len(widths) - 1) > _ROW:
        return
    for row, cells in zip(rows, zip(*columns, strict=True), strict=True):
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
        filled = max(number for number, cell in enumerate(cells, 1) if cell)
        row.text = " | ".join(islice(padded, filled)).rstrip()
