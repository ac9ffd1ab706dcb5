"""A whole mailbox from a real server into the store, with a desk open beside it; mbsync and notmuch on the same mails."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agent_tui.domain.conversation import View
from agent_tui.locations import locate
from agent_tui.store.open import open_reads
from agent_tui.store.ports import DeskReads
from agent_tui.sync.launch import stop_worker
from bench.fill import data_folder
from bench.lock import LockProbe
from bench.mailbox import RARE, WITH_RARE, mail
from bench.measure_desk import BAR, ESC, FEW_ROWS, SSH, Figure
from bench.peers import notmuch_new
from bench.program import Costs, Program, percentile
from tests.servers import dovecot as dovecot_server
from tests.servers.dovecot import Dovecot
from tests.servers.mailserver import MailUser

AGENT = "bench"
COMMAND = [sys.executable, "-m", "agent_tui"]
KEYS_AT_ONCE = 20
KEYS_AT_MOST = 600
MOVES_AT_MOST = 40
TOWARDS_THE_EDGE = 7
"""Rows of a burst that is not measured: fewer than half a page, by which the list moves."""
ROOM = 4 * TOWARDS_THE_EDGE
"""So many rows have to be there below the cursor."""
PLACE = re.compile(r"([\d,]+) of ([\d,]+)")
"""Its row, and how many there are."""
PATIENCE = 3600.0


class CannotMeasure(Exception):
    """What this needs is not installed; the text says what."""


@dataclass(slots=True)
class _Seen:
    """Moments, in seconds of `perf_counter`."""

    added: float = 0.0
    listed: float = 0.0
    painted: float = 0.0
    whole: float = 0.0


@dataclass(slots=True)
class _Pressed:
    """Keys while the worker ingests."""

    inside: Costs = field(default_factory=Costs)
    """To and fro between two rows."""
    edges: Costs = field(default_factory=Costs)
    """Those that moved the list."""


def whole_mailbox(maildir: Path, count: int, work: Path, label: str, *, peers: bool) -> list[Figure]:
    """Serve the mails by Dovecot; time the worker, then mbsync with `notmuch new`, on the same server."""
    if reason := dovecot_server.available():
        raise CannotMeasure(reason)
    server = Dovecot()
    try:
        user = server.new_user()
        _serve(server, user, maildir, count)
        figures = _ours(server, user, count, work / "home", label)
        if peers:
            figures += _theirs(server, user, count, work / "mbsync", label)
        return figures
    finally:
        server.stop()


def _serve(server: Dovecot, user: MailUser, maildir: Path, count: int) -> None:
    """Put the mails into the mailbox, and let the server count them: a server that runs knows its mailboxes."""
    home = server.mail_folder(user)
    owner = home.parent.stat()
    for part in ("cur", "new", "tmp"):
        (home / part).mkdir(parents=True, exist_ok=True)
    for entry in os.scandir(maildir / "cur"):
        target = home / "cur" / entry.name
        try:
            os.link(entry.path, target)
        except OSError:  # another file system
            shutil.copy2(entry.path, target)
        if os.getuid() == 0:
            os.chown(target, owner.st_uid, owner.st_gid)
    if os.getuid() == 0:
        for path in (home, *(home / part for part in ("cur", "new", "tmp"))):
            os.chown(path, owner.st_uid, owner.st_gid)
    line = server.mailbox(user)
    line.sock.settimeout(600)
    _, told = line.select("INBOX", readonly=True)
    line.logout()
    if int(told[0] or 0) != count:
        raise RuntimeError(f"the server counts {told[0]!r} mails of {count}")


def _ours(server: Dovecot, user: MailUser, count: int, home: Path, label: str) -> list[Figure]:
    shutil.rmtree(home, ignore_errors=True)
    secret = {"AGENT_TUI_SECRET_MAIL_PASSWORD": user.password, "AGENT_TUI_HOME": str(home)}
    try:
        # the first run's screen is open, its worker runs: the account is added to a desk that works
        with Program(COMMAND, {**SSH, **secret}) as desk:
            desk.wait("Welcome", 60)
            desk.settle(2.0)
            desk.press(ESC, 0.5)
            seen, pressed, waits = _watch(desk, server, user, count, home, secret)
            memory = desk.memory()
        _check(home, count)
    finally:
        stop_worker(locate(str(home)))
    store = data_folder(home) / "store.db"
    figures = [
        Figure(f"{label}: account added to newest conversation listed and readable", seen.listed - seen.added, "s"),
        Figure(f"{label}: account added to newest conversation painted", seen.painted - seen.added, "s"),
        Figure(f"{label}: whole mailbox over IMAP, readable and searchable", seen.whole - seen.added, "s"),
        Figure(f"{label}: whole mailbox over IMAP, mails a second", count / (seen.whole - seen.added)),
        Figure(f"{label}: whole mailbox over IMAP, size of the database", store.stat().st_size / 1e6, "MB"),
        Figure(f"{label}: memory of the desk behind it", memory, "MB"),
    ]
    moved, edges = pressed.inside, pressed.edges
    if len(moved.first) >= KEYS_AT_ONCE:
        figures += [
            Figure(f"{label}: keys pressed while the worker ingests", len(moved.first)),
            Figure(f"{label}: j while the worker ingests, p50", percentile(moved.first, 50), "ms"),
            Figure(f"{label}: j while the worker ingests, p95", percentile(moved.first, 95), "ms"),
            Figure(f"{label}: wait for the store's lock while the worker ingests, p99", percentile(waits, 99), "ms"),
        ]
    if edges.first:
        name = f"{label}: j where the list moves, while the worker ingests"
        figures += [
            Figure(f"{name}, so many", len(edges.first)),
            Figure(f"{name}, p50", percentile(edges.first, 50), "ms"),
            Figure(f"{name}, p95", percentile(edges.first, 95), "ms"),
        ]
    return figures


def _watch(
    desk: Program, server: Dovecot, user: MailUser, count: int, home: Path, secret: dict[str, str]
) -> tuple[_Seen, _Pressed, list[float]]:
    seen, store = _Seen(), data_folder(home) / "store.db"
    add = ("account", "add", "imap", "--id", "mail", "--host", server.host, "--port", str(server.imaps_port))
    smtp = ("--smtp-port", "1", "--user", user.address, "--ca-file", str(server.ca_file))
    words = [*COMMAND, *add, *smtp, "--no-check", "--password-env"]
    subject = mail(count - 1, count).subject.removeprefix("Re: ")
    reads = open_reads(data_folder(home))
    before = len(desk.received)
    with subprocess.Popen(words, env={**os.environ, **secret}, stdout=subprocess.DEVNULL) as adding:
        _until(desk, lambda: bool(reads.accounts()))
        seen.added = time.perf_counter()
        _until(desk, lambda: _readable(reads, subject))
        seen.listed = time.perf_counter()
        # blanks that stand already are not painted again
        desk.wait(r"\s*".join(map(re.escape, subject.split()[:3])), 60, since=before)
        seen.painted = time.perf_counter()
        if adding.wait(60) != 0:
            raise RuntimeError("the account was not added")
    reads.close()
    pressed = _Pressed()
    desk.settle(0.5, 5.0)
    with LockProbe(store) as probe:
        while not _done(store):
            if time.perf_counter() - seen.added > PATIENCE:
                raise TimeoutError(f"the mailbox is not whole after {PATIENCE:.0f} s:\n{desk.text()}")
            if len(pressed.inside.first) < KEYS_AT_MOST:
                pressed.inside.add(desk.measure(["j", "k"] * (KEYS_AT_ONCE // 2), still=0.03, sign=BAR))
            if len(pressed.edges.first) < MOVES_AT_MOST:
                pressed.edges.add(_over_the_edge(desk))
            desk.idle(0.25)
        seen.whole = time.perf_counter()
    return seen, pressed, probe.waits


def _over_the_edge(desk: Program) -> Costs:
    """Down to the edge of the window and on: the key that moved the list. None where the list ends soon: it goes on
    while the mailbox comes in, and a key at its end has no answer."""
    desk.idle(0.2)
    place = PLACE.search(desk.text())
    if place is None or int(place[2].replace(",", "")) - int(place[1].replace(",", "")) < ROOM:
        desk.press("gg", 0.06)
        return Costs()
    desk.press("j" * TOWARDS_THE_EDGE, 0.06)
    for _ in range(3 * TOWARDS_THE_EDGE):
        moved = desk.measure(["j"], still=0.03, sign=BAR, cells=True).where(lambda rows: rows > FEW_ROWS)
        if moved.first:
            return moved
    return Costs()


def _until(desk: Program, true: Callable[[], bool]) -> None:
    end = time.perf_counter() + 120
    while not true():
        if time.perf_counter() > end:
            raise TimeoutError(f"it never came; the screen:\n{desk.text()}")
        desk.idle(0.005)


def _readable(reads: DeskReads, subject: str) -> bool:
    """The newest conversation stands first in the list, and its text can be read."""
    rows = reads.page(View.INBOX, AGENT, None, 1)
    return bool(rows) and rows[0].subject.endswith(subject) and bool(reads.items(rows[0].id, None, 5))


def _done(store: Path) -> bool:
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        row = connection.execute("SELECT done FROM cursor WHERE account = 'mail' AND stream = 'history'").fetchone()
    connection.close()
    return bool(row and row[0])


def _check(home: Path, count: int) -> None:
    """All of it is there, and the index knows it."""
    store = data_folder(home) / "store.db"
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        stored = connection.execute("SELECT count(*) FROM message").fetchone()[0]
        hits = connection.execute("SELECT count(*) FROM search WHERE search MATCH ?", (RARE,)).fetchone()[0]
    connection.close()
    if stored != count or hits != WITH_RARE:
        raise RuntimeError(f"{stored} of {count} mails are in the store, {hits} of {WITH_RARE} are found")


def _theirs(server: Dovecot, user: MailUser, count: int, work: Path, label: str) -> list[Figure]:
    """mbsync fetches the mailbox into an empty Maildir, notmuch makes it searchable."""
    program = shutil.which("mbsync")
    if program is None or shutil.which("notmuch") is None:
        return []
    shutil.rmtree(work, ignore_errors=True)
    (work / "mail").mkdir(parents=True)
    settings = work / "mbsyncrc"
    settings.write_text(
        f"IMAPAccount a\nHost {server.host}\nPort {server.imaps_port}\nUser {user.address}\nPass {user.password}\n"
        f"SSLType IMAPS\nCertificateFile {server.ca_file}\n\n"
        f"IMAPStore far\nAccount a\n\n"
        f"MaildirStore near\nPath {work}/mail/\nInbox {work}/mail/INBOX\n\n"
        f"Channel c\nFar :far:INBOX\nNear :near:INBOX\nCreate Near\nSync Pull\nSyncState *\n"
    )
    begun = time.perf_counter()
    done = subprocess.run([program, "-q", "-c", str(settings), "c"], capture_output=True, text=True, check=False)
    fetched = time.perf_counter() - begun
    if done.returncode != 0:
        raise RuntimeError(f"mbsync failed: {done.stderr[-500:]}")
    here = sum(1 for part in ("cur", "new") for _ in os.scandir(work / "mail" / "INBOX" / part))
    if here != count:
        raise RuntimeError(f"mbsync fetched {here} of {count} mails")
    indexed = notmuch_new(work / "mail" / "INBOX", work)
    assert indexed is not None
    shutil.rmtree(work, ignore_errors=True)
    return [
        Figure(f"{label}: mbsync, the same mailbox", fetched, "s"),
        Figure(f"{label}: notmuch new, the same mails", indexed, "s"),
    ]
