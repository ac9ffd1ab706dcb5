"""A worker in a process of its own, made to be killed: everything is told by its arguments.

python -m tests.sync.crash_process once HOME ACCOUNT=PASSWORD…
python -m tests.sync.crash_process stay HOME ACCOUNT=PASSWORD…
python -m tests.sync.crash_process import HOME PATH
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from agent_tui.store.open import open_reads, open_worker
from agent_tui.sync.importing import import_files
from agent_tui.sync.worker import Worker
from tests.sync.workspace import Workspace, settings


def main(argv: list[str]) -> int:
    """Do what is told."""
    what, home, *rest = argv
    workspace = Workspace(Path(home))
    if what == "import":
        store = open_worker(workspace.locations.data)
        for one in import_files(store, [Path(path) for path in rest]):
            print(one.result, flush=True)
        return 0
    secrets = {(account, "password"): password for account, _, password in (word.partition("=") for word in rest)}
    given = settings(workspace, secrets, once=what == "once")
    reads = open_reads(given.data)

    async def work() -> int:
        worker = Worker(given, open_worker(given.data), reads)
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        return await worker.run()

    return asyncio.run(work())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
