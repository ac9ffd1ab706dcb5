"""Beside an open composer letters are easily meant as text: none of them changes anything there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent_tui.screens.commands import Command, Group, Where
from agent_tui.widgets.hint_line import Hint
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.hands_answer import Answering

BACK_TO_TEXT = ("reply", "reply.all", "pane.switch", "back")
FREE = ("compose", "drafts")


def kept_from(writing: Answering, command: Command) -> bool:
    """True where the command is not carried out: it led back to the text, or it was told why nothing was done."""
    screen = writing.screen
    if screen.where is not Where.THREAD:
        return False
    if command.id in BACK_TO_TEXT:
        writing.write_on()
        return True
    if command.group not in (Group.CHANGE, Group.ANSWER) or command.id in FREE:
        return False
    key = screen.strokes.keymap.key_of("reply")
    screen.bars.say(_("Your text is open below; nothing was done."), Hint(key, _("write on")))
    return True
