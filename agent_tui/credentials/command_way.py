"""A program that prints a secret: `pass show mail/support`, `op read …`, a script that prints a token."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence

from agent_tui.credentials.handover import scrubbed_environment
from agent_tui.credentials.secret import CredentialsError, Secret

LIMIT = 30.0
"""Seconds; an agent of gpg may ask for a passphrase meanwhile."""
MOST = 64 * 1024
"""Bytes; no secret is longer."""
_LOOK = 0.05
"""Seconds between two looks whether the program ended, though something that it started holds its output open."""


def run(command: Sequence[str], limit: float = LIMIT) -> Secret:
    """The first line a program prints. No shell, no standard input, and its standard error is thrown away."""
    if not command or not all(command):
        raise CredentialsError("command_missing", program="")
    late = time.monotonic() + limit
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=scrubbed_environment(),
            start_new_session=True,
        )
    except OSError:
        raise CredentialsError("command_missing", program=command[0]) from None
    try:
        output = _printed(process, late)
        if len(output) > MOST:
            raise CredentialsError("command_too_long", program=command[0])
        status = process.wait(max(0.0, late - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise CredentialsError("command_timeout", program=command[0], seconds=f"{limit:.0f}") from None
    finally:
        _end(process)
    if status:
        raise CredentialsError("command_failed", program=command[0], status=str(status))
    return _first_line(output, command[0])


def _printed(process: subprocess.Popen[bytes], late: float) -> bytes:
    """What it printed until it ended. The end of its output proves nothing: what it left running may hold that open.

    Raises `subprocess.TimeoutExpired`.
    """
    assert process.stdout is not None
    handle = process.stdout.fileno()
    os.set_blocking(handle, False)
    output = bytearray()
    while len(output) <= MOST:
        left = late - time.monotonic()
        if left <= 0:
            raise subprocess.TimeoutExpired(process.args, 0)
        ended = process.poll() is not None  # asked first, so that all it printed lies there when it is read
        ready = select.poll()
        ready.register(handle, select.POLLIN)
        ready.poll(0 if ended else min(left, _LOOK) * 1000)
        try:
            part = os.read(handle, MOST + 1 - len(output))
        except BlockingIOError:
            if ended:
                break
            continue
        if not part:
            break
        output += part
    return bytes(output)


def _first_line(output: bytes, program: str) -> Secret:
    line = output.split(b"\n", 1)[0].rstrip(b"\r")
    if not line:
        raise CredentialsError("command_empty", program=program)
    try:
        return Secret(line.decode())
    except UnicodeDecodeError:
        raise CredentialsError("not_text", program=program) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """The program and what it started go, whichever of them ended already; its session is its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
