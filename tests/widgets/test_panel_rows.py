"""What the side panel says of an address of the customer."""

from __future__ import annotations

import pytest

from agent_tui.content.safe import safe
from agent_tui.desk.conversation import SidePanel
from agent_tui.domain.contact import Contact, Deliverable, Identity
from agent_tui.domain.times import Micros
from agent_tui.widgets.panel_rows import lines


@pytest.mark.parametrize(
    ("deliverable", "detail", "said"),
    [
        (Deliverable.OK, "", ""),
        (Deliverable.SOFT, "4.4.1 connect timed out", "delayed"),
        (Deliverable.SOFT, "", "delayed"),
        (Deliverable.SOFT, "5.1.1 550 5.1.1 User unknown", "came back"),
        (Deliverable.SOFT, "5.2.2 552 mailbox full", "came back"),
        (Deliverable.HARD, "5.1.1 550 5.1.1 User unknown", "refused"),
    ],
)
def test_what_came_back_is_not_called_delayed(deliverable: Deliverable, detail: str, said: str) -> None:
    address = safe("nobody@customer.test")
    contact = Contact(1, safe("Ann"), (Identity(1, "email", address, deliverable, safe(detail)),), Micros(0))
    (line,) = [one for one in lines(SidePanel(contact, (), ()), Micros(0)) if one.value == address]
    assert line.right == said
