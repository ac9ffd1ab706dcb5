"""The driver: Textual's own for Linux and macOS, with our output in its way and a keyboard that survives anything."""

from __future__ import annotations

import os
import select
import selectors
import signal
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Iterable
from re import compile as pattern
from typing import TYPE_CHECKING, Any, Final

from textual import events
from textual._parser import ParseError
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from agent_tui.terminal import _compat, environment
from agent_tui.terminal.keyboard import PasteGuard, without_alternates
from agent_tui.terminal.notify import TITLE_RESTORED, TITLE_SAVED, Title, title_sequence
from agent_tui.terminal.output import Output
from agent_tui.terminal.pastes import Pasted, PasteTaker, Typed
from agent_tui.terminal.signals import Ending

if TYPE_CHECKING:
    from textual.app import App

QUESTIONS: Final = frozenset({"\x1b[?2026$p", "\x1b[?2048$p"})
"""What Textual would ask the terminal: none of it is needed, and an answer that comes late is typed text."""

POINTER: Final = "\x1b]22;"
"""The shape of a mouse pointer that is not there."""

KITTY_FLAGS: Final = pattern(r"\x1b\[>\d+u")
KITTY_DISAMBIGUATE: Final = "\x1b[>1u"
"""Of the kitty protocol only what tells keys apart that else are the same: letters stay one byte, and the flag on
which Textual's parser raises is never on."""

RESET: Final = "\x1b[m\x1b[r"
LEAVE: Final = f"{RESET}\x1b[?2004l\x1b[?1004l\x1b[?1000l\x1b[?1003l\x1b[?7h\x1b[<u{TITLE_RESTORED}\x1b[?1049l\x1b[?25h"
"""All that Textual and we switch on, switched off."""


class Burst(events.Event, bubble=False):
    """Keys that came at once like a paste, though the terminal did not say so."""

    def __init__(self, text: str, keys: list[events.Key]) -> None:
        super().__init__()
        self.text = text
        self.keys = keys


class PasteCut(events.Event, bubble=False):
    """A paste was too long; its end was left out."""


class LineLost(events.Event, bubble=False):
    """The terminal is gone, or the session ends."""

    def __init__(self, signal_number: int) -> None:
        super().__init__()
        self.signal_number = signal_number


class ReadingDriver(LinuxDriver):
    """Textual's own, with a keyboard that survives anything and takes no paste for keys."""

    def run_input_thread(self) -> None:
        """Read keys until told to end. Bytes that are no text, and reports that Textual cannot read, are no reason
        to end; a terminal that is gone is."""
        self._parser = _compat.parser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        guard, pastes = PasteGuard(), PasteTaker()
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    data = self._read()
                    if not data:
                        self.process_message(LineLost(signal.SIGHUP))
                        break
                    if text := decode(data):
                        self._part(text, pastes, guard)
                if (unended := pastes.tick(time.monotonic())) is not None:
                    self._paste(unended)
                self._pass_on(self._parser.tick())
        try:
            self._pass_on(self._parser.feed(""))
        except ParseError:
            pass

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _part(self, text: str, pastes: PasteTaker, guard: PasteGuard) -> None:
        """Keys to where keys are read, pastes past it: text of somebody else is no keys, whatever it holds."""
        parts = pastes.take(text, time.monotonic())
        if pastes.restarted:
            self._parser = _compat.parser(self._debug)
        for part in parts:
            if isinstance(part, Typed):
                self._take(without_alternates(part.text), guard)
            else:
                self._paste(part)

    def _paste(self, paste: Pasted) -> None:
        if paste.text:
            self.process_message(events.Paste(paste.text))
        if paste.cut:
            self.process_message(PasteCut())

    def _take(self, text: str, guard: PasteGuard) -> None:
        burst = guard.is_burst(text, time.monotonic())
        try:
            messages = list(self._parser.feed(text))
        except (ValueError, OverflowError):  # a report no terminal should send; the parser does not survive it
            self._parser = _compat.parser(self._debug)
            return
        if burst:
            self.process_message(Burst(text, [message for message in messages if isinstance(message, events.Key)]))
            messages = [message for message in messages if not isinstance(message, events.Key)]
        self._pass_on(messages)

    def _pass_on(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)


class PaintingDriver(ReadingDriver):
    """Sends cells that changed instead of regions that were drawn."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.terminal = environment.detect()
        self.output = Output(self.terminal, scrolls=environment.scrolls())
        self.title = Title.DESK
        self._ending = Ending(self._ask_to_end, self._abandon)

    def write(self, data: str) -> None:
        if data not in QUESTIONS and not data.startswith(POINTER):
            self.output.control(KITTY_FLAGS.sub(KITTY_DISAMBIGUATE, data))

    def set_title(self, title: Title) -> None:
        """Name the window, of the fixed set."""
        self.title = title
        self.write(title_sequence(title))

    def start_application_mode(self) -> None:
        self.output.open(_compat.output_fd(self), self._freed_elsewhere)
        self._ending.watch()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write(TITLE_SAVED + title_sequence(self.title))
        self.output.paint()

    def stop_application_mode(self) -> None:
        self.write(f"{RESET}{TITLE_RESTORED}")
        super().stop_application_mode()

    def close(self) -> None:
        self.output.close()
        super().close()

    def _freed_elsewhere(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self.output.freed)
        except RuntimeError:  # the loop ended while the last frame was under way
            pass

    def _ask_to_end(self, signal_number: int) -> bool:
        if self._loop.is_closed() or not self._loop.is_running():
            return False
        self.process_message(LineLost(signal_number))
        return True

    def _abandon(self) -> None:
        """Put the terminal right without the help of anything that may hang."""
        if self.attrs_before is not None:
            try:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            except termios.error:
                return  # it is gone
        try:
            fd = _compat.output_fd(self)
            if select.select([], [fd], [], 0.2)[1]:
                os.write(fd, LEAVE.encode())
        except (OSError, ValueError):
            pass
