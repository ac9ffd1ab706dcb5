from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from agent_tui.desk import moments
from agent_tui.domain.times import to_datetime
from tests.desk.make import at

KYIV = ZoneInfo("Europe/Kyiv")
FRIDAY = at("2026-11-20T12:00:00+00:00")
"""14:00 in Kyiv, on a Friday."""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("in 3 hours", "2026-11-20 17:00"),
        ("2h", "2026-11-20 16:00"),
        ("45 min", "2026-11-20 14:45"),
        ("3 days", "2026-11-23 14:00"),
        ("1 week", "2026-11-27 14:00"),
        ("16:05", "2026-11-20 16:05"),
        ("9:00", "2026-11-21 09:00"),
        ("4pm", "2026-11-20 16:00"),
        ("tomorrow", "2026-11-21 09:00"),
        ("Tomorrow 16:30", "2026-11-21 16:30"),
        ("today 18:00", "2026-11-20 18:00"),
        ("tonight", "2026-11-20 18:00"),
        ("fri 16:05", "2026-11-20 16:05"),
        ("fri 9:00", "2026-11-27 09:00"),
        ("next friday 16:05", "2026-11-27 16:05"),
        ("monday", "2026-11-23 09:00"),
        ("weekend", "2026-11-21 09:00"),
        ("next week", "2026-11-23 09:00"),
        ("25 nov", "2026-11-25 09:00"),
        ("nov 25 16:05", "2026-11-25 16:05"),
        ("3 may", "2027-05-03 09:00"),
        ("3 march", "2027-03-03 09:00"),
        ("20 Nov 2027", "2027-11-20 09:00"),
        ("2026-12-01 10:00", "2026-12-01 10:00"),
        ("1.12.", "2026-12-01 09:00"),
        ("1.12.2026 8:15", "2026-12-01 08:15"),
        ("24.12", "2026-12-24 09:00"),
        ("24.12 9:30", "2026-12-24 09:30"),
        ("24/12", "2026-12-24 09:00"),
        ("24/12 18", "2026-12-24 18:00"),
        ("31.01", "2027-01-31 09:00"),
        ("16.05", "2026-11-20 16:05"),
        ("day after tomorrow 10", "2026-11-22 10:00"),
        ("завтра 9", "2026-11-21 09:00"),
        ("Завтра о 16:30", "2026-11-21 16:30"),
        ("завтра в 9", "2026-11-21 09:00"),
        ("завтра, в 9 часов", "2026-11-21 09:00"),
        ("завтра ввечері", "2026-11-21 18:00"),
        ("післязавтра", "2026-11-22 09:00"),
        ("послезавтра 8 утра", "2026-11-22 08:00"),
        ("сьогодні 18:00", "2026-11-20 18:00"),
        ("сегодня вечером", "2026-11-20 18:00"),
        ("сьогодні 5 вечора", "2026-11-20 17:00"),
        ("пн", "2026-11-23 09:00"),
        ("пт 16:05", "2026-11-20 16:05"),
        ("у п’ятницю 9:00", "2026-11-27 09:00"),
        ("в пятницу 16.05", "2026-11-20 16:05"),
        ("наступного вівторка", "2026-11-24 09:00"),
        ("в среду 10", "2026-11-25 10:00"),
        ("середа", "2026-11-25 09:00"),
        ("у неділю", "2026-11-22 09:00"),
        ("нд 12", "2026-11-22 12:00"),
        ("вс 12", "2026-11-22 12:00"),
        ("воскресенье", "2026-11-22 09:00"),
        ("вихідні", "2026-11-21 09:00"),
        ("на следующей неделе", "2026-11-23 09:00"),
        ("наступного тижня", "2026-11-23 09:00"),
        ("через 2 години", "2026-11-20 16:00"),
        ("через 2 часа", "2026-11-20 16:00"),
        ("через годину", "2026-11-20 15:00"),
        ("через час", "2026-11-20 15:00"),
        ("через тиждень", "2026-11-27 14:00"),
        ("через 3 дня", "2026-11-23 14:00"),
        ("через 2 недели", "2026-12-04 14:00"),
        ("45 хв", "2026-11-20 14:45"),
        ("через півгодини", "2026-11-20 14:30"),
        ("2год", "2026-11-20 16:00"),
        ("2ч", "2026-11-20 16:00"),
        ("25 листопада", "2026-11-25 09:00"),
        ("1 декабря 10:00", "2026-12-01 10:00"),
        ("5 серпня", "2027-08-05 09:00"),
        ("3 мая", "2027-05-03 09:00"),
        ("ещьщккщц 9", "2026-11-21 09:00"),
        ("акш 16:05", "2026-11-20 16:05"),
        ("шт 3 рщгкы", "2026-11-20 17:00"),
        ("іфе", "2026-11-21 09:00"),
        ("2р", "2026-11-20 16:00"),
    ],
)
def test_typed_times(typed: str, meant: str) -> None:
    found = to_datetime(moments.parse(typed, FRIDAY, KYIV)).astimezone(KYIV)
    assert found.strftime("%Y-%m-%d %H:%M") == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "not_a_time"),
        ("soon", "not_a_time"),
        ("25:00", "not_a_time"),
        ("31 feb", "not_a_time"),
        ("13pm", "not_a_time"),
        ("today", "not_a_time"),
        ("скоро", "not_a_time"),
        ("завтрак", "not_a_time"),
        ("через", "not_a_time"),
        ("сьогодні 9:00", "in_the_past"),
        ("today 9:00", "in_the_past"),
        ("2020-01-01", "in_the_past"),
    ],
)
def test_what_is_no_time(typed: str, code: str) -> None:
    with pytest.raises(moments.NotAMoment) as refused:
        moments.parse(typed, FRIDAY, KYIV)
    assert refused.value.code == code


def test_a_clock_that_springs_forward() -> None:
    """03:30 does not exist in Kyiv on 28 March 2027: it is taken an hour later."""
    found = moments.parse("2027-03-28 03:30", FRIDAY, KYIV)
    assert to_datetime(found) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def test_morning_stays_morning_over_a_change_of_the_clock() -> None:
    before = at("2027-03-27T12:00:00+00:00")
    assert to_datetime(moments.parse("tomorrow", before, KYIV)).astimezone(KYIV).hour == 9


@given(st.text(max_size=30))
def test_anything_may_be_typed(typed: str) -> None:
    try:
        assert moments.parse(typed, FRIDAY, KYIV) > FRIDAY
    except moments.NotAMoment:
        pass


def test_presets_lie_ahead_and_make_sense() -> None:
    offered = {p.code: to_datetime(p.at).astimezone(KYIV).strftime("%a %H:%M") for p in moments.presets(FRIDAY, KYIV)}
    assert offered == {
        "later_today": "Fri 17:00",
        "this_evening": "Fri 18:00",
        "tomorrow": "Sat 09:00",
        "next_week": "Mon 09:00",
    }
    late = at("2026-11-20T21:30:00+00:00")
    assert [p.code for p in moments.presets(late, KYIV)] == ["tomorrow", "next_week"]


def test_what_may_be_a_clock_or_a_day_is_offered_as_both() -> None:
    found = [
        to_datetime(one).astimezone(KYIV).strftime("%Y-%m-%d %H:%M") for one in moments.readings("9.12", FRIDAY, KYIV)
    ]
    assert found == ["2026-11-21 09:12", "2026-12-09 09:00"]
