"""A store full of hostile text, as though nothing had made it safe: every screen is walked through."""

from __future__ import annotations

from dataclasses import replace

from agent_tui.domain.account import AccountHealth, Fault, Health
from agent_tui.domain.conversation import Status
from agent_tui.domain.message import Attachment, Person
from agent_tui.domain.text import SafeText
from agent_tui.store.open import open_worker
from tests.desk_data import NOW, converse, mail_account, message
from tests.hostile import TERMINAL
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_reading import home_of

FORBIDDEN = {chr(code) for code in (*range(32), *range(127, 160))} | set(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
MARKUP = ("[/]", "[@click=app.quit]x", "[b", "x [/", "[link=http://evil.example]y[/link]", "{0.__class__}", "%s")
WALK = (
    ("enter",), ("n",), ("p",), ("enter",), ("w",), ("escape",), ("v",), ("escape",), ("L",), ("escape",), ("H",),
    ("escape",), ("b",), ("b",), ("t",), ("escape",), ("escape",), ("escape",), ("j",),
)  # fmt: skip


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
                shown = "".join(text_of(app))
                assert not FORBIDDEN & set(shown)
            await settle(app, pilot)
        assert app.is_running


def _surrogates(text: str) -> bool:
    return any(0xD800 <= ord(letter) < 0xE000 for letter in text)
