"""The list on a real store: it stays still under the hands."""

from __future__ import annotations

import pytest

from agent_tui.desk import actions
from agent_tui.desk.inbox import PAGE
from agent_tui.desk.services import Services
from agent_tui.domain.conversation import View
from agent_tui.store.ports import Changes
from tests.store.makers import Workspace, arrive


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
