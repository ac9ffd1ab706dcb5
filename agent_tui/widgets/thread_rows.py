"""A conversation as lines: day lines, messages, notes and events, with quotes folded.

Built once per width and fold from plain data; a line is text with roles, so that another theme needs no new lines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

from textual.strip import Strip

from agent_tui import ages, sentences, sentences_delivery
from agent_tui.desk.recipients import address_key
from agent_tui.domain.conversation import Channel
from agent_tui.domain.message import Automatic, Direction, Event, Item, Message, Note, Rule, Span, answered_elsewhere
from agent_tui.domain.times import MINUTE, Micros
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, cut, cut_name, in_cell, shown, width, wrap
from agent_tui.widgets.file_words import name_of
from agent_tui.widgets.look import Look
from agent_tui.words import _, grouped, ngettext

TEXT_WIDTH = 90
MOST_LINES = 1_500
"""Lines of one message that are drawn before the rest is folded."""
MOST_EVENTS = 3
MOST_FURTHER = 2
"""Lines that one of them goes on in."""
QUOTE, SIGNATURE, REST, EVENTS = "quote", "signature", "rest", "events"
Fold = tuple[int, str, int]
"""Of which item, what, and the how-manieth."""
Find = Callable[[str], Sequence[tuple[int, int]]]
"""Where in a text the words of a search stand."""
FOUND = ("accent", "underline")
"""Role and weight of such a word."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a line. A role of `chip:NAME` is a word on a patch of colour; `glyph:` names a sign."""

    text: str
    role: str = "text"
    weight: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line of a block; `note` where it stands on the note's ground."""

    parts: tuple[Part, ...] = ()
    ground: str = "ground"
    head: bool = False
    """The line that the cursor's bar stands in."""
    fill: str = ""
    """A sign that fills the line to its end."""
    body: bool = False
    """A line of what somebody wrote: words that are looked for are marked in it."""

    @property
    def found(self) -> bool:
        """A word that is looked for stands in it."""
        return self.body and any((part.role, part.weight) == FOUND for part in self.parts)


@dataclass(slots=True)
class Block:
    """One row of the conversation: a message, a note, or events, with the lines that lead to it."""

    item: Item
    lines: list[Drawn] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    lead: int = 0
    """Lines before its head: an empty one, a day line."""

    @property
    def readable(self) -> bool:
        """The cursor stops here when it goes from message to message."""
        return not isinstance(self.item, Event)


@dataclass(frozen=True, slots=True)
class ThreadContext:
    """What the lines depend on besides the items."""

    agent: str
    now: Micros
    opened: Set[Fold] = frozenset()
    all_opened: bool = False
    more_above: bool = False
    find: Find | None = None
    """Marks words, where the conversation was opened from a search."""
    customer: Set[str] | None = None
    """His own addresses, folded; None where they do not matter."""
    refers: Mapping[int, int] = field(default_factory=dict)
    """Messages that refer to another conversation which they do not belong to, with its number."""

    def is_open(self, fold: Fold) -> bool:
        """Whether a fold is open; opening all turns the single ones around."""
        return (fold in self.opened) != self.all_opened


def marked(lines: list[Drawn], find: Find) -> list[Drawn]:
    """The lines with the places that `find` names in what somebody wrote, also where they go over the end of a line."""
    texts = ["".join(part.text for part in line.parts[2:]) if line.body else "" for line in lines]
    places = find("\n".join(texts))
    if not places:
        return lines
    done, at = list(lines), 0
    for number, text in enumerate(texts):
        here = [(max(0, a - at), min(len(text), b - at)) for a, b in places if a < at + len(text) and b > at]
        if here:
            edge, body = lines[number].parts[:2], lines[number].parts[2:]
            done[number] = replace(lines[number], parts=(*edge, *_cut_out(body, here)))
        at += len(text) + 1
    return done


def _cut_out(parts: Sequence[Part], places: Sequence[tuple[int, int]]) -> list[Part]:
    """The parts, cut where a place begins and ends."""
    cut_at = sorted({edge for place in places for edge in place})
    done, at = [], 0
    for part in parts:
        edges = [0, *(edge - at for edge in cut_at if 0 < edge - at < len(part.text)), len(part.text)]
        for start, end in pairwise(edges):
            inside = any(a <= at + start < b for a, b in places)
            done.append(Part(part.text[start:end], *(FOUND if inside else (part.role, part.weight))))
        at += len(part.text)
    return done


class ThreadRows:
    """The lines of a conversation for a `VirtualList`."""

    def __init__(self, blocks: Sequence[Block], find: Find | None = None) -> None:
        self.blocks = list(blocks)
        self._find = find
        self._marked: set[int] = set()
        self._tops = [0, *accumulate(len(block.lines) for block in blocks)]

    @property
    def count(self) -> int:
        """How many blocks."""
        return len(self.blocks)

    @property
    def lines(self) -> int:
        """How many lines."""
        return self._tops[-1]

    def top(self, row: int) -> int:
        """First line of a block."""
        return self._tops[row] if self.blocks else 0

    def height(self, row: int) -> int:
        """Lines of a block."""
        return len(self.blocks[row].lines) if self.blocks else 1

    def at(self, line: int) -> int:
        """The block of a line."""
        return max(0, min(bisect_right(self._tops, line) - 1, len(self.blocks) - 1))

    def place_of(self, item: Item | None) -> int:
        """Where an item stands: itself, or the block that took it in."""
        if item is None:
            return 0
        for at, block in enumerate(self.blocks):
            if type(block.item) is type(item) and block.item.id == item.id:
                return at
        behind = (at for at, block in enumerate(self.blocks) if block.item.order >= item.order)
        return next(behind, max(0, self.count - 1))

    def lines_of(self, row: int) -> list[Drawn]:
        """The lines of a block, with the words found in them: looked for when the block is drawn first."""
        block = self.blocks[row]
        if self._find is not None and row not in self._marked:
            self._marked.add(row)
            block.lines = marked(block.lines, self._find)
        return block.lines

    def draw(self, row: int, part: int, width_: int, look: Look, *, current: bool, active: bool) -> Strip:
        """One line of a block."""
        drawn = self.lines_of(row)[part]
        bar = look.glyphs.bar if current and active and drawn.head else " "
        line = Line().add(bar, look.palette("accent"))
        _draw_parts(line, drawn, look, min(width_ - 2, TEXT_WIDTH + 3))
        return line.strip(width_, look.palette("text"), tells_cut=True)


def _draw_parts(line: Line, drawn: Drawn, look: Look, end: int) -> None:
    for part in drawn.parts:
        if part.role.startswith("chip:"):
            line.add(part.text, look.palette.chip(part.role.removeprefix("chip:")))
        elif part.role.startswith("glyph:"):
            sign = getattr(look.glyphs, part.text)
            line.add(sign, look.palette(part.role.removeprefix("glyph:"), drawn.ground, part.weight))
        else:
            line.add(part.text, look.palette(part.role, drawn.ground, part.weight))
    if drawn.fill:
        line.up_to(end, look.palette("line"), getattr(look.glyphs, drawn.fill))
    elif drawn.ground != "ground":
        line.up_to(end, look.palette("text", drawn.ground))


def build(items: Sequence[Item], width_: int, context: ThreadContext) -> ThreadRows:
    """All blocks of a conversation for a width."""
    room = max(10, min(TEXT_WIDTH, width_ - 5))
    blocks: list[Block] = []
    previous: Item | None = None
    elsewhere = answered_elsewhere(items)
    at = 0
    while at < len(items):
        item = items[at]
        end = at + 1
        if isinstance(item, Event):
            while end < len(items) and isinstance(items[end], Event) and _same_day(item, items[end]):
                end += 1
        block = Block(item)
        _lead(block, item, previous, context, first=at == 0)
        if isinstance(item, Event):
            _events(block, [one for one in items[at:end] if isinstance(one, Event)], room, context)
        elif isinstance(item, Note):
            _note(block, item, room, context)
        else:
            _message(block, item, previous, room, context, elsewhere=item.id in elsewhere)
        blocks.append(block)
        previous = items[end - 1]
        at = end
    return ThreadRows(blocks, context.find)


def moment_of(item: Item) -> Micros:
    """When it stands in the order of the conversation."""
    if isinstance(item, Message):
        return item.arrived_at
    return item.created_at if isinstance(item, Note) else item.at


def _same_day(one: Item, other: Item) -> bool:
    return ages.local(moment_of(one)).date() == ages.local(moment_of(other)).date()


def _lead(block: Block, item: Item, previous: Item | None, context: ThreadContext, *, first: bool) -> None:
    if first and context.more_above:
        block.lines.append(
            Drawn((Part("folded", "glyph:faint"), Part(" " + _("Earlier messages come as you scroll up"), "faint")))
        )
    if previous is None or not _same_day(previous, item):
        if previous is not None or (first and context.more_above):
            block.lines.append(Drawn())
        day = ages.day(moment_of(item), context.now)
        rule = tuple(Part("rule", "glyph:line") for _each in range(3))
        block.lines.append(Drawn((*rule, Part(f" {day} ", "faint")), fill="rule"))
    elif not _joined(previous, item) and not (isinstance(previous, Event) and isinstance(item, Event)):
        block.lines.append(Drawn())
    block.lead = len(block.lines)


def _joined(previous: Item | None, item: Item) -> bool:
    """Chat messages of one author within five minutes share a head."""
    return (
        isinstance(previous, Message)
        and isinstance(item, Message)
        and previous.channel is item.channel is Channel.CHAT
        and (previous.direction, previous.author) == (item.direction, item.author)
        and 0 <= item.arrived_at - previous.arrived_at < 5 * MINUTE
        and _same_day(previous, item)
        and not item.unread
    )


# Messages


def _message(
    block: Block, message: Message, previous: Item | None, room: int, context: ThreadContext, *, elsewhere: bool
) -> None:
    edge = "accent" if message.direction is Direction.OUT or message.unread else "line"
    if not _joined(previous, message):
        block.lines += _head(message, room, context)
        _recipients(block, message, room, context)
    if elsewhere:
        block.lines.append(Drawn((Part("  "), Part(_("answered in another program"), "due"))))
    if number := context.refers.get(message.id):
        block.lines.append(Drawn((Part("  "), Part(cut(sentences.refers(number), room), "due"))))
    for code in message.warnings:
        for text in wrap("! " + sentences.warning(code), room):
            block.lines.append(Drawn((Part("  "), Part(text, "due"))))
    pieces = _pieces(message)
    ends = len(pieces)
    while ends > 1 and pieces[ends - 1].kind:
        ends -= 1
    if not pieces:
        word = _("no text") if message.raw else _("not loaded yet")
        block.lines.append(_edged(edge, (Part(word, "faint"),)))
    _text(block, message, pieces[:ends], 0, room, context, edge)
    _files(block, message, room, edge)
    _text(block, message, pieces[ends:], ends, room, context, edge)
    if message.delivery_detail:
        role = "late" if labels.delivery(message.delivery)[1] == "late" else "quiet"
        detail = message.delivery_detail
        said = sentences_delivery.beside(
            message.delivery, detail, sentences.told(detail), sentences_delivery.way_on(message, context.now)
        )
        for text in wrap(said, room):
            block.lines.append(Drawn((Part("  "), Part(text, role))))


def _files(block: Block, message: Message, room: int, edge: str) -> None:
    files = [attachment for attachment in message.attachments if not attachment.inline]
    if files and message.text.strip():
        block.lines.append(_edged(edge, ()))
    for attachment in files:
        name = cut_name(name_of(attachment.name), max(8, room - 12))
        block.lines.append(_edged(edge, (Part(name, "quiet"), Part(f"  {ages.size(attachment.size)}", "faint"))))


def _edged(role: str, parts: tuple[Part, ...], ground: str = "ground") -> Drawn:
    return Drawn((Part("edge", f"glyph:{role}"), Part(" "), *parts), ground, body=bool(parts))


_ADDRESS_ROOM = 26
"""Cells that a long address gets beside the name of its author."""
_WIDE = 40
"""Cells for two addresses, the one in the name and the true one, from which on both are told."""
_NAME_ROOM = 10
_LEAST = _NAME_ROOM + 14
"""Cells for name and address from which on both are told; the address has a line of its own where there are fewer."""


def _head(message: Message, room: int, context: ThreadContext) -> list[Drawn]:
    """Who wrote when, and how. The address never gives way: not to a name nor to a mark, which its bearer chooses."""
    ours = message.direction is Direction.OUT
    name = author_of(message, context.agent)
    parts = [Part("dot", "glyph:accent"), Part(" ")] if message.unread else []
    said = [labels.channel(message.channel), ages.moment(message.arrived_at, context.now)]
    delivery, role = labels.delivery(message.delivery, message.delivery_detail)
    if message.automatic is not Automatic.NO:
        said.append(labels.automatic(message.automatic))
    if message.placement.evidence.get("written") == "forward":
        said.append(_("forwarded"))
    if message.unread:
        said.append(_("new"))
    address = in_cell(message.author.address)
    beside = bool(address) and not ours and address != name
    taken = sum(width(part.text) for part in parts) + width(delivery) + 6
    tail = " · ".join(said)
    left = room - taken - width(tail)
    if left < min(width(name), room // 2):  # the road gives way: what became of it and whether it is new does not
        tail = " · ".join(said[1:])
        left = room - taken - width(tail)
    below = beside and left < _LEAST and "@" not in name
    if beside and "@" in name and left < _WIDE:
        name, beside = address, False  # two addresses have no room here, and a name is what its bearer likes it to be
    for_name = min(room // 2, left) if ours else left
    if beside and not below:
        for_name = min(room // 2, left - min(width(address) + 2, _ADDRESS_ROOM, left - _NAME_ROOM))
    parts.append(Part(cut(name, max(_NAME_ROOM, for_name)), "accent" if ours else "text", "bold"))
    left = room - sum(width(part.text) for part in parts) - width(tail) - width(delivery) - 6
    if beside and not below:
        parts.append(Part("  " + cut(address, left), "faint"))
    parts.append(Part("  " + tail, "faint"))
    if delivery:
        parts.append(Part(" · ", "faint"))
        parts.append(Part(delivery, role, "bold" if role == "late" else ""))
    head = Drawn(tuple(parts), head=True)
    return [head, Drawn((Part("  "), Part(cut(address, room), "faint")))] if below else [head]


def author_of(message: Message, agent: str) -> str:
    """Who wrote it: `You` for what left here, the name or address else."""
    if message.direction is Direction.OUT:
        name = in_cell(message.author.name)
        wrote_here = message.placement.rule is Rule.OUTBOX
        return _("You") if wrote_here or not name or name == agent else name
    return in_cell(message.author.shown).strip() or _("unknown sender")


def _recipients(block: Block, message: Message, room: int, context: ThreadContext) -> None:
    """Who got it: told where there is more than the one, or where ours went to another than the customer."""
    everybody = (*message.to, *message.cc, *message.bcc)
    his = context.customer
    ours = his is not None and message.direction is Direction.OUT and message.channel is Channel.EMAIL
    others = ours and any(address_key(one.address) not in (his or ()) for one in everybody)
    if len(everybody) < 2 and not others:
        return
    said = []
    for word, people in ((_("to"), message.to), (_("cc"), message.cc), (_("bcc"), message.bcc)):
        if people:
            names = ", ".join(cut(in_cell(person.address or person.name), room - 1) for person in people[:6])
            more = len(people) - 6
            said.append(f"{word} {names}" + (" " + _("and {n} more").format(n=grouped(more)) if more > 0 else ""))
    beside = "  ".join(said)
    lines = [beside] if width(beside) <= room else [line for each in said for line in wrap(each, room)]
    block.lines += [Drawn((Part("  "), Part(text, "faint"))) for text in lines]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a text: plain, quoted or signature."""

    kind: str
    text: str


def _pieces(message: Message) -> list[_Piece]:
    spans: list[tuple[Span, str]] = [(span, QUOTE) for span in message.quoted]
    if message.signature:
        spans.append((message.signature, SIGNATURE))
    pieces, at = [], 0
    for span, kind in sorted(spans, key=lambda pair: pair[0].start):
        if span.start > at:
            pieces.append(_Piece("", message.text[at : span.start]))
        if span.end > max(at, span.start):
            pieces.append(_Piece(kind, message.text[max(at, span.start) : span.end]))
        at = max(at, span.end)
    pieces.append(_Piece("", message.text[at:]))
    return [piece for piece in pieces if piece.text.strip()]


def folds_with(message: Message, find: Find) -> list[Fold]:
    """The folds of a message that hide a word which stands nowhere else in it."""
    pieces = list(enumerate(_pieces(message)))
    if any(find(piece.text) for _number, piece in pieces if not piece.kind):
        return []
    return [(message.id, piece.kind, number) for number, piece in pieces if piece.kind and find(piece.text)]


def _text(
    block: Block, message: Message, pieces: Sequence[_Piece], first: int, room: int, context: ThreadContext, edge: str
) -> None:
    for number, piece in enumerate(pieces, first):
        text = piece.text.strip("\n")
        if not piece.kind:
            _plain(block, message, number, text, room, context, edge)
            continue
        fold = (message.id, piece.kind, number)
        block.folds.append(fold)
        count = text.count("\n") + 1
        opened = context.is_open(fold)
        if piece.kind == QUOTE:
            word = ngettext("{n} quoted line", "{n} quoted lines", count).format(n=grouped(count))
        else:
            word = _("signature")
        block.lines.append(
            Drawn((Part("  "), Part("opened" if opened else "folded", "glyph:faint"), Part(f" {word}", "faint")))
        )
        if opened:
            for line in wrap(text, room)[:MOST_LINES]:
                block.lines.append(_edged("line", (Part(line, "faint"),)))


def _plain(
    block: Block, message: Message, number: int, text: str, room: int, context: ThreadContext, edge: str
) -> None:
    fold = (message.id, REST, number)
    limit = MOST_LINES * room
    whole = context.is_open(fold) and not context.all_opened
    lines = wrap(text if whole else text[:limit], room)
    shown_lines = lines if whole else lines[:MOST_LINES]
    for line in shown_lines:
        block.lines.append(_edged(edge, (Part(line),)))
    if len(shown_lines) < len(lines) or (not whole and len(text) > limit):
        block.folds.append(fold)
        block.lines.append(
            Drawn((Part("  "), Part("folded", "glyph:faint"), Part(" " + _("the rest of a long message"), "faint")))
        )


# Notes and events


def _note(block: Block, note: Note, room: int, context: ThreadContext) -> None:
    who = _("You") if note.author == context.agent else in_cell(note.author) or _("somebody")
    said = f"  {who} · " + _("only your team sees this") + f" · {ages.moment(note.created_at, context.now)}"
    chip = f" {_('NOTE')} "
    block.lines.append(Drawn((Part(chip, "chip:due"), Part(cut(said, room), "due")), "note", head=True))
    for line in wrap(note.text, room):
        block.lines.append(_edged("due", (Part(line),), "note"))


def _events(block: Block, events: Sequence[Event], room: int, context: ThreadContext) -> None:
    fold = (events[0].id, EVENTS, 0)
    if len(events) > MOST_EVENTS:
        block.folds.append(fold)
        opened = context.is_open(fold)
        by = {in_cell(event.by) for event in events}
        count = ngettext("{n} change", "{n} changes", len(events)).format(n=len(events))
        if len(by) == 1 and (name := next(iter(by))):
            count = _("{changes} by {name}").format(changes=count, name=_("you") if name == context.agent else name)
        block.lines.append(
            Drawn((Part("opened" if opened else "folded", "glyph:faint"), Part(f" {count}", "faint")), head=True)
        )
        if not opened:
            return
    for number, event in enumerate(events):
        said = sentences.event(event, context.agent)
        text = shown(f"{said} · {ages.moment(event.at, context.now)}")
        head = number == 0 and len(events) <= MOST_EVENTS
        first, *further = wrap(text, room) or [""]
        block.lines.append(Drawn((Part("middot", "glyph:faint"), Part(f" {first}", "faint")), head=head))
        if len(further) > MOST_FURTHER:
            further[MOST_FURTHER - 1 :] = [cut(" ".join(further[MOST_FURTHER - 1 :]), room)]
        block.lines.extend(Drawn((Part(f"  {line}", "faint"),)) for line in further)
