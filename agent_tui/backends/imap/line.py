"""One IMAP connection, blocking, distrustful of the other end.

The engine is the standard library's; reading and writing are our own: every line, literal and answer has a limit
in bytes, every command a deadline, and nothing said before TLS is believed, kept or shown.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import select
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent_tui.backends.api import BackendError, InsecureLine, ProtocolError, Unreachable
from agent_tui.backends.imap.names import checked
from agent_tui.backends.imap.options import Security
from agent_tui.backends.imap.tls import require_loopback, tls_error
from agent_tui.backends.imap.veil import Veil

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAX_LINE = 16 << 20
"""The UIDs of a million mails on one line; more is an attack."""
MAX_BEFORE_TLS = 64 << 10
MAX_ANSWER = 96 << 20
"""All that one command may bring, unless it asked for more."""
MAX_LINES = 300_000
"""Lines of one answer. Short ones cost a hundred times their size once they are read."""
SMALL_ANSWER, SMALL_LINES = 8 << 20, 50_000
"""What commands may bring that ask neither for mails nor for their marks: a list of folders is the longest."""
ASK_FOR_MAILS = frozenset({"UID", "SELECT"})

for _name in ("IDLE", "ID", "STARTTLS", "ENABLE", "MOVE", "UNSELECT"):
    imaplib.Commands.setdefault(_name, ("NONAUTH", "AUTH", "SELECTED"))

TOO_MUCH = frozenset({"answer_too_large", "line_too_long", "literal_too_large"})
"""Reasons of a `ProtocolError` for an answer that is over one of these bounds. The line has ended."""

_CODE = re.compile(rb"\[([A-Za-z0-9-]+)(?: ([^\]]*))?\]")


class Refused(Exception):
    """The server answered NO or BAD. `said` is empty before TLS."""

    def __init__(self, command: str, kind: str, code: str, said: str) -> None:
        super().__init__(f"{command}: {kind}")
        self.command, self.kind, self.code, self.said = command, kind, code, said


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for a command: the text of its end, and all untagged responses by their name."""

    text: bytes
    untagged: dict[str, list[Any]]

    def one(self, name: str) -> bytes | None:
        """The last untagged response of this name."""
        values = self.untagged.get(name)
        return values[-1] if values and isinstance(values[-1], bytes) else None

    def code(self, name: str) -> bytes | None:
        """Data of a response code, of an untagged response or of the end."""
        found = self.one(name)
        if found is not None:
            return found
        match = _CODE.match(self.text)
        return match[2] or b"" if match and match[1].upper() == name.encode() else None


class Line(imaplib.IMAP4):
    """A connection. Made connected, protected and not yet logged in."""

    def __init__(self, host: str, port: int, security: Security, context: ssl.SSLContext, timeout: float) -> None:
        self._security, self._context, self._wait = security, context, timeout
        self._place = {"host": host, "port": str(port)}
        self._buffer = bytearray()
        self._closed = False
        self.veil = Veil()
        self.protected = False
        """From here on the server's words may be shown."""
        self.allow(timeout, MAX_BEFORE_TLS)
        try:
            super().__init__(host, port)
            self._protect()
        except BackendError:
            self.drop()
            raise
        except (imaplib.IMAP4.error, OSError, ValueError, KeyError, UnicodeError):
            self.drop()
            raise self._unfriendly() from None

    # what the engine asks of us

    def _unfriendly(self) -> BackendError:
        """A greeting that is none."""
        welcome = getattr(self, "welcome", b"") or b""
        if not welcome.upper().startswith(b"* BYE"):
            return ProtocolError("greeting", reason="odd_answer", **self._place)
        said = self.said(welcome[5:].decode("utf-8", "replace").strip())
        return Unreachable("greeting", reason="bye", **self._place, **({"server_said": said} if said else {}))

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        try:
            self.sock = socket.create_connection((host, port), timeout=self._wait)
        except TimeoutError:
            raise Unreachable("connect", reason="timeout", **self._place) from None
        except socket.gaierror:
            raise Unreachable("connect", reason="no_such_host", **self._place) from None
        except OSError:
            raise Unreachable("connect", reason="refused", **self._place) from None
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._security is Security.PLAIN:
            require_loopback(self.sock.getpeername()[0], host, port)
        if self._security is Security.TLS:
            self._wrap()
            self.protected = True

    def _wrap(self) -> None:
        try:
            self.sock.settimeout(self._left())
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
        except TimeoutError:
            raise Unreachable("handshake", reason="timeout", **self._place) from None
        except OSError as error:
            raise tls_error(error, self.host, self.port) from None

    def _connect(self) -> None:
        # the engine asks for capabilities by itself; before TLS they only tell whether STARTTLS is offered
        super()._connect()  # type: ignore[misc]
        if self.state != "NONAUTH":
            raise InsecureLine("PREAUTH", reason="preauth", **self._place)

    def readline(self) -> bytes:
        self._lines -= 1
        if self._lines < 0:
            raise ProtocolError("endless answer", reason="answer_too_large", **self._place)
        limit = MAX_LINE if self.protected else MAX_BEFORE_TLS
        seen = 0
        while (end := self._buffer.find(b"\n", seen)) < 0:
            seen = len(self._buffer)
            if seen > limit:
                raise ProtocolError("endless line", reason="line_too_long", **self._place)
            self._receive()
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        if not line.endswith(b"\r\n"):
            line = line[:-1] + b"\r\n"
        if line.endswith((b" OK\r\n", b" NO\r\n", b" BAD\r\n")) and line.count(b" ") == 1:
            # some servers leave the text out, which the engine would not understand
            line = line[:-2] + b" \r\n"
        return line

    def read(self, size: int) -> bytes:
        if size > self._allowed:
            raise ProtocolError("huge literal", reason="literal_too_large", **self._place)
        while len(self._buffer) < size:
            self._receive()
        with memoryview(self._buffer) as view:
            data = bytes(view[:size])
        del self._buffer[:size]
        return data

    def send(self, data: Buffer) -> None:
        try:
            self.sock.settimeout(self._left())
            self.sock.sendall(data)
        except TimeoutError:
            raise Unreachable("send", reason="timeout", **self._place) from None
        except OSError:
            raise Unreachable("send", reason="closed", **self._place) from None

    def shutdown(self) -> None:
        self.drop()

    def _mesg(self, *_: object) -> None:
        """The engine would write commands, secrets among them, to standard error."""

    def _log(self, *_: object) -> None:
        """The engine would keep the last commands in memory."""

    # reading

    def allow(self, seconds: float, size: int = MAX_ANSWER, lines: int = MAX_LINES) -> None:
        """Time, bytes and lines that the next command may take."""
        self._deadline = time.monotonic() + seconds
        self._allowed, self._lines = size, lines

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _receive(self) -> None:
        try:
            self.sock.settimeout(self._left())
            data = self.sock.recv(262144)
        except TimeoutError:
            raise Unreachable("read", reason="timeout", **self._place) from None
        except (OSError, ValueError):
            raise Unreachable("read", reason="closed", **self._place) from None
        if not data:
            raise Unreachable("read", reason="closed", **self._place)
        self._allowed -= len(data)
        if self._allowed < 0:
            raise ProtocolError("endless answer", reason="answer_too_large", **self._place)
        self._buffer += data

    def wait(self, seconds: float) -> bool:
        """Until something can be read. Serves IDLE: a quiet line is no error."""
        if b"\n" in self._buffer:
            return True
        end = time.monotonic() + seconds
        while not self._closed:
            pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0
            left = end - time.monotonic()
            if not pending and not self._readable(max(left, 0)):
                return False
            self.sock.settimeout(0)
            try:
                data = self.sock.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError):
                # a TLS record without content, as a session ticket
                continue
            except (OSError, ValueError):
                raise Unreachable("read", reason="closed", **self._place) from None
            if not data:
                raise Unreachable("read", reason="closed", **self._place)
            self._buffer += data
            if b"\n" in self._buffer:
                return True
            if len(self._buffer) > MAX_LINE:
                raise ProtocolError("endless line", reason="line_too_long", **self._place)
        raise Unreachable("read", reason="closed", **self._place)

    def _readable(self, seconds: float) -> bool:
        try:
            poll = select.poll()
            poll.register(self.sock.fileno(), select.POLLIN)
            return bool(poll.poll(seconds * 1000))
        except (OSError, ValueError):
            raise Unreachable("read", reason="closed", **self._place) from None

    # commands

    def command(self, name: str, *arguments: bytes, literal: Any = None) -> Answer:
        """Send a command, wait for its end. Raises `Refused` on NO and BAD, a `BackendError` on all else."""
        for argument in arguments:
            checked(argument)
        if name not in ASK_FOR_MAILS:
            self._allowed, self._lines = min(self._allowed, SMALL_ANSWER), min(self._lines, SMALL_LINES)
        self.untagged_responses: dict[str, list[Any]] = {}
        self.literal = literal
        try:
            kind, data = self._simple_command(name, *arguments)
        except BackendError:
            self.drop()
            raise
        except imaplib.IMAP4.abort as error:
            self.drop()
            raise self._broken(error) from None
        except imaplib.IMAP4.error as error:
            if " command error: BAD " in str(error):
                raise Refused(name, "BAD", "", self.said(str(error).partition(" BAD ")[2])) from None
            self.drop()
            raise ProtocolError(name, reason="odd_answer", **self._place) from None
        except (ValueError, KeyError, TypeError, AttributeError, OSError):
            self.drop()
            raise ProtocolError(name, reason="odd_answer", **self._place) from None
        text = data[-1] if data and isinstance(data[-1], bytes) else b""
        if kind != "OK":
            code = _CODE.match(text)
            raise Refused(
                name, kind, code[1].decode().upper() if code else "", self.said(text.decode("utf-8", "replace"))
            )
        return Answer(text, self.untagged_responses)

    def _broken(self, error: imaplib.IMAP4.abort) -> BackendError:
        text = str(error)
        if "unexpected" in text or "unterminated" in text:
            return ProtocolError("answer", reason="odd_answer", **self._place)
        said = self.said(text)
        return Unreachable("bye", reason="bye", **self._place, **({"server_said": said} if said else {}))

    def said(self, text: str) -> str:
        """A server's words as they may be shown and kept: one safe line without our secrets, none before TLS."""
        return self.veil.said(text) if self.protected else ""

    # protection

    def _protect(self) -> None:
        if self._security is Security.STARTTLS:
            self._starttls()
        self.protected = True
        self.welcome = b""

    def _starttls(self) -> None:
        if "STARTTLS" not in self.capabilities:
            raise InsecureLine("STARTTLS", reason="starttls_missing", **self._place)
        try:
            self.command("STARTTLS")
        except Refused:
            raise InsecureLine("STARTTLS", reason="starttls_refused", **self._place) from None
        if self._buffer:
            raise InsecureLine("STARTTLS", reason="starttls_injected", **self._place)
        self._wrap()
        self.untagged_responses, self.tagged_commands, self.continuation_response = {}, {}, ""
        self.protected = True
        self.read_capabilities()

    def read_capabilities(self) -> frozenset[str]:
        """Ask for them anew: what was said before TLS or before login does not count."""
        found = self.command("CAPABILITY").one("CAPABILITY") or b""
        names = found.decode("ascii", "replace").upper().split()
        self.capabilities = tuple(names)
        return frozenset(names)

    def wake(self) -> None:
        """End the connection from another thread: whoever reads or writes fails at once. `drop` must follow."""
        self._closed = True
        sock = getattr(self, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def drop(self) -> None:
        """Close at once."""
        self.wake()
        sock = getattr(self, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.close()

    @property
    def alive(self) -> bool:
        """It was not closed from our side."""
        return not self._closed
