"""Where the writer's own words end and a signature begins. What is doubtful stays in sight."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent_tui.content.closings import closes_with_name, is_closing, signs
from agent_tui.content.quote_words import DEVICE, EMAIL, MOBILE
from agent_tui.domain.message import Person

_DELIMITER = re.compile(r"^\s{0,2}(?:--|—|––|--\xad) ?$")
_RULE = re.compile(r"^\s*[-_=*~#+•·.]{3,}\s*$|^\s*[*_~#ᐧ]{1,}\s*$")
_PHONE = re.compile(r"(?:^|[\s:.(])\+?\(?\d[\d ().\u2011/-]{6,18}\d(?:$|[\s,;)])")
_DATED = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}")
"""A date is no telephone number, much as it looks like one."""
_URL = re.compile(
    r"(?:https?://|www\.)\S{3,}|^\S{2,40}\.(?:com|org|net|de|ua|ru|fr|es|pl|it|pt|eu|uk|io)/?$", re.IGNORECASE
)
_LABEL = re.compile(
    r"^\s*(?:t|tel|m|mob|mobile|phone|cell|f|fax|e|email|e-mail|w|web|skype|telegram|viber|тел|моб|факс)\s*[.:]",
    re.IGNORECASE,
)
_COMPANY = re.compile(r"(?:inc|ltd|llc|co|corp|s\.a|s\.r\.l|sp\. z o\.\s?o|e\.v|тов|ооо)\.\s*$", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?:…,]\s*$")
_LINES_CAP: Final = 60
_BARE_CAP: Final = 20
_REMARK = re.compile(r"\W*sent from my \w+, ", re.IGNORECASE)
_REMARK_WORDS: Final = 9
"""`Sent from my desk, which is …` is a sentence."""
_FROM_A = re.compile(r"\W*sent from an? [^.,?!]{1,45}$", re.IGNORECASE)
_BLOCK_CAP: Final = 14
_MOBILE_CAP: Final = 60


def find_signature(lines: Sequence[str], folded: Sequence[bool], author: Person | None) -> range | None:
    """The lines of the signature: in the last stretch of text that is not folded, or behind the quote."""
    stretches = _stretches(lines, folded)
    if not stretches:
        return None
    for last in reversed(stretches):
        found = _find_in(lines, last, author, whole=len(stretches) > 1 and last is not stretches[0])
        if found is not None:
            return range(found, last.stop)
    return None


def _stretches(lines: Sequence[str], folded: Sequence[bool]) -> list[range]:
    """Runs of lines in sight that hold any text."""
    found: list[range] = []
    start: int | None = None
    for number in range(len(lines) + 1):
        seen = number < len(lines) and not folded[number]
        if seen and start is None:
            start = number
        elif not seen and start is not None:
            if any(lines[n].strip() for n in range(start, number)):
                found.append(range(start, number))
            start = None
    return found


def _find_in(lines: Sequence[str], stretch: range, author: Person | None, *, whole: bool) -> int | None:
    """The first line of a signature at the end of this stretch. `whole`: there is other text, it may be all of it."""
    full = [n for n in stretch if lines[n].strip()]
    first = full[0]
    starts = [
        _delimited(lines, stretch),
        _mobile(lines, full),
        _ruled(lines, full),
        _named(lines, full, author),
        _contacts(lines, full),
    ]
    starts.append(_closed(lines, full, starts))
    allowed = [
        s for s in starts if s is not None and (whole or s > first or (_DELIMITER.match(lines[s]) and s > first))
    ]
    return _with_rules(lines, min(allowed), first) if allowed else None


def _with_rules(lines: Sequence[str], start: int, first: int) -> int:
    """Lines of signs right above belong to it."""
    above = start
    while above - 1 > first and (
        not lines[above - 1].strip() or _RULE.match(lines[above - 1][:80]) or _DELIMITER.match(lines[above - 1])
    ):
        above -= 1
    while above < start and not lines[above].strip():
        above += 1
    return above


def _delimited(lines: Sequence[str], stretch: range) -> int | None:
    """The line `-- `: the last one of it, unless the text goes on for long behind it."""
    for number in reversed(stretch):
        if _DELIMITER.match(lines[number][:6]):
            behind = sum(1 for n in range(number + 1, stretch.stop) if lines[n].strip())
            exact = lines[number].rstrip("\n") == "-- "
            return number if behind <= (_LINES_CAP if exact else _BARE_CAP) else None
    return None


def _mobile(lines: Sequence[str], full: Sequence[int]) -> int | None:
    """`Sent from my phone` and its kin, at the end."""
    start = None
    for number in reversed(full[-_MOBILE_CAP:]):
        line = lines[number].strip()
        if (
            len(line) < 200
            and (_is_mobile(line) or (start is not None and _is_mobile_tail(line)))
            and not line.endswith("?")
        ):
            start = number
        elif _RULE.match(line[:80]) or (_URL.match(line) and number == full[-1] and len(line) < 120):
            continue
        else:
            break
    if start is None:
        return _trailing_rules(lines, full)
    return start


def _is_mobile(line: str) -> bool:
    if _REMARK.match(line) and len(line.split()) > _REMARK_WORDS:
        return False
    return bool(MOBILE.match(line) and (DEVICE.search(line) or _FROM_A.match(line)))


def _is_mobile_tail(line: str) -> bool:
    return bool(_URL.match(line)) and " " not in line


def _trailing_rules(lines: Sequence[str], full: Sequence[int]) -> int | None:
    """Nothing but lines of signs at the end."""
    start = None
    for number in reversed(full):
        if not (_RULE.match(lines[number][:80]) or _DELIMITER.match(lines[number][:6])):
            break
        start = number
    return start


def _is_contact(line: str) -> bool:
    line = line.strip()[:160]
    return bool(
        _URL.search(line)
        or _PHONE.search(_DATED.sub(" ", line))
        or _LABEL.match(line)
        or (EMAIL.search(line) and len(line.split()) <= 4)
    )


def _ruled(lines: Sequence[str], full: Sequence[int]) -> int | None:
    """A line of dashes, and below it nothing but short lines of which some are ways to reach somebody."""
    tail = full[-_BLOCK_CAP - 1 :]
    for place, number in enumerate(tail):
        if re.fullmatch(r"\s*[-_=*~]{3,}\s*", lines[number][:120]):
            if _announced(lines, full, number):
                continue
            below = [lines[n] for n in tail[place + 1 :]]
            contacts = sum(map(_is_contact, below))
            if contacts * 6 >= len(below) > 0 and not any(
                len(line.strip()) > 80 or line.rstrip().endswith("?") for line in below
            ):
                return number
    return None


def _named(lines: Sequence[str], full: Sequence[int], author: Person | None) -> int | None:
    """The writer's name on a line of its own with more about him below it."""
    name = _words(author.name) if author else []
    if not name or (len(name) == 1 and len(name[0]) < 3):
        return None
    tail = full[-_BLOCK_CAP:]
    for place, number in enumerate(tail[:-1]):
        if (
            not _is_name(lines[number][:120], name)
            or _announced(lines, full, number)
            or not _stands_apart(lines, full, number)
        ):
            continue
        below = [lines[n].strip() for n in tail[place + 1 :]]
        contacts = sum(map(_is_contact, below))
        if (contacts or len(below) <= 2) and all(
            len(t) <= 70 and (_is_contact(t) or not _is_sentence(t)) for t in below
        ):
            return number
    return None


def _closed(lines: Sequence[str], full: Sequence[int], others: Sequence[int | None]) -> int | None:
    """A closing formula with the writer's name below it, and nothing else that he says; what was found by other signs
    may follow."""
    end = min((start for start in others[:2] if start is not None), default=full[-1] + 1)
    above = [number for number in full if number < end and not _RULE.match(lines[number][:80])][-_BLOCK_CAP:]
    for place, number in enumerate(above):
        named = closes_with_name(lines[number])
        if (named or is_closing(lines[number])) and not _announced(lines, full, number):
            return number if signs([lines[n] for n in above[place + 1 :]], named=named) else None
    return None


def _is_name(line: str, name: Sequence[str]) -> bool:
    """The line is the name, perhaps with a title or a place behind a comma or a bar."""
    head = re.split(r"[,|/(–—]| - ", line.strip().lstrip("-–— "), maxsplit=1)[0]
    return _words(head) == list(name)


def _stands_apart(lines: Sequence[str], full: Sequence[int], number: int) -> bool:
    """An empty line stands above, or a closing such as `Kind regards,`."""
    above = [n for n in full if n < number][-1:]
    if not above or above[0] < number - 1:
        return True
    closing = lines[above[0]].strip()
    return above[0] != full[0] and len(closing.split()) <= 5 and not closing.endswith((".", "?", ":"))


def _is_sentence(line: str) -> bool:
    return bool(_SENTENCE.search(line)) and len(line.split()) > 1 and not _COMPANY.search(line)


def _contacts(lines: Sequence[str], full: Sequence[int]) -> int | None:
    """A last paragraph of short lines with two or more ways to reach somebody."""
    block: list[int] = []
    for number in reversed(full[-_BLOCK_CAP:]):
        if block and block[-1] - number > 1:
            break
        block.append(number)
    if len(block) < 3 or len(block) >= _BLOCK_CAP:
        return None
    texts = [lines[n].strip() for n in block]
    if any(len(line) > 70 or line.endswith((":", "?", "!")) for line in texts):
        return None
    if _announced(lines, full, block[-1]):
        return None
    contacts = sum(map(_is_contact, texts))
    return (
        block[-1] if 2 <= contacts < len(texts) else None
    )  # a name stands with them; links alone are what he writes of


def _announced(lines: Sequence[str], full: Sequence[int], number: int) -> bool:
    """The line above ends with a colon: what follows is what it speaks of (`send it to:`)."""
    above = [n for n in full if n < number][-1:]
    return bool(above) and lines[above[0]].rstrip().endswith((":", "："))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())[:8]
