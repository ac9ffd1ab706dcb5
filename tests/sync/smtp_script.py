"""A submission server that does with a mail exactly what a test wants, over real TLS, and counts what it took."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Behaviour = Literal[
    "accept", "drop_after_body", "take_and_drop", "refuse", "later", "swallow", "later_after_body",
    "stall_in_body", "stall_after_dot", "take_and_stall",
]  # fmt: skip
STALLED_AFTER = 200
"""Lines of a body that are read before a server stalls in it."""


@dataclass
class ScriptedSmtp:
    """Listens on the loopback; `taken` holds the mails it would deliver."""

    chain: Path
    key: Path
    behaviour: Behaviour = "accept"
    taken: list[bytes] = field(default_factory=list)
    bodies: int = 0
    """Bodies it has seen, delivered or not."""
    stalled: threading.Event = field(default_factory=threading.Event)
    """Set where the other side waits for a server that stalls: the moment to kill it."""

    killed: threading.Event = field(default_factory=threading.Event)
    """Set by the test once that is done."""

    def __post_init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.chain, self.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(line,), daemon=True).start()

    def _one(self, plain: socket.socket) -> None:
        try:
            plain.settimeout(30)
            with self._context.wrap_socket(plain, server_side=True) as line:
                self._talk(line)
        except OSError:
            return

    def _talk(self, line: ssl.SSLSocket) -> None:
        file = line.makefile("rb")
        line.sendall(b"220 script.test ESMTP\r\n")
        while command := file.readline():
            word = command.split()[0].upper() if command.split() else b""
            if word in (b"EHLO", b"HELO"):
                line.sendall(b"250-script.test\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 100000000\r\n")
            elif word == b"AUTH":
                if len(command.split()) < 3:
                    line.sendall(b"334 \r\n")
                    file.readline()
                line.sendall(b"235 2.7.0 welcome\r\n")
            elif word == b"RCPT" and self.behaviour == "refuse":
                line.sendall(b"550 5.1.1 no such user\r\n")
            elif word == b"MAIL" and self.behaviour == "later":
                line.sendall(b"451 4.3.0 try again later\r\n")
            elif word == b"DATA":
                line.sendall(b"354 go on\r\n")
                if not self._body(line, file):
                    return
            elif word == b"QUIT":
                line.sendall(b"221 bye\r\n")
                return
            else:
                line.sendall(b"250 2.0.0 fine\r\n")

    def _body(self, line: ssl.SSLSocket, file: object) -> bool:
        lines = []
        while (one := file.readline()) not in (b".\r\n", b""):  # type: ignore[attr-defined]
            lines.append(one[1:] if one.startswith(b".") else one)
            if self.behaviour == "stall_in_body" and len(lines) == STALLED_AFTER:
                self.stalled.set()
                self.killed.wait(30)
        if not one:
            return False  # the line broke before the end of the body: nothing was handed over
        self.bodies += 1
        if self.behaviour == "drop_after_body":
            return False
        if self.behaviour == "stall_after_dot":
            self.stalled.set()
            self.killed.wait(30)
            return False
        if self.behaviour == "later_after_body":
            line.sendall(b"451 4.3.0 try again later\r\n")
            return True
        self.taken.append(b"".join(lines))
        if self.behaviour == "take_and_drop":
            return False
        if self.behaviour == "take_and_stall":
            self.stalled.set()
            self.killed.wait(30)
            return False
        if self.behaviour == "swallow":
            threading.Event().wait(4)
            return False
        line.sendall(b"250 2.0.0 taken\r\n")
        return True
