"""The command line in this process, on a workspace with the demo's customers."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent_tui.__main__ import main


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """JSON objects of its output."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def one(self) -> dict[str, Any]:
        """The only one."""
        [found] = self.lines
        return dict(found)


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("list", "--json")`; `given` is standard input."""

    def run_it(*arguments: str, given: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8"))
        capsys.readouterr()
        old = os.umask(0o022)
        try:
            code = main(list(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            os.umask(old)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run_it


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A demo that was set up once."""
    home = tmp_path_factory.mktemp("demo") / "home"
    old = os.umask(0o022)
    assert main(["demo", "--prepare", "--home", str(home)]) == 0
    os.umask(old)
    yield home / "demo"
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def demo(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo of the test's own; `run` works on it."""
    from dataclasses import replace

    from agent_tui.cli.demo import service_file
    from agent_tui.locations import locate
    from agent_tui.store.open import open_reads, open_writes

    home = tmp_path / "demo"
    shutil.copytree(prepared, home)
    locations = locate(home)
    reads, writes = open_reads(locations.data), open_writes(locations.data)
    for account in reads.accounts():
        writes.put_account(replace(account, options={**account.options, "path": str(service_file(locations))}))
    reads.close()
    writes.close()
    monkeypatch.setenv("AGENT_TUI_HOME", str(home))
    return home
