"""Accounts and their secrets: never in an argument, never in clear, tried before they are kept."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from agent_tui.cli.demo import service_file
from agent_tui.config import load
from agent_tui.credentials import Credentials, CredentialsError, Secret
from agent_tui.locations import locate, prepare
from agent_tui.store.open import open_workspace
from tests.cli.conftest import Ran, Run
from tests.credentials import keyrings
from tests.credentials.conftest import UseKeyring, use_keyring
from tests.servers.pymail import Pymail

__all__ = ["use_keyring"]

CANARY = "canary-7731"
IMAP = ("account", "add", "imap", "--host", "127.0.0.1", "--user", "support@aurora.example", "--no-check")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _nowhere_in_clear(home: Path, *ran: Ran) -> None:
    for path in home.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes(), path
    for each in ran:
        assert CANARY not in each.out + each.err


def test_backends_say_what_they_are(run: Run) -> None:
    found = {backend["name"]: backend for backend in run("backend", "list", "--json").lines}
    assert {"imap", "demo"} <= found.keys()
    assert found["imap"]["proof"] in ("real server", "specification", "untested")
    assert found["imap"]["broken"] is None
    options = {option["name"]: option for option in found["imap"]["options"]}
    assert options["host"]["required"] is True
    assert options["password"]["kind"] == "secret"
    assert "send" in found["imap"]["capabilities"]
    assert "imap" in run("backend", "list").out


def test_flags_are_made_of_the_backends_options(run: Run) -> None:
    helped = run("account", "add", "imap", "--help")
    assert helped.code == 0
    for flag in ("--smtp-host", "--ca-file", "--password-command", "--password-stdin", "--password-env"):
        assert flag in helped.out
    assert "--password " not in helped.out
    assert "--channel {email,chat}" in run("account", "add", "demo", "--help").out


def test_a_secret_is_no_argument(run: Run, home: Path) -> None:
    ran = run(*IMAP, "--password", CANARY)
    assert ran.code == 2
    assert run("account", "list", "--json").out == ""


def test_an_account_of_the_demo_is_added_tried_and_removed(run: Run, home: Path) -> None:
    path = service_file(locate(home))
    added = run(
        "account",
        "add",
        "demo",
        "--id",
        "shop",
        "--path",
        str(path),
        "--own-addresses",
        "support@aurora.example",
        "--json",
    )
    assert added.code == 0, added.err
    assert added.one["id"] == "shop"
    assert added.one["proven"]
    listed = run("account", "list", "--json").one
    assert (listed["id"], listed["backend"], listed["own_addresses"]) == ("shop", "demo", ["support@aurora.example"])
    assert run("account", "check", "shop", "--json").one["ok"] is True
    taken = run("account", "add", "demo", "--id", "shop", "--path", str(path), "--own-addresses", "x@aurora.example")
    assert taken.code == 2
    assert "shop" in taken.err
    assert run("account", "remove", "shop").code == 0
    assert run("account", "list", "--json").out == ""


@pytest.mark.parametrize("command", [("account", "check", "shop"), ("account", "remove", "shop"), ("sync", "--once")])
def test_without_an_account_the_way_to_one_is_named(run: Run, home: Path, command: tuple[str, ...]) -> None:
    open_workspace(prepare(locate(home)).data)
    ran = run(*command)
    assert ran.code == (0 if command[0] == "sync" else 1)
    assert ran.err.count("\n") == 1
    assert "There is no account yet: agent-tui account add BACKEND, or agent-tui demo to look around." in ran.err


def test_what_does_not_work_is_not_kept(run: Run, home: Path) -> None:
    from agent_tui.backends.demo.server import DemoServer

    path = service_file(locate(home))
    path.parent.mkdir(parents=True)
    server = DemoServer(path)
    server.inject("refuse_login")
    server.close()
    refused = run("account", "add", "demo", "--path", str(path), "--own-addresses", "support@aurora.example")
    assert refused.code == 1
    assert refused.err.count("\n") == 1
    assert run("account", "list", "--json").out == ""


def test_secrets_in_the_keyring(run: Run, home: Path, use_keyring: UseKeyring) -> None:
    use_keyring(keyrings.Working)
    ran = run(*IMAP, "--id", "support", "--password-stdin", given=f"{CANARY}\n")
    assert ran.code == 0, ran.err
    assert Credentials(locate(home), environment={}).stored("support", "password") == Secret(CANARY)
    assert load(locate(home).settings_file)[0].secrets == "keyring"
    listed = run("account", "list", "--json")
    assert listed.one["secrets"] == {"password": "keyring"}
    _nowhere_in_clear(home, ran, listed)
    assert run("account", "remove", "support").code == 0
    assert not keyrings.Working.kept


def test_a_machine_without_keyring_names_the_other_ways(run: Run, home: Path) -> None:
    ran = run(*IMAP, "--password-stdin", given=f"{CANARY}\n")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    for way in ("--secrets vault", "--password-command", "--password-env"):
        assert way in ran.err
    assert run("account", "list", "--json").out == ""
    _nowhere_in_clear(home, ran)


def test_a_hanging_keyring_costs_seconds(
    run: Run, home: Path, use_keyring: UseKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_keyring(keyrings.Hanging)
    ran = run(*IMAP, "--password-stdin", given=f"{CANARY}\n")
    assert ran.code == 1
    assert "does not answer" in ran.err
    for way in ("--secrets vault", "--password-command", "--password-env"):
        assert way in ran.err
    looked = run("doctor", "--json")
    assert any(found["check"] == "keyring" and "does not answer" in found["text"] for found in looked.lines)
    _nowhere_in_clear(home, ran, looked)


def test_secrets_in_the_encrypted_file(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("four words are better\n")
    monkeypatch.setenv("AGENT_TUI_VAULT_PASSPHRASE_FILE", str(passphrase))
    ran = run(*IMAP, "--id", "support", "--secrets", "vault", "--password-stdin", given=f"{CANARY}\n")
    assert ran.code == 0, ran.err
    vault = locate(home).vault_file
    assert vault.stat().st_mode & 0o777 == 0o600
    credentials = Credentials(locate(home))
    assert credentials.unlock_by_file()
    assert credentials.stored("support", "password") == Secret(CANARY)
    _nowhere_in_clear(home, ran, run("doctor"), run("account", "list", "--json"))
    assert CANARY not in caplog.text
    monkeypatch.delenv("AGENT_TUI_VAULT_PASSPHRASE_FILE")
    closed = run("account", "check", "support")
    assert closed.code == 1
    assert "closed" in closed.err


def test_a_new_encrypted_file_needs_somebody_to_name_a_passphrase(run: Run, home: Path) -> None:
    ran = run(*IMAP, "--secrets", "vault", "--password-stdin", given=f"{CANARY}\n")
    assert ran.code == 1
    assert not locate(home).vault_file.exists()
    _nowhere_in_clear(home, ran)


def test_a_program_prints_the_secret(run: Run, home: Path) -> None:
    program = f"{sys.executable} -c \"print('{CANARY}'[::1])\""
    ran = run(*IMAP, "--id", "support", "--password-command", program)
    assert ran.code == 0, ran.err
    assert Credentials(locate(home), environment={}).stored("support", "password") == Secret(CANARY)
    assert run("account", "list", "--json").one["secrets"] == {"password": "command"}
    assert run(*IMAP, "--password-command", '"open').code == 2


def test_the_environment_holds_the_secret(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = run(*IMAP, "--id", "support", "--password-env")
    assert absent.code == 1
    assert "AGENT_TUI_SECRET_SUPPORT_PASSWORD" in absent.err
    monkeypatch.setenv("AGENT_TUI_SECRET_SUPPORT_PASSWORD", CANARY)
    ran = run(*IMAP, "--id", "support", "--password-env")
    assert ran.code == 0, ran.err
    assert Credentials(locate(home)).stored("support", "password") == Secret(CANARY)
    _nowhere_in_clear(home, ran)
    monkeypatch.delenv("AGENT_TUI_SECRET_SUPPORT_PASSWORD")
    with pytest.raises(CredentialsError):
        Credentials(locate(home)).stored("support", "password")


def test_a_variable_that_is_missing_is_named(
    run: Run, home: Path, pymail: Pymail, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = pymail.new_user(password=CANARY)
    monkeypatch.setenv("AGENT_TUI_SECRET_SUPPORT_PASSWORD", CANARY)
    added = run(
        *("account", "add", "imap", "--id", "support", "--host", pymail.host, "--port", str(pymail.imaps_port)),
        *("--smtp-port", str(pymail.smtps_port), "--ca-file", str(pymail.ca_file), "--user", user.address),
        *("--addresses", user.address, "--password-env"),
    )
    assert added.code == 0, added.err
    monkeypatch.delenv("AGENT_TUI_SECRET_SUPPORT_PASSWORD")
    ran = run("account", "check", "support")
    assert ran.code == 1
    assert "The environment has no AGENT_TUI_SECRET_SUPPORT_PASSWORD" in ran.err
    assert "Start agent-tui with it" in ran.err


def test_the_doctor_names_a_variable_that_is_not_used(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_TUI_SECRET_MAIL_PASSWORD", CANARY)
    assert run(*IMAP, "--id", "mail", "--password-env").code == 0
    assert "is not used" not in run("doctor").out
    Credentials(locate(home), environment={}).put_command("mail", "password", ["pass", "show", "mail"])
    told = run("doctor")
    assert "AGENT_TUI_SECRET_MAIL_PASSWORD of the environment is not used" in told.out
    assert CANARY not in told.out


def test_the_doctor_names_every_fault_of_the_settings(run: Run, home: Path) -> None:
    settings = prepare(locate(home)).settings_file
    settings.write_text('theme = "lihgt"\nbogus = 3\n[keys]\nsolve = "j"\n')
    settings.chmod(0o600)
    told = run("doctor")
    assert told.code == 1
    assert "line 2: there is no setting “bogus”\n" in told.out, "nothing is near it"
    assert "there is no theme “lihgt”; there are: dark, light" in told.out
    assert "j: move.down, solve" in told.out


def test_an_oauth_token_with_its_client(run: Run, home: Path, use_keyring: UseKeyring) -> None:
    use_keyring(keyrings.Working)
    oauth = (
        "--auth",
        "oauth",
        "--token-stdin",
        "--oauth-url",
        "https://login.example.com/token",
        "--oauth-scope",
        "imap",
    )
    assert run(*IMAP, *oauth, given="r\n").code == 2  # without a client
    ran = run(
        *IMAP, "--id", "support", *oauth, "--oauth-client-id", "client-1", "--oauth-client-secret-stdin",
        given=f"{CANARY}\nclient-{CANARY}\n",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    reference = Credentials(locate(home)).references.of("support", "token")
    assert reference is not None
    assert reference.oauth is not None
    assert (reference.oauth.client_id, reference.oauth.has_secret) == ("client-1", True)
    assert sorted(keyrings.Working.kept.values()) == [CANARY, f"client-{CANARY}"]
    _nowhere_in_clear(home, ran)


def test_what_is_wrong_with_an_option_is_told_without_it(run: Run, home: Path) -> None:
    ran = run(
        "account", "add", "imap", "--host", f"bad host {CANARY}", "--user", "support@aurora.example", "--no-check"
    )
    assert ran.code == 2
    assert "--host" in ran.err
    assert CANARY not in ran.err
    unknown = run("account", "add", "carrier-pigeon", "--no-check")
    assert unknown.code in (1, 2)
    assert unknown.err


@pytest.mark.parametrize("harm", ["wrong passphrase", "damaged file", "references that others can change"])
def test_secrets_that_cannot_be_opened_do_not_stop_the_worker(
    run: Run, demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("four words are better\n")
    monkeypatch.setenv("AGENT_TUI_VAULT_PASSPHRASE_FILE", str(passphrase))
    assert run(*IMAP, "--id", "locked", "--secrets", "vault", "--password-stdin", given=f"{CANARY}\n").code == 0
    if harm == "wrong passphrase":
        passphrase.write_text("four other words\n")
    elif harm == "damaged file":
        locate(demo).vault_file.write_text("{}")
    else:
        locate(demo).secrets_file.chmod(0o666)
    done = subprocess.run(
        [sys.executable, "-m", "agent_tui.sync.main", "--once", "--home", str(demo)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    if "others" not in harm:
        assert "the vault cannot be opened" in (locate(demo).log / "worker.log").read_text("utf-8")
    listed = run("account", "list", "--json")
    health = {account["id"]: account["health"] for account in listed.lines}
    assert health["chat"] == "connected"
    once = run("sync", "--once")
    assert once.code == 1
    assert once.err
    shown = run("doctor")
    assert "Traceback" not in shown.out + shown.err + once.err
