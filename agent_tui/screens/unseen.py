"""Messages that come into the open conversation out of sight: they are told, and not read before they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent_tui.domain.message import Direction, Item, Message
from agent_tui.widgets.thread_rows import ThreadRows
from agent_tui.widgets.virtual_list import VirtualList
from agent_tui.words import ngettext

if TYPE_CHECKING:
    from agent_tui.screens.thread_pane import ThreadList


class Unseen:
    """What came in since the conversation was opened and has not stood in the window yet."""

    def __init__(self) -> None:
        self.messages: tuple[Message, ...] = ()

    def came(self, items: Sequence[Item]) -> None:
        """These are new."""
        self.messages += tuple(one for one in items if isinstance(one, Message) and one.direction is Direction.IN)

    def look(self, window: VirtualList) -> bool:
        """Let go of what stands in the window, its head and a line of it; true where there was something."""
        left = tuple(one for one in self.messages if not _in_sight(one, window))
        some = left != self.messages
        self.messages = left
        return some

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

    @property
    def said(self) -> str:
        """How many there are; empty where there are none."""
        n = len(self.messages)
        return ngettext("{n} new message below", "{n} new messages below", n).format(n=n) if n else ""


def _in_sight(message: Message, window: VirtualList) -> bool:
    rows = window.rows
    if not isinstance(rows, ThreadRows) or not rows.count or not window.size.height:
        return False
    at = rows.place_of(message)
    top, end = rows.top(at), rows.top(at) + rows.height(at)
    words = min(top + rows.blocks[at].lead + 1, end - 1)
    return words < window.first_line + window.size.height and end > window.first_line
