"""Times are integers: microseconds since 1970 in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NewType

Micros = NewType("Micros", int)
"""Microseconds since 1970-01-01T00:00:00Z."""

NEVER = Micros(0)
"""A time that has not come."""

FARTHEST, EARLIEST = Micros(253_402_128_000_000_000), Micros(-62_135_424_000_000_000)
"""30 December 9999 and 3 January of the year 1: what every zone's calendar can show."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now() -> Micros:
    """The present, by the system's clock."""
    return Micros(time.time_ns() // 1000)


def from_datetime(moment: datetime) -> Micros:
    """Microseconds of an aware datetime; a naive one is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return Micros(int(moment.timestamp() * SECOND))


def to_datetime(moment: Micros) -> datetime:
    """The aware UTC datetime of a time; the farthest there is of one that no calendar can show."""
    return datetime.fromtimestamp(max(EARLIEST, min(moment, FARTHEST)) / SECOND, UTC)


def iso(moment: Micros) -> str:
    """ISO 8601 in UTC, as the command line prints it."""
    return to_datetime(moment).isoformat(timespec="seconds").replace("+00:00", "Z")
