"""What a cursor holds: per folder where we are, small enough to be committed with every batch."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from agent_tui.backends.imap.uidset import MAX_MEMBERS, UidSet

VERSION = 1


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What changed is asked for in ranges of UIDs, from the newest down: one answer for all would be without end."""

    modseq: int
    """The folder's count of changes when this began, which is reached with the last range; 0: not known yet."""
    below: int
    """From this UID up it was asked for; what lies below is still to be."""


@dataclass(slots=True)
class Place:
    """How far we are in one folder."""

    name: str
    """On the server; differs from its key where the folder was renamed."""
    uidvalidity: int
    uidnext: int
    """Everything from here on is new: one more than the highest UID that was brought, whatever the server foretells."""
    modseq: int
    known: UidSet
    """What the server held when we looked last, and was brought or is left to the first look and the history."""
    low: int
    """The first look brings mails newest first: everything from here up to `uidnext` was brought."""
    floor: int
    """Down to here the first look goes. What lies below is left to the history."""
    mailbox_id: str = ""
    catch_up: CatchUp | None = None
    """Set from the look that finds too much to ask for at once until the folder is whole again."""
    said: int = 0
    """UIDNEXT as the server said it last; may be beyond all that ever came. 0: it did not tell."""
    owed: dict[int, int] = field(default_factory=dict)
    """Mails that the server lists and gave nothing of, and how often they were asked for in vain."""
    witnesses: dict[int, str] = field(default_factory=dict)
    """What the heads of some known mails are like; empty where that could not be had."""

    @property
    def waiting(self) -> UidSet:
        """What the first look still has to bring."""
        return self.known.between(self.floor, self.low - 1)


@dataclass(slots=True)
class PullCursor:
    """The cursor of `pull`."""

    places: dict[str, Place] = field(default_factory=dict)
    """By the folder's name in the options."""
    begun: bool = False
    """Every folder was looked at once; one that comes later is brought whole, since the history has passed."""

    def dump(self) -> str:
        """As text."""
        places = {
            key: [
                *(p.name, p.uidvalidity, p.uidnext, p.modseq, str(p.known), p.low, p.floor, p.mailbox_id),
                [p.catch_up.modseq, p.catch_up.below] if p.catch_up else None,
                *(p.said, list(p.owed.items()), list(p.witnesses.items())),
            ]
            for key, p in self.places.items()
        }
        return json.dumps({"v": VERSION, "begun": self.begun, "places": places}, separators=(",", ":"))

    @classmethod
    def load(cls, text: str | None) -> PullCursor:
        """From text. One that cannot be read is a beginning: the store knows what it has."""
        if not text:
            return cls()
        try:
            data = json.loads(text)
            if data["v"] != VERSION:
                return cls()
            places = {
                key: Place(
                    *(name, int(va), int(nxt), int(mod), UidSet.parse(known, keep=True), int(low), int(floor), box),
                    CatchUp(*map(int, more[0])) if more and more[0] else None,
                    *_last(*more[1:]),
                )
                for key, (name, va, nxt, mod, known, low, floor, box, *more) in data["places"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()
        if any(len(place.known) > MAX_MEMBERS for place in places.values()):
            return cls()
        return cls(places, bool(data.get("begun")))


def _last(
    said: int = 0, owed: Iterable[tuple[int, int]] = (), witnesses: Iterable[tuple[int, str]] = ()
) -> tuple[int, dict[int, int], dict[int, str]]:
    return int(said), {int(uid): int(times) for uid, times in owed}, {int(uid): str(head) for uid, head in witnesses}


@dataclass(slots=True)
class Past:
    """History of one folder: what lies below `below` is still to come."""

    uidvalidity: int
    below: int
    total: int


@dataclass(slots=True)
class HistoryCursor:
    """The cursor of `history`."""

    pasts: dict[str, Past] = field(default_factory=dict)
    done: int = 0

    @property
    def total(self) -> int:
        """Mails in all."""
        return sum(past.total for past in self.pasts.values())

    def dump(self) -> str:
        """As text."""
        pasts = {key: [p.uidvalidity, p.below, p.total] for key, p in self.pasts.items()}
        return json.dumps({"v": VERSION, "done": self.done, "pasts": pasts}, separators=(",", ":"))

    @classmethod
    def load(cls, text: str | None) -> HistoryCursor | None:
        """From text; None where there is none that can be read."""
        try:
            data = json.loads(text or "")
            if data["v"] != VERSION:
                return None
            pasts = {key: Past(int(va), int(below), int(total)) for key, (va, below, total) in data["pasts"].items()}
            return cls(pasts, int(data["done"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
