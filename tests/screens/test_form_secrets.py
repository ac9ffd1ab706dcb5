"""The form on a machine without a keyring: it offers an encrypted file itself, and asks before it throws words away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.config import load
from agent_tui.credentials import Credentials, CredentialsError, KeyringState, Secret, Way, keyring_way
from agent_tui.domain.account import Account, AccountHealth, Health
from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import SafeText
from agent_tui.domain.times import now
from agent_tui.locations import Locations, locate, prepare
from agent_tui.screens.account_form import AccountForm
from agent_tui.screens.accounts import AccountsSheet
from agent_tui.screens.welcome import Welcome
from agent_tui.secret_door import SecretDoor
from agent_tui.store.open import open_reads
from agent_tui.widgets.composer_fields import OneField
from tests.screens.conftest import MakeApp, desk_of, settle, text_of
from tests.screens.states import typed
from tests.screens.test_composing import wait_for
from tests.screens.test_minding import CANARY, SIZE, fill_form, home_of, publish, requests_of

PHRASE = "canary-phrase-four-words"


@pytest.fixture
def places(tmp_path: Path) -> Locations:
    return prepare(locate(tmp_path / "secrets", {}))


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setattr("agent_tui.credentials.probe", lambda: (KeyringState.NONE, ""))


def app_with(make_app: MakeApp, door: SecretDoor) -> AgentApp:
    return make_app(filled=False, keep_secret=door.keep, forget_secrets=door.forget, door=door)


def form_stands(app: AgentApp) -> bool:
    return isinstance(app.screen, AccountForm)


def home_accounts(tmp_path: Path) -> Sequence[Account]:
    reads = open_reads(home_of(tmp_path))
    try:
        return reads.accounts()
    finally:
        reads.close()


async def form_of(app: AgentApp, pilot: Pilot[Any], says: str) -> AccountForm:
    await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
    form = await fill_form(app, pilot)
    await wait_for(pilot, app, lambda: says in " ".join(text_of(app)))
    return form


async def test_without_a_keyring_a_passphrase_is_asked_for(
    make_app: MakeApp, tmp_path: Path, places: Locations, no_keyring: None
) -> None:
    keys: list[Secret] = []
    app = app_with(make_app, SecretDoor(places, "", opened=keys.append))
    worker = publish(home_of(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await form_of(app, pilot, "This machine has no keyring")
        shown = "\n".join(text_of(app))
        assert "Passphrase again" in shown
        assert "Or a program that prints it" in shown
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("Choose a passphrase first" in line for line in text_of(app)))
        assert app.desk.accounts() == ()
        await pilot.press(*PHRASE, "enter", *"another")
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("passphrases differ" in line for line in text_of(app)))
        form = app.screen
        assert isinstance(form, AccountForm)
        again = form.keeping.fields()[1]
        again.focus()
        await pilot.press("ctrl+u", *PHRASE, "ctrl+s")
        [asked] = await requests_of(worker, pilot, app)
        worker.answer(asked.id, ok=True, result={"proven": ["connected"]})
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
        assert PHRASE not in "\n".join(text_of(app))
    worker.close()
    assert len(keys) == 1
    assert Credentials(places, keys[0], {}).stored("imap", "password").reveal() == CANARY
    assert Credentials(places, None, {}).vault.unlock(Secret(PHRASE)) == keys[0]
    assert load(places.settings_file)[0].secrets == "vault"
    for path in tmp_path.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert CANARY.encode() not in content
        assert PHRASE.encode() not in content


async def test_a_closed_file_is_opened_by_its_passphrase(
    make_app: MakeApp, tmp_path: Path, places: Locations, no_keyring: None
) -> None:
    Credentials(places, None, {}).vault.create(Secret(PHRASE), cost=2**10)
    keys: list[Secret] = []
    app = app_with(make_app, SecretDoor(places, "vault", opened=keys.append))
    worker = publish(home_of(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await form_of(app, pilot, "which is closed")
        assert len(form.keeping.fields()) == 1
        form.keeping.fields()[0].focus()
        await pilot.press(*"not this one", "ctrl+s")
        await wait_for(pilot, app, lambda: any("This is not the passphrase" in line for line in text_of(app)))
        assert not keys
        form.keeping.fields()[0].focus()
        await pilot.press("ctrl+u", *PHRASE, "ctrl+s")
        [asked] = await requests_of(worker, pilot, app)
        worker.answer(asked.id, ok=True, result={})
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
    worker.close()
    assert Credentials(places, keys[0], {}).stored("imap", "password").reveal() == CANARY


@pytest.mark.parametrize("new", ["", "canary-new-password-8841"])
async def test_an_account_whose_secret_lies_in_the_closed_file_is_mended(
    make_app: MakeApp, tmp_path: Path, places: Locations, no_keyring: None, new: str
) -> None:
    """With a new password or only to open the file: the worker gets the key, and what lies there is what was meant."""
    made = Credentials(places, None, {})
    made.vault.create(Secret(PHRASE), cost=2**10)
    made.keep("imap", "password", CANARY, "vault")
    keys: list[Secret] = []
    app = app_with(make_app, SecretDoor(places, "vault", opened=keys.append))
    worker = publish(home_of(tmp_path))
    label, user = SafeText.trusted("Shop"), SafeText.trusted("help@shop.example")
    options = {"host": "imap.shop.example", "port": 993, "user": str(user)}
    worker.put_account(Account("imap", "imap", label, Channel.EMAIL, options, own_addresses=(user,)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: app.desk.account("imap") is not None)
        if isinstance(app.screen, Welcome):  # the account came while the first screen stood
            await pilot.press("escape")
        await pilot.press("g", "c")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountsSheet) and app.screen.here == "imap")
        await pilot.press("e")
        await wait_for(pilot, app, lambda: form_stands(app) and "which is closed" in " ".join(text_of(app)))
        form = app.screen
        assert isinstance(form, AccountForm)
        assert form.field("host").value == "imap.shop.example"
        field = form.field("password")
        assert isinstance(field, OneField)
        field.value = new
        form.keeping.fields()[0].focus()
        await pilot.press(*PHRASE, "ctrl+s")
        [asked] = await requests_of(worker, pilot, app)
        assert (asked.kind, asked.account) == ("check", "imap")
        assert PHRASE not in str(asked.arguments)
        worker.answer(asked.id, ok=True, result={})
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
        assert not {PHRASE, CANARY, new} & set(" ".join(text_of(app)).split())
    worker.close()
    assert Credentials(places, keys[0], {}).stored("imap", "password").reveal() == (new or CANARY)
    assert len([1 for account in home_accounts(tmp_path) if account.id == "imap"]) == 1


@pytest.mark.parametrize(("locked", "high"), [(True, 24), (True, 14), (False, 24)])
async def test_the_caret_stands_in_the_passphrase_that_is_asked_for(
    make_app: MakeApp, tmp_path: Path, places: Locations, no_keyring: None, locked: bool, high: int
) -> None:
    """What is typed at once is hidden: it had stood in clear in the first field."""
    made = Credentials(places, None, {})
    made.vault.create(Secret(PHRASE), cost=2**10)
    made.keep("imap", "password", CANARY, "vault")
    app = app_with(make_app, SecretDoor(places, "vault", opened=lambda _key: None))
    worker = publish(home_of(tmp_path))
    user = SafeText.trusted("help@shop.example")
    options = {"host": "imap.shop.example", "user": str(user)}
    worker.put_account(Account("imap", "imap", user, Channel.EMAIL, options, own_addresses=(user,)))
    state = Health.LOCKED if locked else Health.CONNECTED
    worker.set_health(AccountHealth("imap", state, since=now(), fault=None))
    async with app.run_test(size=(80, high), notifications=True) as pilot:
        await wait_for(pilot, app, lambda: app.desk.account("imap") is not None)
        if isinstance(app.screen, Welcome):  # the account came while the first screen stood
            await pilot.press("escape")
        await pilot.press("g", "c")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountsSheet) and app.screen.here == "imap")
        await pilot.press("e", *"abc")
        await wait_for(pilot, app, lambda: form_stands(app))
        form = app.screen
        assert isinstance(form, AccountForm)
        await wait_for(pilot, app, lambda: form.keeping.state is not None and bool(form.keeping.fields()))
        passphrase = form.keeping.fields()[0]
        host = form.field("host")
        await wait_for(pilot, app, lambda: "abc" in passphrase.value + host.value)
        assert (passphrase.value, host.value.endswith("abc")) == (("abc", False) if locked else ("", True))
        if locked:
            assert form.focused is passphrase
            await settle(app, pilot)
            assert any("Passphrase" in line and "•••" in line for line in text_of(app))
    worker.close()


async def test_what_is_typed_takes_the_place_of_a_variable(
    make_app: MakeApp,
    tmp_path: Path,
    places: Locations,
    no_keyring: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The wrong variable still stands: the form says where the secret came from, and the worker is given the new one."""
    wrong = {"AGENT_TUI_SECRET_IMAP_PASSWORD": "wrong"}
    monkeypatch.setenv(*wrong.copy().popitem())
    made = Credentials(places, None, {})
    made.vault.create(Secret(PHRASE), cost=2**10)
    made.put_environment("imap", "password")
    keys: list[Secret] = []
    app = app_with(make_app, SecretDoor(places, "vault", opened=keys.append))
    worker = publish(home_of(tmp_path))
    user = SafeText.trusted("help@shop.example")
    options = {"host": "imap.shop.example", "port": 993, "user": str(user)}
    worker.put_account(Account("imap", "imap", user, Channel.EMAIL, options, own_addresses=(user,)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: app.desk.account("imap") is not None)
        if isinstance(app.screen, Welcome):  # the account came while the first screen stood
            await pilot.press("escape")
        await pilot.press("g", "c")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountsSheet) and app.screen.here == "imap")
        await pilot.press("e")
        await wait_for(
            pilot, app, lambda: form_stands(app) and "AGENT_TUI_SECRET_IMAP_PASSWORD" in " ".join(text_of(app))
        )
        form = app.screen
        assert isinstance(form, AccountForm)
        field = form.field("password")
        assert isinstance(field, OneField)
        field.value = CANARY
        form.keeping.fields()[0].focus()
        await pilot.press(*PHRASE, "ctrl+s")
        [asked] = await requests_of(worker, pilot, app)
        worker.answer(asked.id, ok=True, result={})
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
    worker.close()
    assert Credentials(places, keys[0], wrong).stored("imap", "password").reveal() == CANARY


async def test_a_command_needs_no_passphrase(
    make_app: MakeApp, tmp_path: Path, places: Locations, no_keyring: None
) -> None:
    app = app_with(make_app, SecretDoor(places, ""))
    worker = publish(home_of(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await form_of(app, pilot, "This machine has no keyring")
        assert form.query_one("#row-password-program").display, "without a keyring it is offered at once"
        form.field("password").focus()
        await pilot.press("ctrl+u", "enter", *typed("pass show mail"))
        assert "pass show mail" in "\n".join(text_of(app))
        await pilot.press("ctrl+s")
        [asked] = await requests_of(worker, pilot, app)
        assert asked.kind == "check"
    worker.close()
    assert not places.vault_file.exists()
    assert Credentials(places, None, {}).references.of("imap", "password").command == ("pass", "show", "mail")  # type: ignore[union-attr]


@pytest.mark.parametrize("secret", ["!open sesame 77", "!touch {path}", "!'unbalanced", "!", ":command"])
async def test_a_secret_is_a_secret_whatever_it_begins_with(
    make_app: MakeApp, tmp_path: Path, places: Locations, no_keyring: None, secret: str
) -> None:
    """Nothing of it is written in clear, and nothing of it is run."""
    secret = secret.format(path=tmp_path / "ran")
    Credentials(places, None, {}).vault.create(Secret(PHRASE), cost=2**10)
    keys: list[Secret] = []
    door = SecretDoor(places, "vault", opened=keys.append)
    door.open(PHRASE)
    app = app_with(make_app, door)
    worker = publish(home_of(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await form_of(app, pilot, "which is open")
        assert not form.query_one("#row-password-program").display
        form.field("password").focus()
        await pilot.press("ctrl+u", *typed(secret), "ctrl+s")
        [asked] = await requests_of(worker, pilot, app)
        worker.answer(asked.id, ok=True, result={})
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
    worker.close()
    made = Credentials(places, keys[0], {})
    assert made.stored("imap", "password").reveal() == secret
    assert made.references.of("imap", "password").way is Way.VAULT  # type: ignore[union-attr]
    assert not (tmp_path / "ran").exists()
    if len(secret) > len(":command"):
        assert not [p for p in tmp_path.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]


async def test_a_program_is_among_all_fields_and_what_cannot_be_one_is_said(
    make_app: MakeApp, tmp_path: Path, places: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent_tui.credentials.probe", lambda: (KeyringState.USABLE, "some"))
    app = app_with(make_app, SecretDoor(places, ""))
    worker = publish(home_of(tmp_path))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await form_of(app, pilot, "goes into the keyring")
        assert any("a field of its own, among all fields" in line for line in text_of(app))
        await pilot.press("ctrl+r", "enter", *typed("pass 'show"))
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("empty one of the two" in line for line in text_of(app)))
        form.field("password").focus()
        await pilot.press("ctrl+u", "ctrl+s")
        await wait_for(pilot, app, lambda: any("a quotation mark or a backslash" in line for line in text_of(app)))
        assert form.focused is form.field("password-program")
        await pilot.press("'", "ctrl+s")
        [asked] = await requests_of(worker, pilot, app)
        fault = {"code": "secret_unavailable", "parameters": {"reason": "command_failed", "program": "pass"}}
        worker.answer(asked.id, ok=False, result=fault)
        await wait_for(pilot, app, lambda: any("that prints the secret failed" in line for line in text_of(app)))
        assert form.focused is form.field("password-program"), "it is the program that has to be mended"
    worker.close()
    assert Credentials(places, None, {}).references.of("imap", "password").command == ("pass", "show")  # type: ignore[union-attr]


async def test_a_keyring_that_refuses_the_secret_leads_to_the_file(
    make_app: MakeApp, tmp_path: Path, places: Locations, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(key: str, secret: Secret) -> None:
        raise CredentialsError("keyring_failed")

    monkeypatch.setattr("agent_tui.credentials.probe", lambda: (KeyringState.USABLE, "some"))
    monkeypatch.setattr(keyring_way, "write", refuse)
    app = app_with(make_app, SecretDoor(places, ""))
    publish(home_of(tmp_path)).close()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await form_of(app, pilot, "goes into the keyring")
        assert not form.keeping.fields()
        await pilot.press("ctrl+s")
        await wait_for(pilot, app, lambda: any("keyring cannot be used" in line for line in text_of(app)))
        assert len(form.keeping.fields()) == 2
        assert app.desk.accounts() == ()


async def test_what_was_typed_is_not_thrown_away_by_one_key(
    make_app: MakeApp, tmp_path: Path, places: Locations, no_keyring: None
) -> None:
    app = app_with(make_app, SecretDoor(places, ""))
    publish(home_of(tmp_path)).close()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await form_of(app, pilot, "This machine has no keyring")
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: any("Esc again drops what you typed" in line for line in text_of(app)))
        assert form_stands(app)
        await pilot.press("x", "escape")  # typed on: asked anew
        await pilot.pause()
        assert form_stands(app)
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))


async def test_an_empty_form_is_left_at_once(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(filled=False)
    publish(home_of(tmp_path)).close()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
        await pilot.press("a")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountForm))
        await pilot.press("escape")
        await wait_for(pilot, app, lambda: isinstance(app.screen, Welcome))
