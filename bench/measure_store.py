"""The store alone: searches, and how long it takes to become searchable."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from agent_tui.desk.search import parse
from agent_tui.domain.conversation import PageKey, View
from agent_tui.domain.search import Query
from agent_tui.domain.times import now
from agent_tui.store.open import open_reads
from agent_tui.store.ports import DeskReads
from bench.mailbox import COMMON, PHRASE, RARE, mail
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


def searches(data: Path, count: int, times: int = 30) -> list[Figure]:
    """First page, count and relevance of each kind of search; the worst p95 of each stands for all."""
    reads, label = open_reads(data), f"{count:,}"
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
        Figure(
            f"{label}: page deep in the inbox, p95", percentile(_timed(lambda: _deep(reads, count), times), 95), "ms"
        ),
        Figure(
            f"{label}: counts of all views, p95", percentile(_timed(lambda: reads.view_counts(AGENT), times), 95), "ms"
        ),
        Figure(f"{label}: size of the database", (data / "store.db").stat().st_size / 1e6, "MB"),
    ]
    reads.close()
    return figures


def medians(data: Path, times: int = 10) -> dict[str, tuple[float, float]]:
    """First page and count of each search, as they stand beside those of another program.

    Each is asked of a store that was just opened: what it remembers of the same question is no search.
    """

    def fresh(text: str, ask: Callable[[DeskReads, Query], object]) -> float:
        found = []
        for _ in range(times):
            reads, query = open_reads(data), parse(text, now(), ZoneInfo("UTC"))
            found += _timed(partial(ask, reads, query), 1)
            reads.close()
        return percentile(found, 50)

    return {
        name: (
            fresh(text, lambda reads, query: reads.hits(query, AGENT, None, 50)),
            fresh(text, lambda reads, query: reads.count(query, AGENT)),
        )
        for name, text in SEARCHES.items()
    }


def _page(reads: DeskReads) -> object:
    return reads.page(View.INBOX, AGENT, None, 50)


def _deep(reads: DeskReads, count: int) -> object:
    """A page behind half of the mailbox."""
    middle = PageKey(mail(count // 2, count).at, 1 << 62)
    found = reads.page(View.INBOX, AGENT, middle, 50)
    if len(found) != 50:
        raise RuntimeError("the middle of the inbox is not where it was looked for")
    return found
