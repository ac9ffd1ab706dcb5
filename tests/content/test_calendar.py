"""What calendars say, in the text of the mails that carry them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from agent_tui.content.calendar import calendar_text
from agent_tui.content.mail import read_mail
from tests.content.test_visible_reply import visible

KYIV = ZoneInfo("Europe/Kyiv")


def calendar(*lines: str, method: str = "REQUEST", kind: str = "VEVENT") -> str:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", *([f"METHOD:{method}"] if method else []), f"BEGIN:{kind}", "UID:1"]
    return "\r\n".join([*head, *lines, f"END:{kind}", "END:VCALENDAR", ""])


def told(*lines: str, method: str = "REQUEST", said: str = "", kind: str = "VEVENT") -> list[str]:
    return calendar_text(calendar(*lines, method=method, kind=kind), said, KYIV).split("\n")


def mail(ics: str, text: str = "", disposition: str = "inline") -> bytes:
    parts = [f"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"] if text else []
    parts.append(
        "--x\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n"
        f"Content-Disposition: {disposition}\r\n\r\n{ics}\r\n"
    )
    head = "From: a@x.example\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    return (head + "".join(parts) + "--x--\r\n").encode()


def test_an_invitation_is_told_in_both_time_zones() -> None:
    lines = told(
        "SUMMARY:Call\\, about order",
        "DTSTART;TZID=Europe/Madrid:20261121T100000",
        "DTEND;TZID=Europe/Madrid:20261121T113000",
        "LOCATION:Room 5",
        'ORGANIZER;CN="Ann Lee":mailto:ann@x.example',
        "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED:mailto:bob@x.example",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION:MAILTO:carl@x.example",
        "DESCRIPTION:Bring the papers.\\nAll of them.",
    )
    assert lines == [
        "Invitation: Call, about order",
        "When: Sat 21 Nov 2026, 11:00–12:30 EET (10:00–11:30 CET)",
        "Where: Room 5",
        "Organiser: Ann Lee <ann@x.example>",
        "Attendees: Bob <bob@x.example> (accepted), carl@x.example",
        "",
        "Bring the papers.",
        "All of them.",
    ]


@pytest.mark.parametrize(
    ("method", "lines", "first"),
    [
        ("REQUEST", ["SEQUENCE:0"], "Invitation: Call"),
        ("REQUEST", ["SEQUENCE:2"], "Invitation, changed: Call"),
        (
            "REQUEST",
            ["RECURRENCE-ID:20261121T100000Z", "SEQUENCE:1"],
            "Invitation, changed, one date of a series: Call",
        ),
        ("CANCEL", [], "Cancelled: Call"),
        ("REQUEST", ["STATUS:CANCELLED"], "Cancelled: Call"),
        ("REPLY", [], "Answer to an invitation: Call"),
        ("COUNTER", [], "Another time is proposed: Call"),
        ("PUBLISH", [], "Calendar entry: Call"),
        ("", [], "Calendar entry: Call"),
    ],
)
def test_what_it_is_sent_for(method: str, lines: list[str], first: str) -> None:
    assert told("SUMMARY:Call", *lines, method=method)[0] == first


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("ACCEPTED", "Accepted by Bob <bob@x.example>"),
        ("DECLINED", "Declined by Bob <bob@x.example>"),
        ("TENTATIVE", "Accepted tentatively by Bob <bob@x.example>"),
        ("NEEDS-ACTION", "No answer yet by Bob <bob@x.example>"),
    ],
)
def test_who_answered_what(state: str, said: str) -> None:
    assert said in told(f"ATTENDEE;CN=Bob;PARTSTAT={state}:mailto:bob@x.example", method="REPLY")


@pytest.mark.parametrize(
    ("lines", "when"),
    [
        (["DTSTART;TZID=Europe/Kyiv:20261121T120000"], "Sat 21 Nov 2026, 12:00 EET"),
        (["DTSTART:20261121T100000Z", "DURATION:PT90M"], "Sat 21 Nov 2026, 12:00–13:30 EET (10:00–11:30 UTC)"),
        (
            ["DTSTART:20261121T210000Z", "DTEND:20261121T230000Z"],
            "Sat 21 Nov 2026, 23:00 – Sun 22 Nov 2026, 01:00 EET (21:00–23:00 UTC)",
        ),
        (
            ["DTSTART;TZID=America/New_York:20261121T210000", "DTEND;TZID=America/New_York:20261121T220000"],
            "Sun 22 Nov 2026, 04:00–05:00 EET (Sat 21 Nov 2026, 21:00–22:00 EST)",
        ),
        (["DTSTART;TZID=America/Sao_Paulo:20261121T100000"], "Sat 21 Nov 2026, 15:00 EET (10:00 UTC-03)"),
        (["DTSTART;TZID=FLE Standard Time:20261121T120000"], "Sat 21 Nov 2026, 12:00 EET"),
        (["DTSTART:20261121T100000"], "Sat 21 Nov 2026, 10:00 (no time zone told)"),
        (["DTSTART;TZID=Our own zone:20261121T100000"], "Sat 21 Nov 2026, 10:00 Our own zone"),
        (["DTSTART;VALUE=DATE:20261121", "DTEND;VALUE=DATE:20261122"], "Sat 21 Nov 2026, all day"),
        (["DTSTART;VALUE=DATE:20261121"], "Sat 21 Nov 2026, all day"),
        (
            ["DTSTART;VALUE=DATE:20261121", "DTEND;VALUE=DATE:20261124"],
            "Sat 21 Nov 2026 – Mon 23 Nov 2026, all day",
        ),
        (["DTSTART:20261121T126000Z"], "20261121T126000Z"),
    ],
)
def test_when(lines: list[str], when: str) -> None:
    assert f"When: {when}" in told(*lines)


def test_a_task_has_a_time_until_which_it_is_done() -> None:
    lines = told("DUE;VALUE=DATE:20261201", "SUMMARY:Send it", kind="VTODO", method="")
    assert lines == ["Calendar entry: Send it", "When: until Tue 1 Dec 2026"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=WEEKLY", "Repeats weekly"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "Repeats every 2 weeks on Mon, Wed"),
        ("FREQ=DAILY;COUNT=10", "Repeats daily, 10 times"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "Repeats monthly on the last Fri"),
        ("FREQ=MONTHLY;BYDAY=2TU", "Repeats monthly on Tue no. 2"),
        ("FREQ=YEARLY;UNTIL=20281231T230000Z", "Repeats yearly, until Mon 1 Jan 2029"),
    ],
)
def test_how_it_repeats(rule: str, said: str) -> None:
    assert said in told("DTSTART:20261121T100000Z", f"RRULE:{rule}")


def test_of_many_people_and_entries_a_few_are_told() -> None:
    people = [f"ATTENDEE:mailto:p{n}@x.example" for n in range(300)]
    [said] = [line for line in told(*people) if line.startswith("Attendees")]
    assert said.endswith("p7@x.example, and 292 more")
    entry = "BEGIN:VEVENT\r\nSUMMARY:Day {}\r\nEND:VEVENT\r\n"
    many = "BEGIN:VCALENDAR\r\n" + "".join(entry.format(n) for n in range(40)) + "END:VCALENDAR\r\n"
    lines = calendar_text(many).split("\n")
    assert "Calendar entry: Day 4" in lines
    assert lines[-1] == "… and 35 more entries"


def test_a_description_that_the_mail_says_already_is_not_told_twice() -> None:
    ics = calendar("SUMMARY:Call", "DESCRIPTION:Please come\\nto the office")
    assert read_mail(mail(ics, "Please come to\r\nthe office")).text.count("office") == 1
    assert read_mail(mail(ics, "See below")).text.count("office") == 1


def test_it_stands_below_the_text_and_is_neither_quote_nor_signature() -> None:
    ics = calendar("SUMMARY:Call about order")
    parsed = read_mail(mail(ics, "\r\nPlease come\r\n\r\n-- \r\nAnn\r\n\r\n> old words"))
    assert visible(parsed).split("\n")[0].strip() == "Please come"
    assert visible(parsed).endswith("Invitation: Call about order")
    assert "old words" not in visible(parsed)
    alone = read_mail(mail(ics))
    assert alone.text == "Invitation: Call about order"
    assert [file.type for file in alone.files] == ["text/calendar"]


@pytest.mark.parametrize(
    "broken",
    [
        "BEGIN:VCALENDAR\r\nSUMMARY:Call us\r\n",
        "nothing of a calendar: Call us",
        "BEGIN:VCALENDAR\r\nX:Call us\r\nEND:VCALENDAR",
    ],
)
def test_what_cannot_be_read_is_shown_as_it_came(broken: str) -> None:
    assert "Call us" in read_mail(mail(broken)).text
    assert "Call us" in read_mail(mail(broken, "Hello")).text
    assert read_mail(mail(broken, "Hello", "attachment; filename=a.ics")).text.strip() == "Hello"


def test_an_invitation_within_an_attached_mail_is_not_of_this_one() -> None:
    inner = mail(calendar("SUMMARY:Old call"), "old").decode()
    raw = (
        "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\nHello\r\n"
        f"--y\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--y--\r\n"
    )
    assert read_mail(raw.encode()).text.strip() == "Hello"
