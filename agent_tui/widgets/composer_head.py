"""The line over the text being written: what it is, who gets it, by which channel, and whether it is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from agent_tui import ages
from agent_tui.desk.recipients import address_key
from agent_tui.domain.conversation import Channel
from agent_tui.domain.message import Person
from agent_tui.domain.outbox import DraftFile, DraftKind
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, cut, cut_name, in_cell, width
from agent_tui.widgets.composer_keys import WRITING
from agent_tui.widgets.file_words import name_of
from agent_tui.widgets.look import Look, look_of
from agent_tui.widgets.one_line import OneLine
from agent_tui.words import _, ngettext, pgettext

SENDER_ROOM = 9
"""Cells below which our own address is not begun."""
SUBJECT_ROOM = 12
"""Cells below which the subject is not."""
MISSED_ROOM = 30
"""Cells at most that tell who does not get it."""
LINES_FOR_A_FILE = 10
"""Lines of the screen for each file that has one of its own."""
ALL_FILES = next(one.key for one in WRITING if one.asks == "attach")
"""The key that lists all files."""


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
    subject: str = ""
    """Where it stands nowhere else."""
    missed: str = ""
    """The customer, where he gets nothing of it."""


def kind_label(kind: DraftKind) -> str:
    """The word on the patch."""
    return {
        DraftKind.REPLY: pgettext("composer", "REPLY"),
        DraftKind.REPLY_ALL: pgettext("composer", "REPLY ALL"),
        DraftKind.FORWARD: pgettext("composer", "FORWARD"),
        DraftKind.AGAIN: pgettext("composer", "AGAIN"),
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
            sender, sends = in_cell(now.sender), _("from {address}")
            missed = _("not to {customer}").format(customer=in_cell(now.missed)) if now.missed else ""
            missed = cut(missed, max(0, min(MISSED_ROOM, room // 2)), look.glyphs.ellipsis)
            # first of all whom it goes to; ctrl+r shows the rest
            self._recipients(line, room - (width(missed) + 2 if missed else 0), look)
            line.add("  ", palette("text", ground))
            if missed:
                line.add(missed, palette("due", ground)).add("  ", palette("text", ground))
            subject = in_cell(now.subject)
            if subject and room - line.width >= min(width(subject), SUBJECT_ROOM):
                subject = cut(subject, room - line.width, look.glyphs.ellipsis)
                line.add(subject, palette("text", ground)).add("  ", palette("text", ground))
            free = room - line.width - width(sends.format(address=""))
            if sender and free >= min(width(sender), SENDER_ROOM):
                sends = sends.format(address=cut(sender, free, look.glyphs.ellipsis))
                line.add(sends, palette("quiet", ground)).add("  ", palette("text", ground))
            elif sender:  # which of our addresses it goes out from says more than the road
                road = ""
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


class ComposerFiles(Widget):
    """The files that go along, each on a line; how many more there are, and the key that lists them all."""

    DEFAULT_CSS = "ComposerFiles { display: none; height: auto; width: 1fr; background: $ground; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.files: tuple[DraftFile, ...] = ()

    def tell(self, files: tuple[DraftFile, ...]) -> None:
        """Other files."""
        if files != self.files:
            self.files = files
            self.display = bool(files)
            self.refresh(layout=True)

    @property
    def lines(self) -> int:
        """A line for each file, as far as the text keeps its room."""
        return min(len(self.files), max(1, self.screen.size.height // LINES_FOR_A_FILE))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As its lines."""
        return self.lines

    def render_line(self, y: int) -> Strip:
        """One file: name and size."""
        look, line = look_of(self), Line()
        if y < len(self.files):
            self.fill(line, y, self.size.width, look)
        return line.strip(self.size.width, look.palette("text"))

    def fill(self, line: Line, index: int, width_: int, look: Look) -> None:
        """A file; behind the last one that has room, how many more there are."""
        palette, file = look.palette, self.files[index]
        more = len(self.files) - self.size.height if index == self.size.height - 1 else 0
        rest = ngettext("and {n} more", "and {n} more", more).format(n=more) + f"  {ALL_FILES}" if more > 0 else ""
        size = f"  {ages.size(file.size)}"
        room = width_ - 2 - width(size) - (width(rest) + 3 if rest else 0)
        line.add(" ", palette("text")).add(cut_name(name_of(file.name), max(8, room)), palette("quiet"))
        line.add(size, palette("faint"))
        if rest:
            line.add("   ", palette("text")).add(rest, palette("due"))
