"""Commands, the environment, OAuth, and what must never show."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import os
import pickle
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent_tui import sentences
from agent_tui.backends import post_form
from agent_tui.backends.api import SecretUnavailable
from agent_tui.credentials import (
    Credentials,
    CredentialsError,
    OAuthClient,
    Reference,
    Secret,
    Way,
    scrubbed_environment,
    variable,
)
from agent_tui.credentials.command_way import MOST, run
from agent_tui.locations import Locations
from agent_tui.logs import Redacting
from agent_tui.sync import main as worker
from tests.credentials import keyrings
from tests.credentials.conftest import UseKeyring

CANARY = "canary-7731"


def _program(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_the_first_line_is_the_secret() -> None:
    assert run(_program(f"print('{CANARY}'); print('user: x')")) == Secret(CANARY)
    assert run(_program("print('тайна з пробілом ')")) == Secret("тайна з пробілом ")


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    code = "import sys; print(sys.argv[1])"
    assert run([*_program(code), f"$(touch {witness}); `id`"]) == Secret(f"$(touch {witness}); `id`")
    assert not witness.exists()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ((), "command_missing"),
        (("",), "command_missing"),
        (("/nonexistent/pass", "show"), "command_missing"),
        (tuple(_program("import sys; print('x'); sys.exit(3)")), "command_failed"),
        (tuple(_program("pass")), "command_empty"),
        (tuple(_program("print()")), "command_empty"),
        (tuple(_program(f"print('x' * {MOST + 10})")), "command_too_long"),
        (tuple(_program("import sys; sys.stdout.buffer.write(b'\\xff\\xfe')")), "not_text"),
    ],
)
def test_what_can_go_wrong_is_told_apart(command: tuple[str, ...], code: str) -> None:
    with pytest.raises(CredentialsError) as told:
        run(command)
    assert told.value.code == code


def test_one_that_never_ends_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = (
        "import subprocess, sys, time;"
        f"p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); open({str(mark)!r}, 'w').write(str(p.pid));"
        "time.sleep(600)"
    )
    begun = time.monotonic()
    with pytest.raises(CredentialsError) as told:
        run(_program(code), limit=1.5)
    assert told.value.code == "command_timeout"
    assert time.monotonic() - begun < 10
    pid = int(mark.read_text())
    for _ in range(200):
        if _gone(pid):
            break
        time.sleep(0.02)
    assert _gone(pid)


@pytest.mark.parametrize("left", ["sleep 600 &", "(while :; do echo x; sleep 1; done) &", "setsid sleep 5 &"])
def test_what_a_program_leaves_running_is_not_waited_for(left: str) -> None:
    begun = time.monotonic()
    assert run(["sh", "-c", f"echo {CANARY}; {left} exit 0"], limit=4) == Secret(CANARY)
    with pytest.raises(CredentialsError) as told:
        run(["sh", "-c", f"echo {CANARY}; {left} exit 3"], limit=4)
    assert told.value.code == "command_failed"
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("late", ["setsid sleep 6", "exec >&-; sleep 6"])
def test_the_limit_holds_whoever_has_its_output(late: str) -> None:
    begun = time.monotonic()
    with pytest.raises(CredentialsError) as told:
        run(["sh", "-c", f"echo {CANARY}; {late}; exit 0"], limit=0.5)
    assert told.value.code == "command_timeout"
    assert time.monotonic() - begun < 3


def test_what_a_program_left_running_is_ended(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    assert run(["sh", "-c", f"echo {CANARY}; sleep 600 & echo $! > '{mark}'"]) == Secret(CANARY)
    pid = int(mark.read_text())
    for _ in range(200):
        if _gone(pid):
            break
        time.sleep(0.02)
    assert _gone(pid)


def _gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state == "Z"


def test_what_it_says_beside_is_thrown_away(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert run(_program(f"import sys; sys.stderr.write('{CANARY}'); print('x')")) == Secret("x")
    seen = capfd.readouterr()
    assert CANARY not in seen.out + seen.err + caplog.text


def test_children_do_not_see_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_TUI_SECRET_MAIL_PASSWORD", CANARY)
    monkeypatch.setenv("AGENT_TUI_VAULT_FD", "9")
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert CANARY not in str(scrubbed_environment())
    assert "AGENT_TUI_VAULT_FD" not in scrubbed_environment()
    assert scrubbed_environment()["LANG"] == "C.UTF-8"
    found = run(_program("import os; print(os.environ.get('AGENT_TUI_SECRET_MAIL_PASSWORD', 'none'))"))
    assert found == Secret("none")


def test_the_agents_own_editor_does_not_see_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from agent_tui.desk.editing import environment_for_editor

    monkeypatch.setenv("AGENT_TUI_SECRET_MAIL_PASSWORD", CANARY)
    assert CANARY not in str(environment_for_editor())
    assert environment_for_editor()["PATH"] == os.environ["PATH"]


def test_a_variable_is_used_until_another_way_is_chosen(locations: Locations) -> None:
    """A password typed to mend an account is the one that counts, though the wrong variable still stands."""
    credentials = Credentials(locations, environment={"AGENT_TUI_SECRET_MY_MAIL_SMTP_PASSWORD": "wrong"})
    assert variable("my-mail", "smtp_password") == "AGENT_TUI_SECRET_MY_MAIL_SMTP_PASSWORD"
    assert credentials.stored("my-mail", "smtp_password") == Secret("wrong")  # nothing else is remembered
    credentials.put_environment("my-mail", "smtp_password")
    assert credentials.stored("my-mail", "smtp_password") == Secret("wrong")
    assert credentials.from_variables("my-mail") == ("AGENT_TUI_SECRET_MY_MAIL_SMTP_PASSWORD",)
    credentials.vault.create(Secret("four words of it"), cost=2**10)
    credentials.keep("my-mail", "smtp_password", "typed", "vault")
    assert credentials.stored("my-mail", "smtp_password") == Secret("typed")
    assert credentials.from_variables("my-mail") == ()
    reference = credentials.references.of("my-mail", "smtp_password")
    assert reference is not None
    assert credentials.is_idle("my-mail", "smtp_password", reference)
    credentials.put_command("my-mail", "smtp_password", _program("print('printed')"))
    assert credentials.stored("my-mail", "smtp_password") == Secret("printed")
    credentials.put_environment("other", "password")
    with pytest.raises(CredentialsError) as told:
        credentials.stored("other", "password")
    assert told.value.parameters["variable"] == "AGENT_TUI_SECRET_OTHER_PASSWORD"


def test_the_file_of_references_holds_no_secret(
    credentials: Credentials, use_keyring: UseKeyring, locations: Locations
) -> None:
    use_keyring(keyrings.Working)
    credentials.put("mail", "password", Secret(CANARY), Way.KEYRING)
    content = locations.secrets_file.read_text()
    assert CANARY not in content
    assert 'way = "keyring"' in content
    assert locations.secrets_file.stat().st_mode & 0o777 == 0o600


def test_a_file_of_references_that_others_can_change_is_not_believed(
    credentials: Credentials, locations: Locations
) -> None:
    credentials.put_command("mail", "password", ["pass", "show", "mail"])
    locations.secrets_file.chmod(0o666)
    with pytest.raises(CredentialsError) as told:
        credentials.stored("mail", "password")
    assert told.value.code == "loose_permissions"


@pytest.mark.parametrize("content", ["[mail", "[mail]\npassword = 3", '[mail.password]\nway = "telepathy"'])
def test_a_broken_file_of_references_is_told(credentials: Credentials, locations: Locations, content: str) -> None:
    locations.secrets_file.write_text(content)
    locations.secrets_file.chmod(0o600)
    with pytest.raises(CredentialsError) as told:
        credentials.stored("mail", "password")
    assert told.value.code == "broken_file"


def test_keeping_never_falls_back_to_clear(locations: Locations) -> None:
    credentials = Credentials(locations, environment={})
    with pytest.raises(CredentialsError):
        credentials.keep("mail", "password", CANARY)  # the tests' keyring is none
    with pytest.raises(CredentialsError):
        credentials.keep("mail", "password", CANARY, "vault")
    for path in locations.config.rglob("*"):
        assert path.is_dir() or CANARY not in path.read_text("utf-8", "replace")


# what must never show


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(CANARY)
    local = {"secret": secret}
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", repr(local), "%s" % secret, repr([secret])]  # noqa: UP031
    assert not any(CANARY in text for text in shown)
    for copier in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copier(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert not hasattr(secret, "__dict__")
    assert bool(Secret("")) is False


def test_a_traceback_with_its_variables_shows_none(credentials: Credentials, use_keyring: UseKeyring) -> None:
    use_keyring(keyrings.Chatty)
    try:
        credentials.put("mail", "password", Secret(CANARY), Way.KEYRING)
    except CredentialsError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        assert CANARY not in "".join(told.format())
    else:
        pytest.fail("it should have been refused")


# OAuth


class Issuer:
    """A token endpoint."""

    def __init__(self, status: int = 200, answer: Mapping[str, object] | bytes | None = None) -> None:
        self.status = status
        self.answer = answer if answer is not None else {"access_token": "access-1", "expires_in": 3600}
        self.forms: list[Mapping[str, str]] = []

    async def __call__(self, url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        self.forms.append(form)
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        return self.status, body


CLIENT = OAuthClient("https://login.example.com/token", "client-1", "imap smtp", has_secret=True)


@pytest.fixture
def kept(use_keyring: UseKeyring, locations: Locations) -> Locations:
    use_keyring(keyrings.Working)
    credentials = Credentials(locations, environment={})
    credentials.put("mail", "token", Secret("refresh-1"), Way.KEYRING, CLIENT)
    credentials.put_client_secret("mail", "token", Secret("client-secret"))
    return locations


async def test_a_refresh_token_becomes_an_access_token_once_for_its_life(kept: Locations) -> None:
    issuer = Issuer()
    credentials = Credentials(kept, environment={}, post=issuer)
    assert await credentials.fetch("mail", "token") == Secret("access-1")
    assert await credentials.fetch("mail", "token") == Secret("access-1")
    assert [dict(form) for form in issuer.forms] == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-1",
            "client_id": "client-1",
            "client_secret": "client-secret",
            "scope": "imap smtp",
        }
    ]
    credentials.drop_token("mail")
    await credentials.fetch("mail", "token")
    assert len(issuer.forms) == 2


async def test_a_token_about_to_end_is_not_used(kept: Locations) -> None:
    issuer = Issuer(answer={"access_token": "short", "expires_in": 30})
    credentials = Credentials(kept, environment={}, post=issuer)
    await credentials.fetch("mail", "token")
    await credentials.fetch("mail", "token")
    assert len(issuer.forms) == 2


async def test_a_rotated_refresh_token_is_kept(kept: Locations) -> None:
    issuer = Issuer(answer={"access_token": "a", "refresh_token": "refresh-2", "expires_in": 3600})
    await Credentials(kept, environment={}, post=issuer).fetch("mail", "token")
    assert Credentials(kept, environment={}).stored("mail", "token") == Secret("refresh-2")


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (400, {"error": "invalid_grant"}, "oauth_refused"),
        (401, b"", "oauth_refused"),
        (400, {"error": f"\x1b]52;{CANARY}"}, "oauth_refused"),
        (500, b"<html>", "oauth_failed"),
        (200, b"no json", "oauth_failed"),
        (200, [1], "oauth_failed"),
        (200, {"access_token": 7}, "oauth_failed"),
    ],
)
async def test_an_issuer_that_refuses_or_talks_nonsense(kept: Locations, status: int, answer: bytes, code: str) -> None:
    credentials = Credentials(kept, environment={}, post=Issuer(status, answer))
    with pytest.raises(CredentialsError) as told:
        await credentials.fetch("mail", "token")
    assert told.value.code == code
    assert CANARY not in str(told.value.parameters)
    assert "refresh-1" not in f"{told.value!r}{told.value.parameters}"


async def test_an_error_of_the_line_shows_no_form(kept: Locations) -> None:
    async def post(url: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        raise RuntimeError(f"could not send {dict(form)}")

    with pytest.raises(CredentialsError) as told:
        await Credentials(kept, environment={}, post=post).fetch("mail", "token")
    text = "".join(traceback.format_exception(told.value))
    assert "refresh-1" not in text
    assert "client-secret" not in text


async def test_no_secret_goes_over_an_open_line(kept: Locations) -> None:
    issuer = Issuer()
    credentials = Credentials(kept, environment={}, post=issuer)
    reference = credentials.references.of("mail", "token")
    assert reference is not None
    client = OAuthClient("http://login.example.com/token", "client-1")
    credentials.references.put("mail", "token", Reference(reference.way, reference.name, oauth=client))
    with pytest.raises(CredentialsError) as told:
        await credentials.fetch("mail", "token")
    assert told.value.parameters["reason"] == "insecure"
    assert not issuer.forms


async def test_the_real_road_to_an_issuer(kept: Locations) -> None:
    """By the shared HTTP client, to a server on this machine."""
    import asyncio

    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(
            next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")).split(b":")[1]
        )
        asked.append(await reader.readexactly(size))
        body = b'{"access_token": "access-9", "expires_in": 3600}'
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    credentials = Credentials(kept, environment={}, post=post_form)
    reference = credentials.references.of("mail", "token")
    assert reference is not None
    client = OAuthClient(f"http://127.0.0.1:{port}/token", "client-1")
    credentials.references.put("mail", "token", Reference(reference.way, reference.name, oauth=client))
    async with server:
        assert await credentials.fetch("mail", "token") == Secret("access-9")
    assert b"refresh_token=refresh-1" in asked[0]


def test_the_environment_of_the_tests_is_clean() -> None:
    assert not [name for name in os.environ if name.startswith("AGENT_TUI_SECRET_")]


@pytest.mark.parametrize("code", ["keyring_hangs", "keyring_failed", "no_keyring"])
def test_where_the_keyring_is_of_no_use_every_other_way_is_named(code: str) -> None:
    on_the_command_line = sentences.error(code, {}, way="")
    for flag in ("--secrets vault", "--password-command 'pass show …'", "--password-env"):
        assert flag in on_the_command_line
    at_the_desk = sentences.error("secret_unavailable", {"reason": code}, way=" (g c)")
    assert at_the_desk.endswith("another way (g c).")
    assert "--" not in at_the_desk


async def test_a_variable_that_is_missing_is_named(locations: Locations) -> None:
    credentials = Credentials(locations, environment={})
    credentials.put_environment("mail", "password")
    with pytest.raises(CredentialsError) as told:
        credentials.stored("mail", "password")
    with pytest.raises(SecretUnavailable) as unavailable:
        await worker._secrets(credentials, Redacting())("mail", "password")
    assert unavailable.value.parameters == {**told.value.parameters, "reason": "variable_missing", "option": "password"}
    said = sentences.error("secret_unavailable", unavailable.value.parameters, way=" (g c)")
    assert "The environment has no AGENT_TUI_SECRET_MAIL_PASSWORD" in said
    assert said.endswith("Start agent-tui with it, or enter the secret (g c).")


def test_what_an_account_had_is_put_back(credentials: Credentials, use_keyring: UseKeyring) -> None:
    use_keyring(keyrings.Working)
    credentials.put("mail", "password", Secret(CANARY), Way.KEYRING)
    credentials.put_environment("mail", "token")
    before, kept = credentials.references.all(), dict(keyrings.Working.kept)
    had = credentials.kept("mail")
    assert CANARY not in repr(had)
    credentials.put("mail", "password", Secret("wrong"), Way.KEYRING)  # under the same name
    credentials.put("mail", "token", Secret("wrong"), Way.KEYRING)
    credentials.put("mail", "smtp_password", Secret("wrong"), Way.KEYRING)
    credentials.put_back("mail", had)
    assert credentials.references.all() == before
    assert dict(keyrings.Working.kept) == kept
