"""The desk itself: palette, command line, help, refresh, density, theme, leaving."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent_tui.desk.moment_words import by_keys, in_cyrillic
from agent_tui.desk.plain import DeskWrites, StoreError
from agent_tui.named_keys import key_shown, named
from agent_tui.screens.commands import BY_ID, COMMANDS, Command, Group, Where
from agent_tui.screens.sheet import Finder, Sheet
from agent_tui.widgets.composer_keys import WRITING
from agent_tui.widgets.sheet_rows import SheetLine
from agent_tui.words import N_, _

if TYPE_CHECKING:
    from agent_tui.screens.desk import DeskScreen, Hand
    from agent_tui.screens.hands_move import Moving

_PLACES = {
    Where.LIST: N_("in the list"),
    Where.THREAD: N_("in the conversation"),
    Where.SEARCH: N_("among hits"),
    Where.DESK: "",
}
MOST_KEYS = 4
"""Keys of a command that the help names: as many as a keymap of ours gives one."""
IDS_FROM = 100
"""The help names the commands' ids from this width on."""


class Desking:
    """Hands for the desk."""

    def __init__(self, screen: DeskScreen, moving: Moving) -> None:
        self.screen = screen
        self.moving = moving

    def hands(self) -> dict[str, Hand]:
        """By command."""
        return {
            "palette": lambda count: self.palette(),
            "line": lambda count: self.line(),
            "help": lambda count: self.help(),
            "refresh": lambda count: self.refresh(),
            "redraw": lambda count: self.redraw(),
            "density": lambda count: self.density(),
        }

    # commands by name

    def _known(self) -> list[Command]:
        return [command for command in COMMANDS if command.id in self.screen.hands]

    def _line(self, command: Command) -> SheetLine:
        keys = ", ".join(key_shown(key) for key in self.screen.strokes.keymap.keys_of(command.id))
        return SheetLine(command.shown, right=keys, value=command.id)

    def palette(self) -> None:
        """All commands, by what they are called."""

        def offer(typed: str) -> list[SheetLine]:
            found = [self._line(command) for command in matching(self._known(), typed)]
            return found or [SheetLine(_("No command is called so."), role="faint")]

        self.screen.app.push_screen(Finder(_("Commands"), offer), self._chosen)

    def line(self) -> None:
        """A command by its id, or the number of a conversation."""

        def offer(typed: str) -> list[SheetLine]:
            wanted = typed.strip().removeprefix("#")
            if wanted.isdecimal() and wanted.isascii():
                number = int(wanted[:8])
                return [SheetLine(_("Open #{number}").format(number=number), value=number)]
            if by_keys(wanted) in ("q", "quit", "wq", "q!"):
                return [self._line(BY_ID["quit"])]
            return [
                SheetLine(command.id, right=command.shown, value=command.id)
                for command in matching(self._known(), typed, by_id=True)
            ] or [
                SheetLine(
                    _("No command has this name; esc, then {palette} finds them by what they do.").format(
                        palette=named("palette")
                    ),
                    role="faint",
                    flows=True,
                )
            ]

        self.screen.app.push_screen(Finder(_("Command, or number of a conversation"), offer), self._chosen)

    def _chosen(self, value: object | None) -> None:
        if isinstance(value, int):
            self.moving.by_number(value)
        elif isinstance(value, str):
            self.screen.run_command(value)
            self.screen.bars.tell_hints()

    def help(self) -> None:
        """All keys, and with room the names by which settings and `:` know them."""
        keymap, with_ids = self.screen.strokes.keymap, self.screen.size.width >= IDS_FROM
        lines: list[SheetLine] = []
        here = self.screen.where
        for group in Group:
            commands = [command for command in self._known() if command.group is group]
            # What works here comes first: the same key means something else in another place.
            commands.sort(key=lambda one: 0 if one.where is here else 1 if one.where is Where.DESK else 2)
            if not commands:
                continue
            if lines:
                lines.append(SheetLine())
            lines.append(SheetLine(_(group.value), role="quiet", weight="bold"))
            for command in commands:
                keys = "  ".join(key_shown(key) for key in keymap.keys_of(command.id)[:MOST_KEYS]) or named(command.id)
                place = _PLACES[command.where]
                said = f"{command.shown} · {_(place)}" if place else command.shown
                lines.append(SheetLine(said, key=keys, right=command.id if with_ids else ""))
        lines += [SheetLine(), SheetLine(_("While writing"), role="quiet", weight="bold")]
        lines += [SheetLine(one.shown, key=key_shown(one.key)) for one in WRITING]
        lines.append(SheetLine())
        for said in (_("A number before a key repeats it."), _("A number and Enter opens that one.")):
            lines.append(SheetLine(said, role="quiet", flows=True))
        self.screen.app.push_screen(Sheet(_("Keys"), lines))

    # the screen

    def refresh(self) -> None:
        """Let in what is new, and ask the servers."""
        screen = self.screen
        screen.absorb()
        screen.inbox.let_in(stay=screen.reading or screen.focused is not screen.inbox.list)
        accounts = [account.id for account in screen.desk.accounts() if not account.offline]
        stuck = [item.id for item in screen.desk.reads.outbox() if item.is_stuck]

        async def ask() -> None:
            try:
                for item in stuck:
                    await screen.desk.write(partial(_try_now, item))
                for account in accounts:
                    await screen.desk.write(partial(_pull, account))
            except StoreError as error:
                screen.bars.fail(error)

        screen.run_worker(ask(), group="refresh", exit_on_error=False)
        screen.bars.say(_("Asking the servers for what is new.") if accounts else _("No account to ask."))

    def redraw(self) -> None:
        """Draw everything anew."""
        redraw = getattr(self.screen.app, "redraw", None)
        if redraw is not None:
            redraw()
        else:
            self.screen.refresh(repaint=True)

    def density(self) -> None:
        """One line a row, or two."""
        screen = self.screen
        screen.compact = screen.inbox.row_height != 1
        screen.lay_out()


def _try_now(item: int, writes: DeskWrites) -> bool:
    return writes.send_now(item)


def _pull(account: str, writes: DeskWrites) -> int:
    return writes.ask(account, "pull", {})


def matching(commands: list[Command], typed: str, *, by_id: bool = False) -> list[Command]:
    """Commands whose name has every word that was typed, the nearest first.

    Where none has, what the same keys type on a Latin keyboard is looked for: `ефп` is `tag`.
    """
    found = _matching(commands, typed, by_id=by_id)
    return found or (_matching(commands, by_keys(typed), by_id=by_id) if in_cyrillic(typed) else found)


def _matching(commands: list[Command], typed: str, *, by_id: bool) -> list[Command]:
    words = typed.casefold().split()
    if not words:
        return commands
    found = []
    for command in commands:
        name = command.id if by_id else f"{command.shown} {command.id}".casefold()
        if all(word in name for word in words):
            found.append((not name.startswith(words[0]), command))
    return [command for _late, command in sorted(found, key=lambda pair: pair[0])]
