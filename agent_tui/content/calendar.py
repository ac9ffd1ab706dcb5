"""Invitations: the few lines of a calendar part that tell what, when and where."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

from agent_tui.content.charsets import decode
from agent_tui.content.safe import safe
from agent_tui.content.tree import Tree
from agent_tui.domain.text import NOTHING, SafeText

_CAP: Final = 200_000
_EVENTS_CAP: Final = 5


def read_calendar(raw: bytes, tree: Tree) -> SafeText:
    """Lines `name: value` of the events in a mail: method, summary, start, end, where, organizer, status.

    Times are ISO 8601, in UTC where they have a zone. The names are codes: screens put them into words.
    """
    for part in tree.root.walk():
        if part.kind in {"text/calendar", "application/ics"} and not part.within("message/rfc822"):
            found = calendar_text(decode(part.content(raw, _CAP), part.type.parameters.get("charset", "utf-8")))
            if found:
                return found
    return NOTHING


def calendar_text(source: str) -> SafeText:
    """The lines of one calendar."""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(source)
        return safe("\n".join(_lines(calendar)))
    except Exception:  # a calendar that its own reader cannot read stays a file
        return NOTHING


def _lines(calendar: Any) -> list[str]:
    lines: list[str] = []
    method = str(calendar.get("METHOD", "")).strip()
    if method:
        lines.append(f"method: {_one(method.lower())}")
    for event in list(calendar.walk("VEVENT"))[:_EVENTS_CAP]:
        for name, code in (
            ("SUMMARY", "summary"),
            ("DTSTART", "start"),
            ("DTEND", "end"),
            ("LOCATION", "where"),
            ("STATUS", "status"),
        ):
            value = event.get(name)
            text = _moment(value.dt) if hasattr(value, "dt") else _one(str(value or ""))
            if text:
                lines.append(f"{code}: {text}")
        organizer = _one(str(event.get("ORGANIZER", "")))
        if organizer:
            lines.append(f"organizer: {organizer.removeprefix('mailto:').removeprefix('MAILTO:')}")
        if event.get("RRULE"):
            lines.append("repeats: yes")
    return lines


def _one(text: str) -> str:
    return str(safe(text, one_line=True, cap=300))


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat(timespec="minutes")
        return value.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else ""
