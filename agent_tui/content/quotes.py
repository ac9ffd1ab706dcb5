"""What of a mail's text is new, what is quoted, what is a signature.

One pass over the lines; no step looks at more than a few lines around, so that time grows with the text and nothing
else. Nothing is taken away: what is found is folded on screen, and what is doubtful stays in sight.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from agent_tui.content.quote_words import (
    DATE,
    EMAIL,
    FIELDS,
    FORM,
    FORWARD,
    OPENER,
    ORIGINAL,
    PRONOUN_VERB,
    QUOTING,
    REPLY_ABOVE,
    TIME,
    VERB,
    WEEKDAY,
    YOUR,
)
from agent_tui.content.signatures import find_signature
from agent_tui.domain.message import Person, Span

LINES_CAP: Final = 20_000
"""Lines that are looked at; what a person writes is far shorter."""
_LOOK: Final = 400
"""Characters of a line that are looked at."""
_INTRO_LINES: Final = 4
_INTRO_LINES_DATED: Final = 6
_BLOCK_LINES: Final = 24
_QUOTED = re.compile(r" {0,3}>")
_ANGLED = re.compile(r"[<(\[][^<>()\s]{1,120}@")
_ANY_QUOTE = re.compile(r" {0,3}[>|]")
_MARKS = re.compile(r"^(?: {0,3}[>|])+ ?")
# Lines of nothing but dashes are tried at each: the parts of these must not be able to share them out in many ways.
_RULE = re.compile(r"^(?=.*[_=~*#+-]{3})[\s>*_=~#+-]+$")
_TITLE = re.compile(r"^[\s>]*+[-_=*‐-―]{2,}+\s*+([^\s-][^\r\n]{2,80}?)\s*+[-_=*‐-―]{2,}+[\s:]*$")
_HEADLINE = re.compile(r"^[\s>]*message (?:du|of|vom|del|från|от|від) \d", re.IGNORECASE)
"""Stands above a block of header fields, without dashes."""
_FIELD = re.compile(r"^[\s>]*[*_]{0,2}([^\W\d_][\w'’ -]{0,24}?)\s?[*_]{0,2}\s?[:：][*_]{0,2}\s*(.*)$")


@dataclass(slots=True)
class Reply:
    """Where the text is not the writer's new words."""

    quoted: list[Span] = field(default_factory=list)
    signature: Span | None = None


def split_reply(
    text: str, marked: Sequence[bool] = (), *, author: Person | None = None, forwarded: bool = False
) -> Reply:
    """Find the quotes and the signature of a text.

    `marked` tells, per line, what the markup itself calls a quote. `forwarded` says that the mail is a forward: what
    it carries is its news, and stays in sight.
    """
    if not text:
        return Reply()
    whole = text.split("\n")
    lines = whole[:LINES_CAP]
    folded, forward = _folded(lines, marked, forwarded)
    signature = find_signature(lines[:forward], folded[:forward], author)
    if len(whole) > len(lines):
        lines, folded = whole, folded + [folded[-1]] * (len(whole) - len(lines))
    return _spans(text, lines, folded, signature)


def fold_quotes(lines: Sequence[str], marked: Sequence[bool] = (), *, forwarded: bool = False) -> list[bool]:
    """Which lines are quoted, or announce a quote."""
    return _folded(lines, marked, forwarded)[0]


def _folded(lines: Sequence[str], marked: Sequence[bool], forwarded: bool) -> tuple[list[bool], int]:
    """Which lines are folded, and from which line on all is forwarded."""
    scan = _Scan(lines, marked[: len(lines)], forwarded)
    folded = scan.run()
    if not any(line.strip() and not fold for line, fold in zip(lines, folded, strict=True)):
        folded = scan.only_plain_quotes()
    return folded, scan.forward_at


def _spans(text: str, lines: Sequence[str], folded: list[bool], signature: range | None) -> Reply:
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    starts.append(len(text))
    reply = Reply()
    if signature:
        end = starts[signature.stop]
        if not any(line.strip() for line in lines[signature.stop :]):
            end = len(text)
        reply.signature = Span(starts[signature.start], end)
    first: int | None = None
    for number in range(len(lines) + 1):
        inside = number < len(lines) and folded[number] and not (signature and number in signature)
        if inside and first is None:
            first = number
        elif not inside and first is not None:
            reply.quoted.append(Span(starts[first], min(starts[number], len(text))))
            first = None
    return reply


class _Scan:
    """The lines of one text, and which of them are folded."""

    def __init__(self, lines: Sequence[str], marked: Sequence[bool], forwarded: bool) -> None:
        self.lines = [line[:_LOOK] for line in lines]
        self.count = len(lines)
        self.marked = list(marked) if len(marked) == len(lines) else [False] * len(lines)
        self.forwarded = forwarded
        self.folded = [False] * self.count
        self.quote = [bool(_QUOTED.match(line)) for line in self.lines]
        self.no_block_before = 0
        self.forward_at = self.count
        self.first_kept = 0
        """No line before it is anything but empty or folded."""
        self.kinds = [_field_kind(line) for line in self.lines]
        self.next_full = self._next_full()

    def _next_full(self) -> list[int]:
        """For each line the first one from it on that is not empty."""
        following = [self.count] * (self.count + 1)
        for number in range(self.count - 1, -1, -1):
            following[number] = number if self.lines[number].strip() else following[number + 1]
        return following

    def run(self) -> list[bool]:
        """Which lines are folded."""
        number, introduced = 0, False
        while number < self.count:
            number = self.next_full[number]
            if number >= self.count:
                break
            if self._is_forward(number):
                self.forward_at = number
                break
            if self.marked[number]:
                number = self._fold_marked(number)
                introduced = True
                continue
            start = self._fold_start(number)
            if start is not None:
                first, body = start
                introduced = True
                number = self._fold(first, body)
                continue
            if self.quote[number]:
                tail = not self.forwarded and self._ends_with_quotes(number)
                number = self._fold_block(number, fold=introduced or tail)
                continue
            number += 1
        self._fold_rules_above()
        return self.folded

    def only_plain_quotes(self) -> list[bool]:
        """Where all would be folded, the mail is nothing but what it carries: it stays in sight, unless it begins
        with an introduction and is quoted throughout."""
        first = self.next_full[0]
        if first < self.count and any(self.quote) and self._intro(first):
            return self.folded
        return [False] * self.count

    def _fold_start(self, number: int) -> tuple[int, int] | None:
        """A quote begins here: its first line, and the first line behind what announces it."""
        intro = self._intro(number)
        if intro:
            return number, intro
        title = self._title(number)
        if title:
            return number, title
        block = self._header_block(number)
        if block:
            return number, block
        above = len(self.lines[number]) < 160 and REPLY_ABOVE.search(self.lines[number])
        return (number, number + 1) if above and number > self.next_full[0] else None

    def _fold(self, first: int, body: int) -> int:
        """Fold what announces a quote and the quote itself; where it is not marked by `>`, that is all the rest."""
        for line in range(first, min(body, self.count)):
            self.folded[line] = True
        follows = self.next_full[min(body, self.count)]
        if follows < self.count and self.lines[follows].lstrip().startswith("|") and not self.quote[first]:
            return self._fold_bars(follows, body)
        if follows < self.count and self.quote[follows]:
            return self._fold_block(follows, fold=True, since=body)
        if self.quote[first]:
            return body
        if self._is_top(first):
            return body  # nothing stands above: what follows is the mail itself
        for line in range(body, self.count):
            self.folded[line] = True
        return self.count

    def _is_top(self, number: int) -> bool:
        """Nothing that stays in sight stands above. What was folded stays folded, so no line is asked twice."""
        while self.first_kept < number and (self.folded[self.first_kept] or not self.lines[self.first_kept].strip()):
            self.first_kept += 1
        return self.first_kept >= number

    def _fold_bars(self, number: int, since: int) -> int:
        """A quote drawn with bars."""
        end = number
        while end < self.count and (self.lines[end].lstrip().startswith("|") or not self.lines[end].strip()):
            end += 1
        for line in range(since, end):
            self.folded[line] = True
        return end

    def _fold_block(self, number: int, *, fold: bool, since: int | None = None) -> int:
        """Go over lines that begin with `>`, and the empty ones between them."""
        end = number
        while True:
            following = self.next_full[end]
            if following < self.count and (self.quote[following] or self._continues(following)):
                end = following + 1
            else:
                break
        if fold:
            for line in range(number if since is None else since, end):
                self.folded[line] = True
        return end

    def _continues(self, number: int) -> bool:
        """A quoted line that was broken in two on the way: its rest stands alone between two quoted lines."""
        return (
            0 < number < self.count - 1
            and self.quote[number - 1]
            and self.quote[number + 1]
            and len(self.lines[number - 1]) > 60
            and len(self.lines[number]) < 30
            and self.lines[number][:1].islower()
        )

    def _fold_marked(self, number: int) -> int:
        while number < self.count and (self.marked[number] or not self.lines[number].strip() or self.quote[number]):
            self.folded[number] = True
            number += 1
        return number

    def _ends_with_quotes(self, number: int) -> bool:
        """From here on there is nothing but quoted lines."""
        while True:
            number = self.next_full[number]
            if number >= self.count:
                return True
            if not self.quote[number]:
                return self._is_tail(number)
            number += 1

    def _is_tail(self, number: int) -> bool:
        return self.lines[number].strip() in {"--", "—"}

    def _fold_rules_above(self) -> None:
        """Lines of dashes right above a quote belong to it."""
        run, ruled, done = (
            0,
            False,
            0,
        )  # where rules and blank lines begin, whether a rule is among them, how far folded
        for number in range(self.count):
            if ruled and self.folded[number] and not self.folded[number - 1]:
                for line in range(max(run, done), number):
                    self.folded[line] = True
                done = number
            if _RULE.match(self.lines[number]):
                ruled = True
            elif self.lines[number].strip():
                run, ruled = number + 1, False

    # What announces a quote

    def _plain(self, number: int) -> str:
        return _MARKS.sub("", self.lines[number]).strip().strip("*_").strip()

    def _intro(self, number: int) -> int:
        """The line behind an introduction (`On …, Olena wrote:`) that begins here and may be wrapped; else 0."""
        first = self._plain(number)
        if not first or len(first) > 300:
            return 0
        dated = begins_dated(first)
        joined, taken, end = "", 0, number
        while end < self.count and taken < (_INTRO_LINES_DATED if dated else _INTRO_LINES):
            part = self._plain(end)
            if not part and not (dated and self.lines[end].strip() in {"", ">"}):
                return 0
            joined = f"{joined} {part}".strip()
            taken += bool(part)
            if len(joined) > 500:
                return 0
            follows = self.next_full[end + 1]
            quoted = follows < self.count and bool(_ANY_QUOTE.match(self.lines[follows])) and not self.quote[number]
            if part and _closes(joined, quoted):
                good = is_intro(joined, quoted) and not self._begins_later(number, end, quoted)
                return end + 1 if good else 0
            end += 1
        return 0

    def _begins_later(self, number: int, end: int, quoted: bool) -> bool:
        """What was joined begins with words of the text: the introduction itself begins on a later line."""
        first = self._plain(number)
        begun = opens(first)
        named = bool(_NAMED.match(first))
        for start in range(end, number, -1):
            before = " ".join(filter(None, (self._plain(line) for line in range(number, start))))
            rest = " ".join(filter(None, (self._plain(line) for line in range(start, end + 1))))
            if not rest or VERB.match(rest) or not is_intro(rest, quoted):
                continue  # a line that begins with the verb begins nothing
            if named and not EMAIL.search(rest):
                continue  # `Max Muster <m@x> hat` / `am 24.11.2026 um 10:12 geschrieben:`
            ended = before.endswith((".", "!", "?")) and not before.endswith((" г.", " р.", "a.m.", "p.m."))
            told = DATE.search(before) or WEEKDAY.match(before) or VERB.search(before)
            if not begun or (opens(rest) and (ended or not told)):
                return True
        return end > number and not begun and not EMAIL.search(first)

    def _title(self, number: int) -> int:
        """The line behind `-----Original Message-----`; else 0."""
        if _HEADLINE.match(self.lines[number][:80]):
            return self._header_block(number + 1, titled=True) if number + 1 < self.count else 0
        match = _TITLE.match(self.lines[number])
        if not match or not ORIGINAL.search(match[1]):
            return 0
        block = self._header_block(self.next_full[number + 1], titled=True)
        return block or number + 1

    def _is_forward(self, number: int) -> bool:
        line = self.lines[number].rstrip()
        announces = (len(line) < 80 and line.endswith((":", "："))) or (
            line.endswith(("-", "=", "_")) and _TITLE.match(line)
        )
        if announces and FORWARD.search(line[:120]):
            return True
        return self.forwarded and (self.marked[number] or bool(self._title(number) or self._header_block(number)))

    def _header_block(self, number: int, *, titled: bool = False) -> int:
        """The line behind a block of header fields (`From: … Sent: … Subject: …`); else 0."""
        if number < self.no_block_before or not self._field(number):
            return 0
        kinds: set[str] = set()
        text: list[str] = []
        end, at, loose = number, number, 0
        while at < min(self.count, number + _BLOCK_LINES):
            kind = self._field(at)
            if kind:
                kinds.add(kind)
                loose = 0
                end = at + 1
            elif self.lines[at].strip():
                loose += 1
                if loose > 2:
                    break
            elif not self._field(self.next_full[at]) and (loose or end < at):
                break
            text.append(self.lines[at])
            at += 1
        if self._is_block(number, kinds, " ".join(text), titled=titled) and not _is_form(
            self.lines[number : self.next_full[end] + 1]
        ):
            return end + self._value_below(end)
        self.no_block_before = end  # what was too little from its first line is too little from its second
        return 0

    def _value_below(self, end: int) -> int:
        """The last field's value may stand on the next line."""
        match = _FIELD.match(self.lines[end - 1])
        return int(bool(match and not match[2].strip() and end < self.count and self.lines[end].strip()))

    def _is_block(self, number: int, kinds: set[str], text: str, *, titled: bool) -> bool:
        if "from" not in kinds or len(kinds - {"other"}) < 2:
            return False
        if not (titled or kinds & {"sent", "date"} or DATE.search(text)):
            return False  # no mail program leaves it out; forms and lists of goods have fields as well
        mail = bool(EMAIL.search(text)) or "mailto:" in text
        if len(kinds) >= 3:
            return mail or "subject" in kinds or ("sent" in kinds and bool(TIME.search(text)))
        dated = bool(DATE.search(text)) and bool(TIME.search(text))
        return self._field(number) == "from" and mail and (dated or "subject" in kinds)

    def _field(self, number: int) -> str:
        """What kind of header field this line is, or empty."""
        return self.kinds[number] if number < self.count else ""


_NAMED = re.compile(r"[^.!?<>:@]{1,80}[<(\[][^\s@]{1,64}@[^\s@]{1,250}[>)\]](?:\s+[\w()/-]{1,20}){0,3}$")
_BY = re.compile(r" (?:by|von|от|від|par|por|da|od) \S{3,100}@\S{3,100}:$")
_GMAIL_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d\d GMT[+-]\d\d:\d\d [^.!?]{2,100}$")


def _field_kind(line: str) -> str:
    match = _FIELD.match(line)
    return FIELDS.get(match[1].strip().lower(), "") if match else ""


def _is_form(lines: Sequence[str]) -> bool:
    """What a form of a site sends: fields as of a header, and the message behind one of its own."""
    return any(map(FORM.match, lines))


def opens(text: str) -> bool:
    """It begins as introductions do: with a preposition, a weekday, a number."""
    text = text.lstrip("-_* ")
    return bool(OPENER.match(text) or WEEKDAY.match(text) or QUOTING.match(text)) or text[:1].isdigit()


def begins_dated(text: str) -> bool:
    """It begins as introductions do, and has a date and a time."""
    return opens(text) and bool(DATE.search(text)) and bool(TIME.search(text))


def _closes(text: str, before_quote: bool) -> bool:
    """An introduction may end here."""
    if text.endswith((":", "：")) or (text.startswith("--") and text.endswith("--") and len(text) > 12):
        return True
    if _GMAIL_DATE.match(text):
        return True
    return before_quote and text[:1].isdigit() and text.endswith(">") and bool(EMAIL.search(text))


def is_intro(text: str, before_quote: bool) -> bool:
    """A line such as `On 3 May 2026 at 10:12, Olena <o@x> wrote:`. Before a line with `>` less is asked for."""
    text = text.strip("-_* \t")
    address = bool(EMAIL.search(text))
    dated, timed = bool(DATE.search(text)), bool(TIME.search(text))
    opened = opens(text)
    if _GMAIL_DATE.match(text):
        return True
    if QUOTING.match(text):
        return address or before_quote
    if VERB.search(text):
        if PRONOUN_VERB.search(text) or YOUR.search(text):
            return before_quote and dated
        return before_quote or (dated and timed) or bool(address and _ANGLED.search(text))
    if address and dated and timed:
        return opened or before_quote or "<" in text or bool(DATE.match(text) and _BY.search(text))
    return before_quote and dated and (address or timed) and opened
