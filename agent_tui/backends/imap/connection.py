"""A connection as the asynchronous rest sees it: one thread, one command at a time, everything with an end."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from agent_tui.backends.api import ProtocolError, Unreachable
from agent_tui.backends.imap.fetching import Fetched, parse_fetch
from agent_tui.backends.imap.line import MAX_ANSWER, Answer, Line, Refused
from agent_tui.backends.imap.login import sign_in
from agent_tui.backends.imap.names import folder_argument
from agent_tui.backends.imap.options import ImapOptions
from agent_tui.backends.imap.tls import make_context

T = TypeVar("T")
_HIGHEST = 2**63 - 1
"""A number that the store can keep; no server has more (RFC 9051 allows 32 bits for UIDs, 63 for MODSEQ)."""
_END = None
MAX_SELECTED = 1 << 20
"""What a folder may tell of itself when it is opened: flags and a few numbers."""
MAX_RESYNCED = 32 << 20
"""The same where it was asked what changed. Beyond it is asked in ranges."""


class _Thread:
    """Runs what it is given, in order. A daemon: a name server that hangs keeps no process alive."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Callable[[Any, BaseException | None], None]] | None]
        self._work = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="imap", daemon=True).start()

    def _serve(self) -> None:
        while (job := self._work.get()) is not _END:
            function, done = job
            try:
                result = function()
            except BaseException as error:
                done(None, error)
            else:
                done(result, None)
            del job, function, done

    async def run(self, function: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        def done(result: Any, error: BaseException | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(settle, result, error)

        self._work.put((function, done))
        return await future

    def end(self, last: Callable[[], None]) -> None:
        self._work.put((last, lambda *_: None))
        self._work.put(_END)


@dataclass(frozen=True, slots=True)
class Selected:
    """What a server says of a folder when it is opened."""

    name: str
    uidvalidity: int
    uidnext: int
    """0 where the server does not tell."""
    exists: int
    modseq: int
    """0 where the folder keeps none."""
    vanished: str
    """Set of UIDs that are gone since the state that was asked for (QRESYNC)."""
    fetched: Fetched
    """Marks that changed since that state (QRESYNC)."""
    writable: bool
    mailbox_id: str = ""
    """MAILBOXID of RFC 8474."""


class Connection:
    """A line that is logged in. Cancelling or timing out a call closes it: no late answer meets the next command."""

    def __init__(self, options: ImapOptions, secret: Callable[[], Awaitable[str]]) -> None:
        self._options, self._secret = options, secret
        self._thread = _Thread()
        self._line: Line | None = None
        self._selected: Selected | None = None
        self.lock = asyncio.Lock()
        self.capabilities: frozenset[str] = frozenset()
        self.qresync = False

    @property
    def alive(self) -> bool:
        """Commands may be sent."""
        return self._line is not None and self._line.alive

    async def open(self) -> None:
        """Connect, protect, log in, and switch on what the server can do."""
        options = self._options
        context = make_context(options.ca_file)

        def connect() -> Line:
            self._line = Line(options.host, options.port, options.security, context, options.timeout)
            return self._line

        await self._run(connect, options.timeout * 3)
        secret = await self._secret()
        await self.call(lambda line: sign_in(line, options.auth, options.user, secret))
        self.capabilities = await self.call(lambda line: line.read_capabilities())
        if "ID" in self.capabilities:
            # some providers serve nobody who does not say this
            with contextlib.suppress(Refused):
                await self.command("ID", b'("name" "agent-tui")')
        if "QRESYNC" in self.capabilities and "ENABLE" in self.capabilities:
            with contextlib.suppress(Refused):
                await self.command("ENABLE", b"QRESYNC")
                self.qresync = True

    @property
    def condstore(self) -> bool:
        """Marks that changed can be asked for."""
        return self.qresync or "CONDSTORE" in self.capabilities

    def is_open(self, folder: Folder) -> bool:
        """This folder is the open one."""
        return self.alive and self._selected is not None and self._selected.name == folder.name

    @property
    def writable(self) -> bool:
        """The open folder takes changes."""
        return self._selected is not None and self._selected.writable

    def close(self) -> None:
        """End it, from any state; the thread follows."""
        line = self._line
        if line is not None:
            line.wake()
        self._thread.end(self._drop)

    def _drop(self) -> None:
        # a line may have come up after it was given up
        if self._line is not None:
            self._line.drop()

    async def _run(self, function: Callable[[], T], seconds: float) -> T:
        try:
            async with asyncio.timeout(seconds + 5):
                return await self._thread.run(function)
        except TimeoutError:
            self._abandon()
            raise self.lost("timeout") from None
        except asyncio.CancelledError:
            self._abandon()
            raise

    def _abandon(self) -> None:
        if self._line is not None:
            self._line.wake()

    def lost(self, reason: str) -> Unreachable:
        """The error of a connection that is no more."""
        return Unreachable("connection", reason=reason, host=self._options.host, port=str(self._options.port))

    async def call(self, function: Callable[[Line], T], seconds: float | None = None, size: int = MAX_ANSWER) -> T:
        """Run something on the line, in its thread, within time and size."""
        line = self._line
        if line is None or not line.alive:
            raise self.lost("closed")
        wait = self._options.timeout if seconds is None else seconds

        def bounded() -> T:
            line.allow(wait, size)
            return function(line)

        return await self._run(bounded, wait)

    async def command(
        self,
        name: str,
        *arguments: bytes,
        literal: bytes | None = None,
        seconds: float | None = None,
        size: int = MAX_ANSWER,
    ) -> Answer:
        """One command."""
        answer = await self.call(
            lambda line: line.command(name, *arguments, literal=literal), seconds=seconds, size=size
        )
        self._count(answer)
        return answer

    async def fetch(self, uids: bytes, *items: bytes, seconds: float = 120, size: int = MAX_ANSWER) -> Fetched:
        """UID FETCH. Its answers are read in the thread as well: other accounts live in the same loop."""

        def fetch(line: Line) -> tuple[Answer, Fetched]:
            answer = line.command("UID", b"FETCH", uids, *items)
            return answer, parse_fetch(answer.untagged.get("FETCH", []))

        answer, fetched = await self.call(fetch, seconds=seconds, size=size)
        self._count(answer)
        return fetched

    def _count(self, answer: Answer) -> None:
        """A folder that stays open grows; what its list may hold is measured by it."""
        found = answer.one("EXISTS")
        if self._selected is not None and found and found.isdigit() and len(found) < 12:
            self._selected = replace(self._selected, exists=int(found))

    @property
    def exists(self) -> int:
        """Mails of the open folder, as the server counts them."""
        return self._selected.exists if self._selected is not None else 0

    # folders

    async def select(self, folder: Folder, *, parameters: bytes = b"") -> Selected:
        """Open a folder anew, so that its state is the present one.

        By SELECT even where nothing is to be written: a Maildir that is only ever examined keeps its arrivals
        in `new/`, and Dovecot reads through all of them each time.
        """
        self._selected = None
        arguments = [folder_argument(folder.name, folder.raw), *([parameters] if parameters else [])]
        resynced = parameters.startswith(b"(QRESYNC")

        def select(line: Line) -> Selected:
            # the engine would refuse commands in a folder that became read-only; we look for ourselves
            line.is_readonly = True
            answer = line.command("SELECT", *arguments)
            line.state = "SELECTED"
            return _read_selected(folder.name, answer, resynced=resynced)

        size = MAX_RESYNCED if resynced else MAX_SELECTED
        self._selected = await self.call(select, seconds=self._options.timeout * 4, size=size)
        return self._selected

    @asynccontextmanager
    async def inside(self, folder: Folder, uidvalidity: int) -> AsyncIterator[bool]:
        """Hold the line with this folder open. Gives false where its UIDs mean something else by now."""
        async with self.lock:
            now = self._selected
            if now is None or not self.is_open(folder):
                now = await self.select(folder)
            yield now.uidvalidity == uidvalidity


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as the server lists it."""

    name: str
    raw: bytes | None = None
    """Its name in the server's own bytes."""
    role: str = "other"
    flags: frozenset[str] = field(default_factory=frozenset)


def _read_selected(name: str, answer: Answer, *, resynced: bool) -> Selected:
    def amount(key: str) -> int:
        found = answer.one(key)
        digits = found.split(b" ")[0] if found else b"0"
        if not digits.isdigit() or len(digits) > 19 or int(digits) > _HIGHEST:
            raise ProtocolError("select", reason="odd_number", name=key)
        return int(digits)

    # what nobody asked for is not read: it costs much more than it is long
    gone = answer.untagged.get("VANISHED", ()) if resynced else ()
    vanished = b",".join(item.rpartition(b" ")[2] for item in gone if isinstance(item, bytes))
    mailbox = (answer.one("MAILBOXID") or b"").strip(b"()")
    return Selected(
        name=name,
        uidvalidity=amount("UIDVALIDITY"),
        uidnext=amount("UIDNEXT"),
        exists=amount("EXISTS"),
        modseq=0 if "NOMODSEQ" in answer.untagged else amount("HIGHESTMODSEQ"),
        vanished=vanished.decode("ascii", "replace"),
        fetched=parse_fetch(answer.untagged.get("FETCH", [])) if resynced else Fetched(),
        writable=not answer.text.upper().startswith(b"[READ-ONLY]"),
        mailbox_id=mailbox.decode("ascii", "replace"),
    )
