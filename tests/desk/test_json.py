"""The shapes that are printed."""

from __future__ import annotations

import json as plain
from dataclasses import replace

from agent_tui.desk import json as shapes
from agent_tui.desk.letters import Letter, NoteDraft
from agent_tui.desk.services import Services
from tests.store.makers import Workspace


def test_a_conversation_whole(workspace: Workspace, work: Services) -> None:
    conversation, _ = workspace.arrive("Where is it?\n> quoted", subject="Parcel")
    work.sending.add_note_now(NoteDraft(replace(work.composer.note(conversation).draft, text="ask")))
    work.sending.send_now(Letter(replace(work.composer.reply(conversation).draft, text="Soon")))
    shape = shapes.conversation(work.desk, conversation)
    assert shape is not None
    assert plain.loads(plain.dumps(shape)) == shape
    assert {"id", "number", "subject", "status", "channel", "account", "customer", "assignee", "priority", "tags"} <= (
        shape.keys()
    )
    assert shape["status"] == "waiting"
    kinds = [message["kind"] for message in shape["messages"]]
    assert [kind for kind in kinds if kind != "event"] == ["message", "note", "message"]
    for message in shape["messages"]:
        assert {
            "id", "kind", "direction", "author", "to", "cc", "sent_at", "subject", "text", "visible_text",
            "attachments", "delivery", "placement",
        } <= message.keys()  # fmt: skip
    last = [message for message in shape["messages"] if message["kind"] == "message"][-1]
    assert (last["direction"], last["delivery"], last["placement"]["rule"]) == ("out", "queued", "outbox")
    assert last["sent_at"].endswith("Z")
    assert shapes.conversation(work.desk, 999) is None


def test_the_outbox_and_the_export(workspace: Workspace, work: Services) -> None:
    ids = {workspace.arrive(f"m{n}")[0] for n in range(3)}
    first = min(ids)
    work.sending.send_now(Letter(replace(work.composer.reply(first).draft, text="Hi")))
    item = shapes.outbox(work.sending.outbox()[0])
    assert (item["state"], item["conversation"], item["error"]) == ("held", first, None)
    assert [who["address"] for who in item["to"]] == ["ann@example.com"]
    assert {shape["id"] for shape in shapes.export(work.desk)} == ids


def test_a_long_conversation_is_printed_whole(workspace: Workspace, work: Services) -> None:
    from tests.store.makers import arrive

    with workspace.worker.ingest() as tx:
        conversation, _ = arrive(tx, "0")
        for n in range(1, shapes.ITEMS + 20):
            arrive(tx, str(n), into=conversation, at=n)
    shape = shapes.conversation(work.desk, conversation)
    assert shape is not None
    assert [m["text"] for m in shape["messages"]] == [str(n) for n in range(shapes.ITEMS + 20)]
