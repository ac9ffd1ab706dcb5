"""The house's own rules: sizes, who may make SafeText, what the first paint may import, no foreign markup."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "agent_tui"
MODULES = sorted(PACKAGE.rglob("*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

MAY_TRUST = ("content/safe.py", "store/", "domain/", "words.py", "themes/", "widgets/", "screens/", "cli/")
"""Who may call SafeText.trusted: the maker, the store that restores, and those whose own literals it marks."""


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in MODULES:
        yield path, ast.parse(path.read_text("utf-8"))


def test_modules_stay_liveable() -> None:
    crowded = {str(p.relative_to(ROOT)): n for p in MODULES if (n := p.read_text("utf-8").count("\n")) > 520}
    assert not crowded


def test_functions_stay_short() -> None:
    crowded = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {(node.end_lineno or 0) - node.lineno} lines"
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, FUNCTIONS) and (node.end_lineno or 0) - node.lineno > 70
    ]
    assert not crowded


def test_classes_have_few_methods() -> None:
    crowded = []
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not _is_protocol(node):
                methods = sum(isinstance(child, FUNCTIONS) for child in node.body)
                if methods > 25:
                    crowded.append(f"{path.relative_to(ROOT)} {node.name} {methods} methods")
    assert not crowded


def _is_protocol(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)


def test_safe_text_is_made_at_the_door() -> None:
    others = []
    for path, tree in _trees():
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith(MAY_TRUST):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "trusted"
                and not (node.args and isinstance(node.args[0], ast.Constant))
            ):
                others.append(f"{place}:{node.lineno}")
    assert not others


def test_nothing_foreign_goes_through_markup() -> None:
    """Content.from_markup and Text.from_markup take a literal; f-strings and variables are refused."""
    loose = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "from_markup"
        and not (node.args and isinstance(node.args[0], ast.Constant))
    ]
    assert not loose


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "agent_tui.app",
            "sqlmodel sqlalchemy pydantic httpx keyring imapclient aiosmtplib selectolax chardet cryptography alembic Stemmer",
        ),
        ("agent_tui.__main__", "textual rich sqlmodel sqlalchemy pydantic httpx keyring"),
        ("agent_tui.cli", "textual sqlmodel sqlalchemy httpx keyring"),
    ],
)
def test_imports_stay_light(module: str, heavy: str) -> None:
    code = f"import sys, {module}; print(*[m for m in {heavy.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


WORKPLACE = re.compile(
    r"/work/|\.\./shared|\.library|farm-studio|sub-?agent|helper-\d|this session|the issue\b|issue #?\d", re.IGNORECASE
)


def test_the_project_speaks_of_itself_alone() -> None:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    found = []
    for name in names:
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".tcss", ".sh", ""}
            and path.is_file()
            and not name.startswith(("requirements/", ".ci/"))
        ):
            if name == "tests/house/test_structure.py":
                continue
            for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
                if WORKPLACE.search(line):
                    found.append(f"{name}:{number}: {line.strip()[:80]}")
    assert not found
