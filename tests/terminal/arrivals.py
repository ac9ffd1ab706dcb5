"""Customers who write while a desk runs, in letters that are hard to draw. Written by the worker's side of the store."""

from __future__ import annotations

from pathlib import Path

from agent_tui.domain.message import Placement, Rule
from agent_tui.domain.times import MINUTE
from agent_tui.store.open import open_worker
from tests.desk_data import converse, message, person

CERTAIN = (
    "注文した商品がまだ届きません。確認してください",
    "cafe\u0301 nai\u0308ve e\u0301te\u0301, Zu\u0308rich",
    "محمد: أين طلبي؟ رقم 4421",
    "שלום, איפה ההזמנה שלי? 12",
    "Ще не надійшло, їжак ї ґанок 日本",
    "한국어 주문 ｆｕｌｌｗｉｄｔｈ ﾊﾝｶｸ",
    "═ │ ▌ ░ ● tab\there 🎉 👍 ✓",
)
"""Every terminal counts their cells alike."""
CLUSTERS = (
    "👩\u200d👩\u200d👧 👍🏽 🇺🇦 ❤️ ✈️ 1️⃣ 🎉",
    "ไม่ได้รับสินค้า นำ้ काम नहीं",
)
"""Terminals disagree about these."""
FIRST = 9
"""So many are there before the desk opens."""


def arrive(home: Path, number: int, *, certain: bool = False) -> None:
    """A customer writes: a new conversation, or again in one of those."""
    texts = CERTAIN if certain else (*CLUSTERS, *CERTAIN)
    text = texts[number % len(texts)]
    who = person(f"{text[:14]} {number % len(texts)}", f"hard{number % len(texts)}@example.com")
    body = "\n".join([text, f"{text} " * 6, "", f"Number {number}"])
    new = message(
        body,
        (400 if number < FIRST else 300) * MINUTE - number * MINUTE,
        who,
        native_id=f"hard-{number}",
        header_id=f"hard-{number}@example.com",
        unread=number % 3 != 0,
    )
    worker = open_worker(home)
    try:
        if number < FIRST or number % 2 == 0:
            with worker.ingest() as tx:
                converse(tx, f"{text[::-1] if text.isascii() else text} {number}", who, [new])
        else:
            with worker.ingest() as tx:
                tx.add_message(new, 1 + number % 12, Placement(Rule.IN_REPLY_TO, {"header": "m1@example.com"}))
    finally:
        worker.close()
