"""Hostile text through everything that draws: even were it never made safe, no byte of it reaches the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from textual.strip import Strip

from agent_tui.desk.conversation import SidePanel
from agent_tui.domain.account import AccountHealth, Health
from agent_tui.domain.contact import Contact, Identity
from agent_tui.domain.conversation import Channel, ConversationRow, OtherConversation, Priority, Status, View
from agent_tui.domain.message import Attachment, Direction, Event, Item, Message, Note, Person, Span
from agent_tui.domain.search import Hit
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import Micros
from agent_tui.widgets.cells import Line
from agent_tui.widgets.header_bar import HeaderBar, HeaderState, OutboxNumbers
from agent_tui.widgets.hint_line import Hint, HintLine, Said
from agent_tui.widgets.hit_rows import HitList, HitRows
from agent_tui.widgets.inbox_rows import ListRows, RowContext
from agent_tui.widgets.look import Look
from agent_tui.widgets.palette import Palette, shipped
from agent_tui.widgets.panel_rows import PanelRows, lines
from agent_tui.widgets.sheet_rows import SheetLine, SheetRows
from agent_tui.widgets.thread_rows import ThreadContext, build
from agent_tui.widgets.title_line import TitleLine
from agent_tui.widgets.virtual_list import Rows
from tests.hostile import TERMINAL

NOW = Micros(1_800_000_000_000_000)
LOOK = Look(Palette(shipped()["dark"]))
FIXTURES = {
    **TERMINAL,
    "markup_close": "[/]",
    "markup_action": "[@click=app.quit]x[/]",
    "combining": "e" + "\u0301" * 60,
}
FORBIDDEN = {chr(c) for c in (*range(32), *range(127, 160))} | set(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def raw(text: str) -> SafeText:
    """What content.safe would never have let through."""
    return SafeText(text)


def row(text: str) -> ConversationRow:
    bad = raw(text)
    return ConversationRow(
        1, 1, bad, Channel.EMAIL, bad, bad, Status.OPEN, Priority.NORMAL, text, True, NOW, (bad, bad, bad)
    )


class One:
    """A list of one row."""

    count = 1

    def __init__(self, text: str) -> None:
        self._row = row(text)

    def row(self, index: int) -> ConversationRow | None:
        return self._row


def drawn(rows: Rows, width: int) -> Iterable[Strip]:
    for line in range(rows.lines):
        at = rows.at(line)
        yield rows.draw(at, line - rows.top(at), width, LOOK, current=True, active=True)


def check(strips: Iterable[Strip], width: int) -> None:
    count = 0
    for strip in strips:
        count += 1
        assert not FORBIDDEN & set(strip.text), strip.text
        assert strip.cell_length == width
        assert "\x1b" not in strip.text
    assert count


@pytest.mark.parametrize("text", FIXTURES.values(), ids=FIXTURES.keys())
@pytest.mark.parametrize("width", [20, 46, 80, 140])
def test_rows(text: str, width: int) -> None:
    context = RowContext("dana", lambda: NOW)
    check(drawn(ListRows(One(text), context, 1), width), width)
    check(drawn(ListRows(One(text), context, 2), width), width)
    hit = Hit(row(text), 1, 1, "text", raw(text), ((0, 1),))
    check(drawn(HitRows(HitList([hit]), context, 1), width), width)
    check(drawn(SheetRows([SheetLine(text, key=text[:3], right=text, value=1)], key_width=4), width), width)


@pytest.mark.parametrize("text", FIXTURES.values(), ids=FIXTURES.keys())
@pytest.mark.parametrize("width", [20, 80])
def test_conversation_and_panel(text: str, width: int) -> None:
    bad, people = raw(text), (Person(raw(text), raw(text)),) * 3
    message = Message(
        id=1, order=1, direction=Direction.IN, channel=Channel.EMAIL, account="mail", author=people[0], to=people,
        cc=people, bcc=(), subject=bad, sent_at=NOW, arrived_at=NOW, text=raw(f"{text}\n{text}\n> {text}"),
        quoted=(Span(len(text) + 1, 2 * len(text) + 2),), attachments=(Attachment(1, bad, bad, 9),), warnings=(text, "auth_failed"),
        delivery_detail=bad, unread=True,
    )  # fmt: skip
    items: list[Item] = [
        message,
        replace(message, id=2, order=2, direction=Direction.OUT),
        Note(3, 3, bad, bad, NOW),
        Event(4, 4, text, {text: text}, bad, NOW),
    ]
    check(drawn(build(items, width, ThreadContext("dana", NOW, all_opened=True)), width), width)
    panel = SidePanel(
        Contact(1, bad, (Identity(1, text, bad),), NOW, 3),
        (OtherConversation(2, 2, bad, Channel.CHAT, Status.OPEN, NOW),),
        ((message, message.attachments[0]),),
    )
    check(drawn(PanelRows(lines(panel, NOW)), width), width)


@pytest.mark.parametrize("text", FIXTURES.values(), ids=FIXTURES.keys())
def test_bars(text: str) -> None:
    def filled(bar: HeaderBar | HintLine | TitleLine) -> Strip:
        line = Line()
        bar.fill(line, 80, LOOK)
        return line.strip(80, LOOK.palette("text"))

    header = HeaderBar()
    header._state = HeaderState(
        View.INBOX, {View.INBOX: 3}, (AccountHealth(text, Health.CONNECTED, NOW),) * 2, OutboxNumbers(1, 1)
    )
    hints = HintLine()
    hints._said, hints._right = Said(text, (Hint("z", "undo"),)), ((text, "faint"),)
    check([filled(header), filled(hints), filled(TitleLine(text, (Hint("z", "x"),)))], 80)
