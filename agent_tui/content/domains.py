"""Domains in the form of the wire: two that differ stay two."""

from __future__ import annotations

import unicodedata

_KEPT_NOW = str.maketrans({"ß": "s", "ς": "σ"})
"""Letters that IDNA2008 keeps and the older standard, which Python's codec follows, writes as others: with it, mail
to one domain would go to the owner of another."""
_DEVIATE = "ßς\u200c\u200d"
"""All signs that the two standards treat differently."""
_OTHER_DOT = "\u3002"
"""Parts labels for some readers."""


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
