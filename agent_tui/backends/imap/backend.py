"""Mail by IMAP and SMTP: the parts put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar

from agent_tui.backends.api import (
    API_VERSION,
    AccountContext,
    Alive,
    Backend,
    CannotTell,
    ChangeBatch,
    Found,
    Hint,
    Leaving,
    MarksChange,
    Misconfigured,
    MoveChange,
    NotFound,
    Outgoing,
    ProtocolError,
    Rejected,
    RemoteCopy,
    SecretUnavailable,
    Sent,
    Unknown,
    Unreachable,
    Unsupported,
)
from agent_tui.backends.imap import marks, sent
from agent_tui.backends.imap.connection import Connection, Folder
from agent_tui.backends.imap.folders import FolderPlan, list_folders, status
from agent_tui.backends.imap.idle import Watcher
from agent_tui.backends.imap.line import Refused
from agent_tui.backends.imap.mails import Fetcher, FolderChanged
from agent_tui.backends.imap.options import ImapOptions, Login
from agent_tui.backends.imap.pulling import Streams
from agent_tui.backends.imap.smtp import Dialog
from agent_tui.backends.imap.submission import submit
from agent_tui.domain.account import Capability
from agent_tui.domain.conversation import Channel

LARGEST = 256 << 20
"""Of a mail that is fetched on request."""


class ImapBackend(Backend):
    """One line to work on, one that waits for news, and a fresh one for each mail sent."""

    name: ClassVar[str] = "imap"
    title: ClassVar[str] = "Mail (IMAP and SMTP)"
    api_version: ClassVar[int] = API_VERSION
    channel: ClassVar[Channel] = Channel.EMAIL
    options: ClassVar[type[ImapOptions]] = ImapOptions
    capabilities: ClassVar[frozenset[Capability]] = frozenset(
        {
            Capability.PULL,
            Capability.WATCH,
            Capability.HISTORY,
            Capability.FETCH_BODY,
            Capability.SEND,
            Capability.NEW_CONVERSATION,
            Capability.CC,
            Capability.ATTACH,
            Capability.FLAGS,
            Capability.MOVE,
        }
    )
    proof: ClassVar[str] = "real server"
    overlap: ClassVar[str] = "none: UIDs are exact"

    def __init__(self, context: AccountContext) -> None:
        super().__init__(context)
        if not isinstance(context.options, ImapOptions):
            raise Misconfigured("options", option="options", value="")
        self._options: ImapOptions = context.options
        self._work: Connection | None = None
        self._plan = FolderPlan(self._options, ())
        self._opening = asyncio.Lock()
        self._closed = False
        self._streams = Streams(context, self._line, lambda: self._plan, self._options.max_size)

    # connections

    async def _secret(self) -> str:
        return await self.context.secret("token" if self._options.auth is Login.OAUTH else "password")

    async def _submission_secret(self) -> str:
        if self._options.auth is Login.OAUTH:
            return await self.context.secret("token")
        try:
            found = await self.context.secret("smtp_password")
        except SecretUnavailable:
            found = ""
        return found or await self.context.secret("password")

    async def _connect(self) -> Connection:
        line = Connection(self._options, self._secret)
        try:
            await line.open()
        except BaseException:
            line.close()
            raise
        return line

    async def _line(self) -> Connection:
        """The line to work on; a new one where the last was lost."""
        async with self._opening:
            if self._closed:
                raise Unreachable("connection", reason="closed", host=self._options.host, port=str(self._options.port))
            if self._work is None or not self._work.alive:
                if self._work is not None:
                    self._work.close()
                self._work = None
                line = await self._connect()
                try:
                    self._plan.refresh(await list_folders(line))
                except Refused as no:
                    line.close()
                    raise ProtocolError("list", reason="refused", server_said=no.said) from None
                except BaseException:
                    line.close()
                    raise
                self._work = line
            return self._work

    async def open(self) -> None:
        self._closed = False
        await self._line()

    async def close(self) -> None:
        self._closed = True
        if self._work is not None:
            self._work.close()
        self._work = None

    @property
    def available(self) -> frozenset[Capability]:
        line = self._work
        if line is None or not line.capabilities:
            return self.capabilities
        missing = set()
        if "IDLE" not in line.capabilities:
            missing.add(Capability.WATCH)
        if not marks.can_move(line):
            missing.add(Capability.MOVE)
        return self.capabilities - missing

    # what comes in

    async def pull(self, cursor: str | None) -> AsyncIterator[ChangeBatch]:
        async for batch in self._streams.pull(cursor):
            yield batch

    async def history(self, cursor: str | None) -> AsyncIterator[ChangeBatch]:
        async for batch in self._streams.history(cursor):
            yield batch

    async def watch(self) -> AsyncIterator[Hint | Alive]:
        await self._line()
        if Capability.WATCH not in self.available:
            raise Unsupported("watch", reason="no_idle")
        async for hint in Watcher(self._options, self._connect, lambda: self._plan).watch():
            yield hint

    async def fetch_body(self, copy: RemoteCopy) -> bytes:
        await self._line()
        folder = self._plan.all.get(copy.folder) or Folder(copy.folder)
        try:
            found = await Fetcher(self._line, LARGEST).whole(folder, copy, LARGEST)
        except FolderChanged:
            found = None
        except Refused as no:
            raise ProtocolError("fetch", reason="refused", folder=copy.folder, server_said=no.said) from None
        if found is None:
            raise Unsupported("fetch", reason="gone", folder=copy.folder)
        return found

    # what goes out

    async def send(self, item: Outgoing, leaving: Leaving) -> Sent | Rejected | Unknown:
        return await submit(self._options, self._submission_secret, item, leaving)

    async def find_sent(self, item: Outgoing) -> Found | NotFound | CannotTell:
        return await sent.find(await self._line(), self._plan, item)

    async def file_sent(self, item: Outgoing) -> str:
        return await sent.file(await self._line(), self._plan, self.context, item)

    async def set_marks(self, change: MarksChange) -> None:
        await marks.set_marks(await self._line(), self._plan, change, self._streams.doubt)

    async def move(self, change: MoveChange) -> Sequence[tuple[RemoteCopy, RemoteCopy | None]]:
        return await marks.move(await self._line(), self._plan, change, self._streams.doubt)

    # the form

    async def check(self) -> Sequence[str]:
        """Log in at both servers and look for the folders. Sends nothing, changes nothing."""
        await self.open()
        line = await self._line()
        proven = ["imap_login"]
        for name in filter(None, [*self._options.folders, self._options.archive_folder]):
            if not await status(line, self._plan.folder(name)):
                raise Misconfigured("folders", reason="no_folder", option="folders", value=name)
        proven.append("folders")
        if Capability.WATCH in self.available:
            proven.append("idle")
        word = await self._submission_secret()
        async with Dialog(self._options) as dialog:
            await dialog.sign_in(word)
        return [*proven, "smtp_login"]
