"""The worker in the foreground."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from agent_tui.cli.output import Failed, tell, tell_line
from agent_tui.cli.wording import fault_in_words, no_account_yet
from agent_tui.cli.workspace import places
from agent_tui.domain.times import Micros, now
from agent_tui.locations import Locations
from agent_tui.sentences import error
from agent_tui.store.ports import SetAside
from agent_tui.words import _, grouped, ngettext

TOLD = 10
"""Messages that were set aside whose reasons are told; of the others the number is."""


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

    since = now()
    status = run(options.home, once=options.once, vault_key=key, begun=begun)
    if status == ALREADY_RUNS:
        return _runs_already(locations, once=options.once)
    if status or options.once:
        _tell_how(options, since, failed=bool(status))
    return status


def _runs_already(locations: Locations, *, once: bool) -> int:
    """Another one does the work: it is told to, where that is all that was wanted."""
    from agent_tui.sync.launch import wake_worker

    if not once:
        raise Failed(_("A worker runs already for this workspace."))
    wake_worker(locations)
    tell(_("A worker runs already for this workspace; it was told to look now."))
    return 0


def _tell_how(options: Namespace, since: Micros, *, failed: bool) -> None:
    """Which accounts could not do their work, or that there is none; and what came that could not be read."""
    from agent_tui.cli.workspace import at_the_desk

    with at_the_desk(options) as services:
        reads = services.desk.reads
        if not reads.accounts():
            tell(no_account_yet())
        for account, health in services.accounts.health().items():
            if failed and health.fault is not None:
                tell(f"{account}: {fault_in_words(health.fault)}")
        _tell_aside([one for one in reads.set_aside(1000) if one.at >= since])


def _tell_aside(aside: Sequence[SetAside]) -> None:
    if not aside:
        return
    text = ngettext(
        "{number} message could not be read and was set aside:",
        "{number} messages could not be read and were set aside:",
        len(aside),
    )
    tell(text.format(number=grouped(len(aside))))
    for one in aside[:TOLD]:
        tell_line(f"{one.account} {one.origin or _('unknown place')}: {error(one.code, one.parameters)}")
    if len(aside) > TOLD:
        tell("…")
