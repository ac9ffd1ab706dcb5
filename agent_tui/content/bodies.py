"""Which parts of a mail are its text, and what that text is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from agent_tui.content.charsets import decode
from agent_tui.content.html import HtmlText, html_text
from agent_tui.content.markup import HTML_CAP
from agent_tui.content.quotes import fold_quotes
from agent_tui.content.safe import safe
from agent_tui.content.tree import Part, Tree
from agent_tui.domain.text import NOTHING, SafeText

TEXT_CAP: Final = 1_000_000
"""Characters of text that are shown of one message."""
_TEXTS: Final = frozenset({"text/plain", "text/html", "text/enriched", "text/markdown"})
_BODY_CAP: Final = 4_000_000
_MARKUP_CAP: Final = 2 * HTML_CAP
"""Characters of HTML that are read of all parts together: each costs the more the denser its tags and links are."""
_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SIGNS = re.compile(r"[^\W\d_]+|\d+")
_NUMBERS = re.compile(r"\d+")
_ADDRESSES = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,200}\w")
_NEGATIONS = re.compile(
    r"(?<!\w)(?:not|no|never|cannot|\w{1,20}n['’]t|nicht|kein\w{0,2}|nie|ne|pas|jamais|nunca|non|mai|não|не|ні|нет|ни|nem|inte|ikke)(?!\w)"
)
_ODD_WORDS: Final = 3
"""So many words may stand in one alternative alone: names of pictures, the words of a button."""
_LINKS = re.compile(r"https?://\S{1,2000}|\[[\w.-]{1,250}\]|<[^<>\s]{1,500}>")


@dataclass(slots=True)
class Body:
    """The text of a mail."""

    text: SafeText = NOTHING
    marked: list[bool] = field(default_factory=list)
    """Per line: the markup itself says that it is quoted. Empty for plain text."""
    calendar: SafeText = NOTHING
    """What an invitation says: it stands below the text."""
    links: list[SafeText] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    """The parts it was made from: they are no files."""
    alternatives_differ: bool = False
    link_differs: str = ""
    hidden_text: bool = False
    truncated: bool = False
    markup: int = 0
    """Characters of HTML that were read."""
    links_read: int = 0


def read_body(raw: bytes, tree: Tree) -> Body:
    """The text of a message: all its text parts that are meant to be read, in order; of alternatives, one."""
    body = Body()
    texts: list[str] = []
    marked: list[bool] = []
    for part in _readable(tree.root):
        if part.kind == "multipart/alternative":
            text, flags = _alternative(raw, part, body)
        else:
            text, flags = _one(raw, part, body)
        if not text.strip():
            continue
        if texts:
            texts.append("")
            marked.append(False)
        texts.append(text)
        marked += flags
    joined = "\n".join(texts)
    if len(joined) > TEXT_CAP:
        joined, body.truncated = joined[:TEXT_CAP], True
    body.text = safe(joined)
    body.marked = marked if any(marked) and body.text.count("\n") + 1 == len(marked) else []
    return body


def is_attachment(part: Part) -> bool:
    """It is meant as a file, not as text to read on."""
    disposition = part.headers.parametered("content-disposition")
    if disposition.value == "attachment":
        return True
    named = bool(disposition.parameters.get("filename") or part.type.parameters.get("name"))
    return named and disposition.value != "inline"


def _readable(root: Part) -> list[Part]:
    """Text parts and whole alternatives, in order; not those inside attached messages."""
    found: list[Part] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.kind == "multipart/alternative":
            found.append(part)
        elif part.kind.startswith("multipart/"):
            waiting.extend(reversed(part.children))
        elif part.kind in _TEXTS and (part.parent is None or not is_attachment(part)):
            found.append(part)
    return found


def _alternative(raw: bytes, part: Part, body: Body) -> tuple[str, list[bool]]:
    """Plain text where it says what the HTML says; else the HTML, which is what people see of it elsewhere."""
    leaves = [leaf for leaf in part.walk() if not leaf.children and leaf.kind in {"text/plain", "text/html"}]
    leaves = [leaf for leaf in leaves if not leaf.within("message/rfc822") and not is_attachment(leaf)]
    plain = next((leaf for leaf in leaves if leaf.kind == "text/plain"), None)
    rich = next((leaf for leaf in leaves if leaf.kind == "text/html"), None)
    if plain is None or rich is None:
        only = [text for leaf in leaves[:1] for text in [_one(raw, leaf, body)]]
        return only[0] if only else ("", [])
    text = plain_text(raw, plain)
    html = _html(raw, rich, body)
    body.parts += [plain, rich]
    body.links += html.links
    body.link_differs = body.link_differs or html.link_differs
    shows, differs = _compare(text, html)
    body.alternatives_differ = body.alternatives_differ or differs
    if shows == "plain":
        return text, [False] * (text.count("\n") + 1)
    body.hidden_text = body.hidden_text or html.hidden
    body.truncated = body.truncated or html.truncated
    return html.text, [line.quoted for line in html.lines]


def _compare(text: str, html: HtmlText) -> tuple[str, bool]:
    """Which alternative is shown, and whether the plain one says something else than the HTML.

    Compared is what is new in both: a long quote would make any two answers alike.
    """
    if not text.strip():
        return "html", False
    new, their_new = _new_text(text, ()), _new_text(html.text, [line.quoted for line in html.lines])
    ours, theirs = _words(new), _words(their_new)
    data_beyond = _tells_data_beyond(new, their_new, _in_tables(html))
    if not ours or not theirs:
        shows = "plain" if ours or not html.text.strip() else "html"
        return shows, shows == "plain" and data_beyond
    common = len(ours & theirs)
    differs = common < 0.5 * len(ours)
    contradicts = differs or _contradicts(new, their_new, ours, theirs)
    leaves_out = common < 0.6 * len(theirs) and len(theirs) >= len(ours) + 15
    if differs or leaves_out or data_beyond:
        unsaid = set(_NUMBERS.findall(new)) - set(_NUMBERS.findall(their_new))
        return "html", contradicts or bool(unsaid) or _negates(new) > _negates(their_new)
    return "plain", contradicts or len(theirs - ours) > max(2 * _ODD_WORDS, len(theirs) // 4)


def _tells_data_beyond(new: str, their_new: str, in_tables: str) -> bool:
    """The HTML tells a number, or something in a table, that the plain text does not: however little, it is data.

    Counted, for a number that stands elsewhere in the plain text tells nothing of a row of an order.
    """
    numbers = Counter(_NUMBERS.findall(their_new)) - Counter(_NUMBERS.findall(new))
    cells = Counter(_SIGNS.findall(in_tables)) - Counter(_SIGNS.findall(new))
    return bool(numbers or cells)


def _in_tables(html: HtmlText) -> str:
    """What stands beside other things in rows, without what is quoted."""
    rows = (line.cells for line in html.lines if not (line.quoted or line.depth))
    cells = (cell for row in rows if sum(1 for cell in row if cell.strip()) > 1 for cell in row)
    return _LINKS.sub(" ", "\n".join(cells).lower())


def _contradicts(new: str, their_new: str, ours: set[str], theirs: set[str]) -> bool:
    """Most words are the same, and yet another amount, account or address, a `not`, or a sentence more."""
    for pattern in (_NUMBERS, _ADDRESSES):
        told, said = set(pattern.findall(new)), set(pattern.findall(their_new))
        if told - said and said - told:
            return True
    only, their_only = len(ours - theirs), len(theirs - ours)
    if only > max(_ODD_WORDS, len(ours) // 5):
        return True
    nearly_same = max(only, their_only) <= max(_ODD_WORDS, len(theirs) // 10)
    return nearly_same and _negates(new) != _negates(their_new)


def _negates(text: str) -> int:
    return len(_NEGATIONS.findall(text))


def _new_text(text: str, marked: Sequence[bool]) -> str:
    """What is not quoted, in small letters, without links."""
    lines = text[:50_000].split("\n")
    kept = [line for line, fold in zip(lines, fold_quotes(lines, marked), strict=True) if not fold]
    return _LINKS.sub(" ", "\n".join(kept).lower())


def _words(text: str) -> set[str]:
    found: set[str] = set()
    for word in _WORDS.findall(text):
        if word[0] < "\u2e80":
            found.add(word)
        else:
            found.update(word)  # scripts without blanks: their characters
    return found


def _one(raw: bytes, part: Part, body: Body) -> tuple[str, list[bool]]:
    body.parts.append(part)
    if part.kind == "text/html":
        html = _html(raw, part, body)
        body.links += html.links
        body.link_differs = body.link_differs or html.link_differs
        body.hidden_text = body.hidden_text or html.hidden
        body.truncated = body.truncated or html.truncated
        return html.text, [line.quoted for line in html.lines]
    if part.end - part.start > _BODY_CAP * 2:
        body.truncated = True
    text = plain_text(raw, part)
    return text, [False] * (text.count("\n") + 1)


def _html(raw: bytes, part: Part, body: Body) -> HtmlText:
    data = part.content(raw, _BODY_CAP)
    charset = part.type.parameters.get("charset", "")
    if not charset:
        told = re.search(rb"""<meta[^>]{1,200}charset\s*=\s*["']?\s*([\w.:-]{2,40})""", data[:4000], re.IGNORECASE)
        charset = told[1].decode("ascii") if told else ""
    source = decode(data, charset)
    left = max(0, _MARKUP_CAP - body.markup)
    body.markup += min(len(source), HTML_CAP)
    body.truncated = body.truncated or len(source) > left
    html = html_text(source[:left], body.links_read)
    body.links_read = html.links_read
    return html


def plain_text(raw: bytes, part: Part) -> str:
    """The text of a plain part."""
    text = decode(part.content(raw, _BODY_CAP), part.type.parameters.get("charset", ""))
    text = _NEWLINES.sub("\n", text)
    if part.type.parameters.get("format", "").strip().lower() == "flowed":
        return unflow(text, delete_space=part.type.parameters.get("delsp", "").strip().lower() == "yes")
    return text


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Join the soft line breaks of RFC 3676, each depth of quote for itself."""
    out: list[list[str]] = []  # lines as their pieces: a text may be one line of a million
    open_depth = -1
    for raw_line in text.split("\n"):
        rest = raw_line.lstrip(">")
        depth = len(raw_line) - len(rest)
        line = rest.removeprefix(" ")
        signature = line == "-- "
        soft = line.endswith(" ") and not signature
        if soft and delete_space:
            line = line[:-1]
        if open_depth == depth and not signature:
            out[-1].append(line)
        else:
            out.append([">" * depth + " " if depth else "", line])
        open_depth = depth if soft else -1
    lines = map("".join, out)
    return "\n".join(line if line == "-- " else line.rstrip() for line in lines)
