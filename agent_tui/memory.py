"""The memory of a process that holds secrets stays in it."""

from __future__ import annotations

import contextlib
import sys

_PR_SET_DUMPABLE = 4


def keep_private() -> None:
    """No core file when it crashes, and on Linux no other process of the same user may read its memory.

    The limit alone would not do: where cores are piped into a program, as systemd does, the kernel does not ask it.
    What is started from here (an editor, a program that prints a password) writes no core either.
    """
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
