"""Who may import whom: every module of the package belongs to a room, and a room knows those that stand here alone.

The table is that of `docs/design.md`. The contracts of import-linter forbid what leads there by detours; this is about
what a module names itself, so that a new room is forbidden to all others until somebody writes it down.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "agent_tui"
SENTENCES = {"sentences", "sentences_table", "sentences_secrets", "sentences_delivery"}
WORDS = {"words", "ages", "named_keys", *SENTENCES}
EVERYBODY = {"agent_tui"}
"""The version."""

MAY: dict[str, set[str]] = {
    "domain": set(),
    "content": {"domain"},
    "backends": {"domain", "content"},
    "store": {"domain"},
    "sync": {
        *("domain", "content", "backends", "store"),
        *("config", "credentials", "locations", "logs", "memory", "last_key"),
    },
    "desk": {"domain", "content", "store", "layouts"},
    "screens": {"domain", "desk", "widgets", *WORDS},
    "widgets": {"domain", "desk", *WORDS},
    "themes": set(),
    "app": {"domain", "desk", "screens", "widgets", "terminal", "config", *WORDS},
    "opening": {"app", "desk", "terminal", "config", "credentials", "locations", "logs", "last_key", "secret_door"},
    "secret_door": {"desk", "credentials", "config", "locations"},
    "terminal": {"layouts"},
    "layouts": set(),
    "logs": set(),
    "memory": set(),
    "last_key": set(),
    "locations": set(),
    "config": {"locations", "words"},
    "credentials": {"locations"},
    "words": set(),
    "ages": {"domain", "words"},
    "named_keys": set(),
    "sentences": {"domain", *WORDS},
    "sentences_table": {"domain", *WORDS},
    "sentences_secrets": {"domain", *WORDS},
    "sentences_delivery": {"domain", *WORDS},
    "__main__": {"cli", "memory"},
}
"""`cli` is thin over all, and stands not here."""

BESIDES: dict[str, set[str]] = {
    "desk/opening.py": {"config", "locations"},
    "desk/editing.py": {"credentials", "locations"},
    "desk/drafts.py": {"locations"},
}
"""Single modules of a room that are given more: where a workspace is opened, and where private files are written."""


def named(tree: ast.AST) -> Iterator[str]:
    """The modules of the package that a module names, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "agent_tui")
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            if node.module == "agent_tui":
                yield from (f"agent_tui.{alias.name}" for alias in node.names)
            elif node.module.startswith("agent_tui."):
                yield node.module


def room_of(name: str) -> str:
    """The room that a module stands in; the package itself for what it tells of itself."""
    parts = name.split(".")
    return "agent_tui" if len(parts) < 2 or parts[1].startswith("__version") else parts[1]


def strangers(place: str, code: str) -> set[str]:
    """The rooms that a module names and may not."""
    room = place.removesuffix(".py").split("/")[0]
    if room in ("cli", "__init__"):
        return set()
    known = {room, *EVERYBODY, *MAY[room], *BESIDES.get(place, ())}
    return {room_of(name) for name in named(ast.parse(code))} - known


MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def test_every_module_stands_in_a_room_that_is_written_down() -> None:
    assert {place.removesuffix(".py").split("/")[0] for place in MODULES} - {"cli", "__init__"} <= set(MAY)


def test_rooms_know_only_whom_they_may() -> None:
    found = {place: others for place in MODULES if (others := strangers(place, (PACKAGE / place).read_text("utf-8")))}
    assert not found


def test_no_exception_is_left_over() -> None:
    for place, more in BESIDES.items():
        names = {room_of(name) for name in named(ast.parse((PACKAGE / place).read_text("utf-8")))}
        assert more <= names, place


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("domain/times.py", "agent_tui.logs"),
        ("domain/times.py", "agent_tui.words"),
        ("store/rows.py", "agent_tui.words"),
        ("content/safe.py", "agent_tui.locations"),
        ("backends/api.py", "agent_tui.words"),
        ("terminal/paint.py", "agent_tui.words"),
        ("desk/inbox.py", "agent_tui.config"),
        ("desk/inbox.py", "agent_tui.credentials.vault"),
        ("logs.py", "agent_tui.store.rows"),
        ("last_key.py", "agent_tui.sync.push"),
    ],
)
def test_a_stranger_is_seen(place: str, name: str) -> None:
    module, _, last = name.rpartition(".")
    for code in (f"import {name}", f"from {module} import {last}", f"def f():\n    from {name} import x"):
        assert strangers(place, code), code
