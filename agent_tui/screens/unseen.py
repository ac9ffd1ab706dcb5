"""Messages that come into the open conversation out of sight: they are told, and not read before they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from agent_tui.domain.message import Direction, Item, Message, Note, Rule
from agent_tui.widgets.thread_rows import ThreadRows
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import ngettext

if TYPE_CHECKING:
    from agent_tui.screens.thread_pane import ThreadList

Sighted = set[tuple[bool, int]]
"""Messages and notes that stood in a window: whether it is a note, and its id."""


class Unseen:
    """What came in since the conversation was opened and has not stood in the window yet."""

    def __init__(self, items: Sequence[Item] = (), sighted: Sighted | None = None, agent: str = "") -> None:
        self.messages: tuple[Message, ...] = ()
        self._sighted: Sighted = set() if sighted is None else sighted
        """Of all conversations, as long as the desk runs: what was read once is not unseen in another visit."""
        self._agent = agent
        fresh = [one.order for one in items if isinstance(one, Message) and one.unread]
        spoken = [one.order for one in items if isinstance(one, Message | Note)]
        self._since = min(fresh) - 1 if fresh else max(spoken, default=0)
        """What was read before it was opened was seen."""

    def came(self, items: Sequence[Item]) -> None:
        """These are new."""
        self.messages += tuple(one for one in items if isinstance(one, Message) and one.direction is Direction.IN)

    def look(self, window: VirtualList) -> bool:
        """Let go of what stands in the window, its head and a line of it; true where there was something."""
        self._sighted |= _in_sight(window)
        left = tuple(one for one in self.messages if _key(one) not in self._sighted)
        some = left != self.messages
        self.messages = left
        return some

    def missed(self, items: Sequence[Item], since: int | None = None) -> list[Message | Note]:
        """What others said behind an order, or else anew when it was opened, and never stood in the window."""
        after = self._since if since is None else since
        return [
            one
            for one in items
            if isinstance(one, Message | Note)
            and one.order > after
            and _key(one) not in self._sighted
            and not (one.author == self._agent if isinstance(one, Note) else one.placement.rule is Rule.OUTBOX)
        ]

    def seen_order(self, items: Sequence[Item], since: int | None = None) -> int:
        """Up to where nothing was missed."""
        missed = self.missed(items, since)
        if missed:
            return missed[0].order - 1
        return max((one.order for one in items if isinstance(one, Message | Note)), default=since or 0)

    def to_first(self, window: ThreadList) -> bool:
        """Show the first of them; false where there is none."""
        if not self.messages or not isinstance(window.rows, ThreadRows):
            return False
        window.head_at_top(window.rows.place_of(self.messages[0]))
        return True

    @property
    def first_order(self) -> int | None:
        """The order of the first of them; None where all were seen."""
        return min((one.order for one in self.messages), default=None)

    def said(self, window: VirtualList) -> str:
        """How many are out of sight; empty where there are none."""
        seen = _in_sight(window) if self.messages else frozenset()
        n = sum(1 for one in self.messages if _key(one) not in seen)
        return ngettext("{n} new message below", "{n} new messages below", n).format(n=n) if n else ""


def _key(item: Message | Note) -> tuple[bool, int]:
    return isinstance(item, Note), item.id


def _in_sight(window: VirtualList) -> Sighted:
    rows, first = window.rows, window.first_line
    bottom = first + window.size.height
    shown = all(one.display for one in window.ancestors_with_self if isinstance(one, Widget))
    if not shown or not isinstance(rows, ThreadRows) or not rows.count or bottom == first:
        return set()
    found: Sighted = set()
    for at in range(rows.at(first), min(rows.at(min(bottom, rows.lines) - 1) + 1, rows.count)):
        item = rows.blocks[at].item
        head = rows.top(at) + rows.blocks[at].lead
        words = min(head + 1, rows.top(at) + rows.height(at) - 1)
        if isinstance(item, Message | Note) and first <= head and words < bottom:
            found.add(_key(item))
    return found
