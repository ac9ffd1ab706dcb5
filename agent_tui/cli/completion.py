"""Completion scripts for shells, made from the parser itself."""

from __future__ import annotations

import sys
from argparse import Namespace


def completion(options: Namespace) -> int:
    """Print the script."""
    import shtab

    from agent_tui.backends.registry import names
    from agent_tui.cli.parser import build

    sys.stdout.write(shtab.complete(build(names())[0], shell=options.shell) + "\n")
    return 0
