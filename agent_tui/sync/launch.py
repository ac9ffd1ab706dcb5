"""The desk's side of the worker: see that one runs, wake it, and say that a desk is here. Imports nothing heavy."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from agent_tui import __version__
from agent_tui.locations import Locations
from agent_tui.sync import wake
from agent_tui.sync.children import python_of_ours
from agent_tui.sync.lock import FileLock, desk_present, worker_holder

if TYPE_CHECKING:
    from agent_tui.credentials import Secret

_ENDS_IN = 10.0


class _Outliving(subprocess.Popen[bytes]):
    """A child that is meant to go on when we end: that it still runs then is no mistake to be warned of."""

    def __del__(self) -> None:
        return


_children: list[_Outliving] = []
"""Workers that this process started: kept so that those that ended can be laid to rest."""
_ASKED_EVERY = 0.5


def desk_lock(locations: Locations) -> Path:
    """The file that says that a desk is alive. Beside the store, as the worker's own."""
    return locations.data / "desk.lock"


def join(locations: Locations) -> FileLock:
    """Say that a desk is here; hold the answer for as long as it is."""
    return desk_present(desk_lock(locations))


def wake_worker(locations: Locations) -> bool:
    """Nudge the worker; false where none listens."""
    return wake.send(locations.worker_socket)


def stop_worker(locations: Locations, wait: float = _ENDS_IN) -> bool:
    """Ask the worker to end, and wait for it; false where it runs on.

    It is asked again and again: one that has only just begun does not listen yet.
    """
    end = time.monotonic() + wait
    while True:
        wake.send(locations.worker_socket, wake.STOP)
        if _gone(locations, _ASKED_EVERY):
            return True
        if time.monotonic() >= end:
            return False


def ensure_worker(locations: Locations, vault_key: Secret | None = None) -> bool:
    """Start a worker where none runs; true where one was started. One of another version is asked to end first.

    It has a session of its own, so that a lost line does not take it along, and nothing of ours but its input.
    """
    _children[:] = [child for child in _children if child.poll() is None]
    holder = worker_holder(locations.worker_lock)
    if holder is not None:
        if holder.version in ("", __version__):
            wake.send(locations.worker_socket)
            return False
        wake.send(locations.worker_socket, f"{wake.VERSION} {__version__}")
        if not _gone(locations, _ENDS_IN):
            return False
    _start(locations, vault_key)
    return True


def _gone(locations: Locations, wait: float) -> bool:
    end = time.monotonic() + wait
    while worker_holder(locations.worker_lock) is not None:
        if time.monotonic() >= end:
            return False
        time.sleep(0.05)
    return True


def _start(locations: Locations, vault_key: Secret | None) -> None:
    from agent_tui.credentials import KEY_VARIABLE, hand_over

    # Secrets in the environment are there for the worker; it is the one that gives them to no child.
    environment = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    handles = []
    if vault_key is not None:
        handles.append(hand_over(vault_key))
        environment[KEY_VARIABLE] = str(handles[0])
    home = ["--home", str(locations.home)] if locations.home else []
    try:
        child = _Outliving(
            [*python_of_ours("agent_tui.sync.main"), "--attached", *home],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            pass_fds=handles,
            start_new_session=True,
            cwd="/",
        )
    finally:
        for handle in handles:
            os.close(handle)
    _children.append(child)
