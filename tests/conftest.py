"""What holds for every test: no keyring, no network beyond this machine, UTC, a home of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from agent_tui import ages, named_keys

REQUIRE_SERVERS = os.environ.get("AGENT_TUI_REQUIRE_SERVERS") == "1"
CORPUS = os.environ.get("AGENT_TUI_CORPUS", "")


def installed(name: str) -> str:
    """Where an installed program is; skips with the reason, or fails where AGENT_TUI_REQUIRE_SERVERS=1 wants it."""
    found = shutil.which(name)
    if found is None:
        if REQUIRE_SERVERS:
            pytest.fail(f"required here: {name} is not installed", pytrace=False)
        pytest.skip(f"{name} is not installed")
    return found


pytest_plugins = ["tests.servers.fixtures"]


@pytest.fixture(autouse=True)
def _pinned_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AGENT_TUI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for name in ("NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "TMUX", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    named_keys.use({})  # a desk of an earlier test named its own
    ages.use(None)


@pytest.fixture(autouse=True)
def _same_umask() -> Iterator[None]:
    """The program closes its files to others; servers that start behind its tests must be able to read theirs."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real mail; skipped with the reason where it is absent."""
    if not CORPUS or not Path(CORPUS).is_dir():
        pytest.skip("no mail corpus: AGENT_TUI_CORPUS names no folder")
    return Path(CORPUS).resolve()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What hostile texts left in captured output must not break the line between the test processes."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report
