"""HTML to lines of text, as a reader would see them: links by their real host, nothing hidden, nothing fetched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from agent_tui.content.domains import ascii_domain
from agent_tui.content.markup import rewrite
from agent_tui.content.safe import safe
from agent_tui.content.tables import Line, aligned
from agent_tui.domain.text import SafeText

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

LINKS_CAP: Final = 500
LINKS_READ: Final = 1_000
"""Links that are looked at in one mail: a host beyond ASCII may cost two milliseconds."""
LINES_CAP: Final = 20_000
_TEXT_CAP: Final = 1_000_000
_LINK_CAP: Final = 2_000
_CLAIM_CAP: Final = 100
_WORDS_CAP: Final = 300
_SPACES = re.compile("[ \t\r\n\f\v\x1c-\x1e\x85\u00a0\u2028\u2029]+")
_BREAKS = re.compile("[\r\f\v\x1c-\x1e\x85\u2028\u2029]")
_BLOCKS: Final = frozenset(
    [
        "html",
        "body",
        "p",
        "div",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "caption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "hr",
        "center",
        "article",
        "section",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "address",
        "figure",
        "figcaption",
        "details",
        "summary",
        "form",
        "fieldset",
    ]
)
_SPACED: Final = frozenset(["p", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "dl", "blockquote"])
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[\w.-]+")
_LAST_LABEL = re.compile(r"[a-zA-Z\u00a1-\uffff][\w-]{1,30}")
_BEHIND_HOST: Final = "/:?#)],;.!"


@dataclass(slots=True)
class HtmlText:
    """What became of the HTML."""

    lines: list[Line] = field(default_factory=list)
    links: list[SafeText] = field(default_factory=list)
    link_differs: str = ""
    """The first link that leads elsewhere than its words say: `what they say → where it leads`."""
    links_read: int = 0
    truncated: bool = False
    hidden: bool = False
    """It holds words that its styles hide. They are left out, unless they are all there is."""

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(line.shown for line in self.lines)


def html_text(source: str, links_read: int = 0) -> HtmlText:
    """Read HTML of a mail in which so many links were read already."""
    from selectolax.lexbor import LexborHTMLParser

    markup = rewrite(source.replace("\0", ""))
    result = HtmlText(links_read=links_read, truncated=markup.truncated)
    root = LexborHTMLParser(markup.text).root
    if root is not None:
        walker = _Walker(result)
        walker.walk(root)
        result.lines = aligned(_tidy(walker.flow.finish()))
        secret = set(_WORD.findall(" ".join(walker.hidden).lower()))
        result.hidden = bool(secret - set(_WORD.findall(result.text.lower())))
        if result.hidden and not result.text.strip():
            walker = _Walker(result, all_of_it=True)
            walker.walk(root)
            result.lines = aligned(_tidy(walker.flow.finish()))
    if len(result.lines) > LINES_CAP:
        result.lines, result.truncated = result.lines[:LINES_CAP], True
    return result


def _tidy(lines: list[Line]) -> list[Line]:
    """No more than two empty lines in a row, none at the ends."""
    out: list[Line] = []
    empty = 0
    for line in lines:
        empty = 0 if line.text.strip() else empty + 1
        if empty <= 1:
            out.append(line)
    while out and not out[0].text.strip():
        out.pop(0)
    while out and not out[-1].text.strip():
        out.pop()
    return out


@dataclass(slots=True)
class _Flow:
    """Lines being written: the page, or one cell of a table."""

    lines: list[Line] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    depth: int = 0
    quoted: bool = False
    indent: str = ""
    bullet: str = ""

    def put(self, text: str) -> None:
        if text == " " and (not self.words or self.words[-1].endswith((" ", "\n"))):
            return
        self.words.append(text)

    def newline(self) -> None:
        text = "".join(self.words)
        if not text.startswith("\u0001"):
            text = re.sub(" {2,}", " ", text.replace("\u00a0", " ")).strip(" ")
        else:
            text = text[1:]
        self.lines.append(
            Line((self.bullet or self.indent) + text if text or self.bullet else "", self.depth, self.quoted)
        )
        if self.bullet:
            self.bullet = ""
        self.words = []

    def end_line(self) -> None:
        if any(word.strip(" ") for word in self.words):
            self.newline()
        else:
            self.words = []

    def gap(self) -> None:
        self.end_line()
        if self.lines and self.lines[-1].text.strip():
            self.lines.append(Line("", self.depth, self.quoted))

    def finish(self) -> list[Line]:
        self.end_line()
        return self.lines


@dataclass(slots=True)
class _List:
    ordered: bool
    number: int = 1


class _Walker:
    """Goes through the tree without recursion, and writes lines."""

    def __init__(self, result: HtmlText, *, all_of_it: bool = False) -> None:
        self.result = result
        self.all_of_it = all_of_it
        self.hidden: list[str] = []
        self.flow = _Flow()
        self.flows: list[_Flow] = []
        self.rows: list[list[list[Line]]] = []
        self.lists: list[_List] = []
        self.pre = 0
        self.link: tuple[int, str] | None = None
        self.written = 0

    def walk(self, root: LexborNode) -> None:
        waiting: list[tuple[LexborNode, bool]] = [(root, False)]
        while waiting:
            node, leaving = waiting.pop()
            tag = node.tag or ""
            if leaving:
                self._leave(node, tag)
                continue
            if tag == "-text":
                self._text(node.text_content or "")
                continue
            attributes = node.attributes if tag != "-document" else {}
            if (tag.startswith("-") and tag != "-document") or tag in {"head", "title"}:
                continue
            if "hidden" in attributes and not self.all_of_it:
                self.hidden.append(node.text(deep=True, separator=" "))
                continue
            if self.written > _TEXT_CAP:
                self.result.truncated = True
                continue
            self._enter(node, tag, dict(attributes))
            waiting.append((node, True))
            waiting.extend((child, False) for child in reversed(list(_children(node))))

    def _text(self, text: str) -> None:
        if self.pre:
            text = _BREAKS.sub(" ", text)
            for number, line in enumerate(text.split("\n")):
                if number:
                    self.flow.newline()
                if line:
                    self.flow.put(line if self.flow.words else "\u0001" + line.replace("\u0001", ""))
        else:
            words = _SPACES.sub(" ", text).replace("\u0001", "")
            if words == " " and "\u00a0" in text:
                words = "\u00a0"  # alone in a block it means an empty line
            if words:
                self.flow.put(words)
        self.written += len(text)

    def _enter(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> None:
        quote = attributes.get("data-q") or ""
        if tag in {"td", "th"}:
            self.flows.append(self.flow)
            self.flow = _Flow(quoted=self.flow.quoted)
        elif tag == "tr":
            self.flow.end_line()
            self.rows.append([])
        elif tag in _BLOCKS:
            spaced = tag in _SPACED and "data-t" not in attributes and not (tag in {"ul", "ol"} and self.lists)
            (self.flow.gap if spaced else self.flow.end_line)()
        if quote in {"whole", "intro", "onward"}:
            self.flow.end_line()
            self.flow.quoted = True
        self._enter_tag(tag, attributes)

    def _enter_tag(self, tag: str, attributes: dict[str, str | None]) -> None:
        match tag:
            case "br":
                self.flow.newline()
            case "hr":
                self.flow.lines.append(Line("----------", self.flow.depth, self.flow.quoted))
            case "blockquote":
                self.flow.depth += 1
            case "ul" | "ol":
                start = attributes.get("start") or "1"
                self.lists.append(_List(tag == "ol", int(start) if start.isdigit() else 1))
                self.flow.indent = "  " * (min(len(self.lists), 8) - 1)
            case "li":
                self._bullet()
            case "pre":
                self.pre += 1
            case "img":
                alt = safe(attributes.get("alt") or "", one_line=True, cap=100)
                if alt:
                    self.flow.put(f"[{alt}]")
                elif attributes.get("src") == "cid":
                    self.flow.put("[image]")
            case "a" if attributes.get("href"):
                self.link = (len(self.flow.words), attributes["href"] or "")

    def _bullet(self) -> None:
        level = "  " * (min(len(self.lists), 8) - 1) if self.lists else ""
        if self.lists and self.lists[-1].ordered:
            self.flow.bullet = f"{level}{self.lists[-1].number}. "
            self.lists[-1].number += 1
        else:
            self.flow.bullet = f"{level}- "
        self.flow.indent = level + "  "

    def _leave(self, node: LexborNode, tag: str) -> None:
        quote = node.attributes.get("data-q") if tag != "-document" else None
        if tag == "a" and self.link is not None:
            self._end_link()
        elif tag in {"td", "th"} and self.flows:
            lines = _tidy(self.flow.finish())
            self.flow = self.flows.pop()
            if self.rows:
                self.rows[-1].append(lines)
            else:
                self._add(lines)
        elif tag == "tr" and self.rows:
            self._end_row(self.rows.pop())
        elif tag in _BLOCKS:
            self.flow.end_line()
            self._leave_block(tag, tight="data-t" in node.attributes)
        if quote in {"whole", "intro"}:
            self.flow.end_line()
            self.flow.quoted = False

    def _leave_block(self, tag: str, *, tight: bool) -> None:
        match tag:
            case "blockquote":
                self.flow.depth = max(0, self.flow.depth - 1)
            case "ul" | "ol":
                if self.lists:
                    self.lists.pop()
                self.flow.indent = "  " * (min(len(self.lists), 8)) if self.lists else ""
            case "li":
                self.flow.bullet = ""
            case "pre":
                self.pre = max(0, self.pre - 1)
        if tag in _SPACED and not tight and not (tag in {"ul", "ol"} and self.lists):
            self.flow.gap()

    def _end_row(self, cells: list[list[Line]]) -> None:
        """One line where every cell is one; else the cells below one another, as a layout table means it."""
        full = [cell for cell in cells if any(line.text.strip() for line in cell)]
        if full and len(cells) > 1 and all(len(cell) <= 1 and not (cell and cell[0].depth) for cell in cells):
            quoted = any(cell[0].quoted for cell in full)
            texts = tuple(cell[0].text.strip() if cell else "" for cell in cells)
            between = " | ".join(filter(None, texts))
            self.flow.lines.append(Line(between, self.flow.depth, self.flow.quoted or quoted, texts))
            return
        for cell in full:
            self._add(cell)

    def _add(self, lines: list[Line]) -> None:
        for line in lines:
            line.depth += self.flow.depth
            line.quoted = line.quoted or self.flow.quoted
        self.flow.lines.extend(lines)

    def _end_link(self) -> None:
        assert self.link is not None
        at, href = self.link
        self.link = None
        words = "".join(self.flow.words[at:]).replace("\u0001", "")
        self.result.links_read += 1
        if self.result.links_read > LINKS_READ:
            self.result.truncated = True
            self.flow.put(" [not opened]")
            return
        shown = show_link(words, href)
        if shown.claimed and not self.result.link_differs:
            self.result.link_differs = f"{shown.claimed} → {shown.host}"
        if shown.target and len(self.result.links) < LINKS_CAP:
            self.result.links.append(shown.target)
        if shown.host:
            self.flow.put(f" [{shown.host}]" if words.strip() else f"[{shown.host}]")


def _children(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


# Links


@dataclass(frozen=True, slots=True)
class ShownLink:
    """How a link is shown."""

    target: SafeText
    """What would be opened; empty where it must not be."""
    host: str
    """To be shown behind its words; empty where they tell it already."""
    claimed: str = ""
    """Another host, or address, that its words name; empty where they name none, or the same."""


def show_link(words: str, href: str) -> ShownLink:
    """A link by the host it truly leads to. Only web and mail links are links."""
    href = "".join(href.split())[:_LINK_CAP]
    scheme = href.partition(":")[0].lower()
    if scheme == "mailto":
        address = href[7:].partition("?")[0]
        told = address.lower() in words.lower() or not address
        other = next((str(safe(word, one_line=True, cap=_CLAIM_CAP)) for word in words.split() if "@" in word), "")
        return ShownLink(
            safe(f"mailto:{address}", one_line=True),
            "" if told else str(safe(address, one_line=True)),
            "" if told else other,
        )
    if scheme == "tel":
        return ShownLink(safe("", one_line=True), "")
    if scheme not in {"http", "https"}:
        odd = ":" in href and bool(re.fullmatch(r"[a-z][a-z0-9+.-]{0,20}", scheme))
        return ShownLink(safe(""), f"{scheme}: not opened" if odd else "")
    host = link_host(href)
    if not host:
        return ShownLink(safe(""), "no address")
    claimed = _named_host(words.strip()[:_WORDS_CAP])
    same = bool(claimed) and _same_site(_ascii(claimed), host)
    target = _target(href, host)
    looks_like_host = bool(claimed) and not same and not _is_sentence(words)
    told = (same and claimed == host.removeprefix("www.")) or claimed == host
    return ShownLink(
        target,
        "" if told else host,
        str(safe(claimed, one_line=True, cap=_CLAIM_CAP)) if looks_like_host else "",
    )


def _named_host(words: str) -> str:
    """The first host that the words name, alone or in an address; nothing in them is looked at more than twice."""
    for name in _NAME.finditer(words):
        behind = words[name.end() : name.end() + 1]
        address = _NAME.match(words, name.end() + 1) if behind == "@" else None
        host = _host_in(address[0], words[address.end() : address.end() + 1], ahead=True) if address else ""
        host = host or _host_in(name[0], behind)
        if host:
            return host.lower()
    return ""


def _host_in(name: str, behind: str, *, ahead: bool = False) -> str:
    """The first host in letters, digits, dashes and dots, as long as it can be; `ahead`: they must begin with it."""
    if "." not in name:
        return ""
    ends = not behind or behind.isspace() or behind in _BEHIND_HOST
    labels, begin = name.split("."), 0
    for place, label in enumerate([*labels, ""]):
        if label:
            continue
        for last in range(place - 1, begin, -1):
            if (ends or last < len(labels) - 1) and _LAST_LABEL.fullmatch(labels[last]):
                return ".".join(labels[begin : last + 1])
        if ahead:
            break
        begin = place + 1
    return ""


def _target(href: str, host: str) -> SafeText:
    """The link without user and password, its host in ASCII: what is opened is what is shown."""
    try:
        parts = urlsplit(href)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return safe("")
    rest = parts._replace(netloc=host + port, scheme=parts.scheme.lower()).geturl()
    text = safe(rest, one_line=True, cap=_LINK_CAP + 300)
    return text if text == rest else safe("")


def without_remarks(text: str, links: Iterable[str]) -> str:
    """The text without what was put behind its links here: the host or the address that each leads to."""
    targets = (link[7:] if link.startswith("mailto:") else link_host(link) for link in links)
    remarks = "|".join(re.escape(target) for target in {*targets} - {""})
    return re.sub(rf"(?m)(?: |^)\[(?:{remarks or '(?!)'}|[a-z][a-z0-9+.-]{{0,20}}: not opened)\]", "", text)


def link_host(href: str) -> str:
    """The host a web link leads to, in ASCII; browsers take backslashes for slashes, so do we."""
    try:
        host = urlsplit(href.replace("\\", "/")).hostname or ""
    except ValueError:
        return ""
    return _ascii(host)


def _ascii(host: str) -> str:
    host = host.strip().rstrip(".").lower()
    if not host.isascii():
        mapped = unicodedata.normalize("NFKC", host).replace("\u3002", ".")  # as browsers do
        host = ascii_domain(mapped) or "xn--" + re.sub(r"[^a-z0-9.-]", "-", host)[:200]
    return host if re.fullmatch(r"[a-z0-9._:-]{1,253}", host) else ""


def _same_site(claimed: str, host: str) -> bool:
    """One host is the other or stands below it."""
    claimed, host = claimed.removeprefix("www."), host.removeprefix("www.")
    return claimed == host or host.endswith("." + claimed) or claimed.endswith("." + host)


def _is_sentence(words: str) -> bool:
    """A host named in passing, within a longer text, is no claim of where the link leads."""
    return len(words.split()) > 4
