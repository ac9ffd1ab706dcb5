"""Figures beside their budgets, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.measure_desk import Figure
from bench.peers import Peer, Searched

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Budget:
    """A promise and what was measured."""

    what: str
    value: float
    limit: float
    unit: str
    against: str = ""
    """What the limit is made of, where it is no constant."""

    @property
    def holds(self) -> bool:
        return self.value <= self.limit


@dataclass(slots=True)
class Run:
    """All of one run."""

    machine: str
    figures: list[Figure]
    peers: list[Peer]
    budgets: list[Budget]
    not_measured: list[str]
    searched: list[Searched] = field(default_factory=list)


class Figures:
    """Looks figures up by name; a missing one makes no budget."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._values = {figure.name: figure.value for figure in figures}

    def __getitem__(self, name: str) -> float | None:
        return self._values.get(name)

    def worst(self, name: str) -> float | None:
        """The largest over all sizes."""
        found = [value for known, value in self._values.items() if _size_of(known) and known.endswith(f": {name}")]
        return max(found, default=None)


_CONSTANT = [
    ("j inside the page, painted to its last byte, p50", "{big}: j inside the page, p50", 5, "ms"),
    ("j inside the page, p95", "{big}: j inside the page, p95", 10, "ms"),
    ("j at the edge, where the list moves, p95", "{big}: j where the list moves, p95", 15, "ms"),
    (
        "j in the list over the whole width, where it moves, p95",
        "{big}: j full width, where the list moves, p95",
        15,
        "ms",
    ),
    (
        "j beside a conversation (160 columns), where the list moves, p95",
        "{big}: j beside a conversation, where the list moves, p95",
        15,
        "ms",
    ),
    ("j while the worker ingests, p50", "{big}: j while the worker ingests, p50", 5, "ms"),
    ("j while the worker ingests, p95", "{big}: j while the worker ingests, p95", 10, "ms"),
    (
        "j at the edge, where the list moves, while the worker ingests, p95",
        "{big}: j where the list moves, while the worker ingests, p95",
        15,
        "ms",
    ),
    ("bytes of j, light cursor", "{big}: j, bytes, light cursor", 100, "B"),
    ("bytes of j, coloured row", "{big}: j, bytes, coloured row", 450, "B"),
    ("bytes of j, mean over 200 down, full width", "{big}: j full width, bytes, mean over 200 down", 300, "B"),
    (
        "bytes of j, mean over 200 down, beside a conversation (160 columns)",
        "{big}: j beside a conversation, bytes, mean over 200 down",
        300,
        "B",
    ),
    ("bytes of j, mean over 200 down, at 120 columns", "{big}: j, bytes, mean over 200 down", 300, "B"),
    ("a page: bytes / (1.5 × its text + 10 a run)", "{big}: page, share of 1.5 × text + 10 a run", 1, ""),
    ("a page over the whole width: the same", "{big}: page full width, share of 1.5 × text + 10 a run", 1, ""),
    ("a conversation opened: the same", "{big}: conversation opened, share of 1.5 × text + 10 a run", 1, ""),
    ("bytes of the first paint", "{big}: bytes of the first paint", 8192, "B"),
    ("bytes of a switch of pane", "{big}: switch of pane, bytes", 1024, "B"),
    ("bytes of a typed character", "typed character, bytes", 80, "B"),
    ("bytes of an idle second", "{big}: bytes while idle, per second", 0, "B"),
    ("a conversation of 20 messages opened, p95", "{big}: conversation of 20 messages opened, p95", 50, "ms"),
    ("search, first page, worst p95", "{most}: search, first page, worst p95", 20, "ms"),
    ("search, count, worst p95", "{most}: search, count, worst p95", 50, "ms"),
    ("search, by relevance, worst p95", "{most}: search, by relevance, worst p95", 50, "ms"),
    (
        "a mail's delivery to the count that tells it, painted, worst of twelve",
        "delivery to painted count, worst",
        2,
        "s",
    ),
    ("a mail's delivery to its row, painted, worst of twelve", "delivery to painted row, worst", 2, "s"),
    ("account added to newest conversation painted", "{big}: account added to newest conversation painted", 2, "s"),
    ("memory of the desk", "{big}: memory", 120, "MB"),
    ("memory of the desk behind a mailbox that came in", "{big}: memory of the desk behind it", 120, "MB"),
    (
        "wait for the store's lock while the worker ingests, p99",
        "{big}: wait for the store's lock while the worker ingests, p99",
        100,
        "ms",
    ),
]


def budgets(figures: Figures, peers: Sequence[Peer], *, small: str, big: str, most: str) -> list[Budget]:
    """Every budget for which all was measured."""
    found = [*_starts(figures, peers, small, big, most), *_pages(figures, big)]
    for what, name, limit, unit in _CONSTANT:
        value = figures[name.format(small=small, big=big, most=most)]
        if value is not None:
            at = f"at {most}" if "{most}" in name and most != big else ""
            found.append(Budget(what, value, limit, unit, at))
    opened = figures.worst("conversation of 20 messages opened, p95")
    if opened is not None:
        found.append(Budget("a conversation of 20 messages opened, worst p95 over sizes", opened, 50, "ms"))
    whole = figures[f"{big}: whole mailbox over IMAP, readable and searchable"]
    fetched, indexed = figures[f"{big}: mbsync, the same mailbox"], figures[f"{big}: notmuch new, the same mails"]
    if whole is not None and fetched is not None and indexed is not None:
        against = "half of mbsync + notmuch new"
        what = "whole mailbox over IMAP, readable and searchable"
        found.append(Budget(what, whole, 0.5 * (fetched + indexed), "s", against))
    return found


def _starts(figures: Figures, peers: Sequence[Peer], small: str, big: str, most: str) -> list[Budget]:
    found = []
    by_name = {peer.name: peer for peer in peers}
    start, small_start = figures[f"{big}: start to the inbox, median"], figures[f"{small}: start to the inbox, median"]
    if start is None:
        return []
    if (alot := by_name.get("alot")) is not None:
        found.append(Budget("start to the inbox", start, 1.2 * alot.start_ms, "ms", "1.2 × alot"))
    if (mutt := by_name.get("neomutt")) is not None:
        found.append(Budget("start to the inbox", start, 0.5 * mutt.start_ms, "ms", "0.5 × neomutt"))
    for label in dict.fromkeys((big, most)):
        grown = figures[f"{label}: start to the inbox, median"]
        if small_start is not None and grown is not None and label != small:
            found.append(
                Budget("start, growth with the mailbox", grown / small_start, 1.15, "×", f"{small} to {label}")
            )
    return found


def _pages(figures: Figures, big: str) -> list[Budget]:
    """What we send beside what neomutt sends for the same."""
    found = []
    for what, mine, neomutts in (
        ("a page, the same columns in both", "page with neomutt's columns", "neomutt with these columns, page"),
        (
            "a conversation opened, the same text in both",
            "message opened at neomutt's columns",
            "neomutt, the same message opened",
        ),
    ):
        ours, theirs = figures[f"{big}: {mine}, bytes"], figures[f"{big}: {neomutts}, bytes"]
        if ours is not None and theirs is not None:
            found.append(Budget(what, ours, theirs, "B", "neomutt's"))
    return found


def _number(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _size_of(name: str) -> str:
    size, colon, _ = name.partition(": ")
    return size if colon and size.replace(",", "").isdigit() else ""


def _growth(run: Run) -> list[str]:
    """How every figure grows with the mailbox: one column for each size."""
    sizes = sorted(
        {size for figure in run.figures if (size := _size_of(figure.name))}, key=lambda s: int(s.replace(",", ""))
    )
    table: dict[str, dict[str, Figure]] = {}
    for figure in run.figures:
        if size := _size_of(figure.name):
            table.setdefault(figure.name.partition(": ")[2], {})[size] = figure
    lines = [f"| figure at messages | {' | '.join(sizes)} |", "|---" * (len(sizes) + 1) + "|"]
    for name, found in table.items():
        cells = (f"{_number(found[size].value)} {found[size].unit}".strip() if size in found else "" for size in sizes)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _searched(run: Run) -> list[str]:
    """Our searches beside notmuch's."""
    if not run.searched:
        return []
    lines = [
        "",
        "| search (medians) | ours, first page | `notmuch search --limit=50`, program start included | ours, count "
        "| `notmuch count`, program start included |",
        "|---" * 5 + "|",
    ]
    for one in run.searched:
        cells = (f"{_number(ms)} ms" for ms in (one.page, one.notmuch_page, one.count, one.notmuch_count))
        lines.append(f"| {one.name} | {' | '.join(cells)} |")
    return lines


def markdown(run: Run) -> str:
    """The section of docs/performance.md."""
    lines = [run.machine, "", "| what | measured | limit | made of | ratio | |", "|---|---|---|---|---|---|"]
    for budget in run.budgets:
        ratio = "" if not budget.limit else f"{budget.value / budget.limit:.2f}"
        lines.append(
            f"| {budget.what} | {_number(budget.value)} {budget.unit} | {_number(budget.limit)} {budget.unit} "
            f"| {budget.against} | {ratio} | {'holds' if budget.holds else '**misses**'} |"
        )
    lines += [
        "",
        "| | start | `j`, first byte | `j`, last byte | `j` bytes | page | page bytes | per byte of text | open | open bytes | memory |",
    ]
    lines.append("|---" * 11 + "|")
    for peer in run.peers:
        lines.append(
            f"| {peer.name} ({peer.version}) | {_number(peer.start_ms)} ms | {_number(peer.j_first_ms)} ms "
            f"| {_number(peer.j_last_ms)} ms | {_number(peer.j_bytes)} | {_number(peer.page_last_ms)} ms "
            f"| {_number(peer.page_bytes)} | {_number(peer.page_text_ratio)} | {_number(peer.open_last_ms)} ms "
            f"| {_number(peer.open_bytes)} | {_number(peer.memory_mb)} MB |"
        )
    lines += [*_searched(run), "", *_growth(run)]
    single = [figure for figure in run.figures if not _size_of(figure.name)]
    lines += ["", "| figure | value |", "|---|---|"]
    lines += [f"| {figure.name} | {_number(figure.value)} {figure.unit} |" for figure in single]
    if run.not_measured:
        lines += ["", "Not measured in this run:", "", *(f"- {what}" for what in run.not_measured)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def write(run: Run, document: Path, data: Path) -> None:
    """Put the section into the document, and the whole run beside it as JSON."""
    data.write_text(
        json.dumps(
            {
                "machine": run.machine,
                "figures": [asdict(figure) for figure in run.figures],
                "peers": [asdict(peer) for peer in run.peers],
                "searched": [asdict(one) for one in run.searched],
                "budgets": [{**asdict(budget), "holds": budget.holds} for budget in run.budgets],
                "not_measured": run.not_measured,
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )
    text = document.read_text() if document.exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{BEGIN}\n{markdown(run)}{END}{after}")
