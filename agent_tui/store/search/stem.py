"""Stems by the word alone, since a query has no language.

Latin words are stemmed as English. Cyrillic words that bear letters of one language are stemmed by it; all others by
both, Ukrainian and Russian, and are found by either: `повернень` has no Ukrainian letter, `поверненні` has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from agent_tui.store.search import ukrainian

_ONLY_UKRAINIAN = re.compile("[іїє]")
_ONLY_RUSSIAN = re.compile("[ыэъ]")
_CYRILLIC = re.compile("[а-яіїє]+")
_LATIN = re.compile("[a-z]+")
_CACHE: dict[str, tuple[str, ...]] = {}
_CACHE_LIMIT = 200_000


@cache
def _snowball(language: str) -> Any:
    import Stemmer

    return Stemmer.Stemmer(language, 0)


def stemmer_version() -> str:
    """The release of Snowball."""
    import Stemmer

    return str(Stemmer.version())


def stems(word: str) -> tuple[str, ...]:
    """The stems of a folded word: one, or one for each language it may be of."""
    known = _CACHE.get(word)
    if known is None:
        known = _stems(word)
        if len(_CACHE) >= _CACHE_LIMIT:
            _CACHE.clear()
        _CACHE[word] = known
    return known


def _stems(word: str) -> tuple[str, ...]:
    if _LATIN.fullmatch(word):
        return (_snowball("english").stemWord(word),)
    if not _CYRILLIC.fullmatch(word):
        return (word,)
    if _ONLY_UKRAINIAN.search(word):
        return ukrainian.stems(word)
    russian = _snowball("russian").stemWord(word)
    if _ONLY_RUSSIAN.search(word):
        return (russian,)
    return tuple(dict.fromkeys((russian, *ukrainian.stems(word))))


def all_stems(words: Iterable[str]) -> list[str]:
    """The stems of all words, each once."""
    found: dict[str, None] = {}
    for word in dict.fromkeys(words):
        for one in stems(word):
            found[one] = None
    return list(found)
