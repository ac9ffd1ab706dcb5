"""Taking in mail from files."""

from __future__ import annotations

import re
import signal
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent_tui.cli.output import Failed, Misused, Progress, emit, tell, tell_line
from agent_tui.cli.wording import error_in_words
from agent_tui.cli.workspace import places
from agent_tui.store.ports import StoreError
from agent_tui.words import _, ngettext

if TYPE_CHECKING:
    from agent_tui.locations import Locations
    from agent_tui.store.ports import WorkerStore
    from agent_tui.sync.importing import Imported


INTERRUPTED = 130
"""The exit code of what Ctrl+C ended, as shells have it."""


def import_paths(options: Namespace) -> int:
    """Maildir, mbox and `.eml`: what was imported, what was there already, what was set aside and why."""
    from agent_tui.store.open import open_worker, open_workspace
    from agent_tui.sync.launch import wake_worker

    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", options.account):
        raise Misused(_("--account is a short name of small letters, digits, - and _"))
    for path in options.paths:  # a slip of the fingers; nothing is begun with the others
        if not path.exists() and not path.is_symlink():
            raise Misused(_("there is no file or folder {path}").format(path=path))
    locations = places(options)
    open_workspace(locations.data)
    numbers = {"imported": 0, "duplicate": 0, "set_aside": 0}
    aside: list[tuple[str, str]] = []
    progress = Progress()
    store = open_worker(locations.data)
    try:
        with _first_ctrl_c_asks() as stop:
            for mail in _taken_in(store, options, locations, progress, stop):
                numbers[mail.result] += 1
                if mail.result == "set_aside":
                    aside.append((mail.path, mail.reason))
            stopped = stop()
    except StoreError as error:
        progress.clear()
        raise Failed(_stopped(error)) from error
    finally:
        progress.clear()
        store.close()
    wake_worker(locations)
    if options.json:
        emit(
            {
                "imported": numbers["imported"],
                "duplicates": numbers["duplicate"],
                "set_aside": [{"path": path, "reason": reason} for path, reason in aside],
            }
        )
    if stopped:
        tell(_left_off(numbers["imported"]))
        return INTERRUPTED
    if not options.json:
        _summary(numbers, aside)
    return 0


def _taken_in(
    store: WorkerStore, options: Namespace, locations: Locations, progress: Progress, stop: Callable[[], bool]
) -> Iterator[Imported]:
    """What is in, told as it comes; until all is, or `stop` says so."""
    from agent_tui.last_key import LastKey
    from agent_tui.sync.courtesy import Pace
    from agent_tui.sync.importing import import_files
    from agent_tui.sync.mail_files import count_mails

    expected = count_mails(options.paths)
    pace = Pace(LastKey(locations.last_key).ago)
    mails = import_files(store, options.paths, account=options.account, solved=options.solved, pace=pace, stop=stop)
    for done, mail in enumerate(mails, 1):
        yield mail
        if options.json:
            emit(
                {
                    "path": mail.path,
                    "result": mail.result,
                    "message": mail.message,
                    "conversation": mail.conversation,
                    "reason": mail.reason or None,
                }
            )
        if done % 20 == 0 or done == expected:
            progress.show(_("{done} of about {all} mails").format(done=f"{done:,}", all=f"{max(expected, done):,}"))
    while not stop() and store.merge_search_index(0.5):
        progress.show(_("Making them searchable"))


@contextmanager
def _first_ctrl_c_asks() -> Iterator[Callable[[], bool]]:
    """Ctrl+C ends it where what is in is known; pressed again, at once."""
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def _left_off(number: int) -> str:
    return ngettext(
        "Stopped. {number} mail was imported and stays: import again, and only the rest is taken.",
        "Stopped. {number} mails were imported and stay: import again, and only the rest is taken.",
        number,
    ).format(number=f"{number:,}")


def _stopped(error: StoreError) -> str:
    """What was in before the store failed stays in; how much it is, only the store could tell."""
    why = {
        "disk_full": _("The disk is full."),
        "no_more_files": _("The disk has no room for further files (`df -i`)."),
        "quota_used_up": _("Your share of the disk is used up (`quota`)."),
        "disk_refuses": _("The disk refused to read or write; check its health, quota and limits (`ulimit -f`)."),
        "locked": _("The store is busy."),
    }.get(error.code) or error_in_words(error.code, error.parameters)
    return f"{why} {_('What was imported before that stays: import again, and only the rest is taken.')}"


def _summary(numbers: dict[str, int], aside: list[tuple[str, str]]) -> None:
    number = numbers["imported"]
    tell(ngettext("{number} mail imported.", "{number} mails imported.", number).format(number=f"{number:,}"))
    if number := numbers["duplicate"]:
        tell(
            ngettext("{number} was there already.", "{number} were there already.", number).format(number=f"{number:,}")
        )
    for path, reason in aside:
        tell_line(_("Set aside: {path} ({reason})").format(path=path, reason=reason.replace("_", " ")))
