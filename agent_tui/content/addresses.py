"""Addresses out of headers: exactly one clean addr-spec, or none.

The structure is read before any encoded word is decoded, so that nothing inside a word becomes an address. What two
readers could understand differently (comments inside an address, two addresses in one place, encoded words, controls)
is no address here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from agent_tui.content.domains import is_disguised, shown_domain
from agent_tui.content.encoded import decode_words
from agent_tui.content.quote_words import EMAIL
from agent_tui.content.safe import safe
from agent_tui.domain.message import Person
from agent_tui.domain.text import NOTHING, SafeText

PEOPLE_CAP: Final = 25_000
_HEADER_CAP: Final = 2_000_000
_NAME_CAP: Final = 200

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\s]+|[^\s"(),:;<>\\]+|.', re.DOTALL)
_LOCAL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\uffff\U00010000-\U0010ffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\uffff\U00010000-\U0010ffff-]+)*"
)
_LOOSE_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u00a1-\uffff-]+")
_LABEL = re.compile(
    r"[A-Za-z0-9_\u00a1-\uffff\U00010000-\U0010ffff](?:[A-Za-z0-9_\u00a1-\uffff\U00010000-\U0010ffff-]*[A-Za-z0-9_\u00a1-\uffff\U00010000-\U0010ffff])?"
)
_LIKE_A_DOT: Final = str.maketrans(dict.fromkeys("\u3002\ua4f8\u0660\u06f0\u0701\u0702\U00010a50", "."))
_DOT_IN_WORD = re.compile(r"(?<=\w)[\u00b7\u2022\u2027\u2219\u22c5](?=\w)")
_AROUND = re.compile(r" *([@.]) *")
_QUOTED_LOCAL = re.compile(r'"([A-Za-z0-9.!#$%&\'*+/=?^_`{|}~-]+)"@')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One entry of an address header."""

    person: Person
    clean: bool
    """It holds exactly one addr-spec that cannot be misread."""
    grouped: bool = False


def normalise_address(text: str) -> str:
    """An address as it is kept, shown and sent; empty where it is none.

    What stands before the `@` stays as it was written: only its own server may fold it (RFC 5321, section 2.4), and
    a token for answers is lost with its capitals. The domain is in lower case; a part of it that could be read as
    something else stands in it as the wire writes it (`xn--…`). Two are compared by `folded`.
    """
    text = text.strip()
    if len(text) > 320 or text.count("@") != 1:
        return ""
    local, _, domain = text.partition("@")
    if not _LOCAL.fullmatch(local) and not _LOOSE_LOCAL.fullmatch(local):
        return ""
    if "=?" in local or "?=" in local or not local or len(local) > 128:
        return ""
    domain = domain.removesuffix(".")
    if not domain or len(domain) > 253 or not all(len(n) < 64 and _LABEL.fullmatch(n) for n in domain.split(".")):
        return ""
    if text.isascii():
        return f"{local}@{domain.lower()}"
    shown = None if is_disguised(text) else shown_domain(domain)
    if shown is None:
        return ""
    clean = f"{unicodedata.normalize('NFC', local)}@{shown}"
    if safe(clean, one_line=True) != clean or any(unicodedata.category(c)[0] in "ZC" for c in clean):
        return ""
    return clean


def folded(address: str) -> str:
    """What two addresses are compared by: nearly all servers deliver them whatever their case. Never sent or shown."""
    return unicodedata.normalize("NFC", address.lower())


def address_in_name(name: str) -> str:
    """The first address that a name spells; empty where it spells none."""
    return next(iter(addresses_in_name(name)), "")


def addresses_in_name(name: str) -> list[str]:
    """The addresses that a name spells.

    Read is what a person reads: other signs for `@` and the dot, and blanks around them, are no hindrance.
    """
    text = unicodedata.normalize("NFKC", name)
    if "@" not in text:
        return []
    text = _DOT_IN_WORD.sub(".", text.translate(_LIKE_A_DOT))
    # What stands there without blanks is taken away first: in `a@x.example. Support` the sentence ends.
    return [*_dotted(text), *_dotted(_AROUND.sub(r"\1", EMAIL.sub("\n", text)))]


def _dotted(text: str) -> list[str]:
    return [match[0] for match in EMAIL.finditer(text) if "." in match[0].rpartition("@")[2]]


def read_mailboxes(value: str) -> list[Mailbox]:
    """The entries of an address header, whose encoded words are not yet decoded. Groups give their members."""
    found: list[Mailbox] = []
    for tokens, grouped in _entries(value[:_HEADER_CAP]):
        mailbox = _read_entry(tokens, grouped)
        if mailbox is not None:
            found.append(mailbox)
            if len(found) >= PEOPLE_CAP:
                break
    return found


def read_people(value: str) -> list[Person]:
    """The people of a header such as To."""
    return [mailbox.person for mailbox in read_mailboxes(value)]


def _entries(value: str) -> Iterator[tuple[list[str], bool]]:
    """Split at commas and semicolons outside quotes, comments and angle brackets; comments come as one word `(…)`."""
    tokens: list[str] = []
    comment: list[str] = []
    depth, angle, grouped = 0, False, False
    for match in _TOKEN.finditer(value):
        word = match.group()
        if depth:
            depth += (word == "(") - (word == ")")
            comment.append(word)
            if not depth:
                tokens.append("".join(comment))
                comment.clear()
            continue
        if word == "(":
            depth = 1
            comment.append(word)
        elif word in ",;" and not angle:
            yield tokens, grouped
            tokens = []
            grouped = grouped and word != ";"
        elif word == ":" and not angle and not any("@" in t and t[0] != '"' for t in tokens):
            tokens, grouped = [], True
        else:
            angle = word == "<" or (angle and word != ">")
            if angle and word in ",;":
                angle = len(tokens) < 200
            tokens.append(word)
    if comment:
        tokens.append("".join(comment))
    yield tokens, grouped


def _read_entry(tokens: list[str], grouped: bool) -> Mailbox | None:
    if not any(not word.isspace() for word in tokens):
        return None
    opened = [i for i, word in enumerate(tokens) if word == "<"]
    if not opened:
        return _read_bare(tokens, grouped)
    words, inner = tokens[: opened[0]], tokens[opened[0] + 1 :]
    closed = inner.index(">") if ">" in inner else len(inner)
    behind = "".join(t for t in inner[closed + 1 :] if not t.startswith("(")).strip()
    address = _address_of(inner[:closed])
    clean = bool(address) and len(opened) == 1 and not behind
    name = _name_of(words) or _name_of([t for t in inner[closed + 1 :] if t.startswith("(")])
    if not clean:
        if not "".join(inner[:closed]).strip() and not name:
            return None
        name = name or _shown(tokens)
        address = ""
    return Mailbox(Person(name, safe(address, one_line=True)), clean, grouped)


def _read_bare(tokens: list[str], grouped: bool) -> Mailbox:
    """`user@host` or `user@host (Name)`; anything else is a name without an address."""
    plain = [t for t in tokens if not t.startswith("(")]
    while plain and plain[0].isspace():
        plain.pop(0)
    while plain and plain[-1].isspace():
        plain.pop()
    first = next((i for i, t in enumerate(tokens) if t.startswith("(")), len(tokens))
    inside = any(not t.isspace() and not (t.startswith("(") and t.endswith(")")) for t in tokens[first:])
    address = "" if inside else _address_of(plain)
    if address:
        return Mailbox(
            Person(_name_of([t for t in tokens if t.startswith("(")]), safe(address, one_line=True)), True, grouped
        )
    return Mailbox(Person(_shown(tokens), NOTHING), False, grouped)


def _address_of(tokens: list[str]) -> str:
    """The addr-spec that these tokens are and nothing else; a source route in front is not believed."""
    text = "".join(tokens).strip()
    if text.lower().startswith("mailto:"):
        text = text[7:]
    quoted = _QUOTED_LOCAL.match(text)
    if quoted:
        text = f"{quoted[1]}@{text[quoted.end() :]}"
    return normalise_address(text)


def _name_of(tokens: list[str]) -> SafeText:
    words: list[str] = []
    for word in tokens[:2000]:
        if word.startswith('"') and word.endswith('"') and len(word) > 1:
            words.append(re.sub(r"\\(.)", r"\1", word[1:-1]))
        elif word.startswith("("):
            words.append(word[1:].removesuffix(")"))
        else:
            words.append(word)
    name = safe(decode_words("".join(words)), one_line=True, cap=_NAME_CAP)
    for quote in ("'", '"'):
        if len(name) > 2 and name[0] == quote == name[-1]:
            name = safe(name[1:-1], one_line=True)
    return name


def _shown(tokens: list[str]) -> SafeText:
    return safe(decode_words("".join(tokens[:2000])), one_line=True, cap=_NAME_CAP)
