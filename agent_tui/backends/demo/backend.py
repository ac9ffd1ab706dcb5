"""The adapter of the simulated service: every capability it has, in the order of the contract.

One service has two doors, and an account opens one of them: `channel = "email"` brings real RFC 5322 mail and
takes mail over, `channel = "chat"` brings lines of text. Both doors show what most real adapters need:

- a cursor is the place of the last message seen, so that a pull goes on wherever the last one ended;
- the newest messages come first, and history follows behind them, on request;
- the service remembers the token of everything it took over, so a lost answer can be settled by asking;
- what blocks (here a file, elsewhere a client that is not asynchronous) runs in a thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import ClassVar, Concatenate, Literal, ParamSpec, TypeVar

from pydantic import BaseModel, Field

from agent_tui.backends.api import (
    API_VERSION,
    AccountContext,
    Alive,
    AuthenticationFailed,
    Backend,
    CannotTell,
    Change,
    ChangeBatch,
    Found,
    Hint,
    Leaving,
    MailArrived,
    MarksChange,
    Misconfigured,
    MoveChange,
    NotFound,
    Outgoing,
    RateLimited,
    Rejected,
    RemoteCopy,
    RemoteFile,
    Sent,
    StatusChanged,
    TextArrived,
    Unknown,
    Unreachable,
    Unsupported,
)
from agent_tui.backends.demo.later import State
from agent_tui.backends.demo.records import Message
from agent_tui.backends.demo.server import DemoServer, Refused
from agent_tui.domain.account import Capability
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.times import Micros, now

BATCH = 40
"""Messages in one batch: small enough for the worker to commit in a blink."""
FIRST = 60
"""So many are brought before history begins."""
_LOOK_EVERY = 0.5
"""Seconds between looks at the service. A real one would tell by itself."""
_ALIVE_EVERY = 30.0

_END = 2**62

P = ParamSpec("P")
T = TypeVar("T")


class DemoOptions(BaseModel):
    """What an account of the demo must know."""

    path: str = Field(title="File", description="The file that the simulated service lives in.")
    channel: Literal["email", "chat"] = Field(
        default="email", title="Channel", description="Which door of the service."
    )
    seed: int = Field(default=1, title="Seed", description="The same seed gives the same people and the same chance.")
    speed: float = Field(default=1.0, title="Speed", gt=0, description="2 lets the customers live twice as fast.")


class DemoBackend(Backend):
    """Live customers without a network."""

    name: ClassVar[str] = "demo"
    title: ClassVar[str] = "Demo customers"
    api_version: ClassVar[int] = API_VERSION
    channel: ClassVar[Channel] = Channel.EMAIL
    options: ClassVar[type[BaseModel]] = DemoOptions
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.PULL,
            Capability.WATCH,
            Capability.HISTORY,
            Capability.SEND,
            Capability.NEW_CONVERSATION,
            Capability.CC,
            Capability.ATTACH,
            Capability.FLAGS,
        }
    )
    proof: ClassVar[str] = "simulated"
    overlap: ClassVar[str] = "none: a place is given once and for all"

    def __init__(self, context: AccountContext, clock: Callable[[], Micros] = now) -> None:
        super().__init__(context)
        assert isinstance(context.options, DemoOptions)
        self._options = context.options
        self._clock = clock
        self._server: DemoServer | None = None
        self._turn = threading.Lock()

    @property
    def available(self) -> frozenset[Capability]:
        """The chat knows no copies, no marks, and nobody can be written to who has not written."""
        if self._options.channel == "email":
            return self.capabilities
        return self.capabilities - {Capability.CC, Capability.FLAGS, Capability.NEW_CONVERSATION}

    # Connecting

    async def open(self) -> None:
        """Open the service; its past is written when it is opened for the first time."""
        if self._server is None:
            path = Path(self._options.path)
            try:
                self._server = await asyncio.to_thread(
                    DemoServer, path, self._options.seed, self._options.speed, self._clock
                )
            except (OSError, sqlite3.Error) as error:
                raise Misconfigured("file", option="path", reason=type(error).__name__) from error
        if await self._ask(DemoServer.strike, "refuse_login"):
            raise AuthenticationFailed
        await self._stumble()

    async def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            server, self._server = self._server, None
            if server is not None:
                server.close()

    # What comes in

    async def pull(self, cursor: str | None) -> AsyncIterator[ChangeBatch]:
        """What lies behind the cursor. Without one: the newest few, and history begins where they end."""
        await self._stumble()
        channel = self._options.channel
        place, changed = _places(cursor)
        if cursor is None:
            earlier = await self._ask(DemoServer.before, channel, _END, FIRST)
            place = earlier[-1].seq - 1 if earlier else 0
            changed = (await self._ask(DemoServer.newest, channel))[1]  # messages come as they are now
            await self.context.remember("history_begins", str(place + 1))
        while True:
            found = await self._ask(DemoServer.after, channel, place, BATCH)
            place = found[-1].seq if found else place
            done = len(found) < BATCH
            changes = await self._changes(found)
            if done:
                changed, edited, states = await self._ask(DemoServer.changed, channel, changed, BATCH)
                changes += [self._change(message, edited=True) for message in edited]
                changes += [_status(state) for state in states]
                done = not edited and not states
            yield ChangeBatch(changes, f"{place}.{changed}", done=done)
            if done:
                return

    async def history(self, cursor: str | None) -> AsyncIterator[ChangeBatch]:
        """What is older than the first pull, newest first."""
        await self._stumble()
        channel = self._options.channel
        begins = int(self.context.recall("history_begins") or _END)
        place = begins if cursor is None else _places(cursor)[0]
        total = await self._ask(DemoServer.count, channel, begins)
        while True:
            found = await self._ask(DemoServer.before, channel, place, BATCH)
            place = found[-1].seq if found else place
            left = await self._ask(DemoServer.count, channel, place)
            yield ChangeBatch(
                await self._changes(found),
                str(place),
                done=left == 0 or not found,
                progress=(total - left, total),
            )
            if left == 0 or not found:
                return

    async def watch(self) -> AsyncIterator[Hint | Alive]:
        """Let time go by for the customers, and tell when one has written."""
        channel = self._options.channel
        seen = await self._ask(DemoServer.newest, channel)
        proven = 0.0
        while True:
            await self._stumble()
            newest = await self._ask(DemoServer.newest, channel)
            if newest != seen:
                seen = newest
                yield Hint("news")
            elif proven >= _ALIVE_EVERY:
                proven = 0.0
                yield Alive()
            await asyncio.sleep(_LOOK_EVERY)
            proven += _LOOK_EVERY

    # What goes out

    async def send(self, item: Outgoing, leaving: Leaving) -> Sent | Rejected | Unknown:
        """Hand a message over. Everything that can fail harmlessly comes before `leaving`."""
        await self._stumble()
        if await self._ask(DemoServer.strike, "busy"):
            return Rejected("busy", passing=True, retry_after=5.0)
        if await self._ask(DemoServer.strike, "refuse_message"):
            return Rejected("refused", {"reply": "550 5.7.1 Refused for demonstration"})
        if self._options.channel == "email" and not item.envelope_to:
            return Rejected("no_recipient")
        await leaving()
        if await self._ask(DemoServer.strike, "lose_message"):
            return Unknown()
        try:
            native_id = await self._ask(self._hand_over, item)
        except Refused:
            return Rejected("no_such_conversation")
        if await self._ask(DemoServer.strike, "lose_answer"):
            return Unknown()
        return Sent(native_id, conversation=item.conversation)

    async def find_sent(self, item: Outgoing) -> Found | NotFound | CannotTell:
        """The service knows every token it took over: its word decides both ways."""
        await self._stumble()
        native_id = await self._ask(DemoServer.taken, item.token)
        return NotFound() if native_id is None else Found(native_id)

    # Marks

    async def set_marks(self, change: MarksChange) -> None:
        """Read and answered marks of mails."""
        await self._stumble()
        uids = [copy.uid for copy in change.copies]
        for column, value in (("seen", change.seen), ("answered", change.answered)):
            if value is not None:
                await self._ask(DemoServer.mark, uids, column, value)

    async def move(self, change: MoveChange) -> Sequence[tuple[RemoteCopy, RemoteCopy | None]]:
        """The service has no other folders."""
        raise Unsupported("move")

    # Inside

    def _hand_over(self, server: DemoServer, item: Outgoing) -> str:
        if self._options.channel == "email":
            return server.take_mail(item.raw, item.envelope_to, item.token)
        files = [(file.name, file.type, file.content or b"") for file in item.files]
        return server.take_chat(item.conversation or "", item.text, files, item.token)

    async def _changes(self, found: Sequence[Message]) -> list[Change]:
        """Messages, and behind them what the team there made of their conversations."""
        states = await self._ask(DemoServer.states, [message.thread for message in found])
        return [*(self._change(message) for message in found), *map(_status, states)]

    def _change(self, message: Message, *, edited: bool = False) -> MailArrived | TextArrived:
        """A message of the service as the contract knows it."""
        if message.channel == "email":
            folder, role = ("Sent", "sent") if message.outgoing else ("INBOX", "inbox")
            return MailArrived(
                raw=message.raw,
                arrived_at=message.arrived_at,
                copy=RemoteCopy(folder, uidvalidity=1, uid=message.seq),
                role=role,
                seen=message.seen,
                answered=message.answered,
                size=len(message.raw),
            )
        vouched = None if message.outgoing or self._server is None else self._server.vouched_address(message.author)
        return TextArrived(
            native_id=message.native_id,
            conversation=message.thread,
            author_id=message.author,
            author_name=message.name,
            text=message.text,
            arrived_at=message.arrived_at,
            outgoing=message.outgoing,
            token=message.token,
            files=[RemoteFile(name, kind, len(data), data) for name, kind, data in message.files],
            emails=[vouched] if vouched else [],
            seen=message.seen,
            edited=edited,
        )

    async def _ask(self, question: Callable[Concatenate[DemoServer, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the service in a thread, one question at a time."""

        def work() -> T:
            with self._turn:
                if self._server is None:
                    raise Unreachable("closed")
                try:
                    self._server.advance()
                    return question(self._server, *args, **kwargs)
                except sqlite3.Error as error:
                    raise Unreachable("file", reason="unavailable", host="demo") from error

        return await asyncio.to_thread(work)

    async def _stumble(self) -> None:
        """Make the faults of the line that were asked for."""
        if await self._ask(DemoServer.strike, "unreachable"):
            raise Unreachable("demonstration", host="demo")
        if await self._ask(DemoServer.strike, "rate_limit"):
            raise RateLimited("demonstration", retry_after=2.0)


def _status(state: State) -> StatusChanged:
    return StatusChanged(
        state.thread,
        Status(state.status) if state.status else None,
        native_status=state.status,
        assignee=state.assignee,
        tags=state.tags,
    )


def _places(cursor: str | None) -> tuple[int, int]:
    """A cursor of ours: places of a message and of a change. One that we did not make begins anew: nothing is lost,
    some comes twice."""
    message, _, change = (cursor or "").partition(".")
    place, changed = (int(text) if text.isascii() and text.isdigit() else 0 for text in (message, change))
    return place, changed
