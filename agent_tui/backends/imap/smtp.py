"""An SMTP dialog: a fresh line for each mail, every answer bounded, nothing before TLS believed.

Written out here, since the mark that a mail is leaving has to be committed between the server's 354 and the first
byte of the mail, and since a line with injected bytes is to end rather than go on without them.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from agent_tui.backends.api import (
    AuthenticationFailed,
    BackendError,
    InsecureLine,
    ProtocolError,
    Unreachable,
)
from agent_tui.backends.imap.login import oauthbearer, plain, xoauth2
from agent_tui.backends.imap.options import ImapOptions, Login, Security
from agent_tui.backends.imap.tls import make_context, require_loopback, tls_error
from agent_tui.backends.imap.veil import Veil

MAX_REPLY = 64 << 10
MAX_LINES = 200
INJECTION_WAIT = 0.05
"""How long is listened for bytes that came with the answer to STARTTLS."""
OUR_NAME = "[127.0.0.1]"
"""For EHLO: tells nothing of this machine, and nothing from outside gets into it."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer."""

    code: int
    text: str

    @property
    def good(self) -> bool:
        """2xx."""
        return 200 <= self.code < 300

    @property
    def passing(self) -> bool:
        """4xx."""
        return 400 <= self.code < 500


class Dialog:
    """A line to a submission server. `async with` closes it whatever happens."""

    def __init__(self, options: ImapOptions) -> None:
        self._options = options
        self._host, self._port = options.smtp_server, options.smtp_port
        self._context: ssl.SSLContext = make_context(options.ca_file)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._protected = False
        self._veil = Veil()
        self.extensions: dict[str, str] = {}

    @property
    def place(self) -> dict[str, str]:
        """Parameters of our errors."""
        return {"host": self._host, "port": str(self._port)}

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            self._drop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None or self._writer is None or self._writer.is_closing():
            self._drop()
            return
        # nobody waits for the answer: what became of the mail is known, and is to be kept at once
        with contextlib.suppress(OSError):
            self._writer.write(b"QUIT\r\n")
        self._writer.close()

    def _drop(self) -> None:
        if self._writer is not None:
            transport = self._writer.transport
            transport.abort()

    async def _open(self) -> None:
        security = self._options.smtp_security
        implicit = security is Security.TLS
        try:
            async with asyncio.timeout(self._options.timeout):
                self._reader, self._writer = await asyncio.open_connection(
                    self._host,
                    self._port,
                    limit=MAX_REPLY,
                    ssl=self._context if implicit else None,
                    server_hostname=self._host if implicit else None,
                )
        except TimeoutError:
            raise Unreachable("connect", reason="timeout", **self.place) from None
        except ssl.SSLError as error:
            raise tls_error(error, self._host, self._port) from None
        except OSError as error:
            reason = "no_such_host" if type(error).__name__ == "gaierror" else "refused"
            raise Unreachable("connect", reason=reason, **self.place) from None
        self._protected = implicit
        if security is Security.PLAIN:
            require_loopback(str(self._writer.get_extra_info("peername")[0]), self._host, self._port)
            self._protected = True
        greeting = await self._reply(self._options.timeout)
        if greeting.code != 220:
            raise self._odd("greeting", greeting)
        await self._hello()
        if security is Security.STARTTLS:
            await self._starttls()
            await self._hello()

    async def _hello(self) -> None:
        reply = await self.command("EHLO", OUR_NAME)
        if not reply.good:
            raise self._odd("EHLO", reply)
        self.extensions = {}
        for line in reply.text.split("\n")[1:]:
            name, _, value = line.strip().partition(" ")
            self.extensions[name.upper()] = value.strip()

    async def _starttls(self) -> None:
        if "STARTTLS" not in self.extensions:
            raise InsecureLine("STARTTLS", reason="starttls_missing", **self.place)
        reply = await self.command("STARTTLS")
        if reply.code != 220:
            raise InsecureLine("STARTTLS", reason="starttls_refused", **self.place)
        reader, writer = self._line()
        if await self._came_early(reader, INJECTION_WAIT):
            raise InsecureLine("STARTTLS", reason="starttls_injected", **self.place)
        try:
            async with asyncio.timeout(self._options.timeout):
                await writer.start_tls(self._context, server_hostname=self._host)
        except TimeoutError:
            raise Unreachable("handshake", reason="timeout", **self.place) from None
        except OSError as error:
            raise tls_error(error, self._host, self._port) from None
        # the reader is the same on both sides of the handshake: what came in clear until TLS took the line over still
        # lies in it, and whoever spoke before he was asked is not to be believed
        if await self._came_early(reader, 0):
            raise InsecureLine("STARTTLS", reason="starttls_injected", **self.place)
        self._protected = True

    async def _came_early(self, reader: asyncio.StreamReader, seconds: float) -> bool:
        """Whether there are bytes that nobody asked for. With no seconds: those that lie in the reader."""
        try:
            async with asyncio.timeout(seconds):
                if await reader.read(1):
                    return True
        except TimeoutError:
            return False
        except OSError:
            pass
        raise Unreachable("handshake", reason="closed", **self.place)

    def _line(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None or self._writer.is_closing():
            raise Unreachable("connection", reason="closed", **self.place)
        return self._reader, self._writer

    # talking

    async def command(self, *words: str, seconds: float | None = None) -> Reply:
        """Send a command and wait for its answer. Nothing that could end the line gets into it."""
        text = " ".join(words)
        if _CONTROL.search(text):
            raise ValueError("an argument must not hold control characters")
        await self.nothing_early()
        await self._write(text.encode("utf-8") + b"\r\n", seconds or self._options.timeout)
        return await self._reply(seconds or self._options.timeout)

    async def nothing_early(self) -> None:
        """No answer stands there that nobody asked for: it would be taken for the one to what is said next."""
        reader, _ = self._line()
        if await self._came_early(reader, 0):
            self._drop()
            raise ProtocolError("reply", reason="odd_answer", **self.place)

    async def body(self, wire: bytes, seconds: float) -> Reply:
        """The mail itself, already in the form of the wire, and the answer to it."""
        await self._write(wire, seconds)
        return await self._reply(seconds)

    async def _write(self, data: bytes, seconds: float) -> None:
        _, writer = self._line()
        try:
            async with asyncio.timeout(seconds):
                writer.write(data)
                await writer.drain()
        except TimeoutError:
            self._drop()
            raise Unreachable("write", reason="timeout", **self.place) from None
        except OSError:
            self._drop()
            raise Unreachable("write", reason="closed", **self.place) from None

    async def _reply(self, seconds: float) -> Reply:
        lines: list[str] = []
        try:
            async with asyncio.timeout(seconds):
                while True:
                    code, more, text = await self._reply_line()
                    lines.append(text)
                    if not more:
                        return Reply(code, "\n".join(lines))
                    if len(lines) > MAX_LINES:
                        raise ProtocolError("reply", reason="answer_too_large", **self.place)
        except TimeoutError:
            # a late answer must never be taken for the answer to something else
            self._drop()
            raise Unreachable("read", reason="timeout", **self.place) from None
        except BackendError:
            self._drop()
            raise

    async def _reply_line(self) -> tuple[int, bool, str]:
        reader, _ = self._line()
        try:
            line = await reader.readline()
        except ValueError:
            raise ProtocolError("reply", reason="line_too_long", **self.place) from None
        except OSError:
            raise Unreachable("read", reason="closed", **self.place) from None
        if not line.endswith(b"\n"):
            raise Unreachable("read", reason="closed", **self.place)
        head = line[:3]
        if not head.isdigit() or line[3:4] not in (b" ", b"-", b"\r", b"\n"):
            raise ProtocolError("reply", reason="odd_answer", **self.place)
        return int(head), line[3:4] == b"-", line[4:].rstrip(b"\r\n").decode("utf-8", "replace")

    def said(self, reply: Reply) -> dict[str, str]:
        """A server's words as a parameter: one safe line without our secrets, none before TLS."""
        if not self._protected:
            return {}
        return {"server_said": self._veil.said(f"{reply.code} {reply.text}")}

    def _odd(self, what: str, reply: Reply) -> BackendError:
        if reply.passing:
            return Unreachable(what, reason="unavailable", **self.place, **self.said(reply))
        return ProtocolError(what, reason="odd_answer", **self.place, **self.said(reply))

    # signing in

    async def sign_in(self, secret: str) -> None:
        """AUTH, over a protected line alone."""
        options = self._options
        self._veil.hide(secret)
        user = options.submission_user
        offered = set(self.extensions.get("AUTH", "").upper().split())
        place = {**self.place, "user": user}
        if options.auth is Login.OAUTH:
            if "XOAUTH2" in offered:
                reply = await self._auth("XOAUTH2", xoauth2(user, secret))
            elif "OAUTHBEARER" in offered:
                reply = await self._auth("OAUTHBEARER", oauthbearer(user, secret, self._host, self._port))
            else:
                raise AuthenticationFailed("AUTH", reason="no_mechanism", **place)
        elif "\0" in user or "\0" in secret:
            raise AuthenticationFailed("AUTH", reason="nul_in_secret", **place)
        elif "PLAIN" in offered:
            reply = await self._auth("PLAIN", plain(user, secret))
        elif "LOGIN" in offered:
            reply = await self._auth_login(user, secret)
        else:
            raise AuthenticationFailed("AUTH", reason="no_mechanism", **place)
        if reply.code == 235:
            return
        self._drop()
        if reply.passing:
            raise Unreachable("AUTH", reason="unavailable", **place, **self.said(reply))
        raise AuthenticationFailed("AUTH", reason="refused", **place, **self.said(reply))

    async def _auth(self, mechanism: str, response: bytes) -> Reply:
        reply = await self.command("AUTH", mechanism, base64.b64encode(response).decode())
        if reply.code == 334:
            # an OAuth server tells its reason and waits for an empty line before it refuses
            reply = await self.command("")
        return reply

    async def _auth_login(self, user: str, secret: str) -> Reply:
        reply = await self.command("AUTH", "LOGIN")
        for answer in (user, secret):
            if reply.code != 334:
                return reply
            reply = await self.command(base64.b64encode(answer.encode()).decode())
        return reply
