"""What is wrong and what can be done, and where things are."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui import __version__
from agent_tui.cli.output import emit, say
from agent_tui.cli.wording import WAYS, code_of, error_in_words, fault_in_words, folder_in_words
from agent_tui.cli.workspace import problem_in_words
from agent_tui.config import Settings, load, text_of
from agent_tui.content.safe import safe
from agent_tui.domain.times import now
from agent_tui.locations import FolderRefused, Locations, is_loose, locate, our_folder
from agent_tui.widgets import labels
from agent_tui.words import N_, _, ngettext

if TYPE_CHECKING:
    from agent_tui.store.ports import SetAside

LITTLE_ROOM = 50_000_000
"""Bytes on the disk below which it counts as bad."""
CHECKS = (
    N_("program"),
    N_("folders"),
    N_("disk"),
    N_("settings"),
    N_("store"),
    N_("outbox"),
    N_("worker"),
    N_("accounts"),
    N_("account"),
    N_("keyring"),
    N_("secrets"),
    N_("vault"),
    N_("secret"),
    N_("terminal"),
)
"""What is looked at, as it stands before each line."""
MOST_PATHS = 3
"""Files that are named in a command."""
LAST_OF_LOG, LONGEST_LINE = 16_384, 300
"""Bytes of a log that are looked through, and signs of a line of it that are shown."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at. `state` is `ok`, `note` or `bad`."""

    check: str
    state: str
    text: str


def doctor(options: Namespace) -> int:
    """Look at everything; 1 where something is bad."""
    locations = locate(options.home)
    bad, room = False, max(10, *(len(_(check)) for check in CHECKS))
    for look in (_program, _folders, _disk, _settings, _store, _worker, _accounts, _secrets, _terminal):
        for found in _safely(look, locations):
            bad = bad or found.state == "bad"
            if options.json:
                emit({"check": found.check, "state": found.state, "text": found.text})
            else:
                say(f"{ {'ok': '✓', 'note': '·', 'bad': '!'}[found.state] } {_(found.check):<{room}} {found.text}")
    return 1 if bad else 0


def locate_things(options: Namespace) -> int:
    """Print where things are: all of them, or one."""
    from agent_tui.cli.demo import demo_home

    locations = locate(demo_home(options.home) if options.demo else options.home)
    things: dict[str, Path] = {
        "config": locations.config,
        "settings": locations.settings_file,
        "secrets": locations.secrets_file,
        "vault": locations.vault_file,
        "data": locations.data,
        "store": locations.database,
        "files": locations.files,
        "log": locations.log,
        "runtime": locations.runtime,
        "downloads": locations.downloads,
    }
    if options.what:
        things = {options.what: things[options.what]}
        if not options.json:
            say(str(things[options.what]))
            return 0
    if options.json:
        emit({name: str(path) for name, path in things.items()})
    else:
        for name, path in things.items():
            say(f"{name:<10} {path}")
    return 0


def _safely(look: Callable[[Locations], Iterator[Found]], locations: Locations) -> Iterator[Found]:
    """What a look finds; one that fails is a finding itself."""
    try:
        yield from look(locations)
    except Exception as error:
        carried = code_of(error)
        if carried is not None and carried[0] == "broken":  # the sentence for others sends them here
            yield _damaged(locations, str(carried[1].get("detail", "")))
            return
        words = error_in_words(*carried) if carried else f"{type(error).__name__}: {error}"
        yield Found(look.__name__.strip("_"), "bad", words)


def _damaged(locations: Locations, detail: str) -> Found:
    """The store is damaged: where it lies, what stays, what to do."""
    text = _(
        "{path} is damaged ({detail}). Close the desk, stop the worker and copy {folder} away first. Then put a backup of "
        "store.db in its place, or move store.db away: accounts are entered anew and their mail is fetched again, but "
        "notes, tags, drafts and what waits in the outbox are in the damaged file alone; `agent-tui export` reads what "
        "can still be read."
    )
    return Found("store", "bad", text.format(path=locations.database, detail=detail[:200], folder=locations.data))


def _program(locations: Locations) -> Iterator[Found]:
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version

    try:
        screen = version("textual")
    except PackageNotFoundError:
        screen = _("not installed")
    yield Found(
        "program",
        "ok",
        f"agent-tui {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, Textual {screen}",
    )


def _folders(locations: Locations) -> Iterator[Found]:
    folders = (locations.config, locations.data, locations.runtime, locations.log)
    for folder in dict.fromkeys((*filter(None, [locations.home]), *folders, locations.worker_socket.parent)):
        if folder.exists() and (refused := _refused(folder)):
            yield Found("folders", "bad", refused)
        elif folder not in folders:
            continue
        elif not folder.exists():
            yield Found("folders", "note", _("{folder} is made at the first start").format(folder=folder))
        elif not os.access(folder, os.W_OK | os.X_OK):
            yield Found("folders", "bad", _("{folder} cannot be written; check who owns it").format(folder=folder))
        elif is_loose(folder):
            yield Found(
                "folders", "bad", _("{folder} is open to other users; chmod 700 closes it").format(folder=folder)
            )
        else:
            yield Found("folders", "ok", str(folder))


def _refused(folder: Path) -> str:
    """Why nothing private is put there; empty where it is a folder of ours."""
    try:
        our_folder(folder)
    except FolderRefused as error:
        return folder_in_words(error)
    return ""


def _disk(locations: Locations) -> Iterator[Found]:
    """An error comes late: with less room than this a day's mail may not get in any more."""
    from agent_tui.store.disk import files_left, room_left, trouble

    if files_left(locations.data) == 0:
        text = _("no room for further files in {folder} (`df -i`); delete some files")
        yield Found("disk", "bad", text.format(folder=locations.data))
    elif trouble(locations.data) == "quota_used_up":
        text = _("your share of the disk is used up for {folder} (`quota`); delete something, or have it raised")
        yield Found("disk", "bad", text.format(folder=locations.data))
    elif (left := room_left(locations.data)) is not None:
        state = "bad" if left < LITTLE_ROOM else "ok"
        text = _("{size} MB left for {folder}") if left else _("full: no room for {folder}")
        yield Found("disk", state, text.format(size=f"{left / 1e6:,.1f}", folder=locations.data))


def _settings(locations: Locations) -> Iterator[Found]:
    settings, problems = load(locations.settings_file)
    for problem in problems:
        yield Found("settings", "bad", f"{locations.settings_file}: {problem_in_words(problem)}")
    wrong = [*_theme_and_keys(locations, settings)]
    for text in wrong:
        yield Found("settings", "bad", f"{locations.settings_file}: {safe(text, one_line=True)}")
    if not problems and not wrong:
        yield Found(
            "settings", "ok", _("{path}; you are {agent}").format(path=locations.settings_file, agent=settings.me)
        )


def _theme_and_keys(locations: Locations, settings: Settings) -> Iterator[str]:
    """What the desk itself finds wrong as it opens."""
    from agent_tui.screens.keymap import with_own
    from agent_tui.widgets import palette

    yield from palette.faults(settings.theme, *palette.load(locations.config / "themes", text_of))
    for problem in with_own(settings.keymap, settings.keys).problems:
        yield problem.shown


def _store(locations: Locations) -> Iterator[Found]:
    if not locations.database.exists():
        yield Found("store", "note", _("no store yet; it is made at the first start"))
        return
    from agent_tui.store.connect import SCHEMA_VERSION, damage, schema_version
    from agent_tui.store.open import open_reads

    found = schema_version(locations.data)
    if found != SCHEMA_VERSION:
        state = "bad" if found > SCHEMA_VERSION else "note"
        yield Found(
            "store",
            state,
            _("its layout is {found}, this program's is {ours}").format(found=found, ours=SCHEMA_VERSION),
        )
        return
    if detail := damage(locations.data):
        yield _damaged(locations, detail)
        return
    reads = open_reads(locations.data)
    try:
        from agent_tui.domain.conversation import View

        total = reads.view_counts("")[View.ALL].total
        size = locations.database.stat().st_size / 1e6
        yield Found(
            "store", "ok", _("{total} conversations, {size} MB").format(total=f"{total:,}", size=f"{size:,.1f}")
        )
        yield from _set_aside(locations, reads.set_aside(1000))
        if waiting := reads.outbox():
            present = now()
            states = ", ".join(sorted({labels.leaving(item, present)[0] for item in waiting}))
            text = ngettext("{number} message: {states}", "{number} messages: {states}", len(waiting))
            yield Found("outbox", "note", text.format(number=len(waiting), states=states))
    finally:
        reads.close()


def _set_aside(locations: Locations, aside: Sequence[SetAside]) -> Iterator[Found]:
    """What is no mail is no trouble; what this program stumbled over is: how it is tried again, where it lies."""
    from agent_tui.store.files import FileStore

    ours = [one for one in aside if one.by_our_fault]
    if number := len(aside) - len(ours):
        text = ngettext(
            "{number} message could not be read and was set aside",
            "{number} messages could not be read and were set aside",
            number,
        )
        yield Found("store", "note", text.format(number=number))
    files = FileStore(locations.files)
    for account in dict.fromkeys(one.account for one in ours):
        mine = [one for one in ours if one.account == account]
        kept = [str(files.path(one.raw)) for one in mine if one.raw]
        text = ngettext(
            "{number} message of {account} was set aside by a fault of this program ({log} tells more).",
            "{number} messages of {account} were set aside by a fault of this program ({log} tells more).",
            len(mine),
        ).format(number=f"{len(mine):,}", account=account, log=locations.log / "worker.log")
        if kept:
            command = shlex.join(["agent-tui", "import", "--account", account, *kept[:MOST_PATHS]])
            more = " …" if kept[MOST_PATHS:] else ""
            text += " " + _("Kept as they came; after an update they are tried again: {command}").format(
                command=command + more
            )
        yield Found("store", "bad", text)


def _worker(locations: Locations) -> Iterator[Found]:
    from agent_tui.sync.lock import worker_holder

    holder = worker_holder(locations.worker_lock)
    if holder is None:
        yield Found("worker", "note", _("none runs; a desk starts one, or `agent-tui sync`"))
        if died := _last_error(locations.log / "worker.log"):
            text = _("the last one ended in trouble: {line} (the whole of it: {path})")
            yield Found("worker", "bad", text.format(line=died, path=locations.log / "worker.log"))
    elif holder.version not in ("", __version__):
        yield Found(
            "worker", "bad", _("version {version} runs (process {pid})").format(version=holder.version, pid=holder.pid)
        )
    else:
        yield Found("worker", "ok", _("runs, process {pid}").format(pid=holder.pid))


def _last_error(log: Path) -> str:
    """What the last worker said of its end, where it did not end well."""
    from agent_tui.logs import FURTHER
    from agent_tui.sync.main import BEGINS, ENDS, FAILS, NO_STORE

    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LAST_OF_LOG))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    died = why = ""
    for line in lines:
        if line.startswith(FURTHER):
            if died and line.removeprefix(FURTHER)[:1].strip():  # the last such line of a traceback is the error itself
                why = line.strip()
        elif " ERROR " in line and (FAILS in line or NO_STORE in line):
            died, why = line, ""
        elif BEGINS in line or ENDS in line:
            died = why = ""
    return safe(f"{died} ({why})" if died and why else died, one_line=True)[:LONGEST_LINE]


def _accounts(locations: Locations) -> Iterator[Found]:
    if not locations.database.exists():
        yield Found("accounts", "note", _("none yet"))
        return
    from agent_tui.domain.account import Health
    from agent_tui.store.open import open_reads

    reads = open_reads(locations.data)
    try:
        health = {state.account: state for state in reads.health()}
        accounts = reads.accounts()
    finally:
        reads.close()
    if not accounts:
        yield Found("accounts", "note", _("none yet: agent-tui account add BACKEND"))
    for account in accounts:
        state = health.get(account.id)
        if account.offline:
            yield Found("account", "ok", _("{id}: imported files").format(id=account.id))
        elif state is None or state.health is Health.OFF:
            yield Found(
                "account",
                "note",
                _("{id} ({backend}): was not connected yet").format(id=account.id, backend=account.backend),
            )
        elif state.fault is not None and state.health is not Health.CONNECTED:
            yield Found("account", "bad", f"{account.id}: {fault_in_words(state.fault)}")
        else:
            yield Found("account", "ok", f"{account.id} ({account.backend}): {labels.health(state.health)[0]}")


def _secrets(locations: Locations) -> Iterator[Found]:
    from agent_tui.credentials import Credentials, KeyringState, Way, probe, variable

    state, name = probe()
    if state is KeyringState.USABLE:
        yield Found("keyring", "ok", _("the system's keyring can be used ({name})").format(name=name))
    else:
        yield Found("keyring", "note", error_in_words(state.value, {}))
    chosen = load(locations.settings_file)[0].secrets
    if chosen:
        yield Found("secrets", "ok", _("new ones go to: {way}").format(way=_(WAYS[chosen])))
    credentials = Credentials(locations)
    if credentials.vault.exists:
        loose = is_loose(credentials.vault.path)
        text = _("open to other users; chmod 600 closes it") if loose else _("encrypted, opened by a passphrase")
        yield Found("vault", "bad" if loose else "ok", f"{credentials.vault.path}: {text}")
    for account, options in credentials.references.all().items():
        for option, reference in options.items():
            how = f" ({reference.command[0]})" if reference.way is Way.COMMAND and reference.command else ""
            lost = reference.way is Way.KEYRING and state is not KeyringState.USABLE
            text = f"{account} {option}: {_(WAYS[reference.way])}{how}" + (" (OAuth)" if reference.oauth else "")
            yield Found("secret", "bad" if lost else "ok", text)
            if credentials.is_idle(account, option, reference):
                unused = _("{name} of the environment is not used: another way of keeping it was chosen after it")
                yield Found("secret", "note", unused.format(name=variable(account, option)))


def _terminal(locations: Locations) -> Iterator[Found]:
    term = os.environ.get("TERM", "")
    facts = [term or _("no TERM")]
    if sys.stdout.isatty():
        size = os.get_terminal_size()
        facts.append(f"{size.columns}×{size.lines}")
    facts += [name for name in ("COLORTERM", "NO_COLOR", "TMUX", "SSH_TTY") if os.environ.get(name)]
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    if not utf8:
        yield Found("terminal", "note", _("the locale is not UTF-8, so the desk is drawn with ASCII alone"))
    yield Found("terminal", "ok", ", ".join(facts))
