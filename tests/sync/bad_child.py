"""A parsing child in which certain words in a mail do what a hostile mail might do to a parser."""

from __future__ import annotations

import os
import signal
import sys
import time

import agent_tui.content.mail as reader
from agent_tui.content.parsed import ParsedMail, UnreadableMail
from agent_tui.sync import parse_child

_read = reader.read_mail


def read_mail(raw: bytes, **context: object) -> ParsedMail:
    """Read a mail, or do what it says."""
    if b"x-spin" in raw:
        while True:
            pass
    if b"x-hang" in raw:
        time.sleep(600)
    if b"x-eat" in raw:
        raise AssertionError(len(bytearray(4 << 30)))
    if b"x-crash" in raw:
        os.kill(os.getpid(), signal.SIGSEGV)
    if b"x-exit" in raw:
        os._exit(7)
    if b"x-raise" in raw:
        raise KeyError("a bug")
    if b"x-unreadable" in raw:
        raise UnreadableMail("empty", why="told so")
    if b"x-noise" in raw:
        print("noise on standard output", flush=True)
    return _read(raw, **context)  # type: ignore[arg-type]


if __name__ == "__main__":
    reader.read_mail = read_mail
    sys.exit(parse_child.main(sys.argv[1:]))
