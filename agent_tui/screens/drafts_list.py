"""Drafts as lines of a sheet."""

from __future__ import annotations

from collections.abc import Sequence

from agent_tui import ages
from agent_tui.desk.quoting import own_words
from agent_tui.desk.workspace import Desk
from agent_tui.domain.outbox import Draft
from agent_tui.widgets.cells import cut, fit, in_cell
from agent_tui.widgets.composer_head import kind_label
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import _

KIND = 14
WHOM = 24


def draft_lines(drafts: Sequence[Draft], desk: Desk) -> list[SheetLine]:
    """Kind, for whom, how it begins, and when it was written."""
    present = desk.now()
    lines = []
    for draft in drafts:
        words = " ".join(own_words(draft.text, desk.settings.phrases).split())
        begins = cut(in_cell(words), 200) or _("nothing written yet")
        head = f"{fit(kind_label(draft.kind), KIND)} {fit(in_cell(whom(draft, desk)), WHOM)} "
        lines.append(SheetLine(head + begins, right=ages.age(draft.updated_at, present), value=draft.id))
    return lines or [SheetLine(_("No draft waits."), role="quiet")]


def whom(draft: Draft, desk: Desk) -> str:
    """The conversation's customer, or the first recipient."""
    if draft.conversation_id is not None:
        conversation = desk.reads.conversation(draft.conversation_id)
        if conversation is not None:
            return f"#{conversation.number} {conversation.customer}"
    return draft.to[0].shown if draft.to else _("nobody yet")
