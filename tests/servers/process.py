"""Starting servers so that none outlives the tests, whatever happens to them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


class ServerFailed(Exception):
    """A server did not start; its log is in the message."""


def free_ports(number: int) -> list[int]:
    """Ports on the loopback that are free now. Asked together, so that they differ."""
    held = [socket.socket() for _ in range(number)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def short_folder() -> Path:
    """A folder with a short path: unix sockets allow 107 characters. Other users may pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="at", dir="/tmp"))
    folder.chmod(0o755)
    return folder


def remove_folder(folder: Path) -> None:
    """Remove what `short_folder` made."""
    shutil.rmtree(folder, ignore_errors=True)


def _die_with_parent() -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start(argv: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own; on Linux it ends when the tests are killed."""
    with log.open("ab") as out:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=dict(env) if env is not None else None,
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )


def guard(pid: int) -> subprocess.Popen[bytes]:
    """Ends a process when we die. For servers that change their user, by which the kernel forgets `_die_with_parent`."""
    return subprocess.Popen(["sh", "-c", f"read _; kill -TERM {pid}"], stdin=subprocess.PIPE, start_new_session=True)


def dismiss(watch: subprocess.Popen[bytes]) -> None:
    """Let a guard go, before what it guards is ended."""
    watch.kill()
    watch.wait(5)
    if watch.stdin is not None:
        watch.stdin.close()


def stop(process: subprocess.Popen[bytes], seconds: float = 5) -> None:
    """End a server and everything in its group."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_for_port(port: int, process: subprocess.Popen[bytes], logs: Sequence[Path], seconds: float = 20) -> None:
    """Until the port answers; raises with the logs where it does not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() not in (None, 0):
            break
        time.sleep(0.03)
    tail = "\n".join(log.read_text("utf-8", "replace")[-2000:] for log in logs if log.exists())
    raise ServerFailed(f"port {port} does not answer:\n{tail}")
