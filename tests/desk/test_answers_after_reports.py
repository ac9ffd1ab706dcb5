"""An answer after a delivery report goes to whom our message was for, never to the server that reported."""

from __future__ import annotations

import pytest

from agent_tui.content.safe import safe
from agent_tui.desk.compose import CannotCompose
from agent_tui.desk.letters import Letter
from agent_tui.desk.services import Services
from agent_tui.domain.contact import Deliverable
from agent_tui.domain.message import Automatic, Direction
from tests.desk.make import who
from tests.store.makers import Workspace

REPORT = {"sender": "mailer-daemon@mail.example.test", "automatic": Automatic.REPORT}
OURS = {"direction": Direction.OUT, "sender": "help@acme.example", "to": (who("nosuch@customer.test"),)}


def test_where_only_ours_stands_before_it_ours_goes_on(workspace: Workspace, work: Services) -> None:
    conversation, ours = workspace.arrive("Your parcel left", **OURS, subject=safe("Parcel"))
    workspace.arrive("I could not deliver it", into=conversation, at=1000, **REPORT)
    with workspace.worker.ingest() as tx:
        tx.add_contact(safe("Nobody"), "email", safe("nosuch@customer.test"), "test")
        tx.set_deliverable("email", "nosuch@customer.test", Deliverable.HARD, safe("550 5.1.1"))
    work.desk.refresh()
    draft = work.composer.reply(conversation).draft
    assert [person.address for person in draft.to] == ["nosuch@customer.test"]
    assert (draft.subject, draft.answers) == ("Re: Parcel", ours)
    assert "could not deliver" not in draft.text
    assert "bounced_address" in [finding.code for finding in work.sending.check(Letter(draft))]


def test_a_person_is_answered_before_a_report(workspace: Workspace, work: Services) -> None:
    conversation, asked = workspace.arrive("Where is it?")
    workspace.arrive("I could not deliver it", into=conversation, at=1000, **REPORT)
    work.desk.refresh()
    assert work.composer.reply(conversation, everybody=True).draft.answers == asked


def test_nobody_is_answered_where_only_a_report_stands(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive("I could not deliver it", **REPORT)
    work.desk.refresh()
    with pytest.raises(CannotCompose) as refused:
        work.composer.reply(conversation)
    assert refused.value.code == "only_reports"
