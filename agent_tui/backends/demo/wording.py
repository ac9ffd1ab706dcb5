"""What customers and colleagues say: scripts read from words/*.toml, and how a line of them is filled.

A script is a conversation as a list of turns. The past plays all of them; a live one plays the customer's
turns and waits at ours for the agent's answer.

In a text, `{order}` stands for a fact of the conversation, and `{написав|написала}` for the form that fits a
man or a woman.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from random import Random
from typing import Any

LANGUAGES = ("en", "uk", "ru")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a script."""

    by: str
    """`customer`, `us`, or a machine of the customer's: `out_of_office`, `bounce`."""
    texts: Sequence[str]
    """One of these is said."""
    after: tuple[int, int]
    """Seconds after what came before, in a live conversation."""
    files: Sequence[str] = ()
    channel: str = ""
    """Where the conversation goes on by another road."""
    subject: str = ""
    nudge: str = ""
    """What the customer adds when no answer comes."""
    patience: int = 420
    """Seconds until then."""


@dataclass(frozen=True, slots=True)
class Script:
    """A conversation as it may go."""

    id: str
    language: str
    channel: str
    subjects: Sequence[str]
    turns: Sequence[Turn]
    tags: Sequence[str] = ()
    outcome: str = "solved"
    """How the desk left it: `solved`, `waiting`, `open`, `snoozed`, `spam`."""
    at: int | None = None
    """Live: seconds after the demo was opened."""
    who: Mapping[str, str] | None = None
    """A person who is more than one of many: name, address, gender."""
    once: bool = False
    days_ago: int | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Phrases:
    """What a language says around a message."""

    greeting: Sequence[str]
    regards: Sequence[str]
    device: Sequence[str]
    quote: str
    our_signature: str
    thanks: Sequence[str]
    """Answers that end a conversation."""
    details: Sequence[str]
    """Answers to a question of ours."""
    call_back: Sequence[str]
    """Answers of somebody we wrote to first."""


@cache
def scripts(kind: str) -> tuple[Script, ...]:
    """All scripts of a kind (`past` or `live`) in all languages, in a fixed order."""
    found = []
    for language in LANGUAGES:
        for entry in _read(f"{kind}.{language}.toml").get("script", ()):
            found.append(_script(entry, language))
    return tuple(found)


@cache
def phrases(language: str) -> Phrases:
    """The phrases of a language."""
    return Phrases(**_read("phrases.toml")[language])


@cache
def script(script_id: str) -> Script:
    """A script by its id."""
    for candidate in (*scripts("live"), *scripts("past")):
        if candidate.id == script_id:
            return candidate
    raise KeyError(script_id)


def fill(text: str, facts: Mapping[str, str], gender: str) -> str:
    """A text with its facts, in the form that fits the person."""

    def choose(match: re.Match[str]) -> str:
        if "|" in match[1]:
            man, woman = match[1].split("|", 1)
            return woman if gender == "f" else man
        return facts[match[1]]

    return re.sub(r"\{([^{}]*)\}", choose, text.strip("\n"))


PRODUCTS: Mapping[str, Sequence[str]] = {
    "tent": ("Borealis 2", "Borealis 3", "Ridge Solo", "Lumen Family 4", "Fjord 2 Light"),
    "bag": ("Polar Night -15", "Tundra -5", "Solstice +3", "Meadow Kids", "Glacier Pro -25"),
    "jacket": ("Storm Shell", "Aurora Down", "Drizzle Light", "North Parka", "Summit Softshell"),
    "boots": ("Karst Mid GTX", "Trailhead Low", "Massif Pro", "Moss Hiker"),
    "stove": ("Ember Mini", "Ember Duo", "Campfire Gas 2"),
    "pack": ("Traverse 45", "Traverse 65", "Daybreak 22", "Scout Kids 15"),
}


def facts(random: Random) -> dict[str, str]:
    """The facts of one conversation: an order, what was bought, sums and dates."""
    chosen = {category: random.choice(names) for category, names in PRODUCTS.items()}
    chosen["order"] = f"AU-{random.randint(10234, 48999)}"
    chosen["other_order"] = f"AU-{random.randint(10234, 48999)}"
    chosen["price"] = str(random.choice((49, 65, 79, 89, 119, 139, 169, 189, 219, 249, 319)))
    chosen["code"] = f"AUTUMN{random.choice((5, 10, 15))}"
    chosen["size"] = random.choice(("S", "M", "L", "XL"))
    chosen["shoe"] = str(random.randint(37, 45))
    chosen["track"] = f"PP{random.randint(10**8, 10**9 - 1)}"
    chosen["street"] = str(random.randint(2, 118))
    chosen["flat"] = str(random.randint(1, 94))
    chosen["day"] = str(random.randint(4, 20))  # English says th of all of them
    return chosen


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("words", name).read_text("utf-8"))


def _script(entry: Mapping[str, Any], language: str) -> Script:
    return Script(
        id=f"{language}:{entry['id']}",
        language=language,
        channel=entry.get("channel", "email"),
        subjects=tuple(entry.get("subjects", ())),
        turns=tuple(_turn(turn) for turn in entry["turn"]),
        tags=tuple(entry.get("tags", ())),
        outcome=entry.get("outcome", "solved"),
        at=entry.get("at"),
        who=entry.get("who"),
        once=entry.get("once", False),
        days_ago=entry.get("days_ago"),
        headers=entry.get("headers"),
    )


def _turn(entry: Mapping[str, Any]) -> Turn:
    text = entry.get("text", "")
    low, high = entry.get("after", (25, 70))
    return Turn(
        by=entry.get("by", "customer"),
        texts=(text,) if isinstance(text, str) else tuple(text),
        after=(low, high),
        files=tuple(entry.get("files", ())),
        channel=entry.get("channel", ""),
        subject=entry.get("subject", ""),
        nudge=entry.get("nudge", ""),
        patience=entry.get("patience", 420),
    )
