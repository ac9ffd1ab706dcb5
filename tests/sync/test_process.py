"""The worker as a process: one for each workspace, started by a desk, ended by signals, and silent about secrets."""

from __future__ import annotations

import base64
import contextlib
import logging
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent_tui import __version__, logs, memory
from agent_tui.credentials import Secret
from agent_tui.sync import launch, main, wake
from agent_tui.sync.lock import FileLock, any_desk, take_worker_lock, worker_holder
from tests.hostile import TERMINAL, controls
from tests.sync.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.03)


@pytest.fixture
def started(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace whose worker is ended after the test, whatever happened."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield workspace
    holder = worker_holder(workspace.locations.worker_lock)
    if holder is not None and not launch.stop_worker(workspace.locations, 10):
        os.kill(holder.pid, signal.SIGKILL)


# Locks


def test_one_worker_for_each_workspace(workspace: Workspace) -> None:
    path = workspace.locations.worker_lock
    assert worker_holder(path) is None
    one = take_worker_lock(path)
    assert one is not None
    assert take_worker_lock(path) is None
    holder = worker_holder(path)
    assert holder is not None
    assert (holder.pid, holder.version) == (os.getpid(), __version__)
    one.release()
    assert worker_holder(path) is None
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_crash_leaves_no_lock_behind(workspace: Workspace) -> None:
    path = workspace.locations.worker_lock
    code = (
        "import sys, time; from pathlib import Path; from agent_tui.sync.lock import take_worker_lock\n"
        "lock = take_worker_lock(Path(sys.argv[1])); print(bool(lock), flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, cwd=ROOT)
    assert child.stdout is not None
    assert child.stdout.readline() == b"True\n"
    assert take_worker_lock(path) is None
    child.kill()
    child.wait()
    child.stdout.close()
    lock = take_worker_lock(path)
    assert lock is not None
    lock.release()


def test_desks_are_seen_while_they_live(workspace: Workspace) -> None:
    path = launch.desk_lock(workspace.locations)
    assert not any_desk(path)
    with launch.join(workspace.locations), launch.join(workspace.locations):
        assert any_desk(path)
    assert not any_desk(path)


def test_a_broken_lock_file_still_says_that_one_runs(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock.take(path) or pytest.fail("not taken") as lock:
        lock.write("{ no json")
        holder = worker_holder(path)
        assert holder is not None
        assert holder.version == ""


# Processes


def test_a_desk_starts_one_worker_and_only_one(started: Workspace) -> None:
    locations = started.locations
    with launch.join(locations):
        assert launch.ensure_worker(locations)
        wait_until(lambda: worker_holder(locations.worker_lock))
        first = worker_holder(locations.worker_lock)
        wait_until(lambda: launch.wake_worker(locations))
        assert not launch.ensure_worker(locations)
        assert worker_holder(locations.worker_lock) == first
        assert first is not None
        assert os.getsid(first.pid) == first.pid
        mask = os.umask(0o022)
        assert main.run(locations.home, once=True, stop_by_signals=False) == main.ALREADY_RUNS
        assert os.umask(mask) == 0o022
        wait_until(started.reads.backends)
        assert "imap" in {info.name for info in started.reads.backends()}
        assert launch.stop_worker(locations)
    assert not locations.worker_socket.exists()


def test_a_killed_worker_is_followed_by_another(started: Workspace) -> None:
    locations = started.locations
    with launch.join(locations):
        assert launch.ensure_worker(locations)
        wait_until(lambda: launch.wake_worker(locations))
        first = worker_holder(locations.worker_lock)
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: worker_holder(locations.worker_lock) is None)
        assert locations.worker_socket.exists()
        assert launch.ensure_worker(locations)
        wait_until(lambda: launch.wake_worker(locations))
        second = worker_holder(locations.worker_lock)
        assert second is not None
        assert second.pid != first.pid


def test_two_desks_at_once_get_one_worker(started: Workspace) -> None:
    locations = started.locations
    with launch.join(locations):
        for _ in range(3):
            launch.ensure_worker(locations)
        wait_until(lambda: launch.wake_worker(locations))
        holder = worker_holder(locations.worker_lock)
        time.sleep(1.0)
        assert worker_holder(locations.worker_lock) == holder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_it_in_order(started: Workspace, number: signal.Signals) -> None:
    home = str(started.locations.home)
    child = subprocess.Popen([sys.executable, "-m", "agent_tui.sync.main", "--home", home], cwd=ROOT)
    wait_until(lambda: launch.wake_worker(started.locations))
    child.send_signal(number)
    assert child.wait(20) == 0


def test_the_vaults_key_goes_through_a_pipe_alone(started: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    locations = started.locations
    key = Secret(b"K" * 31 + b"!")
    with launch.join(locations):
        assert launch.ensure_worker(locations, key)
        wait_until(lambda: launch.wake_worker(locations))
        holder = worker_holder(locations.worker_lock)
        assert holder is not None
        for name in ("environ", "cmdline"):
            with contextlib.suppress(PermissionError):  # what nobody may read shows nothing
                assert b"KKKK" not in Path(f"/proc/{holder.pid}/{name}").read_bytes()
        limits = Path(f"/proc/{holder.pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits), "a crash would write the key to the disk"


def test_it_steps_back_before_its_files_in_proc_are_no_longer_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(main, "step_back", lambda nice: done.append("back"))
    monkeypatch.setattr(memory, "keep_private", lambda: done.append("private"))
    monkeypatch.setattr(main, "run", lambda *given, **named: done.append("run"))
    turn = sys.getswitchinterval()
    try:
        main.main([])
    finally:
        sys.setswitchinterval(turn)
    assert done == ["back", "private", "run"]


def test_nobody_listening_is_no_error(tmp_path: Path) -> None:
    assert not wake.send(tmp_path / "nothing")


# The log


@pytest.mark.parametrize("text", TERMINAL.values(), ids=TERMINAL)
def test_a_log_is_harmless_to_a_terminal(tmp_path: Path, text: str) -> None:
    logs.start(tmp_path / "log")
    logging.getLogger("x").warning("said: %s", text)
    shown = (tmp_path / "log").read_text("utf-8", "surrogateescape")
    assert not [c for c in controls(shown) if c in {repr(chr(n)) for n in [*range(32), *range(0x7F, 0xA0)]}]
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


def test_no_line_of_a_log_can_be_forged(tmp_path: Path) -> None:
    logs.start(tmp_path / "log")
    logging.getLogger("x").warning("subject %s", "a\n2026-01-01 00:00:00,000 ERROR forged")
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line.startswith("    ") for line in lines] == [False, True]


@pytest.mark.parametrize(
    "line",
    [
        "AUTH PLAIN canary-1",
        "a1 LOGIN user canary-1",
        "Authorization: Bearer canary-1",
        "password='canary-1'",
        'token: "canary-1"',
        "known: canary-1 in the middle",
    ],
)
def test_secrets_stand_in_no_log(tmp_path: Path, line: str) -> None:
    formatter = logs.start(tmp_path / "log", "debug")
    if "known" in line:
        formatter.hide("canary-1")
    logging.getLogger("agent_tui.x").debug(line)
    try:
        raise ValueError(line)
    except ValueError:
        logging.getLogger("agent_tui.x").exception("failed")
    assert "canary-1" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("user", ["a", "bo", "ann", "support@example.test"])
def test_a_login_in_base64_shows_no_secret(tmp_path: Path, user: str) -> None:
    formatter = logs.start(tmp_path / "log", "debug")
    formatter.hide("canary-password-1")
    sent = base64.b64encode(f"\0{user}\0canary-password-1".encode()).decode()
    logging.getLogger("agent_tui.x").debug("C: %s", sent)
    shown = (tmp_path / "log").read_text().rpartition("C: ")[2].strip()
    assert "***" in shown
    assert base64.b64encode(b"canary-password-1").decode()[:10] not in shown
    whole = shown.replace("***", "")
    assert b"canary" not in base64.b64decode(whole[: len(whole) // 4 * 4] or "", validate=False)


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in [h for h in root.handlers if h not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
