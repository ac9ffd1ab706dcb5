"""The folder of sent mails: the proof that a mail left, and the copy that is there once."""

from __future__ import annotations

import asyncio
import re

from agent_tui.backends.api import AccountContext, CannotTell, Found, NotFound, Outgoing, ProtocolError
from agent_tui.backends.imap.connection import Connection, Folder
from agent_tui.backends.imap.folders import FolderPlan
from agent_tui.backends.imap.line import Refused
from agent_tui.backends.imap.listed import read_set
from agent_tui.backends.imap.names import folder_argument, quoted
from agent_tui.backends.imap.uidset import MAX_MEMBERS
from agent_tui.backends.imap.witnesses import heads
from agent_tui.content.headers import read_ids, split_headers

REMEMBERED = "sent"
"""`server` where the server files copies by itself, `append` where we do."""
PATIENCE = 2.0
"""Seconds that a server gets to file its own copy."""
PATIENCE_KNOWN = 10.0
"""The same where it did so before."""
PAUSE = 0.25
LOOKED_AT = 50
"""Newest of the mails a search finds whose headings are fetched. Ours is among them where it just left."""
_BREAKS = re.compile(rb"\r\n|\r|\n")


async def find(line: Connection, plan: FolderPlan, item: Outgoing) -> Found | NotFound | CannotTell:
    """A mail with our Message-ID in any folder we know is the proof. That there is none proves nothing."""
    looked = False
    for name in dict.fromkeys([*filter(None, [plan.sent]), *plan.watched, plan.with_role("archive")]):
        if not name:
            continue
        folder = plan.folder(name)
        async with line.lock:
            try:
                now = await line.select(folder)
                uid = await _search(line, item.token)
            except Refused:
                continue
        looked = looked or name == plan.sent
        if uid:
            return Found(f"{folder.name}/{now.uidvalidity}/{uid}")
    return CannotTell(looked)


async def _search(line: Connection, message_id: str) -> int:
    """UID of a mail with this Message-ID in the open folder; 0 where there is none.

    What the search finds is looked at: some servers leave out a HEADER they cannot search by, others take a part of
    the value for all of it (RFC 9051, 6.4.4, asks for no more than that it is contained).
    """
    answer = await line.command("UID", b"SEARCH", b"HEADER", b"Message-ID", quoted(f"<{message_id}>"), seconds=120)
    said = (answer.one("SEARCH") or b"").decode("ascii", "replace")
    uids = (await read_set(said, MAX_MEMBERS, "search")).newest(LOOKED_AT)
    if not uids:
        return 0
    found = await heads(line, uids)
    wanted = read_ids(f"<{message_id}>")
    return max((uid for uid, (_, fields) in found.items() if uid in uids and _ids(fields) == wanted), default=0)


def _ids(fields: bytes) -> list[str]:
    """The Message-IDs that the heading of a mail bears; more than one are no proof of any of them."""
    headers, _ = split_headers(fields)
    return [found for value in headers.every("message-id") for found in read_ids(value)]


async def file(line: Connection, plan: FolderPlan, context: AccountContext, item: Outgoing) -> str:
    """See to a copy among the sent mails, once."""
    name = plan.sent
    if not name:
        return "none"
    folder = plan.folder(name)
    habit = context.recall(REMEMBERED)
    patience = {"server": PATIENCE_KNOWN, "append": 0.0}.get(habit or "", PATIENCE)
    if await _appears(line, folder, item.token, patience):
        if habit is None:
            await context.remember(REMEMBERED, "server")
        return "server"
    await _append(line, folder, item.raw)
    if habit != "append":
        await context.remember(REMEMBERED, "append")
    return "appended"


async def _appears(line: Connection, folder: Folder, message_id: str, patience: float) -> bool:
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while True:
        try:
            async with line.lock:
                await line.select(folder)
                if await _search(line, message_id):
                    return True
        except Refused:
            return False
        if loop.time() >= end:
            return False
        await asyncio.sleep(PAUSE)


async def _append(line: Connection, folder: Folder, raw: bytes) -> None:
    body = _BREAKS.sub(b"\r\n", raw)
    place = folder_argument(folder.name, folder.raw)
    wait = 60 + len(body) / 20_000
    async with line.lock:
        try:
            await line.command("APPEND", place, b"(\\Seen)", literal=body, seconds=wait)
        except Refused as no:
            if no.code != "TRYCREATE":
                raise ProtocolError("append", reason="refused", folder=folder.name, server_said=no.said) from None
            await line.command("CREATE", place)
            await line.command("APPEND", place, b"(\\Seen)", literal=body, seconds=wait)
