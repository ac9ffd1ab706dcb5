"""The line under a conversation: what of the agent's own waits in it, a draft or an answer that leaves later."""

from __future__ import annotations

from agent_tui.named_keys import key_shown
from agent_tui.widgets.cells import Line, cut
from agent_tui.widgets.hint_line import Hint
from agent_tui.widgets.look import Look
from agent_tui.widgets.one_line import OneLine


class ThreadFoot(OneLine):
    """Shown only while something waits."""

    DEFAULT_CSS = "ThreadFoot { display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.said: tuple[tuple[str, Hint], ...] = ()

    def tell(self, said: tuple[tuple[str, Hint], ...]) -> None:
        """Sentences, each with its key; nothing is drawn where nothing changed."""
        if said != self.said:
            self.said = said
            self.display = bool(said)
            self.refresh()

    def fill(self, line: Line, width: int, look: Look) -> None:
        """As many as there is room for."""
        palette = look.palette
        line.add(" ", palette("text"))
        for text, hint in self.said:
            room = width - line.width - 1
            if room < 12:
                return
            line.add(cut(text, room, look.glyphs.ellipsis), palette("accent")).add("  ", palette("text"))
            key = key_shown(hint.key)
            if line.width + len(key) + len(hint.word) + 4 <= width:
                line.add(key, palette("accent")).add(f" {hint.word}   ", palette("quiet"))
