"""HTML of mails made harmless before it is parsed.

Parsers take seconds for what a mail can hold: half a megabyte of attributes in one tag, thousands of open formatting
tags that are all opened anew in each paragraph. So the markup is read once by a scanner that cannot be slow, and
written again with nothing but what the text needs: a few tags, and of attributes a link's target, an image's
description, and our own marks for what is hidden or quoted.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

from agent_tui.content.styles import Styles

HTML_CAP: Final = 1_500_000
TAGS_CAP: Final = 60_000
DEPTH_CAP: Final = 400
_VALUE_CAP: Final = 4_000
_ATTRIBUTES_CAP: Final = 60

_BETWEEN = re.compile(r"[\s/]*")
"""Passed over before an attribute is looked for: were it part of that pattern, a run of blanks would be tried anew
from each of them."""
_ATTRIBUTE = re.compile(
    r"""([^\s"'<>/=][^\s"'<>/=]{0,80})[^\s<>/="']*(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"'][^\s>]*)))?""",
    re.DOTALL,
)
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_RAW: Final = frozenset(
    [
        "script",
        "style",
        "title",
        "textarea",
        "template",
        "noscript",
        "xmp",
        "iframe",
        "noframes",
        "svg",
        "math",
        "object",
        "applet",
    ]
)
_VOID: Final = frozenset(
    ["br", "hr", "img", "input", "wbr", "col", "area", "base", "link", "meta", "param", "source", "track", "embed"]
)
_KEPT: Final = frozenset(
    [
        "html",
        "body",
        "p",
        "div",
        "br",
        "hr",
        "a",
        "img",
        "b",
        "i",
        "strong",
        "em",
        "u",
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
        "td",
        "th",
        "caption",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "code",
        "tt",
        "span",
        "font",
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
        "del",
        "s",
        "strike",
        "small",
        "big",
        "sub",
        "sup",
        "label",
        "button",
        "form",
        "fieldset",
    ]
)
_CHEAP: Final = {
    "strong": "b", "em": "i", "u": "span", "font": "span", "code": "span", "tt": "span", "s": "span", "strike": "span",
    "del": "span", "small": "span", "big": "span", "sub": "span", "sup": "span", "label": "span", "b": "span", "i": "span",
}  # fmt: skip
"""Formatting tags are only spans here: parsers open them anew again and again."""

_STYLED: Final = ("hidden", "style", "class", "id")
_LOWER: Final = {letter: letter + 32 for letter in range(ord("A"), ord("Z") + 1)}
"""Some letters elsewhere become two when they are made small, and places would no longer be the same."""

_INTRO_CLASSES: Final = frozenset(["moz-cite-prefix", "gmail_attr", "outlookmessageheader", "zmail_extra_header"])
_WHOLE_CLASSES: Final = frozenset(
    [
        "yahoo_quoted",
        "protonmail_quote",
        "tutanota_quote",
        "ms-outlook-mobile-reference-message",
        "zmail_extra",
        "hmail_quote",
    ]
)
_WHOLE_IDS: Final = frozenset(
    ["olk_src_body_section", "mail-editor-reference-message-container", "isreplycontent", "reply-intro", "yahoo_quoted"]
)
_ONWARD_IDS: Final = frozenset(
    ["divrplyfwdmsg", "appendonsend", "stopspelling", "zwchr", "ms-outlook-mobile-signature-end"]
)


@dataclass(frozen=True, slots=True)
class Markup:
    """Markup written anew."""

    text: str
    truncated: bool


def rewrite(source: str) -> Markup:
    """The markup again, with only what the text needs."""
    return _Scanner(source).run()


class _Scanner:
    """One pass over the markup."""

    def __init__(self, source: str) -> None:
        self.truncated = len(source) > HTML_CAP
        self.source = source[:HTML_CAP]
        self.lower = self.source.translate(_LOWER)
        self.out: list[str] = []
        self.styles = Styles(self.source, self.lower)
        self.depth = 0
        self.tags = 0
        self.ends: dict[str, bool] = {}

    def run(self) -> Markup:
        source, at = self.source, 0
        while True:
            opened = source.find("<", at)
            if opened < 0:
                self._text(source[at:])
                break
            self._text(source[at:opened])
            at = self._markup(opened)
            if self.tags > TAGS_CAP:
                self.truncated = True
                break
        return Markup("".join(self.out), self.truncated)

    def _text(self, text: str) -> None:
        if text:
            self.out.append(text.replace("<", "&lt;"))

    def _find(self, what: str, at: int) -> int:
        """Where `what` is next; -1 at once when it was missed before, so that a search to the end happens once."""
        if self.ends.get(what):
            return -1
        found = self.lower.find(what, at)
        if found < 0:
            self.ends[what] = True
        return found

    def _markup(self, at: int) -> int:
        source = self.source
        if source.startswith("<!--", at):
            end = self._find("-->", at + 4)
            return len(source) if end < 0 else end + 3
        if source.startswith(("<!", "<?"), at):
            end = self._find(">", at)
            return len(source) if end < 0 else end + 1
        match = _TAG_NAME.match(source, at)
        if not match:
            if source.startswith("</", at):
                end = self._find(">", at)
                return len(source) if end < 0 else end + 1
            self.out.append("&lt;")
            return at + 1
        self.tags += 1
        name = match[1].lower()
        if source[at + 1] == "/":
            end = self._find(">", match.end())
            self._close(name)
            return len(source) if end < 0 else end + 1
        attributes, end = self._attributes(match.end())
        if name in _RAW:
            return self._skip_raw(name, end)
        self._open(name, attributes)
        return end

    def _skip_raw(self, name: str, at: int) -> int:
        end = self._find("</" + name, at)
        if end < 0:
            return at if name in {"noscript", "object", "svg", "math", "template"} else len(self.source)
        closed = self._find(">", end)
        return len(self.source) if closed < 0 else closed + 1

    def _attributes(self, at: int) -> tuple[dict[str, str], int]:
        found: dict[str, str] = {}
        source = self.source
        while (at := _past(_BETWEEN, source, at)) < len(source):
            match = _ATTRIBUTE.match(source, at)
            if not match:
                if source[at] == ">":
                    return found, at + 1
                if source[at] == "<" and not found:
                    return found, at
                at += 1
                continue
            at = match.end()
            if len(found) < _ATTRIBUTES_CAP:
                value = next((v for v in match.groups()[1:] if v is not None), "")
                found.setdefault(match[1].lower(), value[:_VALUE_CAP])
        return found, at

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        hidden = self.styles.hide(name, {key: html.unescape(attributes[key]) for key in _STYLED if key in attributes})
        if name not in _KEPT and name not in _VOID:
            name = "div" if ":" not in name and name in {"o", "dir", "menu", "legend"} else "span"
        if name in _VOID and name not in {"br", "hr", "img"}:
            return
        name = _CHEAP.get(name, name)
        if name in _CHEAP:
            name = "span"
        if name not in _VOID:
            if self.depth >= DEPTH_CAP:
                return
            self.depth += 1
        kept = self._kept(name, attributes, hidden)
        self.out.append(f"<{name}{kept}>")

    def _close(self, name: str) -> None:
        if name == "br":
            self.out.append("<br>")
            return
        if name == "p":
            self.out.append("</p>")
            self.depth = max(0, self.depth - 1)
            return
        if name not in _KEPT:
            name = "span"
        if name in _VOID:
            return
        name = _CHEAP.get(name, name)
        if name in _CHEAP:
            name = "span"
        self.depth = max(0, self.depth - 1)
        self.out.append(f"</{name}>")

    def _kept(self, name: str, attributes: dict[str, str], hidden: bool) -> str:
        kept = " hidden" if hidden else ""
        quote = _quote_mark(name, attributes)
        if quote:
            kept += f' data-q="{quote}"'
        if name == "p" and any(word.startswith("Mso") for word in attributes.get("class", "").split()[:40]):
            kept += " data-t"
        if name == "a" and attributes.get("href"):
            kept += f' href="{_escaped(attributes["href"])}"'
        if name == "img":
            inline = "cid" if attributes.get("src", "").lower().startswith("cid:") else "far"
            kept += f' alt="{_escaped(attributes.get("alt", "")[:200])}" src="{inline}"'
        if name == "ol" and attributes.get("start", "").isascii() and attributes.get("start", "").isdigit():
            kept += f' start="{attributes["start"][:6]}"'
        return kept


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _quote_mark(name: str, attributes: dict[str, str]) -> str:
    """`cite` a quote, `intro` its introduction, `whole` both, `onward` from here on to the end."""
    classes = {word.lower().removeprefix("x_") for word in attributes.get("class", "").split()[:40]}
    place = attributes.get("id", "").lower().removeprefix("x_")
    if place in _ONWARD_IDS:
        return "onward"
    if place in _WHOLE_IDS or classes & _WHOLE_CLASSES or place.startswith("yahoo_quoted"):
        return "whole"
    if classes & _INTRO_CLASSES or attributes.get("type", "").lower() == "attribution":
        return "intro"
    if name == "blockquote" and (attributes.get("type", "").lower() == "cite" or "gmail_quote" in classes):
        return "cite"
    return ""


def _escaped(value: str) -> str:
    return html.escape(html.unescape(value), quote=True)
