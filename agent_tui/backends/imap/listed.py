"""Which mails a folder holds, as its server lists them."""

from __future__ import annotations

from agent_tui.backends.api import ProtocolError
from agent_tui.backends.imap.connection import Connection
from agent_tui.backends.imap.uidset import MAX_MEMBERS, MAX_UID, UidSet, aside

ARRIVING = 10_000
"""Mails that may have come between the server's count and its list."""


async def read_set(text: str, most: int, what: str) -> UidSet:
    """A set from the server. One of more members than there can be mails is a lie, however short it is written."""

    def read() -> UidSet:
        uids = UidSet.parse(_with_commas(text))
        if len(uids) > most:
            raise ValueError("more than there can be")
        return uids

    try:
        return await aside(read, len(text) // 8)
    except ValueError:
        raise ProtocolError(what, reason="odd_answer") from None


def _with_commas(text: str) -> str:
    """As SEARCH writes sets: with blanks, of some servers more than one. Not split: each of millions would be a word."""
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ").replace(" ", ",")


async def uids_present(line: Connection, below: int | None = None, since: int | None = None) -> UidSet:
    """UIDs of the open folder, as ranges where the server can say so. Never more than the folder has mails."""
    criterion = b"ALL"
    if since is not None or below is not None:
        criterion = b"UID %d:%s" % (since or 1, str(below - 1).encode() if below is not None else b"*")
    if "ESEARCH" in line.capabilities:
        answer = await line.command("UID", b"SEARCH", b"RETURN (ALL)", criterion, seconds=120)
        found = answer.one("ESEARCH") or b""
        words = found.decode("ascii", "replace").split(" ")
        text = next((words[n + 1] for n, word in enumerate(words[:-1]) if word.upper() == "ALL"), "")
    else:
        answer = await line.command("UID", b"SEARCH", criterion, seconds=120)
        lists = [item for item in answer.untagged.get("SEARCH", ()) if isinstance(item, bytes)]
        text = b" ".join(lists).decode("ascii", "replace")
    uids = await read_set(text, min(line.exists + ARRIVING, MAX_MEMBERS), "search")
    # `n:*` names the last mail even where its UID is lower
    return uids.between(since or 1, below - 1 if below is not None else MAX_UID)
