"""What Dana and her colleagues did with the demo's past, done by the same actions that the keys do."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_tui.backends.demo.server import DemoServer, Outcome
from agent_tui.content.safe import safe
from agent_tui.desk import actions
from agent_tui.desk.actions import Intent
from agent_tui.desk.listing import every_conversation
from agent_tui.desk.opening import open_desk
from agent_tui.desk.workspace import Desk
from agent_tui.domain.conversation import Channel, Conversation, Priority, Status
from agent_tui.domain.message import Message
from agent_tui.domain.times import DAY, HOUR
from agent_tui.locations import Locations
from agent_tui.store.ports import DeskWrites

_PEOPLE = ("dana", "dana", "dana", "petro", "petro", "olha", None, None, None)
"""Who has an open conversation, by chance that is always the same."""
_NOTES: Mapping[str, tuple[str, str]] = {
    "en:refund-late-first": (
        "petro",
        "Returns: jacket received, refund released by hand. Check with accounting on Monday!",
    ),
    "uk:refund-late-first": (
        "olha",
        "Повернення провела вручну. Якщо до середи не надійде, питати в бухгалтерії (Марія).",
    ),
}


@dataclass(frozen=True, slots=True)
class _Case:
    """A conversation of the store, with what became of it."""

    conversation: Conversation
    outcome: Outcome


def tidy(locations: Locations, writes: DeskWrites) -> None:
    """Solve, assign, tag and snooze the past."""
    from agent_tui.cli.demo import service_file
    from agent_tui.config import load

    server = DemoServer(service_file(locations))
    try:
        outcomes = server.outcomes()
    finally:
        server.close()
    desk = open_desk(locations, load(locations.settings_file)[0])
    try:
        cases = list(_cases(desk, outcomes))
        for agent, intent in _deeds(desk, cases):
            writes.apply(agent, intent.code, intent.targets)
        for case in cases:
            if note := _NOTES.get(case.outcome.thread.removeprefix("past-")):
                writes.add_note(note[0], case.conversation.id, safe(note[1]))
    finally:
        desk.close()


def _cases(desk: Desk, outcomes: Sequence[Outcome]) -> Iterator[_Case]:
    by_first = {outcome.first_message: outcome for outcome in outcomes}
    by_thread = {outcome.thread: outcome for outcome in outcomes}
    for conversation_id in every_conversation(desk):
        conversation = desk.reads.conversation(conversation_id)
        if conversation is None:
            continue
        if conversation.channel is Channel.CHAT:
            outcome = by_thread.get(conversation.native_id or "")
        else:
            items = desk.reads.items(conversation_id, None, 50)
            first = next((item.message_id for item in items if isinstance(item, Message)), "")
            outcome = by_first.get(first)
        if outcome is not None:
            yield _Case(conversation, outcome)


def _deeds(desk: Desk, cases: Sequence[_Case]) -> Iterator[tuple[str, Intent]]:
    """Who did what, in bulk where that is how one works."""
    present = desk.now()
    solved: list[int] = []
    spam: list[int] = []
    given: dict[str, list[int]] = defaultdict(list)
    tags: dict[str, list[int]] = defaultdict(list)
    snoozed: list[int] = []
    urgent: list[int] = []
    waiting: list[int] = []
    for case in cases:
        conversation, outcome = case.conversation, case.outcome
        age = present - conversation.last_at
        for tag in outcome.tags:
            tags[tag].append(conversation.id)
        chance = zlib.crc32(outcome.thread.encode())
        if outcome.outcome == "spam":
            spam.append(conversation.id)
            continue
        if outcome.outcome == "waiting":
            waiting.append(conversation.id)
            given["petro"].append(conversation.id)
            continue
        waits = conversation.status is Status.WAITING
        if outcome.outcome == "solved" and (age > 3 * DAY or (age > 6 * HOUR and not waits)):
            solved.append(conversation.id)
            continue
        if (who := _PEOPLE[chance % len(_PEOPLE)]) is not None:
            given[who].append(conversation.id)
            if who == "dana" and not waits and len(snoozed) < 3 and age > 5 * HOUR:
                snoozed.append(conversation.id)
        if not waits and chance % 13 == 0:
            urgent.append(conversation.id)
    yield "petro", actions.solve(solved[::2])
    yield "olha", actions.solve(solved[1::2])
    yield "petro", actions.spam(spam)
    yield "petro", actions.set_status(waiting, Status.WAITING)
    for who, ids in given.items():
        yield who, actions.assign(ids, who)
    for tag, ids in tags.items():
        yield "olha", actions.tag(desk.reads.rows(ids, "olha"), [tag])
    yield "petro", actions.set_priority(urgent, Priority.HIGH)
    from agent_tui.desk.moments import parse

    yield "dana", actions.snooze(snoozed, parse("tomorrow 9:00", present, desk.zone), desk.settings.zone)
