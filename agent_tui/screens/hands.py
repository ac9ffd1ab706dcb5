"""What each command does on the desk: one table, put together from the hands that move, read, change and answer.

Only moving is loaded before the first picture. The other hands are named here and loaded with the first of their
commands, or behind the first picture, whichever comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from agent_tui.screens.hands_move import Moving
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand


CHANGING = (
    "solve",
    "reopen",
    "assign.me",
    "assign",
    "tag",
    "snooze",
    "status",
    "priority",
    "spam",
    "select",
    "select.extend",
    "select.none",
    "undo",
    "redo",
    "undo.list",
)
READING = ("fold", "fold.all", "attachments", "links", "evidence", "fetch.whole", "headers", "copy.number")
DESKING = ("palette", "line", "help", "refresh", "redraw", "density")
ANSWERING = ("reply", "reply.all", "forward", "write.again", "compose", "note", "draft.discard", "drafts")
MINDING = ("go.outbox", "go.activity", "go.set_aside", "go.accounts")
LATE = ("hands_answer", "hands_change", "hands_read", "hands_desk", "hands_mind")


def _next_theme(screen: DeskScreen) -> None:
    """The file of the settings is the agent's own: he is told what to write there."""
    title = _host(screen).next_theme()
    said = _("Theme: {name}, for now. {setting} in the settings keeps it.")
    screen.bars.say(said.format(name=title, setting=f'theme = "{screen.app.theme}"'))


class Host(Protocol):
    """What the hands ask of the application."""

    def next_theme(self) -> str:
        """Draw with the next theme; its title."""
        ...

    def action_leave(self) -> None:
        """Leave the desk."""
        ...

    def action_suspend_process(self) -> None:
        """Give the terminal to the shell for a while."""
        ...


def all_hands(screen: DeskScreen) -> dict[str, Hand]:
    """By command. What is not here is not bound."""
    moving = Moving(screen)
    return {
        **moving.hands(),
        **late(CHANGING, lambda: _changing(screen)),
        **late(READING, lambda: _reading(screen, moving)),
        **late(DESKING, lambda: _desking(screen, moving)),
        **late(ANSWERING, lambda: _answering(screen)),
        **late(MINDING, lambda: _minding(screen)),
        "theme": lambda count: _next_theme(screen),
        "suspend": lambda count: _host(screen).action_suspend_process(),
        "quit": lambda count: _host(screen).action_leave(),
    }


def late(commands: tuple[str, ...], put_together: Callable[[], dict[str, Hand]]) -> dict[str, Hand]:
    """Hands that are put together when the first of them is wanted."""
    table = cache(put_together)

    def reach(command: str, count: int | None) -> object:
        return table()[command](count)

    return {command: partial(reach, command) for command in commands}


def load_late() -> None:
    """Load what the late hands need, off the event loop."""
    for name in LATE:
        import_module(f"agent_tui.screens.{name}")


def _changing(screen: DeskScreen) -> dict[str, Hand]:
    from agent_tui.screens.hands_change import Changing

    return Changing(screen).hands()


def _reading(screen: DeskScreen, moving: Moving) -> dict[str, Hand]:
    from agent_tui.screens.hands_read import Reading

    return Reading(screen, moving).hands()


def _desking(screen: DeskScreen, moving: Moving) -> dict[str, Hand]:
    from agent_tui.screens.hands_desk import Desking

    return Desking(screen, moving).hands()


def _answering(screen: DeskScreen) -> dict[str, Hand]:
    return screen.answering.hands()


def _minding(screen: DeskScreen) -> dict[str, Hand]:
    return screen.minding.hands()


def _host(screen: DeskScreen) -> Host:
    return cast(Host, screen.app)
