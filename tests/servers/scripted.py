"""Servers that misbehave by script: one line of Python says what they answer. They run in threads of their own."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.servers.certificates import Certificate

Script = Callable[["Peer"], None]


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket, owner: Scripted) -> None:
        self.sock, self.owner = sock, owner
        self.buffer = b""
        self.tls = False

    def send(self, data: bytes | str) -> None:
        """Say something, as it is."""
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def line(self) -> bytes:
        """The client's next line without its end; empty where it is gone."""
        while b"\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                return b""
            (self.owner.secret_bytes if self.tls else self.owner.plain_bytes).extend(data)
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        self.owner.lines.append(line.rstrip(b"\r"))
        return line.rstrip(b"\r")

    def start_tls(self, certificate: Certificate) -> None:
        """Become TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(certificate.chain), str(certificate.key))
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.tls = True

    def swallow(self) -> None:
        """Read for ever, answer nothing."""
        while self.sock.recv(65536):
            pass


class Scripted:
    """Listens, and runs the script for each connection. What clients said is kept."""

    def __init__(self, script: Script, certificate: Certificate | None = None) -> None:
        self._script, self._certificate = script, certificate
        self.lines: list[bytes] = []
        self.plain_bytes, self.secret_bytes = bytearray(), bytearray()
        """All that came before and after TLS."""
        self.connections = 0
        self.errors: list[BaseException] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._peers: list[socket.socket] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._peers.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        peer = Peer(sock, self)
        try:
            if self._certificate is not None:
                peer.start_tls(self._certificate)
            self._script(peer)
        except (OSError, ValueError) as error:
            self.errors.append(error)
        finally:
            with contextlib.suppress(OSError):
                peer.sock.close()

    def heard(self, word: bytes, seconds: float = 10) -> None:
        """Until a client said a line that ends with this word."""
        end = time.monotonic() + seconds
        while not any(line.endswith(word) for line in self.lines):
            assert time.monotonic() < end, f"nobody said {word!r}"
            time.sleep(0.005)

    def stop(self) -> None:
        """Close everything."""
        for sock in [self._socket, *self._peers]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                sock.close()

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def imap_answers(
    peer: Peer,
    answers: Mapping[bytes, Any],
    greeting: str = "* OK ready\r\n",
    capabilities: str = "IMAP4rev1 AUTH=PLAIN IDLE",
) -> None:
    """An IMAP server that takes any password. `answers` replaces what it says to a command, by its name.

    A text has `{tag}` in it; a function gets the peer and the tag. UID commands are named `UID FETCH` and so on.
    """
    peer.send(greeting)
    while line := peer.line():
        tag, _, rest = line.partition(b" ")
        name = rest.split(b" ")[0].upper()
        if name == b"UID":
            name = b" ".join(rest.split(b" ")[:2]).upper()
        answer = answers.get(name)
        if callable(answer):
            answer(peer, tag)
        elif answer is not None:
            peer.send(answer.replace("{tag}", tag.decode()))
        else:
            _usual(peer, tag.decode(), name, capabilities)


def _usual(peer: Peer, tag: str, name: bytes, capabilities: str) -> None:
    match name:
        case b"CAPABILITY":
            peer.send(f"* CAPABILITY {capabilities}\r\n{tag} OK done\r\n")
        case b"AUTHENTICATE":
            peer.send("+ \r\n")
            peer.line()
            peer.send(f"{tag} OK in\r\n")
        case b"LIST":
            peer.send(f'* LIST () "/" "INBOX"\r\n{tag} OK done\r\n')
        case b"SELECT" | b"EXAMINE":
            peer.send(f"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 2] n\r\n{tag} OK [READ-ONLY] done\r\n")
        case b"UID SEARCH":
            peer.send(f"* SEARCH 1\r\n{tag} OK done\r\n")
        case b"STATUS":
            peer.send(f'* STATUS "INBOX" (UIDVALIDITY 7 UIDNEXT 2 MESSAGES 1)\r\n{tag} OK done\r\n')
        case b"NOOP" | b"LOGIN" | b"UID STORE":
            peer.send(f"{tag} OK done\r\n")
        case _:
            peer.send(f"{tag} BAD what?\r\n")


class SmtpScript(Scripted):
    """An SMTP server that takes any password; `answers` replaces what it says, by command, `BODY` for a whole mail."""

    def __init__(
        self,
        answers: dict[str, str | Callable[[Peer], None]] | None = None,
        certificate: Certificate | None = None,
        extensions: str = "AUTH PLAIN LOGIN\r\n250-SMTPUTF8\r\n250 SIZE 100000000",
    ) -> None:
        self.answers, self.extensions = answers or {}, extensions
        self.bodies: list[bytes] = []
        super().__init__(self._talk, certificate)

    @classmethod
    def losing_the_answer(cls) -> SmtpScript:
        """Takes the mail and closes the line instead of answering."""
        return cls({"BODY": ""})

    def _talk(self, peer: Peer) -> None:
        greeting = self.answers.get("GREETING", "220 ready\r\n")
        if callable(greeting):
            greeting(peer)
        else:
            peer.send(greeting)
        while line := peer.line():
            name = line.split(b" ")[0].split(b":")[0].decode("ascii", "replace").upper()
            answer = self.answers.get(name)
            if callable(answer):
                answer(peer)
                continue
            if answer is None:
                answer = {
                    "EHLO": f"250-mail.example.test\r\n250-{self.extensions}\r\n",
                    "AUTH": "235 in\r\n",
                    "DATA": "354 go on\r\n",
                    "QUIT": "221 bye\r\n",
                }.get(name, "250 OK\r\n")
            peer.send(answer)
            if name == "DATA" and answer.startswith("354") and not self._body(peer):
                return

    def _body(self, peer: Peer) -> bool:
        body = b""
        while (line := peer.line()) != b".":
            body += line + b"\r\n"
        self.bodies.append(body)
        answer = self.answers.get("BODY", "250 taken\r\n")
        if callable(answer):
            answer(peer)
        elif answer:
            peer.send(answer)
        return bool(answer)
