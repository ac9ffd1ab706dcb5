"""Figures beside their budgets, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.measure_desk import Figure
from bench.peers import Peer

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


class Figures:
    """Looks figures up by name; a missing one makes no budget."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._values = {figure.name: figure.value for figure in figures}

    def __getitem__(self, name: str) -> float | None:
        return self._values.get(name)


_CONSTANT = [
    ("j in the list, painted, p50", "{big}: j, p50", 5, "ms"),
    (
        "j over 200 down, also where the list moves, p95",
        "{big}: j, p95 over 200 down, also where the list moves",
        15,
        "ms",
    ),
    ("j while mail is ingested, p50", "{big}: j while mail is ingested, p50", 5, "ms"),
    ("j while mail is ingested, p95", "{big}: j while mail is ingested, p95", 15, "ms"),
    ("bytes of j, light cursor", "{big}: j, bytes, light cursor", 100, "B"),
    ("bytes of j, coloured row", "{big}: j, bytes, coloured row", 450, "B"),
    ("bytes of j, mean over 200 down the list", "{big}: j, bytes, mean over 200 down", 300, "B"),
    ("a page: bytes / (1.5 × its text + 10 a run)", "{big}: page, share of 1.5 × text + 10 a run", 1, ""),
    ("a conversation opened: the same", "{big}: conversation opened, share of 1.5 × text + 10 a run", 1, ""),
    ("bytes of the first paint", "{big}: bytes of the first paint", 8192, "B"),
    ("bytes of a switch of pane", "{big}: switch of pane, bytes", 1024, "B"),
    ("bytes of a typed character", "typed character, bytes", 80, "B"),
    ("bytes of an idle second", "{big}: bytes while idle, per second", 0, "B"),
    ("a conversation of 20 messages opened, p95", "{big}: conversation of 20 messages opened, p95", 50, "ms"),
    ("search, first page, worst p95", "{most}: search, first page, worst p95", 20, "ms"),
    ("search, count, worst p95", "{most}: search, count, worst p95", 50, "ms"),
    ("search, by relevance, worst p95", "{most}: search, by relevance, worst p95", 50, "ms"),
    ("a mail's delivery to its painted row, worst of twelve", "delivery to painted, worst", 2, "s"),
    ("memory of the desk", "{big}: memory", 120, "MB"),
    (
        "wait for the store's lock while mail is ingested, p99",
        "{big}: wait for the store's lock while mail is ingested, p99",
        100,
        "ms",
    ),
]


def budgets(figures: Figures, peers: Sequence[Peer], *, small: str, big: str, most: str) -> list[Budget]:
    """Every budget for which all was measured."""
    found = []
    by_name = {peer.name: peer for peer in peers}
    start, small_start = figures[f"{big}: start to the inbox, median"], figures[f"{small}: start to the inbox, median"]
    if start is not None:
        if (alot := by_name.get("alot")) is not None:
            found.append(Budget("start to the inbox", start, 1.2 * alot.start_ms, "ms", "1.2 × alot"))
        if (mutt := by_name.get("neomutt")) is not None:
            found.append(Budget("start to the inbox", start, 0.5 * mutt.start_ms, "ms", "0.5 × neomutt"))
        if small_start is not None and small != big:
            found.append(Budget("start, growth with the mailbox", start / small_start, 1.15, "×", f"{small} to {big}"))
    page = figures[f"{big}: page, bytes for each byte of its text"]
    if page is not None and (mutt := by_name.get("neomutt")) is not None:
        found.append(Budget("a page: bytes for each byte of its text", page, mutt.page_text_ratio, "", "neomutt's"))
    for what, name, limit, unit in _CONSTANT:
        value = figures[name.format(small=small, big=big, most=most)]
        if value is not None:
            found.append(Budget(what, value, limit, unit))
    whole, peer = figures[f"{small}: import, readable and searchable"], figures[f"{small}: notmuch new"]
    if whole is not None and peer is not None:
        found.append(
            Budget("mails from files readable and searchable", whole, peer, "s", "notmuch new; no budget of its own")
        )
    return found


def _number(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(run: Run) -> str:
    """The section of docs/performance.md."""
    lines = [run.machine, "", "| what | measured | limit | made of | ratio | |", "|---|---|---|---|---|---|"]
    for budget in run.budgets:
        ratio = "" if not budget.limit else f"{budget.value / budget.limit:.2f}"
        lines.append(
            f"| {budget.what} | {_number(budget.value)} {budget.unit} | {_number(budget.limit)} {budget.unit} "
            f"| {budget.against} | {ratio} | {'holds' if budget.holds else '**misses**'} |"
        )
    lines += ["", "| peer | start | `j` | `j` bytes | page bytes | per byte of text | open bytes | memory |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for peer in run.peers:
        lines.append(
            f"| {peer.name} ({peer.version}) | {_number(peer.start_ms)} ms | {_number(peer.j_p50_ms)} ms | {_number(peer.j_bytes)} "
            f"| {_number(peer.page_bytes)} | {_number(peer.page_text_ratio)} | {_number(peer.open_bytes)} "
            f"| {_number(peer.memory_mb)} MB |"
        )
    lines += ["", "| figure | value |", "|---|---|"]
    lines += [f"| {figure.name} | {_number(figure.value)} {figure.unit} |" for figure in run.figures]
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
