"""From a draft to the outbox, on a real store: what is frozen is what was on the screen."""

from __future__ import annotations

import asyncio
import email
import email.policy
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from agent_tui.content.safe import safe
from agent_tui.desk.actions import restored_draft
from agent_tui.desk.compose import CannotAttach, CannotCompose
from agent_tui.desk.drafts import as_json, from_json
from agent_tui.desk.letters import Letter, NoteCannotLeave, NoteDraft, sort
from agent_tui.desk.sending import CannotSend, HowToSend
from agent_tui.desk.services import Services
from agent_tui.domain.account import Capability
from agent_tui.domain.action import UndoResult
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.conversation import Channel, Status
from agent_tui.domain.message import Delivery, Message, Note, Person
from agent_tui.domain.outbox import DraftFile, DraftKind, OutboxItem, OutboxState
from agent_tui.domain.times import SECOND, Micros
from agent_tui.store.connect import DATABASE
from agent_tui.store.ports import CopyPlace, StoreError
from tests.desk.make import who
from tests.store.makers import Workspace, account


def wire(work: Services, item: OutboxItem) -> EmailMessage:
    raw = work.desk.reads.file_bytes(item.raw or "")
    assert raw is not None
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_a_reply_from_the_first_key_to_the_outbox(workspace: Workspace, work: Services) -> None:
    workspace.writes.put_account(
        account(own_addresses=(safe("help@acme.example"), safe("sales@acme.example")), signature=safe("Dana\nAcme"))
    )
    conversation, asked = workspace.arrive(
        "Where is my refund?",
        to=(who("sales@acme.example"),),
        cc=(who("bob@example.com", "Bob"),),
        header_id="q2@example.com",
        references=("q1@example.com",),
    )
    started = work.composer.reply(conversation)
    assert started.draft.text.startswith("\n\n-- \nDana\nAcme\n\nOn ")
    assert started.draft.text.endswith("> Where is my refund?\n")
    draft = replace(started.draft, text="It left today." + started.draft.text)
    assert work.sending.check(Letter(draft)) == ()
    item = work.sending.send_now(Letter(draft))
    assert item.state is OutboxState.HELD
    assert item.not_before - item.created_at > 5 * SECOND
    mail = wire(work, item)
    assert mail["From"] == "Acme Support <sales@acme.example>"
    assert mail["To"] == "Ann Smith <ann@example.com>"
    assert mail["Cc"] is None
    assert mail["Subject"] == "Re: Question"
    assert mail["Message-ID"] == f"<{item.token}>"
    assert mail["In-Reply-To"] == "<q2@example.com>"
    assert mail["References"] == "<q1@example.com> <q2@example.com>"
    assert "It left today." in mail.get_content()
    assert (item.envelope_from, item.envelope_to) == ("sales@acme.example", ("ann@example.com",))
    found = work.desk.reads.conversation(conversation)
    assert found is not None
    assert found.status is Status.WAITING
    shown = work.desk.reads.message(item.message_id or 0)
    assert shown is not None
    assert shown.visible_text == "It left today."
    assert shown.delivery is Delivery.QUEUED
    assert work.drafts.parked() == []
    assert asked


def test_reply_all_asks_everybody_but_us(workspace: Workspace, work: Services) -> None:
    workspace.writes.put_account(account("other", own_addresses=(safe("office@acme.example"),)))
    conversation, _ = workspace.arrive(
        to=(who("help@acme.example"), who("bob@example.com")), cc=(who("Office@acme.example"), who("carol@example.com"))
    )
    draft = work.composer.reply(conversation, everybody=True).draft
    assert [p.address for p in draft.to] == ["ann@example.com", "bob@example.com"]
    assert [p.address for p in draft.cc] == ["carol@example.com"]


def test_bcc_is_in_the_envelope_alone(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    draft = work.composer.reply(conversation).draft
    draft = replace(draft, text="Hi", bcc=(who("secret@example.com", "Secret"), who("ann@example.com")))
    item = work.sending.send_now(Letter(draft))
    assert item.envelope_to == ("ann@example.com", "secret@example.com")
    assert b"secret" not in (work.desk.reads.file_bytes(item.raw or "") or b"").lower()


def test_undo_brings_the_very_text_back(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    started = work.composer.reply(conversation)
    draft = replace(started.draft, text="First words", bcc=(who("boss@acme.example"),))
    work.drafts.keep_now(replace(draft, text="First"))
    work.sending.send_now(Letter(draft))
    result, step = work.actions.undo_now()
    assert result is UndoResult.DONE
    restored = restored_draft(step)
    assert restored == draft.id
    back = work.drafts.find(restored or "")
    assert back is not None
    assert (back.text, back.bcc) == ("First words", draft.bcc)
    found = work.desk.reads.conversation(conversation)
    assert found is not None
    assert found.status is Status.NEW
    assert [i for i in work.desk.reads.items(conversation, None, 10) if isinstance(i, Message) and i.id != 0][-1].text
    resumed = work.composer.resume(back)
    assert work.drafts.keep_now(replace(resumed.draft, text="Second words")).where == "store"
    again = work.drafts.find(draft.id)
    assert again is not None
    assert again.text == "Second words"


def test_a_late_journal_entry_does_not_bring_a_sent_draft_back(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    draft = replace(work.composer.reply(conversation).draft, text="Hi")
    work.sending.send_now(Letter(draft))
    work.drafts.keep_now(draft)
    assert work.drafts.parked() == []


def test_send_and_solve_at_a_time(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    draft = replace(work.composer.reply(conversation).draft, text="Hi")
    later = Micros(work.desk.now() + 3_600 * SECOND)
    item = work.sending.send_now(Letter(draft), HowToSend(solve=True, at=later))
    assert (item.not_before, item.scheduled) == (later, True)
    found = work.desk.reads.conversation(conversation)
    assert found is not None
    assert found.status is Status.SOLVED


def test_a_forward_takes_its_files_along(workspace: Workspace, work: Services) -> None:
    from agent_tui.content.compose import NewMail, OutgoingFile, compose

    raw = compose(
        NewMail(
            sender=who("ann@example.com"),
            to=[who("help@acme.example")],
            subject="Invoice",
            text="see file",
            message_id="a@example.com",
            date=Micros(1_700_000_000_000_000),
            files=[OutgoingFile("../../bill\u202efdp.exe", "application/pdf", b"%PDF-1.4 bill")],
        )
    )
    from agent_tui.domain.message import Attachment

    sha = workspace.writes.put_file(raw)
    conversation, message_id = workspace.arrive(
        "see file", raw=sha, files=(Attachment(0, safe("bill.pdf"), safe("application/pdf"), 13, part="2"),)
    )
    started = asyncio.run(work.composer.forward(conversation, message_id))
    assert started.draft.kind is DraftKind.FORWARD
    assert [(f.name, f.size) for f in started.draft.files] == [("bill.pdf", 13)]
    assert started.draft.to == ()
    draft = replace(started.draft, to=(who("x@partner.example"),), text="Please look.\n" + started.draft.text)
    mail = wire(work, work.sending.send_now(Letter(draft)))
    assert [part.get_content() for part in mail.iter_attachments()] == [b"%PDF-1.4 bill"]
    assert mail["In-Reply-To"] is None


def test_what_is_attached_is_copied_when_it_is_attached(workspace: Workspace, work: Services, tmp_path: Path) -> None:
    conversation, _ = workspace.arrive()
    path = tmp_path / "price list.csv"
    path.write_bytes(b"a;b")
    draft = replace(work.composer.reply(conversation).draft, text="Hi")
    draft = work.composer.attach_now(draft, path)
    path.write_bytes(b"changed")
    mail = wire(work, work.sending.send_now(Letter(draft)))
    assert [part.get_payload(decode=True) for part in mail.iter_attachments()] == [b"a;b"]


@pytest.mark.parametrize("code", ["not_found", "not_a_file", "pipe", "too_large"])
def test_only_ordinary_files_are_attached(
    workspace: Workspace, work: Services, tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    monkeypatch.setattr("agent_tui.desk.compose.LARGEST_FILE", 10)
    (tmp_path / "large").write_bytes(b"x" * 11)
    os.mkfifo(tmp_path / "pipe")
    path = {"not_found": "absent", "not_a_file": ".", "pipe": "pipe", "too_large": "large"}[code]
    conversation, _ = workspace.arrive()
    with pytest.raises(CannotAttach) as refused:
        work.composer.attach_now(work.composer.reply(conversation).draft, tmp_path / path)
    assert refused.value.code == ("not_a_file" if code == "pipe" else code)


def test_a_note_has_no_way_out(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    note = replace(work.composer.note(conversation).draft, text="ask Ihor")
    assert isinstance(sort(note), NoteDraft)
    with pytest.raises(NoteCannotLeave):
        Letter(note)
    work.sending.add_note_now(NoteDraft(note))
    assert [i.text for i in work.desk.reads.items(conversation, None, 9) if isinstance(i, Note)] == ["ask Ihor"]
    assert work.sending.outbox(open_only=False) == []


def test_a_letter_is_no_note(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    with pytest.raises(TypeError):
        NoteDraft(work.composer.reply(conversation).draft)


def test_chat_sends_text_without_bytes(workspace: Workspace, work: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace.writes.put_account(
        account(
            "chat",
            channel=Channel.CHAT,
            capabilities=frozenset({Capability.SEND, Capability.ATTACH}),
            own_addresses=(),
        )
    )
    with workspace.worker.ingest() as tx:
        from agent_tui.domain.message import Placement, Rule
        from tests.store.makers import message

        new = message("it says declined", account="chat", channel=Channel.CHAT, sender="visitor-7", to=(), raw=None)
        conversation = tx.add_conversation("chat", Channel.CHAT, safe(""), None, Status.NEW, new.arrived_at, "room-7")
        tx.add_message(new, conversation, Placement(Rule.NATIVE))
    started = work.composer.reply(conversation)
    assert (started.draft.text, started.draft.subject) == ("", "")
    assert work.sending.check(Letter(replace(started.draft, text="Try again now"))) == ()
    item = work.sending.send_now(Letter(replace(started.draft, text="Try again now")))
    assert (item.raw, item.native_conversation, item.text) == (None, "room-7", "Try again now")
    assert [p.address for p in item.to] == ["visitor-7"]
    picture = DraftFile(safe("a.png"), safe("image/png"), 3, workspace.writes.put_file(b"PNG"))
    with monkeypatch.context() as patch:  # the worker reads them; here it is enough that they are there
        patch.setattr(type(work.desk.reads), "file_bytes", lambda reads, name: pytest.fail("read"))
        beside = work.sending.send_now(Letter(replace(started.draft, id="f", text="See", files=(picture,))))
    assert beside.files == (picture,)
    stands = work.desk.reads.message(beside.message_id or 0)
    assert stands is not None
    assert work.conversations.content(stands.id, stands.attachments[0]) == b"PNG"
    lost = replace(picture, sha256="0" * 64)
    with pytest.raises(CannotSend) as refused:
        work.sending.send_now(Letter(replace(started.draft, id="g", text="See", files=(lost,))))
    assert refused.value.code == "file_lost"
    again = work.composer.reply(conversation).draft
    assert [p.address for p in again.to] == ["visitor-7"]
    assert work.sending.check(Letter(replace(again, text="And now?"))) == ()


def test_what_was_said_in_a_chat_is_handed_on_by_mail(workspace: Workspace, work: Services) -> None:
    workspace.writes.put_account(
        account("chat", channel=Channel.CHAT, capabilities=frozenset({Capability.SEND}), own_addresses=())
    )
    conversation, message_id = workspace.arrive("two of them", account="chat", channel=Channel.CHAT, sender="v-7")
    with pytest.raises(CannotCompose) as refused:
        asyncio.run(work.composer.forward(conversation, message_id))
    assert refused.value.code == "cannot_start"
    workspace.writes.put_account(
        account(capabilities=frozenset({Capability.SEND, Capability.NEW_CONVERSATION, Capability.CC}))
    )
    draft = asyncio.run(work.composer.forward(conversation, message_id)).draft
    assert (draft.account, draft.from_address) == ("mail", "help@acme.example")
    item = work.sending.send_now(Letter(replace(draft, to=(who("x@partner.example"),), text="Hi" + draft.text)))
    assert item.native_conversation is None
    assert "two of them" in wire(work, item).get_content()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ()}, "no_recipient"),
        ({"account": "gone"}, "no_account"),
        ({"to": (Person(safe(""), safe("a b@example.com")),)}, "bad_address"),
    ],
)
def test_what_cannot_leave_says_why_and_stays_a_draft(
    workspace: Workspace, work: Services, changes: dict[str, object], code: str
) -> None:
    conversation, _ = workspace.arrive()
    draft = replace(work.composer.reply(conversation).draft, text="Hi", **changes)  # type: ignore[arg-type]
    work.drafts.keep_now(draft)
    with pytest.raises(CannotSend) as refused:
        work.sending.send_now(Letter(draft))
    assert refused.value.code == code
    assert [d.text for d in work.drafts.parked()] == ["Hi"]
    assert work.drafts.keep_now(replace(draft, text="Hi again")).where == "store"


def test_it_never_leaves_from_an_address_that_is_not_ours(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    draft = replace(work.composer.reply(conversation).draft, text="Hi", from_address=safe("ceo@bank.example"))
    assert wire(work, work.sending.send_now(Letter(draft)))["From"] == "Acme Support <help@acme.example>"


def test_the_check_sees_what_came_while_writing(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    opened = work.conversations.open(conversation)
    draft = replace(work.composer.reply(conversation, seen_order=opened.seen_order).draft, text="Hi")
    workspace.arrive("one more thing", into=conversation, at=60_000_000)
    assert [f.code for f in work.sending.check(Letter(draft))] == ["newer_message"]


def test_the_check_knows_where_the_same_letter_is_answered(workspace: Workspace, work: Services) -> None:
    workspace.writes.put_account(account("sales"))
    letter: dict[str, Any] = {"header_id": "same@example.com", "unread": False}
    mine, _ = workspace.arrive(**letter)
    other, theirs = workspace.arrive(account="sales", sender="Ann@example.com", at=5, **letter)
    workspace.arrive(account="sales", sender="eve@evil.example", at=6, **letter)
    number = work.desk.reads.conversation(other).number  # type: ignore[union-attr]
    draft = replace(work.composer.reply(mine).draft, text="It left today.")

    def told() -> list[tuple[str, str]]:
        return [(f.code, f.get("number")) for f in work.sending.check(Letter(draft))]

    assert told() == []
    begun = replace(work.composer.reply(other).draft, text="We look into it.")
    work.drafts.keep_now(begun)
    assert told() == [("twin_begun", str(number))]
    item = work.sending.send_now(Letter(begun))
    assert told() == [("twin_answered", str(number))]
    asyncio.run(work.sending.stop(item.id))
    assert told() == [("twin_begun", str(number))]
    asyncio.run(work.drafts.discard(begun))
    with workspace.worker.ingest() as tx:
        tx.put_copy(theirs, "sales", CopyPlace("INBOX", 1, 1, answered=True))
    assert told() == [("twin_answered", str(number))]


def test_one_query_by_an_index_finds_the_same_letter(workspace: Workspace, work: Services) -> None:
    from agent_tui.store.reads.conversation import _TWINS

    _, message = workspace.arrive()
    with closing(sqlite3.connect(workspace.home / DATABASE)) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {_TWINS}", (message, 0))]
    assert not [step for step in plan if step.startswith("SCAN")]
    assert any("message_header" in step for step in plan)


def test_the_check_knows_who_is_new_here(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    workspace.arrive(sender="maria@partner.example")
    draft = replace(work.composer.reply(conversation).draft, text="Hi")
    draft = replace(draft, cc=(who("maria@partner.example"), who("new@else.example")))
    found = {f.code: f.people for f in work.sending.check(Letter(draft))}
    assert found == {"first_time": ("new@else.example",), "not_in_last": ("maria@partner.example",)}


def test_the_check_knows_every_recipient_who_bounced(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive(cc=(who("gone@else.example"),))
    with workspace.worker.ingest() as tx:
        tx.add_contact(safe(""), "email", safe("Gone@else.example"), "bounced")
        tx.set_deliverable("email", "gone@else.example", Deliverable.HARD, safe("550 5.1.1"))
    draft = replace(work.composer.reply(conversation, everybody=True).draft, text="Hi")
    found = {f.code: f.people for f in work.sending.check(Letter(draft))}
    assert found["bounced_address"] == ("gone@else.example",)


@pytest.mark.parametrize("author", ["ann@example.com", "help@acme.example"])
@pytest.mark.parametrize("known", [False, True])
def test_reply_to_a_stranger_is_stopped_until_he_was_written_to(
    workspace: Workspace, work: Services, author: str, known: bool
) -> None:
    """Also where he wrote here before, of something else."""
    if known:
        workspace.arrive("Hello", author=who("evil@evil.example", "Eve"))
    conversation, _ = workspace.arrive()
    workspace.arrive(
        "Any news?", into=conversation, author=who(author, "Ann Smith"), reply_to=(who("evil@evil.example", "Ann"),)
    )
    draft = replace(work.composer.reply(conversation).draft, text="Here is your refund")
    assert [p.address for p in draft.to] == ["evil@evil.example"]
    found = [(f.code, f.severity.value, f.get("address")) for f in work.sending.check(Letter(draft))]
    assert found == [("reply_to_differs", "warn", "evil@evil.example")]
    work.sending.send_now(Letter(draft))
    again = replace(work.composer.reply(conversation).draft, text="Here is your refund")
    assert [f.severity.value for f in work.sending.check(Letter(again)) if f.code == "reply_to_differs"] == ["notice"]


def test_the_check_knows_whom_a_conversation_is_with(workspace: Workspace, work: Services) -> None:
    seconds = 0

    def found(everybody: bool = False) -> list[tuple[str, str, str]]:
        draft = replace(work.composer.reply(conversation, everybody=everybody).draft, text="Hi")
        return [(f.code, f.get("address"), f.get("other")) for f in work.sending.check(Letter(draft))]

    def came(author: Person, **more: Any) -> None:
        nonlocal seconds
        seconds += 1
        workspace.arrive("And?", into=conversation, author=author, at=seconds * SECOND, **more)

    ann = who("ann@example.com", "Ann Smith")
    with workspace.worker.ingest() as tx:
        contact = tx.add_contact(ann.name, "email", ann.address, "wrote")
    conversation, _ = workspace.arrive(author=ann, contact=contact)
    assert found() == []
    came(who("mallory@evil.example", "Smith, Ann"))
    assert found() == [("namesake", "mallory@evil.example", "ann@example.com")]
    came(who("karl@else.example", "Karl"))
    assert found() == [("somebody_else", "karl@else.example", "")]
    came(ann, cc=(who("karl@else.example", "Karl"),))
    assert found(everybody=True) == []
    came(who("karl@else.example", "Karl"))
    assert found() == [("somebody_else", "karl@else.example", "")], "he was there before she named him"
    came(who("partner@p.example", "Partner"))
    assert found() == [("somebody_else", "partner@p.example", "")]
    work.sending.send_now(Letter(replace(work.composer.reply(conversation).draft, text="Hi")))
    came(who("partner@p.example", "Partner"))
    assert found() == [], "he was answered before"


def test_a_recipient_that_is_half_typed_is_kept_and_never_sent(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive()
    draft = replace(work.composer.reply(conversation).draft, text="Hi", unread=(("cc", safe("нова@прик")),))
    assert work.drafts.keep_now(draft).where == "store"
    found = work.drafts.find(draft.id)
    assert found is not None
    assert found.unread == draft.unread
    assert from_json(as_json(draft)) == draft, "kept aside, too"
    with pytest.raises(CannotSend) as refused:
        work.sending.send_now(Letter(draft))
    assert (refused.value.code, refused.value.parameters) == ("bad_address", {"address": "нова@прик"})
    assert work.drafts.find(draft.id) is not None


def test_without_an_account_nothing_begins(at_desk: Callable[..., Services], workspace: Workspace) -> None:
    work = at_desk()
    workspace.writes.remove_account("mail")
    conversation, _ = workspace.arrive()
    with pytest.raises(CannotCompose) as refused:
        work.composer.reply(conversation)
    assert refused.value.code == "no_account"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"capabilities": frozenset({Capability.PULL})}, "not_able"), ({"offline": True}, "only_imported")],
)
@pytest.mark.parametrize("others", [False, True])
def test_an_account_that_only_receives_says_so(
    at_desk: Callable[..., Services], workspace: Workspace, changes: dict[str, Any], code: str, others: bool
) -> None:
    work = at_desk()
    conversation, _ = workspace.arrive(account="other")
    workspace.writes.remove_account("mail")
    workspace.writes.put_account(account("other", **changes))
    if others:  # what was imported is answered from an account that sends; one in use is not spoken for by another
        workspace.writes.put_account(account("mail2"))
    if others and code == "only_imported":
        assert work.composer.reply(conversation).draft.account == "mail2"
        return
    with pytest.raises(CannotCompose) as refused:
        work.composer.reply(conversation)
    assert (refused.value.code, refused.value.parameters["account"]) == (code, account("other").label)


def test_a_store_that_refuses_keeps_the_draft_aside(
    workspace: Workspace,
    work: Services,
    at_desk: Callable[..., Services],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from agent_tui.store.writes.desk import SqliteWrites

    conversation, _ = workspace.arrive()
    draft = replace(work.composer.reply(conversation).draft, text="Precious words")

    def _full(*_: object, **_ignored: object) -> bool:
        raise StoreError("disk_full")

    with monkeypatch.context() as broken:
        broken.setattr(SqliteWrites, "save_draft", _full)
        kept = work.drafts.keep_now(draft)
    assert (kept.where, kept.fault) == ("runtime", "disk_full")
    files = list((tmp_path / "run").iterdir())
    assert [oct(f.stat().st_mode & 0o777) for f in files] == ["0o600"]
    assert [d.text for d in work.drafts.parked()] == ["Precious words"]
    next_start = at_desk()
    assert asyncio.run(next_start.drafts.recover()) == 1
    assert [d.text for d in next_start.desk.reads.drafts("dana")] == ["Precious words"]
    assert list((tmp_path / "run").iterdir()) == []


def test_what_lies_aside_and_is_no_draft_is_left_alone(work: Services, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / f"draft-{'0' * 32}.json").write_text('{"format": 99}')
    (tmp_path / "run" / "draft-x.json").write_text("{")
    assert work.drafts.parked() == []
    assert asyncio.run(work.drafts.recover()) == 0
    assert len(list((tmp_path / "run").iterdir())) == 2


def test_one_door_leads_out_and_it_takes_letters_alone() -> None:
    """Whatever queues, in the whole program, is one function whose argument cannot hold a note."""
    import ast

    import agent_tui

    root = Path(agent_tui.__file__).parent
    callers = []
    for path in root.rglob("*.py"):
        if path.is_relative_to(root / "store"):
            continue
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    if (
                        isinstance(node, ast.Call)
                        and isinstance(node.func, ast.Attribute)
                        and node.func.attr == "queue"
                        and "writes" in ast.unparse(node.func.value)
                    ):
                        arguments = {a.arg: ast.unparse(a.annotation) for a in function.args.args if a.annotation}
                        callers.append((path.relative_to(root).as_posix(), function.name, arguments.get("letter")))
    assert callers == [("desk/sending.py", "_queue", "Letter")]
