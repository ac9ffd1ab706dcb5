"""The documents are true: every command, option and setting stands in them, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.documents import GUIDE, PAGES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", PAGES)
def test_pages_that_the_code_tells_are_current(name: str) -> None:
    assert (GUIDE / name).read_text("utf-8") == PAGES[name](), "run `make documents`"


def test_every_option_of_a_mail_account_is_told() -> None:
    from agent_tui.backends.imap.options import ImapOptions

    page = (GUIDE / "accounts.md").read_text("utf-8")
    untold = [
        name
        for name, field in ImapOptions.model_fields.items()
        if not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("secret"))
        and f"`{name}`" not in page
    ]
    assert not untold


def test_every_command_of_the_command_line_is_told() -> None:
    from agent_tui.cli.parser import build

    parser, _ = build()
    actions = next(
        action
        for action in parser._actions
        if action.dest == "==SUPPRESS==" or (hasattr(action, "choices") and action.choices)
    )
    page = (GUIDE / "command-line.md").read_text("utf-8")
    assert actions.choices
    assert not [name for name in actions.choices if not re.search(rf"\b{name}\b", page)]


def test_every_proof_of_a_backend_is_told() -> None:
    from agent_tui.backends.registry import PROOFS

    page = (ROOT / "docs" / "backends.md").read_text("utf-8")
    assert not [proof for proof in PROOFS if f"`{proof}`" not in page]


def test_links_lead_somewhere() -> None:
    dead = []
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert not dead
