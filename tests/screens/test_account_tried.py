"""A changed account is tried before it is kept: what it had comes back, options and secrets, unless it is said to stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from agent_tui.app import AgentApp
from agent_tui.credentials import Credentials, Secret, Way
from agent_tui.domain.account import Account
from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import SafeText
from agent_tui.locations import Locations, locate, prepare
from agent_tui.screens.account_form import AccountForm
from agent_tui.screens.accounts import AccountsSheet
from agent_tui.screens.welcome import Welcome
from agent_tui.secret_door import SecretDoor
from agent_tui.store.open import open_reads
from agent_tui.store.ports import WorkerStore
from tests.screens.conftest import MakeApp, desk_of, text_of
from tests.screens.states import typed
from tests.screens.test_composing import wait_for
from tests.screens.test_minding import SIZE, home_of, publish, requests_of

PHRASE = "canary-phrase-four-words"
WORKS, WRONG = "canary-works-1", "canary-wrong-2"
VARIABLE = "AGENT_TUI_SECRET_IMAP_PASSWORD"
USER = SafeText.trusted("help@shop.example")
HAD = {"host": "imap.shop.example", "port": 993, "user": str(USER)}
REFUSED = {"code": "authentication_failed", "parameters": {"host": "imap.shop.example", "user": str(USER)}}

Has = Callable[[Credentials], None]


def in_vault(kept: Credentials) -> None:
    kept.keep("imap", "password", WORKS, "vault")


def by_program(kept: Credentials) -> None:
    kept.put_command("imap", "password", ["echo", WORKS])


def by_variable(kept: Credentials) -> None:
    kept.put_environment("imap", "password")


@pytest.fixture
def places(tmp_path: Path) -> Locations:
    here = prepare(locate(tmp_path / "secrets", {}))
    Credentials(here, None, {}).vault.create(Secret(PHRASE), cost=2**10)
    return here


class Tried:
    """The form of an account that works, changed and refused."""

    def __init__(self, app: AgentApp, door: SecretDoor, keys: list[Secret], places: Locations) -> None:
        self.app, self.door, self._keys, self._places = app, door, keys, places

    def secrets(self) -> Credentials:
        return Credentials(self._places, self._keys[0], {VARIABLE: WORKS})

    def names(self) -> set[str]:
        """Of all that lies in the file of secrets."""
        return set(self.secrets().vault._content())

    async def form(self, pilot: Pilot[Any]) -> AccountForm:
        app = self.app
        await wait_for(pilot, app, lambda: app.desk.account("imap") is not None)
        if isinstance(app.screen, Welcome):  # the account came while the first screen stood
            await pilot.press("escape")
        await pilot.press("g", "c")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountsSheet) and app.screen.here == "imap")
        await pilot.press("e")
        await wait_for(pilot, app, lambda: isinstance(app.screen, AccountForm))
        form = app.screen
        assert isinstance(form, AccountForm)
        await wait_for(pilot, app, lambda: form.keeping.state is not None)
        return form


@pytest.fixture
def make_tried(make_app: MakeApp, places: Locations) -> Callable[[Has], Tried]:
    def make(has: Has) -> Tried:
        keys: list[Secret] = []
        door = SecretDoor(places, "vault", opened=keys.append)
        door.open(PHRASE)
        app = make_app(filled=False, keep_secret=door.keep, forget_secrets=door.forget, door=door)
        tried = Tried(app, door, keys, places)
        has(tried.secrets())
        return tried

    return make


def worker_of(tmp_path: Path) -> WorkerStore:
    worker = publish(home_of(tmp_path))
    worker.put_account(Account("imap", "imap", SafeText.trusted("Shop"), Channel.EMAIL, HAD, own_addresses=(USER,)))
    return worker


async def change(form: AccountForm, pilot: Pilot[Any], name: str, text: str) -> None:
    form.field(name).focus()
    await pilot.press("ctrl+u", *typed(text))


@pytest.mark.parametrize("has", [in_vault, by_program, by_variable])
@pytest.mark.parametrize("field", ["password", "password-program"])
async def test_what_worked_comes_back_after_a_failed_try(
    make_tried: Callable[[Has], Tried], tmp_path: Path, has: Has, field: str
) -> None:
    tried = make_tried(has)
    before, names = tried.secrets().references.of("imap", "password"), tried.names()
    app, worker = tried.app, worker_of(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await tried.form(pilot)
        await change(form, pilot, "port", "143")
        for text in (WRONG, WRONG + "again"):  # tried twice: what it had is not what was tried first
            await change(form, pilot, field, text)
            await pilot.press("ctrl+s")
            [asked] = await requests_of(worker, pilot, app)
            assert app.desk.account("imap").options["port"] == 143  # type: ignore[union-attr]
            worker.answer(asked.id, ok=False, result=REFUSED)
            await wait_for(pilot, app, lambda: any("keep anyway" in line for line in text_of(app)) and not form._busy)
        await pilot.press("escape", "escape")
        await wait_for(pilot, app, lambda: app.screen is not form)
        assert dict(app.desk.account("imap").options) == HAD  # type: ignore[union-attr]
        [asked] = await requests_of(worker, pilot, app)
        assert asked.kind == "check", "its line, refused meanwhile, is connected again"
    worker.close()
    assert tried.secrets().references.of("imap", "password") == before
    assert tried.secrets().stored("imap", "password").reveal() == WORKS
    assert tried.names() == names, "nothing of what was tried is left"


async def test_a_secret_it_never_had_goes_again(make_tried: Callable[[Has], Tried], tmp_path: Path) -> None:
    tried = make_tried(lambda kept: None)
    app, worker = tried.app, worker_of(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await tried.form(pilot)
        await change(form, pilot, "password", WRONG)
        await pilot.press("ctrl+s")
        await requests_of(worker, pilot, app)
        await pilot.press("escape", "escape")  # nobody has answered yet
        await wait_for(pilot, app, lambda: app.screen is not form)
    worker.close()
    assert tried.secrets().references.of("imap", "password") is None
    assert tried.names() == set()


@pytest.mark.parametrize("how", ["works", "kept anyway"])
async def test_what_works_or_is_kept_anyway_stays(make_tried: Callable[[Has], Tried], tmp_path: Path, how: str) -> None:
    tried = make_tried(in_vault)
    app, worker = tried.app, worker_of(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await tried.form(pilot)
        await change(form, pilot, "port", "143")
        await change(form, pilot, "password", WRONG)
        await pilot.press("ctrl+s")
        [asked] = await requests_of(worker, pilot, app)
        worker.answer(asked.id, ok=how == "works", result={} if how == "works" else REFUSED)
        if how != "works":
            await wait_for(pilot, app, lambda: any("keep anyway" in line for line in text_of(app)) and not form._busy)
            await pilot.press("ctrl+o")
        await wait_for(pilot, app, lambda: app.screen is desk_of(app))
        assert app.desk.account("imap").options["port"] == 143  # type: ignore[union-attr]
    worker.close()
    assert tried.secrets().stored("imap", "password").reveal() == WRONG
    assert tried.secrets().references.of("imap", "password").way is Way.VAULT  # type: ignore[union-attr]
    assert len(tried.names()) == 1


async def test_a_desk_left_in_the_middle_leaves_nothing_untried(
    make_tried: Callable[[Has], Tried], tmp_path: Path
) -> None:
    tried = make_tried(by_variable)
    app, worker = tried.app, worker_of(tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        form = await tried.form(pilot)
        await change(form, pilot, "port", "143")
        await change(form, pilot, "password", WRONG)
        await pilot.press("ctrl+s")
        await requests_of(worker, pilot, app)
        await pilot.press("ctrl+q")
    worker.close()
    reads = open_reads(home_of(tmp_path))
    assert [dict(account.options) for account in reads.accounts() if account.id == "imap"] == [HAD]
    reads.close()
    assert tried.secrets().stored("imap", "password").reveal() == WORKS
    assert tried.names() == set()
