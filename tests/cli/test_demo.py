"""The demo as a person opens it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from agent_tui.cli.demo_desk import _NOTES
from agent_tui.locations import locate
from agent_tui.store.open import open_worker
from agent_tui.sync.lock import worker_holder
from tests.cli.conftest import Run
from tests.pty_terminal import PtyTerminal
from tests.sync.workspace import mail


def test_it_looks_like_a_desk_in_the_middle_of_a_day(run: Run, demo: Path) -> None:
    views = {
        view: len(run("list", "--view", view, "--json", "-n", "1000").lines)
        for view in ("inbox", "mine", "unassigned", "waiting", "snoozed", "solved", "spam", "all")
    }
    assert views["all"] > 200
    assert 15 < views["inbox"] < 60
    assert views["solved"] > 100
    for view in ("mine", "unassigned", "waiting", "snoozed", "spam"):
        assert views[view] > 0, view
    inbox = run("list", "--json").lines
    assert any(row["unread"] for row in inbox)
    assert any(not row["unread"] for row in inbox)
    assert {row["assignee"] for row in inbox} >= {"dana", "petro", None}
    notes = [line for line in run("export").lines for m in line["messages"] if m["kind"] == "note"]
    assert len(notes) == len(_NOTES)


def test_conversations_are_named_by_their_first_message(run: Run, demo: Path) -> None:
    """The service brings its past newest first, answers before what they answer."""
    rows = run("list", "--view", "all", "--json", "-n", "1000").lines
    assert not [row["subject"] for row in rows if row["subject"].startswith("Re:")]


def test_a_second_start_keeps_what_was_done(run: Run, demo: Path) -> None:
    wanted = str(run("list", "--json").lines[0]["id"])
    run("tag", wanted, "mine")
    begun = time.monotonic()
    assert run("demo", "--prepare", "--home", str(demo)).code == 0
    assert time.monotonic() - begun < 1.0
    assert "mine" in run("show", wanted, "--json").one["tags"]


def test_customers_who_are_missing_by_a_fault_of_ours_are_told(run: Run, demo: Path) -> None:
    store = open_worker(locate(demo).data)
    with store.ingest() as tx:
        tx.set_aside("mail", "x", "not_a_mail", {}, None, 9, "INBOX")
    assert run("demo", "--prepare", "--home", str(demo)).code == 0, "no mail is no fault of ours"
    with store.ingest() as tx:
        tx.set_aside("chat", "y", "ingest_error", {"error": "KeyError"}, None, 9, "")
    store.close()
    ran = run("demo", "--prepare", "--home", str(demo))
    assert ran.code == 1
    assert f"1 message is missing in it, by a fault of this program: agent-tui --home {demo} doctor" in ran.err
    told = run("--home", str(demo), "doctor")
    assert told.code == 1
    assert "1 message of chat was set aside by a fault of this program" in told.out
    assert "tried again" not in told.out, "nothing of it is kept here"


def test_a_fresh_one_begins_anew(run: Run, demo: Path) -> None:
    wanted = str(run("list", "--json").lines[0]["id"])
    run("tag", wanted, "mine")
    assert run("demo", "--prepare", "--fresh", "--home", str(demo)).code == 0
    assert not run("list", "tag:mine", "--json").lines
    assert len(run("list", "--view", "all", "--json", "-n", "1000").lines) > 200


def test_it_never_takes_or_throws_away_another_workspace(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "mine"
    monkeypatch.setenv("AGENT_TUI_HOME", str(home))
    (tmp_path / "one.eml").write_bytes(mail(text="Hello"))
    assert run("import", str(tmp_path / "one.eml")).code == 0  # a workspace with a store
    before = sorted(path.name for path in home.rglob("*"))
    for arguments in (("demo", "--prepare"), ("demo", "--prepare", "--fresh")):
        assert run(*arguments, "--home", str(home)).code == 0
    ours = [path for path in home.rglob("*") if home / "demo" not in (path, *path.parents)]
    assert sorted(path.name for path in ours) == before
    assert len(run("list", "--view", "all", "--json").lines) == 1
    assert len(run("list", "--view", "all", "--json", "-n", "1000", "--home", str(home / "demo")).lines) > 200


def test_where_the_demo_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo: Path) -> None:
    from agent_tui.cli.demo import demo_home

    assert demo_home() == demo
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "new"))
    assert demo_home() == tmp_path / "new" / "demo"  # also where nothing is yet: it would be one's own later
    assert demo_home(str(demo)) == demo
    (tmp_path / "new" / "data").mkdir(parents=True)
    (tmp_path / "new" / "data" / "store.db").touch()
    assert demo_home() == tmp_path / "new" / "demo"
    monkeypatch.delenv("AGENT_TUI_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert demo_home() == tmp_path / "share" / "agent-tui" / "demo"


def test_the_speed_can_be_changed_later(run: Run, demo: Path) -> None:
    from agent_tui.store.open import open_reads

    assert run("demo", "--prepare", "--speed", "3", "--home", str(demo)).code == 0
    reads = open_reads(locate(demo).data)
    assert {account.options["speed"] for account in reads.accounts()} == {3.0}
    reads.close()


def test_customers_write_while_one_watches_and_the_worker_ends_with_the_desk(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    command = [sys.executable, "-m", "agent_tui", "demo", "--home", str(home), "--speed", "6"]
    with PtyTerminal(
        command, columns=140, rows=40, env={"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    ) as seen:
        seen.wait(r"Inbox \d+", 40)
        seen.wait("This is the demo", 20)
        assert b"\x1b]2;agent-tui demo\x07" in seen.received
        seen.wait("reply", 20)
        seen.wait(r"\d+ new above", 40)
        lock = locate(home / "demo").worker_lock
        assert worker_holder(lock) is not None
        seen.press("\x11")
        end = time.monotonic() + 20
        while seen.ended is None and time.monotonic() < end:
            seen.pump(0.1)
        assert seen.ended == 0
    assert worker_holder(lock) is None


def test_keys_pressed_while_customers_come_in_are_not_heard(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    command = [sys.executable, "-m", "agent_tui", "demo", "--prepare", "--home", str(home)]
    with PtyTerminal(command, columns=80, rows=24, env={**os.environ, "TERM": "xterm-256color"}) as demo:
        demo.wait("Customers are coming in", 30)
        demo.press("\x1b[6~")
        demo.press("q\r")
        assert demo.until_end(180) == 0
        assert b"^[" not in bytes(demo.received)
        assert b"q" not in bytes(demo.received).split(b"Customers are coming in", 1)[1].split(b"\x1b[K", 1)[0]
