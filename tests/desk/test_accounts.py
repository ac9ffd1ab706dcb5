from __future__ import annotations

import asyncio

import pytest

from agent_tui.desk.accounts import Accounts, CheckResult, SecretNotKept, read_result
from agent_tui.desk.services import Services
from agent_tui.domain.account import BackendInfo, Capability, OptionField
from agent_tui.domain.conversation import Channel
from agent_tui.domain.text import SafeText
from agent_tui.store.ports import WorkRequest
from tests.desk.conftest import Secrets
from tests.store.makers import Workspace

MAIL = BackendInfo(
    name="imap",
    title=SafeText.trusted("Mail"),
    api_version=1,
    channel=Channel.EMAIL,
    options=(
        OptionField("host", "Server", "", "text", required=True),
        OptionField("port", "Port", "", "integer", default=993),
        OptionField("security", "Protection", "", "choice", default="tls", choices=("tls", "starttls")),
        OptionField("user", "User", "", "text", required=True),
        OptionField("password", "Password", "", "secret", required=True),
        OptionField("folders", "Folders", "", "list"),
        OptionField("quiet", "Quiet", "", "flag"),
        OptionField("speed", "Speed", "", "number", default=1.0),
        OptionField("largest", "Largest", "", "size", default=50 << 20),
    ),
    capabilities=frozenset({Capability.PULL, Capability.SEND, Capability.CC}),
    proof="real server",
)
GOOD = {"host": "imap.x.example", "user": "help@x.example", "password": "pw-canary"}


def test_a_form_becomes_an_account(work: Services) -> None:
    draft = work.accounts.read_form(
        MAIL,
        GOOD | {"port": "1993", "folders": "INBOX, Support", "quiet": "yes", "own_name": "X\x1b[31m", "label": "[/]"},
    )
    assert draft.faults == ()
    assert draft.account.id == "imap"
    assert dict(draft.account.options) == {
        "host": "imap.x.example",
        "port": 1993,
        "user": "help@x.example",
        "folders": ["INBOX", "Support"],
        "quiet": True,
    }
    assert draft.account.own_addresses == ("help@x.example",)
    assert draft.account.own_name == "X"
    assert "pw-canary" not in repr(draft)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("speed", "1.0", 1.0),
        ("speed", "0,25", 0.25),
        ("speed", "3", 3.0),
        ("largest", "50 MiB", 50 << 20),
        ("largest", "20mb", 20_000_000),
        ("largest", "64 KB", 64_000),
        ("largest", "1 GiB", 1 << 30),
        ("largest", "52428800", 52428800),
    ],
)
def test_numbers_are_read_as_people_write_them(work: Services, name: str, typed: str, value: float) -> None:
    draft = work.accounts.read_form(MAIL, GOOD | {name: typed})
    assert draft.faults == ()
    assert draft.account.options[name] == value


@pytest.mark.parametrize(
    ("host", "port", "read"),
    [
        ("imap.x.example:1993", "993", ("imap.x.example", 1993)),
        (" imap.x.example:1993 ", "", ("imap.x.example", 1993)),
        ("imap.x.example:1993", "1993", ("imap.x.example", 1993)),
        ("imap.x.example:1993", "2993", ("imap.x.example:1993", 2993)),
        ("::1", "993", ("::1", 993)),
        ("imap.x.example:", "993", ("imap.x.example:", 993)),
    ],
)
def test_a_server_is_read_with_the_port_behind_it(work: Services, host: str, port: str, read: tuple[str, int]) -> None:
    options = work.accounts.read_form(MAIL, GOOD | {"host": host, "port": port}).account.options
    assert (options["host"], options["port"]) == read


@pytest.mark.parametrize(
    ("changes", "name", "code"),
    [
        ({"host": ""}, "host", "required"),
        ({"password": ""}, "password", "required"),
        ({"port": "many"}, "port", "no_integer"),
        ({"port": "9.5"}, "port", "no_integer"),
        ({"speed": "fast"}, "speed", "no_number"),
        ({"largest": "50 elephants"}, "largest", "no_size"),
        ({"security": "none"}, "security", "not_a_choice"),
        ({"id": "Ünique"}, "id", "bad_id"),
        ({"id": "mail"}, "id", "taken"),
        ({"own_addresses": "help at x"}, "own_addresses", "bad_address"),
        ({"user": "help"}, "own_addresses", "required"),
        ({"host": "a\r\nb"}, "host", "not_a_choice"),
    ],
)
def test_what_cannot_be_right_is_named(work: Services, changes: dict[str, str], name: str, code: str) -> None:
    faults = work.accounts.read_form(MAIL, GOOD | changes).faults
    assert (name, code) in [(fault.name, fault.code) for fault in faults]


def test_secrets_go_to_their_keeper_and_nowhere_else(workspace: Workspace, work: Services, secrets: Secrets) -> None:
    draft = work.accounts.read_form(MAIL, GOOD)
    asyncio.run(work.accounts.save(draft))
    assert secrets == {("imap", "password"): "pw-canary"}
    assert all(b"pw-canary" not in path.read_bytes() for path in workspace.home.rglob("*") if path.is_file())
    asyncio.run(work.accounts.remove("imap"))
    assert secrets == {}
    assert work.desk.account("imap") is None


def test_an_account_without_its_secret_is_not_saved(work: Services) -> None:
    class Locked(Exception):
        code = "keyring_locked"
        parameters: dict[str, str] = {}  # noqa: RUF012

    def refuse(account: str, option: str, secret: str) -> None:
        raise Locked

    accounts = Accounts(work.desk, refuse, lambda account: None)
    with pytest.raises(SecretNotKept) as refused:
        asyncio.run(accounts.save(accounts.read_form(MAIL, GOOD)))
    assert refused.value.code == "keyring_locked"
    assert refused.value.__cause__ is None
    assert work.desk.account("imap") is None


def test_a_changed_account_keeps_its_name_and_its_secret(work: Services, secrets: Secrets) -> None:
    asyncio.run(work.accounts.save(work.accounts.read_form(MAIL, GOOD)))
    again = work.accounts.read_form(MAIL, GOOD | {"id": "imap", "password": "", "port": "143"}, existing="imap")
    assert again.faults == ()
    asyncio.run(work.accounts.save(again))
    assert secrets == {("imap", "password"): "pw-canary"}


def test_free_ids(work: Services) -> None:
    assert work.accounts.free_id("mail") == "mail2"
    assert work.accounts.free_id("Ü 9") == "a9"
    assert work.accounts.free_id("") == "account"


def test_results_of_a_check() -> None:
    def request(state: str, **result: object) -> WorkRequest:
        return WorkRequest(1, "imap", "check", {}, state, result)

    assert read_result(None) == CheckResult(done=False)
    assert not read_result(request("working")).done
    assert read_result(request("done", proven=["connected"])) == CheckResult(True, True, ("connected",))
    failed = read_result(request("failed", code="unreachable", parameters={"host": "x\x1b[2J"}))
    assert (failed.ok, failed.code, dict(failed.parameters)) == (False, "unreachable", {"host": "x"})
    assert read_result(request("failed", parameters=None, proven=None)).done
