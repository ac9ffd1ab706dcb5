"""Commands that change something: reply, note, assign, tag, status, snooze, undo. What the keys do, for scripts."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui.cli.output import Failed, Misused, emit, table, tell
from agent_tui.cli.wording import finding_in_words
from agent_tui.cli.workspace import at_a_desk_that_is, conversation_id, text_of
from agent_tui.domain.action import ActionStep, UndoResult
from agent_tui.domain.conversation import Status
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.desk.actions import Intent, StepLine
    from agent_tui.desk.compose import Started
    from agent_tui.desk.presend import Finding
    from agent_tui.desk.services import Services
    from agent_tui.domain.outbox import OutboxItem


def reply(options: Namespace) -> int:
    """Queue an answer to a customer."""
    from dataclasses import replace

    from agent_tui.desk import json as shapes
    from agent_tui.desk.letters import Letter
    from agent_tui.desk.sending import HowToSend

    text = text_of(options)
    with at_a_desk_that_is(options) as services:
        wanted = conversation_id(services, options.id)
        started = services.composer.reply(wanted, everybody=options.all, answers=_message_of(services, wanted, options))
        draft = replace(started.draft, text=_laid_out(services, started, text.strip("\n"), quote=options.quote))
        for path in options.attach:
            draft = services.composer.attach_now(draft, Path(path))
        letter = Letter(draft)
        if not _may_go(services.sending.check(letter), options.force):
            raise Failed(_("The answer was not queued."))
        at = _moment(services, options.at) if options.at else None
        item = services.sending.send_now(letter, HowToSend(solve=options.solve, at=at))
        if at is None and options.now:
            services.desk.write_now(lambda writes: writes.send_now(item.id))
            item = services.desk.reads.outbox_item(item.id) or item
        if options.json:
            emit(shapes.outbox(item))
        else:
            _tell_when(services, item, held=at is None and not options.now)
        _see_to_a_worker(options)
    return 0


def note(options: Namespace) -> int:
    """Words for the team."""
    from dataclasses import replace

    from agent_tui.desk.letters import NoteDraft

    text = text_of(options)
    with at_a_desk_that_is(options) as services:
        wanted = conversation_id(services, options.id)
        draft = replace(services.composer.note(wanted).draft, text=text)
        number = services.sending.add_note_now(NoteDraft(draft))
        if options.json:
            emit({"note": number, "conversation": wanted})
        else:
            tell(_("Noted. Only your team sees it."))
    return 0


def assign(options: Namespace) -> int:
    """Give conversations to somebody."""
    from agent_tui.desk import actions

    with at_a_desk_that_is(options) as services:
        known = {services.desk.agent, *services.desk.settings.colleagues}
        who: str | None = {"me": services.desk.agent, "nobody": None}.get(options.to, options.to)
        if who is not None and who not in known:
            raise Misused(
                _("{name} is no colleague; known are: {known}").format(name=who, known=", ".join(sorted(known)))
            )
        return _apply(services, options, lambda ids: actions.assign(ids, who))


def tag(options: Namespace) -> int:
    """Add tags, and take tags away that have a minus before them. A comma parts two, as where they are told."""
    from agent_tui.desk.actions import signed_tags

    read = [signed_tags(typed) for typed in options.tags]
    added = [name for names, _gone in read for name in names]
    removed = [name.strip() for typed in options.remove for name in typed.split(",") if name.strip()]
    removed += [name for _names, gone in read for name in gone]
    if not all(any(pair) for pair in read) or not (added or removed):
        raise Misused(_("name a tag to add, or one to take away with --remove"))
    with at_a_desk_that_is(options) as services:
        return _apply(services, options, lambda ids: services.actions.tag(ids, added, removed))


def status(options: Namespace) -> int:
    """Set a status."""
    from agent_tui.desk import actions

    with at_a_desk_that_is(options) as services:
        return _apply(services, options, lambda ids: actions.set_status(ids, Status(options.to)))


def snooze(options: Namespace) -> int:
    """Out of sight until a time."""
    from agent_tui.desk import actions

    with at_a_desk_that_is(options) as services:
        until = _moment(services, " ".join(options.until))
        return _apply(services, options, lambda ids: actions.snooze(ids, until, services.desk.settings.zone))


def undo(options: Namespace) -> int:
    """Take back the newest change, or the one that is named."""
    with at_a_desk_that_is(options) as services:
        if options.list:
            _print_steps(services, as_json=options.json)
            return 0
        result, step = services.actions.undo_now(options.step)
        if options.json:
            emit({"result": result.value, "step": step.id if step else None})
        if result in (UndoResult.DONE, UndoResult.PARTLY):
            if not options.json:
                what = _in_words(services, step) if step else ""
                rest = _("What had changed since was left.") if result is UndoResult.PARTLY else ""
                tell(" ".join(filter(None, (_("Taken back:"), what, rest))))
            return 0
        raise Failed(
            {
                UndoResult.CHANGED_SINCE: _("Nothing was taken back: it has changed since."),
                UndoResult.TOO_LATE: _("It is too late to take the message back."),
            }.get(result, _("There is nothing to take back."))
        )


def _print_steps(services: Services, *, as_json: bool) -> None:
    """What was done, newest first, and whether it can be taken back."""
    from agent_tui.desk import json as shapes

    rows = []
    for line in services.actions.steps():
        state, word = (
            ("undone", _("taken back"))
            if line.undone
            else ("undoable", _("can be undone"))
            if line.undoable
            else ("final", _("stays"))
        )
        at = shapes.moment(line.at)
        if as_json:
            emit({"id": line.step, "at": at, "code": line.code, "state": state,
                  "conversations": list(line.conversations)})  # fmt: skip
        rows.append((str(line.step), str(at), word, _said(services, line)))
    if not as_json:
        if not rows:
            tell(_("Nothing was done here yet."))
        table(rows, stretch=3)


def _laid_out(services: Services, started: Started, text: str, *, quote: bool) -> str:
    """The text where the composer would have it typed: above signature and quote, or as the settings say."""
    draft = started.draft
    if quote or not draft.text:
        return draft.text[: started.cursor] + text + draft.text[started.cursor :]
    from agent_tui.desk.quoting import signed

    account = services.desk.account(draft.account)
    signature = signed(account.signature) if account else ""
    return f"{text}\n\n{signature}" if signature else text


def _apply(services: Services, options: Namespace, intent: object) -> int:
    ids = [conversation_id(services, typed) for typed in options.ids]
    wanted: Intent = intent(ids)  # type: ignore[operator]
    step = services.actions.apply_now(wanted)
    if options.json:
        emit({"step": step.id if step else None, "changed": _changed(step), "conversations": ids})
    elif step is None:
        tell(_("Nothing had to be changed."))
    else:
        tell(_in_words(services, step))
    return 0


def _in_words(services: Services, step: ActionStep) -> str:
    """What was done: `Solved #1042.`"""
    return _said(services, services.actions.describe(step))


def _said(services: Services, line: StepLine) -> str:
    from agent_tui import sentences

    numbers = ", ".join(f"#{number}" for number in line.numbers)
    return sentences.action(line.code, numbers, line.values, services.desk.agent, way=" (agent-tui outbox)")


def _changed(step: ActionStep | None) -> list[int]:
    return sorted({change.conversation_id for change in step.changes}) if step else []


def _message_of(services: Services, conversation: int, options: Namespace) -> int | None:
    """The message that was named to be answered."""
    from agent_tui.domain.message import Message

    wanted: int | None = options.message
    if wanted is None:
        return None
    here = services.desk.reads.items(conversation, wanted + 1, 1)
    if not any(isinstance(item, Message) and item.id == wanted for item in here):
        said = _("No message of the conversation has the id {number}; `agent-tui show --json` gives the ids it has.")
        raise Failed(said.format(number=wanted))
    return wanted


def _may_go(findings: Sequence[Finding], forced: Sequence[str]) -> bool:
    """Print what speaks against sending; whether all of it was overridden by name."""
    from agent_tui.desk.presend import Severity

    allowed = True
    for finding in findings:
        overridden = finding.code in forced and finding.severity is not Severity.STOP
        blocks = finding.severity is not Severity.NOTICE and not overridden
        allowed = allowed and not blocks
        way = f"  (--force {finding.code})" if blocks and finding.severity is not Severity.STOP else ""
        tell(f"{'!' if blocks else '·'} {finding_in_words(finding)}{way}")
    return allowed


def _moment(services: Services, typed: str):  # type: ignore[no-untyped-def]
    from agent_tui.desk.moments import NotAMoment, parse

    try:
        return parse(typed, services.desk.now(), services.desk.zone)
    except NotAMoment as error:
        if error.code == "in_the_past":
            raise Misused(_("“{typed}” is over").format(typed=typed)) from None
        raise Misused(
            _("“{typed}” is no time; write it as `2h`, `tomorrow`, `fri 16:05`, `2026-11-30 9:00`").format(typed=typed)
        ) from None


def _tell_when(services: Services, item: OutboxItem, *, held: bool) -> None:
    """Where the message is, and how it is taken back while that can be."""
    seconds = services.desk.settings.hold_seconds
    if held and seconds > 0:
        tell(
            _("Message {id} leaves in {seconds:.0f} s; until then `agent-tui undo` takes it back.").format(
                id=item.id, seconds=seconds
            )
        )
    else:
        tell(_("Queued: message {id} in the outbox.").format(id=item.id))


def _see_to_a_worker(options: Namespace) -> None:
    """A queued message wants somebody who sends it."""
    from agent_tui.cli.workspace import places
    from agent_tui.sync.lock import worker_holder

    if options.json or worker_holder(places(options).worker_lock) is not None:
        return
    tell(_("No worker runs: `agent-tui sync --once` sends it, or an open desk does."))
