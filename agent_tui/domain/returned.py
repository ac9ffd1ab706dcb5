"""What servers reported of a message that left, taken apart by recipient.

The store keeps it as one text: a line `address: codes and words` of each recipient, and a line end behind each. Words
hold none, so that nothing a server says is taken for another recipient. What was stored before stands in one line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from agent_tui.domain.message import UNPROVEN, Delivery
from agent_tui.domain.text import NOTHING, SafeText

_MARK = rf"(?:{re.escape(UNPROVEN)})?"
_LINE = re.compile(rf"(?P<mark>{_MARK})" r"(?P<address>\S+@\S+?)(?: → (?P<on>\S+?))?: (?P<said>.*)")
_NEXT = re.compile(rf"; (?={_MARK}[^\s;]+@[^\s;]+(?: → [^\s;]+)?: )")
_ONE = re.compile(
    rf"(?P<mark>{_MARK})" r"(?P<address>[^\s;]+@[^\s;]+?)(?: → (?P<on>[^\s;]+?))?: (?P<said>.*)", re.DOTALL
)

CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
"""An enhanced status code (RFC 3463)."""
NO_SUCH = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10"})
NO_HOST = frozenset({"5.1.2", "5.4.4"})
FULL = frozenset({"5.2.2", "4.2.2"})
KEPT = 100_000
"""Characters of it that are kept of one message; screens show the first of them."""
_WORST_FIRST = (Delivery.BOUNCED, Delivery.DELAYED, Delivery.DELIVERED)


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of one recipient."""

    address: str
    """As we wrote to it."""
    handed_on: str
    """Where its server handed the message on to; mostly empty."""
    said: str
    unproven: bool

    @property
    def code(self) -> str:
        """The first that was given, if any."""
        return next(iter(CODE.findall(self.said)), "")

    @property
    def is_nowhere(self) -> bool:
        """The address, or its host, is said not to exist."""
        return self.code in NO_SUCH | NO_HOST


def told(detail: str) -> list[Told]:
    """One of each recipient; none where it cannot be read."""
    if detail.endswith("\n"):
        return [_read(one) for one in map(_LINE.fullmatch, detail.split("\n")) if one]
    found = [_ONE.fullmatch(piece) for piece in _NEXT.split(detail)]
    if not all(found):
        return []
    read = [_read(one) for one in found if one]
    # What follows in the same line may be the words of what stands before it.
    doubted = next((number for number, one in enumerate(read) if one.unproven), len(read))
    return [replace(one, unproven=number >= doubted) for number, one in enumerate(read)]


def _read(one: re.Match[str]) -> Told:
    return Told(one["address"], one["on"] or "", one["said"], bool(one["mark"]))


def detail(several: Iterable[Told]) -> SafeText:
    """The text that the store keeps. Of more than it has room for the last are left out as a whole.

    Their parts are safe already.
    """
    lines: list[str] = []
    room = KEPT
    for one in several:
        on = f" → {one.handed_on}" if one.handed_on else ""
        line = f"{UNPROVEN if one.unproven else ''}{one.address}{on}: {' '.join(one.said.split())}\n"
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return SafeText.trusted("".join(lines)) if lines else NOTHING


def after(
    known: Delivery, before: Collection[Told], found: dict[Delivery, list[Told]]
) -> tuple[Delivery, list[Told]] | None:
    """How far the message is by all that was said of it, and of whom that is said; None where nothing changes.

    The worst counts. Good news of one takes nothing back of another, unproven ones nothing at all, and what came back
    stays so. Of one recipient unproven words take no place of proven ones to the same effect.
    """
    worst = next((how for how in _WORST_FIRST if found.get(how)), None)
    if worst is None:
        return None
    if known not in _WORST_FIRST or _WORST_FIRST.index(worst) < _WORST_FIRST.index(known):
        return worst, found[worst]
    left = list(before)
    if known is Delivery.DELAYED:
        good = found.get(Delivery.DELIVERED, [])
        arrived = {_whom(one) for one in good if not one.unproven}
        left = [one for one in left if _whom(one) not in arrived]
        if worst is Delivery.DELIVERED:
            if not arrived:
                return None
            return (known, left) if left else (worst, good)
    elif worst is not known:
        return None
    proven = {_whom(one) for one in left if not one.unproven}
    news = [one for one in found[worst] if not one.unproven or _whom(one) not in proven]
    said_anew = {_whom(one) for one in news}
    return known, [*(one for one in left if _whom(one) not in said_anew), *news]


def _whom(one: Told) -> str:
    return one.address.lower()
