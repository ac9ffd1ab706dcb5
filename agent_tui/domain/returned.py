"""What servers reported of a message that left, taken apart by recipient.

The store keeps it as one text, `address: codes and words` for each of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent_tui.domain.message import UNPROVEN

_MARK = rf"(?:{re.escape(UNPROVEN)})?"
_NEXT = re.compile(rf"; (?={_MARK}[^\s;]+@[^\s;]+(?: → [^\s;]+)?: )")
_ONE = re.compile(
    rf"(?P<mark>{_MARK})" r"(?P<address>[^\s;]+@[^\s;]+?)(?: → (?P<on>[^\s;]+?))?: (?P<said>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of one recipient."""

    address: str
    """As we wrote to it."""
    handed_on: str
    """Where its server handed the message on to; mostly empty."""
    said: str
    unproven: bool


def told(detail: str) -> list[Told]:
    """One of each recipient; none where any of it cannot be read."""
    found = [_ONE.fullmatch(piece) for piece in _NEXT.split(detail)]
    if not all(found):
        return []
    return [Told(one["address"], one["on"] or "", one["said"], bool(one["mark"])) for one in filter(None, found)]
