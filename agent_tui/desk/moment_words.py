"""Ukrainian and Russian words of time put into the English ones that times are read by: `завтра 9`, `через 2 години`.

What was typed in a Cyrillic layout by mistake is read by its keys: `ещьщккщц` is `tomorrow`.
"""

from __future__ import annotations

import re
from functools import cache

from agent_tui.layouts import POSITIONS

_DAYS = {
    "mon": r"пн|понеділ\w*|понедельн\w*",
    "tue": r"вт|вівтор\w*|вторн\w*",
    "wed": r"ср|серед[аиуіо]\w*|сред[аыуе]\w*",
    "thu": r"чт|четвер\w*",
    "fri": r"пт|п'?ятни\w*",
    "sat": r"сб|суб+от\w*",
    "sun": r"нд|вс|неділ[яюіеь]\w*|воскресен\w*",
}
_MONTHS = {
    "jan": r"січ\w*|янв\w*",
    "feb": r"лют\w*|фев\w*",
    "mar": r"бер|берез\w*|мар|март\w*",
    "apr": r"кві|квіт\w*|апр\w*",
    "may": r"тра|трав\w*|ма[йя]",
    "jun": r"чер|черв\w*|июн\w*",
    "jul": r"лип|лип[ен]\w*|июл\w*",
    "aug": r"сер|серп\w*|авг\w*",
    "sep": r"вер|верес\w*|сен|сент\w*",
    "oct": r"жов|жовт\w*|окт\w*",
    "nov": r"лис|лист\w*|ноя\w*",
    "dec": r"гру|груд\w*|дек\w*",
}
_UNITS = {
    "m": r"хв|хвилин\w*|мин|минут\w*",
    "h": r"год|годин[аиу]?|ч|час|часа|часов",
    "d": r"д|день|дні|днів|дня|дней",
    "w": r"тиждень|тижні|тижнів|тижня|нед|недел[яюиь]",
}
_WORDS: tuple[tuple[str, str], ...] = (
    (r"(?:в|у|о|об) (\d{1,2})(?: (?:годин[іи]|час|часа|часов))?(?![\d:.])", r"\1:00"),
    (r"(\d{1,2}(?:[:.]\d{2})?) (?:ранку|утра)", r"\1am"),
    (r"(\d{1,2}(?:[:.]\d{2})?) (?:вечора|вечера)", r"\1pm"),
    (r"(?:наступн\w+ (?:тиждень|тижні|тижня)|следующ\w+ недел\w+)", "next week"),
    (r"наступн\w+|следующ\w+", "next"),
    (r"півгодини|пів години|полчаса", "30m"),
    (r"через", "in"),
    (r"сьогодні|сегодня", "today"),
    (r"післязавтра|послезавтра", "day after tomorrow"),
    (r"завтра", "tomorrow"),
    (r"вихідн\w+|выходн\w+", "weekend"),
    (r"вранці|зранку|утром", "9:00"),
    (r"[ву]вечері|вечором|вечером", "18:00"),
    *((rf"(?<=in )(?:{those})", f"1{unit}") for unit, those in _UNITS.items()),
    *((rf"(\d{{1,4}}) ?(?:{those})", rf"\1{unit}") for unit, those in _UNITS.items()),
    *((those, day) for day, those in _DAYS.items()),
    *((those, month) for month, those in _MONTHS.items()),
    (r"(?:в|у|во|о|об|на) ", ""),
)
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`", "'"))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compiled when they are first asked for: the desk loads this before its first picture, and few ask."""
    return tuple(
        (re.compile(rf"(?<!\w)(?:{pattern})" + ("" if pattern.endswith(" ") else r"(?!\w)")), english)
        for pattern, english in _WORDS
    )


def in_cyrillic(typed: str) -> bool:
    """A Cyrillic letter stands in it."""
    return any("\u0400" <= letter <= "\u04ff" for letter in typed)


def in_english(typed: str) -> str:
    """What was typed in small letters, with the words that are known in English."""
    if not in_cyrillic(typed):
        return typed
    words = typed.translate(_APOSTROPHES)
    for pattern, english in _patterns():
        words = pattern.sub(english, words)
    return " ".join(words.split())


def by_keys(typed: str) -> str:
    """What the same keys type on a Latin keyboard."""
    return "".join(POSITIONS.get(letter, letter) for letter in typed)
