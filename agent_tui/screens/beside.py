"""Beside an open composer letters are easily meant as text: none of them changes anything or leads away from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_tui.screens.commands import Command, Group, Where
from agent_tui.widgets.hint_line import Hint
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.hands_answer import Answering

BACK_TO_TEXT = ("reply", "reply.all", "pane.switch")
KEPT = (Group.CHANGE, Group.ANSWER, Group.GO)
"""What changes something, begins another text, or leads elsewhere. Moving, folding and searching stay free."""
ANSWERS = ("reply", "reply.all")
LEADS_AWAY = ("conversation.next", "conversation.previous")


def kept_from(writing: Answering, command: Command) -> bool:
    """True where the command is not carried out: it led back to the text, or it was told why nothing was done."""
    screen = writing.screen
    reads = screen.where is Where.THREAD
    if command.id in ANSWERS and not reads and screen.inbox.current != writing.conversation:
        return False  # whoever stands under the cursor is answered, and the open text put aside
    if command.id in BACK_TO_TEXT or (reads and command.id == "back"):
        writing.write_on()
        return True
    if command.group not in KEPT and not (reads and command.id in LEADS_AWAY):
        return False
    key = screen.strokes.keymap.key_of("reply")
    screen.bars.say(_("Your text is open below; nothing was done."), Hint(key, _("write on")))
    return True
