"""Outbox, accounts, logs and the first start: what is decided on the screen stands in the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.domain.account import AccountHealth, BackendInfo, Capability, Fault, Health, OptionField
from agent_tui.domain.conversation import Channel
from agent_tui.domain.outbox import OutboxState
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import DAY, Micros, now
from agent_tui.screens.account_form import AccountForm
from agent_tui.screens.accounts import AccountsSheet
from agent_tui.screens.options import DEMO
from agent_tui.screens.outbox import OutboxSheet
from agent_tui.screens.sheet import Question
from agent_tui.screens.welcome import Welcome
from agent_tui.store.open import open_worker
from agent_tui.store.ports import WorkerStore, WorkRequest
from tests.screens.conftest import MakeApp, desk_of, text_of
from tests.screens.test_composing import open_refund, type_text, wait_for

SIZE = (100, 30)
CANARY = "canary-7f3a-secret"


def home_of(tmp_path: Path) -> Path:
    return tmp_path / "desk0"


async def send_one(app: AgentApp, pilot: Pilot[Any]) -> int:
    await open_refund(app, pilot)
    screen = desk_of(app)
    await pilot.press("r")
    await wait_for(pilot, app, lambda: screen.answering.is_open)
    await type_text(pilot, "Hello")
    await pilot.press("ctrl+s")
    await wait_for(pilot, app, lambda: not screen.answering.is_open)
    return screen.desk.reads.outbox()[0].id


def bring_to(home: Path, item_id: int, state: OutboxState) -> None:
    """What the worker would have done."""
    worker = open_worker(home)
    try:
        item = next(item for item in worker.due("mail", 2_000_000_000_000_000) if item.id == item_id)  # type: ignore[arg-type]
        worker.claim(item.id)
        worker.mark_leaving(item.id)
        worker.settle(item.id, state, fault=Fault("refused", {"server_said": "550 no such user [/] \x1b[31m"}))
    finally:
        worker.close()


def state_of(app: AgentApp, item_id: int) -> OutboxState:
    item = app.desk.reads.outbox_item(item_id)
    assert item is not None
    return item.state


async def test_a_held_message_is_taken_back_from_the_outbox(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        await pilot.press("g", "x")
        await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
        assert any("z take back" in line for line in text_of(app))
        await pilot.press("z")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        assert state_of(app, item) is OutboxState.STOPPED
        assert desk_of(app).answering.pane.text.text.startswith("Hello")


@pytest.mark.parametrize(("keys", "state"), [(["y", "y"], OutboxState.SENT), (["a"], OutboxState.QUEUED)])
async def test_only_the_agent_decides_about_an_unknown_one(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: list[str], state: OutboxState
) -> None:
    monkeypatch.setattr(Question, "READING", 0.0)
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        bring_to(home_of(tmp_path), item, OutboxState.UNKNOWN)
        await pilot.press("g", "x")
        await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
        shown = "\n".join(text_of(app))
        assert "It may have arrived" in shown
        assert "send again" in shown
        await pilot.press(*keys)
        await wait_for(pilot, app, lambda: state_of(app, item) is state)


@pytest.mark.parametrize("where", ["outbox, r", "outbox, ctrl+r", "desk"])
async def test_what_cannot_leave_is_said_and_tried_again_on_a_key(
    make_app: MakeApp, tmp_path: Path, where: str
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        number = await send_one(app, pilot)
        worker = open_worker(home_of(tmp_path))
        try:
            present = app.desk.now()
            worker.set_health(AccountHealth("mail", Health.CONNECTED, present))
            later = Micros(max(present, now()) + DAY)
            item = next(i for i in worker.due("mail", Micros(2_000_000_000_000_000)) if i.id == number)
            worker.claim(item.id)
            fault = Fault("unreachable", {"host": "mx.test", "port": "587", "reason": "refused"})
            worker.settle(item.id, OutboxState.QUEUED, fault=fault, retry_at=later)
            said = "No connection to mx.test: it refuses port 587."
            await wait_for(pilot, app, lambda: "1 waits" in text_of(app)[0])
            lines = text_of(app)
            assert "1 waits" in lines[0]
            assert "sending" not in lines[0]
            assert "● mail" not in lines[0]
            assert any(said in line for line in lines[-4:])
            below = " ".join(" ".join(line.split()) for line in lines[-6:])
            assert "next try" in below
            assert "1 message waits in the outbox (g x)" in below
            assert "(ctrl+r now)" in below
            await pilot.press("G")
            await wait_for(pilot, app, lambda: sum(said in line for line in text_of(app)) == 2)  # under the message too
            if where != "desk":
                await pilot.press("g", "x")
                await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
                assert any("z take back   r try now" in line for line in text_of(app))
                assert any("Next try" in line for line in text_of(app))
            await pilot.press("r" if where == "outbox, r" else "ctrl+r")
            await wait_for(pilot, app, lambda: app.desk.reads.outbox_item(item.id).not_before < later)  # type: ignore[union-attr]
        finally:
            worker.close()


async def test_a_refused_one_is_edited_or_let_be(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        item = await send_one(app, pilot)
        bring_to(home_of(tmp_path), item, OutboxState.REJECTED)
        await pilot.press("g", "x")
        await wait_for(pilot, app, lambda: isinstance(app.screen, OutboxSheet))
        shown = "\n".join(text_of(app))
        assert "550 no such user [/]" in shown
        assert "\x1b" not in shown
        await pilot.press("e")
        await wait_for(pilot, app, lambda: desk_of(app).answering.is_open)
        assert desk_of(app).answering.pane.text.text.startswith("Hello")


async def test_logs_open_empty_and_full(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("g", "k")
        await wait_for(pilot, app, lambda: any("Every message could be read" in line for line in text_of(app)))
        worker = open_worker(home_of(tmp_path))
        with worker.ingest() as tx:
            tx.set_aside("mail", "x", "not_a_mail", {}, None, 12, "INBOX [/] 7")
        worker.log_activity("mail", "sent", {})
        worker.close()
        await wait_for(pilot, app, lambda: any("INBOX [/] 7" in line for line in text_of(app)))
        await pilot.press("escape", "g", "y")
        await wait_for(pilot, app, lambda: any("A message was sent" in line for line in text_of(app)))


def publish(home: Path) -> WorkerStore:
    worker = open_worker(home)
    worker.publish_backends(
        [
            BackendInfo(
                name="imap",
                title=SafeText.trusted("Mail"),
                api_version=1,
                channel=Channel.EMAIL,
                options=(
                    OptionField("host", "IMAP server", "As imap.example.com", "text", required=True),
                    OptionField("port", "Port", "", "integer", default=993),
                    OptionField("user", "User", "", "text", required=True),
                    OptionField("password", "Password", "", "secret"),
                ),
                capabilities=frozenset({Capability.PULL, Capability.SEND, Capability.CC}),
                proof="real server",
            )
        ]
    )
    return worker


async def requests_of(worker: WorkerStore, pilot: Pilot[Any], app: AgentApp) -> list[WorkRequest]:
    """What the desk asked, as a worker takes it."""
    asked: list[WorkRequest] = []

    def taken() -> bool:
        asked.extend(worker.requests())
        return bool(asked)

    await wait_for(pilot, app, taken)
    return asked


async def fill_form(app: AgentApp, pilot: Pilot[Any]) -> AccountForm:
    await pilot.press("a")
    await wait_for(pilot, app, lambda: isinstance(app.screen, AccountForm))
    form = app.screen
    assert isinstance(form, AccountForm)
    await pilot.press(*"imap.shop.example", "enter", *"help@shop.example", "enter", *CANARY)
    return form


async def test_an_account_is_added_after_a_live_look(make_app: MakeApp, tmp_path: Path) -> None:
    kept: dict[tuple[str, str], str] = {}
    app = make_app(
        filled=False,
        keep_secret=lambda a, o, s: kept.__setitem__((a, o), s),
        forget_secrets=lambda a: None,
    )
    worker = publish(home_of(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await fill_form(app, pilot)
        assert CANARY not in "\n".join(text_of(app))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: app.desk.account("imap") is not None)
        asked = await requests_of(worker, pilot, app)
        assert [(r.kind, r.account, dict(r.arguments)) for r in asked] == [("check", "imap", {})]
        worker.answer(asked[0].id, ok=True, result={"proven": ["connected"]})
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
        account = app.desk.account("imap")
        assert account is not None
        assert account.own_addresses == ("help@shop.example",)
        assert dict(account.options) == {"host": "imap.shop.example", "port": 993, "user": "help@shop.example"}
        assert kept == {("imap", "password"): CANARY}
        assert "imap is connected" in text_of(app)[-1]
    worker.close()
    for path in home_of(tmp_path).rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes()


async def test_an_account_that_does_not_work_says_why_and_goes_again(make_app: MakeApp, tmp_path: Path) -> None:
    forgotten: list[str] = []
    app = make_app(filled=False, keep_secret=lambda a, o, s: None, forget_secrets=forgotten.append)
    worker = publish(home_of(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await fill_form(app, pilot)
        await pilot.press("ctrl+s")
        asked = await requests_of(worker, pilot, app)
        worker.answer(
            asked[0].id,
            ok=False,
            result={"code": "authentication_failed", "parameters": {"host": "imap.shop.example", "user": "help"}},
        )
        await wait_for(pilot, app, lambda: any("does not accept" in line for line in text_of(app)))
        shown = "\n".join(text_of(app))
        assert "keep anyway" in shown
        assert "(g c)" not in shown, "a key that would be text here"
        form = app.screen
        assert isinstance(form, AccountForm)
        assert form.focused is form.field("password"), "the caret stands in what has to be mended"
        await pilot.press("escape", "escape")
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))  # the other ways to begin stand there still
        assert app.desk.account("imap") is None
        assert forgotten == ["imap"]
    worker.close()


async def test_an_account_kept_anyway_is_not_called_connected(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(filled=False, keep_secret=lambda a, o, s: None, forget_secrets=lambda a: None)
    worker = publish(home_of(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await fill_form(app, pilot)
        await pilot.press("ctrl+s")
        asked = await requests_of(worker, pilot, app)
        fault = Fault("authentication_failed", {"host": "imap.shop.example", "user": "help"})
        worker.answer(asked[0].id, ok=False, result={"code": fault.code, "parameters": dict(fault.parameters)})
        await wait_for(pilot, app, lambda: any("does not accept" in line for line in text_of(app)))
        await pilot.press("ctrl+o")
        await wait_for(pilot, app, lambda: any("imap is kept; it is not connected yet." in t for t in text_of(app)))
        worker.set_health(AccountHealth("imap", Health.REFUSED, now(), fault=fault))
        await pilot.press("g", "c")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountsSheet))
        sheet = app.screen
        assert isinstance(sheet, AccountsSheet)
        await wait_for(pilot, app, lambda: any("does not accept" in line.text for line in sheet.read()))
        shown = " ".join(line.text for line in sheet.read())
        assert "(g c)" not in shown, "one is there already"
        assert "password again (e)" in shown
    worker.close()


async def test_adding_waits_for_a_worker_that_is_just_starting(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(filled=False)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await pilot.press("a")
        await wait_for(pilot, app, lambda: any("is starting …" in line for line in text_of(app)))
        publish(home_of(tmp_path)).close()
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountForm))
        assert "is starting" not in text_of(app)[-1]


async def test_a_worker_that_never_comes_is_told_of(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_tui.screens.hands_mind.KNOWN_WITHIN", 0.4)
    app = make_app(filled=False)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await pilot.press("a")
        await wait_for(pilot, app, lambda: any("agent-tui doctor" in line for line in text_of(app)))


async def test_a_form_names_what_is_missing(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(filled=False)
    publish(home_of(tmp_path)).close()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await pilot.press("a")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountForm))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("IMAP server is needed" in line for line in text_of(app)))
        assert app.desk.accounts() == ()


async def test_a_secret_that_cannot_be_kept_adds_nothing(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(filled=False)
    publish(home_of(tmp_path)).close()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await fill_form(app, pilot)
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("no keyring" in line for line in text_of(app)))
        assert app.desk.accounts() == ()


async def test_removing_an_account_asks_and_keeps_its_messages(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        before = desk_of(app).inbox.list.rows.count
        await pilot.press("g", "c")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountsSheet))
        await pilot.press("d")
        await wait_for(pilot, app, lambda: any("its messages stay here" in line for line in text_of(app)))
        first = app.desk.accounts()[0].id
        await pilot.press("y")
        await wait_for(pilot, app, lambda: app.desk.account(first) is None)
        assert desk_of(app).inbox.list.rows.count == before


@pytest.mark.parametrize(("key", "code"), [("d", DEMO), ("escape", None)])
async def test_the_first_screen(make_app: MakeApp, key: str, code: int | None) -> None:
    app = make_app(filled=False)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        assert any("Everything stays on this machine" in line for line in text_of(app))
        await pilot.press(key)
        await pilot.pause(0.1)
        if code is None:
            assert app.screen is desk_of(app)
        else:
            assert app.return_code == code


async def test_the_key_that_the_empty_desk_names_works_over_the_welcome(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(filled=False)
    publish(home_of(tmp_path)).close()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await pilot.press("g", "c")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountForm))
