from __future__ import annotations

import asyncio
from dataclasses import replace

from agent_tui import sentences
from agent_tui.desk import actions
from agent_tui.desk.letters import Letter
from agent_tui.desk.sending import HowToSend
from agent_tui.desk.services import Services
from agent_tui.domain.action import UndoResult
from agent_tui.domain.conversation import Priority, Status
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.times import DAY, Micros
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
    assert asyncio.run(work.actions.redo())[0] is UndoResult.DONE
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


def test_a_tag_of_several_is_named_whatever_else_they_have(workspace: Workspace, work: Services) -> None:
    one, _ = workspace.arrive()
    two, _ = workspace.arrive()
    work.actions.apply_now(work.actions.tag([one], add=["old"]))
    added = work.actions.apply_now(work.actions.tag([one, two], add=["vip", "late"]))
    removed = work.actions.apply_now(work.actions.tag([one, two], remove=["late"]))
    said = []
    for step in (added, removed):
        assert step is not None
        line = work.actions.describe(step)
        said.append(sentences.action(line.code, "#1, #2", line.values))
    assert said == ["Tagged #1, #2: late, vip.", "Took a tag from #1, #2: late."]


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


def test_the_undo_list_says_what_became_of_a_message(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    draft = replace(work.composer.reply(conversation).draft, text="It left today")

    def line() -> tuple[str, bool, bool]:
        step = work.actions.steps()[0]
        return sentences.action(step.code, "#77", step.values), step.undone, step.undoable

    item = work.sending.send_now(Letter(draft))
    assert line() == ("Message in #77 leaves in a few seconds.", False, True)
    (due,) = workspace.worker.due("mail", item.not_before)
    assert line() == ("Message in #77 is on its way to ann@example.com.", False, True)
    workspace.worker.claim(due.id)
    assert line() == ("Message in #77 is on its way to ann@example.com.", False, False)
    assert work.actions.undo_now()[0] is UndoResult.TOO_LATE
    assert line() == ("Message in #77 is on its way to ann@example.com.", False, False)
    workspace.worker.settle(due.id, OutboxState.SENT)
    assert line() == ("Sent #77 to ann@example.com.", False, False)


def test_a_message_that_was_taken_back_is_a_draft_in_the_list(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    draft = replace(work.composer.reply(conversation).draft, text="It left today")
    work.sending.send_now(Letter(draft), HowToSend(at=Micros(work.desk.now() + DAY)))
    assert work.actions.steps()[0].values["state"] == "scheduled"
    assert work.actions.undo_now()[0] is UndoResult.DONE
    step = work.actions.steps()[0]
    assert (step.undone, step.undoable) == (True, False)
    said = sentences.action(step.code, "#77", step.values)
    assert said == "Message in #77 to ann@example.com is a draft again."
