"""The worker in the foreground."""

from __future__ import annotations

from argparse import Namespace

from agent_tui.cli.output import Failed, tell
from agent_tui.cli.wording import fault_in_words, no_account_yet
from agent_tui.cli.workspace import places
from agent_tui.locations import Locations
from agent_tui.words import _


def sync(options: Namespace) -> int:
    """Fetch, send, wake what was snoozed: once, or until told to stop."""
    from agent_tui.cli.secrets import unlock
    from agent_tui.credentials import Credentials
    from agent_tui.sync.lock import worker_holder
    from agent_tui.sync.main import ALREADY_RUNS, run

    locations = places(options)
    if worker_holder(locations.worker_lock) is not None:  # before anybody is asked for a passphrase
        return _runs_already(locations, once=options.once)
    key = unlock(Credentials(locations))

    def begun() -> None:
        if not options.once:
            tell(
                _("The worker runs; Ctrl+C ends it. What it does stands in {path}.").format(
                    path=locations.log / "worker.log"
                )
            )

    status = run(options.home, once=options.once, vault_key=key, begun=begun)
    if status == ALREADY_RUNS:
        return _runs_already(locations, once=options.once)
    if status or options.once:
        _tell_how(options, failed=bool(status))
    return status


def _runs_already(locations: Locations, *, once: bool) -> int:
    """Another one does the work: it is told to, where that is all that was wanted."""
    from agent_tui.sync.launch import wake_worker

    if not once:
        raise Failed(_("A worker runs already for this workspace."))
    wake_worker(locations)
    tell(_("A worker runs already for this workspace; it was told to look now."))
    return 0


def _tell_how(options: Namespace, *, failed: bool) -> None:
    """Which accounts could not do their work; or that there is none, so that nothing was to be done."""
    from agent_tui.cli.workspace import at_the_desk

    with at_the_desk(options) as services:
        if not services.desk.reads.accounts():
            tell(no_account_yet())
        for account, health in services.accounts.health().items():
            if failed and health.fault is not None:
                tell(f"{account}: {fault_in_words(health.fault)}")
