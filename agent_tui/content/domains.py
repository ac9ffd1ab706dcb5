"""Domains in the form of the wire: two that differ stay two."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_KEPT_NOW = str.maketrans({"ß": "s", "ς": "σ"})
"""Letters that IDNA2008 keeps and the older standard, which Python's codec follows, writes as others: with it, mail
to one domain would go to the owner of another."""
_DEVIATE = "ßς\u200c\u200d"
"""All signs that the two standards treat differently."""
_OTHER_DOT = "\u3002"
"""Parts labels for some readers."""
_LIKE_LATIN: Final = frozenset("аеорсухіјѕԛԝһԁӏгпмтквнбзԍүаопуАВЕКМНОРСТХІЈЅ")
"""Cyrillic letters that look like Latin ones."""
_BESIDE_LATIN: Final = ({"CJK", "HIRAGANA", "KATAKANA"}, {"CJK", "BOPOMOFO"}, {"CJK", "HANGUL"})
_SCRIPT_OF: Final = {
    "IDEOGRAPHIC": "CJK",
    "KATAKANA-HIRAGANA": "KATAKANA",
    "ARABIC-INDIC": "ARABIC",
    "EXTENDED": "ARABIC",
}
"""Names of signs begin with the name of their script; these do not."""
_WITHIN_WORDS: Final = frozenset("-0123456789\u00b7\u02bb\u02bc")
"""Of no script: among them the dot of Catalan, and the apostrophes of Hawaiian and Ukrainian."""
_LIKE_ASCII: Final = frozenset("ɑɡɩǀǁǃꞁ")
"""Latin letters of few words, that look like others, or like a bar."""
_LIKE_A_STROKE = re.compile(r"(?:^|[a-z0-9-])[ノンソゾ丶丿丨一ー〇](?:[a-z0-9-]|$)")
"""Between Latin letters they are read as a slash, a dash, a bar."""


def is_disguised(text: str) -> bool:
    """Holds a sign beyond ASCII that stands for others (`K` of Kelvin, `ﬀ`, `ⓔ`): as an address, it has two readings."""
    return any(
        sign == _OTHER_DOT
        or (plain := unicodedata.normalize("NFKC", sign)).isascii()
        or plain != unicodedata.normalize("NFC", sign)
        for sign in text
        if not sign.isascii()
    )


def is_read_in_two_ways(domain: str) -> bool:
    """Programs of the older standard take it for another one: it may belong to somebody who counts on that."""
    return any(sign in decoded_label(label) for label in domain.split(".") for sign in _DEVIATE)


def shown_domain(domain: str) -> str | None:
    """A domain as it may be shown, in lower case: a label that could be read as something else is written as the wire
    writes it. None where it cannot be read in one way at all."""
    if domain.isascii():
        return domain.lower()
    if is_disguised(domain):
        return None
    labels = unicodedata.normalize("NFC", domain.lower()).split(".")
    shown = [label if _is_plain(label, labels[-1]) else _ascii_label(label) for label in labels]
    return None if None in shown else ".".join(label for label in shown if label is not None)


def is_deceptive(domain: str) -> bool:
    """A label of it could be read as something else: see `shown_domain`."""
    if domain.isascii() and "xn--" not in domain:
        return False
    labels = [decoded_label(label) for label in domain.split(".")]
    return not all(_is_plain(label, labels[-1]) for label in labels)


@lru_cache(maxsize=4096)
def _is_plain(label: str, top: str) -> bool:
    """Of signs that IDNA2008 allows (RFC 5891, section 4.2; RFC 5892), and of one script, where Latin may stand beside
    those of East Asia (UTS 39, section 5.2); and not a Latin word in Cyrillic letters, below a top label in Latin."""
    if label.isascii():
        return not label.startswith("xn--")
    import idna  # few mails need its tables

    try:
        idna.check_label(label)
    except UnicodeError:
        return False
    scripts = {_script(sign) for sign in set(label) - _WITHIN_WORDS}
    if scripts == {"CYRILLIC"}:
        return not (top.isascii() and _LIKE_LATIN.issuperset(sign for sign in label if sign.isalpha()))
    if len(scripts) > 1 and not any(scripts - {"LATIN"} <= family for family in _BESIDE_LATIN):
        return False
    return _LIKE_ASCII.isdisjoint(label) and not ("LATIN" in scripts and _LIKE_A_STROKE.search(label))


def _script(sign: str) -> str:
    name = unicodedata.name(sign, "").split(" ")[0]
    return _SCRIPT_OF.get(name, name)


def decoded_label(label: str) -> str:
    """A label as it is meant to be read."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def ascii_domain(domain: str) -> str | None:
    """A domain in lower case, its labels beyond ASCII as IDNA2008 writes them; None where it cannot be read in one way.

    Whether an ASCII domain is a good one is not looked at.
    """
    if domain.isascii():
        return domain.lower()
    if is_disguised(domain):
        return None
    labels = [_ascii_label(label) for label in unicodedata.normalize("NFC", domain.lower()).split(".")]
    return None if None in labels else ".".join(label for label in labels if label is not None)


def _ascii_label(label: str) -> str | None:
    if label.isascii():
        return label
    from encodings.idna import nameprep  # brings the tables of stringprep, which few need

    older = label.translate(_KEPT_NOW)
    try:
        if nameprep(older) != older:
            return None
    except UnicodeError:
        return None
    plain = f"xn--{label.encode('punycode').decode('ascii')}"
    return plain if len(plain) < 64 and not label.startswith("xn--") else None
