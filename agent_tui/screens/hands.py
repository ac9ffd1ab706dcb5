"""What each command does on the desk: one table, put together from the hands that move, read, change and answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from agent_tui.screens.hands_change import Changing
from agent_tui.screens.hands_desk import Desking
from agent_tui.screens.hands_move import Moving
from agent_tui.screens.hands_read import Reading
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand


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
        **Changing(screen).hands(),
        **Reading(screen, moving).hands(),
        **Desking(screen, moving).hands(),
        **screen.answering.hands(),
        **screen.minding.hands(),
        "theme": lambda count: screen.bars.say(_("Theme: {name}.").format(name=_host(screen).next_theme())),
        "suspend": lambda count: _host(screen).action_suspend_process(),
        "quit": lambda count: _host(screen).action_leave(),
    }


def _host(screen: DeskScreen) -> Host:
    return cast(Host, screen.app)
