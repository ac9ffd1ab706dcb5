"""The opened vault's key goes from the desk to the worker through a pipe: in no argument, file or variable."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping

from agent_tui.credentials.secret import Secret

KEY_VARIABLE = "AGENT_TUI_VAULT_FD"
"""Holds the number of the descriptor, which is no secret."""
SECRET_PREFIX = "AGENT_TUI_SECRET_"  # noqa: S105
_KEY_SIZE = 32


def hand_over(key: Secret) -> int:
    """A descriptor from which the key can be read once. Give it to the child by `pass_fds`, then close it."""
    reading, writing = os.pipe()
    try:
        os.write(writing, key.reveal_bytes())  # fits any pipe: never blocks
    finally:
        os.close(writing)
    os.set_inheritable(reading, True)
    return reading


def take_over(environment: MutableMapping[str, str] | None = None) -> Secret | None:
    """The key that was handed over to this process, if one was; the trace of it is removed."""
    environment = os.environ if environment is None else environment
    number = environment.pop(KEY_VARIABLE, "")
    if not number.isascii() or not number.isdigit() or int(number) < 3:
        return None
    handle = int(number)
    try:
        key = os.read(handle, _KEY_SIZE + 1)
    except OSError:
        return None
    try:
        os.close(handle)
    except OSError:
        pass
    return Secret(key) if len(key) == _KEY_SIZE else None


def scrubbed_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without our secrets: for editors, commands and everything else we start."""
    environment = os.environ if environment is None else environment
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(SECRET_PREFIX) and name not in (KEY_VARIABLE, "CREDENTIALS_DIRECTORY")
    }
