"""A program on a pty, timed from outside: when something shows, how long a key takes, how many bytes it brings."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import pyte

CONTROL = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[P\]X^_].*?(?:\x1b\\|\x07)|\x1b[()][0-9A-B]|\x1b[@-Z\\-~=>78]|[\x0e\x0f]", re.DOTALL
)
UNEMULATED = re.compile(rb"\x1b[P\]X^_].*?(?:\x1b\\|\x07)|\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[[0-9;]*[tS T]", re.DOTALL)
REPEATED = re.compile(rb"([^\x1b])\x1b\[(\d+)b")


@dataclass(slots=True)
class Costs:
    """What keys cost, one entry a key."""

    first: list[float] = field(default_factory=list)
    """Milliseconds to the first byte."""
    last: list[float] = field(default_factory=list)
    """Milliseconds to the last."""
    sizes: list[int] = field(default_factory=list)
    """Bytes."""
    texts: list[int] = field(default_factory=list)
    """Bytes of the text of the cells that changed."""
    runs: list[int] = field(default_factory=list)
    """Stretches of changed cells of one row and one style."""
    rows: list[int] = field(default_factory=list)
    """Rows with a changed cell."""

    def add(self, other: Costs) -> None:
        """The costs of more keys."""
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))

    def where(self, true: Callable[[int], bool]) -> Costs:
        """Only the keys that changed so many rows. They must all have brought something."""
        kept = [place for place, rows in enumerate(self.rows) if true(rows)]
        return Costs(*([getattr(self, name)[place] for place in kept] for name in self.__slots__))

    @property
    def bytes_median(self) -> float:
        return statistics.median(self.sizes)

    @property
    def bytes_mean(self) -> float:
        return statistics.fmean(self.sizes)

    def share_of_allowed(self) -> float:
        """The worst ratio of bytes to 1.5 × text + 10 a run; at most 1 is within."""
        ratios = [s / (1.5 * t + 10 * r) for s, t, r in zip(self.sizes, self.texts, self.runs, strict=True) if t]
        return statistics.median(ratios) if ratios else 0.0

    def text_ratio(self) -> float:
        """Bytes sent for each byte of text that changed."""
        return sum(self.sizes) / max(1, sum(self.texts))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0


class Program:
    """Use as a context manager. Nothing is emulated while a key is timed."""

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str] | None = None, *, size: tuple[int, int] = (120, 40)
    ) -> None:
        self.columns, self.rows = size
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
            **(env or {}),
        }
        # An installed program does not compile itself at each start: its bytecode is kept, ours and the peers' alike.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for name in ("LINES", "COLUMNS", "TMUX", "TERM_PROGRAM", "NO_COLOR"):
            environment.pop(name, None)
        self.received = bytearray()
        self._fed = 0
        self._screen = pyte.Screen(*size)
        self._screen.reset_mode(7, private=True)
        self._stream = pyte.ByteStream(self._screen)
        self.begun = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                self._size(0)
                os.execvpe(command[0], list(command), environment)
            finally:
                os._exit(127)
        self._size(self.fd)
        self._seen: list[list[tuple[object, ...]]] = []

    def _size(self, fd: int) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                break
            end = time.monotonic() + 2
            while time.monotonic() < end:
                self._read(0.02)
                try:
                    if os.waitpid(self.pid, os.WNOHANG)[0]:
                        os.close(self.fd)
                        return
                except ChildProcessError:
                    break
        os.close(self.fd)

    def _read(self, seconds: float) -> int:
        if not select.select([self.fd], [], [], max(0.0, seconds))[0]:
            return 0
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:
            return 0
        self.received += data
        return len(data)

    def wait(self, pattern: str, seconds: float = 120.0, since: int = 0) -> float:
        """Milliseconds from the start until the text came; fails where it never does."""
        sought = re.compile(pattern.encode())
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            if self._read(0.05) and sought.search(CONTROL.sub(b"", bytes(self.received[since:]))):
                return (time.perf_counter() - self.begun) * 1000
        raise TimeoutError(f"{pattern!r} never came; the screen:\n{self.text()}")

    def settle(self, still: float = 0.3, seconds: float = 30.0) -> None:
        """Until nothing came for a while."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and self._read(still):
            pass

    def idle(self, seconds: float) -> int:
        """Bytes that come while nothing is done."""
        before, end = len(self.received), time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._read(min(0.2, end - time.perf_counter()))
        return len(self.received) - before

    def press(self, keys: str, still: float = 0.15) -> None:
        """Keys that are not measured."""
        os.write(self.fd, keys.encode())
        self.settle(still)

    def measure(
        self,
        keys: Sequence[str],
        *,
        still: float = 0.06,
        reset: str = "",
        cells: bool = False,
        rest: float = 0.0,
        sign: str = "",
    ) -> Costs:
        """Each key in one write, timed until what it brings has ended: then nothing comes for `still`.

        What comes behind that, within `rest`, counts as its bytes. `reset` keys between are not measured. Where other
        things are painted meanwhile, `sign` is what the answer must hold: first and last are the moment it came.
        """
        costs = Costs()
        if cells:
            self._catch_up()
        for key in keys:
            before = len(self.received)
            begun = time.perf_counter()
            os.write(self.fd, key.encode())
            first = last = 0.0
            limit = begun + 3
            while True:
                came = self._read(still if first else limit - time.perf_counter())
                now = time.perf_counter()
                if came and first and not sign:
                    last = now
                elif came and not first and (not sign or sign.encode() in self.received[before:]):
                    first = last = now
                elif now >= limit or (first and not came):
                    break
            if rest:
                self.settle(rest)
            costs.first.append(((first or now) - begun) * 1000)
            costs.last.append(((last or now) - begun) * 1000)
            costs.sizes.append(len(self.received) - before)
            if cells:
                text, runs, rows = self._catch_up()
                costs.texts.append(text)
                costs.runs.append(runs)
                costs.rows.append(rows)
            if reset:
                self.press(reset, 0.12)
                if cells:
                    self._catch_up()
        return costs

    def _catch_up(self) -> tuple[int, int, int]:
        """Emulate what came; the text bytes, runs and rows of the cells that differ from before."""
        data = UNEMULATED.sub(b"", bytes(self.received[self._fed :]))
        data = REPEATED.sub(lambda found: found[1] * (int(found[2]) + 1), data)
        self._stream.feed(data)
        self._fed = len(self.received)
        seen = [[self._cell(self._screen.buffer[y][x]) for x in range(self.columns)] for y in range(self.rows)]
        text = runs = rows = 0
        before: list[list[tuple[object, ...]]] = self._seen or [[()] * self.columns] * self.rows
        for row, old in zip(seen, before, strict=True):
            style: object = None
            rows += row != old
            for cell, was in zip(row, old, strict=True):
                if cell == was:
                    style = None
                    continue
                text += len(str(cell[0]).encode())
                if cell[1:] != style:
                    runs, style = runs + 1, cell[1:]
        self._seen = seen
        return text, runs, rows

    @staticmethod
    def _cell(char: pyte.screens.Char) -> tuple[object, ...]:
        if char.data == " ":
            return (" ", "", char.bg, False, False)
        return (char.data, char.fg, char.bg, char.bold, char.reverse)

    def text(self) -> str:
        """The screen as text."""
        self._catch_up()
        return "\n".join(self._screen.display)

    def memory(self) -> float:
        """The program's resident memory in MB, without its children."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            found = re.search(r"VmRSS:\s+(\d+)", status.read())
        return int(found[1]) / 1024 if found else 0.0
