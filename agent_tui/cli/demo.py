"""`agent-tui demo`: a workspace of its own, two accounts of the simulated service, and the usual desk on it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui.cli.output import Failed, Progress, keys_unheard, tell
from agent_tui.config import Problem, Settings, load, save
from agent_tui.locations import HOME_VARIABLE, Locations, locate, prepare
from agent_tui.words import _, ngettext

if TYPE_CHECKING:
    from agent_tui.store.ports import DeskWrites

AGENT = "dana"
COLLEAGUES = ("petro", "olha")
MARK = "demo"
"""A file of this name says that a workspace is the demo's: nothing else is ever thrown away."""


def demo_home(home: str | None = None) -> Path:
    """Where the demo lives: in a folder of its own inside the workspace that is named, or beside one's own work.

    Never in the workspace itself: `agent-tui` would then open the demo's customers among one's own.
    """
    named = home or os.environ.get(HOME_VARIABLE, "")
    if not named:
        return locate(environment={}).data / "demo"
    return Path(named) if _mark(locate(named)).exists() else Path(named) / "demo"


def _is_foreign(locations: Locations) -> bool:
    """There is a store, and it is not the demo's."""
    return locations.database.exists() and not _mark(locations).exists()


def demo(options: Namespace) -> int:
    """Open the demo; set it up first where that is needed."""
    home = demo_home(options.home)
    if options.fresh:
        _throw_away(home)
    locations = prepare(locate(home))
    with keys_unheard():
        _settle_in(locations, options)
    if options.prepare:
        tell(_("The demo is ready in {home}.").format(home=home))
        return _what_went_wrong(locations)
    settings, problems = load(locations.settings_file)
    return _open(locations, settings, problems)


def _what_went_wrong(locations: Locations) -> int:
    """Warn of customers who are missing by a fault of ours; the exit code is that of the doctor."""
    from agent_tui.store.open import open_reads

    reads = open_reads(locations.data)
    number = sum(one.by_our_fault for one in reads.set_aside(1000))
    reads.close()
    if not number:
        return 0
    text = ngettext(
        "{number} message is missing in it, by a fault of this program: {command} tells more.",
        "{number} messages are missing in it, by a fault of this program: {command} tells more.",
        number,
    )
    tell(text.format(number=f"{number:,}", command=shlex.join(["agent-tui", "--home", str(locations.home), "doctor"])))
    return 1


def _open(locations: Locations, settings: Settings, problems: Sequence[Problem]) -> int:
    from agent_tui.cli.desk import run
    from agent_tui.sync.launch import desk_lock, stop_worker
    from agent_tui.sync.lock import any_desk
    from agent_tui.terminal.notify import Title

    try:
        return run(locations, settings, problems=problems, title=Title.DEMO)
    finally:
        if not any_desk(desk_lock(locations)):
            stop_worker(locations)


def _throw_away(home: Path) -> None:
    from agent_tui.sync.launch import stop_worker

    if not home.exists():
        return
    locations = locate(home)
    if not _mark(locations).exists():
        raise Failed(_("{home} is no workspace of the demo, so nothing in it is thrown away.").format(home=home))
    if not stop_worker(locations):
        raise Failed(_("A demo is open in {home}; close it first.").format(home=home))
    for folder in (locations.data, locations.config, locations.runtime, locations.log, locations.downloads):
        shutil.rmtree(folder, ignore_errors=True)


def _settle_in(locations: Locations, options: Namespace) -> None:
    """What a first start needs: settings, accounts, the past brought by the worker, and what the desk did with it."""
    mark = _mark(locations)
    if mark.exists() and mark.read_text("utf-8").strip() == "ready":
        if options.speed is not None:
            _change_speed(locations, options.speed)
        return
    if _is_foreign(locations):
        raise Failed(_("{home} holds another workspace; the demo needs one of its own.").format(home=locations.home))
    from agent_tui.store.open import open_workspace, open_writes

    mark.write_text("begun\n", "utf-8")
    if not locations.settings_file.exists():
        save(locations.settings_file, {"agent": AGENT, "colleagues": list(COLLEAGUES)})
    progress = Progress()
    progress.show(_("Customers are coming in …"))
    open_workspace(locations.data)
    writes = open_writes(locations.data)
    try:
        _add_accounts(writes, locations, options)
        _fetch(locations)
        progress.show(_("The desk is being tidied …"))
        from agent_tui.cli.demo_desk import tidy

        tidy(locations, writes)
    finally:
        progress.clear()
        writes.close()
    mark.write_text("ready\n", "utf-8")


def _mark(locations: Locations) -> Path:
    return locations.data / MARK


def _add_accounts(writes: DeskWrites, locations: Locations, options: Namespace) -> None:
    from agent_tui.backends.demo import DemoBackend
    from agent_tui.domain.account import Account
    from agent_tui.domain.conversation import Channel
    from agent_tui.domain.text import NOTHING, SafeText

    signature = SafeText.trusted("Dana\nAurora Support\nhttps://aurora.example")
    for account, channel, label in (
        ("mail", Channel.EMAIL, SafeText.trusted("Aurora mail")),
        ("chat", Channel.CHAT, SafeText.trusted("Aurora chat")),
    ):
        writes.put_account(
            Account(
                id=account,
                backend=DemoBackend.name,
                label=label,
                channel=channel,
                options={
                    "path": str(service_file(locations)),
                    "channel": channel.value,
                    "seed": options.seed,
                    "speed": options.speed or 1.0,
                },
                capabilities=DemoBackend.capabilities,
                own_addresses=(SafeText.trusted("support@aurora.example"),) if channel is Channel.EMAIL else (),
                own_name=SafeText.trusted("Aurora Support"),
                signature=signature if channel is Channel.EMAIL else NOTHING,
            )
        )


def _change_speed(locations: Locations, speed: float) -> None:
    """From the next start of the worker on."""
    from dataclasses import replace

    from agent_tui.store.open import open_reads, open_writes

    reads = open_reads(locations.data)
    accounts = [account for account in reads.accounts() if account.options.get("speed", speed) != speed]
    reads.close()
    if accounts:
        writes = open_writes(locations.data)
        for account in accounts:
            writes.put_account(replace(account, options={**account.options, "speed": speed}))
        writes.close()


def service_file(locations: Locations) -> Path:
    """The file that the simulated service lives in."""
    return locations.data / "demo-service.db"


def _fetch(locations: Locations) -> None:
    """The worker itself brings the past, as it would bring that of any account."""
    from agent_tui.sync.children import python_of_ours

    done = subprocess.run(
        [*python_of_ours("agent_tui.sync.main"), "--once", "--home", str(locations.home)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise Failed(_("The demo could not be set up; {log} says why.").format(log=locations.log / "worker.log"))
