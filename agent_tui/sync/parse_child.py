"""The child that reads mails: bytes in, a parsed mail or a reason out, within limits that the kernel keeps.

    python -I -m agent_tui.sync.parse_child MEMORY CPU_SECONDS

A frame is a kind (one byte) and a length (four, big endian) with its bytes. It ends when its input ends.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import struct
import sys
from typing import Any, BinaryIO

from agent_tui.sync.courtesy import step_back, wait_politely

NICE = 5
HEAD = struct.Struct(">cI")
MAIL, CONTEXT, PARSED, UNREADABLE, READY = b"M", b"C", b"P", b"U", b"R"
"""CONTEXT holds what is known of the account of the mails behind it, and has no answer."""
_LEAST, _ALL_FROM = 0.25, 2_000_000


def main(argv: list[str]) -> int:
    """Read mails until there are no more."""
    memory, cpu = int(argv[0]), float(argv[1])
    source, target = os.fdopen(os.dup(0), "rb", buffering=1 << 16), os.fdopen(os.dup(1), "wb", buffering=0)
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(quiet, number)  # nothing that a parser prints may get between the frames
    _answer(b"From: a@example.org\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n", {})  # imports, ahead of the limit
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)  # the worker ends us by ending our input, or kills us
    step_back(NICE)  # who holds the lock of the store goes before who reads here, too
    wait_politely()
    _limit(memory)
    _write(target, READY, b"")
    context: dict[str, Any] = {}
    while (frame := _read(source)) is not None:
        sort, raw = frame
        if sort == CONTEXT:
            own, authserv = json.loads(raw)
            context = {"own_addresses": frozenset(own), "trusted_authserv": authserv}
            continue
        # No handler: the kernel ends us even in the middle of a parser that never returns to Python.
        signal.setitimer(signal.ITIMER_PROF, allowed(cpu, len(raw)))
        kind, answer = _answer(raw, context)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(target, kind, answer)
    return 0


def allowed(cpu: float, size: int) -> float:
    """Seconds for a mail of this size: small ones that take long are made for it, and others wait behind them."""
    return cpu * min(1.0, _LEAST + size / _ALL_FROM)


def _answer(raw: bytes, context: dict[str, Any]) -> tuple[bytes, bytes]:
    from agent_tui.content.mail import read_mail
    from agent_tui.content.parsed import UnreadableMail
    from agent_tui.sync.wire import encode

    try:
        return PARSED, encode(read_mail(raw, **context))
    except UnreadableMail as error:
        if isinstance(error.__cause__, MemoryError):
            return UNREADABLE, _reason("parse_memory")
        return UNREADABLE, _reason(error.code, **error.parameters)
    except MemoryError:
        return UNREADABLE, _reason("parse_memory")
    except RecursionError:
        return UNREADABLE, _reason("parse_depth")
    except Exception as error:
        return UNREADABLE, _reason("parse_error", error=type(error).__name__)


def _reason(code: str, **parameters: str) -> bytes:
    return json.dumps([code, parameters]).encode()


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _read(source: BinaryIO) -> tuple[bytes, bytes] | None:
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    kind, size = HEAD.unpack(head)
    body = source.read(size)
    return (kind, body) if len(body) == size else None


def _write(target: BinaryIO, kind: bytes, body: bytes) -> None:
    view = memoryview(HEAD.pack(kind, len(body)) + body)
    while view:
        view = view[target.write(view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
