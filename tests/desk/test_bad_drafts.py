"""What lies among the drafts and is none: it stays there, and the desk goes on."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent_tui.desk import drafts as journal
from agent_tui.desk.drafts import SideJournal, as_json
from agent_tui.desk.services import Services
from agent_tui.domain.outbox import Draft
from agent_tui.domain.times import NEVER, Micros
from tests.store.makers import Workspace

BAD_ID = "b" * 32
NAME = f"draft-{BAD_ID}.json"


@pytest.fixture
def good(workspace: Workspace, at_desk: Callable[..., Services], tmp_path: Path) -> Draft:
    conversation, _ = workspace.arrive()
    draft = replace(at_desk().composer.reply(conversation).draft, text="Precious words.", updated_at=Micros(1))
    SideJournal(tmp_path / "run").keep(draft, NEVER)
    return draft


def goes_on(at_desk: Callable[..., Services], good: Draft, bad: Path) -> None:
    start = at_desk()
    assert [draft.text for draft in start.drafts.parked()] == ["Precious words."]
    assert start.drafts.find(BAD_ID) is None
    assert asyncio.run(start.drafts.recover()) == 1
    assert [draft.id for draft in start.drafts.parked()] == [good.id]
    assert [left.name for left in bad.parent.iterdir()] == [NAME]


def test_a_pipe_is_not_waited_for(at_desk: Callable[..., Services], good: Draft, tmp_path: Path) -> None:
    path = tmp_path / "run" / NAME
    os.mkfifo(path)
    goes_on(at_desk, good, path)


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b'{"a":' * 200_000, b"", b"[]", b"7", b"\xff\xfe", b"{}", b"x" * (journal.LARGEST + 1)],
    ids=lambda content: repr(content[:6]),
)
def test_what_is_no_draft_ends_nothing(
    at_desk: Callable[..., Services], good: Draft, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "run" / NAME
    path.write_bytes(content)
    goes_on(at_desk, good, path)


@pytest.mark.parametrize(
    "changes",
    [
        {"updated_at": float("inf")},
        {"updated_at": 2**63},
        {"over": 2**70},
        {"conversation": "one"},
        {"answers": 10**30},
        {"answers": [1]},
        {"text": "\ud800"},
        {"subject": 5},
        {"to": [["Ann"]]},
        {"to": 5},
        {"files": [["a", "b", -(2**70), "c"]]},
        {"unread": [5]},
        {"kind": "song"},
        {"id": None},
    ],
    ids=str,
)
def test_values_that_no_store_takes_are_no_draft(
    at_desk: Callable[..., Services], good: Draft, tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / "run" / NAME
    path.write_text(json.dumps({**as_json(good), "id": BAD_ID, "over": NEVER, **changes}))
    goes_on(at_desk, good, path)


def test_a_draft_that_could_not_be_read_again_is_told(good: Draft, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="large"):
        SideJournal(tmp_path / "run").keep(replace(good, text="x" * journal.LARGEST), NEVER)
    assert [draft.text for draft, _ in SideJournal(tmp_path / "run").all()] == ["Precious words."]
