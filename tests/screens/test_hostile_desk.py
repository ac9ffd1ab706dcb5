"""A store full of hostile text, as though nothing had made it safe: every screen is walked through."""

from __future__ import annotations

from dataclasses import replace

from agent_tui.app import AgentApp
from agent_tui.domain.account import AccountHealth, Fault, Health
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Attachment, Person
from agent_tui.domain.outbox import DraftKind, OutboxState
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import HOUR, Micros
from agent_tui.store.open import open_worker, open_writes
from agent_tui.store.ports import QueueOrder
from tests.desk_data import AGENT, NOW, OWN, converse, mail_account, message
from tests.hostile import NAMES, TERMINAL
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.states import KEEPS, one_backend
from tests.screens.test_reading import home_of

FORBIDDEN = {chr(code) for code in (*range(32), *range(127, 160))} | set(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
MARKUP = ("[/]", "[@click=app.quit]x", "[b", "x [/", "[link=http://evil.example]y[/link]", "{0.__class__}", "%s")
WALK = (
    ("enter",), ("n",), ("p",), ("enter",), ("w",), ("escape",), ("v",), ("escape",), ("L",), ("escape",), ("H",),
    ("escape",), ("b",), ("b",), ("t",), ("escape",), ("escape",), ("escape",), ("j",),
)  # fmt: skip


SHEETS = (
    ("g", "x"), ("g", "y"), ("g", "k"), ("g", "c"), ("g", "t"), ("Z",), ("question_mark",), ("ctrl+p",), ("colon",),
    ("A",), ("t",), ("s",), ("P",), ("h",),
)  # fmt: skip
WRITING = ("r", "a", "f", "N")


def looked_at(app: AgentApp) -> None:
    """Nothing on the screen is a control or turns the direction of text."""
    for line in text_of(app):
        assert not FORBIDDEN & set(line), line


async def test_every_sheet_and_the_composer_survive_it(make_app: MakeApp) -> None:
    app = make_app(filled=False, **KEEPS)
    home = home_of(app)
    texts = [
        SafeText(t) for t in (*TERMINAL.values(), *NAMES.values(), *MARKUP) if "\x00" not in t and not _surrogates(t)
    ]
    one_backend(home)
    worker, writes = open_worker(home), open_writes(home)
    try:
        worker.put_account(replace(mail_account(), label=SafeText(TERMINAL["csi_clear"] + "[/]"), own_name=texts[0]))
        with worker.ingest() as tx:
            for number, bad in enumerate(texts):
                who = Person(bad, SafeText(f"{bad[:20]}{number}@example.com"))
                one = message("повернула x", number * 1000, who, unread=True)
                file = Attachment(0, bad, bad, 9, False, "2")
                made = converse(tx, "x", who, [replace(one, text=SafeText(f"повернула {bad}"), files=(file,))])
                tx.set_aside("mail", f"k{number}", "not_a_mail", {"reason": bad}, None, 10, bad)
                tx.add_event(made, bad[:40], {"what": bad}, NOW, bad)
        for number, bad in enumerate(texts):
            worker.log_activity("mail", "sent", {"item": bad, "host": bad, "address": bad, "server_said": bad})
            who = Person(bad, SafeText(f"{bad[:20]}@example.com"))
            draft = f"draft-{number}"
            item = writes.queue(
                AGENT,
                QueueOrder(
                    draft, None, "mail", DraftKind.NEW, (who,), (), (), bad, bad, (), None, f"t{number}", None, OWN,
                    (who.address,), Person(bad, OWN), (), Micros(NOW - HOUR), False,
                ),
            )  # fmt: skip
            worker.due("mail", NOW)
            worker.claim(item.id)
            worker.mark_leaving(item.id)
            worker.settle(item.id, OutboxState.REJECTED, fault=Fault("refused", {"server_said": bad, "host": bad}))
        fault = Fault("protocol_error", {"reason": "refused", "server_said": TERMINAL["osc_52_clipboard"] + "[/]"})
        worker.set_health(AccountHealth("mail", Health.REFUSED, NOW, fault))
    finally:
        worker.close()
        writes.close()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("escape")
        desk_of(app).absorb()
        await settle(app, pilot)
        for _row in texts:  # every row, and its conversation beside it
            await pilot.press("j")
            await settle(app, pilot)
            looked_at(app)
        seen: set[str] = set()
        for keys in SHEETS:
            await pilot.press(*keys)
            await settle(app, pilot)
            seen.add(type(app.screen).__name__)
            looked_at(app)
            for _line in range(30 if keys[0] == "g" else 4):
                await pilot.press("down")
                looked_at(app)
            await pilot.press("escape")
            await settle(app, pilot)
            looked_at(app)
        await pilot.press("g", "c", "e")
        await settle(app, pilot)
        seen.add(type(app.screen).__name__)
        looked_at(app)
        await pilot.press("escape", "escape")
        await settle(app, pilot)
        assert {"OutboxSheet", "ActivitySheet", "SetAsideSheet", "AccountsSheet", "AccountForm"} <= seen
        await pilot.press("slash", *"повернула", "enter")
        await settle(app, pilot)
        for _hit in range(12):
            await pilot.press("j")
            await settle(app, pilot)
            looked_at(app)
        await pilot.press("escape", "escape")
        for number, key in enumerate(WRITING * 2):
            await pilot.press("g", "i", "G" if number % 2 else "g", *(() if number % 2 else ("g",)), *("j",) * number)
            await pilot.press(key)
            await settle(app, pilot)
            looked_at(app)
            await pilot.press("ctrl+r")
            await settle(app, pilot)
            looked_at(app)
            await pilot.press("x", "escape")
            await settle(app, pilot)
            await pilot.press("escape")
            await settle(app, pilot)
        await pilot.press("g", "t")
        await settle(app, pilot)
        looked_at(app)
        assert app.is_running


async def test_every_screen_survives_it(make_app: MakeApp) -> None:
    app = make_app(filled=False)
    worker = open_worker(home_of(app))
    texts = [text for text in (*TERMINAL.values(), *MARKUP) if "\x00" not in text and not _surrogates(text)]
    with worker.ingest() as tx:
        for number, text in enumerate(texts):
            bad = SafeText(text)
            who = Person(bad, SafeText(f"a{number}@example.com"))
            one = message("x", number * 1000, who, unread=True)

            one = replace(
                one, text=bad, links=(bad,), warnings=(text[:40],), files=(Attachment(0, bad, bad, 9, False, "2"),)
            )
            made = converse(tx, "x", who, [one], Status.NEW)
            tx.add_event(made, text[:40], {"what": text}, NOW, bad)
    fault = Fault("protocol_error", {"reason": "refused", "server_said": TERMINAL["osc_52_clipboard"] + "[/]"})
    worker.put_account(mail_account())
    worker.set_health(AccountHealth("mail", Health.REFUSED, NOW, fault))
    worker.close()
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await pilot.press("escape")
        desk_of(app).absorb()
        for _text in range(12):
            for keys in WALK:
                await pilot.press(*keys)
                await pilot.pause()
                looked_at(app)
            await settle(app, pilot)
        assert app.is_running


def _surrogates(text: str) -> bool:
    return any(0xD800 <= ord(letter) < 0xE000 for letter in text)
