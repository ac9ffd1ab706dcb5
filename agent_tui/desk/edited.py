"""Texts that stayed in the agent's own editor when its desk was killed: the next start brings them to their drafts."""

from __future__ import annotations

from dataclasses import replace

from agent_tui.desk import editing
from agent_tui.desk.drafts import Drafts, new_id
from agent_tui.desk.quoting import clean
from agent_tui.desk.workspace import Desk
from agent_tui.domain.outbox import Draft, DraftKind
from agent_tui.domain.text import NOTHING

PATIENCE = 2.0
"""Seconds that a start waits for the store; what cannot be kept in it then is kept aside."""


def is_same(text: str, other: str) -> bool:
    """No word differs: editors end a text with a line of their own, and leave out what no text may hold."""
    return text.rstrip("\n") == clean(other).rstrip("\n")


def take_over(desk: Desk, drafts: Drafts, being_written: str = "") -> int:
    """Bring what was saved in an editor to the drafts; how many hold it now.

    A draft that is `being_written` here already goes its own way. Waits for the store: were the agent to go on with a
    draft meanwhile, he would do so from its older words.
    """
    taken = 0
    for left in editing.left_behind(desk.settings.editing):
        text = left.text()
        if text is None:
            left.let_go()
            continue
        given, standing = left.draft(), drafts.find(left.draft_id)
        held = _holding(desk, text, given, standing, in_use=left.draft_id == being_written)
        if held is not None:
            if standing is not None and held.id == standing.id:
                drafts.opened(standing)
            if drafts.keep_now(held, PATIENCE).where == "nowhere":
                left.let_go()
                continue
            taken += held.agent == desk.agent
        left.forget()
    return taken


def _holding(desk: Desk, text: str, given: Draft | None, standing: Draft | None, *, in_use: bool) -> Draft | None:
    """The draft that takes a text up; None where nothing was written into it.

    It is the one that the editor was opened from, if nobody touched that since; else one of its own. An empty file is
    no wish to delete: an editor may have been killed while it wrote.
    """
    if not text.strip() or any(is_same(text, known.text) for known in (given, standing) if known is not None):
        return None
    if given is not None and standing is not None and standing.updated_at <= given.updated_at and not in_use:
        return replace(given, text=text)
    base = given or standing
    if base is not None:
        return replace(base, id=new_id(), text=text)
    account = next((one.id for one in desk.accounts() if not one.offline), "")
    return Draft(new_id(), desk.agent, DraftKind.NEW, None, account, (), (), (), NOTHING, text)
