"""A message that came back is written again: to those who did not get it, as it was, beside the first one."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from typing import Any

import pytest

from agent_tui.content.compose import NewMail, OutgoingFile, compose
from agent_tui.content.safe import safe
from agent_tui.desk import presend
from agent_tui.desk.again import missed
from agent_tui.desk.circle import Circle
from agent_tui.desk.compose import CannotCompose, Started
from agent_tui.desk.customers import Customer
from agent_tui.desk.letters import Letter
from agent_tui.desk.recipients import keys_of
from agent_tui.desk.services import Services
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Attachment, Delivery, Direction, Message, Person
from agent_tui.domain.outbox import DraftFile, DraftKind, OutboxItem, OutboxState
from tests.desk.make import draft, message, who
from tests.store.makers import START, Workspace

ANN, BOB, CY = who("ann@customer.test", "Ann"), who("bob@customer.test"), who("cy@customer.test")
GONE = "{}: 5.1.1 550 5.1.1 User unknown"
WRITTEN = "It left today.\n\nOn Monday Ann wrote:\n> Where is it?\n\n-- \nDana"


def back(*addresses: str, **changes: Any) -> Any:
    values = {"direction": Direction.OUT, "delivery": Delivery.BOUNCED, "to": (ANN, BOB), "cc": (CY,)}
    detail = safe("; ".join(GONE.format(address) for address in addresses))
    return message(**{**values, "delivery_detail": detail, **changes})


def test_who_did_not_get_it_stands_in_to() -> None:
    found = missed(back("bob@customer.test"))
    assert (found.to, found.cc, found.bcc, found.spared) == ((BOB,), (), (), 2)


def test_of_a_copy_that_came_back_the_copy_is_written_to() -> None:
    found = missed(back("Cy@Customer.test", "ann@customer.test"))
    assert (found.to, found.cc, found.spared) == ((ANN, CY), (), 1)


def test_who_was_not_seen_is_not_seen_now() -> None:
    found = missed(back("bob@customer.test", "eve@customer.test", bcc=(who("eve@customer.test"),)))
    assert (found.to, found.bcc, found.spared) == ((BOB,), (who("eve@customer.test"),), 2)


def test_what_was_handed_on_came_back_from_whom_we_wrote_to() -> None:
    detail = safe("(unproven) ann@customer.test → z@other.test: 5.1.10 x")
    assert missed(back(delivery_detail=detail)).to == (ANN,)


@pytest.mark.parametrize("changes", [{"delivery": Delivery.REJECTED}, {"delivery_detail": safe("no such user")}])
def test_where_nobody_got_it_or_nobody_can_tell_all_stand_as_they_did(changes: dict[str, Any]) -> None:
    found = missed(back("ann@customer.test", **changes))
    assert (found.to, found.cc, found.spared) == ((ANN, BOB), (CY,), 0)


@pytest.mark.parametrize("how", list(Delivery))
def test_only_what_failed_for_good_is_offered(how: Delivery) -> None:
    assert back(delivery=how).failed is (how in (Delivery.BOUNCED, Delivery.REJECTED))
    assert not back(delivery=how, direction=Direction.IN).failed


def answered(workspace: Workspace, work: Services) -> OutboxItem:
    """An answer of ours with a file, which left."""
    with workspace.worker.ingest() as tx:
        contact = tx.add_contact(ANN.name, "email", ANN.address, "test")
    conversation, _ = workspace.arrive(
        "Where is it?", sender=ANN.address, header_id="asked@customer.test", contact=contact, contact_id=contact
    )
    work.desk.refresh()
    draft = work.composer.reply(conversation).draft
    sha = workspace.writes.put_file(b"%PDF-1.4 bill")
    file = DraftFile(safe("bill.pdf"), safe("application/pdf"), 13, sha)
    draft = replace(draft, to=(ANN, BOB), text=WRITTEN, files=(file,))
    return work.sending.send_now(Letter(draft))


def came_back(
    workspace: Workspace, item: OutboxItem, *addresses: str, code: str = "5.1.1", mark: Deliverable = Deliverable.HARD
) -> None:
    """The worker sent it, and a report came."""
    assert item.message_id is not None
    (due,) = workspace.worker.due("mail", START * 2)  # type: ignore[arg-type]
    workspace.worker.claim(due.id)
    workspace.worker.mark_leaving(due.id)
    workspace.worker.settle(due.id, OutboxState.SENT)
    with workspace.worker.ingest() as tx:
        for address in addresses:
            tx.add_contact(safe("Nobody"), "email", safe(address), "bounced")
            tx.set_deliverable("email", safe(address), mark, safe(f"550 {code}"))
        detail = safe("; ".join(GONE.format(address).replace("5.1.1", code) for address in addresses))
        tx.set_delivery(item.message_id, Delivery.BOUNCED, detail, reopens=True)


async def again(work: Services, item: OutboxItem) -> Started:
    assert item.conversation_id is not None
    assert item.message_id is not None
    work.desk.refresh()
    return await work.composer.again(item.conversation_id, item.message_id)


async def test_it_is_written_as_it_was_and_the_first_stays(workspace: Workspace, work: Services) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, BOB.address)
    started = await again(work, item)
    draft = started.draft
    assert (draft.kind, draft.conversation_id, draft.answers) == (
        DraftKind.AGAIN,
        item.conversation_id,
        item.message_id,
    )
    assert (draft.to, draft.cc, draft.bcc, started.spared, started.field) == ((BOB,), (), (), 1, "to")
    assert (draft.text, draft.subject) == (WRITTEN, item.subject)
    assert WRITTEN[: started.cursor].rstrip() == "It left today."
    assert [(file.name, file.size) for file in draft.files] == [("bill.pdf", 13)]
    assert [one.code for one in work.sending.check(Letter(draft))] == ["bounced_address"]
    assert work.sending.outbox() == []

    second = work.sending.send_now(Letter(draft))
    assert second.conversation_id == item.conversation_id
    assert second.token != item.token
    raws = [workspace.reads.file_bytes(one.raw) for one in (item, second) if one.raw]
    first_mail, mail = (email.message_from_bytes(raw or b"", policy=email.policy.default) for raw in raws)
    for name in ("In-Reply-To", "References", "Subject", "From"):
        assert mail[name] == first_mail[name]
    assert mail["In-Reply-To"] == "<asked@customer.test>"
    assert mail["To"] == BOB.address
    assert [part.get_content() for part in mail.iter_attachments()] == [b"%PDF-1.4 bill"]
    assert item.message_id is not None
    first = workspace.reads.message(item.message_id)
    assert first is not None
    assert first.delivery is Delivery.BOUNCED


@pytest.mark.parametrize(
    ("code", "mark", "field"),
    [("5.1.1", Deliverable.OK, "to"), ("5.2.2", Deliverable.SOFT, ""), ("5.2.2", Deliverable.HARD, "to")],
)
async def test_the_caret_goes_to_an_address_that_is_said_not_to_exist(
    workspace: Workspace, work: Services, code: str, mark: Deliverable, field: str
) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, BOB.address, code=code, mark=mark)
    assert (await again(work, item)).field == field


async def test_what_began_a_conversation_stays_in_it(workspace: Workspace, work: Services) -> None:
    conversation, ours = workspace.arrive(
        "Your parcel left",
        direction=Direction.OUT,
        sender="help@acme.example",
        to=(ANN,),
        delivery=Delivery.BOUNCED,
    )
    work.desk.refresh()
    started = await work.composer.again(conversation, ours)
    item = work.sending.send_now(Letter(started.draft))
    assert item.conversation_id == conversation
    assert b"References" not in (workspace.reads.file_bytes(item.raw or "") or b"")


async def test_files_come_out_of_the_bytes_that_left(workspace: Workspace, work: Services) -> None:
    raw = compose(
        NewMail(
            sender=who("help@acme.example"),
            to=[ANN],
            subject="Bill",
            text="see file",
            message_id="x@acme.example",
            date=START,
            files=[OutgoingFile("bill.pdf", "application/pdf", b"%PDF-1.4 bill")],
        )
    )
    conversation, ours = workspace.arrive(
        "see file",
        direction=Direction.OUT,
        sender="help@acme.example",
        to=(ANN,),
        delivery=Delivery.BOUNCED,
        raw=workspace.writes.put_file(raw),
        files=(Attachment(0, safe("bill.pdf"), safe("application/pdf"), 13, part="2"),),
    )
    work.desk.refresh()
    (file,) = (await work.composer.again(conversation, ours)).draft.files
    assert workspace.reads.file_bytes(file.sha256) == b"%PDF-1.4 bill"


@pytest.mark.parametrize(
    ("how", "code"), [(Delivery.UNKNOWN, "still_unknown"), (Delivery.SENT, "not_back"), (Delivery.DELAYED, "not_back")]
)
async def test_what_may_have_arrived_is_not_offered(
    workspace: Workspace, work: Services, how: Delivery, code: str
) -> None:
    conversation, ours = workspace.arrive("It left", direction=Direction.OUT, to=(ANN,), delivery=how)
    work.desk.refresh()
    with pytest.raises(CannotCompose) as refused:
        await work.composer.again(conversation, ours)
    assert refused.value.code == code


async def test_a_draft_of_it_waits_and_is_gone_on_with(workspace: Workspace, work: Services) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, BOB.address)
    draft = (await again(work, item)).draft
    assert (await work.drafts.keep(draft)).where == "store"
    found = work.drafts.find(draft.id)
    assert found is not None
    assert work.composer.resume(found).field == "to"
    assert item.conversation_id is not None
    assert work.drafts.of_conversation(item.conversation_id, (DraftKind.REPLY,)) is None


def codes(work: Services, letter: Letter) -> list[str]:
    return [one.code for one in work.sending.check(letter)]


async def test_what_was_written_again_says_so_and_is_asked_about(workspace: Workspace, work: Services) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, BOB.address)
    assert item.conversation_id is not None
    assert item.message_id is not None
    corrected = (who("bob@customer.example"),)
    draft = replace((await again(work, item)).draft, to=corrected)
    assert codes(work, Letter(draft)) == []
    second = work.sending.send_now(Letter(draft))
    first = workspace.reads.message(item.message_id)
    assert first is not None
    assert (first.failed, first.is_left_over, first.again_at) == (True, False, second.created_at)
    found = {one.id: one for one in workspace.reads.items(item.conversation_id, None, 9) if isinstance(one, Message)}
    assert second.message_id is not None
    assert (found[second.message_id].again_of, found[item.message_id]) == (item.message_id, first)
    third = Letter(replace((await again(work, item)).draft, to=corrected))
    (asked,) = work.sending.check(third)
    assert (asked.code, asked.severity.value, asked.get("at")) == ("written_again", "warn", str(second.created_at))

    assert workspace.writes.take_back("dana", second.id) is not None
    work.desk.refresh()
    assert codes(work, third) == []
    first = workspace.reads.message(item.message_id)
    assert first is not None
    assert first.is_left_over


async def test_what_was_refused_was_not_written_again(workspace: Workspace, work: Services) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, BOB.address)
    second = work.sending.send_now(Letter((await again(work, item)).draft))
    (due,) = workspace.worker.due("mail", START * 2)  # type: ignore[arg-type]
    workspace.worker.claim(due.id)
    workspace.worker.mark_leaving(due.id)
    workspace.worker.settle(second.id, OutboxState.REJECTED)
    assert item.message_id is not None
    first = workspace.reads.message(item.message_id)
    assert first is not None
    assert first.is_left_over


async def test_the_letter_of_one_customer_goes_to_another_one_only_when_that_is_meant(
    workspace: Workspace, work: Services
) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, ANN.address)
    zoe = who("zoe@elsewhere.test")
    with workspace.worker.ingest() as tx:
        contact = tx.add_contact(zoe.name, "email", zoe.address, "test")
        ann = tx.add_contact(ANN.name, "email", ANN.address, "test")
        tx.add_identity(ann, "email", safe("ann@home.test"), "test")
    workspace.arrive("Hello", author=zoe, contact=contact, contact_id=contact)
    workspace.arrive("Me", sender="ann@home.test", contact=ann, contact_id=ann)
    draft = (await again(work, item)).draft
    assert codes(work, Letter(replace(draft, to=(zoe,)))) == ["not_in_first"]
    for right in ("bob@customer.example", "ann@home.test", "ann@customer.example"):
        assert "not_in_first" not in codes(work, Letter(replace(draft, to=(who(right),)))), right


@pytest.mark.parametrize(
    ("first", "to", "asked"), [(ANN, CY, True), (ANN, ANN, False), (CY, ANN, True), (CY, BOB, False)]
)
def test_who_is_on_the_other_side_of_a_conversation_is_asked_about(first: Person, to: Person, asked: bool) -> None:
    """Cy and Bob are ones whom Ann knows nothing of."""
    now = presend.Situation(
        draft=draft(kind=DraftKind.AGAIN, to=(to,)),
        status=Status.OPEN,
        newer=(),
        proposed=(first,),
        last_people=keys_of([first]),
        known=frozenset(),
        own=frozenset(),
        with_whom=Customer(side=keys_of([ANN])),
        circle=Circle(partners=keys_of([ANN, BOB, CY])),
    )
    assert [one.code for one in presend.check(now)] == ["not_in_first"] * asked


async def test_an_address_that_a_report_alone_says_not_to_exist_is_asked_about(
    workspace: Workspace, work: Services
) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, BOB.address, mark=Deliverable.SOFT)
    draft = (await again(work, item)).draft
    assert codes(work, Letter(draft)) == ["doubted_address"]
    assert codes(work, Letter(replace(draft, to=(who("bob@customer.example"),)))) == []


@pytest.mark.parametrize(("whose", "passed"), [(ANN, False), (BOB, True)])
async def test_a_corrected_address_is_of_whom_it_was_for(
    workspace: Workspace, work: Services, whose: Person, passed: bool
) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, whose.address)
    corrected = who("right@corrected.example", whose.name)
    draft = (await again(work, item)).draft
    work.sending.send_now(Letter(replace(draft, to=(corrected,))))
    assert item.conversation_id is not None
    workspace.arrive("Thanks", into=item.conversation_id, author=corrected, at=10**16)
    work.desk.refresh()
    answer = replace(work.composer.reply(item.conversation_id).draft, to=(corrected,), text="Hi")
    assert ("customer_misses" in codes(work, Letter(answer))) is passed


async def test_it_waits_for_an_answer_again(workspace: Workspace, work: Services) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, ANN.address)
    assert item.conversation_id is not None
    before = workspace.reads.conversation(item.conversation_id)
    draft = (await again(work, item)).draft
    work.sending.send_now(Letter(replace(draft, to=(who("ann@customer.example"),))))
    after = workspace.reads.conversation(item.conversation_id)
    assert before is not None
    assert after is not None
    assert (before.status, after.status) == (Status.OPEN, Status.WAITING)


async def test_who_is_written_to_in_place_of_who_was_not_reached_is_the_customer(
    workspace: Workspace, work: Services
) -> None:
    ghost, right = who("ghost@customer.test", "Olha"), who("olha@customer.test", "Olha")
    begun = draft("It left.", agent="dana", kind=DraftKind.NEW, conversation_id=None, answers=None, to=(ghost,))
    item = work.sending.send_now(Letter(begun))
    came_back(workspace, item, ghost.address)
    assert item.conversation_id is not None

    def customer() -> tuple[str, list[str]]:
        found = workspace.reads.conversation(item.conversation_id or 0)
        assert found is not None
        contact = workspace.reads.contact(found.contact_id or 0)
        return str(found.customer), [str(one.value) for one in contact.identities] if contact else []

    corrected = replace((await again(work, item)).draft, to=(right,))
    assert "same_name" not in [one.code for one in work.sending.check(Letter(corrected))]
    anew = replace(corrected, kind=DraftKind.NEW, answers=None)
    assert "same_name" in [one.code for one in work.sending.check(Letter(anew))], "elsewhere either may be meant"
    second = work.sending.send_now(Letter(corrected))
    assert customer() == ("Olha", ["olha@customer.test"])
    taken_back = await work.sending.stop(second.id)
    assert taken_back is not None
    assert customer()[1] == ["ghost@customer.test"]
    work.sending.send_now(Letter(taken_back))
    workspace.arrive("Thanks", into=item.conversation_id, author=right, at=10**16)
    work.desk.refresh()
    started = work.composer.reply(item.conversation_id)
    assert [one.address for one in started.draft.to] == ["olha@customer.test"]
    assert not started.customer.is_left_out(started.draft.to)


async def test_a_customer_who_wrote_stays_the_customer(workspace: Workspace, work: Services) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, ANN.address)
    draft = (await again(work, item)).draft
    work.sending.send_now(Letter(replace(draft, to=(who("ann@elsewhere.test"),))))
    found = workspace.reads.conversation(item.conversation_id or 0)
    assert found is not None
    assert found.customer == ANN.name


async def test_who_gets_a_copy_of_what_is_written_again_does_not_become_the_customer(
    workspace: Workspace, work: Services
) -> None:
    item = answered(workspace, work)
    came_back(workspace, item, ANN.address)
    home, lawyer = who("ann@home.test", "Ann"), who("lawyer@law.test", "Ann")
    draft = replace((await again(work, item)).draft, to=(home,), cc=(lawyer,))
    work.sending.send_now(Letter(draft))
    assert item.conversation_id is not None
    asked = next(
        m for m in workspace.reads.items(item.conversation_id, None, 9) if getattr(m, "text", "") == "Where is it?"
    )
    assert isinstance(asked, Message)
    workspace.arrive("I am the lawyer", into=item.conversation_id, author=lawyer, at=10**16)
    work.desk.refresh()
    started = work.composer.reply(item.conversation_id, under_cursor=asked)
    assert [one.address for one in started.draft.to] == [ANN.address]
    to_him = replace(work.composer.reply(item.conversation_id).draft, to=(lawyer,), text="Hi")
    assert "customer_misses" in codes(work, Letter(to_him))
