"""A program that prints a secret: `pass show mail/support`, `op read …`, a script that prints a token."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Sequence

from agent_tui.credentials.handover import scrubbed_environment
from agent_tui.credentials.secret import CredentialsError, Secret

LIMIT = 30.0
"""Seconds; an agent of gpg may ask for a passphrase meanwhile."""
MOST = 64 * 1024
"""Bytes; no secret is longer."""


def run(command: Sequence[str], limit: float = LIMIT) -> Secret:
    """The first line a program prints. No shell, no standard input, and its standard error is thrown away."""
    if not command or not all(command):
        raise CredentialsError("command_missing", program="")
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
    late = threading.Event()

    def stop() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(limit, stop)
    timer.daemon = True
    timer.start()
    try:
        assert process.stdout is not None
        output = process.stdout.read(MOST + 1)
        if len(output) > MOST:
            raise CredentialsError("command_too_long", program=command[0])
        status = process.wait()
    finally:
        timer.cancel()
        _kill(process)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if late.is_set():
        raise CredentialsError("command_timeout", program=command[0], seconds=f"{limit:.0f}")
    if status:
        raise CredentialsError("command_failed", program=command[0], status=str(status))
    return _first_line(output, command[0])


def _first_line(output: bytes, program: str) -> Secret:
    line = output.split(b"\n", 1)[0].rstrip(b"\r")
    if not line:
        raise CredentialsError("command_empty", program=program)
    try:
        return Secret(line.decode())
    except UnicodeDecodeError:
        raise CredentialsError("not_text", program=program) from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The program and what it started; its session is its own."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass
