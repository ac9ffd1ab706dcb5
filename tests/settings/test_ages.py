"""Times as people say them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from agent_tui import ages
from agent_tui.domain.times import DAY, HOUR, MINUTE, SECOND, Micros, from_datetime, iso

NOW = from_datetime(datetime(2026, 11, 20, 16, 40, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    time.tzset()
    yield
    monkeypatch.setenv("TZ", "UTC")  # some tests here go elsewhere, and the process stays there
    time.tzset()


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (-5 * MINUTE, "now"),
        (59 * SECOND, "now"),
        (12 * MINUTE, "12m"),
        (2 * HOUR, "2h"),
        (6 * DAY, "6d"),
        (20 * DAY, "2w"),
        (100 * DAY, "3mo"),
        (800 * DAY, "2y"),
    ],
)
def test_age(ago: int, said: str) -> None:
    assert ages.age(Micros(NOW - ago), NOW) == said
    assert len(said) <= 4


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 20, 14, 20, tzinfo=UTC), "14:20"),
        (datetime(2026, 11, 15, 16, 5, tzinfo=UTC), "Sun 16:05"),
        (datetime(2026, 11, 13, 16, 5, tzinfo=UTC), "13 Nov 16:05"),
        (datetime(2024, 11, 20, 16, 5, tzinfo=UTC), "20 Nov 2024"),
        (datetime(2026, 11, 23, 9, 0, tzinfo=UTC), "Mon 09:00"),
    ],
)
def test_moment(at: datetime, said: str) -> None:
    assert ages.moment(from_datetime(at), NOW) == said


def test_days() -> None:
    assert ages.day(NOW, NOW) == "Today"
    assert ages.day(Micros(NOW - DAY), NOW) == "Yesterday"
    assert ages.day(Micros(NOW - 7 * DAY), NOW) == "Friday 13 November"
    assert ages.day(Micros(NOW - 400 * DAY), NOW) == "16 October 2025"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("at", [9_000_000_000_000 * SECOND, 2**63 - 1, -(2**63), 10**30])
def test_a_time_that_no_calendar_can_show_is_told_as_the_farthest(
    at: int, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    year = "9999" if at > 0 else "1"
    for said in (ages.moment(Micros(at), NOW), ages.date(Micros(at), NOW), ages.day(Micros(at), NOW)):
        assert said.endswith(f" {year}")
    assert ages.until(Micros(at), NOW)
    assert ages.exact(Micros(at)).startswith(year)
    assert iso(Micros(at)).startswith(year.zfill(4))
    assert ages.age(Micros(at), NOW)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_zone_that_was_chosen_goes_before_the_machines(zone: str) -> None:
    ages.use(ZoneInfo(zone))
    there = datetime.fromtimestamp(NOW / SECOND, ZoneInfo(zone))
    assert ages.exact(NOW) == f"{there:%Y-%m-%d %H:%M:%S %z}"
    assert ages.moment(NOW, NOW) == f"{there:%H:%M}"
    assert ages.moment(Micros(2**63 - 1), NOW).endswith(" 9999")
    assert ages.moment(Micros(-(2**63)), NOW)
    ages.use(None)
    assert ages.moment(NOW, NOW) == "16:40"


def test_until_and_size() -> None:
    assert ages.until(Micros(NOW + HOUR), NOW) == "17:40"
    assert ages.until(Micros(NOW + 3 * DAY), NOW) == "Mon"
    assert ages.until(Micros(NOW + 30 * DAY), NOW) == "20 Dec"
    assert [ages.size(n) for n in (12, 84_000, 1_200_000)] == ["12 B", "84 kB", "1.2 MB"]
