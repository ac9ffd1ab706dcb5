"""Public terminal mail programs on the same mails, on the same pty, in the same run."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.mailbox import LONG
from bench.measure_desk import SAME, opened_in_turn
from bench.program import Costs, Program, percentile

Searches = tuple[Mapping[str, float], Mapping[str, float], float]

PAGE_DOWN = "\x1b[6~"


@dataclass(slots=True)
class Peer:
    """What one peer needed."""

    name: str
    version: str
    start_ms: float
    j_first_ms: float
    j_last_ms: float
    """Medians to the first and to the last byte, as for ours."""
    j_bytes: float
    page_last_ms: float
    page_bytes: float
    page_text_ratio: float
    open_last_ms: float
    open_bytes: float
    memory_mb: float


@dataclass(slots=True)
class Searched:
    """One search of ours and of notmuch on the same mails, medians in milliseconds."""

    name: str
    page: float
    """Fifty hits, newest first, asked of a store that was just opened."""
    notmuch_page: float
    """`notmuch search --limit=50`, from the start of the program to its end."""
    count: float
    notmuch_count: float


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
        opened = program.measure(["\r"] * 6, rest=0.15, reset=back)
        memory = program.memory()
    return Peer(
        name,
        version,
        percentile(starts, 50),
        percentile(moved.first, 50),
        percentile(moved.last, 50),
        moved.bytes_median,
        percentile(pages.last, 50),
        pages.bytes_median,
        pages.text_ratio(),
        percentile(opened.last, 50),
        opened.bytes_median,
        memory,
    )


READY = "ready [0-9]+ messages"
LIKE_OURS = """
set flag_chars=" !Ddr●●●●  "
set index_format=" %S %-19.19F %-{subject}.{subject}s        %4.4[%dd]"
set help=no
color normal color253 color235
color index_author color253 color235 ".*"
color index_subject color253 color235 ".*"
color index_date color247 color235
color index_author brightcolor253 color235 "~U"
color index_flags color75 color235 "~U"
color indicator color253 color235
color status color247 color235
"""
"""The columns of our row at 59 columns, as wide and in as many colours: unread, customer, subject, state, age."""


SAME_TEXT = """
ignore *
unignore from subject date
hdr_order from subject date
set markers=no
set display_filter="{filter}"
"""
"""A message as our conversation shows one: who, what, when and the text, without the signature, which is folded."""


def neomutt(maildir: Path, work: Path, times: int) -> Peer | None:
    """With a warm header cache."""
    command = _neomutt(maildir, work, "neomuttrc", 'set index_format="%Z %-20.20F %-60.60s %-8.8[%d %b]"\n')
    if command is None:
        return None
    env = {"HOME": str(work)}
    with Program(command, env) as warming:
        warming.wait(READY, 300)
    return _measure("neomutt", _version([command[0], "-v"]), command, READY, env, "q", times)


def neomutt_like_ours(maildir: Path, work: Path) -> Costs | None:
    """Pages of neomutt's index where it shows the columns that we show, at the same size."""
    command = _like_ours(maildir, work)
    if command is None:
        return None
    with Program(command, {"HOME": str(work)}, size=SAME) as program:
        program.wait(READY, 300)
        program.settle(1.0)
        # behind the long conversations, whose messages repeat one another's rows
        program.press("900\r", 0.5)
        program.measure([PAGE_DOWN] * 3)
        return program.measure([PAGE_DOWN] * 12, cells=True)


def neomutt_same_message(maildir: Path, work: Path, long_threads: int) -> Costs | None:
    """The messages of `measure_desk.same_message` opened in neomutt's pager, at the same size."""
    command = _like_ours(maildir, work)
    if command is None:
        return None
    with Program(command, {"HOME": str(work)}, size=SAME) as program:
        program.wait(READY, 300)
        program.settle(1.0)
        program.press(f"{long_threads * LONG + 1}\r", 0.5)
        return opened_in_turn(program)


def _like_ours(maildir: Path, work: Path) -> list[str] | None:
    """neomutt with our columns, and with what we show of a message."""
    work.mkdir(parents=True, exist_ok=True)
    without_signature = work / "without-signature"
    without_signature.write_text("#!/bin/sh\nexec sed -n '/^-- $/q;p'\n")
    without_signature.chmod(0o755)
    columns = LIKE_OURS.format(subject=SAME[0] - 3 - 20 - 1 - 8 - 4)
    return _neomutt(maildir, work, "neomuttrc-like-ours", columns + SAME_TEXT.format(filter=without_signature))


def _neomutt(maildir: Path, work: Path, name: str, more: str) -> list[str] | None:
    program = shutil.which("neomutt")
    if program is None:
        return None
    work.mkdir(parents=True, exist_ok=True)
    settings = work / name
    settings.write_text(
        f'set folder="{maildir.parent}"\nset spoolfile="{maildir}"\nset mbox_type=Maildir\n'
        f'set header_cache="{work}/headers"\nset sort=reverse-date-received\nset menu_scroll=yes\nset mail_check=0\n'
        'set status_format="ready %m messages"\n'
        "set quit=yes\nset mark_old=no\nset wait_key=no\n"
        f"bind index j next-entry\nbind index k previous-entry\nbind pager q exit\n{more}"
    )
    return [program, "-n", "-F", str(settings), "-R"]


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


def notmuch_searches(maildir: Path, work: Path, words: Mapping[str, str], times: int) -> Searches | None:
    """Milliseconds that notmuch needs for a first page and a count of each; the start of the program counts.

    The third is that start alone, by which the others can be read.
    """
    program = shutil.which("notmuch")
    if program is None:
        return None
    if not (work / "notmuch-config").exists() or not (maildir / ".notmuch").exists():
        notmuch_new(maildir, work)
    env = {**os.environ, "NOTMUCH_CONFIG": str(work / "notmuch-config")}

    def median(*arguments: str) -> float:
        found = []
        for _ in range(times):
            begun = time.perf_counter()
            subprocess.run([program, *arguments], env=env, capture_output=True, check=True)
            found.append((time.perf_counter() - begun) * 1000)
        return percentile(found, 50)

    pages = {name: median("search", "--limit=50", text) for name, text in words.items()}
    counts = {name: median("count", text) for name, text in words.items()}
    return pages, counts, median("--version")


def alot(maildir: Path, work: Path, times: int) -> Peer | None:
    """On an index that `notmuch new` made once."""
    program = shutil.which("alot")
    if program is None:
        return None
    if not (work / "notmuch-config").exists() or not (maildir / ".notmuch").exists():
        notmuch_new(maildir, work)
    settings = work / "alot-config"
    settings.write_text("initial_command = search tag:inbox\ncolourmode = 256\n")
    command = [program, "-n", str(work / "notmuch-config"), "-c", str(settings)]
    env = {"NOTMUCH_CONFIG": str(work / "notmuch-config"), "HOME": str(work)}
    return _measure("alot", _version([program, "--version"]), command, r"of \d+ messag", env, "d", times)
