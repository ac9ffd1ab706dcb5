"""What the command line prints: results on standard output, everything else on standard error.

With `--json` a result is one object on one line. Nothing that came from outside reaches a terminal as a command.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent_tui.content.safe import safe

_NOT_PRINTED = re.compile(
    "[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
WIDE = 100
LONGEST = 5000
"""Characters of a message in one line: paths may be long."""


class Failed(Exception):
    """The command could not do it. The text is the sentence for the person; exit code 1."""


class Misused(Exception):
    """The command was called in a way that cannot be meant; exit code 2."""


def emit(thing: Mapping[str, Any]) -> None:
    """One JSON object on a line. Characters that a terminal could take for a command are escaped, as JSON allows."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    text = json.dumps(thing, ensure_ascii=plain, separators=(", ", ": "))
    sys.stdout.write(_NOT_PRINTED.sub(_escaped, text) + "\n")


def say(text: str = "") -> None:
    """A line or paragraph for people, on standard output."""
    sys.stdout.write(_printable(safe(text), sys.stdout.encoding) + "\n")


def say_within(text: str, edge: str = "") -> None:
    """What somebody wrote, each line behind a bar or this edge: whatever it looks like, it is no line of ours.

    For a terminal it is broken here: what the terminal breaks itself goes on at the edge, without a bar.
    """
    bar = edge or ("│" if _printable("│", sys.stdout.encoding) == "│" else "|")
    lines = safe(text).split("\n")
    if sys.stdout.isatty():
        from agent_tui.widgets.cells import wrap  # heavy, and no other output needs it

        room = shutil.get_terminal_size((WIDE, 24)).columns - len(bar) - 2
        lines = [piece for line in lines for piece in wrap(line.expandtabs(), room)]
    for line in lines:
        say(f"{bar} {line}".rstrip())


def tell(text: str) -> None:
    """A message that is no result, on standard error."""
    sys.stdout.flush()
    sys.stderr.write(_printable(safe(text), sys.stderr.encoding) + "\n")
    sys.stderr.flush()


def tell_line(text: str) -> None:
    """One line on standard error, whatever stands in it: names of files may hold line ends, and forge lines so."""
    tell(safe(text, one_line=True, cap=LONGEST))


class Progress:
    """One line on standard error that is written over; nothing where nobody looks."""

    def __init__(self, wanted: bool = True) -> None:
        self._shown = wanted and sys.stderr.isatty()
        self._last = ""

    def show(self, text: str) -> None:
        """Put this in place of what stood there."""
        if self._shown and text != self._last:
            sys.stderr.write("\r\x1b[K" + _printable(safe(text, one_line=True), sys.stderr.encoding))
            sys.stderr.flush()
            self._last = text

    def clear(self) -> None:
        """Take the line away."""
        if self._shown and self._last:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._last = ""


@contextlib.contextmanager
def keys_unheard() -> Iterator[None]:
    """Keys pressed meanwhile are neither written over the line of progress, nor kept for what opens behind it."""
    import termios

    try:
        before = termios.tcgetattr(0)
    except (OSError, termios.error):  # no terminal
        yield
        return
    quiet = list(before)
    quiet[3] = before[3] & ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(0, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcflush(0, termios.TCIFLUSH)
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def table(
    rows: Sequence[Sequence[str]], *, stretch: int, most: Mapping[int, int] | None = None, spare: Sequence[int] = ()
) -> None:
    """Rows in columns that fit the terminal; where nobody looks, whole texts with tabs between them."""
    cells = [[safe(cell, one_line=True) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in cells:
            line = "\t".join(cell.replace("\t", " ").strip() for cell in row)
            sys.stdout.write(_printable(line, sys.stdout.encoding) + "\n")
        return
    for line in lay_out(cells, shutil.get_terminal_size((WIDE, 24)).columns, stretch, most, spare):
        say(line)


def lay_out(
    cells: Sequence[Sequence[str]],
    room: int,
    stretch: int,
    most: Mapping[int, int] | None = None,
    spare: Sequence[int] = (),
) -> list[str]:
    """Lines of at most `room` cells: the column `stretch` has what the others leave, a column of `most` so many cells
    at the highest, and those of `spare` go where there are fewer than WIDE."""
    from agent_tui.widgets.cells import fit, width

    if not cells:
        return []
    columns = [at for at in range(len(cells[0])) if room >= WIDE or at not in spare]
    widths = {at: min(max(width(row[at]) for row in cells), (most or {}).get(at, room)) for at in columns}
    others = sum(widths[at] for at in columns if at != stretch) + 2 * (len(columns) - 1)
    for at in most or {}:  # where even that is too wide, names get shorter too
        taken = max(0, min(others + 8 - room, widths.get(at, 0) - 8))
        widths[at] = widths.get(at, 0) - taken
        others -= taken
    widths[stretch] = max(8, room - others)  # always: what follows it stands at the right edge
    return ["  ".join(fit(row[at], widths[at]) for at in columns).rstrip() for row in cells]


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def _printable(text: str, encoding: str | None) -> str:
    """What the terminal's encoding has; the rest as question marks rather than a traceback."""
    wanted = encoding or "utf-8"
    return text.encode(wanted, "replace").decode(wanted)


def hush_broken_pipe() -> None:
    """Whoever read our output has left: end quietly, also when Python flushes at its exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:
        pass
