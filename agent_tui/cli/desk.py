"""Opening the desk: nothing heavy before the first paint, a worker behind it."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from agent_tui.cli.output import Failed, tell
from agent_tui.config import Problem, Settings, load
from agent_tui.domain.outbox import OutboxItem, OutboxState
from agent_tui.locations import Locations, locate, prepare
from agent_tui.words import _, ngettext, set_language

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from agent_tui.credentials import Secret
    from agent_tui.terminal.notify import Title


def command(options: Namespace) -> int:
    """`agent-tui` without a command."""
    return open_the_desk(options.home)


def open_the_desk(home: str | None) -> int:
    """Open the desk of a workspace; returns when it is left."""
    locations = prepare(locate(home))
    settings, problems = load(locations.settings_file)
    return run(locations, settings, _vault_key(locations), problems=problems)


def run(
    locations: Locations,
    settings: Settings,
    vault_key: Secret | None = None,
    *,
    problems: Sequence[Problem] = (),
    title: Title | None = None,
) -> int:
    """The desk on this terminal, with a worker that is started behind the first paint.

    Problems of the settings are told on the screen: what is printed before it opens, nobody sees.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failed(_("The desk needs a terminal. `agent-tui --help` names commands that do not."))
    if settings.language != "auto":
        set_language(settings.language)
    gc.disable()  # nothing made on the way to the first paint is garbage; the app goes on from there
    from agent_tui.opening import run_desk
    from agent_tui.screens.options import DEMO
    from agent_tui.sync.keeper import WorkerKeeper
    from agent_tui.sync.launch import ensure_worker, join, stop_worker, wake_worker
    from agent_tui.sync.lock import worker_holder
    from agent_tui.terminal.notify import Title

    wrong = []
    if problems:
        from agent_tui.cli.workspace import problem_in_words

        wrong = [f"{locations.settings_file.name}, {problem_in_words(problem)}" for problem in problems]
    keys = [vault_key]

    def opened(key: Secret) -> None:
        """The worker that runs has no key, and a key travels only by the pipe a worker is born with: another one."""
        keys[0] = key
        stop_worker(locations)
        ensure_worker(locations, key)

    keeper = WorkerKeeper(
        lambda: ensure_worker(locations, keys[0]), lambda: worker_holder(locations.worker_lock) is None
    )
    with join(locations):
        try:
            code = run_desk(
                locations,
                settings,
                wrong=wrong,
                wake=lambda: wake_worker(locations),
                after_first_paint=keeper.start,
                worker_failing=lambda: keeper.failing,
                title=title or Title.DESK,
                vault_key=vault_key,
                vault_opened=opened,
            )
            works = worker_holder(locations.worker_lock) is not None
        finally:
            keeper.stop()
    if code:
        return _demo() if code == DEMO else code
    if title is not Title.DEMO:  # its customers are gone with the desk
        _tell_what_is_left(_outbox(locations), works=works, stays=settings.keep_worker)
    return 0


def _outbox(locations: Locations) -> Sequence[OutboxItem]:
    from agent_tui.desk.plain import StoreError
    from agent_tui.store.open import open_reads

    try:
        reads = open_reads(locations.data)
        try:
            return reads.outbox()
        finally:
            reads.close()
    except StoreError:  # the desk has told what is wrong with the store
        return ()


def _tell_what_is_left(items: Sequence[OutboxItem], *, works: bool, stays: bool) -> None:
    """What has not left when the desk is left: who sends it, and when. Silent where nothing waits."""
    held = OutboxState.HELD
    later = sum(item.state is held and item.scheduled for item in items)
    leaving = sum(item.state in (held, OutboxState.QUEUED, OutboxState.SENDING) for item in items) - later
    if leaving and works:
        text = ngettext(
            "The worker goes on and sends {n} message.", "The worker goes on and sends {n} messages.", leaving
        )
        tell(text.format(n=leaving))
    elif leaving:
        text = ngettext(
            "{n} message has not left, and no worker runs: `agent-tui sync` sends it.",
            "{n} messages have not left, and no worker runs: `agent-tui sync` sends them.",
            leaving,
        )
        tell(text.format(n=leaving))
    if later and not (works and stays):
        text = ngettext(
            "{n} message waits for its time: it leaves then if the desk or `agent-tui sync` runs.",
            "{n} messages wait for their time: they leave then if the desk or `agent-tui sync` runs.",
            later,
        )
        tell(text.format(n=later))


def _demo() -> int:
    """The first screen was left for the demo."""
    from agent_tui.cli.main import run as run_command

    return run_command(["demo"])


def _vault_key(locations: Locations) -> Secret | None:
    """The passphrase is asked for before the screen opens, once for the session. Nothing is imported without a vault."""
    if not locations.vault_file.exists() or not locations.secrets_file.exists():
        return None
    from agent_tui.cli.secrets import unlock
    from agent_tui.credentials import Credentials

    return unlock(Credentials(locations))
