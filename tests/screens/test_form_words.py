"""What an account's form shows of an account is what it reads back."""

from __future__ import annotations

import pytest

from agent_tui.backends import registry
from agent_tui.desk.accounts import CheckResult
from agent_tui.domain.account import Account
from agent_tui.domain.text import SafeText
from agent_tui.screens.account_form import AccountForm
from agent_tui.screens.form_words import first_text, pointed_at, why
from tests.screens.conftest import MakeApp, desk_of, settle

SIGNATURE = "Dana\nAurora Support\nhttps://aurora.example"
GIVEN = {
    "host": "imap.shop.example",
    "user": "help@shop.example",
    "addresses": ["help@shop.example"],
    "signature": SIGNATURE,
    "path": "/tmp/demo",
}


def account_of(backend: str) -> Account:
    info = registry.info(registry.load(backend))
    options = {o.name: o.default for o in info.options if o.kind != "secret" and o.default is not None}
    return Account(
        id="one",
        backend=backend,
        label=SafeText.trusted("One"),
        channel=info.channel,
        options=options | {name: value for name, value in GIVEN.items() if name in {o.name for o in info.options}},
        capabilities=info.capabilities,
        own_addresses=(SafeText.trusted("help@shop.example"),),
        signature=SafeText.trusted(SIGNATURE),
    )


@pytest.mark.parametrize("backend", ["imap", "demo"])
async def test_an_untouched_form_changes_nothing(make_app: MakeApp, backend: str) -> None:
    """Every option of every backend, at its default, shown and read again."""
    app = make_app()
    account = account_of(backend)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        accounts = desk_of(app).minding.accounts
        form = AccountForm(accounts, registry.info(registry.load(backend)), account)
        app.push_screen(form)
        await settle(app, pilot)
        draft = accounts.read_form(registry.info(registry.load(backend)), form.values(), existing="one")
    assert draft.faults == ()
    for name, value in draft.account.options.items():
        assert value == account.options.get(name, value), name
    assert draft.account.own_addresses == account.own_addresses


async def test_a_signature_has_lines(make_app: MakeApp) -> None:
    app = make_app()
    info = registry.info(registry.load("imap"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        accounts = desk_of(app).minding.accounts
        form = AccountForm(accounts, info, account_of("imap"))
        app.push_screen(form)
        await settle(app, pilot)
        field = form.field("signature")
        field.focus()
        await pilot.press("down", "down", "end", "enter", *"+1 555")
        await pilot.press("down")
        assert form.focused is not field, "down leaves it at its end"
        await pilot.press("up")
        assert form.focused is field
        await pilot.press("enter", "enter", *"bye")
        assert form.focused is field, "an empty line is one of it"
        await pilot.press("tab")
        assert form.focused is not field
        draft = accounts.read_form(info, form.values(), existing="one")
    known = str(draft.account.options.get("signature", draft.account.signature))
    assert known == SIGNATURE + "\n+1 555\n\nbye"


async def test_a_choice_is_chosen_not_typed(make_app: MakeApp) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        form = AccountForm(desk_of(app).minding.accounts, registry.info(registry.load("imap")), account_of("imap"))
        app.push_screen(form)
        await settle(app, pilot)
        field = form.field("security")
        field.focus()
        before = field.value
        await pilot.press("space")
        assert field.value != before
        await pilot.press("left")
        assert field.value == before == "tls"
        await pilot.press("s")
        assert field.value == "starttls"
        await pilot.press("backspace", "x", "delete")
        assert field.value == "starttls"
        await pilot.press("down")
        assert form.focused is not field
        auth = form.field("auth")
        auth.focus()
        await pilot.press(*"oauth")
        assert auth.value == "oauth"
        await pilot.press("up", "down", *"password")
        assert auth.value == "password", "its letters begin other words too"


@pytest.mark.parametrize(
    ("code", "parameters", "field"),
    [
        ("authentication_failed", {"host": "h", "port": "993"}, "password"),
        ("authentication_failed", {"host": "h", "port": "465"}, "password"),
        ("authentication_failed", {"reason": "no_mechanism"}, "auth"),
        ("certificate_refused", {"reason": "self_signed"}, "ca_file"),
        ("unreachable", {"reason": "refused", "port": "993"}, "host"),
        ("unreachable", {"reason": "refused", "port": "465"}, "smtp_host"),
        ("something_else", {}, ""),
    ],
)
def test_a_failed_try_points_at_the_field_it_speaks_of(code: str, parameters: dict[str, str], field: str) -> None:
    options = registry.info(registry.load("imap")).options
    values = {option.name: first_text(option, None) for option in options}
    assert pointed_at(code, parameters, options, values) == field


def test_where_a_token_signs_in_it_is_the_token_that_was_refused() -> None:
    options = registry.info(registry.load("imap")).options
    values = {option.name: first_text(option, None) for option in options} | {"auth": "oauth"}
    assert pointed_at("authentication_failed", {"port": "993"}, options, values) == "token"


def test_a_setting_that_cannot_be_right_is_named() -> None:
    options = registry.info(registry.load("imap")).options
    values = {option.name: first_text(option, account_of("imap")) for option in options}
    wrong = {"option": "host, smtp_host"}
    assert pointed_at("misconfigured", wrong, options, values) == "host"
    result = CheckResult(done=True, code="misconfigured", parameters=wrong)
    assert why(result, options) == "IMAP server, SMTP server cannot be right. Check it."
    nothing = CheckResult(done=True, code="misconfigured", parameters={"option": ""})
    assert why(nothing, options).startswith("A setting of this account cannot be right.")
