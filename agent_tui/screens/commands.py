"""Every command of the desk, declared once: its id, what it is called, what it does, its keys, and where it works.

The keys in use, the hint line, the palette, the help, the command line behind `:` and the key documentation are all
drawn from this table. Nothing here imports the screen library, so that documents can be made from it anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agent_tui.words import N_, _


class Where(StrEnum):
    """The place in which a key is pressed. A key means what the innermost place says."""

    SEARCH = "search"
    """A search is active: `n` and `N` step through its hits."""
    LIST = "list"
    THREAD = "thread"
    FOUND = "found"
    """In a conversation while a search is active: the same keys step through its hits there."""
    DESK = "desk"
    """List and conversation alike."""


class Group(StrEnum):
    """Sections of the help."""

    MOVE = N_("Move")
    ANSWER = N_("Answer")
    CHANGE = N_("Change")
    READ = N_("Read")
    GO = N_("Go to")
    DESK = N_("Desk")


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the agent can ask for."""

    id: str
    title: str
    """What help, palette and documents call it; translated when shown."""
    group: Group
    keys: tuple[str, ...]
    """Default keys, each a stroke or a sequence of strokes parted by spaces."""
    where: Where = Where.DESK
    hint: str = ""
    """The word of the hint line, where it stands there."""
    repeats: bool = False
    """A count before it repeats it: `5j`."""

    @property
    def shown(self) -> str:
        """Its title in the agent's language."""
        return _(self.title)

    @property
    def shown_hint(self) -> str:
        """Its hint in the agent's language."""
        return _(self.hint)


def _move() -> tuple[Command, ...]:
    move, lists, thread = Group.MOVE, Where.LIST, Where.THREAD
    return (
        Command("move.down", N_("Next row"), move, ("j", "down"), lists, repeats=True),
        Command("move.up", N_("Previous row"), move, ("k", "up"), lists, repeats=True),
        Command("page.down", N_("A page down"), move, ("pagedown", "ctrl+d"), repeats=True),
        Command("page.up", N_("A page up"), move, ("pageup", "ctrl+u"), repeats=True),
        Command("move.first", N_("Top; lets in what is new"), move, ("g g", "home"), hint=N_("top")),
        Command("move.last", N_("End; after a number: that row"), move, ("G", "end")),
        Command("open", N_("Open; 42 enter opens #42"), move,
                ("enter", "o", "l", "right"), lists, hint=N_("open")),
        Command("back", N_("Back"), move, ("u", "escape", "q", "left"), hint=N_("back")),
        Command("scroll.down", N_("A line down"), move, ("j", "down"), thread, repeats=True),
        Command("scroll.up", N_("A line up"), move, ("k", "up"), thread, repeats=True),
        Command("conversation.next", N_("Next conversation"), move, ("J",)),
        Command("conversation.previous", N_("Previous conversation"), move, ("K",)),
        Command("message.next", N_("Next message"), move, ("n",)),
        Command("message.previous", N_("Previous message"), move, ("p",)),
        Command("hit.next", N_("Next hit"), move, ("n",), Where.SEARCH, hint=N_("next hit")),
        Command("hit.previous", N_("Previous hit"), move, ("N",), Where.SEARCH, hint=N_("previous hit")),
        Command("pane.switch", N_("Between list and conversation"), move, ("tab", "shift+tab")),
    )  # fmt: skip


def _answer() -> tuple[Command, ...]:
    group = Group.ANSWER
    return (
        Command("reply", N_("Reply"), group, ("r",), hint=N_("reply")),
        Command("reply.all", N_("Reply to all"), group, ("a",)),
        Command("forward", N_("Forward"), group, ("f",)),
        Command("write.again", N_("Write again what came back"), group, ("W",), hint=N_("write again")),
        Command("compose", N_("Write a new message"), group, ("c",), hint=N_("write")),
        Command("note", N_("Write a note for your team"), group, ("N",), hint=N_("note")),
        Command("draft.discard", N_("Discard what is being written, or the draft that waits"), group, ()),
        Command("drafts", N_("Drafts that wait"), group, ("g t",), hint=N_("drafts")),
    )


def _change() -> tuple[Command, ...]:
    group = Group.CHANGE
    return (
        Command("solve", N_("Solve"), group, ("e",), hint=N_("solve")),
        Command("reopen", N_("Open again"), group, ("E",)),
        Command("snooze", N_("Snooze until a time"), group, ("h",), hint=N_("snooze")),
        Command("assign", N_("Assign to somebody"), group, ("A",), hint=N_("assign")),
        Command("assign.me", N_("Assign to me"), group, ("i",)),
        Command("tag", N_("Add or remove tags"), group, ("t",), hint=N_("tag")),
        Command("status", N_("Set the status"), group, ("s",)),
        Command("priority", N_("Set the priority"), group, ("P",)),
        Command("spam", N_("Mark as spam"), group, ("!",)),
        Command("select", N_("Select or unselect"), group, ("x", "space"), Where.LIST),
        Command("select.extend", N_("Select everything down to here"), group, ("V",), Where.LIST),
        Command("select.none", N_("Unselect all"), group, ("X",), Where.LIST, hint=N_("unselect")),
        Command("undo", N_("Take back the last change"), group, ("z",)),
        Command("undo.list", N_("What you did, to take it back"), group, ("Z",)),
        Command("redo", N_("Do again what was taken back"), group, ("ctrl+y",)),
    )


def _read() -> tuple[Command, ...]:
    group = Group.READ
    return (
        Command("fold", N_("Fold or open the quotes"), group, ("enter", "o", "space"), Where.THREAD,
                hint=N_("unfold")),
        Command("fold.all", N_("Fold or open all quotes"), group, ("+", "-"), Where.THREAD),
        Command("attachments", N_("Attachments"), group, ("v",)),
        Command("links", N_("Links of this message"), group, ("L",)),
        Command("evidence", N_("Why this message stands here"), group, ("w",)),
        Command("fetch.whole", N_("Fetch all of a large message"), group, ("D",)),
        Command("headers", N_("Message as it came"), group, ("H",)),
        Command("panel", N_("The customer beside it"), group, ("b",)),
        Command("copy.number", N_("Copy the number"), group, ("y",)),
    )  # fmt: skip


def _go() -> tuple[Command, ...]:
    group = Group.GO
    return (
        Command("go.inbox", N_("Inbox"), group, ("g i",), hint=N_("inbox")),
        Command("go.mine", N_("Mine"), group, ("g m",), hint=N_("mine")),
        Command("go.unassigned", N_("Unassigned"), group, ("g u",), hint=N_("unassigned")),
        Command("go.waiting", N_("Waiting for the customer"), group, ("g w",), hint=N_("waiting")),
        Command("go.snoozed", N_("Snoozed"), group, ("g s",), hint=N_("snoozed")),
        Command("go.solved", N_("Solved"), group, ("g d",), hint=N_("solved")),
        Command("go.all", N_("All"), group, ("g a",), hint=N_("all")),
        Command("go.spam", N_("Spam"), group, ("g !",), hint=N_("spam")),
        Command("go.outbox", N_("Outbox"), group, ("g x",), hint=N_("outbox")),
        Command("go.activity", N_("What the program did"), group, ("g y",), hint=N_("activity")),
        Command("go.accounts", N_("Accounts"), group, ("g c",), hint=N_("accounts")),
        Command("go.set_aside", N_("Messages that were set aside"), group, ("g k",), hint=N_("set aside")),
    )


def _desk() -> tuple[Command, ...]:
    group = Group.DESK
    return (
        Command("search", N_("Search"), group, ("/", "."), hint=N_("search")),
        Command("palette", N_("All commands"), group, ("ctrl+p",), hint=N_("commands")),
        Command("line", N_("Command by name"), group, (":",)),
        Command("help", N_("Keys"), group, ("?", ","), hint=N_("keys")),
        Command("refresh", N_("Let in and fetch what is new"), group, ("ctrl+r",)),
        Command("redraw", N_("Draw the screen anew"), group, ("ctrl+l",)),
        Command("density", N_("One or two lines a row"), group, ("\\",), Where.LIST),
        Command("theme", N_("Next theme"), group, ()),
        Command("suspend", N_("Suspend to the shell"), group, ("ctrl+z",)),
        Command("quit", N_("Leave the desk"), group, ("ctrl+q",)),
    )


COMMANDS: tuple[Command, ...] = (*_move(), *_answer(), *_change(), *_read(), *_go(), *_desk())
BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}

HINTS: dict[Where, tuple[str, ...]] = {
    Where.LIST: ("open", "reply", "note", "solve", "snooze", "assign", "tag", "search", "help"),
    Where.THREAD: ("reply", "note", "solve", "snooze", "assign", "tag", "fold", "back", "help"),
    Where.SEARCH: ("hit.next", "open", "back", "help"),
    Where.FOUND: ("hit.next", "hit.previous", "reply", "solve", "fold", "back", "help"),
}
"""What the hint line offers in each place, most needed first: as many as there is room for."""
