"""A program on a real pty, seen through a terminal emulator: what truly arrives, cell by cell."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import pyte

QUERY = re.compile(rb"\x1b\[(?:0?c|>0?c|>0?q|[56]n|\?u|\?996n|\?[0-9]+\$p|1[468]t)")
"""Questions to the terminal; they stay unanswered, as on a simple one."""
FOREIGN = re.compile(
    rb"\x1b[P_^X\]].*?(?:\x1b\\|\x07)|\x1b\[[<=>][0-?]*[ -/]*[@-~]|\x1b\[[0-9;]*[ -/]+[@-~]|\x1b\[[0-9;]*t", re.DOTALL
)
"""Sequences the emulator would print as text."""


class Screen(pyte.Screen):
    """pyte's screen, and the scrolling it lacks."""

    def _moved(self, lines: int, step: str) -> None:
        x, y = self.cursor.x, self.cursor.y
        top, bottom = self.margins or (0, self.lines - 1)
        for _ in range(lines or 1):
            self.cursor.y = bottom if step == "index" else top
            getattr(self, step)()
        self.cursor.x, self.cursor.y = x, y

    def scroll_up(self, lines: int = 1, **_: Any) -> None:
        self._moved(lines, "index")

    def scroll_down(self, lines: int = 1, **_: Any) -> None:
        self._moved(lines, "reverse_index")

    def report_device_status(self, *_: Any, **__: Any) -> None: ...

    def report_device_attributes(self, *_: Any, **__: Any) -> None: ...


class Stream(pyte.ByteStream):
    """pyte's stream with SU and SD."""

    csi = {**pyte.ByteStream.csi, "S": "scroll_up", "T": "scroll_down"}  # noqa: RUF012
    events = frozenset({*pyte.ByteStream.events, "scroll_up", "scroll_down"})


class PtyTerminal:
    """Runs a command on a pty of `columns` × `rows` and keeps its screen. Use as a context manager."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        self.screen = Screen(columns, rows)
        self._stream = Stream(self.screen)
        self.received = bytearray()
        """Every byte that came."""
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
            **(env or {}),
        }
        for name in ("LINES", "COLUMNS", "TMUX", "TERM_PROGRAM"):
            environment.pop(name, None)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # pragma: no cover
            try:
                self._size(0, columns, rows)
                os.execvpe(command[0], list(command), environment)
            finally:
                os._exit(127)
        self._size(self.fd, columns, rows)
        os.set_blocking(self.fd, False)
        self.ended: int | None = None

    @staticmethod
    def _size(fd: int, columns: int, rows: int) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self._size(self.fd, columns, rows)
        os.kill(self.pid, signal.SIGWINCH)

    def pump(self, seconds: float) -> int:
        """Take what comes for this long; returns how many bytes came."""
        end, count = time.monotonic() + seconds, 0
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self.fd], [], [], left)
            if not ready:
                break
            try:
                data = os.read(self.fd, 65536)
            except (BlockingIOError, InterruptedError):
                continue
            except OSError:
                self._reap()
                break
            if not data:
                self._reap()
                break
            count += len(data)
            self.received += data
            self._stream.feed(FOREIGN.sub(b"", QUERY.sub(b"", data)))
        return count

    def press(self, keys: str | bytes, settle: float = 0.05) -> None:
        """Type keys as the terminal would send them, in one write."""
        os.write(self.fd, keys.encode() if isinstance(keys, str) else keys)
        self.pump(settle)

    def type(self, text: str, pause: float = 0.01) -> None:
        """Type a text key by key."""
        for character in text:
            self.press(character, pause)

    def lines(self) -> list[str]:
        """The screen's rows, blanks at their ends cut off."""
        return [
            "".join(self.screen.buffer[y][x].data for x in range(self.screen.columns)).rstrip()
            for y in range(self.screen.lines)
        ]

    def text(self) -> str:
        return "\n".join(self.lines())

    def wait(self, pattern: str, seconds: float = 15.0) -> str:
        """Wait until the screen holds a match of `pattern`; fails with the screen as it is."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if re.search(pattern, self.text()):
                return self.text()
            if self.ended is not None:
                break
            self.pump(0.05)
        raise AssertionError(f"{pattern!r} never came; ended: {self.ended}; the screen:\n{self.text()}")

    def wait_gone(self, pattern: str, seconds: float = 15.0) -> None:
        end = time.monotonic() + seconds
        while re.search(pattern, self.text()):
            if time.monotonic() > end:
                raise AssertionError(f"{pattern!r} stayed; the screen:\n{self.text()}")
            self.pump(0.05)

    def until_end(self, seconds: float = 15.0) -> int | None:
        """Wait until the program ended; returns its exit code, or None where it goes on."""
        end = time.monotonic() + seconds
        while self.ended is None and time.monotonic() < end:
            self.pump(0.05)
        return self.ended

    def quiet(self, still: float = 0.3, seconds: float = 10.0) -> None:
        """Wait until nothing came for `still` seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.pump(still):
            pass

    def _reap(self) -> None:
        if self.ended is None:
            try:
                _, status = os.waitpid(self.pid, 0)
                self.ended = os.waitstatus_to_exitcode(status)
            except ChildProcessError:
                self.ended = -1

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def close(self) -> None:
        if self.ended is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._reap()
        os.close(self.fd)
