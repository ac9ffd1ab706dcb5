"""A local socket that wakes the worker, so that a key press leaves at once. Without it the worker looks every second.

A message is one word: `wake`, `stop`, or `version X`, on which a worker of another version ends itself. The folder
is closed to other users, and nothing that could be sent here is more than a nudge.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

WAKE, STOP, VERSION = "wake", "stop", "version"


def send(path: Path, word: str = WAKE) -> bool:
    """Tell the worker; false where none listens. Never waits."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        try:
            line.sendto(word.encode(), str(path))
        except OSError:
            return False
    return True


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._heard(data[:100].decode("ascii", "replace"))


async def listen(path: Path, heard: Callable[[str], None]) -> asyncio.DatagramTransport:
    """Listen at this path. Only the holder of the worker's lock may: a socket left by a crash is replaced."""
    path.unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        line.setblocking(False)
        line.bind(str(path))
        path.chmod(0o600)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Protocol(heard), sock=line)
    except BaseException:
        line.close()
        raise
    return transport
