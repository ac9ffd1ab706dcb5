"""Import, doctor, locate."""

from __future__ import annotations

import contextlib
import json
import mailbox
import os
import random
import re
import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from agent_tui.cli.parser import PLACES
from agent_tui.locations import locate, prepare
from agent_tui.store.ports import StoreError
from agent_tui.sync import ingest_mail, main as worker
from agent_tui.sync.lock import take_worker_lock
from tests.cli.conftest import Run
from tests.pty_terminal import PtyTerminal

EXPECTED_IMPORT = {"path", "result", "message", "conversation", "reason"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _mail(number: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f"Customer {number} <customer{number}@example.com>"
    mail["To"] = "support@aurora.example"
    mail["Subject"] = f"Question {number}"
    mail["Date"] = f"Mon, 02 Nov 2026 10:{number:02d}:00 +0000"
    mail["Message-ID"] = f"<question-{number}@example.com>"
    mail.set_content(f"Where is my order number {number}?\n")
    return mail


def test_files_of_every_kind_come_in_once(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(_mail(1).as_bytes())
    box = mailbox.mbox(tmp_path / "box.mbox")
    for number in (2, 3):
        box.add(_mail(number))
    box.close()
    maildir = mailbox.Maildir(tmp_path / "maildir")
    for number in (4, 5, 1):
        maildir.add(_mail(number))
    (tmp_path / "broken.eml").write_bytes(b"")
    paths = [str(tmp_path / name) for name in ("one.eml", "box.mbox", "maildir", "broken.eml")]
    *mails, summary = run("import", *paths, "--json").lines
    assert all(mail.keys() == EXPECTED_IMPORT for mail in mails)
    assert summary["imported"] == 5
    assert summary["duplicates"] == 1
    assert {Path(aside["path"]).name for aside in summary["set_aside"]} == {"broken.eml"}
    assert all(aside["reason"] for aside in summary["set_aside"])
    imported = [mail for mail in mails if mail["result"] == "imported"]
    shown = run("show", str(imported[0]["conversation"]), "--json").one
    assert any(message["id"] == imported[0]["message"] for message in shown["messages"])
    assert run("search", "number", "--json").lines
    *_again, summary = run("import", *paths, "--json").lines
    assert (summary["imported"], summary["duplicates"]) == (0, 6)


def test_a_path_that_is_not_there_is_wrong_usage_and_nothing_is_begun(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(_mail(1).as_bytes())
    ran = run("import", str(tmp_path / "one.eml"), str(tmp_path / "absent"))
    assert ran.code == 2
    assert "absent" in ran.err
    assert not run("list", "--view", "all", "--json").lines


def test_a_second_worker_is_refused_before_anything_else_is_said(run: Run, home: Path) -> None:
    locations = prepare(locate(home))
    lock = take_worker_lock(locations.worker_lock)
    assert lock is not None
    with lock:
        refused, once = run("sync"), run("sync", "--once")
    assert (refused.code, refused.err) == (1, "agent-tui: A worker runs already for this workspace.\n")
    assert once.code == 0
    assert once.err.endswith("it was told to look now.\n")


def test_an_import_that_is_stopped_says_so_and_goes_on_when_it_is_run_again(
    run: Run, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    for number in range(3000):
        (folder / f"{number:04}.eml").write_bytes(_mail(number % 60).as_bytes().replace(b"<question", b"<%d" % number))
    command = [sys.executable, "-m", "agent_tui", "import", str(folder), "--json"]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, bufsize=0, text=False
    )
    assert child.stdout is not None
    assert b"imported" in child.stdout.read(300)
    os.killpg(child.pid, signal.SIGINT)  # as a terminal does: to all that run in front
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    said = re.fullmatch(rb"Stopped\. ([\d,]+) mails were imported and stay: import again, .*\.\n", err)
    assert said, err
    told = int(said[1].replace(b",", b""))
    assert 0 < told < 3000
    assert json.loads(out.splitlines()[-1])["imported"] == told
    *_, summary = run("import", str(folder), "--json").lines
    assert (summary["duplicates"], summary["imported"]) == (told, 3000 - told)


def test_import_for_people(run: Run, home: Path, tmp_path: Path) -> None:
    name = tmp_path / "a\x1b]0;x\x07.eml"
    name.write_bytes(b"")
    (tmp_path / "one.eml").write_bytes(_mail(1).as_bytes())
    ran = run("import", str(tmp_path))
    assert ran.code == 0
    assert ran.out == ""
    assert "1 mail imported" in ran.err
    assert "Set aside" in ran.err
    assert "\x1b" not in ran.err
    assert "\x07" not in ran.err


def test_imported_files_are_an_account_that_cannot_send(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(_mail(1).as_bytes())
    *_, summary = run("import", str(tmp_path / "one.eml"), "--json").lines
    assert summary["imported"] == 1
    assert run("account", "list", "--json").one["offline"] is True
    conversation = run("list", "--view", "all", "--json").one["id"]
    ran = run("reply", str(conversation), given="Hello.")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert run("outbox", "--json").out == ""


def test_the_doctor_of_a_new_machine(run: Run, home: Path) -> None:
    ran = run("doctor", "--json")
    checks = {found["check"] for found in ran.lines}
    assert {"program", "folders", "settings", "store", "worker", "accounts", "keyring", "terminal"} <= checks
    assert not home.exists(), "looking changes nothing"
    assert ran.code == 0, ran.out


def test_the_doctor_of_a_working_demo(run: Run, demo: Path) -> None:
    ran = run("doctor", "--json")
    states = {(found["check"], found["state"]) for found in ran.lines}
    assert ("account", "ok") in states
    assert ("store", "ok") in states
    assert ran.code == 0, ran.out


def test_the_doctor_tells_why_the_last_worker_died(run: Run, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what a worker really logs: one that dies, another that cannot open the store, one that lives."""

    def breaks(error: Exception) -> Callable[..., int]:
        def work(*_all: object) -> int:
            raise error

        return work

    with monkeypatch.context() as broken:
        broken.setattr(worker, "_work", breaks(ImportError("no module named \x1b[31mmissing")))
        assert run("sync", "--once").code == 1
    ran = run("doctor")
    assert ran.code == 1
    assert "the last one ended in trouble" in ran.out
    assert "(ImportError: no module named" in ran.out
    assert "\x1b" not in ran.out
    with monkeypatch.context() as broken:
        broken.setattr(worker, "_work", breaks(StoreError("read_only")))
        assert run("sync", "--once").code == 1
    ran = run("doctor")
    assert "the store cannot be used: read_only" in ran.out
    assert "ImportError" not in ran.out
    assert run("sync", "--once").code == 0
    assert "ended in trouble" not in run("doctor").out


def test_what_the_program_stumbled_over_is_told_and_tried_again(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_all: object) -> None:
        raise ZeroDivisionError

    for number in (1, 2):
        (tmp_path / f"{number}.eml").write_bytes(_mail(number).as_bytes())
    (tmp_path / "broken.eml").write_bytes(b"\0\1\2")
    with monkeypatch.context() as broken:
        broken.setattr(ingest_mail, "place", stumble)
        run("import", *(str(tmp_path / name) for name in ("1.eml", "2.eml", "broken.eml")))
    ran = run("doctor")
    assert ran.code == 1
    [told] = [line for line in ran.out.splitlines() if line.startswith("! store")]
    assert "2 messages of import were set aside by a fault of this program" in told
    assert str(home / "log" / "worker.log") in told
    assert "· store      1 message could not be read" in ran.out
    command = shlex.split(told.partition("tried again: ")[2])
    assert command[:4] == ["agent-tui", "import", "--account", "import"]
    assert {line["result"] for line in run(*command[1:], "--json").lines if "result" in line} == {"imported"}
    assert {row["subject"] for row in run("list", "--view", "all", "--json").lines} == {"Question 1", "Question 2"}
    again = run("doctor")
    assert (again.code, "fault of this program" in again.out) == (0, False), "what came in is set aside no longer"


def test_the_doctor_names_what_is_wrong(run: Run, demo: Path) -> None:
    settings = locate(demo).settings_file
    settings.write_text('agent = "dana"\nthem = "dark"\nlanguage = "xx"\n')
    settings.chmod(0o600)
    locate(demo).log.chmod(0o755)
    ran = run("doctor")
    assert ran.code == 1
    assert "line 2" in ran.out
    assert "theme" in ran.out
    assert "line 3: “language” cannot be xx: there are no words of that language; it can be: auto, en" in ran.out
    assert "chmod 700" in ran.out


def test_the_doctor_of_a_damaged_store(run: Run, demo: Path) -> None:
    locate(demo).database.write_bytes(b"this is no database at all" * 100)
    ran = run("doctor")
    assert ran.code == 1
    assert "Traceback" not in ran.out + ran.err


def ruin(database: Path, first: int = 2) -> None:
    """Noise over every third page, as a dying disk leaves it; the head stays."""
    with contextlib.suppress(FileNotFoundError):
        for name in ("store.db-wal", "store.db-shm"):
            (database.parent / name).unlink()
    noise = random.Random(7)
    size = database.stat().st_size
    with database.open("r+b") as file:
        for offset in range(first * 4096, size, 3 * 4096):
            file.seek(offset)
            file.write(noise.randbytes(4096))


@pytest.mark.parametrize("first", [1, 2, 3])
@pytest.mark.parametrize(
    "command", [("list",), ("search", "refund"), ("show", "1"), ("export",), ("import", "."), ("sync", "--once")]
)
def test_damaged_pages_are_told_in_a_sentence(run: Run, demo: Path, command: tuple[str, ...], first: int) -> None:
    ruin(locate(demo).database, first)
    ran = run(*command)
    assert "Traceback" not in ran.out + ran.err
    if ran.code or first == 1:
        assert ran.code == 1
        assert "The store is damaged. `agent-tui doctor` says what can be done." in ran.err


@pytest.mark.parametrize("first", [1, 2, 3])
def test_the_doctor_looks_at_every_page(run: Run, demo: Path, first: int) -> None:
    ruin(locate(demo).database, first)
    ran = run("doctor")
    assert ran.code == 1
    assert f"{locate(demo).database} is damaged (" in ran.out
    assert "copy" in ran.out
    assert "DatabaseError" not in ran.out


def test_a_name_of_a_file_forges_no_line_of_the_report(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "n\n7 mails imported.\r\x1b[31m\u2028x.eml").write_bytes(b"")
    ran = run("import", str(tmp_path / "mails"))
    lines = ran.err.splitlines()
    assert [line for line in lines if "7 mails imported" in line] == [lines[-1]]
    assert lines[-1].startswith("Set aside: ")
    assert "\x1b" not in ran.err
    locked = tmp_path / "home\nagent-tui: all is well"
    locked.write_text("")
    told = run("--home", str(locked), "list").err
    assert len(told.splitlines()) == 1, told


@pytest.mark.parametrize("limit", [0, 150_000])
def test_a_limit_of_files_is_no_damage(run: Run, home: Path, tmp_path: Path, limit: int) -> None:
    mails = tmp_path / "mails"
    mails.mkdir()
    for number in range(120):
        (mails / f"{number}.eml").write_text(
            f"From: ann@customer.example\nSubject: {number}\nMessage-ID: <{number}@x.example>\n\n{number} hello\n" * 40
        )
    command = [sys.executable, "-m", "agent_tui", "--home", str(home)]
    (tmp_path / "nothing").mkdir()
    subprocess.run([*command, "import", str(tmp_path / "nothing")], capture_output=True, check=False)
    size = locate(home).database.stat().st_size
    ran = subprocess.run(
        [*command, "import", str(mails)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size + limit, size + limit)),
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "The disk refused" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "damaged" not in ran.stderr
    there = len(run("list", "--view", "all", "--json", "-n", "500").lines)
    assert there < 120
    assert "Nothing was changed" not in ran.stderr
    *_mails, summary = run("import", str(mails), "--json").lines
    assert (summary["imported"], summary["duplicates"], summary["set_aside"]) == (120 - there, there, [])
    assert run("doctor", "--json").code == 0


def test_where_things_are(run: Run, home: Path) -> None:
    assert run("locate", "data").out == f"{home / 'data'}\n"
    assert run("locate", "--json").one["settings"] == str(home / "config" / "settings.toml")
    assert run("--home", "/elsewhere", "locate", "log").out == "/elsewhere/log\n"
    assert run("locate", "log", "--home", "/elsewhere").out == "/elsewhere/log\n"
    assert tuple(run("locate", "--json").one) == PLACES


def test_the_desk_tells_that_its_store_is_damaged(run: Run, demo: Path) -> None:
    ruin(locate(demo).database, 1)
    with PtyTerminal([sys.executable, "-m", "agent_tui", "--home", str(demo)], columns=100, rows=30) as seen:
        seen.wait("The store is damaged")
        assert seen.until_end() == 1
        assert b"Traceback" not in seen.received


def test_a_disk_that_takes_nothing_is_read_and_told(home: Path, tmp_path: Path) -> None:
    """No file may grow, so SQLite's index of the log cannot be made: the store is read without it."""
    (tmp_path / "mail.eml").write_text(
        "From: ann@customer.example\nSubject: Plan\nMessage-ID: <1@x.example>\n\nhello\n"
    )
    command = [sys.executable, "-m", "agent_tui", "--home", str(home)]
    subprocess.run([*command, "import", str(tmp_path / "mail.eml")], capture_output=True, check=True)

    def ran(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
        )

    for arguments in (["list"], ["show", "1"], ["search", "hello"]):
        found = ran(*arguments)
        assert found.returncode == 0, found.stderr
        assert "Plan" in found.stdout
        assert "Everything can be read" in found.stderr
    assert ran("outbox").returncode == 0
    refused = ran("note", "1", "--text", "remember")
    assert refused.returncode == 1
    assert "The disk refused" in refused.stderr


@pytest.mark.parametrize(("left", "state"), [(0, "bad"), (49_000_000, "bad"), (51_000_000, "ok")])
def test_the_doctor_looks_at_the_room_on_the_disk(
    run: Run, monkeypatch: pytest.MonkeyPatch, left: int, state: str
) -> None:
    real = os.statvfs("/")
    numbers = list(real)
    numbers[1], numbers[3], numbers[4] = 1, left, left  # sizes in bytes: the block is one
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result(numbers))
    lines = run("doctor", "--json").lines
    assert [line["state"] for line in lines if line["check"] == "disk"] == [state]
