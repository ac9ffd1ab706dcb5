"""The keys while writing, declared once: for the bindings, the hint line, the help and the key documentation."""

from __future__ import annotations

from dataclasses import dataclass

from agent_tui.words import N_, _


@dataclass(frozen=True, slots=True)
class WritingKey:
    """One key of the composer."""

    key: str
    asks: str
    title: str
    """What help and documents call it."""
    hint: str
    """The word of the hint line."""
    notes: bool = False
    """It means something while a note is written."""

    @property
    def shown(self) -> str:
        """Its title in the agent's language."""
        return _(self.title)

    @property
    def shown_hint(self) -> str:
        """Its hint in the agent's language."""
        return _(self.hint)


WRITING: tuple[WritingKey, ...] = (
    WritingKey("ctrl+s", "send", N_("Send; in a note: keep it"), N_("send"), notes=True),
    WritingKey("ctrl+t", "send_and_solve", N_("Send, or keep the note, and solve"), N_("& solve"), notes=True),
    WritingKey("escape", "park", N_("Put it aside; the draft stays"), N_("keep"), notes=True),
    WritingKey("ctrl+o", "attach", N_("Attach a file, take one off"), N_("attach")),
    WritingKey("ctrl+r", "recipients", N_("To, Cc, Bcc, subject"), N_("to, cc")),
    WritingKey("ctrl+g", "editor", N_("Your own editor"), N_("editor"), notes=True),
    WritingKey("ctrl+n", "send_later", N_("Send at a time"), N_("send later")),
)
"""In the order of the hint line. Ctrl+Enter sends as well, where the terminal has it."""
