from __future__ import annotations

from agent_tui.desk import actions
from agent_tui.desk.services import Services
from agent_tui.domain.action import UndoResult
from agent_tui.domain.conversation import Priority, Status
from tests.desk.make import at
from tests.store.makers import Workspace


def status_of(work: Services, conversation: int) -> Status:
    found = work.desk.reads.conversation(conversation)
    assert found is not None
    return found.status


def test_a_bulk_change_is_one_step(workspace: Workspace, work: Services, woken: list[bool]) -> None:
    ids = [workspace.arrive(f"m{n}")[0] for n in range(3)]
    step = work.actions.apply_now(actions.solve(ids))
    assert step is not None
    assert {status_of(work, i) for i in ids} == {Status.SOLVED}
    assert woken
    assert work.actions.undo_now()[0] is UndoResult.DONE
    assert {status_of(work, i) for i in ids} == {Status.NEW}
    assert work.actions.redo_now()[0] is UndoResult.DONE
    assert {status_of(work, i) for i in ids} == {Status.SOLVED}


def test_what_changes_nothing_leaves_no_step(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    assert work.actions.apply_now(actions.assign([conversation], "dana")) is not None
    assert work.actions.apply_now(actions.assign([conversation], "dana")) is None


def test_a_snooze_and_its_undo(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    until = at("2030-01-01T09:00:00+00:00")
    work.actions.apply_now(actions.snooze([conversation], until, "Europe/Kyiv"))
    found = work.desk.reads.conversation(conversation)
    assert found is not None
    assert (found.status, found.snoozed_until, found.snooze_zone) == (Status.SNOOZED, until, "Europe/Kyiv")
    work.actions.apply_now(actions.solve([conversation]))
    assert status_of(work, conversation) is Status.SOLVED
    work.actions.undo_now()
    found = work.desk.reads.conversation(conversation)
    assert found is not None
    assert (found.status, found.snoozed_until) == (Status.SNOOZED, until)
    work.actions.undo_now()
    assert status_of(work, conversation) is Status.NEW


def test_tags_are_added_and_taken_whatever_their_case(workspace: Workspace, work: Services) -> None:
    one, _ = workspace.arrive()
    two, _ = workspace.arrive()
    work.actions.apply_now(work.actions.tag([one], add=["VIP", "refund,now", " "]))
    work.actions.apply_now(work.actions.tag([one, two], add=["vip", "late"], remove=["REFUND NOW"]))
    rows = work.desk.reads.rows([one, two], "dana")
    assert rows[one].tags == ("VIP", "late")
    assert rows[two].tags == ("late", "vip")
    assert {str(tag) for tag, _ in work.actions.all_tags()} == {"VIP", "late", "vip"}


def test_the_undo_list_tells_what_was_done(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    work.actions.apply_now(actions.set_priority([conversation], Priority.URGENT))
    work.actions.apply_now(actions.spam([conversation]))
    lines = work.actions.steps()
    assert [line.code for line in lines] == ["spam", "priority"]
    assert lines[1].values == {"priority": "3"}
    assert lines[0].numbers


def test_undo_leaves_what_changed_since(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    step = work.actions.apply_now(actions.assign([conversation], "dana"))
    assert step is not None
    work.actions.apply_now(actions.assign([conversation], "ihor"))
    assert work.actions.undo_now(step.id)[0] is UndoResult.CHANGED_SINCE
    assert work.actions.undo_now()[0] is UndoResult.DONE
