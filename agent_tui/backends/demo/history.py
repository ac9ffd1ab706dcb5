"""The months before the demo was opened: hundreds of conversations that are over, or nearly so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from agent_tui.backends.demo import wording
from agent_tui.backends.demo.cast import Cast, Person
from agent_tui.backends.demo.customers import Customers
from agent_tui.backends.demo.records import Records, Thread
from agent_tui.domain.times import DAY, HOUR, MINUTE, Micros

PAST = "past-"
"""Begins the ids of these conversations."""
CONVERSATIONS = 230
_MONTHS = 150 * DAY
_OPEN_SINCE = 30 * HOUR
"""Younger conversations may still wait for us."""
_UNREAD_SINCE = 16 * HOUR
"""Of what is younger, half was not opened yet."""


@dataclass(frozen=True, slots=True)
class _Past:
    """A conversation that is to be written."""

    script: wording.Script
    person: Person
    begins_at: Micros
    length: int
    """Turns that are already said."""
    id: str


def write(records: Records, customers: Customers, cast: Cast, seed: int, now: Micros) -> None:
    """Fill the service with its past, in the order in which it happened."""
    turns: list[tuple[Micros, int, _Past, int]] = []
    for number, past in enumerate(_pasts(cast, seed, now)):
        at = past.begins_at
        random = Random(f"{seed}:times:{number}")  # noqa: S311
        for position in range(past.length):
            if position:
                at = Micros(at + _pause(past.script, past.script.turns[position].by, random))
            if past.script.turns[position].by == "us" or past.script.channel == "chat":
                at = _by_day(at, random)
            if at < now:
                turns.append((at, number, past, position))
    threads: dict[int, Thread] = {}
    for at, number, past, position in sorted(turns, key=lambda turn: turn[:2] + turn[3:]):
        random = Random(f"{seed}:words:{number}:{position}")  # noqa: S311
        if number not in threads:
            threads[number] = customers.begin(past.script, past.person, past.id, random)
        turn = past.script.turns[position]
        unseen = turn.by == "customer" and position == past.length - 1 and at > now - _UNREAD_SINCE and number % 2 == 0
        customers.say(threads[number], turn, at, random, seen=not unseen)
        threads[number] = replace(threads[number], position=position + 1)
        records.keep(threads[number])


def _pasts(cast: Cast, seed: int, now: Micros) -> Iterator[_Past]:
    random = Random(f"{seed}:history")  # noqa: S311
    scripts = wording.scripts("past")
    special: Sequence[wording.Script] = [script for script in scripts if script.once]
    common = [script for script in scripts if not script.once]
    for script in special:
        begins = Micros(now - (script.days_ago or 10) * DAY - random.randint(0, 5 * HOUR))
        person = cast[script.who["address"]] if script.who else cast.anyone(script.language, random)
        yield _Past(script, person, begins, len(script.turns), f"{PAST}{script.id}")
    used: Counter[str] = Counter()
    for number in range(CONVERSATIONS - len(special)):
        fewest = min(used[script.id] for script in common)
        script = random.choice([script for script in common if used[script.id] == fewest])
        used[script.id] += 1
        person = cast.anyone(script.language, random)
        age = _age(number, random)
        length = len(script.turns)
        if age < _OPEN_SINCE:
            length = random.choice([n for n in range(1, length + 1) if script.turns[n - 1].by == "customer"])
        yield _Past(script, person, Micros(now - age), length, f"{PAST}{number:03d}")


def _age(number: int, random: Random) -> int:
    """Most are old; three dozen are of today and yesterday."""
    if number % 6 == 0:
        return random.randint(4 * MINUTE, _OPEN_SINCE)
    return _OPEN_SINCE + int(random.random() ** 1.6 * _MONTHS)


def _by_day(at: Micros, random: Random) -> Micros:
    """Nobody sits at our desk before eight or after eight."""
    hour = at % DAY // HOUR
    if 8 <= hour < 20:
        return at
    morning = at - at % DAY + 8 * HOUR + (DAY if hour >= 20 else 0)
    return Micros(morning + random.randint(1, 50) * MINUTE)


def _pause(script: wording.Script, by: str, random: Random) -> int:
    if script.channel == "chat":
        return random.randint(20, 200) * MINUTE // 60
    if by == "us":
        return random.randint(12, 7 * 60) * MINUTE
    if by in ("bounce", "out_of_office"):
        return MINUTE // 4
    return random.randint(15, 22 * 60) * MINUTE
