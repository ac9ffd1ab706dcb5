"""The entry of the worker: `agent-tui sync`, and the process that a desk starts."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from agent_tui import __version__, logs, memory
from agent_tui.backends import http_client, post_form
from agent_tui.last_key import LastKey
from agent_tui.locations import Locations, locate, prepare
from agent_tui.store.ports import StoreError
from agent_tui.sync.courtesy import step_back
from agent_tui.sync.launch import desk_lock
from agent_tui.sync.lock import take_worker_lock

DONE, FAILED, ALREADY_RUNS = 0, 1, 3
BEGINS, ENDS = "the worker begins", "the worker ends"
FAILS, NO_STORE = "the worker failed", "the store cannot be used"
"""What the log says of a worker's life: `doctor` looks there for how the last one ended."""
NICE = 3
"""Little: who waits for the store waits for the worker, too."""
TURN = 0.0005
"""Seconds after which a thread gives way to another that waits."""

log = logging.getLogger("agent_tui.sync")


def run(
    home: str | os.PathLike[str] | None = None,
    *,
    once: bool = False,
    attached: bool = False,
    vault_key: Any = None,
    stop_by_signals: bool = True,
    begun: Callable[[], None] = lambda: None,
) -> int:
    """Run the worker of a workspace: 0 done, 1 failed, 3 another worker runs. Returns when it is told to stop.

    `begun` is called once it is sure to be the only one.
    """
    before = os.umask(0o077)
    try:
        return _run_alone(prepare(locate(home)), once, attached, vault_key, stop_by_signals, begun)
    except StoreError as error:
        log.error("%s: %s", NO_STORE, error.code)
        raise
    except Exception:
        log.exception(FAILS)
        return FAILED
    finally:
        os.umask(before)


def _run_alone(
    locations: Locations,
    once: bool,
    attached: bool,
    vault_key: Any,
    stop_by_signals: bool,
    begun: Callable[[], None],
) -> int:
    from agent_tui.config import load
    from agent_tui.store.open import open_workspace

    settings, _ = load(locations.settings_file)
    formatter = logs.start(locations.log / "worker.log", settings.log_level)
    open_workspace(locations.data)
    lock = take_worker_lock(locations.worker_lock)
    if lock is None:
        log.info("another worker runs")
        return ALREADY_RUNS
    with lock:
        log.info("%s: %s", BEGINS, __version__)
        begun()
        attached = attached and not settings.keep_worker
        status = _work(locations, formatter, once, attached, vault_key, stop_by_signals)
        log.info("%s: %d", ENDS, status)
        return status


def _work(
    locations: Locations,
    formatter: logs.Redacting,
    once: bool,
    attached: bool,
    vault_key: Any,
    stop_by_signals: bool,
) -> int:
    from agent_tui.store.open import open_reads, open_worker
    from agent_tui.sync.worker import Worker

    settings = _settings(locations, formatter, once, attached, vault_key)
    reads = open_reads(locations.data)

    async def work() -> int:
        worker = Worker(settings, open_worker(locations.data), reads)
        if stop_by_signals:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                loop.add_signal_handler(number, worker.stop)
        return await worker.run()

    try:
        return asyncio.run(work())
    finally:
        reads.close()


def _settings(locations: Locations, formatter: logs.Redacting, once: bool, attached: bool, vault_key: Any) -> Any:
    from agent_tui.backends.api import Backend, Misconfigured
    from agent_tui.backends.registry import BrokenBackend, info_all, load
    from agent_tui.credentials import Credentials, CredentialsError, take_over
    from agent_tui.sync.services import WorkerSettings

    credentials = Credentials(locations, vault_key or take_over(), post=post_form)
    try:
        if not credentials.unlock_by_file() and credentials.needs_passphrase:
            log.warning("the vault is closed")
    except CredentialsError as error:
        # The accounts that need it show why; the others work.
        log.warning("the vault cannot be opened: %s", error.code)

    def find(name: str) -> type[Backend]:
        try:
            return load(name)
        except BrokenBackend as error:
            raise Misconfigured("no such backend", backend=name) from error

    return WorkerSettings(
        data=locations.data,
        lock=locations.worker_lock,
        desk_lock=desk_lock(locations),
        socket=locations.worker_socket,
        secret=_secrets(credentials, formatter),
        find_backend=find,
        backends=info_all,
        drop_token=credentials.drop_token,
        http=http_client,
        key_ago=LastKey(locations.last_key).ago,
        attached=attached,
        once=once,
    )


def _secrets(credentials: Any, formatter: logs.Redacting) -> Callable[[str, str], Awaitable[str]]:
    from agent_tui.backends.api import SecretUnavailable
    from agent_tui.credentials import CredentialsError

    async def secret(account: str, option: str) -> str:
        try:
            found: str = (await credentials.fetch(account, option)).reveal()
        except CredentialsError as error:
            raise SecretUnavailable("secret", **error.parameters | {"reason": error.code, "option": option}) from None
        formatter.hide(found)
        return found

    return secret


def _step_back() -> None:
    """Who reads at the screen goes before who fetches for him.

    A thread that reads answers of a server must not keep the one that writes waiting for its turn after each
    statement: meanwhile that one holds the lock of the store.
    """
    step_back(NICE)
    sys.setswitchinterval(TURN)


def main(argv: Sequence[str] | None = None) -> int:
    """What a desk starts."""
    parser = argparse.ArgumentParser(prog="agent-tui-worker")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--attached", action="store_true")
    parser.add_argument("--once", action="store_true")
    chosen = parser.parse_args(argv)
    _step_back()  # first: the files in /proc of a process that keeps its memory private belong to root
    memory.keep_private()
    try:
        return run(chosen.home, once=chosen.once, attached=chosen.attached)
    except StoreError:
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
