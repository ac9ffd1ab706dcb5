"""The application: wiring of desk, screens, themes, keys and terminal. What it does lives elsewhere."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.worker import WorkerFailed

from agent_tui import ages
from agent_tui.config import Settings, text_of
from agent_tui.desk.plain import StoreError
from agent_tui.desk.workspace import Desk
from agent_tui.domain.conversation import View
from agent_tui.screens.between_keys import BetweenKeys, collect_rarely
from agent_tui.screens.desk import DeskScreen
from agent_tui.screens.hands import all_hands, load_late
from agent_tui.screens.keymap import Keymap, with_own
from agent_tui.screens.options import DeskOptions, settings_in_words
from agent_tui.screens.strokes import stroke_of
from agent_tui.screens.typed_ahead import TypedAhead
from agent_tui.terminal.environment import Terminal, detect
from agent_tui.terminal.layer import OutputLayer
from agent_tui.terminal.notify import Title
from agent_tui.widgets import palette
from agent_tui.widgets.cells import Signs
from agent_tui.widgets.look import ASCII, UNICODE, Look
from agent_tui.widgets.palette import Palette
from agent_tui.words import _

if TYPE_CHECKING:
    from agent_tui.desk.accounts import Door, ForgetSecrets, KeepSecret

POLL = 0.25
SETTINGS_TOLD = 12.0
"""Seconds that a fault of the settings stands: it is a long sentence, told while one looks elsewhere."""
NO_COLOUR_THEME = "plain"


@dataclass(slots=True)
class AppOptions:
    """What an app is started with besides its desk."""

    settings: Settings = field(default_factory=Settings)
    wrong: Sequence[str] = ()
    """What could not be understood of the settings' file, as sentences."""
    terminal: Terminal = field(default_factory=detect)
    own_themes: Path | None = None
    after_first_paint: Callable[[], object] | None = None
    """Heavy imports, the worker: behind the first paint, off the event loop."""
    worker_failing: Callable[[], bool] = lambda: False
    """The worker ends as soon as it is started, again and again. Asked often: it costs nothing."""
    key_pressed: Callable[[], object] = lambda: None
    """Told of each key: the worker lets the hands go first."""
    title: Title = Title.DESK
    no_colour: bool = False
    keep_secret: KeepSecret | None = None
    """Puts a secret away: (account, option, secret)."""
    forget_secrets: ForgetSecrets | None = None
    door: Door | None = None
    """Finds where secrets go, and opens the encrypted file."""


class AgentApp(OutputLayer[int], inherit_bindings=False):
    """The desk in a terminal."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "leave", show=False, priority=True)]
    CSS = """
    Toast { background: $raised; color: $text; }
    ToastRack { dock: top; margin-top: 1; margin-bottom: 0; }
    .-ascii #box { border: ascii $line; }
    .-ascii #reading, .-ascii #panel { border-left: ascii $line; }
    .-ascii #composer { border-top: ascii $line; }
    .-ascii #composer.-tall { border-top: none; }
    """

    def __init__(self, desk: Desk, options: AppOptions | None = None) -> None:
        # Textual's own way of leaving colours out turns a theme grey; ours names no colour at all.
        no_colour = os.environ.pop("NO_COLOR", None) is not None
        self.options = options or AppOptions()
        self.no_colour = no_colour or self.options.no_colour or self.options.terminal.colours == 0
        self.plain = self.options.settings.output == "plain"
        super().__init__()
        self.animation_level = "none"
        self.desk = desk
        ages.use(desk.zone)
        self.fault: BaseException | None = None
        """Why the desk ended, where it did not end by itself: the store failed under it, or it is a fault of ours."""
        self.themes, self.theme_problems = palette.load(self.options.own_themes, text_of)
        self.look = self._first_look()
        self._ahead = TypedAhead(self)
        self._unread = self._count_unread()
        self._hands = BetweenKeys()
        self.keymap_in_use: Keymap = with_own(self.options.settings.keymap, self.options.settings.keys)
        for theme in self.themes.values():
            self.register_theme(theme.textual())
        self.theme = self.look.palette.theme.name

    def _handle_exception(self, error: Exception) -> None:
        """The end, whatever raised; who opened the desk tells of it."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        first, self.fault = self.fault is None, self.fault or cause
        if not isinstance(cause, StoreError):
            super()._handle_exception(error)
        elif first:
            self._return_code = 1
            self._fatal_error()

    def _fatal_error(self) -> None:
        """What is written is kept, where not in the store, then aside.

        Textual would print the values of every variable, and a secret may be among them.
        """
        with contextlib.suppress(Exception):
            self._keep_writing()
        self._close_messages_no_wait()

    # look

    def _first_look(self) -> Look:
        settings, terminal = self.options.settings, self.options.terminal
        name = settings.theme
        if self.no_colour:
            name = NO_COLOUR_THEME
        elif terminal.colours == 16 and name in ("dark", "light"):
            name = "terminal"
        theme = self.themes.get(name) or self.themes["dark"]
        Signs.ascii = ascii_only = settings.ascii or terminal.ascii_glyphs
        light = settings.cursor == "light" or (settings.cursor == "auto" and terminal.light_cursor)
        return Look(Palette(theme), ASCII if ascii_only else UNICODE, light_cursor=light)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our roles, for themes of Textual's own that may stand in for a moment."""
        return dict(self.look.palette.theme.textual().variables) if hasattr(self, "look") else {}

    def use_theme(self, name: str) -> None:
        """Draw with another theme from now on."""
        theme = self.themes[name]
        self.look.palette = Palette(theme)
        self.theme = name
        self.refresh_css(animate=False)
        self.screen.refresh(layout=True)
        for widget in self.screen.walk_children():
            widget.refresh()

    def next_theme(self) -> str:
        """The next of the themes that fit this terminal."""
        names = [name for name in self.themes if self.no_colour == (name == NO_COLOUR_THEME)]
        at = names.index(self.theme) if self.theme in names else -1
        self.use_theme(names[(at + 1) % len(names)])
        return self.look.palette.theme.title

    # life

    def on_mount(self) -> None:
        """The desk is the first screen."""
        self.set_class(self.look.glyphs is ASCII, "-ascii")
        options = DeskOptions(follow=not self.options.terminal.over_ssh, arrange=self.arrange)
        screen = DeskScreen(self.desk, self.keymap_in_use, options)
        if self.options.keep_secret is not None and self.options.forget_secrets is not None:
            screen.keep_secrets_by(self.options.keep_secret, self.options.forget_secrets, self.options.door)
        screen.hands = all_hands(screen)
        self.push_screen(screen)
        self.set_window_title(self.options.title)
        self.call_after_refresh(self._painted)
        self.set_interval(POLL, self._look_for_changes)
        self._to_next_minute()

    def _painted(self) -> None:
        """The first picture stands: now what is heavy."""
        if not gc.isenabled():
            collect_rarely()
        self._tell_settings()
        self.desk.warm_up()
        screen = self.desk_screen
        if screen is not None and self.options.title is Title.DEMO:
            screen.bars.say(_("This is the demo: simulated customers, nothing leaves here."))
        if screen is not None:
            screen.run_worker(screen.complete(load_late), group="start", exit_on_error=False)
            if screen.welcoming:  # an empty workspace offers ways to begin
                screen.minding.welcome()
        if self.options.after_first_paint is not None:
            self.run_worker(self.options.after_first_paint, group="start", thread=True, exit_on_error=False)

    def _tell_settings(self) -> None:
        """What of the settings could not be used."""
        wrong = [
            *self.options.wrong,
            *palette.faults(self.options.settings.theme, self.themes, self.theme_problems),
            *(problem.shown for problem in self.keymap_in_use.problems),
        ]
        if wrong:
            self.notify(settings_in_words(wrong), severity="warning", timeout=SETTINGS_TOLD, markup=False)

    @property
    def desk_screen(self) -> DeskScreen | None:
        """The desk, whatever floats above it."""
        return next((screen for screen in self.screen_stack if isinstance(screen, DeskScreen)), None)

    def _look_for_changes(self) -> None:
        screen = self.desk_screen
        if screen is None or not screen.is_mounted or not self._hands.may_look():
            return
        if screen.absorb():
            self._ring()
        self._hands.tidy()
        screen.bars.tell_store()
        screen.bars.tell_worker(failing=self.options.worker_failing())

    def _ring(self) -> None:
        """On the agent's wish, a word to him who looks elsewhere: a customer wrote."""
        wish, unread = self.options.settings.notify, self._count_unread()
        if unread > self._unread:
            if wish.desktop:
                self.notify_outside(_("{n} unread").format(n=unread))
            elif wish.bell:
                self.bell()
        self._unread = unread

    def _count_unread(self) -> int:
        counts = self.desk.reads.view_counts(self.desk.agent)
        views = (View.MINE, View.UNASSIGNED) if self.options.settings.notify.only_mine else (View.INBOX,)
        return sum(counts[view].unread for view in views if view in counts)

    def _to_next_minute(self) -> None:
        seconds = 60 - (self.desk.now() // 1_000_000) % 60
        self.set_timer(seconds, self._minute)

    def _minute(self) -> None:
        screen = self.desk_screen
        if screen is not None and screen.is_mounted:
            screen.minute()
        self._to_next_minute()

    def tell(self, text: str, severity: SeverityLevel = "information") -> None:
        """A toast, for what the agent did not do himself. Never markup."""
        self.notify(text, severity=severity, markup=False)

    # keys

    async def on_event(self, event: events.Event) -> None:
        """Keys outside of text go to the screen's own table; everything else the usual way."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.options.key_pressed()
            self._hands.pressed()
            if self._ahead.holds(event):
                return
            takes = getattr(self.focused, "takes_key", None)
            if takes is not None and takes(self._folded(event).key):
                return
            if not self.takes_text() and not self._leaves(event):
                press = getattr(self.screen, "press", None)
                folded = self._folded(event)
                if press is not None and press(stroke_of(folded.key, folded.character)):
                    return
        await super().on_event(event)

    def _leaves(self, event: events.Key) -> bool:
        """The key that leaves works over everything; on the desk itself the agent's own keys say which it is."""
        return event.key == "ctrl+q" and not isinstance(self.screen, DeskScreen)

    def paste_held(self, text: str) -> None:
        """A page pasted beside a field is never taken as keys."""
        self._say(_("Pasted text was left out: no text field is open."))

    def paste_cut(self) -> None:
        """An end that is missing must not go unnoticed."""
        self._say(_("The pasted text was too long: its end was left out."))

    def _say(self, said: str) -> None:
        screen = self.screen
        if isinstance(screen, DeskScreen):
            screen.bars.say(said)
        else:
            self.tell(said)

    def action_leave(self) -> None:
        """Leave; what is written stays as a draft."""
        self._keep_writing()
        self.exit(0)

    def line_lost(self, signal_number: int) -> None:
        """The line dropped, or somebody ends us: what is written is kept first."""
        self._keep_writing()
        super().line_lost(signal_number)

    def _keep_writing(self) -> None:
        screen = self.desk_screen
        if screen is not None and screen.writing:
            screen.writing.keep_now()
