"""Commands that look: list, search, show, export, outbox."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING

from agent_tui import ages
from agent_tui.cli.output import WIDE, Failed, emit, say, say_within, table, tell
from agent_tui.cli.wording import fault_in_words
from agent_tui.cli.workspace import at_a_desk_that_is, conversation_id
from agent_tui.domain.conversation import Conversation, ConversationRow, View
from agent_tui.domain.message import Direction, Event, Item, Message, Note, answered_elsewhere
from agent_tui.domain.times import Micros
from agent_tui.widgets import labels
from agent_tui.words import _, ngettext, pgettext

if TYPE_CHECKING:
    from agent_tui.desk.workspace import Desk

NARROW, WITH_ADDRESS = 20, 30
"""Cells of a list for a name alone, and for a name with an address."""
ADDRESSES = 3
"""Of a customer, in the head of a conversation."""
MOST_NAME = 100
"""Cells of a file's name."""


def list_conversations(options: Namespace) -> int:
    """Rows of a view, or of a search."""
    from agent_tui.desk import json as shapes
    from agent_tui.desk.listing import rows

    with at_a_desk_that_is(options) as services:
        desk = services.desk
        query = " ".join(options.query)
        if query:
            understood = services.search.understand(query)
            _hint(understood.hint)
            found = [hit.row for hit in services.search.hits(understood, limit=options.limit)]
        else:
            found = list(islice(rows(desk, View(options.view)), options.limit))
        addresses = desk.reads.addresses([row.id for row in found])
        if options.json:
            for row in found:
                emit(shapes.row(row, addresses.get(row.id, "")))
        else:
            _print_rows(found, desk.agent, addresses)
    return 0


def search(options: Namespace) -> int:
    """Hits of a search, newest first: where and why each matched."""
    from agent_tui.desk import json as shapes

    with at_a_desk_that_is(options) as services:
        query = services.search.understand(" ".join(options.query))
        _hint(query.hint)
        hits = services.search.hits(query, limit=options.limit, best=options.best)
        if options.json:
            for hit in hits:
                emit(shapes.hit(hit))
            return 0
        for hit in hits:
            row = hit.row
            title = labels.title(row.subject, row.channel, row.customer)
            say(f"{row.id:>6}  {_day(row.last_at)}  {_named(row.customer, '', 0)} · {title}")
            say(f"        {hit.field}: {_marked(hit.snippet, hit.marks)}")
        count = services.search.count(query)
        number = f"{count.number:,}" + ("+" if count.capped else "")
        tell(ngettext("{number} hit", "{number} hits", count.number).format(number=number))
    return 0


def show(options: Namespace) -> int:
    """One conversation whole."""
    from agent_tui.desk import json as shapes
    from agent_tui.desk.tied import numbers

    with at_a_desk_that_is(options) as services:
        wanted = conversation_id(services, options.id)
        if options.json:
            whole = shapes.conversation(services.desk, wanted)
            if whole is None:
                raise Failed(_("There is no conversation {typed}.").format(typed=options.id))
            emit(whole)
            return 0
        conversation = services.desk.reads.conversation(wanted)
        assert conversation is not None
        title = labels.title(conversation.subject, conversation.origin, conversation.customer)
        say(f"#{conversation.number} {title}")
        assignee = conversation.assignee or _("nobody")
        tags = " ".join(conversation.tags)
        status = labels.status(conversation.status)
        customer = _customer(services.desk, conversation)
        say(f"{status} · {labels.channel(conversation.channel)} · {customer} · {assignee}  {tags}".rstrip())
        items = shapes.all_items(services.desk, wanted)
        elsewhere = answered_elsewhere(items)
        refers = numbers(services.desk, items, wanted)
        for item in items:
            say()
            _print_item(item, services.desk.agent, elsewhere=item.id in elsewhere, refers=refers.get(item.id))
    return 0


def export(options: Namespace) -> int:
    """Every conversation, one JSON object on a line."""
    from agent_tui.desk import json as shapes

    with at_a_desk_that_is(options) as services:
        number = 0
        for conversation in shapes.export(services.desk):
            emit(conversation)
            number += 1
        tell(ngettext("{number} conversation", "{number} conversations", number).format(number=number))
    return 0


def outbox(options: Namespace) -> int:
    """What is on its way, and what needs a word of the agent."""
    from agent_tui.desk import json as shapes

    with at_a_desk_that_is(options) as services:
        items = services.sending.outbox(open_only=not options.all)
        if options.json:
            for item in items:
                emit(shapes.outbox(item))
            return 0
        if not items:
            tell(_("Nothing is on its way."))
        wrote_first = _wrote_first(services.desk) if options.all else {}
        table(
            [
                (
                    str(item.id),
                    _("not sent") if item.id in wrote_first else labels.leaving(item, services.desk.now())[0],
                    ", ".join(person.address or person.name for person in (*item.to, *item.cc, *item.bcc)),
                    item.subject or item.text[:60],
                    wrote_first.get(item.id) or fault_in_words(item.fault) or _day(item.not_before),
                )
                for item in items
            ],
            stretch=3,
        )
    return 0


def _wrote_first(desk: Desk) -> dict[int, str]:
    """Why messages stopped that nobody took back, as the desk says it: known as long as their drafts lie untouched."""
    from agent_tui import ages, sentences
    from agent_tui.sentences_table import HELD_BACK, HELD_BACK_FOR

    items = desk.reads.held_back(desk.agent)
    rows = desk.reads.rows([item.conversation_id for item in items if item.conversation_id is not None], desk.agent)
    found = {}
    for item in items:
        row = rows.get(item.conversation_id or 0)
        name = item.wrote_first or (row.customer.strip() if row is not None else "") or _("The customer")
        told = {"name": name, "time": ages.moment(item.not_before, desk.now())}
        found[item.id] = sentences.filled(HELD_BACK_FOR if item.scheduled else HELD_BACK, told)
    return found


def _hint(code: str) -> None:
    from agent_tui import sentences

    if code and (words := sentences.hint(code)):
        tell(words)


def _print_rows(rows: list[ConversationRow], agent: str, addresses: Mapping[int, str]) -> None:
    """Words as on the desk. A narrow terminal leaves out what the view says anyway: road and status."""
    if not rows:
        tell(_("Nothing here."))
    cells = _cells_for_customers()
    table(
        [
            (
                str(row.id),
                "●" if row.unread else " ",
                _named(row.customer, addresses.get(row.id, ""), cells),
                labels.channel(row.channel),
                labels.status(row.status),
                _("You") if row.assignee == agent else row.assignee or _("unassigned"),
                f"{row.subject} · {row.snippet}" if row.subject else row.snippet,
                _day(row.last_at),
            )
            for row in rows
        ],
        stretch=6,
        most={2: cells or WIDE, 5: 10},
        spare=(3, 4),
    )


def _cells_for_customers() -> int:
    """A wide terminal has room for addresses beside the names; 0 where texts are printed whole."""
    if not sys.stdout.isatty():
        return 0
    room = shutil.get_terminal_size((WIDE, 24)).columns
    return NARROW if room < WIDE else min(WITH_ADDRESS + (room - WIDE) // 3, 2 * NARROW)


def _named(name: str, address: str, cells: int) -> str:
    """`Name <address>`. Where it is too long the name gives way first, and the address keeps its end: whose it is."""
    name = name.strip() or _("unknown sender")
    if not address or address == name or 0 < cells <= NARROW:
        return name
    if not cells:
        return f"{name} <{address}>"
    from agent_tui.widgets.cells import cut, width

    room = max(cells - 1 - width(name), cells * 2 // 3) - 2
    address = cut(address, room)
    return f"{cut(name, cells - 3 - width(address))} <{address}>"


def _customer(desk: Desk, conversation: Conversation) -> str:
    """Name and addresses: a name alone is what its bearer likes it to be."""
    contact = desk.reads.contact(conversation.contact_id) if conversation.contact_id is not None else None
    addresses = [one.value for one in contact.identities] if contact is not None else []
    named = [f"<{one}>" for one in addresses[:ADDRESSES] if one != conversation.customer]
    more = [f"+{len(addresses) - ADDRESSES}"] if len(addresses) > ADDRESSES else []
    return " ".join([_named(conversation.customer, "", 0), *named, *more])


def _print_item(item: Item, agent: str, *, elsewhere: bool = False, refers: int | None = None) -> None:
    from agent_tui import sentences, sentences_delivery
    from agent_tui.desk.recipients import shown
    from agent_tui.widgets.cells import cut_name
    from agent_tui.widgets.file_words import name_of, type_of

    match item:
        case Message():
            way = _("from") if item.direction is Direction.IN else _("to")
            people = [item.author] if item.direction is Direction.IN else [*item.to, *item.cc, *item.bcc]
            others = ", ".join(shown([one]) if one.address else _named(one.name, "", 0) for one in people)
            delivery = labels.delivery(item.delivery, item.delivery_detail)[0]
            state = f" · {delivery}" if delivery else ""
            whom = f" {way} {others}" if others else ""  # an answer in a chat names nobody
            say(f"── {labels.channel(item.channel)}{whom} · {_moment(item.arrived_at)}{state}")
            if automatic := labels.automatic(item.automatic):
                say(f"   {automatic}")
            if elsewhere:
                say("   " + _("answered in another program"))
            if refers is not None:
                say("   " + sentences.refers(refers, way=""))
            for sentence in sentences_delivery.each(item.delivery, item.delivery_detail):
                say_within(sentence, "  ·")
            fetches = _(" of the desk")  # no key here
            for code in item.warnings:
                say(f"   ! {sentences.warning(code, way=fetches)}")
            say_within(item.visible_text)
            for file in item.attachments:
                name = cut_name(name_of(file.name), MOST_NAME)
                say(f"   [{name}, {type_of(file.name, file.type)}, {file.size:,}]")
        case Note():
            heading = pgettext("composer", "NOTE")
            author = _("You") if item.author == agent else item.author
            say(f"── {heading} {author} · {_moment(item.created_at)}")
            say_within(item.text)
        case Event():
            say(f"── {sentences.event(item, agent)} · {_moment(item.at)}")


def _marked(snippet: str, marks: tuple[tuple[int, int], ...]) -> str:
    text, at = "", 0
    for start, end in marks:
        text += f"{snippet[at:start]}[{snippet[start:end]}]"
        at = end
    return text + snippet[at:]


def _day(moment: Micros) -> str:
    return f"{ages.local(moment):%Y-%m-%d}" if moment else ""


def _moment(moment: Micros) -> str:
    there = ages.local(moment)
    return f"{there:%Y-%m-%d %H:%M %z}" if there.utcoffset() else f"{there:%Y-%m-%d %H:%M}Z"
