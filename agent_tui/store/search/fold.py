"""Words as the search sees them: without case, diacritics, apostrophes; `ё` as `е`, `ґ` as `г`.

Cyrillic letters that differ by more than a mark (`й`, `ї`) stay what they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 64
"""Longer runs are cut: nobody types them, and coded blocks would fill the index."""

_APOSTROPHES = "'’ʼ`´ʹ′‘"
_MARKS = "\u0300-\u036f"
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[^\W_][^\W_{_MARKS}]*(?:[{_MARKS}]+[^\W_]*|[{_APOSTROPHES}][^\W\d_]+)*")
_WORD_OR_IDEOGRAPH = re.compile(
    rf"[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}])[^\W_])(?:(?![{_IDEOGRAPHS}])(?:[^\W_]|[{_MARKS}])|[{_APOSTROPHES}](?=[^\W\d_]))*"
)
_HAS_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_COMBINING = re.compile(f"[{_MARKS}]+")
_DROPPED = dict.fromkeys(map(ord, _APOSTROPHES))
_CYRILLIC_FOLD = {**_DROPPED, ord("ё"): "е", ord("ґ"): "г", ord("ѐ"): "е", ord("ѝ"): "и"}
_LATIN_FOLD = {
    **_DROPPED,
    **{ord(a): b for a, b in zip("łøđıæœþðħ", ("l", "o", "d", "i", "ae", "oe", "th", "d", "h"), strict=True)},
}
_CACHE: dict[str, str] = {}
_CACHE_LIMIT = 100_000


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, folded word) of every word of a text."""
    pattern = _WORD_OR_IDEOGRAPH if _HAS_IDEOGRAPH.search(text) else _WORD
    for match in pattern.finditer(text):
        word = fold(match.group())
        if word:
            yield match.start(), match.end(), word


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    if text.isascii():
        found = _WORD.findall(text.lower())
        return [w if "'" not in w and "`" not in w and len(w) <= LONGEST else fold(w) for w in found]
    return [word for _, _, word in spans(text)]


def fold(word: str) -> str:
    """One word, folded."""
    known = _CACHE.get(word)
    if known is None:
        known = _fold(word)
        if len(_CACHE) >= _CACHE_LIMIT:
            _CACHE.clear()
        _CACHE[word] = known
    return known


def _fold(word: str) -> str:
    folded = unicodedata.normalize("NFKC", word[: 2 * LONGEST]).casefold()
    if _CYRILLIC.search(folded):
        folded = _COMBINING.sub("", folded.translate(_CYRILLIC_FOLD))
    elif folded.isascii():
        folded = folded.translate(_DROPPED)
    else:
        folded = _COMBINING.sub("", unicodedata.normalize("NFKD", folded.translate(_LATIN_FOLD)))
    return folded[:LONGEST]
