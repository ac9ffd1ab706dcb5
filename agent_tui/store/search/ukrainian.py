"""A light suffix stemmer for Ukrainian, since Snowball has none. Works on folded words (no apostrophes, `ґ` as `г`).

A word gets a stem for each reading that its ending allows: `послузі` is `послуз` or, softened, `послуг`; `клієнтів` is
a noun, `хотів` a verb. Two words find each other where any of their stems agree, so that a wrong reading costs little.
"""

from __future__ import annotations

import re

SHORTEST = 3
"""Letters that must stay."""

_NOUNS_AND_ADJECTIVES = (
    "остями остях остям остей істю ості ість "
    "ами ями има ові еві єві ів їв ей ою ею єю ам ям ом ем єм ах ях ію ії ій "
    "іший іша іше іші ого ього ому ьому ими іми ий ої им их іх "
    "а я о е є и і ї у ю ь й"
)
_SUFFIXES = sorted(set(_NOUNS_AND_ADJECTIVES.split()), key=lambda s: (-len(s), s))
_VOWEL = "аеиіоуюяєї"
_VERBAL_NOUN = re.compile(f"(.+[{_VOWEL}])(?:ння|нню|нням|нні|нь|ннями|ннях)")
_VERB = re.compile(
    f"(.+?[{_VOWEL}])(?:ти|в|ла|ло|ли|ть|ю|є|ємо|єте|єш|ють|мо|те|ш|йте|тиму|тиме|тимуть"
    "|тися|тись|вся|лася|лось|лося|лися|лись|ться|ється|ються|юся|юсь|ємося|ємось|йтеся)"
)
_SOFTENED = {"ц": "к", "з": "г", "с": "х"}


def stems(word: str) -> tuple[str, ...]:
    """The stems of a word, the likeliest first."""
    if (match := _VERBAL_NOUN.fullmatch(word)) and len(match[1]) >= SHORTEST:
        return (_verb(match[1]), word[:-1]) if word.endswith("нь") else (_verb(match[1]),)
    found = _noun(word)
    match = _VERB.fullmatch(word)
    if match and len(match[1]) >= SHORTEST:
        found.append(_verb(match[1]))
    return tuple(dict.fromkeys(found))


def _noun(word: str) -> list[str]:
    suffix = next((s for s in _SUFFIXES if word.endswith(s) and len(word) - len(s) >= SHORTEST), "")
    stem = word[: len(word) - len(suffix)]
    found = [_without_fleeting(stem)]
    if suffix == "ові":
        found.append(word[:-1])  # an adjective: готові, готовий
    if suffix == "ю" and len(stem) > SHORTEST and stem[-1] == stem[-2]:
        found.append(stem[:-1])  # відповіддю
    if suffix == "і" and stem[-1] in "цзс":
        found.append(stem[:-1] + _SOFTENED[stem[-1]])  # послузі, картці: г, к, х soften before і
    if not suffix and len(stem) >= SHORTEST and stem[-2] == "і" and stem[-1] not in _VOWEL:
        found.append(f"{stem[:-2]}о{stem[-1]}")  # договір, договору: о closes to і
    return found


def _without_fleeting(stem: str) -> str:
    """рахунок, рахунку; карток, картку: the о stands only where no ending follows."""
    if len(stem) > SHORTEST and stem.endswith("ок"):
        return stem[:-2] + "к"
    if len(stem) > SHORTEST and stem.endswith("ец"):
        return stem[:-2] + "ц"
    return stem


def _verb(stem: str) -> str:
    """скасувати, скасує: both end in у."""
    return stem[:-2] if len(stem) > SHORTEST + 1 and stem.endswith(("ува", "юва")) else stem
