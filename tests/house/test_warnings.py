"""Every warning that a message can get has a sentence: the codes are read from the code that gives them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_tui.sentences_table import WARNINGS

PACKAGE = Path(__file__).resolve().parents[2] / "agent_tui"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
HELD_BY = "warnings"
"""The name under which warnings are gathered and handed on."""
ADDS = {"append", "add", "extend", "update", "insert"}

KEEPS = {"sorted", "list", "tuple", "set", "frozenset", "dict.fromkeys", "items", "keys", "copy", "union"}
"""What hands on the values that it is given."""


class Codes:
    """Which codes the expressions of a module can come to, followed through names and our own functions."""

    def __init__(self, sources: list[str]) -> None:
        self.functions: list[ast.AST] = []
        self._home: dict[int, int] = {}
        self._named: dict[str, list[ast.AST]] = {}
        for home, source in enumerate(sources):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, FUNCTIONS):
                    self.functions.append(node)
                    self._home[id(node)] = home
                    self._named.setdefault(node.name, []).append(node)
        self._seen: set[int] = set()

    def given_in(self, function: ast.AST) -> Iterator[str]:
        """Codes that end up in `warnings`, as a name or as a field of what is made."""
        for node in ast.walk(function):
            if isinstance(node, ast.keyword) and node.arg == HELD_BY:
                yield from self._of(node.value, function)
        yield from self._of_name(HELD_BY, function)

    def _of_name(self, name: str, function: ast.AST) -> Iterator[str]:
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    yield from self._bound(name, target, node.value, function)
            elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
                yield from self._bound(name, node.target, node.value, function)
            elif isinstance(node, ast.comprehension):
                yield from self._bound(name, node.target, node.iter, function)
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in {f"{name}.{add}" for add in ADDS}:
                for given in node.args:
                    yield from self._of(given, function)

    def _bound(self, name: str, target: ast.expr, value: ast.expr, function: ast.AST) -> Iterator[str]:
        for place, one in enumerate(target.elts if isinstance(target, ast.Tuple) else [target]):
            if isinstance(one, ast.Name) and one.id == name:
                yield from self._of(value, function, place if isinstance(target, ast.Tuple) else None)

    def _of(self, node: ast.expr, function: ast.AST, place: int | None = None) -> Iterator[str]:
        """`place` is which of several values is meant, where a call gives several."""
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        match node:
            case ast.Constant(value=str(code)):
                yield code.partition(":")[0]
            case ast.JoinedStr(values=[ast.Constant(value=str(code)), *_]):
                yield code.partition(":")[0]
            case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
                yield from self._of(one, function)
                yield from self._of(other, function)
            case ast.Tuple(elts=several) if place is not None:
                yield from self._of(several[place], function)
            case ast.Tuple(elts=several) | ast.List(elts=several) | ast.Set(elts=several) | ast.BoolOp(values=several):
                for one in several:
                    yield from self._of(one, function)
            case ast.Dict(keys=several):
                for key in several:
                    if key is not None:
                        yield from self._of(key, function)
            case ast.Starred(value=one) | ast.GeneratorExp(elt=one) | ast.ListComp(elt=one) | ast.SetComp(elt=one):
                yield from self._of(one, function)
            case ast.Name(id=name):
                yield from self._of_name(name, function)
            case ast.Call():
                yield from self._of_call(node, function, place)

    def _of_call(self, call: ast.Call, function: ast.AST, place: int | None) -> Iterator[str]:
        called = self._named.get(call.func.id, []) if isinstance(call.func, ast.Name) else []
        called = [one for one in called if self._home[id(one)] == self._home[id(function)]] or called
        for one in called:
            for node in ast.walk(one):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from self._of(node.value, one, place)
        if isinstance(call.func, ast.Attribute) and call.func.attr in KEEPS:
            yield from self._of(call.func.value, function)
        if ast.unparse(call.func) in KEEPS:
            for given in call.args:
                yield from self._of(given, function)


def codes_of(sources: list[str]) -> set[str]:
    """The codes of warnings that these modules give."""
    codes = Codes(sources)
    return {code for function in codes.functions for code in codes.given_in(function)}


def test_every_warning_has_a_sentence_and_none_is_left_over() -> None:
    sources = [
        path.read_text("utf-8") for room in ("content", "sync", "backends") for path in (PACKAGE / room).rglob("*.py")
    ]
    assert codes_of(sources) == set(WARNINGS)


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n warnings = ['odd']",
        "def f():\n warnings: list[str] = []\n warnings.append('odd')",
        "def f():\n warnings += [f'odd:{x}']",
        "def f():\n return Message(warnings=('odd',) if long else ())",
        "def f():\n return replace(m, warnings=(*m.warnings, *(('odd',) if cut else ())))",
        "def f():\n told = {'odd': True}\n warnings = [code for code, holds in told.items() if holds]",
        "def f():\n warnings = g()\ndef g():\n found = set()\n found.add('odd' if x in {'kind'} else 'odd')\n return sorted(found)",
        "def f():\n author, warnings = g()\ndef g():\n found = ['odd']\n return person, found",
    ],
)
def test_a_warning_is_seen(source: str) -> None:
    assert codes_of([source]) == {"odd"}
