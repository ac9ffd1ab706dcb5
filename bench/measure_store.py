"""The store alone: searches, and how long it takes to become searchable."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from agent_tui.desk.search import parse
from agent_tui.domain.conversation import View
from agent_tui.domain.times import now
from agent_tui.store.open import open_reads
from agent_tui.store.ports import DeskReads
from bench.mailbox import COMMON, PHRASE, RARE
from bench.measure_desk import Figure
from bench.program import percentile

AGENT = "bench"
SEARCHES = {
    "common word": COMMON,
    "rare word": RARE,
    "two words": "order courier",
    "phrase": f'"{PHRASE}"',
    "prefix of two letters": "ор*",
    "Ukrainian word": "замовлення",
    "word without another": f"{COMMON} -courier",
}


def _timed(work: Callable[[], object], times: int) -> list[float]:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1000)
    return found


def searches(data: Path, label: str, times: int = 30) -> list[Figure]:
    """First page, count and relevance of each kind of search; the worst p95 of each stands for all."""
    reads = open_reads(data)
    figures: list[Figure] = []
    newest, counts, best = 0.0, 0.0, 0.0
    for name, text in SEARCHES.items():
        query = parse(text, now(), ZoneInfo("UTC"))
        page = percentile(_timed(partial(reads.hits, query, AGENT, None, 50), times), 95)
        newest = max(newest, page)
        counts = max(counts, percentile(_timed(partial(reads.count, query, AGENT), times), 95))
        best = max(best, percentile(_timed(partial(reads.hits, query, AGENT, None, 50, True), times), 95))
        figures.append(Figure(f"{label}: search, {name}, p95", page, "ms"))
    figures += [
        Figure(f"{label}: search, first page, worst p95", newest, "ms"),
        Figure(f"{label}: search, count, worst p95", counts, "ms"),
        Figure(f"{label}: search, by relevance, worst p95", best, "ms"),
        Figure(f"{label}: inbox page from the store, p95", percentile(_timed(lambda: _page(reads), times), 95), "ms"),
    ]
    reads.close()
    return figures


def _page(reads: DeskReads) -> object:
    return reads.page(View.INBOX, AGENT, None, 50)


def imported(maildir: Path, home: Path) -> float:
    """Seconds until a Maildir is readable and searchable here, from the command line."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "agent_tui", "--home", str(home), "import", "--json", str(maildir)]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun
