"""Waiting for news: IDLE on a line of its own, renewed and proven alive before anything could go stale."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from agent_tui.backends.api import Alive, BackendError, Hint, ProtocolError
from agent_tui.backends.imap.connection import Connection
from agent_tui.backends.imap.folders import FolderPlan, status
from agent_tui.backends.imap.line import Line, Refused
from agent_tui.backends.imap.options import ImapOptions

T = TypeVar("T")
CHATTER = 1_000
"""Lines without news that one IDLE may bring; a sign of life every two minutes are fifteen."""
PACE = 1.0
"""Seconds between two calls to fetch what is new. The first of them comes at once; a server that has news without end
gets no more of us than that, and a burst is fetched in one go."""
NEWS = (b"EXISTS", b"EXPUNGE", b"FETCH", b"VANISHED")


def _begin(line: Line) -> bytes:
    line.untagged_responses = {}
    tag: bytes = line._command("IDLE")
    while line._get_response() is not None:
        if line.tagged_commands.get(tag):
            raise ProtocolError("idle", reason="odd_answer", host=line.host, port=str(line.port))
    return tag


def _wait(line: Line, seconds: float) -> bool:
    """True where something happened in the folder; false where the time passed quietly."""
    end, told = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        if not line.wait(left):
            return False
        line.allow(30)
        told += 1
        if told > CHATTER:
            raise ProtocolError("idle", reason="answer_too_large", host=line.host, port=str(line.port))
        text = line.readline()
        if text.upper().startswith(b"* BYE"):
            raise line._broken(line.abort("bye"))
        if text.startswith(b"* ") and any(word in text.upper() for word in NEWS):
            return True
    return False


def _finish(line: Line, tag: bytes) -> bool:
    """Leave IDLE. The answer proves that the line lives; true where news came on the way."""
    line.send(b"DONE\r\n")
    line._get_tagged_response(tag)
    return any(name.encode() in NEWS for name in line.untagged_responses)


class Watcher:
    """Watches INBOX by IDLE, and the other folders whenever the line is renewed."""

    def __init__(
        self, options: ImapOptions, connect: Callable[[], Awaitable[Connection]], plan: Callable[[], FolderPlan]
    ):
        self._options, self._connect, self._plan = options, connect, plan
        self._others: dict[str, tuple[object, ...]] = {}
        self._next = 0.0
        """When news may be told again."""

    async def watch(self) -> AsyncIterator[Hint | Alive]:
        """Hints until cancelled."""
        line = await self._connect()
        try:
            plan = self._plan()
            try:
                await line.select(plan.folder(plan.watched[0]))
            except Refused as no:
                raise ProtocolError("idle", reason="folder", folder=plan.watched[0], server_said=no.said) from None
            await self._look_at_others(line)
            # what came before the line began to listen is for the pull that this asks for
            yield Hint("watching")
            while True:
                yield await self._round(line)
        finally:
            line.close()

    async def _round(self, line: Connection) -> Hint | Alive:
        """One IDLE from its beginning to its end. Whatever is told, the line was proven alive."""
        options = self._options
        tag = await line.call(_guarded(_begin))
        news = await line.call(lambda it: _wait(it, options.idle_renew), seconds=options.idle_renew + options.timeout)
        if news:  # the line still listens meanwhile: nothing is lost
            await asyncio.sleep(max(0.0, self._next - time.monotonic()))
            self._next = time.monotonic() + PACE
        news |= await line.call(_guarded(lambda it: _finish(it, tag)))
        if news:
            return Hint("idle")
        await line.command("NOOP")
        return Hint("folder") if await self._look_at_others(line) else Alive()

    async def _look_at_others(self, line: Connection) -> bool:
        """Did anything change in a folder that IDLE does not watch?"""
        plan = self._plan()
        items = b"(UIDVALIDITY UIDNEXT MESSAGES HIGHESTMODSEQ)" if line.condstore else b"(UIDVALIDITY UIDNEXT MESSAGES)"
        now: dict[str, tuple[object, ...]] = {}
        for key in plan.watched[1:]:
            facts = await status(line, plan.folder(key), items)
            now[key] = tuple(sorted(facts.items()))
        changed = bool(self._others) and now != self._others
        self._others = now
        return changed


def _guarded(function: Callable[[Line], T]) -> Callable[[Line], T]:
    """The engine's own errors end the line and become ours."""

    def run(line: Line) -> T:
        try:
            return function(line)
        except BackendError:
            line.drop()
            raise
        except line.abort as error:
            line.drop()
            raise line._broken(error) from None
        except (line.error, ValueError, KeyError, TypeError, AttributeError, OSError):
            line.drop()
            raise ProtocolError("idle", reason="odd_answer", host=line.host, port=str(line.port)) from None

    return run
