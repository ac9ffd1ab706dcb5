"""A sentence names the keys of the keymap in use, so that none stands in it as it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.screens.commands import COMMANDS

PACKAGE = Path(__file__).resolve().parents[2] / "agent_tui"
SPOKEN = frozenset({"_", "N_", "ngettext", "pgettext", "npgettext"})
KEYS = sorted({key for command in COMMANDS for key in command.keys if " " in key or key.startswith("ctrl+")})
LITERAL = re.compile(
    r"\bctrl\+\S|(?<!\w)\((?:[A-Za-z?!:/]|f\d+)\)|(?<!\w)(?:" + "|".join(re.escape(key) for key in KEYS) + r")(?!\w)",
    re.ASCII,
)
"""Strokes with Ctrl, one letter in brackets, and every key of two strokes."""


def _spoken(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPOKEN:
            for given in node.args:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield node.lineno, given.value


def test_no_sentence_names_a_key_as_it_is_written() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {text}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, text in _spoken(ast.parse(path.read_text("utf-8")))
        if LITERAL.search(text)
    ]
    assert not found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It waits (g x).", True),
        ("g c adds one", True),
        ("tried again (ctrl+r now)", True),
        ("fetch it (D)", True),
        ("It waits{way}.", False),
        ("{n} file(s)", False),
        ("sending a message", False),
    ],
)
def test_a_key_is_seen(text: str, names: bool) -> None:
    assert bool(LITERAL.search(text)) is names
