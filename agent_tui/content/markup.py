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

from agent_tui.content.styles import Places, Styles

HTML_CAP: Final = 1_500_000
TAGS_CAP: Final = 60_000
DEPTH_CAP: Final = 400
_VALUE_CAP: Final = 4_000

_BETWEEN = re.compile(r"[\t\n\f\r /]*")
"""Passed over before an attribute is looked for: were it part of that pattern, a run of blanks would be tried anew
from each of them. Blanks are those of HTML: another one is part of a name or a value."""
_ATTRIBUTE = re.compile(
    r"""([^\t\n\f\r "'<>/=][^\t\n\f\r "'<>/=]{0,80})[^\t\n\f\r <>/="']*"""
    r"""(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r >"'][^\t\n\f\r >]*)))?"""
)
_TAG_NAME = re.compile(r"</?([a-zA-Z][^\t\n\f\r />]{0,60})")
_TAG = re.compile(r"<[^<>]*>?")
_TAG_BEGINS = re.compile(r"<[a-zA-Z]")
_STYLE_IN_FOREIGN = re.compile(r"[^<]*+(?:<![^<]*+)*+</(?:style|script)", re.IGNORECASE)
_FOREIGN: Final = frozenset(["svg", "math"])
_SILENT: Final = frozenset(["script", "style"])
_LEFT_OUT: Final = frozenset(["title", "template", "iframe", "noframes", "noembed"])
_SPELT: Final = frozenset(["textarea", "xmp", "plaintext"])
"""What stands in them is shown as it is written, tags and all."""
_NO_TEXT: Final = frozenset(["hidden", "password", "checkbox", "radio", "file", "color", "range", "image"])
"""Kinds of input whose value is not shown."""
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
_LINES: Final = frozenset(["o", "dir", "menu", "legend", "text"])
"""Further tags whose words stand in lines of their own; `text` is one of drawings."""

_READ: Final = frozenset(
    ["hidden", "style", "class", "id", "type", "href", "src", "alt", "start", "value", "placeholder", "label", "srcdoc"]
)
"""Attributes that are looked at."""
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
        self.places = Places(self.lower)
        self.depth = 0
        self.tags = 0
        self.foreign = dict.fromkeys(_FOREIGN, 0)
        """How deep in drawings and formulas, where styles and titles are elements like others. In doubt too deep:
        then more is shown."""
        self.doubted = False
        """Of what stands here within a drawing it is not known whether it is spelt."""
        self.spoken = False
        """Words were written."""

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
            self.spoken = self.spoken or not text.isspace()
            self.out.append(text.replace("<", "&lt;"))

    def _left_out(self, markup: str) -> None:
        """Words that no mail program shows: the text is without them, and says so."""
        words = _TAG.sub(" ", markup).strip()
        if words:
            self.out.append(f"<span hidden> {words} </span>")

    def _behind(self, end: int, length: int, at: int) -> int:
        """Behind what ends at `end`. What has no end takes the rest of the mail with it."""
        if end >= 0:
            return end + length
        if not self.truncated:
            self._left_out(self.source[at:])
        return len(self.source)

    def _markup(self, at: int) -> int:
        source = self.source
        if source.startswith("<!--", at):
            return self._behind(self.places.comment_end(at), 0, at + 4)
        if source.startswith("<![CDATA[", at) and self._in_foreign():
            end = self.places.find("]]>", at)
            self._text(html.escape(source[at + 9 : end if end >= 0 else None], quote=False))
            return len(source) if end < 0 else end + 3
        if source.startswith(("<!", "<?"), at):
            return self._behind(self.places.find(">", at), 1, at + 2)
        match = _TAG_NAME.match(source, at)
        if not match:
            if source.startswith("</", at):
                return self._behind(self.places.find(">", at), 1, at + 2)
            self.out.append("&lt;")
            return at + 1
        self.tags += 1
        name = match[1].lower()
        if source[at + 1] == "/":
            self._close(name)
            return self._behind(self.places.find(">", match.end()), 1, match.end())
        attributes, end = self._attributes(match.end())
        if end < 0:
            return self._behind(-1, 0, match.end())
        if self._in_foreign() and not (name in _SILENT and _STYLE_IN_FOREIGN.match(source, end)):
            if name in _SPELT and not self.doubted:
                self.doubted = True
                self._left_out(source[end:].replace("<", "&lt;"))
            self._open(name, attributes)
        elif name in _SILENT or name in _LEFT_OUT:
            return self._pass_over(name, attributes, end)
        elif name in _SPELT:
            return self._spell(name, attributes, end)
        else:
            self._open(name, attributes)
        return end

    def _pass_over(self, name: str, attributes: dict[str, str], at: int) -> int:
        end = self.places.find("</" + name, at)
        if end < 0 and name == "template":
            return at
        inside = self.source[at : end if end >= 0 else None]
        if name in _LEFT_OUT:
            # A title in front of all words is the name of the page, which nobody misses.
            if self.spoken or name != "title":
                self._left_out(html.unescape(attributes.get("srcdoc", "")) + inside)
        elif end < 0 or _TAG_BEGINS.search(inside):
            self._left_out(inside)
        return len(self.source) if end < 0 else self._behind(self.places.find(">", end), 1, end)

    def _spell(self, name: str, attributes: dict[str, str], at: int) -> int:
        end = -1 if name == "plaintext" else self.places.find("</" + name, at)
        inside = self.source[at : end if end >= 0 else None]
        if name != "textarea":
            inside = inside.replace("&", "&amp;")
        elif not inside.strip():
            inside = attributes.get("placeholder", "")
        self.out.append(f"<pre{' hidden' if self._is_hidden(name, attributes) else ''}>")
        self._text(inside)
        self.out.append("</pre>")
        return len(self.source) if end < 0 else self._behind(self.places.find(">", end), 1, end)

    def _attributes(self, at: int) -> tuple[dict[str, str], int]:
        """Those that are looked at, and the place behind the tag; -1 where it has no end."""
        found: dict[str, str] = {}
        source = self.source
        while (at := _past(_BETWEEN, source, at)) < len(source):
            match = _ATTRIBUTE.match(source, at)
            if not match:
                if source[at] == ">":
                    return found, at + 1
                at += 1
                continue
            at = match.end()
            name = match[1].lower()
            if name in _READ:
                value = next((v for v in match.groups()[1:] if v is not None), "")
                found.setdefault(name, value[:_VALUE_CAP])
        return found, -1

    def _in_foreign(self) -> bool:
        return any(self.foreign.values())

    def _is_hidden(self, name: str, attributes: dict[str, str]) -> bool:
        return self.styles.hide(name, {key: html.unescape(attributes[key]) for key in _STYLED if key in attributes})

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        if name in _FOREIGN:
            self.foreign[name] += 1
        hidden = self._is_hidden(name, attributes)
        shown = _shown_value(name, attributes)
        name = _written(name)
        if name not in _VOID:
            if self.depth >= DEPTH_CAP:
                self._text(shown)
                return
            self.depth += 1
        if name not in _VOID or name in {"br", "hr", "img"}:
            self.out.append(f"<{name}{self._kept(name, attributes, hidden)}>")
        if shown:
            self.out.append("<span hidden>" if hidden else "<span>")
            self._text(f" {shown} ")
            self.out.append("</span>")

    def _close(self, name: str) -> None:
        if name in _FOREIGN:
            self.foreign[name] = max(0, self.foreign[name] - 1)
        if name == "br":
            self.out.append("<br>")
            return
        name = _written(name)
        if name in _VOID:
            return
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


def _written(name: str) -> str:
    """The tag that is written for one."""
    if name in _VOID:
        return name
    if name not in _KEPT:
        return "div" if name in _LINES else "span"
    return _CHEAP.get(name, name)


def _shown_value(name: str, attributes: dict[str, str]) -> str:
    """Words that stand in attributes, and are shown all the same."""
    if name == "input" and attributes.get("type", "").strip().lower() not in _NO_TEXT:
        return attributes.get("value", "") or attributes.get("placeholder", "")
    if name == "input" and attributes.get("type", "").strip().lower() == "image":
        return attributes.get("alt", "")
    return attributes.get("label", "") if name in {"option", "optgroup"} else ""


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
