"""Sentences on the command line: no key of the desk in them, and the way that mends it, whatever people are called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent_tui import named_keys, sentences, words
from agent_tui.cli.wording import error_in_words, fault_in_words
from agent_tui.domain.account import Fault
from agent_tui.locations import locate
from agent_tui.sentences_table import ACTIONS, FAULTS, WARNINGS
from tests.cli.conftest import Run

HARD = {"host": "imap.example", "user": "CARLA@CA.example (g c)", "value": "CA", "account": "CA", "way": "(g c)"}


def test_no_sentence_names_a_key() -> None:
    for key in FAULTS:
        code, _dot, reason = key.partition(".")
        said = error_in_words(code, {"reason": reason})
        assert not re.search(r"\bg [a-z]\b|\([A-Za-z]\)|\{", said), key


def test_the_way_goes_by_the_code_and_not_by_names() -> None:
    said = fault_in_words(Fault("authentication_failed", HARD))
    assert said == (
        "imap.example does not accept the login of CARLA@CA.example (g c). "
        "Enter the password again (agent-tui account remove, account add)."
    )
    for reason in ("self_signed", "unknown_authority", "not_trusted"):
        assert fault_in_words(Fault("certificate_refused", {**HARD, "reason": reason})).endswith(" (--ca-file FILE).")
    assert "--ca-file" not in fault_in_words(Fault("certificate_refused", {**HARD, "reason": "wrong_host"}))
    assert fault_in_words(Fault("misconfigured", {**HARD, "reason": "ca_file"})).endswith(" (--ca-file FILE).")
    for locked in (Fault("vault_locked"), Fault("secret_unavailable", {"reason": "vault_locked"})):
        assert "Change the account and type its passphrase there, or start the desk anew." in fault_in_words(locked)
    assert fault_in_words(Fault("no_account", HARD)).endswith("Add it again (agent-tui account add).")
    assert fault_in_words(None) == ""


@pytest.fixture(autouse=True)
def _named_keys() -> None:
    named_keys.use({"go.accounts": "g c", "go.outbox": "g x", "fetch.whole": "D"})


def test_a_parameter_is_never_the_way() -> None:
    said = sentences.fault(Fault("authentication_failed", {**HARD, "way": "(now!)"}))
    assert said.endswith("Enter the password again (g c).")
    assert sentences.fault(Fault("misconfigured", HARD), way=" (e)").endswith("Check it (e).")
    assert sentences.error("misconfigured", HARD, way="").endswith("Check it.")


def test_a_warning_names_no_key() -> None:
    assert "(D)" in sentences.warning("partial")
    assert "{way}" in WARNINGS["partial"]
    assert "(" not in sentences.warning("partial", way=" of the desk")


def test_what_was_done_names_no_key() -> None:
    for key in ACTIONS:
        code, _dot, state = key.partition(".")
        said = sentences.action(code, "#7", {"state": state, "to": "ann@x.example"}, way=" (agent-tui outbox)")
        assert not re.search(r"\bg [a-z]\b|\([A-Za-z]\)|\{", said), key
    assert sentences.action("send", "#7", {"state": "rejected", "to": "ann"}).endswith("was refused (g x).")


def test_what_was_never_kept_is_not_to_be_removed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent_tui.backends.demo.server import DemoServer
    from agent_tui.cli.demo import service_file

    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "home"))
    path = service_file(locate(tmp_path / "home"))
    path.parent.mkdir(parents=True)
    server = DemoServer(path)
    server.inject("refuse_login")
    server.close()
    added = run("account", "add", "demo", "--id", "shop", "--path", str(path), "--own-addresses", "CARLA@shop.example")
    assert added.code == 1
    assert "does not accept" in added.err
    assert "account add" in added.err
    assert "remove" not in added.err
    assert "--ca-file" not in added.err


def test_words_and_not_codes(run: Run, demo: Path) -> None:
    """In a language that marks each of its words, what comes from the program is marked."""
    rows = run("list", "--view", "waiting", "--json").lines
    wanted = str(next(row["id"] for row in rows if row["channel"] == "email"))
    run("note", wanted, "--text", "A look at it.")
    run("status", wanted, "solved")
    run("undo")
    words.set_language("pseudo")
    try:
        shown = run("show", wanted).out
        steps = run("undo", "--list").out.splitlines()
        doctor = run("doctor").out.splitlines()
        accounts = run("account", "list").out.splitlines()
    finally:
        words.set_language("")
    assert "── ‹NOTE" in shown
    assert "Z · ‹" in shown
    assert [line for line in doctor if not re.match("[✓·!] ‹", line)] == []
    assert "mail (demo): ‹" in "\n".join(doctor)
    assert [line for line in accounts if line.count("‹") < 2] == []
    assert [line.split("\t")[2].partition("~")[0] for line in steps[:2]] == ["‹taken back", "‹can be undone"]
    assert "\t‹Note on #" in steps[1]
