"""A range is short to write: what a server claims to have costs no more than what it has."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from agent_tui.backends.api import CopyGone, ProtocolError
from agent_tui.backends.imap.cursor import Place, PullCursor
from agent_tui.backends.imap.news import LARGE_CHUNK, Look, changes
from agent_tui.backends.imap.options import ImapOptions, Security
from agent_tui.backends.imap.uidset import MAX_MEMBERS, MAX_UID, UidSet
from tests.backends.imap.helpers import Mirror, make_backend
from tests.servers.scripted import Peer, Scripted, imap_answers

SELECTED = "* {0} EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT {1}] n\r\n"


@pytest.fixture
def claiming() -> Iterator[Callable[[int, str], Scripted]]:
    """Servers that claim so many mails, and to have this set of UIDs."""
    started: list[Scripted] = []

    def start(exists: int, uids: str) -> Scripted:
        def search(peer: Peer, tag: bytes) -> None:
            peer.send(f'* ESEARCH (TAG "{tag.decode()}") UID ALL {uids}\r\n{tag.decode()} OK done\r\n')

        answers = {
            b"SELECT": SELECTED.format(exists, MAX_UID) + "{tag} OK [READ-WRITE] done\r\n",
            b"UID SEARCH": search,
            b"UID FETCH": "{tag} OK done\r\n",
        }
        started.append(Scripted(lambda peer: imap_answers(peer, answers, capabilities="IMAP4rev1 AUTH=PLAIN ESEARCH")))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.mark.parametrize(
    ("exists", "uids"),
    [
        (1, "1:4294967295"),
        (1, "1:50000,70000:70500"),
        (4294967295, "1:4294967295"),
        (30_000_000, "1:30000000"),
        (1, ",".join(str(n) for n in range(1, 40_000, 2))),
    ],
    ids=["one mail", "one mail, some ranges", "as many as can be", "thirty million", "one by one"],
)
async def test_a_set_of_more_mails_than_the_folder_has_is_refused(
    claiming: Callable[[int, str], Scripted], exists: int, uids: str
) -> None:
    server = claiming(exists, uids)
    options = ImapOptions(host="127.0.0.1", port=server.port, security=Security.PLAIN, user="a@example.test", timeout=5)
    backend = make_backend(options, {"password": "x"})
    mirror = Mirror()
    await backend.open()
    try:
        async with asyncio.timeout(10):
            with pytest.raises(ProtocolError) as caught:
                await mirror.pull(backend)
            assert caught.value.parameters["reason"] == "odd_answer"
            # the history trusts no more than the pull does
            await backend.context.remember("history", '{"INBOX": [7, 4294967295]}')
            with pytest.raises(ProtocolError):
                await mirror.history(backend)
    finally:
        await backend.close()
    assert not mirror.changes


async def test_a_few_more_than_counted_may_have_come_meanwhile(claiming: Callable[[int, str], Scripted]) -> None:
    server = claiming(3, "1:5")
    options = ImapOptions(host="127.0.0.1", port=server.port, security=Security.PLAIN, user="a@example.test", timeout=5)
    backend = make_backend(options, {"password": "x"})
    mirror = Mirror()
    await backend.open()
    await mirror.pull(backend)
    await backend.close()
    assert mirror.batches[-1].done


async def test_very_many_that_are_gone_are_never_all_in_memory() -> None:
    known = UidSet([(1, MAX_MEMBERS)])
    place = Place("INBOX", 7, MAX_MEMBERS + 1, 0, known, MAX_MEMBERS + 1, 1)
    stream = changes(Look(MAX_MEMBERS + 1, 9, UidSet(), known), place)
    tracemalloc.start()
    try:
        total, largest = 0, 0
        async for batch in stream:
            assert all(isinstance(change, CopyGone) for change in batch)
            total += len(batch)
            largest = max(largest, len(batch))
            assert len(place.known) == MAX_MEMBERS - total
            if total >= 3 * LARGE_CHUNK:
                break
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert largest <= LARGE_CHUNK
    assert peak < 16 << 20


async def test_all_that_are_gone_are_told_and_the_count_of_changes_comes_with_the_last() -> None:
    known = UidSet([(1, 1203)])
    place = Place("INBOX", 7, 1204, 3, known, 1204, 1)
    seen, modseqs = [], []
    async for batch in changes(Look(1204, 9, UidSet([(1, 2)]), UidSet([(3, 1203)])), place):
        seen += [change.uid for change in batch if isinstance(change, CopyGone)]
        modseqs.append(place.modseq)
    assert seen == list(range(3, 1204))
    assert modseqs == [3, 3, 9]
    assert place.known == UidSet([(1, 2)])


def test_a_cursor_that_knows_more_than_can_be_is_a_beginning() -> None:
    cursor = PullCursor({"INBOX": Place("INBOX", 7, MAX_UID, 0, UidSet([(1, MAX_UID)]), MAX_UID, 1)}, begun=True)
    assert PullCursor.load(cursor.dump()) == PullCursor()
