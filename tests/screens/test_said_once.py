"""Small words that left a question: which conversation woke, what an empty secret means, what was taken back."""

from __future__ import annotations

from pathlib import Path

from agent_tui.backends import registry
from agent_tui.domain.account import Fault
from agent_tui.domain.conversation import View
from agent_tui.screens.account_form import AccountForm
from agent_tui.sentences import fault
from agent_tui.store.open import open_worker
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.test_composing import open_refund, type_text, wait_for
from tests.screens.test_form_words import account_of
from tests.screens.test_minding import home_of


async def test_the_log_says_which_conversation_woke(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    row = next(row for row in app.desk.reads.page(View.INBOX, "dana", None, 50) if "Повернення" in row.subject)
    worker = open_worker(home_of(tmp_path))
    worker.log_activity("", "woken", {"conversation": str(row.id)})
    worker.log_activity("", "woken", {"conversation": "999999"})
    worker.close()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(app, pilot)
        await pilot.press("g", "y")
        told = f"A snooze ended: #{row.number} Олена Коваленко · Повернення"
        await wait_for(pilot, app, lambda: any(told in line for line in text_of(app)))


async def test_an_empty_secret_says_that_the_stored_one_stays(make_app: MakeApp) -> None:
    app = make_app()
    info = registry.info(registry.load("imap"))
    async with app.run_test(size=(80, 40)) as pilot:
        await settle(app, pilot)
        for existing in (None, account_of("imap")):
            app.push_screen(AccountForm(desk_of(app).minding.accounts, info, existing))
            await settle(app, pilot)
            shown = any("Password" in line and "empty: stays as it is" in line for line in text_of(app))
            assert shown == (existing is not None)


async def test_a_message_that_is_a_draft_again_is_not_called_taken_back_too(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_refund(app, pilot)
        await pilot.press("r")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await type_text(pilot, "Hi")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
        await pilot.press("z")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: not desk_of(app).answering.is_open)
        desk_of(app).run_command("undo.list")
        await wait_for(pilot, app, lambda: any("is a draft again." in line for line in text_of(app)))
        assert not any("is a draft again." in line and "taken back" in line for line in text_of(app))


def test_the_sentence_names_the_field_as_the_form_does() -> None:
    said = fault(Fault("certificate_refused", {"host": "mail.test", "reason": "self_signed"}))
    assert "ertificate authority" in said
    assert "CA file" not in said
