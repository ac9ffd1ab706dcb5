"""A small workspace as an agent would find it: real store, pinned time, three languages, every state once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from agent_tui.content.safe import safe
from agent_tui.desk import actions
from agent_tui.desk.workspace import Desk, DeskSettings
from agent_tui.domain.account import Account, AccountHealth, Capability, Health
from agent_tui.domain.conversation import Channel, Priority, Status
from agent_tui.domain.message import Attachment, Automatic, Delivery, Direction, Person, Placement, Rule, Span
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import DAY, HOUR, MINUTE, Micros, from_datetime
from agent_tui.store.open import open_reads, open_worker, open_workspace, open_writes
from agent_tui.store.ports import DeskWrites, IngestTransaction, NewMessage

AGENT = "dana"
OWN = SafeText.trusted("support@aurora.example")


def pinned() -> Micros:
    """Friday 20 November 2026, 16:40 in UTC."""
    from datetime import UTC, datetime

    return from_datetime(datetime(2026, 11, 20, 16, 40, tzinfo=UTC))


NOW = pinned()
_count = 0


def person(name: str, address: str) -> Person:
    return Person(safe(name, one_line=True), safe(address, one_line=True))


def message(text: str, ago: int, author: Person, **changes: Any) -> NewMessage:
    """A message that arrived so long ago."""
    global _count  # noqa: PLW0603
    _count += 1
    at = Micros(NOW - ago)
    made = NewMessage(
        account="mail",
        channel=Channel.EMAIL,
        native_id=f"{_count:064x}",
        direction=Direction.IN,
        author=author,
        to=(Person(NOTHING, OWN),),
        cc=(),
        bcc=(),
        reply_to=(),
        subject=safe("Question", one_line=True),
        sent_at=at,
        arrived_at=at,
        text=safe(text),
        quoted=(),
        signature=None,
        links=(),
        files=(),
        automatic=Automatic.NO,
        warnings=(),
        header_id=f"m{_count}@example.com",
        in_reply_to=(),
        references=(),
        contact_id=None,
        raw=None,
        size=len(text),
        unread=False,
    )
    return replace(made, **changes)


def converse(
    tx: IngestTransaction, subject: str, customer: Person, messages: list[NewMessage], status: Status = Status.OPEN
) -> int:
    """A conversation of a customer with these messages."""
    key = customer.address.casefold()
    contact = tx.contact_of("email", key) or tx.add_contact(
        customer.name or customer.address, "email", customer.address, "test"
    )
    first = messages[0]
    made = tx.add_conversation(
        first.account, first.channel, safe(subject, one_line=True), contact, status, first.arrived_at, None
    )
    for number, one in enumerate(messages):
        ours = one.direction is Direction.OUT
        rule = Rule.NEW if number == 0 else Rule.OUTBOX if ours else Rule.OUR_MESSAGE_ID
        evidence = {} if number == 0 else {"header": messages[0].header_id}
        whole = replace(one, subject=safe(subject, one_line=True), contact_id=None if ours else contact)
        tx.add_message(whole, made, Placement(rule, evidence))
    return made


OLENA = person("Олена Коваленко", "olena.k@example.com")
REFUND = """Доброго дня! Кошти ще не надійшли, минуло вже вісім робочих днів.
Підкажіть, будь ласка, що сталося?"""
QUOTE = "\n".join(
    [
        "> Вітаю, Олено! Ми отримали посилку, повернення триває до п'яти",
        "> робочих днів. Напишу вам, щойно банк підтвердить.",
        ">",
        "> Dana",
        "> Aurora",
        "> https://aurora.example",
    ]
)

OTHERS: list[tuple[str, str, Channel, str, str, int, bool, Status]] = [
    ("Marta Lindqvist", "marta@example.com", Channel.CHAT, "Card declined at checkout", "it says the card is declined, but it works elsewhere", 1 * MINUTE, True, Status.NEW),
    ("Иван Петров", "ivan@example.com", Channel.CHAT, "Не приходит код подтверждения", "Попробовал три раза, письма нет и в спаме", 25 * MINUTE, False, Status.OPEN),
    ("Acme GmbH · J. Weber", "weber@acme.example", Channel.EMAIL, "Re: Invoice 2026-118, VAT id missing", "Could you please add our VAT id to the invoice", 1 * HOUR, True, Status.OPEN),
    ("Sofia Rossi", "sofia@example.com", Channel.EMAIL, "Parcel says delivered, nothing here", "The tracking says it was handed to a neighbour", 2 * HOUR, False, Status.OPEN),
    ("+380 67 123 45 67", "call-1@example.com", Channel.CALL, "Missed call, 0:42", "voicemail: 'please call me back about the order'", 2 * HOUR + MINUTE, False, Status.OPEN),
    ("Noah Becker", "noah@example.com", Channel.CHAT, "Upgrade to the team plan", "Thanks, I will ask my boss and come back", 3 * HOUR, False, Status.WAITING),
    ("Анна Шевчук", "anna@example.com", Channel.EMAIL, "Не можу увійти після оновлення", "Спробую завтра з іншого комп'ютера", 4 * HOUR, False, Status.OPEN),
    ("Liam O’Connor", "liam@example.com", Channel.EMAIL, "Refund received, thank you", "All good now", 5 * HOUR, False, Status.OPEN),
    ("Kestrel Logistics", "ops@kestrel.example", Channel.WEB, "Delay signal: 14 parcels, hub Łódź", "Automatic notice: 14 parcels are late", 6 * HOUR, False, Status.OPEN),
    ("Priya Natarajan", "priya@example.com", Channel.EMAIL, "Export of all my data", "Under Art. 15 GDPR I ask for a copy of all data", 1 * DAY, False, Status.OPEN),
    ("محمد العلي", "m.ali@example.com", Channel.CHAT, "رقم الطلب 4421", "شكرا جزيلا", 1 * DAY + HOUR, False, Status.OPEN),
    ("Юлія Бондар", "yulia@example.com", Channel.EMAIL, "Зміна адреси доставки 4398", "Дякую, чекаю", 2 * DAY, False, Status.OPEN),
    ("A very long name of a customer, who also has a title", "long@example.com", Channel.EMAIL, "x" * 300, "y" * 300, 40 * DAY, False, Status.OPEN),
]  # fmt: skip


def fill(home: Path) -> None:
    """Write the workspace. The ids in it do not hang on what other tests made before."""
    global _count  # noqa: PLW0603
    _count = 0
    worker = open_worker(home)
    try:
        worker.put_account(mail_account())
        worker.put_account(chat_account())
        worker.set_health(AccountHealth("mail", Health.CONNECTED, NOW))
        worker.set_health(AccountHealth("chat", Health.CONNECTED, NOW))
        with worker.ingest() as tx:
            for name, address, channel, subject, text, ago, unread, status in reversed(OTHERS):
                who = person(name, address)
                account = "mail" if channel is Channel.EMAIL else "chat"
                converse(
                    tx, subject, who, [message(text, ago, who, channel=channel, unread=unread, account=account)], status
                )
            converse(tx, "Size question", OLENA, [message("Does the coat run small?", 20 * DAY, OLENA)], Status.SOLVED)
            refund = _refund(tx)
            for number in range(5):
                who = person(f"Waiting {number}", f"waiting{number}@example.com")
                converse(tx, f"Waits {number}", who, [message("…", (3 + number) * DAY, who)], Status.WAITING)
    finally:
        worker.close()
    writes = open_writes(home)
    try:
        _decorate(writes, refund)
    finally:
        writes.close()


def _refund(tx: IngestTransaction) -> int:
    us = Person(NOTHING, OWN)
    last = f"{REFUND}\n\n{QUOTE}"
    return converse(
        tx,
        "Повернення за замовлення 4417",
        OLENA,
        [
            message("Доброго дня! Я повернула замовлення 4417 десятого листопада. Коли надійдуть кошти?", 7 * DAY + 35 * MINUTE, OLENA),
            message(
                "Вітаю, Олено! Ми отримали посилку, повернення триває до п'яти робочих днів. Напишу вам, щойно банк підтвердить.",
                7 * DAY + 20 * MINUTE,
                us,
                direction=Direction.OUT,
                delivery=Delivery.SENT,
                to=(OLENA,),
            ),
            message(
                last,
                12 * MINUTE,
                OLENA,
                unread=True,
                quoted=(Span(len(REFUND) + 2, len(last)),),
                files=(Attachment(0, safe("receipt-4417.pdf", one_line=True), safe("application/pdf"), 84_000, False, "2"),),
                links=(safe("https://aurora.example/orders/4417"),),
            ),
        ],
    )  # fmt: skip


def _decorate(writes: DeskWrites, refund: int) -> None:
    ids = [refund]
    for intent in (
        actions.set_priority(ids, Priority.HIGH),
        actions.assign([4, 3], AGENT),
        actions.assign([9], "ihor"),
    ):
        writes.apply(AGENT, intent.code, intent.targets)
    writes.add_note(
        AGENT,
        refund,
        safe("Bank batch went out on the 18th, reference 88-204. If it is not there by Monday, ask Ihor."),
    )


def mail_account() -> Account:
    return Account(
        id="mail",
        backend="imap",
        label=safe("Support"),
        channel=Channel.EMAIL,
        options={"host": "imap.aurora.example"},
        capabilities=frozenset({Capability.PULL, Capability.SEND, Capability.NEW_CONVERSATION, Capability.CC, Capability.ATTACH}),
        own_addresses=(OWN,),
        own_name=safe("Aurora support"),
    )  # fmt: skip


def chat_account() -> Account:
    return replace(
        mail_account(), id="chat", backend="demo", channel=Channel.CHAT, own_addresses=(), label=safe("Chat")
    )


def open_test_desk(home: Path, *, filled: bool = True, clock: Micros = NOW) -> Desk:
    """A desk on a real store in a folder."""
    open_workspace(home)
    if filled:
        with pinned_time(clock):
            fill(home)
    settings = DeskSettings(
        agent=AGENT,
        runtime=home / "run",
        downloads=home / "downloads",
        editing=home / "edit",
        colleagues=("ihor", "sasha"),
        zone="UTC",
        clock=lambda: clock,
    )
    return Desk(settings, open_reads(home), lambda: open_writes(home))


@contextmanager
def pinned_time(clock: Micros) -> Iterator[None]:
    """What is written meanwhile is written then: a millisecond apart, two minutes before the pinned present."""
    ticks = count((clock - 2 * MINUTE) * 1000, 1_000_000)
    with patch("time.time_ns", lambda: next(ticks)):
        yield


def main() -> None:
    """Open the desk on this data, to look at it: python -m tests.desk_data FOLDER"""
    import sys

    from agent_tui.app import AgentApp, AppOptions
    from agent_tui.config import Settings

    home = Path(sys.argv[1])
    desk = open_test_desk(home, filled=not (home / "store.db").exists())
    settings = Settings(theme=sys.argv[2] if len(sys.argv) > 2 else "dark")
    AgentApp(desk, AppOptions(settings)).run(mouse=False)
    desk.close()


if __name__ == "__main__":
    main()
