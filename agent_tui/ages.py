"""Times as people say them: `12m`, `2h`, `Fri 16:05`, `20 Nov`, `20 Nov 2024`.

The zone is state of the module, as the language is in `words`: a time is told far from where the settings are read.
"""

from __future__ import annotations

from datetime import datetime, tzinfo

from agent_tui.domain.times import DAY, HOUR, MINUTE, Micros, now, to_datetime
from agent_tui.words import _, pgettext

_in_use: list[tzinfo] = []


def use(zone: tzinfo | None) -> None:
    """From the next time on they are told in this zone: the one that typed times are meant in. None: the machine's."""
    _in_use[:] = [zone] if zone is not None else []


def local(moment: Micros) -> datetime:
    """The moment in the agent's own zone."""
    return to_datetime(moment).astimezone(_in_use[0] if _in_use else None)


def age(moment: Micros, at: Micros | None = None) -> str:
    """How long ago, in at most four or five cells: `now`, `12m`, `2h`, `6d`, `20 Nov`, `2024`."""
    at = now() if at is None else at
    gone = at - moment
    if gone < MINUTE:
        return pgettext("age", "now")
    if gone < HOUR:
        return f"{gone // MINUTE}m"
    if gone < DAY:
        return f"{gone // HOUR}h"
    if gone < 7 * DAY:
        return f"{gone // DAY}d"
    if gone < 60 * DAY:
        return f"{gone // (7 * DAY)}w"
    if gone < 365 * DAY:
        return f"{gone // (30 * DAY)}mo"
    return f"{gone // (365 * DAY)}y"


def until(moment: Micros, present: Micros | None = None) -> str:
    """A time ahead, short: `16:05`, `Fri`, `20 Nov`."""
    then, today = local(moment), local(now() if present is None else present)
    days = (then.date() - today.date()).days
    if days <= 0:
        return f"{then:%H:%M}"
    if days < 7:
        return weekday(then)
    return f"{then.day} {month(then)}"


def moment(at: Micros, present: Micros | None = None) -> str:
    """A point in time, as near as it matters: `14:20`, `Fri 16:05`, `20 Nov 16:05`, `20 Nov 2024`."""
    then, today = local(at), local(now() if present is None else present)
    days = (today.date() - then.date()).days
    clock = f"{then:%H:%M}"
    if days == 0:
        return clock
    if -7 < days < 7:
        return f"{weekday(then)} {clock}"
    if then.year == today.year:
        return f"{then.day} {month(then)} {clock}"
    return f"{then.day} {month(then)} {then.year}"


def next_try(at: Micros, present: Micros) -> str:
    """When something is tried again. `now` is said when it is due alone: the line is drawn anew on the minute."""
    if at <= present:
        return _("now")
    return _("within a minute") if at // MINUTE == present // MINUTE else moment(at, present)


def date(at: Micros, present: Micros | None = None) -> str:
    """A day, short: `20 Nov`, `20 Nov 2024`."""
    then, today = local(at), local(now() if present is None else present)
    short = f"{then.day} {month(then)}"
    return short if then.year == today.year else f"{short} {then.year}"


def exact(at: Micros) -> str:
    """A point in time whole: `2026-11-20 16:05:31 +0200`."""
    return f"{local(at):%Y-%m-%d %H:%M:%S %z}"


def day(at: Micros, present: Micros | None = None) -> str:
    """The day of a day line: `Today`, `Tomorrow`, `Friday 20 November`, `20 November 2024`."""
    then, today = local(at), local(now() if present is None else present)
    days = (today.date() - then.date()).days
    if days == 0:
        return _("Today")
    if abs(days) == 1:
        return _("Yesterday") if days > 0 else _("Tomorrow")
    full = _months_full()[then.month - 1]
    if then.year == today.year:
        return f"{_weekdays_full()[then.weekday()]} {then.day} {full}"
    return f"{then.day} {full} {then.year}"


def weekday(then: datetime) -> str:
    """`Fri`."""
    short = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return short[then.weekday()]


def month(then: datetime) -> str:
    """`Nov`."""
    short = (
        _("Jan"),
        _("Feb"),
        _("Mar"),
        _("Apr"),
        pgettext("short month", "May"),
        _("Jun"),
        _("Jul"),
        _("Aug"),
        _("Sep"),
        _("Oct"),
        _("Nov"),
        _("Dec"),
    )
    return short[then.month - 1]


def _months_full() -> tuple[str, ...]:
    return (
        _("January"),
        _("February"),
        _("March"),
        _("April"),
        _("May"),
        _("June"),
        _("July"),
        _("August"),
        _("September"),
        _("October"),
        _("November"),
        _("December"),
    )


def _weekdays_full() -> tuple[str, ...]:
    return (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )


def size(count: int) -> str:
    """Bytes as people say them: `84 kB`, `1.2 MB`."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"
