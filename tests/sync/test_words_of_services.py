"""What services say is kept as safe text: JSON and screens show it as it is stored."""

from __future__ import annotations

import pytest

from agent_tui.backends.api import Rejected, Sent, Unknown
from agent_tui.domain.outbox import OutboxState
from tests.hostile import controls
from tests.sync.scripted import BACKENDS, Service, account
from tests.sync.workspace import Workspace, running, settings, until

EVIL = "\x1b]52;c;eA==\x07no\r\nX: \u202ey\x00"


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (Rejected("refused", {"server_said": EVIL, "address": EVIL}), OutboxState.REJECTED),
        (Rejected("refused", {"server_said": EVIL}, passing=True, retry_after=600), OutboxState.QUEUED),
        (Unknown("odd_answer", {"server_said": EVIL}), OutboxState.UNKNOWN),
        (Sent(refused={f"b{EVIL}@customer.test": EVIL}), OutboxState.SENT),
    ],
    ids=["rejected", "later", "unknown", "some refused"],
)
async def test_answers_to_what_was_sent(
    workspace: Workspace, answer: Sent | Rejected | Unknown, ends: OutboxState
) -> None:
    service = Service(answer=lambda item: answer)
    service.says("hello")
    workspace.writes.put_account(account("a", service))
    async with running(settings(workspace, {("a", "token"): "t"}, BACKENDS)):
        (row,) = await until(workspace.rows)
        item = workspace.queue(row.id, "ann", account="a").id
        await until(lambda: (found := workspace.reads.outbox_item(item)) is not None and found.fault is not None)
    found = workspace.reads.outbox_item(item)
    assert found is not None
    assert found.fault is not None
    assert found.state is ends
    kept = [*found.fault.parameters, *found.fault.parameters.values()]
    assert kept
    assert not [text for text in kept if controls(text) or "\n" in text or "\r" in text]
