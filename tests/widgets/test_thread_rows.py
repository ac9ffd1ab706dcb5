"""The lines of a conversation, from plain data."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from agent_tui.content.safe import safe
from agent_tui.domain.conversation import Channel
from agent_tui.domain.message import (
    Attachment,
    Automatic,
    Delivery,
    Direction,
    Event,
    Item,
    Message,
    Note,
    Person,
    Placement,
    Rule,
    Span,
)
from agent_tui.domain.text import NOTHING
from agent_tui.domain.times import DAY, MINUTE, Micros
from agent_tui.widgets import labels
from agent_tui.widgets.look import Look
from agent_tui.widgets.palette import Palette, shipped
from agent_tui.widgets.thread_rows import ThreadContext, ThreadRows, build

NOW = Micros(1_795_192_800_000_000)
LOOK = Look(Palette(shipped()["dark"]))
CONTEXT = ThreadContext("dana", NOW)
_order = 0


@pytest.fixture(autouse=True)
def _utc() -> None:
    time.tzset()


def inbound(text: str, ago: int = 0, **changes: Any) -> Message:
    global _order  # noqa: PLW0603
    _order += 1
    at = Micros(NOW - ago)
    made = Message(
        id=_order, order=_order, direction=Direction.IN, channel=Channel.EMAIL, account="mail",
        author=Person(safe("Olena"), safe("olena@example.com")), to=(), cc=(), bcc=(), subject=NOTHING,
        sent_at=at, arrived_at=at, text=safe(text),
    )  # fmt: skip
    return replace(made, **changes)


def event(number: int, by: str = "dana") -> Event:
    return Event(number, 10_000 + number, "priority", {"to": "2"}, safe(by), NOW)


def text(items: list[Item], width: int = 100, context: ThreadContext = CONTEXT) -> list[str]:
    rows = build(items, width, context)
    lines = []
    for line in range(rows.lines):
        row = rows.at(line)
        lines.append(rows.draw(row, line - rows.top(row), width, LOOK, current=False, active=False).text.rstrip())
    return lines


def test_what_another_program_answered_says_so_until_an_answer_of_ours_stands_behind_it() -> None:
    told = "answered in another program"
    one, ours = inbound("Where is it?", answered=True), inbound("On its way.", direction=Direction.OUT)
    assert sum(told in line for line in text([one])) == 1
    assert sum(told in line for line in text([one, ours])) == 0
    again = inbound("And now?", answered=True)
    assert [told in line for line in text([one, ours, again])].count(True) == 1


def test_day_lines_stand_where_days_change() -> None:
    lines = text([inbound("a", 2 * DAY), inbound("b", DAY), inbound("c", MINUTE), inbound("d")])
    assert sum("───" in line for line in lines) == 3
    assert any("Yesterday" in line for line in lines)
    assert any("Today" in line for line in lines)


def test_chat_of_one_author_within_five_minutes_shares_a_head() -> None:
    chat = {"channel": Channel.CHAT}
    lines = text([inbound("a", 4 * MINUTE, **chat), inbound("b", 3 * MINUTE, **chat), inbound("c", 0, **chat)])
    assert sum("Olena" in line for line in lines) == 1
    lines = text([inbound("a", 9 * MINUTE, **chat), inbound("b", 1 * MINUTE, **chat)])
    assert sum("Olena" in line for line in lines) == 2


def test_more_than_three_changes_fold() -> None:
    lines = text([event(n) for n in range(7)])
    assert lines[-1].strip() == "▸ 7 changes by you"
    assert len(text([event(n) for n in range(3)])) == 4
    rows = build([event(n) for n in range(7)], 100, CONTEXT)
    opened = replace(CONTEXT, opened=frozenset(rows.blocks[0].folds))
    assert len(text([event(n) for n in range(7)], context=opened)) == 9


def test_text_ends_at_ninety_columns() -> None:
    lines = text([inbound("word " * 200)], 200)
    assert max(len(line) for line in lines if "word" in line) <= 94


def test_a_note_says_so_in_words() -> None:
    lines = text([Note(1, 1, safe("dana"), safe("Ask Ihor"), NOW)])
    assert any("NOTE   You · only your team sees this" in line for line in lines)
    lines = text([Note(1, 1, safe("ihor"), safe("Ask Dana"), NOW)])
    assert any("NOTE   ihor · only your team sees this" in line for line in lines)


def test_a_message_without_text_says_so_once() -> None:
    file = Attachment(1, safe("winmail.dat"), safe("application/ms-tnef"), 2048)
    for files in ((), (file,)):
        lines = text([inbound("", raw=True, attachments=files)])
        assert sum("no text" in line for line in lines) == 1


def test_quotes_and_signature_fold_and_attachments_come_before_them() -> None:
    whole = "Hello\n\n> one\n> two\n\n--\nOlena"
    quoted, signature = Span(7, 18), Span(19, len(whole))
    files = (
        Attachment(1, safe("a.pdf"), safe("application/pdf"), 2048),
        Attachment(2, safe("b.png"), safe("image/png"), 9, True),
    )
    lines = "\n".join(text([inbound(whole, quoted=(quoted,), signature=signature, attachments=files)]))
    assert "▸ 2 quoted lines" in lines
    assert "▸ signature" in lines
    assert "> one" not in lines
    assert lines.index("a.pdf") < lines.index("▸ 2 quoted")
    assert "b.png" not in lines


def test_delivery_is_told_in_words() -> None:
    lines = text(
        [inbound("x", direction=Direction.OUT, delivery=Delivery.BOUNCED, delivery_detail=safe("no such user"))]
    )
    joined = "\n".join(lines)
    assert "Olena" in joined
    assert "You" in "\n".join(text([inbound("x", direction=Direction.OUT, placement=Placement(Rule.OUTBOX))]))
    assert "came back" in joined
    assert "no such user" in joined


@pytest.mark.parametrize("name", ["", "Olena", "ceo@bank.com", "A name of very many words indeed " * 3])
def test_whose_address_it_is_stands_in_the_head(name: str) -> None:
    address = f"refunds@bank.example.{'a' * 90}.evil.example"
    message = inbound("Hello", author=Person(safe(name), safe(address)))
    for width in (70, 80, 100, 140):
        head = next(line for line in text([message], width) if "mail" in line or "@" in line)
        assert "evil.example" in head, head


@pytest.mark.parametrize("automatic", list(Automatic))
@pytest.mark.parametrize("columns", [40, 50, 60, 80, 100])
@pytest.mark.parametrize("name", ["Deutsche Bank Customer Support Services Team", "Bank", "銀" * 40])
def test_no_mark_and_no_name_takes_the_address_away(automatic: Automatic, columns: int, name: str) -> None:
    author = Person(safe(name), safe("a@evil.example"))
    message = inbound("Hello", 3 * DAY, author=author, automatic=automatic, unread=True)
    lines = text([message], columns)
    at = next(number for number, line in enumerate(lines) if name[:4] in line)
    assert "a@evil.example" in " ".join(lines[at : at + 2])
    if columns >= 80:
        assert "a@evil.example" in lines[at]


def test_a_narrow_head_tells_the_address_where_the_name_claims_to_be_one() -> None:
    message = inbound("Hello", author=Person(safe("ceo@bank.com"), safe("evil@evil.example")))
    head = next(line for line in text([message], 42) if "mail" in line)
    assert "evil.example" in head
    assert "bank" not in head


def test_who_else_got_it_keeps_its_domain() -> None:
    address = f"refunds@bank.example.{'a' * 90}.evil.example"
    people = (Person(NOTHING, safe("bob@b.example")), Person(NOTHING, safe(address)))
    assert any("evil.example" in line for line in text([inbound("Hello", to=people)], 80))


def test_blocks_and_lines_agree() -> None:
    rows = build([inbound("a\nb\nc", DAY), event(1), Note(1, 99, safe("d"), safe("n"), NOW), inbound("z")], 80, CONTEXT)
    assert isinstance(rows, ThreadRows)
    assert sum(rows.height(row) for row in range(rows.count)) == rows.lines
    for line in range(rows.lines):
        row = rows.at(line)
        assert rows.top(row) <= line < rows.top(row) + rows.height(row)


@pytest.mark.parametrize("room", range(30, 60))
@pytest.mark.parametrize("name", ["Олена Коваленко", "Kestrel Logistics International GmbH", "Li"])
def test_a_head_cuts_neither_that_it_is_new_nor_what_became_of_it(room: int, name: str) -> None:
    """Names and addresses give way, the road goes."""
    author = Person(safe(name), safe("somebody.quite.long@example.com"))
    new, *_rest = [line for line in text([inbound("Hello", author=author, unread=True)], room) if name[:2] in line]
    assert new.endswith(" · new")
    ours = inbound("Hello", direction=Direction.OUT, author=author, delivery=Delivery.BOUNCED)
    sent, *_rest = [line for line in text([ours], room) if name[:2] in line]
    assert sent.endswith(" · " + labels.delivery(Delivery.BOUNCED, "")[0])


def test_who_got_a_copy_can_be_read_whatever_room_there_is() -> None:
    """None of the addresses that are told gives way to another one."""
    people = [
        Person(NOTHING, safe(f"{name}.with-a-long-name@customer-{name}.test"))
        for name in ("john", "ghost", "mary", "eve")
    ]
    item = inbound("x", to=tuple(people[:2]), cc=(people[2],), bcc=(people[3],))
    said = " ".join(" ".join(line.strip() for line in text([item], 80)).split())
    john, ghost, mary, eve = (person.address for person in people)
    assert f"to {john}, {ghost} cc {mary} bcc {eve}" in said
    short = inbound("x", to=(Person(NOTHING, safe("a@b.test")),), bcc=(Person(NOTHING, safe("e@f.test")),))
    assert any("to a@b.test  bcc e@f.test" in line for line in text([short], 80)), "one line where it has room"
