"""Whose address is it: the forms under which identities are compared, and which addresses are ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from agent_tui.content.addresses import address_in_name, folded, normalise_address
from agent_tui.content.domains import ascii_domain
from agent_tui.content.quote_words import EMAIL as ADDRESS
from agent_tui.content.safe import safe
from agent_tui.domain.message import Person
from agent_tui.domain.text import NOTHING, SafeText

Key = tuple[str, str]
"""(kind, normalised value)."""

EMAIL = "email"

_DOMAIN = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


def email_key(address: str) -> Key | None:
    """The key of a mail address: lower case, the domain in its ASCII form. None where it is not one clean address.

    Dots and plus-tags are kept: whether they matter is for the receiving server to say, and a wrong guess would show
    one customer's mail to another. For the same reason nothing is folded but the case: `ß` is not `ss`.
    """
    local, _, written = normalise_address(address).rpartition("@")
    domain = ascii_domain(written) if local else None
    return (EMAIL, f"{folded(local)}@{domain}") if domain and _DOMAIN.fullmatch(domain) else None


def as_written(address: str) -> SafeText:
    """A mail address that has a key, as it is kept for a contact: with the capitals that its server may ask for."""
    local, _, written = normalise_address(address).rpartition("@")
    return safe(f"{local}@{ascii_domain(written)}", one_line=True)


def identity_key(kind: str, value: str, backend: str) -> Key | None:
    """The key of any identity. Ids that only their service understands are kept apart from those of others."""
    if kind == EMAIL:
        return email_key(value)
    value = value.strip()
    if not value or len(value) > 500:
        return None
    if kind == "phone":
        digits = re.sub(r"[^\d+]", "", value)
        return ("phone", digits) if len(digits) >= 5 else None
    return (f"{kind}:{backend}", value.lower())


class Ours:
    """Addresses of all accounts: who writes from one of them is us, and never a customer."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._keys = frozenset(key for address in addresses if (key := email_key(address)) is not None)

    def __contains__(self, person: object) -> bool:
        return isinstance(person, Person) and (key := email_key(person.address)) is not None and key in self._keys

    def wrote(self, address: str) -> bool:
        """This address is ours."""
        return self.has(email_key(address))

    def has(self, key: Key | None) -> bool:
        """This key is ours."""
        return key is not None and key in self._keys

    def has_domain(self, address: str) -> bool:
        """The address is of a domain that one of ours is of."""
        domain = ascii_domain(address.rpartition("@")[2])
        return bool(domain) and domain in {value.rpartition("@")[2] for _kind, value in self._keys}


def plain_name(person: Person) -> SafeText:
    """The name to call somebody by; none where it is an address: beside no address, it would be taken for his."""
    spelt = address_in_name(person.name) or ADDRESS.search(unicodedata.normalize("NFKC", person.name))
    return NOTHING if spelt else person.name


def foreign(people: Sequence[Person], ours: Ours) -> Sequence[Person]:
    """Those with a clean address who are not us, each once."""
    seen: set[Key] = set()
    found = []
    for person in people:
        key = email_key(person.address)
        if key is not None and not ours.has(key) and key not in seen:
            seen.add(key)
            found.append(person)
    return found
