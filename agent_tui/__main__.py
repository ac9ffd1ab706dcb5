"""`agent-tui`: the way in. Without arguments it goes straight to the desk, past everything a command line needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit code: 0 done, 1 failed, 2 wrong usage."""
    from agent_tui import memory

    arguments = list(sys.argv[1:] if argv is None else argv)
    os.umask(0o077)
    memory.keep_private()
    if arguments in (["--version"], ["-V"]):
        from agent_tui import __version__

        print(f"agent-tui {__version__}")  # noqa: T201
        return 0
    from agent_tui.cli.main import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
