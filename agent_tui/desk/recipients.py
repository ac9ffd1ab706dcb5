"""Who gets a message: typed addresses, and whom an answer goes to.

An address is taken only where it can be read in one way. Whatever else was typed is named, not guessed at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent_tui.content.domains import ascii_domain
from agent_tui.content.safe import safe
from agent_tui.domain.message import Direction, Message, Person
from agent_tui.domain.text import NOTHING, SafeText

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SPECIAL = re.compile(r'[,;:<>"@()\[\]\\]')
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
"""A quoted string of RFC 5322, and the signs that need one."""
_BETWEEN = re.compile(r"[,;\n]")
LONGEST_LOCAL = 64
LONGEST_DOMAIN = 253


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece of what was typed that is no address. `code` is `no_at`, `bad_local`, `bad_domain` or `ambiguous`."""

    text: SafeText
    code: str


@dataclass(frozen=True, slots=True)
class Typed:
    """Recipients as they were understood."""

    people: tuple[Person, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom an answer goes to."""

    to: tuple[Person, ...]
    cc: tuple[Person, ...] = ()
    elsewhere: tuple[Person, ...] = ()
    """Whom only Reply-To names: the answer is wanted at another address than it came from, and the agent is told."""

    @property
    def reply_to_differs(self) -> bool:
        """The answer goes elsewhere than it came from."""
        return bool(self.elsewhere)


def address_key(address: str) -> str:
    """What tells two addresses apart here: a domain is the same in either of its spellings."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local}{at}{ascii_domain(domain) or domain}"


def keys_of(people: Iterable[Person]) -> frozenset[str]:
    """Their addresses, folded."""
    return frozenset(address_key(person.address) for person in people if person.address)


LONGEST_LINE = 200_000
"""Of a field: twenty thousand recipients are refused later, not cut here."""


def one_line(typed: str) -> SafeText:
    """A typed line as it may be shown and sent; lines of a paste are parted by commas."""
    return safe(re.sub(r"\s*[\r\n]+\s*", ", ", typed.strip()), one_line=True, cap=LONGEST_LINE)


def bare(address: str) -> str:
    """The address without its plus part: `support+tag@x` reaches `support@x`."""
    local, at, domain = address_key(address).rpartition("@")
    return f"{local.split('+', 1)[0]}{at}{domain}" if at and local.split("+", 1)[0] else address_key(address)


def is_own(address: str, own: Collection[str]) -> bool:
    """Whether an address is one of ours; `own` is folded."""
    return address_key(address) in own or bare(address) in own


def read_address(typed: str) -> SafeText | Unread:
    """An address, its domain in the form the wire takes; or why it is none."""
    address = typed.strip()
    if "@" not in address:
        return Unread(safe(typed, one_line=True), "no_at")
    if address.count("@") > 1 or re.search(r"[\s<>\"(),:;\\\[\]]", address):
        return Unread(safe(typed, one_line=True), "ambiguous")
    local, _, domain = address.partition("@")
    if len(local) > LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        return Unread(safe(typed, one_line=True), "bad_local")
    plain = wire_domain(domain)
    if plain is None:
        return Unread(safe(typed, one_line=True), "bad_domain")
    return safe(f"{local}@{plain}", one_line=True)


def wire_domain(domain: str) -> str | None:
    """A domain in ASCII (IDNA), lower case; None where it cannot be one."""
    plain = ascii_domain(domain)
    if plain is None:
        return None
    labels = plain.split(".")
    if len(plain) > LONGEST_DOMAIN or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return None if labels[-1].isdigit() else plain


def wire_address(address: SafeText) -> SafeText:
    """The address as the wire takes it; one that cannot be changed is left for the composer to refuse."""
    local, at, domain = address.rpartition("@")
    plain = None if address.isascii() else wire_domain(domain)
    return safe(f"{local}{at}{plain}", one_line=True) if plain else address


@lru_cache(maxsize=16)
def parse(typed: str) -> Typed:
    """Recipients typed with commas, semicolons or lines between them: `Olena <o@x.example>, bob@y.example`."""
    people: dict[str, Person] = {}
    unread = []
    for piece in _pieces(typed):
        name, address = _name_and_address(piece)
        found = read_address(address)
        if isinstance(found, Unread):
            unread.append(Unread(safe(piece, one_line=True), found.code))
        else:
            people.setdefault(address_key(found), Person(safe(name, one_line=True), found))
    return Typed(tuple(people.values()), tuple(unread))


def _outside(typed: str) -> Iterator[tuple[int, str]]:
    """Signs that are not within quotes, with their places; in quotes a backslash takes the next sign as it is."""
    quoted = escaped = False
    for at, char in enumerate(typed):
        if escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif not quoted:
            yield at, char


def _pieces(typed: str) -> list[str]:
    """Split outside quotes and angle brackets."""
    pieces, start, angled = [], 0, False
    for at, char in _outside(typed):
        if char in "<>":
            angled = char == "<"
        elif _BETWEEN.match(char) and not angled:
            pieces.append(typed[start:at])
            start = at + 1
    pieces.append(typed[start:])
    return [piece.strip() for piece in pieces if piece.strip()]


def _name_and_address(piece: str) -> tuple[str, str]:
    angles = [(at, char) for at, char in _outside(piece) if char in "<>"]
    if [char for _at, char in angles] != ["<", ">"] or angles[1][0] != len(piece) - 1:
        return "", piece
    at = angles[0][0]
    name, address = piece[:at].strip(), piece[at + 1 : -1]
    if _QUOTED.fullmatch(name):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, address


def shown(people: Iterable[Person]) -> str:
    """Recipients as they are typed; what `parse` reads back."""
    return ", ".join(_shown(person) for person in people)


def _shown(person: Person) -> str:
    if not person.name or person.name == person.address:
        return person.address
    plain = person.name.replace("\\", "\\\\").replace('"', '\\"')
    needs = _SPECIAL.search(person.name) or person.name != person.name.strip()
    name = f'"{plain}"' if needs else person.name
    return f"{name} <{person.address}>"


def unique(people: Iterable[Person], besides: Collection[str] = ()) -> tuple[Person, ...]:
    """Everybody once, in order, without those in `besides` (folded) and without those who have no clean address."""
    found: dict[str, Person] = {}
    for person in people:
        key = address_key(person.address)
        if key and key not in besides:
            found.setdefault(key, person)
    return tuple(found.values())


def others(people: Iterable[Person], own: Collection[str]) -> tuple[Person, ...]:
    """Everybody who is not us, once."""
    return tuple(person for person in unique(people) if not is_own(person.address, own))


def answer_to(message: Message, own: Collection[str], *, everybody: bool = False) -> Answer:
    """Whom a reply to a message goes to; never to ourselves.

    A message of ours is answered to those it went to: the agent adds to what was said.
    """
    if message.direction is Direction.OUT:
        to = others(message.to, own)
        return Answer(to, others(message.cc, own) if everybody else ())
    author = others([message.author], own)
    wanted = others(message.reply_to, own)
    to = wanted or author
    # Also where the author is one of us or nobody: a forged mail of "ours" may name anybody in Reply-To.
    elsewhere = unique(wanted, {address_key(person.address) for person in author})
    if not everybody:
        return Answer(to, (), elsewhere)
    to = unique([*to, *others(message.to, own)])
    taken = {address_key(person.address) for person in to}
    cc = tuple(person for person in others(message.cc, own) if address_key(person.address) not in taken)
    return Answer(to, cc, elsewhere)


def written_to(message: Message, own: Sequence[SafeText]) -> SafeText:
    """Our own address that a message was written to, and so is answered from; empty where none of them is named."""
    folded = {address_key(address): address for address in own}
    if message.direction is Direction.OUT:
        return folded.get(address_key(message.author.address), NOTHING)
    for person in (*message.to, *message.cc, *message.bcc):
        found = folded.get(address_key(person.address)) or folded.get(bare(person.address))
        if found:
            return found
    return NOTHING


@dataclass(frozen=True, slots=True)
class Namesake:
    """A recipient, and somebody else who is known here by the same name."""

    address: SafeText
    other: Person
    doubtful: bool
    """We never wrote to the one who was chosen."""


def plain_name(name: str) -> str:
    """A name without what makes no other name of it: case, order, commas. Nothing where it is an address."""
    words = [] if "@" in name else re.findall(r"\w+", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(sorted(words))


@dataclass(frozen=True, slots=True)
class RecipientChange:
    """How recipients differ from those proposed: what the composer underlines."""

    added: frozenset[str]
    removed: tuple[Person, ...]


def compare(proposed: Iterable[Person], present: Iterable[Person]) -> RecipientChange:
    """Who came and who went."""
    before = {address_key(person.address): person for person in proposed}
    after = {address_key(person.address) for person in present}
    return RecipientChange(
        frozenset(after - before.keys()), tuple(person for key, person in before.items() if key not in after)
    )
