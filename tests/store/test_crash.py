"""Processes that write at once and are killed at any moment: nothing lost, nothing half, nothing doubled."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from agent_tui.domain.conversation import View
from agent_tui.domain.message import Message
from agent_tui.store.connect import database
from agent_tui.store.migrate import back_up
from tests.store.makers import AGENT, Workspace, account

_ROOT = Path(__file__).resolve().parents[2]

_WRITER = """
import sys
from pathlib import Path
from tests.store.makers import *
from tests.store.makers import _made
home, role, start = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
w = Workspace(home)
n = start
while n < start + 1000:
    if role == "worker":
        with w.worker.ingest() as tx:
            for _ in range(5):
                new = message(f"message {n}", at=n, native_id=f"{n}", header_id=f"{n}@x")
                into = tx.add_conversation("mail", new.channel, new.subject, None, Status.NEW, new.arrived_at)
                tx.add_message(new, into, Placement(Rule.NEW))
                n += 1
            tx.save_cursor("mail", "pull", str(n))
        print(n, flush=True)
    elif role == "drafts":
        w.writes.save_draft(draft(f"d{n}"))
        n += 1
        print(n, flush=True)
    else:
        w.writes.save_draft(draft(f"q{n}"))
        w.writes.queue(AGENT, order(f"q{n}", token=f"t{n}"))
        n += 1
        print(n, flush=True)
"""


def _start(home: Path, role: str, first: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(home), role, str(first)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )


def _told(process: subprocess.Popen[str], enough: int) -> int:
    """The last number the process told before it was killed: all below it had been committed."""
    last = 0
    assert process.stdout
    for line in process.stdout:
        last = int(line)
        if last >= enough:
            break
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait()
    return max([last, *(int(r) for r in rest if r.isdigit())])


def _sound(home: Path) -> None:
    with closing(sqlite3.connect(database(home))) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 0)")


@pytest.mark.parametrize("enough", [5, 60, 200])
def test_killed_in_the_middle_of_ingest(store: Workspace, enough: int) -> None:
    told = _told(_start(store.home, "worker"), enough)
    cursor = store.worker.cursor("mail", "pull")
    assert cursor
    reached = int(cursor[0])
    assert reached >= told
    with store.worker.ingest() as tx:
        assert all(tx.message_by_native("mail", str(n)) for n in range(reached))
        assert tx.message_by_native("mail", str(reached)) is None
    assert store.reads.view_counts(AGENT)[View.INBOX].total == reached
    _sound(store.home)


def test_killed_while_queueing(store: Workspace) -> None:
    told = _told(_start(store.home, "queue"), 40)
    items = store.reads.outbox(limit=5000)
    tokens = {i.token for i in items}
    assert len(tokens) == len(items) >= told
    for item in items:
        assert item.message_id
        assert isinstance(store.reads.message(item.message_id), Message)
    drafts = {d.id for d in store.reads.drafts(AGENT)}
    assert not drafts & {f"q{t[1:]}" for t in tokens}, "either a draft or an item, never both"
    assert len(drafts) <= 1
    _sound(store.home)


def test_two_processes_write_a_thousand_rows_each_and_are_killed_and_go_on(store: Workspace) -> None:
    """No `locked` surfaces, none is lost: what was told as written is there after the kill."""
    worker, desk = _start(store.home, "worker"), _start(store.home, "drafts")
    told_worker = _told(worker, 300)
    told_desk = _told(desk, 100)
    errors = [p.stderr.read() if p.stderr else "" for p in (worker, desk)]
    assert errors == ["", ""]
    cursor = store.worker.cursor("mail", "pull")
    assert cursor
    reached = int(cursor[0])
    assert reached >= told_worker
    drafts = len(store.reads.drafts(AGENT))
    assert drafts >= told_desk
    again = [_start(store.home, "worker", reached), _start(store.home, "drafts", drafts)]
    ended = [p.communicate(timeout=100) for p in again]
    assert [(p.returncode, e) for p, (_, e) in zip(again, ended, strict=True)] == [(0, ""), (0, "")]
    assert store.reads.view_counts(AGENT)[View.INBOX].total == reached + 1000
    assert len(store.reads.drafts(AGENT)) == drafts + 1000
    _sound(store.home)


def test_a_copy_taken_while_others_write_is_sound(store: Workspace, tmp_path: Path) -> None:
    worker = _start(store.home, "worker")
    try:
        assert worker.stdout
        worker.stdout.readline()
        end = time.monotonic() + 10
        for n in range(3):
            copy = tmp_path / f"copy{n}.db"
            back_up(store.home, copy)
            with closing(sqlite3.connect(copy)) as db:
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                (messages,) = db.execute("SELECT count(*) FROM message").fetchone()
                (cursor,) = db.execute("SELECT cursor FROM cursor").fetchone()
                assert messages == int(cursor)
            assert time.monotonic() < end
    finally:
        worker.kill()
        worker.communicate()


def test_a_killed_draft_is_there_at_the_next_start(store: Workspace) -> None:
    told = _told(_start(store.home, "drafts"), 3)
    again = Workspace(store.home)
    again.writes.put_account(account())
    assert len(again.reads.drafts(AGENT)) >= told
    again.close()
