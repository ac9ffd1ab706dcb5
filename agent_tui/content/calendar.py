"""Invitations: what a calendar part says, as lines of text that stand in the message.

They are written once, when the mail is read, so they are searched and quoted as any other text; like all that the
text of a message says for what has no words (`[image]`), they are in English. A time is told in the zone of this
machine and in the one that its author meant, each by its name, so it stays true wherever it is read (RFC 5545, 5546).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from agent_tui.content.charsets import decode
from agent_tui.content.safe import safe
from agent_tui.content.tree import Part, Tree
from agent_tui.domain.text import NOTHING, SafeText

_CAP: Final = 200_000
_EVENTS_CAP: Final = 5
_PEOPLE_CAP: Final = 8
_DESCRIPTION_CAP: Final = 8_000
_RAW_CAP: Final = 4_000
"""Characters of a calendar that cannot be read, shown as it came."""
_CALENDARS: Final = frozenset({"text/calendar", "application/ics"})
_KINDS: Final = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "Another time is proposed",
    "DECLINECOUNTER": "The other time is declined",
    "REFRESH": "Asks for the invitation once more",
    "ADD": "One more date",
}
_ANSWERS: Final = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "accepted tentatively",
    "DELEGATED": "handed on to somebody else",
    "COMPLETED": "done",
    "IN-PROCESS": "in work",
}
_UNITS: Final = {
    "SECONDLY": ("every second", "seconds"),
    "MINUTELY": ("every minute", "minutes"),
    "HOURLY": ("hourly", "hours"),
    "DAILY": ("daily", "days"),
    "WEEKLY": ("weekly", "weeks"),
    "MONTHLY": ("monthly", "months"),
    "YEARLY": ("yearly", "years"),
}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def read_calendar(raw: bytes, tree: Tree, said: str = "", zone: tzinfo | None = None) -> SafeText:
    """What the first calendar in a mail says; empty where there is none.

    `said` is the text of the mail: a description that stands in it already is not told twice. `zone` is the one that
    times are told in first; without it, that of the machine. What cannot be read is given as it came, unless it is
    a file beside a text.
    """
    for part in tree.root.walk():
        if part.kind in _CALENDARS and not part.within("message/rfc822"):
            source = decode(part.content(raw, _CAP), part.type.parameters.get("charset", "utf-8"))
            found = calendar_text(source, said, zone)
            if not found and not (said.strip() and _is_file(part)):
                found = safe(source.strip()[:_RAW_CAP])
            if found:
                return found
    return NOTHING


def _is_file(part: Part) -> bool:
    return part.headers.parametered("content-disposition").value == "attachment"


def calendar_text(source: str, said: str = "", zone: tzinfo | None = None) -> SafeText:
    """What one calendar says; empty where its reader cannot read it, or nothing happens in it."""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(source)
        events = [entry for entry in calendar.walk() if entry.name in {"VEVENT", "VTODO"}]
        method = _one(calendar.get("METHOD")).upper()
        told = ["\n".join(_entry(event, method, said, zone)) for event in events[:_EVENTS_CAP]]
    except Exception:  # a calendar that its own reader cannot read is shown as it came
        return NOTHING
    if len(events) > _EVENTS_CAP:
        told.append(f"… and {len(events) - _EVENTS_CAP} more entries")
    return safe("\n\n".join(told))


def _entry(event: Any, method: str, said: str, zone: tzinfo | None) -> list[str]:
    """The lines of one event or task."""
    title = _one(event.get("SUMMARY"))
    lines = [": ".join(filter(None, (_kind(event, method), title)))]
    when = _when(event, zone)
    lines += [f"When: {when}"] if when else []
    lines += _repeats(event, zone)
    where = _one(event.get("LOCATION"))
    lines += [f"Where: {where}"] if where else []
    organiser = _person(event.get("ORGANIZER"))
    lines += [f"Organiser: {organiser}"] if organiser else []
    lines += _people(event, method)
    description = str(safe(str(event.get("DESCRIPTION") or ""))).strip()
    if description and " ".join(description.split()) not in " ".join(said.split()):
        cut = description if len(description) <= _DESCRIPTION_CAP else f"{description[:_DESCRIPTION_CAP]}…"
        lines += ["", cut]
    return lines


def _kind(event: Any, method: str) -> str:
    """What it is sent for."""
    kind = _KINDS.get(method, "Calendar entry")
    if method not in {"CANCEL", "REPLY"} and _one(event.get("STATUS")).upper() == "CANCELLED":
        return "Cancelled"
    changed = method == "REQUEST" and _one(event.get("SEQUENCE")) not in {"", "0"}
    single = event.get("RECURRENCE-ID") is not None
    return kind + (", changed" if changed else "") + (", one date of a series" if single else "")


# When


def _when(event: Any, zone: tzinfo | None) -> str:
    start, end = _moment(event, "DTSTART"), _moment(event, "DTEND") or _moment(event, "DUE")
    if end is None and event.get("DURATION") is not None and isinstance(start, date):
        end = start + _span(event)
    if start is None:
        if end is None:
            return ""
        return "until " + (_span_of(end, None, zone) if isinstance(end, datetime) else _any(end))
    return _span_of(start, end, zone)


def _span(event: Any) -> timedelta:
    try:
        value = event["DURATION"].dt
    except Exception:  # the reader's own error of a value that it could not read
        return timedelta()
    return value if isinstance(value, timedelta) else timedelta()


def _moment(event: Any, name: str) -> date | str | None:
    """A day, a time with or without a zone, or the words of what is neither."""
    value = event.get(name)
    if value is None:
        return None
    try:
        found = value.dt
    except Exception:  # the reader's own error of a value that it could not read
        return _one(value)
    if isinstance(found, datetime) and found.tzinfo is None and (named := _zone_named(value)):
        return f"{_day(found)}, {found:%H:%M} {named}"
    return found if isinstance(found, date) else _one(value)


def _zone_named(value: Any) -> str:
    """The zone it names, which nobody here knows."""
    return _one(value.params.get("TZID"))


def _span_of(start: date | str, end: date | str | None, zone: tzinfo | None) -> str:
    if isinstance(start, datetime) and (end is None or isinstance(end, datetime)):
        if start.tzinfo is None or (end is not None and end.tzinfo is None):
            return f"{_hours(start, end)} (no time zone told)"
        ours = start.astimezone(zone)
        told = f"{_hours(ours, end.astimezone(zone) if end else None)} {_named(ours)}"
        if start.utcoffset() == ours.utcoffset():
            return told
        theirs = _hours(start, end.astimezone(start.tzinfo) if end else None, beside=ours)
        return f"{told} ({theirs} {_named(start)})"
    if isinstance(start, str) or isinstance(end, str) or isinstance(start, datetime) or isinstance(end, datetime):
        return " – ".join(_any(value) for value in (start, end) if value)
    last = end - timedelta(days=1) if end is not None and end > start else start  # DTEND is the day behind
    return f"{_day(start)}, all day" if last <= start else f"{_day(start)} – {_day(last)}, all day"


def _any(value: date | str) -> str:
    if isinstance(value, datetime):
        return f"{_day(value)}, {value:%H:%M} {_named(value)}".rstrip()
    return value if isinstance(value, str) else _day(value)


def _hours(start: datetime, end: datetime | None, beside: datetime | None = None) -> str:
    """From when to when; the day is left out where it is that of the time it stands beside."""
    first = (
        f"{start:%H:%M}" if beside is not None and start.date() == beside.date() else f"{_day(start)}, {start:%H:%M}"
    )
    if end is None or end == start:
        return first
    return f"{first}–{end:%H:%M}" if end.date() == start.date() else f"{first} – {_day(end)}, {end:%H:%M}"


def _day(value: date) -> str:
    return f"{_DAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]} {value.year}"


def _named(value: datetime) -> str:
    """The zone by its short name, or by its distance where it has none."""
    name = value.tzname() or ""
    if not name or name[0] in "+-":
        offset = value.utcoffset()
        return f"UTC{name}" if name else "UTC" if not offset else f"UTC{value:%z}"
    return _one(name)


def _repeats(event: Any, zone: tzinfo | None) -> list[str]:
    rule = event.get("RRULE")
    if not rule:
        return []
    try:
        if isinstance(rule, list):
            rule = rule[0]
        often, unit = _UNITS[str(rule["FREQ"][0]).upper()]
        step = int(next(iter(rule.get("INTERVAL", [1]))))
        said = f"Repeats {often}" if step == 1 else f"Repeats every {step} {unit}"
        days = [_weekday(str(day)) for day in rule.get("BYDAY", [])]
        said += f" on {', '.join(days[:7])}" if days else ""
        for until in rule.get("UNTIL", [])[:1]:
            aware = isinstance(until, datetime) and until.tzinfo is not None
            said += f", until {_day(until.astimezone(zone) if aware else until)}"
        for count in rule.get("COUNT", [])[:1]:
            said += f", {int(count)} times"
        return [said]
    except Exception:  # a rule without sense repeats all the same
        return ["Repeats"]


def _weekday(code: str) -> str:
    """`MO`, or `-1FR`: the last Friday."""
    name = {day[:2].upper(): day for day in _DAYS}[code[-2:].upper()]
    number = code[:-2].lstrip("+")
    if not number:
        return name
    return f"the last {name}" if number == "-1" else f"{name} no. {int(number)}"


# Who


def _people(event: Any, method: str) -> list[str]:
    found = event.get("ATTENDEE") or []
    people = found if isinstance(found, list) else [found]
    if method == "REPLY":
        return [_answer(who) for who in people[:_PEOPLE_CAP]]
    named = [_person(who) + (f" ({said})" if (said := _said(who)) else "") for who in people[:_PEOPLE_CAP]]
    more = len(people) - _PEOPLE_CAP
    return (
        [f"Attendees: {', '.join(filter(None, named))}" + (f", and {more} more" if more > 0 else "")] if named else []
    )


def _answer(who: Any) -> str:
    said = _said(who)
    return f"{said[0].upper()}{said[1:]} by {_person(who)}" if said else f"No answer yet by {_person(who)}"


def _said(who: Any) -> str:
    return _ANSWERS.get(_one(getattr(who, "params", {}).get("PARTSTAT")).upper(), "")


def _person(value: Any) -> str:
    """Name and address."""
    if not value:
        return ""
    address = _one(value)
    if address[:7].lower() == "mailto:":
        address = address[7:]
    name = _one(getattr(value, "params", {}).get("CN"))
    return f"{name} <{address}>" if name and name != address else address


def _one(text: object) -> str:
    return str(safe(str(text or ""), one_line=True, cap=300))
