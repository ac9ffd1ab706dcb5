"""A service whose clock the test holds, and a backend on it."""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from agent_tui.backends.api import AccountContext, Outgoing
from agent_tui.backends.demo.backend import DemoBackend, DemoOptions
from agent_tui.backends.demo.records import Message
from agent_tui.backends.demo.server import DemoServer
from agent_tui.domain.times import SECOND, Micros

START = Micros(1_790_000_000 * SECOND)
ALL = 2**62


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> Micros:
        return self.now


@cache
def _template(seed: int) -> Path:
    """The file of a service that was just opened; writing its past takes most of a second."""
    path = Path(mkdtemp(prefix="demo-service-")) / "service.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    DemoServer(path, seed, clock=Clock()).close()
    return path


class Service:
    """The simulated service with its clock. A copy of one that was made before, unless it is to be made anew."""

    def __init__(self, path: Path, seed: int = 1, *, anew: bool = False) -> None:
        self.path = path
        self.clock = Clock()
        if not anew and not path.exists():
            shutil.copy(_template(seed), path)
        self.server = DemoServer(path, seed, clock=self.clock)

    def watch(self, seconds: int) -> None:
        """Let somebody look for so long."""
        for _ in range(0, seconds, 5):
            self.clock.now = Micros(self.clock.now + 5 * SECOND)
            self.server.advance()

    def said(self, thread: str) -> Sequence[Message]:
        """A conversation."""
        return self.server.records.thread_messages(thread)


def backend(path: Path, channel: str = "email", clock: Clock | None = None) -> DemoBackend:
    """An account of the service."""
    remembered: dict[str, str] = {}

    async def remember(key: str, value: str) -> None:
        remembered[key] = value

    async def secret(option: str) -> str:
        raise AssertionError(option)

    context = AccountContext(
        account="demo",
        options=DemoOptions(path=str(path), channel="chat" if channel == "chat" else "email"),
        secret=secret,
        own_addresses=frozenset({"support@aurora.example"}),
        remember=remember,
        recall=remembered.get,
    )
    return DemoBackend(context, clock or Clock())


def answer(to: Message, text: str, token: str) -> Outgoing:
    """An answer of ours to a mail of a customer."""
    sender = to.raw.decode().split("Return-Path: <", 1)[1].split(">", 1)[0]
    raw = (
        f"From: Aurora Support <support@aurora.example>\r\nTo: {sender}\r\nSubject: Re: yours\r\n"
        f"Message-ID: <{token}>\r\nIn-Reply-To: <{to.native_id}>\r\nReferences: <{to.native_id}>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    return Outgoing(token, raw.encode(), text, "support@aurora.example", [sender], None, sender)


async def nothing(*, named: bool = False) -> None:
    """Leaving without a mark."""
