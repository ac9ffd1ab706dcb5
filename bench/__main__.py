"""`python -m bench`: make the mailboxes, measure the desk and its peers, say which budgets hold."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from bench import measure_delivery, measure_desk, measure_ingest, measure_store, peers
from bench.fill import data_folder, fill
from bench.mailbox import long_threads, write_maildir
from bench.measure_desk import Figure
from bench.report import Figures, Run, budgets, markdown, write

ROOT = Path(__file__).parent.parent
MILLION = 1_000_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000", help="messages of the mailboxes (%(default)s)")
    parser.add_argument("--million", action="store_true", help="also a store of 1,000,000 messages (kept in --folder)")
    parser.add_argument("--folder", type=Path, help="where mailboxes are kept between runs (a new temporary folder)")
    parser.add_argument("--times", type=int, default=5, help="starts of each program (%(default)s)")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    parser.add_argument("--no-ingest", action="store_true", help="leave the whole mailboxes over IMAP out")
    parser.add_argument("--no-delivery", action="store_true", help="leave the delivery of single mails out")
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
    big = sizes[-1]
    figures: list[Figure] = []
    missing: list[str] = []
    for size in sizes:
        _say(f"mailbox and workspace of {said(size)} messages")
        figures.append(_filled(folder, size))
        write_maildir(folder / f"maildir-{size}", size)
    for size in sizes:
        figures += _sized(folder, size, options.times)
    if options.million:
        figures.append(_filled(folder, MILLION))
        figures += _sized(folder, MILLION, options.times)
    figures += measure_desk.writing(folder / "demo")
    if options.no_delivery:
        missing.append("delivery to painted: left out by --no-delivery")
    else:
        _say("delivery to painted")
        figures += measure_delivery.delivered()
    if options.no_ingest:
        missing.append("the whole mailbox over IMAP: left out by --no-ingest")
    else:
        figures += _ingest(folder, sizes, missing, peers_too=not options.no_peers)
    found_peers = [] if options.no_peers else _peers(folder, big, options.times, figures, missing)
    searched = [] if options.no_peers else _searched(folder, big, options.times, figures, missing)
    most = MILLION if options.million else big
    if most == big:
        missing.append("start, searches and memory at 1,000,000 messages: `python -m bench --million`")
    return _conclude(options, Run(machine(), figures, found_peers, [], missing, searched), (sizes[0], big, most))


def _filled(folder: Path, size: int) -> Figure:
    seconds = fill(folder / f"home-{size}", size)
    return Figure(f"{said(size)}: store filled with finished texts, messages a second", size / seconds)


def _sized(folder: Path, size: int, times: int) -> list[Figure]:
    """What is measured at every size."""
    home, label = folder / f"home-{size}", said(size)
    _say(f"the desk on {label}")
    starts = measure_desk.starts(home, times)
    return [
        Figure(f"{label}: start to the inbox, median", statistics.median(starts), "ms"),
        *measure_desk.keys(home, label),
        *measure_store.searches(data_folder(home), size),
    ]


def _ingest(folder: Path, sizes: list[int], missing: list[str], *, peers_too: bool) -> list[Figure]:
    """The whole mailbox from a server, by our worker and by the peers."""
    figures: list[Figure] = []
    for size in sizes:
        _say(f"{said(size)} messages over IMAP")
        try:
            figures += measure_ingest.whole_mailbox(
                folder / f"maildir-{size}", size, folder / f"ingest-{size}", said(size), peers=peers_too
            )
        except measure_ingest.CannotMeasure as reason:
            missing.append(f"the whole mailbox over IMAP: {reason}")
            return figures
    if peers_too and not any("mbsync" in figure.name for figure in figures):
        missing.append("mbsync and notmuch new beside it: not installed")
    return figures


def _peers(folder: Path, size: int, times: int, figures: list[Figure], missing: list[str]) -> list[peers.Peer]:
    maildir, work, label = folder / f"maildir-{size}", folder / f"peers-{size}", said(size)
    found = []
    _say("neomutt")
    if (mutt := peers.neomutt(maildir, work, times)) is not None:
        found.append(mutt)
        home, long = folder / f"home-{size}", long_threads(size)
        for name, costs in (
            (f"{label}: page with neomutt's columns", measure_desk.same_columns(home)),
            (f"{label}: neomutt with these columns, page", peers.neomutt_like_ours(maildir, work)),
            (f"{label}: message opened at neomutt's columns", measure_desk.same_message(home, long + 1)),
            (f"{label}: neomutt, the same message opened", peers.neomutt_same_message(maildir, work, long)),
        ):
            if costs is not None:
                figures.append(Figure(f"{name}, bytes", costs.bytes_mean, "B"))
                figures.append(Figure(f"{name}, bytes for each byte of its text", costs.text_ratio()))
    else:
        missing.append("neomutt: not installed")
    _say("alot")
    if (alot := peers.alot(maildir, work, times)) is not None:
        found.append(alot)
    else:
        missing.append("alot: not installed")
    return found


def _searched(folder: Path, size: int, times: int, figures: list[Figure], missing: list[str]) -> list[peers.Searched]:
    """The same searches by notmuch, whose index `alot` has left."""
    _say("notmuch")
    words = measure_store.SEARCHES
    found = peers.notmuch_searches(folder / f"maildir-{size}", folder / f"peers-{size}", words, times)
    if found is None:
        missing.append("notmuch search and count: not installed")
        return []
    pages, counts, start = found
    figures.append(Figure(f"{said(size)}: notmuch, start of the program, median", start, "ms"))
    ours = measure_store.medians(data_folder(folder / f"home-{size}"))
    return [peers.Searched(name, ours[name][0], pages[name], ours[name][1], counts[name]) for name in words]


def _conclude(options: argparse.Namespace, run: Run, sizes: tuple[int, int, int]) -> int:
    small, big, most = map(said, sizes)
    run.budgets = budgets(Figures(run.figures), run.peers, small=small, big=big, most=most)
    write(run, options.document, options.json)
    print(markdown(run))
    return 1 if options.strict and not all(budget.holds for budget in run.budgets) else 0


if __name__ == "__main__":
    sys.exit(main())
