"""The list: ordered once per visit, read page by page, and still under the agent's hands.

A row keeps its place while the visit lasts, even where it left the view (solved, snoozed). What arrives above is
counted and comes in on request. Only what was looked at is remembered: the ids of pages that were read, and the rows
of the latest few; opening a view costs one page however many it holds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from agent_tui.domain.conversation import ConversationRow, PageKey, View
from agent_tui.store.ports import Changes, InboxReads, ViewCount

PAGE = 100
KEPT_ROWS = 2_000
LOOK_ABOVE = 200
"""How many new rows are looked at one by one before they are merely counted."""
OLDEST = PageKey(last_at=0, id=0)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh changed for the screen."""

    rows: tuple[int, ...] = ()
    """Places whose rows are to be drawn anew."""
    new_above: int = 0
    length_changed: bool = False


class ListWindow:
    """The rows of one view during one visit. `row(i)` reads what is missing."""

    def __init__(self, reads: InboxReads, view: View, agent: str) -> None:
        self._reads = reads
        self._agent = agent
        self.view = view
        self.new_above = 0
        self._start()

    def _start(self) -> None:
        self._top: list[int] = []
        """Ids from the first place on, as far as was read."""
        self._bottom: list[int] = []
        """Ids from the last place upwards."""
        self._places: dict[int, int] = {}
        """Id to its place: from the top ≥ 0, from the bottom < 0."""
        self._rows: OrderedDict[int, ConversationRow] = OrderedDict()
        self._top_key: PageKey | None = None
        self._edge: PageKey | None = None
        """Of the last row read from the top."""
        self._floor: PageKey | None = None
        """Of the last row read from the bottom."""
        self._complete = False
        self.new_above = 0
        count = self._reads.view_counts(self._agent).get(self.view)
        self._count = count.total if count else 0
        self._read_down()
        self._newest = self._edge_of_first()

    def _edge_of_first(self) -> PageKey | None:
        first = self._rows.get(self._top[0]) if self._top else None
        return PageKey(first.last_at, first.id) if first else None

    # reading

    @property
    def count(self) -> int:
        """How many rows there are; exact once the end was seen, else as the maintained count says."""
        if self._complete:
            return len(self._top) + len(self._bottom)
        return max(self._count, len(self._top) + len(self._bottom))

    def row(self, index: int) -> ConversationRow | None:
        """The row at a place; None where there is none (any more)."""
        if not 0 <= index < self.count:
            return None
        conversation = self._id_at(index)
        if conversation is None:
            return None
        row = self._rows.get(conversation)
        if row is None:
            self._bring_back(conversation, index)
            row = self._rows.get(conversation)
        return row

    def window(self, start: int, length: int) -> Sequence[ConversationRow | None]:
        """Rows from a place on."""
        return [self.row(index) for index in range(start, min(start + length, self.count))]

    def id_at(self, index: int) -> int | None:
        """The conversation at a place."""
        return self._id_at(index) if 0 <= index < self.count else None

    def index_of(self, conversation: int) -> int | None:
        """The place of a conversation, where it was read already."""
        place = self._places.get(conversation)
        if place is None:
            return None
        return place if place >= 0 else self.count + place

    def neighbour(self, conversation: int, step: int) -> int | None:
        """The next (+1) or previous (-1) conversation, in the order of this visit."""
        place = self.index_of(conversation)
        return None if place is None else self.id_at(place + step)

    def _id_at(self, index: int) -> int | None:
        from_end = self.count - index
        if index < len(self._top):
            return self._top[index]
        if from_end <= len(self._bottom):
            return self._bottom[from_end - 1]
        if not self._complete and from_end < index - len(self._top):
            while not self._complete and self.count - index > len(self._bottom):
                self._read_up()
        while not self._complete and index >= len(self._top):
            self._read_down()
        if index < len(self._top):
            return self._top[index]
        from_end = self.count - index
        return self._bottom[from_end - 1] if 0 < from_end <= len(self._bottom) else None

    def _read_down(self) -> None:
        rows = self._reads.page(self.view, self._agent, self._edge, PAGE)
        for row in rows:
            if self._places.get(row.id, 0) < 0:
                self._complete = True
                break
            self._edge = PageKey(row.last_at, row.id)
            if row.id not in self._places:
                self._places[row.id] = len(self._top)
                self._top.append(row.id)
            self._keep(row)
        if len(rows) < PAGE:
            self._complete = True

    def _read_up(self) -> None:
        """The end of the list, without reading what lies between."""
        rows = self._reads.page_after(self.view, self._agent, self._floor or OLDEST, PAGE)
        for row in reversed(rows):
            if self._places.get(row.id, -1) >= 0:
                self._complete = True
                break
            self._floor = PageKey(row.last_at, row.id)
            if row.id not in self._places:
                self._bottom.append(row.id)
                self._places[row.id] = -len(self._bottom)
            self._keep(row)
        if len(rows) < PAGE:
            self._complete = True

    def _keep(self, row: ConversationRow) -> None:
        self._rows[row.id] = row
        self._rows.move_to_end(row.id)
        while len(self._rows) > KEPT_ROWS:
            self._rows.popitem(last=False)

    def _bring_back(self, conversation: int, index: int) -> None:
        """Rows that were read before and put away: the one asked for and its neighbours at once."""
        around = range(max(0, index - PAGE // 2), min(self.count, index + PAGE // 2))
        ids = {conversation, *(i for place in around if (i := self._known(place)) is not None)}
        missing = [i for i in ids if i not in self._rows]
        for row in self._reads.rows(missing, self._agent).values():
            self._keep(row)

    def _known(self, index: int) -> int | None:
        if index < len(self._top):
            return self._top[index]
        from_end = self.count - index
        return self._bottom[from_end - 1] if 0 < from_end <= len(self._bottom) else None

    # what changed

    def refresh(self, changes: Changes) -> Refreshed:
        """Bring the rows that were read up to date, in their places; count what came above."""
        before = self.count
        touched = list(self._rows) if changes.everything else [i for i in changes.conversations if i in self._rows]
        drawn = []
        if touched:
            for conversation, row in self._reads.rows(touched, self._agent).items():
                if self._rows.get(conversation) != row:
                    self._rows[conversation] = row
                    place = self.index_of(conversation)
                    if place is not None:
                        drawn.append(place)
        if changes.everything or changes.conversations:
            self._count_above()
        return Refreshed(tuple(sorted(drawn)), self.new_above, before != self.count)

    def _count_above(self) -> None:
        if self._newest is None:
            self._reopen_empty()
            return
        newer = self._reads.newer(self.view, self._agent, self._newest)
        if not newer:
            self.new_above = 0
        elif newer <= LOOK_ABOVE:
            rows = self._reads.page(self.view, self._agent, None, newer)
            self.new_above = sum(row.id not in self._places for row in rows)
        else:
            self.new_above = newer

    def _reopen_empty(self) -> None:
        """An empty list has nothing that could move: what comes is shown at once."""
        self._start()

    def merge(self) -> None:
        """Let in what came above and let go of what left: a new visit of the same view."""
        self._start()


class Inbox:
    """The views and their counts."""

    def __init__(self, reads: InboxReads, agent: str) -> None:
        self._reads = reads
        self._agent = agent

    def open(self, view: View) -> ListWindow:
        """Begin a visit of a view."""
        return ListWindow(self._reads, view, self._agent)

    def counts(self) -> dict[View, ViewCount]:
        """Counts of all views."""
        return dict(self._reads.view_counts(self._agent))

    def row(self, conversation: int) -> ConversationRow | None:
        """The present row of one conversation."""
        return self._reads.rows([conversation], self._agent).get(conversation)
