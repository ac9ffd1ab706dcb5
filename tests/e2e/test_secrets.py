"""A whole run on a machine without a keyring: the secret is asked for, kept encrypted, used, and found nowhere in clear."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from agent_tui.locations import locate
from agent_tui.sync.launch import stop_worker
from tests.pty_terminal import PtyTerminal
from tests.servers.dovecot import token
from tests.servers.mailserver import MailServer, MailUser
from tests.servers.postfix import Postfix
from tests.servers.pymail import Pymail

pytestmark = pytest.mark.serial

COMMAND = [sys.executable, "-m", "agent_tui"]
WRONG = "canary-wrong-81c2"
PASSWORD = "canary-password-5521"
PHRASE = "canary-phrase-9937"


def _processes() -> bytes:
    told = b""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            for name in ("cmdline", "environ"):
                try:
                    told += (entry / name).read_bytes()
                except OSError:
                    continue
    return told


def _add(terminal: PtyTerminal, password: str) -> None:
    terminal.wait("Password:", 60)
    terminal.press(password + "\r")


def _settle(home: Path) -> None:
    """Everything that can be logged is logged."""
    (home / "config").mkdir(parents=True, mode=0o700)
    (home / "config" / "settings.toml").write_text('log_level = "debug"\n[sending]\nhold_seconds = 0\n')
    os.chmod(home / "config" / "settings.toml", 0o600)


def _adding(server: MailServer, user: MailUser, *more: str) -> list[str]:
    return [
        *COMMAND, *("account", "add", "imap", "--id", "mail", "--host", server.host, "--port", str(server.imaps_port)),
        *("--smtp-port", str(server.smtps_port), "--user", user.address, "--ca-file", str(server.ca_file)),
        *("--addresses", user.address, "--secrets", "vault", *more),
    ]  # fmt: skip


def _one_answer(desk: PtyTerminal, server: MailServer, user: MailUser, customer: MailUser) -> None:
    """A mail comes, and an answer leaves."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = customer.address, user.address, "Through the vault"
    mail["Message-ID"] = "<through-the-vault@customer.test>"
    mail.set_content("Is anybody there?")
    server.deliver(mail.as_bytes(), user.address, customer.address)
    desk.wait("Through the vault", 60)
    desk.press("\r")
    desk.wait("Is anybody there", 30)
    desk.press("r")
    desk.wait("REPLY", 30)
    desk.type("Somebody is.")
    desk.press("\x13")
    desk.wait_gone("REPLY", 30)
    assert b"Somebody is." in server.wait_for_mail(customer, seconds=60)[0]


def _found_nowhere(secrets: Iterable[str], home: Path, seen: bytes, processes: bytes) -> None:
    """Neither as it is nor as it goes over the line."""
    logs = list((home / "log").glob("*"))
    assert any(path.stat().st_size for path in logs), "a run leaves a log to look into"
    files = [path for path in home.rglob("*") if path.is_file()]
    for secret in secrets:
        for form in (secret.encode(), *_encoded(secret)):
            assert form not in seen
            assert form not in processes
            for path in files:
                assert form not in path.read_bytes(), path


def _encoded(secret: str) -> Iterator[bytes]:
    """What of it shows in base64, wherever in the encoded text it stands."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret.encode()).rstrip(b"=")
        yield text[4:-4] if before else text[:-4]


def test_no_secret_lies_about_after_a_whole_run(pymail: Pymail, tmp_path: Path) -> None:
    user, customer = pymail.new_user(password=PASSWORD), pymail.new_user()
    home = tmp_path / "home"
    env = {"AGENT_TUI_HOME": str(home)}
    _settle(home)
    add = _adding(pymail, user)
    seen = bytearray()
    with PtyTerminal(add, columns=120, rows=30, env=env) as refused:
        _add(refused, WRONG)
        refused.wait("assphrase", 30)
        refused.press(PHRASE + "\r")
        refused.wait("(?s)assphrase.*again", 30)
        refused.press(PHRASE + "\r")
        refused.wait("(?i)does not accept|refuse", 60)
        seen += refused.received
    with PtyTerminal(add, columns=120, rows=30, env=env) as accepted:
        _add(accepted, PASSWORD)
        accepted.wait("(?i)passphrase", 30)
        accepted.press(PHRASE + "\r")
        accepted.until_end(60)
        assert accepted.ended == 0, accepted.text()
        seen += accepted.received
    with PtyTerminal(COMMAND, columns=100, rows=30, env=env) as desk:
        desk.wait("(?i)passphrase", 30)
        desk.press(PHRASE + "\r")
        desk.wait("● mail", 60)
        _one_answer(desk, pymail, user, customer)
        processes = _processes()
        seen += desk.received
    assert stop_worker(locate(str(home)), 20)
    _found_nowhere((WRONG, PASSWORD, PHRASE), home, bytes(seen), processes)


REFRESH = "canary-refresh-token-4410"


class Issuer:
    """A token endpoint: what it gives for the refresh token is in the test's hands."""

    def __init__(self) -> None:
        self.access = ""
        self.asked: list[str] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                issuer.asked += form["refresh_token"]
                body = json.dumps({"access_token": issuer.access, "expires_in": 3600}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/token"

    @contextmanager
    def open(self) -> Iterator[Issuer]:
        """Serve until the end."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@pytest.mark.servers
def test_no_token_lies_about_after_a_whole_run(postfix: Postfix, tmp_path: Path) -> None:
    """Refresh token and access tokens, among them refused ones, at an issuer and at real servers."""
    user, customer = postfix.new_user(), postfix.new_user()
    good, late, bad = token(user.address), token(user.address, lives=-60), token(user.address, key=b"another")
    home = tmp_path / "home"
    env = {"AGENT_TUI_HOME": str(home)}
    _settle(home)
    seen = bytearray()
    with Issuer().open() as issuer:
        add = _adding(postfix, user, "--auth", "oauth", "--oauth-url", issuer.url, "--oauth-client-id", "client")
        issuer.access = bad
        with PtyTerminal(add, columns=120, rows=30, env=env) as refused:
            refused.wait(r"Token.*:", 60)
            refused.press(REFRESH + "\r")
            refused.wait("assphrase", 30)
            refused.press(PHRASE + "\r")
            refused.wait("(?s)assphrase.*again", 30)
            refused.press(PHRASE + "\r")
            refused.wait("(?i)does not accept|refuse", 60)
            seen += refused.received
        issuer.access = good
        with PtyTerminal(add, columns=120, rows=30, env=env) as accepted:
            accepted.wait(r"Token.*:", 60)
            accepted.press(REFRESH + "\r")
            accepted.wait("(?i)passphrase", 30)
            accepted.press(PHRASE + "\r")
            accepted.until_end(60)
            assert accepted.ended == 0, accepted.text()
            seen += accepted.received
        issuer.access = late
        with PtyTerminal(COMMAND, columns=100, rows=30, env=env) as desk:
            desk.wait("(?i)passphrase", 30)
            desk.press(PHRASE + "\r")
            desk.wait("(?i)does not accept|refuse", 60)
            processes = _processes()
            issuer.access = good
            desk.press("\x12")
            desk.wait("● mail", 60)
            _one_answer(desk, postfix, user, customer)
            processes += _processes()
            seen += desk.received
        assert stop_worker(locate(str(home)), 20)
        assert issuer.asked.count(REFRESH) >= 4, "the tokens were truly used"
    signatures = [word.rpartition(".")[2] for word in (good, late, bad)]
    _found_nowhere((REFRESH, PHRASE, good, late, bad, *signatures), home, bytes(seen), processes)
