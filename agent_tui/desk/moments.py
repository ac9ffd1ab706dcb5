"""Times as people type and say them: `fri 16:05`, `20 nov`, `in 3 hours`, `tomorrow`, `завтра 9`, `через 2 години`.

Meant in the agent's zone and turned into UTC once. A time that the clock skips in spring is taken an hour later, one
that it shows twice is taken the first time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent_tui.desk.moment_words import by_keys, in_english
from agent_tui.domain.times import Micros, from_datetime, to_datetime

MORNING = time(9, 0)
EVENING = time(18, 0)
DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
MONTHS = {_MONTHS[3 * n : 3 * n + 3]: n + 1 for n in range(12)}
UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


@dataclass(frozen=True, slots=True)
class Preset:
    """A time that is offered; `code` is put into words by the screens."""

    code: str
    at: Micros


class NotAMoment(ValueError):
    """What was typed is no time: `code` is `not_a_time` or `in_the_past`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


def local(moment: Micros, zone: ZoneInfo) -> datetime:
    """A time on the agent's wall."""
    return to_datetime(moment).astimezone(zone)


def _at(day: datetime, clock: time) -> datetime:
    """This clock time on this day, as a moment that exists."""
    wall = day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0, fold=0)
    return wall.astimezone(UTC).astimezone(wall.tzinfo)


def presets(present: Micros, zone: ZoneInfo) -> tuple[Preset, ...]:
    """Later today (in three hours, or this evening), tomorrow, the weekend, next week: what still makes sense now."""
    here = local(present, zone)
    offered = []
    later = here + timedelta(hours=3)
    if later.date() == here.date():
        rounded = later.replace(minute=later.minute // 5 * 5, second=0, microsecond=0)
        offered.append(Preset("later_today", from_datetime(rounded)))
    if here.hour < EVENING.hour - 3:
        offered.append(Preset("this_evening", from_datetime(_at(here, EVENING))))
    offered.append(Preset("tomorrow", from_datetime(_at(here + timedelta(days=1), MORNING))))
    if here.weekday() < 4:
        offered.append(Preset("weekend", from_datetime(_at(_next_day(here, 5), MORNING))))
    offered.append(Preset("next_week", from_datetime(_at(_next_day(here, 0), MORNING))))
    return tuple(offered)


def parse(text: str, present: Micros, zone: ZoneInfo) -> Micros:
    """A typed time, always ahead of now. Raises `NotAMoment`."""
    return readings(text, present, zone)[0]


def readings(text: str, present: Micros, zone: ZoneInfo) -> tuple[Micros, ...]:
    """All that it may mean, the likeliest first: `9.12` is a clock to some and a day to others. Raises `NotAMoment`."""
    lower = " ".join(text.lower().split())
    here = local(present, zone)
    for typed in dict.fromkeys((in_english(lower), by_keys(lower))):
        plain = " ".join(typed.replace(",", " ").split())
        found = [from_datetime(moment) for read in _READERS if (moment := read(plain, here)) is not None]
        if found and max(found) <= present:
            raise NotAMoment("in_the_past", text)
        if found:
            return tuple(dict.fromkeys(at for at in found if at > present))
    raise NotAMoment("not_a_time", text)


def _next_day(here: datetime, weekday: int) -> datetime:
    ahead = (weekday - here.weekday()) % 7 or 7
    return here + timedelta(days=ahead)


def _clock(text: str | None) -> time | None:
    """`9`, `9:30`, `16.05`, `9am`, `4:30 pm`; nine in the morning where nothing was said."""
    if not text:
        return MORNING
    found = re.fullmatch(r"(?:at )?(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?", text.strip())
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] and not 1 <= hour <= 12:
        return None
    if found[3]:
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _ahead(typed: str, here: datetime) -> datetime | None:
    found = re.fullmatch(r"(?:in )?(\d{1,4}) ?(m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?)", typed)
    if not found:
        return None
    return (here.astimezone(UTC) + timedelta(seconds=int(found[1]) * UNITS[found[2][0]])).astimezone(here.tzinfo)


def _named(typed: str, here: datetime) -> datetime | None:
    found = re.fullmatch(r"(today|tonight|tomorrow|day after tomorrow|weekend|next week)(?: (.+))?", typed)
    if not found:
        return None
    clock = EVENING if found[1] == "tonight" and not found[2] else _clock(found[2])
    if clock is None or (found[1] == "today" and not found[2]):
        return None
    day = {
        "today": here,
        "tonight": here,
        "tomorrow": here + timedelta(days=1),
        "day after tomorrow": here + timedelta(days=2),
        "weekend": _next_day(here, 5),
        "next week": _next_day(here, 0),
    }[found[1]]
    return _at(day, clock)


def _weekday(typed: str, here: datetime) -> datetime | None:
    found = re.fullmatch(r"(?:next )?(mon|tue|wed|thu|fri|sat|sun)[a-z]*(?: (.+))?", typed)
    clock = _clock(found[2]) if found else None
    if not found or clock is None:
        return None
    day = DAYS[found[1]]
    today = _at(here, clock)
    if here.weekday() == day and today > here and not typed.startswith("next "):
        return today
    return _at(_next_day(here, day), clock)


def some_day(present: Micros, zone: ZoneInfo) -> str:
    """A day to come, as it may be typed: `5 dec`."""
    day = local(present, zone) + timedelta(days=10)
    return f"{day.day} {next(name for name, number in MONTHS.items() if number == day.month)}"


def _dated(typed: str, here: datetime) -> datetime | None:
    """`20 nov`, `nov 20 16:05`, `20 nov 2027`, `2026-11-20 9:00`, `20.11.`, `20.11 9:00`, `20/11`, `20.11.2026`."""
    months = "|".join(MONTHS)
    for pattern in (
        rf"(?P<d>\d{{1,2}}) (?P<m>{months})[a-z]*(?: (?P<y>\d{{4}}))?(?: (?P<t>.+))?",
        rf"(?P<m>{months})[a-z]* (?P<d>\d{{1,2}})(?: (?P<y>\d{{4}}))?(?: (?P<t>.+))?",
        r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[ t](?P<t>.+))?",
        r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})(?:[./](?P<y>\d{4})?)?(?: (?P<t>.+))?",
    ):
        found = re.fullmatch(pattern, typed)
        if found:
            break
    else:
        return None
    clock = _clock(found["t"])
    if clock is None:
        return None
    month = MONTHS.get(found["m"]) or int(found["m"])
    year = int(found["y"]) if found["y"] else here.year
    try:
        day = here.replace(year=year, month=month, day=int(found["d"]), fold=0)
        moment = _at(day, clock)
        if not found["y"] and moment <= here:
            moment = _at(day.replace(year=year + 1), clock)
    except ValueError:
        return None
    return moment


def _bare_clock(typed: str, here: datetime) -> datetime | None:
    if not re.search(r"[:.]|am|pm", typed):
        return None
    clock = _clock(typed)
    if clock is None:
        return None
    today = _at(here, clock)
    return today if today > here else _at(here + timedelta(days=1), clock)


_READERS: tuple[Callable[[str, datetime], datetime | None], ...] = (_ahead, _named, _weekday, _bare_clock, _dated)
