"""The list: ordered once per visit, read page by page, and still under the agent's hands.

A row keeps its place while the visit lasts, even where it left the view (solved, snoozed). What comes above or between
rows that were read is counted and comes in on request; what comes below the last row moves nothing and stands there at
once. Only what was looked at is remembered: the ids of pages that were read, and the rows of the latest few; opening a
view costs one page however many it holds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from agent_tui.domain.conversation import ConversationRow, PageKey, View
from agent_tui.store.ports import Changes, InboxReads, ViewCount

PAGE = 100
KEPT_ROWS = 2_000
OLDEST = PageKey(last_at=0, id=0)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh changed for the screen."""

    rows: tuple[int, ...] = ()
    """Places whose rows are to be drawn anew."""
    new_above: int = 0
    new_between: int = 0
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
        """Ids from the last place upwards, while what lies between was not read."""
        self._places: dict[int, int] = {}
        """Id to its place: from the top ≥ 0, from the bottom < 0."""
        self._now: dict[int, PageKey | None] = {}
        """Id to where the view has it now; None where it left."""
        self._rows: OrderedDict[int, ConversationRow] = OrderedDict()
        self._newest: PageKey | None = None
        """Of the first row, as it was read; so are the next three."""
        self._edge: PageKey | None = None
        """Of the last row read from the top."""
        self._floor: PageKey | None = None
        """Of the last row read from the bottom."""
        self._oldest: PageKey | None = None
        """Of the first row read from the bottom."""
        self._complete = False
        self._gap = 0
        """How many rows were not read yet."""
        self.new_above = 0
        """How many rows that were not there when the visit began stand above the first."""
        self.written_again = 0
        """How many rows further down belong above the first by now: somebody wrote there again, and it was not read."""
        self.new_between = 0
        """How many stand between rows that were read."""
        self._read_down()

    # reading

    @property
    def count(self) -> int:
        """How many rows there are, those included that were not read yet."""
        return len(self._top) + self._gap + len(self._bottom)

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
        """From the nearer end, as far as it takes."""
        from_end = self.count - index
        read = self._read_up if from_end < index - len(self._top) else self._read_down
        while not self._complete and len(self._top) <= index < self.count - len(self._bottom):
            read()
        return self._known(index)

    def _read_down(self) -> None:
        rows = self._reads.page(self.view, self._agent, self._edge, PAGE)
        for row in rows:
            key = _key(row)
            if self._floor is not None and _before(self._floor, key):
                self._complete = True
                break
            self._edge = key
            self._newest = self._newest or key
            if row.id not in self._places:
                self._places[row.id] = len(self._top)
                self._top.append(row.id)
            self._keep(row)
            self._now[row.id] = key
        self._read_so_far(whole=len(rows) < PAGE)

    def _read_up(self) -> None:
        """The end of the list, without reading what lies between."""
        rows = self._reads.page_after(self.view, self._agent, self._floor or OLDEST, PAGE)
        for row in reversed(rows):
            key = _key(row)
            if self._edge is not None and _before(key, self._edge):
                self._complete = True
                break
            self._floor = key
            self._oldest = self._oldest or key
            if row.id not in self._places:
                self._bottom.append(row.id)
                self._places[row.id] = -len(self._bottom)
            self._keep(row)
            self._now[row.id] = key
        self._read_so_far(whole=len(rows) < PAGE)

    def _read_so_far(self, *, whole: bool) -> None:
        """Where both ends met there is but one list, which goes on at its end."""
        if not (whole or self._complete):
            self._gap = self._gap - PAGE if self._gap > PAGE else self._unread(*self._counted())
        if whole or self._complete or not self._gap:
            self._complete, self._gap = True, 0
            self._edge = self._oldest or self._edge
            self._floor = self._oldest = None
            for conversation in reversed(self._bottom):
                self._places[conversation] = len(self._top)
                self._top.append(conversation)
            self._bottom = []

    def _unread(self, down_to_edge: int, up_to_floor: int) -> int:
        """How many rows of the view stand where nothing was read."""
        found = self._reads.view_counts(self._agent).get(self.view)
        total = found.total if found else 0
        return max(0, total - down_to_edge - up_to_floor)

    def _counted(self) -> tuple[int, int]:
        """How many rows the view holds now from its top down to the edge, and from its end up to the floor."""
        edge, floor = self._edge, self._floor
        down = self._reads.newer(self.view, self._agent, PageKey(edge.last_at, edge.id - 1)) if edge else 0
        up = self._reads.older(self.view, self._agent, PageKey(floor.last_at, floor.id + 1)) if floor else 0
        return down, up

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
        """Bring the rows that were read up to date, in their places; take what came below, count what came elsewhere."""
        if not changes.everything and not changes.conversations:
            return Refreshed((), self.new_above, self.new_between)
        before = self.count
        if not self._places:  # nothing there that could move
            self._start()
            return Refreshed((), 0, 0, before != self.count)
        known = list(self._places) if changes.everything else [i for i in changes.conversations if i in self._places]
        drawn = []
        for conversation, row in self._reads.rows([i for i in known if i in self._rows], self._agent).items():
            if self._rows.get(conversation) != row:
                self._rows[conversation] = row
                place = self.index_of(conversation)
                if place is not None:
                    drawn.append(place)
        stands = self._reads.keys(self.view, self._agent, known)
        self._now.update((conversation, stands.get(conversation)) for conversation in known)
        self._take_below()
        self._count_new()
        return Refreshed(tuple(sorted(drawn)), self.new_above, self.new_between, before != self.count)

    def _take_below(self) -> None:
        """What came below the last row stands there from now on; more than a page of it is read when it is reached."""
        if self._complete:
            self._complete = False
            self._read_down()
        while self._oldest is not None:
            below = self._reads.page(self.view, self._agent, self._oldest, PAGE)
            for row in below:
                self._oldest = _key(row)
                if row.id not in self._places:
                    self._bottom.insert(0, row.id)
                    self._places[row.id] = -1
                    self._now[row.id] = self._oldest
                self._keep(row)
            if len(below) < PAGE:
                self._places.update((one, -place) for place, one in enumerate(self._bottom, 1))
                break

    def _count_new(self) -> None:
        """By number: what the view holds where we have read, without what we know of it; and where we have not."""
        newest, edge, floor = self._newest, self._edge, self._floor
        down_to_edge, up_to_floor = self._counted()
        if not self._complete:
            self._gap = self._unread(down_to_edge, up_to_floor)
        if newest is None or edge is None:
            return
        present = [key for key in self._now.values() if key is not None]
        self.new_above = max(
            0, self._reads.newer(self.view, self._agent, newest) - sum(_before(key, newest) for key in present)
        )
        known = sum(not _before(edge, key) for key in present)
        all_new = max(0, down_to_edge - known)
        if floor is not None:
            known = sum(not _before(key, floor) for key in present)
            all_new += max(0, up_to_floor - known)
        self.new_between = max(0, all_new - self.new_above)
        self.written_again = self._written_again(newest)

    def _written_again(self, newest: PageKey) -> int:
        moved = (one for one, key in self._now.items() if key is not None and _before(key, newest))
        return sum(self._places[one] != 0 and (one not in self._rows or self._rows[one].unread) for one in moved)

    def merge(self) -> None:
        """Let in what came and let go of what left: a new visit of the same view."""
        self._start()


def _key(row: ConversationRow) -> PageKey:
    return PageKey(row.last_at, row.id)


def _before(one: PageKey, other: PageKey) -> bool:
    """The list has `one` above `other`."""
    return (one.last_at, one.id) > (other.last_at, other.id)


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
