"""`python -m bench`: make the mailboxes, measure the desk and its peers, say which budgets hold."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from bench import measure_delivery, measure_desk, measure_store, peers
from bench.fill import data_folder, fill
from bench.mailbox import write_maildir
from bench.measure_desk import Figure
from bench.report import Figures, Run, budgets, markdown, write

ROOT = Path(__file__).parent.parent
MILLION = 1_000_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", default="10000,100000", help="messages of the two mailboxes (%(default)s)")
    parser.add_argument("--million", action="store_true", help="also fill a store of 1,000,000 messages and search it")
    parser.add_argument("--folder", type=Path, help="where mailboxes are kept between runs (a new temporary folder)")
    parser.add_argument("--times", type=int, default=5, help="starts of each program (%(default)s)")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    parser.add_argument("--no-import", action="store_true", help="leave import and notmuch new out")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a budget is missed")
    parser.add_argument("--document", type=Path, default=ROOT / "docs" / "performance.md")
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "performance.json")
    return parser.parse_args()


def said(number: int) -> str:
    return f"{number:,}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def machine() -> str:
    load = os.getloadavg()[0]
    return (
        f"Measured with `make bench` on {os.cpu_count()} cores ({platform.machine()}, Python {platform.python_version()}, "
        f"load {load:.1f} at the end), 120×40, true colour. Absolute times move from machine to machine: read the ratios."
    )


def main() -> int:
    options = arguments()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="agent-tui-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    sizes = sorted(int(size) for size in options.sizes.split(","))
    small, big = sizes[0], sizes[-1]
    figures: list[Figure] = []
    found_peers: list[peers.Peer] = []
    for size in sizes:
        _say(f"a workspace of {said(size)} messages")
        fill(folder / f"home-{size}", size)
        write_maildir(folder / f"maildir-{size}", size)
    for size in sizes:
        home, label = folder / f"home-{size}", said(size)
        _say(f"the desk on {label}")
        starts = measure_desk.starts(home, options.times)
        figures.append(Figure(f"{label}: start to the inbox, median", statistics.median(starts), "ms"))
        if size == big and not options.no_peers:
            found_peers = _peers(folder, size, options.times)
        figures += measure_desk.keys(home, label)
        figures += measure_store.searches(data_folder(home), label)
    figures += measure_desk.writing(folder / "demo")
    _say("delivery to painted")
    figures += measure_delivery.delivered()
    if not options.no_import:
        figures += _ingest(folder, small, big)
    most = said(big)
    if options.million:
        _say("a store of 1,000,000 messages")
        home = folder / f"home-{MILLION}"
        fill(home, MILLION)
        most = said(MILLION)
        figures += measure_store.searches(data_folder(home), most)
        starts = measure_desk.starts(home, options.times)
        figures.append(Figure(f"{most}: start to the inbox, median", statistics.median(starts), "ms"))
    return _conclude(options, figures, found_peers, said(small), said(big), most)


def _peers(folder: Path, size: int, times: int) -> list[peers.Peer]:
    maildir, work = folder / f"maildir-{size}", folder / f"peers-{size}"
    found = []
    _say("neomutt")
    if (mutt := peers.neomutt(maildir, work, times)) is not None:
        found.append(mutt)
    _say("notmuch and alot")
    if not (work / "notmuch-config").exists() or not (maildir / ".notmuch").exists():
        peers.notmuch_new(maildir, work)
    if (alot := peers.alot(work, times)) is not None:
        found.append(alot)
    return found


def _ingest(folder: Path, small: int, big: int) -> list[Figure]:
    """Import beside notmuch, then the keys while mail comes in (into a copy of the workspace)."""
    _say("import")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="import-", dir=folder) as home:
        seconds = measure_store.imported(folder / f"maildir-{small}", Path(home))
        figures.append(Figure(f"{said(small)}: import, readable and searchable", seconds, "s"))
    peer = peers.notmuch_new(folder / f"maildir-{small}", folder / f"peers-{small}")
    if peer is not None:
        figures.append(Figure(f"{said(small)}: notmuch new", peer, "s"))
    _say("keys while mail is ingested")
    with tempfile.TemporaryDirectory(prefix="ingest-", dir=folder) as home:
        copy = shutil.copytree(folder / f"home-{big}", Path(home) / "home")
        figures += measure_desk.while_ingesting(copy, folder / f"maildir-{big}", said(big))
    return figures


def _conclude(
    options: argparse.Namespace, figures: list[Figure], found: list[peers.Peer], small: str, big: str, most: str
) -> int:
    missing = [
        "newest conversation readable after adding a mailbox of 100,000 on a local server",
        "mbsync beside the import",
    ]
    if most == big:
        missing.append("search and start at 1,000,000 messages: `python -m bench --million`")
    for name in ("neomutt", "alot"):
        if not options.no_peers and name not in {peer.name for peer in found}:
            missing.append(f"{name}: not installed")
    run = Run(machine(), figures, found, budgets(Figures(figures), found, small=small, big=big, most=most), missing)
    write(run, options.document, options.json)
    print(markdown(run))
    return 1 if options.strict and not all(budget.holds for budget in run.budgets) else 0


if __name__ == "__main__":
    sys.exit(main())
