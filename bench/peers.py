"""Public terminal mail programs on the same mails, on the same pty, in the same run."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.program import Program, percentile

PAGE_DOWN = "\x1b[6~"


@dataclass(slots=True)
class Peer:
    """What one peer needed."""

    name: str
    version: str
    start_ms: float
    j_p50_ms: float
    j_bytes: float
    page_bytes: float
    page_text_ratio: float
    open_bytes: float
    memory_mb: float


def _version(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).splitlines()[0] if (done.stdout or done.stderr) else "?"


def _measure(
    name: str, version: str, command: list[str], marker: str, env: Mapping[str, str], back: str, times: int
) -> Peer:
    starts = []
    with Program(command, env) as warming:
        warming.wait(marker)
    for _ in range(times):
        with Program(command, env) as program:
            starts.append(program.wait(marker))
    with Program(command, env) as program:
        program.wait(marker)
        program.settle(1.0)
        moved = program.measure(["j"] * 10)
        pages = program.measure([PAGE_DOWN] * 8, cells=True)
        opened = program.measure(["\r"] * 6, still=0.15, reset=back)
        memory = program.memory()
    return Peer(
        name,
        version,
        percentile(starts, 50),
        percentile(moved.first, 50),
        moved.bytes_median,
        pages.bytes_median,
        pages.text_ratio(),
        opened.bytes_median,
        memory,
    )


def neomutt(maildir: Path, work: Path, times: int) -> Peer | None:
    """With a warm header cache."""
    program = shutil.which("neomutt")
    if program is None:
        return None
    work.mkdir(parents=True, exist_ok=True)
    settings = work / "neomuttrc"
    settings.write_text(
        f'set folder="{maildir.parent}"\nset spoolfile="{maildir}"\nset mbox_type=Maildir\n'
        f'set header_cache="{work}/headers"\nset sort=reverse-date-received\nset menu_scroll=yes\nset mail_check=0\n'
        'set index_format="%Z %-20.20F %-60.60s %-8.8[%d %b]"\nset status_format="ready %m messages"\n'
        "set quit=yes\nset mark_old=no\nset wait_key=no\n"
        "bind index j next-entry\nbind index k previous-entry\nbind pager q exit\n"
    )
    command = [program, "-n", "-F", str(settings), "-R"]
    env = {"HOME": str(work)}
    with Program(command, env) as warming:
        warming.wait("ready [0-9]+ messages", 600)
    return _measure("neomutt", _version([program, "-v"]), command, "ready [0-9]+ messages", env, "q", times)


def notmuch_new(maildir: Path, work: Path) -> float | None:
    """Seconds that `notmuch new` takes; the index stays for alot."""
    program = shutil.which("notmuch")
    if program is None:
        return None
    work.mkdir(parents=True, exist_ok=True)
    settings = work / "notmuch-config"
    settings.write_text(
        f"[database]\npath={maildir}\n[user]\nname=Aurora\nprimary_email=support@aurora.example\n"
        "[new]\ntags=unread;inbox\nignore=.complete\n[search]\n[maildir]\nsynchronize_flags=false\n"
    )
    shutil.rmtree(maildir / ".notmuch", ignore_errors=True)
    begun = time.perf_counter()
    subprocess.run(
        [program, "new"], env={**os.environ, "NOTMUCH_CONFIG": str(settings)}, capture_output=True, check=True
    )
    return time.perf_counter() - begun


def alot(work: Path, times: int) -> Peer | None:
    """On the index that `notmuch new` left."""
    program = shutil.which("alot")
    if program is None or not (work / "notmuch-config").exists():
        return None
    settings = work / "alot-config"
    settings.write_text("initial_command = search tag:inbox\ncolourmode = 256\n")
    command = [program, "-n", str(work / "notmuch-config"), "-c", str(settings)]
    env = {"NOTMUCH_CONFIG": str(work / "notmuch-config"), "HOME": str(work)}
    return _measure("alot", _version([program, "--version"]), command, r"of \d+ messag", env, "d", times)
