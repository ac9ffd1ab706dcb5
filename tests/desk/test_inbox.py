"""The list on a real store: it stays still under the hands."""

from __future__ import annotations

import random

import pytest

from agent_tui.desk import actions
from agent_tui.desk.inbox import PAGE
from agent_tui.desk.services import Services
from agent_tui.domain.conversation import View
from agent_tui.domain.message import Direction
from agent_tui.store.ports import Changes
from tests.store.makers import AGENT, Workspace, arrive


def fill(workspace: Workspace, count: int, at: int = 0) -> list[int]:
    """Conversations, the newest first."""
    with workspace.worker.ingest() as tx:
        made = [arrive(tx, f"hello {n}", at=(at + n) * 1_000_000)[0] for n in range(count)]
    return list(reversed(made))


def changes(work: Services) -> Changes:
    found = work.desk.refresh()
    assert found is not None
    return found


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 7])
def test_every_row_stands_once_and_in_order(workspace: Workspace, work: Services, count: int) -> None:
    ids = fill(workspace, count)
    window = work.inbox.open(View.INBOX)
    assert window.count == count
    assert [row.id for row in window.window(0, count) if row] == ids
    assert window.row(count) is None


def test_the_end_is_reached_without_reading_all(workspace: Workspace, work: Services) -> None:
    ids = fill(workspace, 10 * PAGE)
    window = work.inbox.open(View.INBOX)
    last = window.row(window.count - 1)
    assert last is not None
    assert last.id == ids[-1]
    assert len(window._places) == 2 * PAGE
    assert [window.id_at(i) for i in range(9 * PAGE, 10 * PAGE)] == ids[9 * PAGE :]
    assert [window.id_at(i) for i in range(10 * PAGE)] == ids
    assert window.count == 10 * PAGE


def test_a_solved_row_stays_in_its_place(workspace: Workspace, work: Services) -> None:
    ids = fill(workspace, 5)
    window = work.inbox.open(View.INBOX)
    work.actions.apply_now(actions.solve([ids[2]]))
    refreshed = window.refresh(changes(work))
    assert refreshed.rows == (2,)
    assert [window.id_at(i) for i in range(5)] == ids
    row = window.row(2)
    assert row is not None
    assert row.status == "solved"
    window.merge()
    assert [window.id_at(i) for i in range(window.count)] == [i for i in ids if i != ids[2]]


def test_arrivals_are_announced_and_let_in_on_request(workspace: Workspace, work: Services) -> None:
    ids = fill(workspace, 5)
    window = work.inbox.open(View.INBOX)
    new = fill(workspace, 3, at=100)
    refreshed = window.refresh(changes(work))
    assert refreshed.new_above == 3
    assert [window.id_at(i) for i in range(5)] == ids
    window.merge()
    assert window.new_above == 0
    assert [window.id_at(i) for i in range(8)] == new + ids


def test_a_row_that_gets_a_message_moves_nothing(workspace: Workspace, work: Services) -> None:
    ids = fill(workspace, 5)
    window = work.inbox.open(View.INBOX)
    workspace.arrive("again", into=ids[3], at=200_000_000)
    refreshed = window.refresh(changes(work))
    assert refreshed.new_above == 0
    assert refreshed.rows == (3,)
    row = window.row(3)
    assert row is not None
    assert row.snippet == "again"
    assert window.written_again == 1, "it may be far below what is in sight"
    workspace.arrive("and again", into=ids[0], at=300_000_000)
    window.refresh(changes(work))
    assert window.written_again == 1, "the first row stands where it belongs"
    window.merge()
    assert window.written_again == 0
    assert [window.id_at(i) for i in range(3)] == [ids[0], ids[3], ids[1]]


def test_what_was_read_elsewhere_or_written_here_is_not_announced(workspace: Workspace, work: Services) -> None:
    ids = fill(workspace, 5)
    window = work.inbox.open(View.INBOX)
    workspace.arrive("again", into=ids[3], at=200_000_000)
    workspace.writes.mark_read(ids[2], 10**18)
    workspace.arrive("ours", into=ids[2], at=210_000_000, direction=Direction.OUT, unread=False)
    window.refresh(changes(work))
    assert window.written_again == 1
    workspace.writes.mark_read(ids[3], 10**18)
    window.refresh(changes(work))
    assert window.written_again == 0


def test_what_comes_into_an_empty_list_is_shown(workspace: Workspace, work: Services) -> None:
    window = work.inbox.open(View.INBOX)
    assert window.count == 0
    ids = fill(workspace, 2)
    assert window.refresh(changes(work)).length_changed
    assert [window.id_at(i) for i in range(window.count)] == ids


def test_neighbours_follow_the_order_of_the_visit(workspace: Workspace, work: Services) -> None:
    ids = fill(workspace, 3)
    window = work.inbox.open(View.INBOX)
    work.actions.apply_now(actions.solve([ids[1]]))
    assert window.neighbour(ids[0], 1) == ids[1]
    assert window.neighbour(ids[1], 1) == ids[2]
    assert window.neighbour(ids[0], -1) is None
    assert window.neighbour(ids[2], 1) is None


def test_rows_put_away_come_back_in_their_places(
    workspace: Workspace, work: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_tui.desk.inbox.KEPT_ROWS", 150)
    ids = fill(workspace, 4 * PAGE)
    window = work.inbox.open(View.INBOX)
    assert [row.id for row in window.window(0, 4 * PAGE) if row] == ids
    work.actions.apply_now(actions.solve([ids[1]]))
    window.refresh(changes(work))
    row = window.row(1)
    assert row is not None
    assert (row.id, row.status) == (ids[1], "solved")


def test_a_quiet_store_is_not_asked_again(workspace: Workspace, work: Services) -> None:
    fill(workspace, 1)
    assert work.desk.refresh() is not None
    assert work.desk.refresh() is None


def test_what_comes_below_the_last_row_stands_there_at_once(workspace: Workspace, work: Services) -> None:
    """History comes newest first, below all that is there."""
    ids = fill(workspace, 5, at=1000)
    window = work.inbox.open(View.INBOX)
    older = fill(workspace, 3, at=100)
    refreshed = window.refresh(changes(work))
    assert refreshed.length_changed
    assert (refreshed.new_above, refreshed.new_between) == (0, 0)
    oldest = fill(workspace, 2 * PAGE, at=-1000)
    window.refresh(changes(work))
    assert window.count == len(ids) + len(older) + len(oldest)
    assert [window.id_at(i) for i in range(window.count)] == ids + older + oldest


def test_what_comes_between_rows_waits(workspace: Workspace, work: Services) -> None:
    """An older conversation that comes late, or one that is reopened."""
    first, last = fill(workspace, 1, at=1000), fill(workspace, 1, at=100)
    window = work.inbox.open(View.INBOX)
    between = fill(workspace, 2, at=500)
    refreshed = window.refresh(changes(work))
    assert (refreshed.new_above, refreshed.new_between) == (0, 2)
    assert [window.id_at(i) for i in range(window.count)] == first + last
    window.merge()
    assert (window.new_above, window.new_between) == (0, 0)
    assert [window.id_at(i) for i in range(window.count)] == first + between + last


def test_at_the_end_what_comes_unread_moves_no_row_from_its_neighbours(workspace: Workspace, work: Services) -> None:
    ids = fill(workspace, 4 * PAGE, at=1000)
    window = work.inbox.open(View.INBOX)
    end = window.count - 1
    assert window.id_at(end) == ids[-1]
    late = workspace.arrive("late", at=(1000 + 2 * PAGE) * 1_000_000 + 1)[0]
    below = fill(workspace, 3, at=0)
    window.refresh(changes(work))
    place = window.index_of(ids[-1])
    assert place == end + 1
    assert [window.id_at(place - n) for n in range(PAGE)] == ids[: -PAGE - 1 : -1]
    assert [window.id_at(place + n) for n in range(1, 4)] == below
    assert sorted(window.id_at(i) or 0 for i in range(window.count)) == sorted([*ids, late, *below])


@pytest.mark.parametrize("seed", range(12))
def test_no_row_is_ever_missing(
    workspace: Workspace, work: Services, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Whatever comes, wherever: what is shown keeps its order, what is not shown is told, and let in all is there."""
    monkeypatch.setattr("agent_tui.desk.inbox.PAGE", 5)
    monkeypatch.setattr("agent_tui.desk.inbox.KEPT_ROWS", 12)
    chance = random.Random(seed)
    here = [arrive_at(workspace, chance) for _ in range(chance.choice([0, 3, 40]))]
    window = work.inbox.open(View.INBOX)
    for _ in range(60):
        for _ in range(chance.randint(0, 4)):
            match chance.randrange(7):
                case 0 | 1 | 2:
                    here.append(arrive_at(workspace, chance))
                case 3 if here:
                    workspace.arrive("again", into=chance.choice(here), at=chance.randrange(10**6) * 1_000_000)
                case 4 if here:
                    work.actions.apply_now(actions.solve([chance.choice(here)]))
                case 5 if here:
                    work.actions.apply_now(actions.reopen([chance.choice(here)]))
                case _:
                    window.id_at(chance.choice([0, window.count // 2, window.count - 1, chance.randrange(60)]))
        shown = [one for i in range(len(window._top)) if (one := window.id_at(i)) is not None]
        found = work.desk.refresh()
        if found is not None:
            window.refresh(Changes(found.sequence, everything=True) if chance.random() < 0.2 else found)
        in_view = listed(workspace)
        assert [window.id_at(i) for i in range(len(shown))] == shown, "what was read stands where it stood"
        unread = [one for one in in_view if one not in window._places]
        assert len(unread) == window.new_above + window.new_between + window._gap
        if chance.random() < 0.3:
            every = [window.id_at(i) for i in range(window.count)]
            every = [window.id_at(i) for i in range(window.count)]
            assert None not in every
            assert len(set(every)) == len(every)
            missing = [one for one in in_view if one not in every]
            window.refresh(Changes(0, everything=True))
            assert len(missing) == window.new_above + window.new_between
            edge = window._edge
            keys = workspace.reads.keys(View.INBOX, AGENT, missing).values()
            assert all(edge and (key.last_at, key.id) > (edge.last_at, edge.id) for key in keys), "none waits below"
        if chance.random() < 0.2:
            window.merge()
            assert [window.id_at(i) for i in range(window.count)] == in_view


def arrive_at(workspace: Workspace, chance: random.Random) -> int:
    return workspace.arrive("hello", at=chance.randrange(10**6) * 1_000_000)[0]


def listed(workspace: Workspace) -> list[int]:
    return [row.id for row in workspace.reads.page(View.INBOX, AGENT, None, 10_000)]
