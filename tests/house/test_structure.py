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

MAY_TRUST = ("content/safe.py", "store/", "domain/")
"""Who may mark more than a literal as safe: the maker, the store that restores what it stored, and the part of the
domain that cuts what is safe already. Screens, widgets and the command line mark their own literals alone."""


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in MODULES:
        yield path, ast.parse(path.read_text("utf-8"))


def test_modules_stay_liveable() -> None:
    crowded = {str(p.relative_to(ROOT)): n for p in MODULES if (n := p.read_text("utf-8").count("\n")) > 520}
    assert not crowded


def test_the_app_is_wiring() -> None:
    assert (PACKAGE / "app.py").read_text("utf-8").count("\n") < 300


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


def _marks_its_own(call: ast.AST | None) -> bool:
    return isinstance(call, ast.Call) and len(call.args) == 1 and isinstance(call.args[0], ast.Constant)


def _unsafe_makers(tree: ast.Module) -> list[int]:
    """Lines that make SafeText of more than a literal: by `trusted`, handed on or called, by the class itself under
    any name, or by a cast."""
    names = {"SafeText"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname for alias in node.names if alias.name == "SafeText" and alias.asname}
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names:
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    own = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _marks_its_own(node)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "trusted" and id(node) not in own:
            found.append(node.lineno)
        if isinstance(node, ast.Attribute) and node.attr == "__new__" and ast.unparse(node.value).strip("'") in names:
            found.append(node.lineno)
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            first = ast.unparse(node.args[0]).strip("'").rpartition(".")[2] if node.args else ""
            made = called in names and not _marks_its_own(node)
            if made or (called in {"cast", "map"} and first in names):
                found.append(node.lineno)
    return found


def test_safe_text_is_made_at_the_door() -> None:
    others = [
        f"{place}:{line}"
        for path, tree in _trees()
        if not (place := path.relative_to(PACKAGE).as_posix()).startswith(MAY_TRUST)
        for line in _unsafe_makers(tree)
    ]
    assert not others


@pytest.mark.parametrize(
    ("code", "makes"),
    [
        ("SafeText.trusted('ours')", False),
        ("SafeText.trusted(name)", True),
        ("SafeText.trusted(f'{name}')", True),
        ("text.SafeText.trusted('a' + name)", True),
        ("make = SafeText.trusted", True),
        ("map(SafeText.trusted, names)", True),
        ("SafeText(name)", True),
        ("text.SafeText(name)", True),
        ("from x import SafeText as S\nS(name)", True),
        ("S = SafeText\nS(name)", True),
        ("map(SafeText, names)", True),
        ("cast(SafeText, name)", True),
        ("cast('SafeText', name)", True),
        ("SafeText.__new__(SafeText, name)", True),
        ("safe(name)", False),
        ("isinstance(name, SafeText)", False),
    ],
)
def test_a_road_around_the_door_is_seen(code: str, makes: bool) -> None:
    assert bool(_unsafe_makers(ast.parse(code))) is makes


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
            "sqlmodel sqlalchemy pydantic httpx keyring imapclient aiosmtplib selectolax chardet cryptography alembic Stemmer"
            " agent_tui.backends",
        ),
        ("agent_tui.__main__", "textual rich sqlmodel sqlalchemy pydantic httpx keyring"),
        ("agent_tui.cli", "textual sqlmodel sqlalchemy httpx keyring"),
        ("agent_tui.cli.accounts", "textual sqlmodel sqlalchemy httpx keyring"),
        ("agent_tui.sync.main", "textual httpx keyring"),
    ],
)
def test_imports_stay_light(module: str, heavy: str) -> None:
    code = f"import sys, {module}; print(*[m for m in {heavy.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


WORKPLACE = re.compile(
    r"/w[o]rk/|\.\./sh[a]red|\.libr[a]ry|f[a]rm-studio|sub-?[a]gent|h[e]lper-\d|this s[e]ssion|the iss[u]e\b|iss[u]e #?\d",
    re.IGNORECASE,
)
"""Words of where the project is made, not of what it is. Written so that they are not found here themselves."""


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
            for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
                if WORKPLACE.search(line):
                    found.append(f"{name}:{number}: {line.strip()[:80]}")
    assert not found
