"""What a shell offers behind the words that were typed."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from agent_tui.backends.registry import info_all
from agent_tui.cli.account_flags import flag
from agent_tui.cli.parser import PLACES, REASONS, SHELLS
from agent_tui.domain.conversation import View
from tests.cli.conftest import Run
from tests.conftest import installed

Offers = Callable[..., set[str]]


@pytest.fixture
def offers(run: Run, tmp_path: Path) -> Offers:
    """`offers("account", "add", "")`: what bash shows for the last word, by the script it is given."""
    bash = installed("bash")
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").out)

    def offered(*typed: str) -> set[str]:
        words = shlex.join(["agent-tui", *typed])
        code = (
            f"source {shlex.quote(str(script))}; COMP_WORDS=({words}); COMP_CWORD={len(typed)};"
            ' COMPREPLY=(); _shtab_agent_tui; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run([bash, "--norc", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
        assert not done.stderr
        return set(done.stdout.split())

    return offered


def test_backends_and_each_with_its_own_flags(offers: Offers) -> None:
    backends = {info.name: info for info in info_all()}
    assert offers("account", "add", "") == set(backends)
    for name, info in backends.items():
        found = offers("account", "add", name, "--")
        assert {flag(one.name) for one in info.options if one.kind != "secret"} - {"--signature"} <= found
        assert {f"{flag(one.name)}-command" for one in info.options if one.kind == "secret"} <= found
        assert {"--id", "--label", "--secrets", "--no-check", "--json"} <= found
        for one in info.options:
            if one.choices:
                assert offers("account", "add", name, flag(one.name), "") == set(one.choices)
    assert "--host" not in offers("account", "add", "demo", "--")
    assert offers("account", "add", "imap", "--ho") == {"--host"}
    assert offers("account", "add", "imap", "--host", "mail.example", "--security", "st") == {"starttls"}
    assert offers("account", "add", "imap", "--secrets", "") == {"keyring", "vault"}


def test_everything_that_is_one_of_a_few(offers: Offers) -> None:
    assert offers("reply", "1", "--force", "") == set(REASONS)
    assert offers("reply", "1", "--force", REASONS[0], "--force", "no_a") == {"no_attachment"}
    assert offers("locate", "") == set(PLACES)
    assert offers("list", "--view", "") == set(View)
    assert "waiting" in offers("status", "1", "")
    assert offers("completion", "") == set(SHELLS)
    assert {"account", "reply", "completion"} <= offers("")


def test_files_where_a_file_is_meant(offers: Offers, tmp_path: Path) -> None:
    (tmp_path / "answer.txt").touch()
    for typed in (("reply", "1", "--text-file"), ("reply", "1", "--attach"), ("note", "1", "--text-file"), ("import",)):
        assert offers(*typed, "ans") == {"answer.txt"}
    assert offers("account", "add", "imap", "--signature-file", "ans") == {"answer.txt"}


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_its_script(run: Run, shell: str) -> None:
    script = run("completion", shell).out
    for word in ("snooze", "import", "text-file" if shell != "tcsh" else "reply"):
        assert word in script
    if shell != "tcsh":  # which tells no commands of commands apart
        assert "trusted-authserv" in script
        assert "bounced_address" in script
