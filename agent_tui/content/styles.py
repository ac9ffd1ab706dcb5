"""Which parts of a mail its styles hide: enough of CSS to know it, in one pass.

In doubt text is shown. What a mail program shows and we leave out, a person never answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_STYLES_CAP: Final = 300_000
_RULES_CAP: Final = 5_000
_SELECTORS_CAP: Final = 2_000
_RULE_CAP: Final = 4_000

_STRINGS = re.compile(r""""[^"\n]*"|'[^'\n]*'|url\([^()]*\)?""", re.IGNORECASE)
"""What stands in strings and addresses says nothing of the style."""
_SIMPLE = re.compile(r"([a-z0-9]*|\*)([.#][\w-]{1,80})?", re.IGNORECASE)
_MARKS = re.compile(r"[.#]([\w-]{1,80})|=\s*([\w-]{1,80})")
_ZERO = re.compile(r"0+(?:\.0*)?(?:px|em|pt|%)?|\.0+")
_PROPERTIES: Final = frozenset({"display", "visibility", "opacity", "max-height", "overflow"})

Weight = tuple[bool, int, int]
"""Marked as important; how exactly its selector names the element; where it stands."""
Told = dict[str, tuple[Weight, str]]
_INLINE: Final = 1_000
_BY_NAME: Final = -1


def _said(text: str) -> Iterator[tuple[str, str, bool]]:
    """Declarations that can hide: property, value, and whether it is important."""
    for part in _STRINGS.sub(" ", text[:_RULE_CAP]).split(";"):
        name, colon, value = part.partition(":")
        name, value = name.strip().lower(), value.strip().lower()
        if colon and name in _PROPERTIES:
            value, important, _ = value.partition("!")
            yield name, value.strip(), bool(important)


def _hides(said: Mapping[str, str]) -> bool:
    return (
        said.get("display") == "none"
        or said.get("visibility") in {"hidden", "collapse"}
        or bool(_ZERO.fullmatch(said.get("opacity", "")))
        or (said.get("overflow") in {"hidden", "clip"} and bool(_ZERO.fullmatch(said.get("max-height", ""))))
    )


class Styles:
    """The style sheets of a mail, as far as they hide or show classes and ids."""

    def __init__(self, source: str, lower: str) -> None:
        self._told: dict[str, Told] = {}
        self._doubtful: set[str] = set()
        """Classes and ids that some rule shows, by a selector that is not read here."""
        self._count = 0
        for sheet in _sheets(source, lower):
            for rule in _without_media(sheet).split("}")[:-1]:
                selectors, _, told = rule.rpartition("{")
                if any(name in told.lower() for name in _PROPERTIES):
                    self._rule(selectors[-_SELECTORS_CAP:].rpartition("{")[2], list(_said(told)))

    def _rule(self, selectors: str, said: list[tuple[str, str, bool]]) -> None:
        if not said:
            return
        hides = _hides({name: value for name, value, _ in said})
        for selector in selectors.split(","):
            self._count += 1
            simple = _SIMPLE.fullmatch(selector.strip())
            if simple is None or not simple[0]:
                if not hides:
                    self._doubtful.update(a or b for a, b in _MARKS.findall(selector))
                continue
            tag, mark = simple[1].lower().strip("*"), simple[2] or ""
            if self._count > _RULES_CAP or (not mark and hides):
                continue  # nobody hides all his paragraphs: shown in doubt
            rank = (100 if mark.startswith("#") else 10 if mark else 0) + (1 if tag else 0)
            told = self._told.setdefault(tag + mark or "*", {})
            _tell(told, said, rank, self._count)

    def hide(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Is the element hidden?"""
        inline = attributes.get("style", "")
        if not self._told and not inline and "hidden" not in attributes:
            return False
        classes = attributes.get("class", "").split()[:40]
        marks = [f".{word}" for word in classes] + [f"#{attributes.get('id', '')}"]
        found: Told = {"display": ((False, _BY_NAME, 0), "none")} if "hidden" in attributes else {}
        if not self._doubtful.intersection([*classes, attributes.get("id", "")]):
            for key in ("*", tag, *marks, *(tag + mark for mark in marks)):
                for name, told in self._told.get(key, {}).items():
                    if name not in found or found[name][0] <= told[0]:
                        found[name] = told
        _tell(found, _said(inline), _INLINE, 0)
        return _hides({name: value for name, (_, value) in found.items()})


def _tell(told: Told, said: Iterable[tuple[str, str, bool]], rank: int, place: int) -> None:
    """Of two that say something of the same property the weightier holds, of equal ones the later."""
    for name, value, important in said:
        weight = (important, rank, place)
        if name not in told or told[name][0] <= weight:
            told[name] = (weight, value)


class Places:
    """Where something stands next in a text. Asked for from ever later places, each part is looked through once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def find(self, what: str, at: int) -> int:
        """The first place from `at` on; -1 where there is none."""
        known = self._next.get(what)
        if known is None or 0 <= known < at:
            known = self._next[what] = self._text.find(what, at)
        return known

    def comment_end(self, at: int) -> int:
        """Behind the comment that begins at `at`, -1 where it has no end. It ends as in a browser: `<!-->` is a whole
        one, and `--!>` ends it too (HTML, sections 13.2.5.43 to 13.2.5.51)."""
        usual, odd = self.find("-->", at + 2), self.find("--!>", at + 4)
        return min((end for end in (usual + 3, odd + 4) if end > at), default=-1)


def _sheets(source: str, lower: str) -> Iterator[str]:
    """The style sheets for screens. What stands in comments is meant for one mail program alone."""
    at, read, far, places = 0, 0, len(lower), Places(lower)
    begin, comment = lower.find("<style"), lower.find("<!--")
    while begin >= 0 and read < _STYLES_CAP:
        if 0 <= comment < begin:
            at = places.comment_end(comment)
            if at < 0:
                return
            comment = lower.find("<!--", at)
        else:
            end = lower.find("</style", begin)
            if end < 0:
                return
            head = lower.find(">", begin, end)
            if head >= 0 and _for_screens(lower[begin : min(head, begin + 1_000)]):
                yield _STRINGS.sub(" ", _without_comments(source[head + 1 : end]))
            read, at = read + end - begin, end
            if 0 <= comment < at:
                comment = lower.find("<!--", at)
        comment = far if comment < 0 else comment
        if begin < at:
            begin = lower.find("<style", at)


def _for_screens(tag: str) -> bool:
    return "media" not in tag or bool(re.search(r"\b(?:all|screen)\b", tag))


def _without_comments(sheet: str) -> str:
    sheet = sheet.replace("<!--", " ").replace("-->", " ")
    out, at = [], 0
    while (begin := sheet.find("/*", at)) >= 0:
        out.append(sheet[at:begin])
        end = sheet.find("*/", begin + 2)
        if end < 0:
            return "".join(out)
        at = end + 2
    return "".join([*out, sheet[at:]])


def _without_media(sheet: str) -> str:
    """A style sheet without the blocks of its @-rules, whose strings are gone."""
    out: list[str] = []
    depth, skipped_at, start = 0, 0, 0
    for match in re.finditer(r"[{}]", sheet):
        if match[0] == "{":
            depth += 1
            if depth == 1 and "@" in sheet[start : match.start()] and not skipped_at:
                out.append(sheet[start : sheet.index("@", start)])
                skipped_at = depth
        else:
            depth = max(0, depth - 1)
            if skipped_at and depth == 0:
                skipped_at, start = 0, match.end()
            elif depth == 0 and not skipped_at:
                out.append(sheet[start : match.end()])
                start = match.end()
    return "".join(out)
