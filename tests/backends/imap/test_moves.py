"""Where a mail went is believed only of the very mail that lies there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agent_tui.backends.api import MoveChange, RemoteCopy
from agent_tui.backends.imap.options import ImapOptions, Security
from tests.backends.imap.helpers import make_backend
from tests.servers.scripted import Peer, Scripted, imap_answers

OURS, OTHER = (
    "From: Ann <a@c.test>\r\nMessage-ID: <m1@c.test>\r\n\r\n",
    "From: Bo <b@c.test>\r\nMessage-ID: <m2@c.test>\r\n\r\n",
)


def server(copyuid: str, archived: Mapping[int, str], validity: int = 9) -> Scripted:
    """Moves UID 3 of INBOX, says this of it, and holds these mails in the archive."""

    def script(peer: Peer) -> None:
        opened = [""]

        def select(peer: Peer, tag: bytes) -> None:
            opened[0] = "Archive" if b"Archive" in peer.owner.lines[-1] else "INBOX"
            number = validity if opened[0] == "Archive" else 7
            peer.send(f"* 1 EXISTS\r\n* OK [UIDVALIDITY {number}] v\r\n* OK [UIDNEXT 99] n\r\n".encode() + tag)
            peer.send(" OK [READ-WRITE] done\r\n")

        def fetch(peer: Peer, tag: bytes) -> None:
            for uid, head in (archived if opened[0] == "Archive" else {3: OURS}).items():
                fields = f"BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)] {{{len(head)}}}\r\n{head}"
                peer.send(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(head)} {fields})\r\n")
            peer.send(tag + b" OK done\r\n")

        answers = {
            b"SELECT": select,
            b"UID FETCH": fetch,
            b"UID MOVE": f"* OK [COPYUID {copyuid}] moved\r\n{{tag}} OK done\r\n",
            b"UID SEARCH": "* SEARCH\r\n{tag} OK done\r\n",
            b"LIST": '* LIST () "/" "INBOX"\r\n* LIST () "/" "Archive"\r\n{tag} OK done\r\n',
        }
        imap_answers(peer, answers, capabilities="IMAP4rev1 AUTH=PLAIN MOVE UIDPLUS")

    return Scripted(script)


@pytest.mark.parametrize(
    ("copyuid", "archived", "believed"),
    [
        ("9 3 50", {50: OURS}, True),
        ("9 3 51", {51: OTHER}, False),
        ("9 3 51", {}, False),
        ("9 3 51", {51: ""}, False),
        ("8 3 50", {50: OURS}, False),
        ("0 3 50", {50: OURS}, False),
        ("99999999999 3 50", {50: OURS}, False),
        ("9 3 50:51", {50: OURS, 51: OURS}, False),
        ("9 4 50", {50: OURS}, False),
        ("9 3,4 50,50", {50: OURS}, False),
        ("9 3 4294967296", {50: OURS}, False),
    ],
)
async def test_copyuid_is_proven(copyuid: str, archived: Mapping[int, str], believed: bool) -> None:
    with server(copyuid, archived) as one:
        backend = make_backend(
            ImapOptions(
                host="127.0.0.1",
                port=one.port,
                security=Security.PLAIN,
                user="a@example.test",
                timeout=5,
                archive_folder="Archive",
            ),
            {"password": "x"},
        )
        await backend.open()
        ((old, new),) = await backend.move(MoveChange([RemoteCopy("INBOX", 7, 3)], "archive"))
        await backend.close()
    assert old == RemoteCopy("INBOX", 7, 3)
    assert new == (RemoteCopy("Archive", 9, 50) if believed else None)
