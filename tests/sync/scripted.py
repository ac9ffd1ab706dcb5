"""A chat service inside the test's process: what it says, how it fails and what it was told are all in its hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel

from agent_tui.backends.api import (
    API_VERSION,
    Applied,
    Backend,
    CannotTell,
    Change,
    ChangeBatch,
    Conflict,
    Found,
    Hint,
    Leaving,
    NotFound,
    Outgoing,
    Rejected,
    Sent,
    TextArrived,
    Unknown,
    secret,
)
from agent_tui.domain.account import Account, Capability
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.times import now
from tests.sync.workspace import safe


class Options(BaseModel):
    """One option and one secret."""

    server: str = "one"
    poll_interval: int = 5
    token: str = secret("Token")


@dataclass
class Service:
    """The other side."""

    changes: list[Change] = field(default_factory=list)
    old: list[Change] = field(default_factory=list)
    opened: int = 0
    pulls: int = 0
    tokens: list[str] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)
    statuses: list[tuple[str, Status]] = field(default_factory=list)
    conflicts: bool = False
    """Somebody changed the conversation there meanwhile."""
    hint: asyncio.Event = field(default_factory=asyncio.Event)
    fail_open: Callable[[], BaseException | None] = field(default=lambda: None)
    fail_pull: Callable[[], BaseException | None] = field(default=lambda: None)
    hang_pull: bool = False
    had_it_whole: bool = False
    """It says `later` only behind the whole of a message."""
    answer: Callable[[Outgoing], Sent | Rejected | Unknown | BaseException] = field(default=lambda item: Sent())
    before_mark: Callable[[], BaseException | None] = field(default=lambda: None)
    proof: Found | NotFound | CannotTell = field(default_factory=CannotTell)
    slow_history: float = 0.0
    slow_close: float = 0.0
    closing: bool = False
    closed: int = 0
    sending: asyncio.Event = field(default_factory=asyncio.Event)
    slow_send: float = 0.0

    def says(self, text: str, native: str = "", room: str = "room", author: str = "ann") -> None:
        """A customer writes."""
        number = len(self.changes)
        self.changes.append(TextArrived(native or f"n{number}", room, author, author.title(), text, now()))
        self.hint.set()


SERVICES: dict[str, Service] = {}


def account(name: str, service: Service | None = None, **options: Any) -> Account:
    """An account of a service of its own."""
    SERVICES[name] = service or Service()
    return Account(name, "scripted", safe(name), Channel.CHAT, {"server": name, **options})


class Scripted(Backend):
    """The adapter to it."""

    name: ClassVar[str] = "scripted"
    title: ClassVar[str] = "Scripted"
    api_version: ClassVar[int] = API_VERSION
    channel: ClassVar[Channel] = Channel.CHAT
    options: ClassVar[type[BaseModel]] = Options
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {Capability.PULL, Capability.WATCH, Capability.HISTORY, Capability.SEND, Capability.STATUS}
    )

    @property
    def service(self) -> Service:
        options = self.context.options
        assert isinstance(options, Options)
        return SERVICES[options.server]

    async def open(self) -> None:
        self.service.opened += 1
        self.service.tokens.append(await self.context.secret("token"))
        if error := self.service.fail_open():
            raise error

    async def close(self) -> None:
        self.service.closing = True
        await asyncio.sleep(self.service.slow_close)
        self.service.closing = False
        self.service.closed += 1

    async def pull(self, cursor: str | None) -> AsyncIterator[ChangeBatch]:
        service = self.service
        service.pulls += 1
        service.hint.clear()
        if service.hang_pull:
            await asyncio.Event().wait()
        if error := service.fail_pull():
            raise error
        at = int(cursor or 0)
        for number in range(at, len(service.changes), 3):
            part = service.changes[number : number + 3]
            yield ChangeBatch(part, str(number + len(part)))
        yield ChangeBatch((), str(len(service.changes)), done=True)

    async def history(self, cursor: str | None) -> AsyncIterator[ChangeBatch]:
        old = self.service.old
        for number in range(int(cursor or 0), len(old)):
            await asyncio.sleep(self.service.slow_history)
            done = number == len(old) - 1
            yield ChangeBatch([old[number]], str(number + 1), done=done, progress=(number + 1, len(old)))
        if not old:
            yield ChangeBatch((), "0", done=True)

    async def watch(self) -> AsyncIterator[Hint]:
        while True:
            await self.service.hint.wait()
            self.service.hint.clear()
            yield Hint("told")

    async def send(self, item: Outgoing, leaving: Leaving) -> Sent | Rejected | Unknown:
        service = self.service
        if error := service.before_mark():
            raise error
        answer = service.answer(item)
        if isinstance(answer, Rejected) and answer.passing and not service.had_it_whole:
            return answer
        await leaving()
        service.sending.set()
        await asyncio.sleep(service.slow_send)
        if isinstance(answer, BaseException):
            raise answer
        service.sent.append(item)
        return answer

    async def find_sent(self, item: Outgoing) -> Found | NotFound | CannotTell:
        return self.service.proof

    async def write(
        self,
        conversation: str,
        version: str,
        *,
        status: tuple[Status, str] | None = None,
        assignee: str | None = None,
        add_tags: Sequence[str] = (),
        remove_tags: Sequence[str] = (),
    ) -> Applied | Conflict:
        assert status is not None
        self.service.statuses.append((conversation, status[0]))
        return Conflict({"status": "open"}, "2") if self.service.conflicts else Applied()


BACKENDS: dict[str, type[Backend]] = {"scripted": Scripted}
