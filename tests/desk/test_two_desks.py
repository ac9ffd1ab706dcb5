"""A line hangs, its agent signs in again and goes on; the desk left behind ends minutes later, or writes on."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent_tui.desk.drafts import Kept, SideJournal
from agent_tui.desk.letters import Letter, NoteDraft
from agent_tui.desk.sending import CannotSend
from agent_tui.desk.services import Services
from agent_tui.domain.outbox import Draft
from agent_tui.domain.times import Micros
from tests.store.makers import Workspace

AtDesk = Callable[..., Services]


def begun(workspace: Workspace, here: Services, text: str = "Old line") -> Draft:
    """A reply that one desk began and kept."""
    conversation, _ = workspace.arrive()
    draft = replace(here.composer.reply(conversation).draft, text=text)
    assert here.drafts.keep_now(draft).where == "store"
    return draft


def goes_on(there: Services, draft: Draft, text: str) -> Draft:
    """The other desk takes the draft up and writes on."""
    found = there.drafts.find(draft.id)
    assert found is not None
    taken = replace(there.composer.resume(found).draft, text=text)
    assert there.drafts.keep_now(taken).where == "store"
    return taken


def texts(work: Services) -> list[str]:
    return sorted(draft.text for draft in work.desk.reads.drafts("dana"))


@pytest.fixture
def here(at_desk: AtDesk) -> Services:
    return at_desk()


@pytest.fixture
def there(at_desk: AtDesk) -> Services:
    return at_desk()


def test_a_desk_where_nothing_was_written_since_changes_nothing(
    workspace: Workspace, here: Services, there: Services
) -> None:
    draft = begun(workspace, here)
    goes_on(there, draft, "Old line, and a new paragraph")
    assert here.drafts.keep_now(draft).where == "store"
    assert texts(there) == ["Old line, and a new paragraph"]


def test_what_was_written_at_both_is_kept_of_both(workspace: Workspace, here: Services, there: Services) -> None:
    draft = begun(workspace, here)
    goes_on(there, draft, "Written there")
    kept = here.drafts.keep_now(replace(draft, text="Written here"))
    assert texts(there) == ["Written here", "Written there"]
    assert kept.draft.id != draft.id
    assert here.drafts.current(draft).id == kept.draft.id
    here.drafts.keep_now(replace(draft, text="Written here, and more"))  # the composer does not know of it yet
    here.drafts.keep_now(replace(kept.draft, text="Written here, and still more"))
    assert texts(there) == ["Written here, and still more", "Written there"]


@pytest.mark.parametrize(("text", "left"), [("Old line", []), ("Old line, more", ["Old line, more"])])
def test_what_was_sent_there_is_not_brought_back_here(
    workspace: Workspace, here: Services, there: Services, text: str, left: list[str]
) -> None:
    draft = begun(workspace, here)
    taken = goes_on(there, draft, "Sent there")
    there.sending.send_now(Letter(taken))
    kept = here.drafts.keep_now(replace(draft, text=text))
    assert texts(there) == left
    assert (kept.draft.id != draft.id) == bool(left)


def test_of_one_draft_at_two_desks_one_message_leaves(workspace: Workspace, here: Services, there: Services) -> None:
    draft = begun(workspace, here)
    found = there.drafts.find(draft.id)
    assert found is not None
    taken = there.composer.resume(found).draft
    here.sending.send_now(Letter(draft))
    with pytest.raises(CannotSend) as refused:
        there.sending.send_now(Letter(taken))
    assert refused.value.code == "draft_moved"
    assert len(there.sending.outbox()) == 1
    assert texts(there) == ["Old line"], "what was written there is not lost"
    there.sending.send_now(Letter(there.drafts.current(taken)))  # who means it sends it all the same
    assert len(there.sending.outbox()) == 2


def test_of_one_note_at_two_desks_one_is_kept(workspace: Workspace, here: Services, there: Services) -> None:
    conversation, _ = workspace.arrive()
    draft = replace(here.composer.note(conversation).draft, text="Ask Ihor")
    here.drafts.keep_now(draft)
    taken = goes_on(there, draft, "Ask Ihor, today")
    there.sending.add_note_now(NoteDraft(taken))
    with pytest.raises(CannotSend):
        here.sending.add_note_now(NoteDraft(draft))
    assert texts(here) == ["Ask Ihor"]


def test_what_was_taken_back_is_sent_again(workspace: Workspace, here: Services) -> None:
    draft = begun(workspace, here)
    item = here.sending.send_now(Letter(draft))
    back = asyncio.run(here.sending.stop(item.id))
    assert back is not None
    again = replace(here.composer.resume(back).draft, text="Old line, mended")
    assert here.drafts.keep_now(again).draft.id == draft.id
    here.sending.send_now(Letter(again))
    assert texts(here) == []


def test_a_store_that_is_busy_is_not_waited_for(workspace: Workspace, here: Services, at_desk: AtDesk) -> None:
    """Within a second of typing the text lies somewhere; once the store is free it lies there alone."""
    draft = begun(workspace, here)
    raw = sqlite3.connect(workspace.home / "store.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")

    async def typed() -> None:
        began = time.monotonic()
        first = await here.drafts.keep(replace(draft, text="Precious"))
        assert time.monotonic() - began < 1
        second = await here.drafts.keep(replace(draft, text="Precious words"))
        assert [(kept.where, kept.fault) for kept in (first, second)] == [("runtime", "locked")] * 2
        killed = at_desk()
        assert [found.text for found in killed.drafts.parked()] == ["Precious words"]
        raw.execute("ROLLBACK")
        assert (await here.drafts.keep(replace(draft, text="Precious words."))).where == "store"

    asyncio.run(typed())
    raw.close()
    assert texts(here) == ["Precious words."]
    assert [found.text for found in at_desk().drafts.parked()] == ["Precious words."]


def test_what_a_killed_desk_kept_aside_is_taken_over_beside_what_was_written_since(
    workspace: Workspace, here: Services, there: Services, at_desk: AtDesk, tmp_path: Path
) -> None:
    draft = begun(workspace, here)
    stands = here.drafts.find(draft.id)
    assert stands is not None
    goes_on(there, draft, "Written there")
    aside = replace(draft, text="Kept aside", updated_at=Micros(stands.updated_at + 1))
    SideJournal(tmp_path / "run").keep(aside, over=stands.updated_at)
    next_start = at_desk()
    assert asyncio.run(next_start.drafts.recover()) == 1
    assert texts(next_start) == ["Kept aside", "Written there"]
    assert list((tmp_path / "run").iterdir()) == []


def test_the_other_desks_draft_can_be_gone_on_with_here(workspace: Workspace, here: Services, there: Services) -> None:
    """What was written here earlier has an id of its own by then, and neither takes the other's place."""
    draft = begun(workspace, here)
    goes_on(there, draft, "Written there")
    moved = here.drafts.keep_now(replace(draft, text="Written here")).draft
    goes_on(here, draft, "Written there, and more here")
    assert texts(there) == ["Written here", "Written there, and more here"]
    found = here.drafts.find(draft.id)
    assert found is not None
    here.sending.send_now(Letter(here.composer.resume(found).draft))
    assert [left.id for left in there.desk.reads.drafts("dana")] == [moved.id]


def test_what_is_thrown_away_here_is_what_was_written_here(
    workspace: Workspace, here: Services, there: Services
) -> None:
    draft = begun(workspace, here)
    goes_on(there, draft, "Written there")
    step = asyncio.run(here.drafts.discard(replace(draft, text="Written here")))
    assert texts(there) == ["Written there"]
    here.desk.write_now(lambda writes: writes.undo("dana", step.id))
    assert texts(there) == ["Written here", "Written there"]


def test_what_lies_aside_and_is_open_already_is_not_taken_over_once_more(
    workspace: Workspace, here: Services, tmp_path: Path
) -> None:
    draft = begun(workspace, here)
    stands = here.drafts.find(draft.id)
    assert stands is not None
    aside = replace(draft, text="Kept aside", updated_at=Micros(stands.updated_at + 1))
    SideJournal(tmp_path / "run").keep(aside, over=stands.updated_at)
    goes_on(here, draft, "Kept aside, and more")
    SideJournal(tmp_path / "run").keep(aside, over=stands.updated_at)  # read before it was gone on with
    assert asyncio.run(here.drafts.recover()) == 0
    assert texts(here) == ["Kept aside, and more"]


def test_a_slow_store_is_told_and_then_that_it_took_it(workspace: Workspace, here: Services) -> None:
    draft = begun(workspace, here)
    raw = sqlite3.connect(workspace.home / "store.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    told: list[str] = []

    def slow(kept: Kept) -> None:
        told.append(kept.where)
        raw.execute("ROLLBACK")

    kept = asyncio.run(here.drafts.keep(replace(draft, text="Precious"), slow=slow))
    raw.close()
    assert (told, kept.where) == (["runtime"], "store")
    assert texts(here) == ["Precious"]
