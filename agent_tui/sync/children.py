"""How children of ours are started: with our own code, never with what lies in the folder that somebody stands in."""

from __future__ import annotations

import sys


def python_of_ours(module: str) -> list[str]:
    """The command that runs a module of ours.

    `-P` keeps the working directory out of the search path: attachments are saved under names that strangers choose,
    and a `json.py` among them would be run in place of Python's own.
    """
    return [sys.executable, "-P", "-m", module]
