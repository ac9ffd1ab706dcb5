"""Sets of UIDs as ranges: a mailbox of a hundred thousand mails is often one range."""

from __future__ import annotations

import asyncio
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from typing import TypeVar, overload

T = TypeVar("T")

MAX_UID = 2**32 - 1
MAX_MEMBERS = 2_000_000
"""Mails of one folder that we work with. A range costs its sender nothing; who claims more wants our memory."""
HEAVY = 50_000
"""Ranges from which on sets are reckoned aside: other accounts live in the same loop."""
BLOCK = 4096
"""Ranges that are compared, sorted or written at once: no step keeps the interpreter to itself for long."""
_PART = re.compile(r"([0-9]{1,10})(?::([0-9]{1,10}))?\Z")


class Ranges(Sequence[tuple[int, int]]):
    """The ranges of a set, looked at rather than copied."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, starts: array[int], ends: array[int]) -> None:
        self._starts, self._ends = starts, ends

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._starts, self._ends, strict=True)

    @overload
    def __getitem__(self, at: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, at: slice) -> Ranges: ...
    def __getitem__(self, at: int | slice) -> tuple[int, int] | Ranges:
        if isinstance(at, slice):
            return Ranges(self._starts[at], self._ends[at])
        return self._starts[at], self._ends[at]


class UidSet:
    """Sorted, disjoint, inclusive ranges. Never expanded unless iterated, so `1:4294967295` costs nothing.

    Where every other UID is gone each mail is a range of its own: kept as numbers of four bytes, two million of
    them take 16 MB, as pairs they would take 300.
    """

    __slots__ = ("_ends", "_size", "_starts", "_text")

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._starts, self._ends = array("I"), array("I")
        self._size = -1
        self._text: str | None = None
        for low, high in sorted(ranges):
            self._add(low, high)

    def _add(self, low: int, high: int) -> None:
        """One that begins no lower than the last one does."""
        if self._ends and low <= self._ends[-1] + 1:
            self._ends[-1] = max(self._ends[-1], high)
        else:
            self._starts.append(low)
            self._ends.append(high)

    def _take(self, other: UidSet, start: int, end: int) -> None:
        """So many ranges of another set, which stand apart from what is here."""
        self._starts += other._starts[start:end]
        self._ends += other._ends[start:end]

    @classmethod
    def of(cls, uids: Iterable[int]) -> UidSet:
        """From single UIDs."""
        return cls((uid, uid) for uid in uids)

    @classmethod
    def parse(cls, text: str, *, keep: bool = False) -> UidSet:
        """From `1:5,9`. Raises ValueError on anything else, and on more parts than there can be mails.

        Reversed ranges are allowed by the protocol. With `keep` the text is kept for when it is asked for again.
        """
        if text.count(",") >= MAX_MEMBERS:
            raise ValueError("more parts than there can be mails")
        made = cls()
        starts, ends = _read_parts(text) if text else (array("I"), array("I"))
        blocks = range(0, len(starts), BLOCK)
        if all(_in_order(starts[n : n + BLOCK + 1], ends[n : n + BLOCK], apart=True) for n in blocks):
            made._starts, made._ends, made._text = starts, ends, text if keep else None
        elif all(_in_order(starts[n : n + BLOCK + 1], starts[n : n + BLOCK]) for n in blocks):
            for low, high in zip(starts, ends, strict=True):
                made._add(low, high)
        else:
            packed = (sorted(_packed(starts[n : n + BLOCK], ends[n : n + BLOCK])) for n in blocks)
            for pair in merge(*packed):
                made._add(pair >> 32, pair & MAX_UID)
        return made

    def __str__(self) -> str:
        # a cursor is written with every batch, and most batches leave the set as it was
        if self._text is None:
            blocks = range(0, len(self._starts), BLOCK)
            self._text = ",".join(",".join(_shown(*pair) for pair in self.ranges[n : n + BLOCK]) for n in blocks)
        return self._text

    def __repr__(self) -> str:
        return f"UidSet({str(self)!r})"

    def __len__(self) -> int:
        if self._size < 0:
            self._size = sum(self._ends) - sum(self._starts) + len(self._starts)
        return self._size

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UidSet) and self._starts == other._starts and self._ends == other._ends

    def __hash__(self) -> int:
        return hash((self._starts.tobytes(), self._ends.tobytes()))

    def __contains__(self, uid: int) -> bool:
        at = bisect_right(self._starts, uid) - 1
        return at >= 0 and uid <= self._ends[at]

    def __iter__(self) -> Iterator[int]:
        for low, high in self.ranges:
            yield from range(low, high + 1)

    def __or__(self, other: UidSet) -> UidSet:
        small, large = sorted((self, other), key=lambda one: len(one._starts))
        if not small:
            return large
        made, at = UidSet(), 0
        for low, high in small.ranges:
            first = bisect_left(large._ends, low - 1, at)
            made._take(large, at, first)
            at = bisect_right(large._starts, high + 1, first)
            if at > first:
                made._add(min(low, large._starts[first]), max(high, large._ends[at - 1]))
            else:
                made._add(low, high)
        made._take(large, at, len(large._starts))
        made._text = _lengthened(large, made)
        return made

    def __and__(self, other: UidSet) -> UidSet:
        made, i, j = UidSet(), 0, 0
        while i < len(self._starts) and j < len(other._starts):
            if _agree(self, i, other, j):
                made._take(self, i, i + BLOCK)
                i, j = i + BLOCK, j + BLOCK
            elif self._ends[i] < other._starts[j]:
                i = bisect_left(self._ends, other._starts[j], i)
            elif other._ends[j] < self._starts[i]:
                j = bisect_left(other._ends, self._starts[i], j)
            elif self._ends[i] <= other._ends[j]:
                made._add(max(self._starts[i], other._starts[j]), self._ends[i])
                within = bisect_right(self._ends, other._ends[j], i)
                made._take(self, i + 1, within)
                i = within
            else:
                made._add(max(self._starts[i], other._starts[j]), other._ends[j])
                within = bisect_right(other._ends, self._ends[i], j)
                made._take(other, j + 1, within)
                j = within
        return made

    def __sub__(self, other: UidSet) -> UidSet:
        if not other:
            return self
        made, i, j = UidSet(), 0, 0
        while i < len(self._starts):
            if _agree(self, i, other, j):
                i, j = i + BLOCK, j + BLOCK
                continue
            low, high = self._starts[i], self._ends[i]
            j = bisect_left(other._ends, low, j)
            untouched = bisect_left(self._ends, other._starts[j], i) if j < len(other._starts) else len(self._starts)
            if untouched > i:
                made._take(self, i, untouched)
                i = untouched
                continue
            while low <= high and j < len(other._starts) and other._starts[j] <= high:
                if other._starts[j] > low:
                    made._add(low, other._starts[j] - 1)
                low = other._ends[j] + 1
                if low <= high:
                    j += 1
            if low <= high:
                made._add(low, high)
            i += 1
        return made

    def between(self, low: int, high: int) -> UidSet:
        """Those with low ≤ uid ≤ high."""
        if self._starts and low <= self._starts[0] and self._ends[-1] <= high:
            return self
        low, high = max(low, 1), min(high, MAX_UID)
        return self & UidSet([(low, high)]) if low <= high else UidSet()

    def newest(self, number: int) -> UidSet:
        """The highest so many."""
        taken: list[tuple[int, int]] = []
        ranges = self.ranges
        for at in range(len(ranges) - 1, -1, -1):
            if number <= 0:
                break
            low, high = ranges[at]
            start = max(low, high - number + 1)
            taken.append((start, high))
            number -= high - start + 1
        return UidSet(taken)

    def oldest(self, number: int) -> UidSet:
        """The lowest so many."""
        taken: list[tuple[int, int]] = []
        for low, high in self.ranges:
            if number <= 0:
                break
            end = min(high, low + number - 1)
            taken.append((low, end))
            number -= end - low + 1
        return UidSet(taken)

    @property
    def ranges(self) -> Ranges:
        """What it is made of."""
        return Ranges(self._starts, self._ends)

    @property
    def lowest(self) -> int:
        """The lowest; the set must not be empty."""
        return self._starts[0]

    @property
    def highest(self) -> int:
        """The highest; the set must not be empty."""
        return self._ends[-1]


NONE = UidSet()


def _shown(low: int, high: int) -> str:
    return f"{low}:{high}" if high > low else str(low)


def _read_parts(text: str) -> tuple[array[int], array[int]]:
    """Where each part of a set begins and ends, as they stand."""
    starts, ends = array("I"), array("I")
    at = 0
    while at <= len(text):
        stop = text.find(",", at + 16 * BLOCK)
        stop = len(text) if stop < 0 else stop
        parts = text[at:stop].split(",")
        at = stop + 1
        digits = "".join(parts)
        if all(parts) and digits.isascii() and digits.isdigit():
            lows = highs = list(map(int, parts))
        else:
            lows, highs = _read_ranges(parts)
        if min(lows) < 1 or max(highs) > MAX_UID:
            raise ValueError("not a set of UIDs")
        starts.extend(lows)
        ends.extend(highs)
    return starts, ends


def _read_ranges(parts: Sequence[str]) -> tuple[list[int], list[int]]:
    lows, highs = [], []
    for part in parts:
        found = _PART.match(part)
        if not found:
            raise ValueError("not a set of UIDs")
        low = int(found[1])
        high = int(found[2]) if found[2] else low
        lows.append(min(low, high))
        highs.append(max(low, high))
    return lows, highs


def _in_order(starts: array[int], ends: array[int], *, apart: bool = False) -> bool:
    """Each begins no lower than the one before it, or behind its end with a gap between them."""
    if apart:
        return all(end + 1 < start for end, start in zip(ends, starts[1:], strict=False))
    return all(before <= start for before, start in zip(ends, starts[1:], strict=False))


def _packed(starts: array[int], ends: array[int]) -> Iterable[int]:
    return (low << 32 | high for low, high in zip(starts, ends, strict=True))


def _agree(one: UidSet, i: int, other: UidSet, j: int) -> bool:
    """The next many ranges are the same in both, as they are nearly everywhere between two looks into a folder."""
    return (
        i + BLOCK <= len(one._starts)
        and j + BLOCK <= len(other._starts)
        and one._starts[i] == other._starts[j]
        and one._starts[i + BLOCK - 1] == other._starts[j + BLOCK - 1]
        and one._starts[i : i + BLOCK] == other._starts[j : j + BLOCK]
        and one._ends[i : i + BLOCK] == other._ends[j : j + BLOCK]
    )


def _lengthened(before: UidSet, made: UidSet) -> str | None:
    """The text of a set that only grew at its end: all but its last range stands there already."""
    last = len(before._starts) - 1
    if before._text is None or not BLOCK <= len(before._starts) <= len(made._starts):
        return None
    if made._starts[: last + 1] != before._starts or made._ends[:last] != before._ends[:last]:
        return None
    head = before._text.rpartition(",")[0]
    return ",".join([head, *(_shown(*pair) for pair in made.ranges[last:])])


async def aside(function: Callable[[], T], weight: int) -> T:
    """Reckon with sets, in a thread where they are large."""
    return await asyncio.to_thread(function) if weight > HEAVY else function()


async def without(uids: UidSet, others: UidSet) -> UidSet:
    """The difference."""
    return await aside(lambda: _written_as(uids, uids - others), len(uids.ranges) + len(others.ranges))


async def together(uids: UidSet, others: UidSet) -> UidSet:
    """The union."""
    return await aside(lambda: _written_as(uids, uids | others), len(uids.ranges) + len(others.ranges))


def _written_as(uids: UidSet, made: UidSet) -> UidSet:
    """What is made of a set that was written will be written too: it is better done here than in the loop of all."""
    if uids._text is not None:
        str(made)
    return made
