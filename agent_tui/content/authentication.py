"""Who really sent it: verdicts of our own mail server, and names made to be mistaken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from agent_tui.content.addresses import normalise_address
from agent_tui.content.domains import ascii_domain, decoded_label, is_read_in_two_ways
from agent_tui.content.headers import Headers
from agent_tui.content.quote_words import EMAIL
from agent_tui.domain.message import Person

_COMMENT = re.compile(r"\([^()]*\)")
_VERDICT = re.compile(r"(?:^|[;\s])(dkim|spf|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_NAMED = re.compile(r"\bheader\.from\s*=\s*\"?@?([^\s;\"]+)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_LONG_DOMAIN: Final = 64
"""Longer ones are made so that their end, which says whose they are, stands on no screen."""
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_LIKE_LATIN: Final = frozenset("аеорсухіјѕԛԝһԁӏгпмтквнбзԍүаопуАВЕКМНОРСТХІЈЅ")
"""Cyrillic letters that look like Latin ones."""


_MAIL_FOR_ALL: Final = frozenset(
    [
        "gmail.com",
        "mail.com",
        "ymail.com",
        "email.com",
        "hotmail.com",
        "outlook.com",
        "yahoo.com",
        "mail.ru",
        "bk.ru",
        "list.ru",
        "ukr.net",
        "i.ua",
        "meta.ua",
        "gmx.de",
        "gmx.net",
        "web.de",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "live.com",
        "wp.pl",
        "op.pl",
        "o2.pl",
        "free.fr",
        "sfr.fr",
    ]
)
"""Providers of mail for everybody: their names may resemble one another."""


def auth_failed(headers: Headers, trusted_authserv: str) -> bool:
    """Our own server says that the sender is not who he claims to be.

    Only the topmost Authentication-Results counts, and only where it carries the configured server's name: everything
    below may have been written by the sender. Without a configured name nothing is known, and nothing is said.
    """
    verdicts, _ = _verdicts(headers, trusted_authserv)
    dmarc = verdicts.get("dmarc", set())
    if dmarc & {"fail"}:
        return True
    if "pass" in dmarc:
        return False
    return bool(verdicts.get("spf", set()) & {"fail"}) and "pass" not in verdicts.get("dkim", set())


def auth_passed(headers: Headers, trusted_authserv: str, author: Person) -> bool:
    """Our own server says that it comes from the domain of its From. Which server is believed: see `auth_failed`."""
    verdicts, named = _verdicts(headers, trusted_authserv)
    domain = ascii_domain(author.address.rpartition("@")[2])
    return bool(domain) and verdicts.get("dmarc") == {"pass"} and named <= {domain}


def _verdicts(headers: Headers, trusted_authserv: str) -> tuple[dict[str, set[str]], set[str]]:
    """What our server found, by method, and the domains of From that it names."""
    if not trusted_authserv:
        return {}, set()
    value = headers.get("authentication-results")[:20_000]
    for _ in range(4):
        value = _COMMENT.sub(" ", value)
    server, _, results = value.partition(";")
    if server.strip().split(" ")[0].lower() != trusted_authserv.strip().lower():
        return {}, set()
    verdicts: dict[str, set[str]] = {}
    for method, verdict in _VERDICT.findall(";" + results):
        verdicts.setdefault(method.lower(), set()).add(verdict.lower())
    return verdicts, {ascii_domain(name.rstrip(".")) or name for name in _NAMED.findall(results)}


def is_lookalike(author: Person, own_addresses: Iterable[str]) -> bool:
    """The sender's name or address is made to be taken for another's."""
    domain = author.address.rpartition("@")[2]
    if len(domain) > _LONG_DOMAIN:
        return True
    if is_read_in_two_ways(domain):
        return True
    return _name_claims_address(author) or _mixes_scripts(author) or _like_ours(author.address, own_addresses)


def _name_claims_address(author: Person) -> bool:
    """The name shown is an address, of another domain than the true one."""
    found = EMAIL.search(author.name)
    claimed = normalise_address(found[0]) if found else ""
    if not claimed or "." not in claimed.rpartition("@")[2] or not author.address:
        return False
    return not _related(claimed.rpartition("@")[2], author.address.rpartition("@")[2])


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def _mixes_scripts(author: Person) -> bool:
    words = _WORD.findall(author.name[:200])
    domain = author.address.rpartition("@")[2]
    labels = [decoded_label(label) for label in domain.split(".")]
    if any(len(_scripts(word)) > 1 for word in [*words, *labels]):
        return True
    top = labels[-1] if labels else ""
    return any(
        label
        and not label.isascii()
        and top.isascii()
        and "CYRILLIC" in _scripts(label)
        and set(_letters(label)) <= _LIKE_LATIN
        for label in labels[:-1]
    )


def _letters(label: str) -> list[str]:
    return [c for c in label if c.isalpha()]


def _scripts(word: str) -> set[str]:
    names = {unicodedata.name(c, "").split(" ")[0] for c in word[:100] if c.isalpha()}
    return names & set(_SCRIPTS)


def _like_ours(address: str, own_addresses: Iterable[str]) -> bool:
    """The domain is one of ours but for a letter."""
    domain = _skeleton(address.rpartition("@")[2])
    if len(domain) < 6 or address.rpartition("@")[2] in _MAIL_FOR_ALL:
        return False
    ours = {own.rpartition("@")[2].lower() for own in own_addresses}
    if address.rpartition("@")[2] in ours or any(_related(address.rpartition("@")[2], own) for own in ours):
        return False
    return any(own and (_skeleton(own) == domain or _one_apart(_skeleton(own), domain)) for own in ours)


def _skeleton(domain: str) -> str:
    text = ".".join(decoded_label(label) for label in domain.lower().split("."))
    text = text.translate(str.maketrans("аеорсухіј", "aeopcyxij"))
    for pair, single in (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s")):
        text = text.replace(pair, single)
    return text


def _one_apart(one: str, other: str) -> bool:
    """One letter changed, added, left out or swapped with its neighbour."""
    if abs(len(one) - len(other)) > 1 or len(one) > 80:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, their = one[start:], other[start:]
    return (
        rest[1:] == their[1:]
        or rest[1:] == their
        or rest == their[1:]
        or (len(rest) > 1 and len(their) > 1 and rest[0] == their[1] and rest[1] == their[0] and rest[2:] == their[2:])
    )
