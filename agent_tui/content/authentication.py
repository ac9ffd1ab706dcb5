"""Who really sent it: verdicts of our own mail server, and names made to be mistaken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from agent_tui.content.addresses import addresses_in_name, folded
from agent_tui.content.domains import ascii_domain, decoded_label, is_deceptive, is_read_in_two_ways
from agent_tui.content.headers import Headers, unfold
from agent_tui.content.mail_for_all import is_a_provider, is_mail_for_all
from agent_tui.domain.message import Person

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[();="]|[^\s();="]+|\s+', re.DOTALL)
_IN_COMMENT = re.compile(r"[()]|\\.|[^()\\]+|\\", re.DOTALL)
_METHODS: Final = frozenset({"dkim", "spf", "dmarc"})
_RESULTS_CAP: Final = 200_000
_WORD = re.compile(r"[^\W\d_]+")
_LONG_DOMAIN: Final = 64
"""Longer ones are made so that their end, which says whose they are, stands on no screen."""
_LONG_NAME: Final = 200
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def auth_failed(headers: Headers, trusted_authserv: str, author: Person) -> bool:
    """Our own server says that the sender is not who he claims to be.

    It does so, too, where it proved somebody else: whoever owns a domain can sign with it, whatever From he writes.

    Only the topmost Authentication-Results counts, and only where it carries the configured server's name: everything
    below may have been written by the sender. Of those that follow it without another field between them (a server
    may write one for each method) a failure is heard as well, which nobody forges against himself. Without a
    configured name nothing is known, and nothing is said.
    """
    found = _verdicts(headers, trusted_authserv)
    dmarc = found.of.get("dmarc", set())
    if "fail" in dmarc:
        return True
    domain = _domain_of(author)
    if "pass" in dmarc:
        return bool(found.named) and not any(_related(domain, one) for one in found.named)
    signed = "pass" in found.of.get("dkim", set()) and any(not one or _related(domain, one) for one in found.signers)
    return "fail" in found.of.get("spf", set()) and not signed


def auth_passed(headers: Headers, trusted_authserv: str, author: Person) -> bool:
    """Our own server says that it comes from the domain of its From. Which server is believed: see `auth_failed`."""
    found, domain = _verdicts(headers, trusted_authserv), _domain_of(author)
    return bool(domain) and found.of.get("dmarc") == {"pass"} and found.named <= {domain}


def _domain_of(author: Person) -> str:
    return ascii_domain(author.address.rpartition("@")[2]) or ""


@dataclass(slots=True)
class _Verdicts:
    """What our server found."""

    of: dict[str, set[str]] = field(default_factory=dict)
    """By method."""
    named: set[str] = field(default_factory=set)
    """The domains of From that its DMARC results name."""
    signers: set[str] = field(default_factory=set)
    """The domains of the DKIM signatures that it found good; empty for one that it does not name."""


def _verdicts(headers: Headers, trusted_authserv: str) -> _Verdicts:
    found = _Verdicts()
    for number, value in enumerate(_block(headers) if trusted_authserv else ()):
        server, *results = _tokens(value) or [[]]
        if _plain(server[:1]) != trusted_authserv.strip().lower():
            break
        for result in results:
            if len(result) < 3 or result[1] != "=":
                continue
            method, verdict = result[0].partition("/")[0].lower(), result[2].lower()
            if method in _METHODS and (number == 0 or verdict == "fail"):
                found.of.setdefault(method, set()).add(verdict)
                if method == "dmarc":
                    found.named.update(_domains(result, "from"))
                elif method == "dkim" and verdict == "pass":
                    found.signers.update([*_domains(result, "d")] or [*_domains(result, "i")] or [""])
    return found


def _block(headers: Headers) -> Iterator[str]:
    """The topmost Authentication-Results, and those that follow it directly."""
    begun = False
    for name, value in headers.fields:
        if name == "authentication-results":
            begun = True
            yield unfold(value)
        elif begun:
            return


def _tokens(value: str) -> list[list[str]] | None:
    """The words between the semicolons, without comments; quoted strings stay whole, with their quotes.

    None where a quote or a bracket is not closed: then it is not known which words are the server's own, and which
    are those of a sender that it only repeats (RFC 8601, section 2.2; RFC 5322, section 3.2).
    """
    if len(value) > _RESULTS_CAP:
        return None
    parts: list[list[str]] = [[]]
    at = depth = 0
    while match := (_IN_COMMENT if depth else _TOKEN).match(value, at):
        word, at = match[0], match.end()
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
            if depth < 0:
                return None
        elif depth or word.isspace():
            continue
        elif word == '"':
            return None
        elif word == ";":
            parts.append([])
        else:
            parts[-1].append(word)
    return None if depth else parts


def _domains(result: Sequence[str], header: str) -> Iterator[str]:
    """The domains in the values of `header.from` and the like among the properties of one result."""
    at = 3
    while at + 2 < len(result):
        if result[at + 1] != "=":
            at += 1
            continue
        if result[at].lower().rpartition(".")[2] == header:  # blanks may stand around the dot
            name = _plain(result[at + 2 : at + 3]).rpartition("@")[2].rstrip(".")
            yield ascii_domain(name) or name
        at += 3
        while at < len(result) and result[at] == "=":  # a value that holds one, which names nothing
            at += 2


def _plain(words: Sequence[str]) -> str:
    """A word or quoted string in small letters, without quotes."""
    return "".join(words).strip('"').lower()


def is_lookalike(author: Person, own_addresses: Iterable[str]) -> bool:
    """The sender's name or address is made to be taken for another's."""
    local, _, domain = author.address.rpartition("@")
    if len(domain) > _LONG_DOMAIN:
        return True
    if is_read_in_two_ways(domain) or is_deceptive(domain):
        return True
    if _mixes_scripts(author.name[:_LONG_NAME]) or _mixes_scripts(local):
        return True
    return _name_claims_address(author) or _like_ours(domain, own_addresses)


def _name_claims_address(author: Person) -> bool:
    """The name shown spells an address that is another's than the true one."""
    return any(_is_anothers(claimed.lower(), folded(author.address)) for claimed in addresses_in_name(author.name))


def _is_anothers(claimed: str, true: str) -> bool:
    """It is of another domain; or of one where everybody may have an address, and of somebody else there."""
    his, _, house = claimed.rpartition("@")
    local, _, domain = true.rpartition("@")
    if not house or not domain:
        return False
    house, domain = ascii_domain(house) or house, ascii_domain(domain) or domain
    if is_mail_for_all(house):
        return house != domain or _mailbox(his) != _mailbox(local)
    return not _related(house, domain)


def _mailbox(local: str) -> str:
    """Without what many providers leave out of account."""
    return local.partition("+")[0].replace(".", "")


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def _mixes_scripts(text: str) -> bool:
    return any(len(_scripts(word)) > 1 for word in _WORD.findall(text))


def _scripts(word: str) -> set[str]:
    names = {unicodedata.name(c, "").split(" ")[0] for c in set(word) if c.isalpha()}
    return names & set(_SCRIPTS)


def _like_ours(domain: str, own_addresses: Iterable[str]) -> bool:
    """The domain is one of ours but for a letter, or begins with one of ours and goes on to another's."""
    ours = {own.rpartition("@")[2].lower() for own in own_addresses} - {""}
    if any(_related(domain, own) for own in ours):
        return False
    if any(_goes_on(domain, own) for own in ours):
        return True
    like = _skeleton(domain)
    if len(like) < 6 or is_a_provider(domain):
        return False
    return any(_skeleton(own) == like or _one_apart(_skeleton(own), like) for own in ours)


def _goes_on(domain: str, own: str) -> bool:
    """`bank.com.evil.com` or `bank.com-login.evil.com`; `yahoo.com.br` is the same provider in another country."""
    if is_a_provider(own) and own.endswith(".com") and re.fullmatch(r"\.[a-z]{2}", domain.removeprefix(own)):
        return False
    return "." in own and any(f".{ascii_domain(own) or own}{sign}" in f".{domain}" for sign in ".-")


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
