"""The side panel as lines: the customer's addresses, his other conversations, the files of this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.strip import Strip

from agent_tui import ages
from agent_tui.desk.conversation import SidePanel
from agent_tui.domain.contact import Deliverable, Identity
from agent_tui.domain.conversation import Channel, Conversation, OtherConversation
from agent_tui.domain.message import Attachment, Message
from agent_tui.domain.returned import CODE
from agent_tui.domain.times import Micros
from agent_tui.widgets import labels
from agent_tui.widgets.cells import Line, cut, cut_name, in_cell, width
from agent_tui.widgets.file_words import name_of
from agent_tui.widgets.look import Look
from agent_tui.words import _, ngettext

LABEL = 10
OTHERS, FILES = 12, 8


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One line: a label or date left, a value, something right; and what Enter does on it."""

    left: str = ""
    value: str = ""
    right: str = ""
    left_role: str = "faint"
    value_role: str = "text"
    right_role: str = "faint"
    weight: str = ""
    conversation: int | None = None
    file: tuple[Message, Attachment] | None = None


def lines(panel: SidePanel, present: Micros) -> list[PanelLine]:
    """All sections that have something."""
    found = [*_customer(panel, present), *_others(panel, present), *_tied(panel, present), *_files(panel)]
    return found or [PanelLine(value=_("Nobody is known here."), value_role="quiet")]


def _customer(panel: SidePanel, present: Micros) -> list[PanelLine]:
    contact = panel.contact
    if contact is None:
        return []
    name = in_cell(contact.name).strip() or _("unknown name")
    said = [PanelLine(value=name, weight="bold")]
    since = _("since {time}").format(time=ages.date(contact.first_seen_at, present))
    if contact.conversation_count:
        count = ngettext("{n} conversation", "{n} conversations", contact.conversation_count)
        since = count.format(n=contact.conversation_count) + f" · {since}"
    said.append(PanelLine(value=since, value_role="quiet"))
    said.extend(_identity(one) for one in contact.identities)
    return said


def _identity(one: Identity) -> PanelLine:
    state, role = {
        Deliverable.OK: ("", "faint"),
        Deliverable.SOFT: (_("came back") if _came_back(one) else _("delayed"), "due"),
        Deliverable.HARD: (_("refused"), "late"),
    }[one.deliverable]
    return PanelLine(left=_kind(one.kind), value=in_cell(one.value), right=state, right_role=role)


def _came_back(one: Identity) -> bool:
    """A failure for good that is not proven, or is not the address's own: nothing of it is on its way any more."""
    return next(iter(CODE.findall(one.deliverable_detail)), "").startswith("5")


def _kind(kind: str) -> str:
    known = {"email": _("mail"), "phone": _("phone"), "chat": _("chat"), "sms": _("sms")}
    return known.get(kind.partition(":")[0], in_cell(kind))


def _untitled(channel: Channel) -> str:
    return _("no subject") if channel is Channel.EMAIL else _("a chat")


def _others(panel: SidePanel, present: Micros) -> list[PanelLine]:
    found = [_other(one, in_cell(one.subject).strip() or _untitled(one.channel), present) for one in panel.others]
    return _section(_("Other conversations"), found)


def _tied(panel: SidePanel, present: Micros) -> list[PanelLine]:
    found = []
    for one in panel.tied:
        words = in_cell(one.by or one.conversation.subject).strip() or _untitled(one.conversation.channel)
        found.append(_other(one.conversation, f"#{one.conversation.number} {words}", present))
    return _section(_("Tied by a reference, not joined"), found)


def _section(title: str, found: list[PanelLine]) -> list[PanelLine]:
    """Under its title, as many as there is room for; nothing where there are none."""
    if not found:
        return []
    said = [PanelLine(), PanelLine(value=title, value_role="quiet", weight="bold"), *found[:OTHERS]]
    if (more := len(found) - OTHERS) > 0:
        said.append(PanelLine(value=_("and {n} more").format(n=more), value_role="faint"))
    return said


def _other(one: Conversation | OtherConversation, words: str, present: Micros) -> PanelLine:
    """A line that leads to another conversation."""
    return PanelLine(
        left=ages.age(one.last_at, present),
        value=words,
        right=labels.status(one.status),
        right_role=labels.STATUS_ROLES[one.status],
        conversation=one.id,
    )


def _files(panel: SidePanel) -> list[PanelLine]:
    if not panel.files:
        return []
    said = [PanelLine(), PanelLine(value=_("Attachments"), value_role="quiet", weight="bold")]
    for message, attachment in panel.files[-FILES:][::-1]:
        said.append(
            PanelLine(value=name_of(attachment.name), right=ages.size(attachment.size), file=(message, attachment))
        )
    return said


class PanelRows:
    """The lines of the side panel for a `VirtualList`."""

    def __init__(self, found: Sequence[PanelLine] = ()) -> None:
        self.panel = list(found)

    @property
    def count(self) -> int:
        """How many lines."""
        return len(self.panel)

    lines = count

    def top(self, row: int) -> int:
        """Each row is one line."""
        return row

    def height(self, row: int) -> int:
        """Each row is one line."""
        return 1

    def at(self, line: int) -> int:
        """Each row is one line."""
        return line

    def draw(self, row: int, part: int, width_: int, look: Look, *, current: bool, active: bool) -> Strip:
        """Label left, value, state right."""
        said, line, palette = self.panel[row], Line(), look.palette
        line.add(look.glyphs.bar if current and active else " ", palette("accent"))
        right = cut(said.right, 10, look.glyphs.ellipsis)
        room = width_ - 2 - (width(right) + 1 if right else 0)
        if said.left:
            line.cell(said.left, LABEL if width_ >= 30 else 6, palette(said.left_role))
        free = room - line.width + 1
        value = cut_name(said.value, free) if said.file is not None else said.value
        line.cell(value, free, palette(said.value_role, weight=said.weight))
        if right:
            line.add(" ", palette("text")).add(right, palette(said.right_role))
        return line.strip(width_, palette("text"))
