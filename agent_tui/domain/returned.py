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

CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
"""An enhanced status code (RFC 3463)."""
NO_SUCH = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10"})
NO_HOST = frozenset({"5.1.2", "5.4.4"})
FULL = frozenset({"5.2.2", "4.2.2"})


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
    """One of each recipient; none where any of it cannot be read."""
    found = [_ONE.fullmatch(piece) for piece in _NEXT.split(detail)]
    if not all(found):
        return []
    return [Told(one["address"], one["on"] or "", one["said"], bool(one["mark"])) for one in filter(None, found)]
