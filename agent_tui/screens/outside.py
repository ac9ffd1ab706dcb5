"""The agent's own editor: the desk gives the terminal away and takes the text back."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from textual.app import App, SuspendNotSupported

from agent_tui.desk import editing
from agent_tui.desk.edited import is_same, take_over
from agent_tui.desk.workspace import DeskSettings
from agent_tui.domain.outbox import Draft
from agent_tui.widgets.cells import in_cell
from agent_tui.words import _, ngettext

if TYPE_CHECKING:
    from agent_tui.screens.hands_answer import Answering

ENDINGS: Final = (signal.SIGTERM, signal.SIGHUP)
TYPED: Final = (signal.SIGINT, signal.SIGQUIT)
"""Keys that the terminal sends to all who have it; they are meant for the editor."""
FORWARDED_AFTER, KILLED_AFTER = 0.3, 3.0
"""Seconds. Most editors notice themselves that their line is lost, and two signals at once make some give up without
keeping what was not saved; one that ends by neither is not waited for."""
LOOKS = 0.1
"""Seconds between two looks whether the line still stands: its signal may have been lost with it."""
KEEPING = 2.0
"""Seconds that the store has to take the text; then it is kept aside."""
SIGNALLED = 128
"""A shell tells by an exit code above it that a signal ended what it ran."""


class EditorFailed(Exception):
    """No text came back; the message says why."""


class Outside:
    """Writing on in $EDITOR, while the desk waits."""

    def __init__(self, answering: Answering) -> None:
        self._of = answering

    def edit(self) -> None:
        """Give away what is being written, and take it back."""
        pane, drafts, screen = self._of.pane, self._of.drafts, self._of.screen
        if pane.touched:  # the last second of typing is in no journal yet
            self._of.tell_kept(drafts.keep_now(pane.draft(), KEEPING))
        draft = replace(pane.draft(), updated_at=screen.desk.now())

        def keep(text: str) -> bool:
            kept = drafts.keep_now(replace(draft, text=text), KEEPING)
            self._of.tell_kept(kept)
            return kept.where != "nowhere"

        try:
            text = edit_outside(screen.app, screen.desk.settings, draft, keep)
        except EditorFailed as failed:
            screen.bars.say(str(failed), role="late")
        else:
            if not is_same(text, draft.text):
                pane.replace_text(text)
        screen.app.refresh(layout=True)

    def take_over(self) -> None:
        """At the start: what an earlier desk could not take back any more."""
        screen, pane = self._of.screen, self._of.pane
        being_written = pane.started.draft.id if pane.started is not None else ""
        n = take_over(screen.desk, self._of.drafts, being_written)
        if n:
            said = ngettext(
                "What you saved in your editor is kept as a draft.",
                "What you saved in your editor is kept as {n} drafts.",
                n,
            )
            screen.bars.say(said.format(n=n), screen.bars.hint("drafts"), role="due")


def edit_outside(app: App[Any], settings: DeskSettings, draft: Draft, keep: Callable[[str], bool]) -> str:
    """The text as the editor left it; `keep` has put another one into the journal before its file goes, and is false
    where it could not. Raises `EditorFailed`; then nothing of the text was changed."""
    try:
        argv = editing.command(settings.editor, editing.environment_for_editor())
        call = editing.prepare(settings.editing, draft, argv)
    except editing.NoEditor as error:
        raise EditorFailed(_("There is no editor {name} here. Set EDITOR.").format(name=in_cell(str(error)))) from error
    except OSError as error:
        raise EditorFailed(_("No editor could be opened: {why}.").format(why=in_cell(str(error)))) from error
    running, text = _Running(), None
    try:
        with app.suspend(), running:
            wanted = running.wait(call.argv)
            text = _taken_back(call.file, draft, keep, wanted=wanted)
    except (SuspendNotSupported, OSError) as error:
        if running.code is None:
            call.file.clear(finished=False)
            raise EditorFailed(_("No editor could be opened: {why}.").format(why=in_cell(str(error)))) from error
        # the terminal is gone and could not be taken up again: the text is here all the same
    finally:
        call.file.let_go()
        if running.ending is not None:
            signal.raise_signal(running.ending)
    if text is None:
        raise EditorFailed(_("The editor left no text; yours is as it was."))
    return text


def _taken_back(
    file: editing.EditedFile, draft: Draft, keep: Callable[[str], bool], *, wanted: bool | None
) -> str | None:
    """The text that counts, None where there is none. The file goes once it is kept elsewhere.

    `wanted` is None where the editor did not end by the agent's will. What he saved before counts then, and what the
    editor put aside of the rest stays where it is. An empty file does not: it may have been about to be written.
    """
    lost = wanted is None or (not wanted and file.lost_words)
    text = file.text() if wanted or lost else None
    if lost and text is not None and not text.strip():
        text = None
    if text is not None and not is_same(text, draft.text) and not keep(text):
        return text
    if lost:
        file.forget()
    else:
        file.clear(finished=wanted is True)
    return text


class _Running:
    """An editor that has the terminal.

    An end from outside comes to the desk meanwhile, too: it waits until the editor ended and its text is kept.
    """

    def __init__(self) -> None:
        self.ending: int | None = None
        self.code: int | None = None
        self._editor: subprocess.Popen[bytes] | None = None
        self._handlers: dict[int, Any] = {}
        self._timers: list[threading.Timer] = []

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._handlers = {number: signal.signal(number, self._came) for number in (*ENDINGS, *TYPED)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def wait(self, argv: Sequence[str]) -> bool | None:
        """Whether it ended well; None where it did not end by the agent's will. Raises `OSError`."""
        had_line = os.isatty(0)
        self._editor = subprocess.Popen(argv, env=editing.environment_for_editor())
        if self.ending is not None:
            self._pass_on(self.ending)
        while self.code is None:
            try:
                self.code = self._editor.wait(LOOKS)
            except subprocess.TimeoutExpired:
                if self.ending is None and had_line and not os.isatty(0):
                    self._came(signal.SIGHUP, None)
        for timer in self._timers:
            timer.cancel()
        lost = self.ending is not None or (had_line and not os.isatty(0))
        return None if lost or self.code < 0 or self.code > SIGNALLED else self.code == 0

    def _came(self, number: int, _frame: FrameType | None) -> None:
        if number in TYPED:
            return
        first, self.ending = self.ending is None, self.ending or number
        if first and self._editor is not None:
            self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        if self._editor is None or self._timers:  # twice at once makes some editors give up
            return
        for seconds, sent in ((FORWARDED_AFTER, number), (KILLED_AFTER, signal.SIGKILL)):
            timer = threading.Timer(seconds, self._editor.send_signal, (sent,))
            timer.daemon = True
            timer.start()
            self._timers.append(timer)
