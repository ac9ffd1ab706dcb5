"""A range is short to write: what a server claims to have costs no more than what it has."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from agent_tui.backends.api import CopyGone, ProtocolError
from agent_tui.backends.imap import uidset
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
    stream = changes(Look(MAX_MEMBERS + 1, 9, known), place)
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
    async for batch in changes(Look(1204, 9, UidSet([(3, 1203)])), place):
        seen += [change.uid for change in batch if isinstance(change, CopyGone)]
        modseqs.append(place.modseq)
    assert seen == list(range(3, 1204))
    assert modseqs == [3, 3, 9]
    assert place.known == UidSet([(1, 2)])


def test_a_cursor_that_knows_more_than_can_be_is_a_beginning() -> None:
    cursor = PullCursor({"INBOX": Place("INBOX", 7, MAX_UID, 0, UidSet([(1, MAX_UID)]), MAX_UID, 1)}, begun=True)
    assert PullCursor.load(cursor.dump()) == PullCursor()


SPARSE = 1_000_000
"""Mails of which every other UID is gone: each is a range of its own."""


@pytest.fixture(scope="module")
def sparse() -> UidSet:
    """The worst that a folder can be."""
    return UidSet.parse(",".join(map(str, range(1, 2 * SPARSE, 2))), keep=True)


def test_a_sparse_set_costs_what_its_numbers_cost() -> None:
    text = ",".join(map(str, range(1, 200_000, 2)))
    tracemalloc.start()
    try:
        uids = UidSet.parse(text)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(uids) == len(uids.ranges) == 100_000
    assert kept < 1_300_000
    assert peak < 3_000_000


def test_a_sparse_set_that_grows_by_one_is_not_written_anew(sparse: UidSet, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[int] = []

    def show(low: int, high: int) -> str:
        shown.append(low)
        return str(low)

    monkeypatch.setattr(uidset, "_shown", show)
    grown = str(sparse | UidSet.of([2 * SPARSE + 1]))
    assert grown.endswith(f",{2 * SPARSE - 1},{2 * SPARSE + 1}")
    assert grown.startswith(str(sparse))
    assert shown == [2 * SPARSE - 1, 2 * SPARSE + 1]


def test_what_two_looks_have_in_common_is_not_gone_through_one_by_one(
    sparse: UidSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    add = UidSet._add

    def count(self: UidSet, low: int, high: int) -> None:
        steps.append(low)
        add(self, low, high)

    monkeypatch.setattr(UidSet, "_add", count)
    seen = sparse - UidSet.of([1001])
    assert list(sparse - seen) == [1001]
    assert len(sparse & seen) == SPARSE - 1
    assert len(steps) < 10 * uidset.BLOCK


@pytest.mark.parametrize("block", [2, 3, 5])
def test_sets_behave_as_sets_wherever_a_block_ends(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uidset, "BLOCK", block)
    chance = random.Random(block)
    for _ in range(500):
        most = chance.choice([5, 12, 40])
        one = {chance.randint(1, most) for _ in range(chance.randint(0, most))}
        other = one ^ {chance.randint(1, most + 3) for _ in range(chance.randint(0, 4))}
        a, b = UidSet.parse(str(UidSet.of(one)), keep=True), UidSet.of(other)
        for found, wanted in ((a | b, one | other), (a & b, one & other), (a - b, one - other), (b - a, other - one)):
            assert list(found) == sorted(wanted)
            assert str(found) == str(UidSet.of(wanted))
        parts = [
            chance.choice([str(uid), f"{uid}:{uid + 2}", f"{uid + 2}:{uid}"]) for uid in chance.sample([*one], len(one))
        ]
        named = {
            uid + more
            for uid, part in zip(map(_low, parts), parts, strict=True)
            for more in range(3 if ":" in part else 1)
        }
        assert list(UidSet.parse(",".join(parts))) == sorted(named)


def _low(part: str) -> int:
    return min(map(int, part.split(":")))
