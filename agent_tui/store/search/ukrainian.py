"""A light suffix stemmer for Ukrainian, since Snowball has none. Works on folded words (no apostrophes, `ґ` as `г`)."""

from __future__ import annotations

VOWELS = frozenset("аеиіоуюяєї")
SHORTEST = 3
"""Letters that must stay."""

_LISTED = (
    # nouns on -ння and -ття, all cases
    "еннями енням енню ення енні еннях ень аннями анням анню ання анні аннях інням іннями інню іння інні іннях "
    "уванням уванню ування уванні увань "
    # nouns
    "остями остях істю ості ість ами ями ові еві єві ів їв ей ою ею єю ам ям ом ем єм ах ях "
    "ію ії ій иї а я о е є и і ї у ю ь й "
    # adjectives and participles
    "іший іша іше іші ого ього ому ьому ими ій ий ої ою им их ая "
    # verbs
    "уватиметься ватиметься уватися ювати увати ювала ювали ював увала ували ував юється ується уються юються "
    "ується ує ують ує юю ую ють ать ять ить іть ати яти ити іти ють уть "
    "ала али ало ала ила или ило іла іли іло яла яли яло ав ив ів яв "
    "ться тися тись лася лися лось вся ся сь имо емо ємо ите ете єте иш еш єш ити"
)
_SUFFIXES = sorted(set(_LISTED.split()), key=lambda s: (-len(s), s))


def stem(word: str) -> str:
    """The part that the forms of a word share."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= SHORTEST:
            return word[: -len(suffix)]
    return word
