"""States of the desk that keys alone do not reach: what the worker and the world did before. Pictures and words of
the screens are tested with them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.content.safe import safe
from agent_tui.desk.accounts import DoorState, DoorWay
from agent_tui.desk.plain import StoreError
from agent_tui.domain import returned
from agent_tui.domain.account import AccountHealth, BackendInfo, Capability, Fault, Health, OptionField
from agent_tui.domain.conversation import Channel, Status, View
from agent_tui.domain.message import Delivery, Direction, Person, Placement, Rule
from agent_tui.domain.outbox import DraftKind, OutboxState
from agent_tui.domain.text import NOTHING, SafeText
from agent_tui.domain.times import DAY, HOUR, MINUTE, Micros
from agent_tui.store.open import open_reads, open_worker, open_writes
from agent_tui.store.ports import QueueOrder
from tests.desk_data import AGENT, NOW, OLENA, OWN, converse, message, person
from tests.screens.conftest import desk_of, settle, text_of

HOST = "imap.aurora.example"
TWICE = "Written twice"
Happen = Callable[[Path], None]
"""What happened in a workspace before it is looked at."""
Do = Callable[[AgentApp, Pilot[Any]], Awaitable[None]]
"""What is done on the screen beside keys."""


@dataclass(frozen=True)
class State:
    """How to come to a state: what happened before, keys, and what else is done between them."""

    keys: Sequence[str | Do] = ()
    before: Sequence[Happen] = ()
    filled: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    shows: str = "DeskScreen"
    """The class of the screen that stands on top at its end."""


async def reach(state: State, app: AgentApp, pilot: Pilot[Any]) -> None:
    """Press and do it all, each settled."""
    await settle(app, pilot)
    for step in state.keys:
        if isinstance(step, str):
            await pilot.press(step)
            await settle(app, pilot)
        else:
            await step(app, pilot)


async def until(app: AgentApp, pilot: Pilot[Any], said: str) -> None:
    """Until the screen says it."""
    for _turn in range(300):
        if any(said in line for line in text_of(app)):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"never said: {said}")


# the outbox


def _order(home: Path, number: int, who: Person, subject: str, *, due: Micros, scheduled: bool = False) -> int:
    writes = open_writes(home)
    try:
        item = writes.queue(
            AGENT,
            QueueOrder(
                f"draft-{number}", None, "mail", DraftKind.NEW, (who,), (), (), safe(subject, one_line=True),
                safe("Hello"), (), None, f"t{number}", None, OWN, (who.address,), Person(NOTHING, OWN), (), due, scheduled,
            ),
        )  # fmt: skip
        return item.id
    finally:
        writes.close()


def outbox_full(home: Path) -> None:
    """One of each kind: held, for later, refused, unknown, sent."""
    at = {
        name: _order(home, number, person(name, f"{name.lower()}@example.com"), subject, due=Micros(NOW - HOUR))
        for number, (name, subject) in enumerate(
            [("Liam", "Your refund"), ("Maria", "Documents you asked for"), ("Weber", "VAT id on invoice 2026-118")]
        )
    }
    worker = open_worker(home)
    try:
        ends = {
            "Liam": (OutboxState.SENT, None),
            "Maria": (OutboxState.REJECTED, Fault("refused", {"server_said": "550 5.1.1 no such user here", "host": HOST})),
            "Weber": (OutboxState.UNKNOWN, Fault("no_answer", {"host": HOST})),
        }  # fmt: skip
        worker.due("mail", NOW)
        for name, (end, fault) in ends.items():
            worker.claim(at[name])
            worker.mark_leaving(at[name])
            worker.settle(at[name], end, fault=fault)
    finally:
        worker.close()
    _order(home, 3, person("Priya", "priya@example.com"), "Export of your data", due=Micros(NOW + MINUTE))
    _order(home, 4, OLENA, "How is it going?", due=Micros(NOW + DAY), scheduled=True)


# what the program did


def busy(home: Path) -> None:
    """Lines of activity, and messages that could not be read."""
    worker = open_worker(home)
    try:
        worker.log_activity("mail", "connected", {"host": HOST})
        worker.log_activity("mail", "sent", {})
        worker.log_activity("mail", "held_back", {})
        worker.log_activity("mail", "copy_missing", {})
        worker.log_activity("mail", "set_aside", {})
        with worker.ingest() as tx:
            tx.set_aside("mail", "x", "not_a_mail", {}, None, 12_000, "INBOX 4711")
            tx.set_aside("mail", "y", "too_large", {"size": "51200000"}, None, 51_200_000, "Archive/2026 12")
    finally:
        worker.close()


def _health(account: str, health: Health, fault: Fault | None = None, **changes: Any) -> Happen:
    def happen(home: Path) -> None:
        worker = open_worker(home)
        worker.set_health(AccountHealth(account, health, Micros(NOW - HOUR), fault, **changes))
        worker.close()

    return happen


line_lost = _health(
    "mail",
    Health.WAITING,
    Fault("unreachable", {"reason": "timeout", "host": HOST}),
    next_try_at=Micros(NOW + 5 * MINUTE),
    history_done=4_100,
    history_total=18_200,
)
login_refused = _health(
    "mail", Health.REFUSED, Fault("authentication_failed", {"host": HOST, "user": "support@aurora.example"})
)
secrets_locked = _health("chat", Health.LOCKED, Fault("keyring_locked", {}))


def backends(home: Path) -> None:
    """Two kinds of accounts are known."""
    worker = open_worker(home)
    try:
        worker.publish_backends([_mail(), _crm()])
    finally:
        worker.close()


def one_backend(home: Path) -> None:
    """Only mail is known."""
    worker = open_worker(home)
    try:
        worker.publish_backends([_mail()])
    finally:
        worker.close()


def _mail() -> BackendInfo:
    from agent_tui.backends.registry import info, load

    return info(load("imap"))


def _crm() -> BackendInfo:
    return BackendInfo(
        name="crm",
        title=SafeText.trusted("Customers of the shop"),
        api_version=1,
        channel=Channel.WEB,
        options=(OptionField("host", "Server", "", "text", required=True),),
        capabilities=frozenset({Capability.PULL}),
        proof="simulated",
    )


class NoKeyring:
    """A machine without a keyring: a door that wants a new passphrase."""

    def look(self, account: str = "", refused: str = "") -> DoorState:
        """An encrypted file is still to be made."""
        return DoorState(DoorWay.NEW, "no_keyring")

    def open(self, passphrase: str) -> None:
        """Never asked here."""
        raise AssertionError

    def keep_program(self, account: str, option: str, command: str) -> None:
        """Kept nowhere."""

    def begin_trial(self, account: str) -> None:
        """It has none."""

    def put_back(self, account: str) -> None:
        """It had none."""


KEEPS = {"keep_secret": lambda account, option, secret: None, "forget_secrets": lambda account: None}


async def check_failed(app: AgentApp, pilot: Pilot[Any]) -> None:
    """The form is tried, and the server does not accept the password."""
    await pilot.press("ctrl+s")
    asked: list[Any] = []
    worker = open_worker(app.desk.settings.downloads.parent)
    try:
        for _turn in range(300):
            asked = list(worker.requests())
            if asked:
                break
            await pilot.pause(0.02)
        fault = {
            "code": "authentication_failed",
            "parameters": {"host": "imap.shop.example", "user": "help@shop.example"},
        }
        worker.answer(asked[0].id, ok=False, result=fault)
    finally:
        worker.close()
    for _turn in range(300):
        if not getattr(app.screen, "_busy", True):
            return
        await pilot.pause(0.02)
    raise AssertionError("no answer came to the form")


# writing


def typed(text: str) -> tuple[str, ...]:
    """Keys of a text."""
    return tuple("space" if sign == " " else sign for sign in text)


async def copy_to_a_stranger(app: AgentApp, pilot: Pilot[Any]) -> None:
    """Somebody new gets it, too."""
    desk_of(app).answering.pane.fields.set({"cc": "maria@partner.example"})
    desk_of(app).answering.pane.changed()


async def copy_to_many(app: AgentApp, pilot: Pilot[Any]) -> None:
    """More strangers get it than one line can name."""
    desk_of(app).answering.pane.fields.set({"cc": ", ".join(f"person{n}@partner.example" for n in range(14))})
    desk_of(app).answering.pane.changed()


async def she_writes_again(app: AgentApp, pilot: Pilot[Any]) -> None:
    """A message comes in while one writes."""
    worker = open_worker(app.desk.settings.downloads.parent)
    conversation = desk_of(app).answering.conversation
    assert conversation is not None
    with worker.ingest() as tx:
        again = message("One more thing", 20_000_000, OLENA)
        tx.add_message(again, conversation, Placement(Rule.IN_REPLY_TO))
    worker.close()
    desk_of(app).absorb()
    await settle(app, pilot)


async def draft_kept(app: AgentApp, pilot: Pilot[Any]) -> None:
    """What was typed is kept now, not at the end of a second."""
    await settle(app, pilot)
    await pilot.press("escape")
    await settle(app, pilot)


async def worker_gone(app: AgentApp, pilot: Pilot[Any]) -> None:
    """No worker lives."""
    app.options.worker_failing = lambda: True
    await until(app, pilot, "Nothing is fetched or sent")


async def disk_is_full(app: AgentApp, pilot: Pilot[Any]) -> None:
    """From now on nothing can be written."""

    async def full(work: Any) -> Any:
        raise StoreError("disk_full")

    app.desk.write = full  # type: ignore[method-assign]


async def kept_aside(app: AgentApp, pilot: Pilot[Any]) -> None:
    """The composer tells where the text is."""
    desk_of(app).answering.journal()
    await settle(app, pilot)


def supplier_asked(home: Path) -> None:
    """A supplier was asked about a customer's question, and answered there."""
    reads = open_reads(home)
    conversation = next(row.id for row in reads.page(View.INBOX, AGENT, None, 50) if "Повернення" in row.subject)
    reads.close()
    karl = person("Karl", "karl@supplier.example")
    asked = message("Is the valve in stock?", 2 * MINUTE, person("", OWN), unread=False)
    asked = replace(asked, direction=Direction.OUT, to=(karl,), delivery=Delivery.SENT)
    worker = open_worker(home)
    with worker.ingest() as tx:
        tx.add_message(asked, conversation, Placement(Rule.OUTBOX, {"written": "forward"}))
        tx.add_message(message("It is, ten of them.", MINUTE, karl), conversation, Placement(Rule.IN_REPLY_TO))
    worker.close()


def came_back_unproven(home: Path) -> None:
    """Our answer to a customer and his colleague came back from one of them, as a report says."""
    reads = open_reads(home)
    conversation = next(row.id for row in reads.page(View.INBOX, AGENT, None, 50) if "Повернення" in row.subject)
    reads.close()
    sister = person("Sofia", "sofia@example.com")
    ours = message("The money left today.", MINUTE, person("", OWN), unread=False)
    ours = replace(ours, direction=Direction.OUT, to=(OLENA, sister), delivery=Delivery.SENT)
    worker = open_worker(home)
    with worker.ingest() as tx:
        made = tx.add_message(ours, conversation, Placement(Rule.OUTBOX))
        said = returned.detail([returned.Told(str(sister.address), "", "5.1.1 550 5.1.1 User unknown", unproven=True)])
        tx.set_delivery(made, Delivery.BOUNCED, said, reopens=True)
    worker.close()


def letter_to_two(home: Path) -> None:
    """What a customer wrote to two of our addresses lies in two conversations, and was answered in the other one."""
    letter = message("Where is my parcel?", 3 * MINUTE, OLENA)
    answer = message("It comes today.", MINUTE, person("", OWN), unread=False)
    answer = replace(answer, direction=Direction.OUT, to=(OLENA,), delivery=Delivery.SENT)
    worker = open_worker(home)
    with worker.ingest() as tx:
        other = converse(tx, "Two letters, one answer", OLENA, [replace(letter, native_id="other"), answer])
        here = converse(tx, TWICE, OLENA, [letter])
        tx.tell_twin(here, other, Micros(NOW - MINUTE))
    worker.close()


def at_the_conversation(subject: str) -> Do:
    """It is open, the cursor on its last message."""

    async def go(app: AgentApp, pilot: Pilot[Any]) -> None:
        rows = app.desk.reads.page(View.INBOX, AGENT, None, 50)
        desk_of(app).open(next(row.id for row in rows if subject in row.subject))
        await settle(app, pilot)
        pane = desk_of(app).thread
        while pane.step(1):
            await settle(app, pilot)

    return go


def with_long_headers(home: Path) -> None:
    """A message that is kept as it came, with header lines longer than any screen."""
    raw = (
        b"Received: from mx1.partner.example (mx1.partner.example [192.0.2.17]) by mail.aurora.example with ESMTPS id"
        b" 4f0b9c1d for <support@aurora.example> (version=TLSv1_3 cipher=TLS_AES_256_GCM_SHA384); Fri, 20 Nov 2026 16:28\r\n"
        b"DKIM-Signature: v=1; a=rsa-sha256; d=partner.example; b=" + b"QmFzZTY0" * 30 + b"\r\n"
        b"From: Olena <olena.k@example.com>\r\nSubject: Question\r\n\r\nHello\r\n"
    )  # fmt: skip
    worker = open_worker(home)
    [sha] = worker.put_raw([raw])
    with worker.ingest() as tx:
        found = tx.contact_of("email", "olena.k@example.com")
        assert found is not None
        made = tx.add_conversation(
            "mail", Channel.EMAIL, safe("Raw", one_line=True), found, Status.OPEN, Micros(NOW - MINUTE), None
        )
        tx.add_message(message("Hello", MINUTE, OLENA, raw=sha), made, Placement(Rule.NEW, {}))
    worker.close()


FORM = ("a", *typed("imap.shop.example"), "enter", *typed("help@shop.example"), "enter", *typed("not-shown"))
ADDING: dict[str, Any] = {"before": (one_backend,), "filled": False, "options": KEEPS}

STATES: dict[str, State] = {
    "outbox": State(("g", "x"), (outbox_full,), shows="OutboxSheet"),
    "outbox, unknown": State(("g", "x", "j", "j", "j"), (outbox_full,), shows="OutboxSheet"),
    "outbox, empty": State(("g", "x"), shows="OutboxSheet"),
    "activity": State(("g", "y"), (busy,), shows="ActivitySheet"),
    "activity, empty": State(("g", "y"), shows="ActivitySheet"),
    "set aside": State(("g", "k"), (busy,), shows="SetAsideSheet"),
    "set aside, empty": State(("g", "k"), shows="SetAsideSheet"),
    "accounts": State(("g", "c"), (line_lost, secrets_locked), shows="AccountsSheet"),
    "kinds of accounts": State(("g", "c", "a"), (backends,), shows="Picker"),
    "account form": State(("a",), **ADDING, shows="AccountForm"),
    "account form, all": State(("a", "ctrl+r"), **ADDING, shows="AccountForm"),
    "account form, failed": State((*FORM, check_failed), **ADDING, shows="AccountForm"),
    "account form, missing": State(("a", "ctrl+s"), **ADDING, shows="AccountForm"),
    "account form, passphrase": State(
        ("a",), (one_backend,), filled=False, options={**KEEPS, "door": NoKeyring()}, shows="AccountForm"
    ),
    "account form, change": State(("g", "c", "e"), (one_backend,), options=KEEPS, shows="AccountForm"),
    "remove account": State(("g", "c", "d"), shows="Question"),
    "drafts": State(("j", "r", *typed("Hello"), draft_kept, "g", "t"), shows="DraftsSheet"),
    "drafts, none": State(("g", "t"), shows="DraftsSheet"),
    "presend": State(
        ("j", "r", *typed("See what is attached"), copy_to_a_stranger, she_writes_again, "ctrl+s"), shows="PresendCheck"
    ),
    "presend, many": State(("j", "r", *typed("Hello"), copy_to_many, "ctrl+s"), shows="PresendCheck"),
    "people": State(("j", "r", *typed("Hello"), copy_to_many, "ctrl+s", "a"), shows="People"),
    "presend, nothing": State(("j", "r", "ctrl+s"), shows="PresendCheck"),
    "send later": State(("j", "r", *typed("Hi"), "ctrl+n"), shows="Finder"),
    "attach": State(("j", "r", "ctrl+o"), shows="Finder"),
    "supplier": State((at_the_conversation("Повернення"),), (supplier_asked,)),
    "not to the customer": State((at_the_conversation("Повернення"), "r", *typed("Send one")), (supplier_asked,)),
    "customer misses it": State(
        (at_the_conversation("Повернення"), "r", *typed("Send one"), "ctrl+s"), (supplier_asked,), shows="PresendCheck"
    ),
    "came back": State((at_the_conversation("Повернення"),), (came_back_unproven,)),
    "written again": State((at_the_conversation("Повернення"), "W"), (came_back_unproven,)),
    "letter to two": State((at_the_conversation(TWICE),), (letter_to_two,)),
    "answered in the other": State(
        (at_the_conversation(TWICE), "r", *typed("Hello"), "ctrl+s"), (letter_to_two,), shows="PresendCheck"
    ),
    "she wrote": State(("j", "r", *typed("Hi"), she_writes_again)),
    "headers": State(("enter", "H"), (with_long_headers,), shows="Sheet"),
    "line lost": State((), (line_lost,)),
    "login refused": State((), (login_refused,)),
    "troubles": State((), (outbox_full, login_refused, secrets_locked)),
    "worker gone": State(("j", worker_gone)),
    "disk full": State(("j", disk_is_full, "e")),
    "disk full, writing": State(("j", "r", *typed("Hello"), disk_is_full, kept_aside)),
    "first run": State((), filled=False, shows="Welcome"),
    "first run, import": State(("i",), filled=False, shows="Sheet"),
    "empty desk": State(("escape",), filled=False),
    "back at the root": State(("u",)),
    "command line": State(("colon",), shows="Finder"),
    "command line, unknown": State(("colon", *typed("qqq")), shows="Finder"),
    "palette, unknown": State(("ctrl+p", *typed("qqq")), shows="Finder"),
    "undo list, empty": State(("Z",), shows="Sheet"),
    "snooze, typed": State(("h", *typed("yesterday")), shows="Finder"),
    "found": State(("slash", *typed("повернула"), "enter", "enter")),
    "links": State(("j", "enter", "L"), shows="Picker"),
    "no account kinds": State(("g", "c", "a")),
    "unassigned": State(("g", "u")),
    "mine": State(("g", "m")),
    "spam": State(("g", "exclamation_mark")),
    "all": State(("g", "a")),
}
