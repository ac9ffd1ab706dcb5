"""One pass of the worker in the foreground says what came that could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers.pymail import Pymail


def test_what_could_not_be_read_is_told_with_its_reason(
    run: Run, pymail: Pymail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = pymail.new_user()
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AGENT_TUI_SECRET_MAIL_PASSWORD", user.password)
    added = run(
        "account", "add", "imap", "--id", "mail", "--host", pymail.host, "--port", str(pymail.imaps_port),
        "--smtp-port", str(pymail.smtps_port), "--user", user.address, "--ca-file", str(pymail.ca_file),
        "--password-env",
    )  # fmt: skip
    assert added.code == 0, added.err
    with pymail.mailbox(user) as line:
        line.append("INBOX", "", "", b"From: olena@customer.test\r\nSubject: Order\r\n\r\nWhere is it?\r\n")
        line.append("INBOX", "", "", b"\0\x01\x02\xff\xfe" * 40)
    first = run("sync", "--once")
    assert first.code == 0, first.err
    assert "1 message could not be read and was set aside:\n" in first.err
    assert "mail INBOX" in first.err
    assert "It is no mail." in first.err
    again = run("sync", "--once")
    assert again.code == 0
    assert "set aside" not in again.err, "it was told"
