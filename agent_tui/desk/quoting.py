"""The text of an answer: signature, the quoted message below it, and which part the agent wrote himself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agent_tui.content.safe import safe
from agent_tui.desk.moments import local
from agent_tui.domain.message import Message, Person, Span
from agent_tui.domain.times import Micros

SIGNATURE_LINE = "-- "
QUOTED_LINES = 400
QUOTED = 20_000
"""Characters of a message that are quoted below an answer."""
LONGEST_LINE, LONGEST_OWN_LINE = 1_000, 5_000
"""Characters of a line that is quoted, and of one that is pasted. Each key costs as much as the lines on the screen are
long: lines of a thousand cost a hundredth of a second, a line of a million costs whole seconds."""
CUT = "[…]"
"""Stands in place of what was left out."""
FORWARDED = 100_000
"""Characters of a forwarded message that stand in the text; longer ones are cut and say so."""
FORWARDED_LINKS = 40
"""Links of it that are named below: a newsletter has hundreds, which nobody reads."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words that stand in what is sent. The desk's screens hand in those of the agent's language."""

    attribution: str = "On {date}, {name} wrote:"
    forwarded: str = "Forwarded message"
    sender: str = "From"
    date: str = "Date"
    subject: str = "Subject"
    to: str = "To"
    cc: str = "Cc"
    links: str = "Links"


ENGLISH = Phrases()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where quote and signature stand, as the settings say."""

    quote: str = "below"
    """`below`, `above` or `none`."""
    signature: str = "above_quote"
    """`above_quote`, `below_quote` or `none`."""


def _when(moment: Micros, zone: str) -> str:
    """A time of the agent's wall with its offset: short names of zones are known where they are used, or nowhere."""
    there = local(moment, ZoneInfo(zone))
    return there.strftime("%Y-%m-%d %H:%M %z" if there.utcoffset() else "%Y-%m-%d %H:%M UTC")


def quote(message: Message, zone: str, phrases: Phrases = ENGLISH) -> str:
    """The visible part of a message, as quoted lines under their attribution: nothing the agent did not see, and
    nothing that its author did not write."""
    from agent_tui.content.compose import quote_for_reply
    from agent_tui.content.html import without_remarks

    text = without_remarks(message.visible_text, message.links).rstrip()
    lines = broken(text[:QUOTED], LONGEST_LINE).split("\n")
    if len(text) > QUOTED or len(lines) > QUOTED_LINES:
        lines = [*lines[:QUOTED_LINES], CUT]
    name = " ".join(message.author.shown.split())
    head = phrases.attribution.replace("{date}", _when(message.sent_at, zone)).replace("{name}", name)
    return quote_for_reply("\n".join(lines), head).rstrip("\n")


def forwarded(message: Message, zone: str, phrases: Phrases = ENGLISH) -> str:
    """A message whole, under its main headers; and below it where its links lead, of which the text has the hosts."""
    from agent_tui.content.compose import forward_block

    fields = [
        (phrases.sender, _named(message.author)),
        (phrases.date, _when(message.sent_at, zone)),
        (phrases.subject, str(message.subject)),
        (phrases.to, ", ".join(map(_named, message.to))),
        (phrases.cc, ", ".join(map(_named, message.cc))),
    ]
    text = message.text if len(message.text) <= FORWARDED else f"{message.text[:FORWARDED]}\n{CUT}"
    text = broken(text, LONGEST_LINE)
    if links := _unnamed_links(message):
        text = "\n".join([text.rstrip(), "", f"{phrases.links}:", *links])
    return forward_block(text, title=phrases.forwarded, fields=fields).rstrip("\n")


def _unnamed_links(message: Message) -> list[str]:
    """Targets that whoever gets the text could not know from it."""
    unnamed = [link for link in dict.fromkeys(message.links) if link.removeprefix("mailto:") not in message.text]
    more = [CUT] if len(unnamed) > FORWARDED_LINKS else []
    return [*map(str, unnamed[:FORWARDED_LINKS]), *more]


def _named(person: Person) -> str:
    if person.name and person.address and person.name != person.address:
        return f"{person.name} <{person.address}>"
    return person.shown


def broken(text: str, longest: int, *, words_too: bool = True) -> str:
    """The text without lines longer than that: each is broken at its last blank within, else in the middle of a word.

    Without `words_too` a word stays whole, however long.
    """
    return "\n".join(piece for line in text.split("\n") for piece in _pieces(line, longest, words_too=words_too))


def _pieces(line: str, longest: int, *, words_too: bool) -> Iterator[str]:
    begin = 0
    while len(line) - begin > longest:
        blank = line.rfind(" ", begin + 1, begin + longest + 1)
        if blank < 0 and not words_too:
            blank = line.find(" ", begin + longest + 1)
            if blank < 0:
                break
        end = blank if blank >= 0 else begin + longest
        yield line[begin:end]
        begin = end + (blank >= 0)
    yield line[begin:]


def clean(text: str) -> str:
    """Text that came by a paste or from an editor: nothing in it is a command of a terminal, no line is without end."""
    return broken(safe(text), LONGEST_OWN_LINE, words_too=False)


def signed(signature: str) -> str:
    """A signature under its line; nothing where there is none."""
    return f"{SIGNATURE_LINE}\n{signature.strip()}" if signature.strip() else ""


def lay_out(own: str, signature: str, quoted: str, layout: Layout) -> str:
    """What the composer opens with: room for the answer, the signature, what is quoted."""
    sign = signed(signature) if layout.signature != "none" else ""
    if layout.quote == "none":
        quoted = ""
    if layout.quote == "above" and quoted:
        order = [quoted, own, sign]
    elif layout.signature == "below_quote":
        order = [own, quoted, sign]
    else:
        order = [own, sign, quoted]
    room = 1 if layout.quote == "above" and quoted else 0
    kept = [part for at, part in enumerate(order) if part or at == room]
    return "\n\n".join(kept) + ("\n" if len(kept) > 1 else "")


def cursor_of(text: str, quoted: str, layout: Layout) -> int:
    """Where writing begins."""
    return len(quoted) + 2 if layout.quote == "above" and quoted and text.startswith(quoted) else 0


def _forward_title(phrases: Phrases) -> str:
    return f"---------- {phrases.forwarded} ----------"


def end_of_own(text: str, phrases: Phrases = ENGLISH) -> int:
    """Where the agent's own words end: behind them he goes on, before the signature and below a quote."""
    found = parts(text, phrases)
    own = text
    for span in (*found.quoted, *([found.signature] if found.signature else [])):
        own = own[: span.start] + " " * (span.end - span.start) + own[span.end :]
    if not own.strip():  # none yet: where they begin, below a quote that stands first
        return min(found.quoted[0].end + 2, len(text)) if found.quoted and not found.quoted[0].start else 0
    return len(own.rstrip())


@dataclass(frozen=True, slots=True)
class TextParts:
    """Where in a text the quotes and the signature stand."""

    quoted: tuple[Span, ...]
    signature: Span | None


def parts(text: str, phrases: Phrases = ENGLISH) -> TextParts:
    """Tell what the agent wrote from what was quoted: runs of `>` lines with the line that introduces them."""
    lines = text.split("\n")
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    quoted: list[Span] = []
    signature: Span | None = None
    index = 0
    while index < len(lines):
        line = lines[index]
        if line == _forward_title(phrases):
            quoted.append(Span(starts[index], len(text)))
            break
        if line.startswith(">"):
            begin, index = index, _end_of_quote(lines, index)
            if begin and lines[begin - 1].rstrip().endswith(":"):
                begin -= 1
            quoted.append(Span(starts[begin], min(starts[index - 1] + len(lines[index - 1]), len(text))))
            continue
        if line == SIGNATURE_LINE and signature is None:
            end = _end_of_signature(lines, index + 1, phrases)
            signature = Span(starts[index], min(starts[end - 1] + len(lines[end - 1]), len(text)))
            index = end
            continue
        index += 1
    return TextParts(tuple(quoted), signature)


def _end_of_quote(lines: list[str], index: int) -> int:
    end = index
    while index < len(lines) and (lines[index].startswith(">") or not lines[index].strip()):
        index += 1
        if lines[index - 1].startswith(">"):
            end = index
    return end


def _end_of_signature(lines: list[str], index: int, phrases: Phrases) -> int:
    end = index
    while index < len(lines):
        line = lines[index]
        introduces = index + 1 < len(lines) and lines[index + 1].startswith(">") and line.rstrip().endswith(":")
        if line.startswith(">") or introduces or line == _forward_title(phrases):
            break
        index += 1
        if line.strip():
            end = index
    return end


def own_words(text: str, phrases: Phrases = ENGLISH) -> str:
    """What the agent wrote himself: without quotes and signature."""
    found = parts(text, phrases)
    gaps = sorted([*found.quoted, *([found.signature] if found.signature else [])], key=lambda span: span.start)
    kept, at = [], 0
    for gap in gaps:
        kept.append(text[at : gap.start])
        at = max(at, gap.end)
    kept.append(text[at:])
    return re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
