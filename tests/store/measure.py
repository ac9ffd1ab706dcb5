"""Measures the store at a size of one's choice: `python -m tests.store.measure 100000`. Not collected as a test."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from agent_tui.domain.conversation import Channel, PageKey, Status, View
from agent_tui.domain.message import Placement, Rule
from agent_tui.domain.search import Filter, Query, Term, TermKind
from agent_tui.domain.times import SECOND, Micros
from agent_tui.store.ports import CopyPlace, IngestTransaction, NewMessage
from tests.store.makers import AGENT, START, S, Workspace, account, message

ENGLISH = [
    "order",
    "refund",
    "invoice",
    "payment",
    "delivery",
    "account",
    "password",
    "card",
    "bank",
    "letter",
    "shop",
    "price",
    "parcel",
    "courier",
    "address",
    "return",
    "please",
    "thank",
    "wrong",
    "broken",
    "missing",
    "late",
    "waiting",
    "question",
    "answer",
    "change",
    "cancel",
    "confirm",
    "receive",
    "send",
    "support",
    "customer",
]
CYRILLIC = [
    "замовлення",
    "повернення",
    "рахунок",
    "оплата",
    "доставка",
    "картка",
    "пароль",
    "кошти",
    "посилка",
    "адреса",
    "дякую",
    "будь",
    "ласка",
    "питання",
    "заказ",
    "возврат",
    "счет",
    "оплата",
    "доставка",
    "карта",
    "пароль",
    "деньги",
    "посылка",
    "адрес",
    "спасибо",
    "пожалуйста",
    "вопрос",
    "ответ",
    "ошибка",
]


def words(random_: random.Random, count: int) -> str:
    stock = random_.choice((ENGLISH, ENGLISH, CYRILLIC))
    rare = [f"w{random_.randrange(200_000)}" for _ in range(count // 6)]
    return " ".join(random_.choice(stock) for _ in range(count - len(rare))) + " " + " ".join(rare)


def percentiles(times: Sequence[float]) -> str:
    ordered = sorted(times)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * p))] * 1000 for p in (0.5, 0.95, 0.99)]
    return f"p50 {at[0]:.2f} p95 {at[1]:.2f} p99 {at[2]:.2f} max {ordered[-1] * 1000:.2f} ms"


def timed(name: str, call: Callable[[], object], times: int = 100) -> None:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    print(f"{name:42} {percentiles(taken)}")


def fill(store: Workspace, size: int) -> None:
    random_ = random.Random(7)
    held: list[float] = []
    begun = time.perf_counter()
    cpu = time.process_time()
    conversations: list[tuple[int, str]] = []
    merge = 0.0
    for batch in range(size // 50):
        made = [
            message(
                words(random_, 60),
                at=-(batch * 50 + n) * 60 * SECOND,
                sender=f"p{random_.randrange(size // 4)}@example.com",
                subject=S(words(random_, 5)),
            )
            for n in range(50)
        ]
        start = time.perf_counter()
        with store.worker.ingest() as tx:
            for n, new in enumerate(made):
                _ingest_one(tx, new, conversations, random_, batch * 50 + n)
            tx.save_cursor("mail", "history", str(batch))
        held.append(time.perf_counter() - start)
        if batch % 20 == 19:
            start = time.perf_counter()
            store.worker.merge_search_index(0.02)
            merge += time.perf_counter() - start
    taken = sum(held)
    print(f"{size} messages: {taken:.1f} s in transactions, {size / (taken + merge):.0f}/s; merging {merge:.1f} s")
    print(f"whole {time.perf_counter() - begun:.1f} s, cpu {time.process_time() - cpu:.1f} s; held {percentiles(held)}")


def _ingest_one(
    tx: IngestTransaction, new: NewMessage, conversations: list[tuple[int, str]], random_: random.Random, n: int
) -> None:
    assert tx.message_by_native(new.account, new.native_id) is None
    tx.candidates(new.account, [])
    tx.orphans(new.account, new.header_id, 20)
    contact = tx.contact_of("email", new.author.address) or tx.add_contact(
        new.author.name, "email", new.author.address, "wrote"
    )
    if conversations and random_.random() < 0.5:
        into, header = conversations[random_.randrange(max(0, len(conversations) - 2000), len(conversations))]
        found = tx.candidates(new.account, [header])
        assert found
        tx.participants(into)
    else:
        status = random_.choice((Status.OPEN, Status.SOLVED, Status.SOLVED, Status.WAITING))
        into = tx.add_conversation(new.account, Channel.EMAIL, new.subject, contact, status, new.arrived_at)
        conversations.append((into, new.header_id))
    item = tx.add_message(new, into, Placement(Rule.NEW))
    tx.see_contact(contact, "email", new.author.address, new.author.name, new.arrived_at)
    tx.put_copy(item, new.account, CopyPlace("INBOX", 1, n + 1, seen=n % 3 > 0))


def measure(store: Workspace) -> None:
    reads = store.reads
    timed("page of 60, inbox", lambda: reads.page(View.INBOX, AGENT, None, 60))
    timed("page of 60, all", lambda: reads.page(View.ALL, AGENT, None, 60))
    middle = Micros(START - 30_000 * 60 * SECOND)
    timed("page of 60, middle of all", lambda: reads.page(View.ALL, AGENT, PageKey(middle, 0), 60))
    timed("counts", lambda: reads.view_counts(AGENT))
    first = reads.page(View.ALL, AGENT, None, 200)
    timed("items of a conversation", lambda: reads.items(first[0].id, None, 50))
    timed("rows of 60", lambda: reads.rows([r.id for r in first[:60]], AGENT))
    timed("changes_since", lambda: reads.changes_since(0))
    word, phrase, prefix = TermKind.WORD, TermKind.PHRASE, TermKind.PREFIX
    queries = {
        "common word": Query([Term(word, "order")]),
        "cyrillic word": Query([Term(word, "повернень")]),
        "rare word": Query([Term(word, "w77")]),
        "two words": Query([Term(word, "refund"), Term(word, "courier")]),
        "word and rare word": Query([Term(word, "refund"), Term(word, "w123")]),
        "phrase": Query([Term(phrase, "refund order")]),
        "prefix of 2": Query([Term(prefix, "or")]),
        "prefix of 2, many": Query([Term(prefix, "w1")]),
        "prefix of 4": Query([Term(prefix, "w123")]),
        "word, prefix": Query([Term(word, "refund"), Term(prefix, "or")]),
        "negation": Query([Term(word, "refund"), Term(word, "order", True)]),
        "only negation": Query([Term(word, "order", True)]),
        "from": Query(filters=[Filter("from", "p77")]),
        "status and word": Query([Term(word, "order")], [Filter("status", "solved")]),
        "status that nothing has, and word": Query([Term(word, "order")], [Filter("status", "snoozed")]),
        "tag that nothing has": Query([], [Filter("tag", "none")]),
    }
    for name, query in queries.items():
        timed(f"search {name}", partial(reads.hits, query, AGENT, None, 50), 20)
        timed(f"  its count {reads.count(query, AGENT).number}", partial(reads.count, query, AGENT), 5)
    timed("by relevance, common word", lambda: reads.hits(queries["common word"], AGENT, None, 50, True), 10)
    timed("by relevance, two words", lambda: reads.hits(queries["two words"], AGENT, None, 50, True), 10)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    home = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp()) / "home"
    fresh = not home.exists()
    store = Workspace(home)
    if fresh:
        store.writes.put_account(account())
        fill(store, size)
    print(f"database {(home / 'store.db').stat().st_size / 1e6:.0f} MB")
    measure(store)
    store.close()


if __name__ == "__main__":
    main()
