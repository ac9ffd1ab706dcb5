"""Sets of UIDs as ranges: a mailbox of a hundred thousand mails is often one range."""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

MAX_UID = 2**32 - 1
MAX_MEMBERS = 2_000_000
"""Mails of one folder that we work with. A range costs its sender nothing; who claims more wants our memory."""
HEAVY = 50_000
"""Ranges from which on sets are reckoned aside: other accounts live in the same loop."""
_PART = re.compile(r"([0-9]{1,10})(?::([0-9]{1,10}))?\Z")


class UidSet:
    """Sorted, disjoint, inclusive ranges. Never expanded unless iterated, so `1:4294967295` costs nothing."""

    __slots__ = ("_starts", "_text", "ranges")

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        merged: list[tuple[int, int]] = []
        for low, high in sorted(ranges):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        self.ranges: tuple[tuple[int, int], ...] = tuple(merged)
        self._starts = [low for low, _ in merged]
        self._text: str | None = None

    @classmethod
    def of(cls, uids: Iterable[int]) -> UidSet:
        """From single UIDs."""
        return cls((uid, uid) for uid in uids)

    @classmethod
    def parse(cls, text: str, limit: int = MAX_MEMBERS) -> UidSet:
        """From `1:5,9`. Raises ValueError on anything else, and on more parts than `limit`.

        Reversed ranges are allowed by the protocol.
        """
        if text.count(",") >= max(limit, 1):
            raise ValueError("more parts than there can be mails")
        ranges = []
        for part in text.split(",") if text else ():
            found = _PART.match(part)
            if not found:
                raise ValueError("not a set of UIDs")
            low = int(found[1])
            high = int(found[2]) if found[2] else low
            low, high = min(low, high), max(low, high)
            if low < 1 or high > MAX_UID:
                raise ValueError("not a set of UIDs")
            ranges.append((low, high))
        return cls(ranges)

    def __str__(self) -> str:
        # a cursor is written with every batch, and most batches leave the set as it was
        if self._text is None:
            self._text = ",".join(f"{low}:{high}" if high > low else str(low) for low, high in self.ranges)
        return self._text

    def __repr__(self) -> str:
        return f"UidSet({str(self)!r})"

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UidSet) and self.ranges == other.ranges

    def __hash__(self) -> int:
        return hash(self.ranges)

    def __contains__(self, uid: int) -> bool:
        at = bisect_right(self._starts, uid) - 1
        return at >= 0 and uid <= self.ranges[at][1]

    def __iter__(self) -> Iterator[int]:
        for low, high in self.ranges:
            yield from range(low, high + 1)

    def __or__(self, other: UidSet) -> UidSet:
        return UidSet([*self.ranges, *other.ranges])

    def __and__(self, other: UidSet) -> UidSet:
        found, i, j = [], 0, 0
        while i < len(self.ranges) and j < len(other.ranges):
            low = max(self.ranges[i][0], other.ranges[j][0])
            high = min(self.ranges[i][1], other.ranges[j][1])
            if low <= high:
                found.append((low, high))
            if self.ranges[i][1] < other.ranges[j][1]:
                i += 1
            else:
                j += 1
        return UidSet(found)

    def __sub__(self, other: UidSet) -> UidSet:
        gaps, low = [], 1
        for start, end in other.ranges:
            if start > low:
                gaps.append((low, start - 1))
            low = end + 1
        if low <= MAX_UID:
            gaps.append((low, MAX_UID))
        return self & UidSet(gaps)

    def between(self, low: int, high: int) -> UidSet:
        """Those with low ≤ uid ≤ high."""
        return self & UidSet([(low, high)]) if low <= high else UidSet()

    def newest(self, number: int) -> UidSet:
        """The highest so many."""
        taken: list[tuple[int, int]] = []
        for low, high in reversed(self.ranges):
            if number <= 0:
                break
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
    def lowest(self) -> int:
        """The lowest; the set must not be empty."""
        return self.ranges[0][0]

    @property
    def highest(self) -> int:
        """The highest; the set must not be empty."""
        return self.ranges[-1][1]


async def aside(function: Callable[[], T], weight: int) -> T:
    """Reckon with sets, in a thread where they are large."""
    return await asyncio.to_thread(function) if weight > HEAVY else function()


async def without(uids: UidSet, others: UidSet) -> UidSet:
    """The difference."""
    return await aside(lambda: uids - others, len(uids.ranges) + len(others.ranges))


async def together(uids: UidSet, others: UidSet) -> UidSet:
    """The union."""
    return await aside(lambda: uids | others, len(uids.ranges) + len(others.ranges))
