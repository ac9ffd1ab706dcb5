"""The line over the text being written: what it is, who gets it, by which channel, and whether it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent_tui import ages
from agent_tui.desk.recipients import address_key
from agent_tui.domain.conversation import Channel
from agent_tui.domain.message import Person
from agent_tui.domain.outbox import DraftFile, DraftKind
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, cut, in_cell, width
from agent_tui.widgets.look import Look, look_of
from agent_tui.widgets.one_line import OneLine
from agent_tui.words import _, ngettext, pgettext

SENDER_ROOM = 20
"""Cells below which our own address is not begun."""


@dataclass(frozen=True, slots=True)
class HeadState:
    """What the line tells."""

    kind: DraftKind = DraftKind.REPLY
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    added: frozenset[str] = frozenset()
    """Folded addresses that were not proposed."""
    removed: tuple[Person, ...] = ()
    """Proposed ones that were taken out."""
    channel: Channel = Channel.EMAIL
    sender: str = ""
    """Our own address, where there are several."""
    state: str = ""
    state_role: str = "faint"
    unread: tuple[str, ...] = field(default=())
    """Typed recipients that are no address."""


def kind_label(kind: DraftKind) -> str:
    """The word on the patch."""
    return {
        DraftKind.REPLY: pgettext("composer", "REPLY"),
        DraftKind.REPLY_ALL: pgettext("composer", "REPLY ALL"),
        DraftKind.FORWARD: pgettext("composer", "FORWARD"),
        DraftKind.NEW: pgettext("composer", "NEW"),
        DraftKind.NOTE: pgettext("composer", "NOTE"),
    }[kind]


class ComposerHead(OneLine):
    """Kind, recipients, channel, state."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shown_state = HeadState()
        self._hidden: list[str] = []

    def not_shown(self) -> tuple[str, ...]:
        """Addresses that do not stand here whole, as wide as the line is now.

        Asked of the line itself, not of the last paint: a key may come before it.
        """
        self.fill(Line(), self.size.width, look_of(self))
        return tuple(self._hidden)

    def tell(self, state: HeadState) -> None:
        """Something changed."""
        if state != self.shown_state:
            self.shown_state = state
            self.ground = "note" if state.kind is DraftKind.NOTE else "ground"
            self.refresh()

    def fill(self, line: Line, width_: int, look: Look) -> None:
        """Left the kind and the recipients, right the state."""
        now, palette, ground = self.shown_state, look.palette, self.ground
        self._hidden = []
        note = now.kind is DraftKind.NOTE
        line.add(f" {kind_label(now.kind)} ", palette.chip("due" if note else "accent")).add(
            "  ", palette("text", ground)
        )
        right = cut(in_cell(now.state), max(0, width_ // 2), look.glyphs.ellipsis)
        room = width_ - max(width(right), width(_("saved"))) - 3  # who gets it does not move when it is saved
        if note:
            words = cut(_("only your team sees this"), max(0, room - line.width), look.glyphs.ellipsis)
            line.add(words, palette("due", ground))
        else:
            road = _("by {channel}").format(channel=labels.channel(now.channel))
            sender = _("from {address}").format(address=in_cell(now.sender)) if now.sender else ""
            self._recipients(line, room, look)  # first of all whom it goes to; ctrl+r shows the rest
            line.add("  ", palette("text", ground))
            if sender and room - line.width >= min(width(sender), SENDER_ROOM):
                sender = cut(sender, room - line.width, look.glyphs.ellipsis)
                line.add(sender, palette("quiet", ground)).add("  ", palette("text", ground))
            if line.width + width(road) <= room:
                line.add(road, palette("faint", ground))
        line.up_to(width_ - width(right) - 1, palette("text", ground))
        line.add(right, palette(now.state_role, ground))

    def _recipients(self, line: Line, room: int, look: Look) -> None:
        """Everybody as far as there is room; how many more are not shown."""
        now, palette = self.shown_state, look.palette
        groups = [(_("to"), now.to), (_("cc"), now.cc), (_("bcc"), now.bcc)]
        pieces: list[tuple[str, str, str]] = []
        addresses = [person.address or person.name for _label, people in groups for person in people]
        for label, people in groups:
            for index, person in enumerate(people):
                new = address_key(person.address) in now.added
                name = in_cell(person.address or person.name)
                prefix = f"{label} " if index == 0 else ""
                pieces.append((prefix, f"+{name}" if new else name, "underline" if new else ""))
        pieces += [("", f"-{in_cell(person.address or person.name)}", "underline") for person in now.removed]
        pieces += [("", f"?{in_cell(text)}", "underline") for text in now.unread]
        if not pieces:
            line.add(cut(_("to nobody yet"), max(0, room - line.width), look.glyphs.ellipsis), palette("due"))
            return
        for index, (prefix, text, weight) in enumerate(pieces):
            left = len(pieces) - index
            more = ngettext("and {n} more", "and {n} more", left).format(n=left)
            rest = ngettext("and {n} more", "and {n} more", left - 1).format(n=left - 1)
            after = width(rest) + 2 if left > 1 else 0  # how many more there are is told whole
            free = room - line.width - width(prefix) - after
            if index and free < width(text):
                line.add(cut(more, max(0, room - line.width), look.glyphs.ellipsis), palette("quiet"))
                self._hidden += addresses[index:]
                return
            line.add(prefix, palette("quiet"))
            role = "late" if text.startswith("?") else "due" if weight else "text"
            if index < len(addresses) and width(text) > free:
                self._hidden.append(addresses[index])
            line.add(cut(text, max(4, free), look.glyphs.ellipsis), palette(role, weight=weight))
            if left > 1:
                line.add("  ", palette("text"))


class ComposerFiles(OneLine):
    """The files that go along."""

    DEFAULT_CSS = "ComposerFiles { display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.files: tuple[DraftFile, ...] = ()

    def tell(self, files: tuple[DraftFile, ...]) -> None:
        """Other files."""
        if files != self.files:
            self.files = files
            self.display = bool(files)
            self.refresh()

    def fill(self, line: Line, width_: int, look: Look) -> None:
        """Names and sizes."""
        palette = look.palette
        line.add(" ", palette("text"))
        for index, file in enumerate(self.files):
            left = len(self.files) - index
            text = f"{in_cell(file.name)}  {ages.size(file.size)}"
            if index and line.width + width(text) + 4 > width_ - 12:
                line.add(ngettext("and {n} more", "and {n} more", left).format(n=left), palette("quiet"))
                return
            line.add(cut(text, max(4, width_ - line.width - 1), look.glyphs.ellipsis), palette("quiet"))
            line.add("   ", palette("text"))
