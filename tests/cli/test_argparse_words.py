"""What argparse says of itself stands in the agent's language too, and in what catalogues are made of."""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from collections.abc import Iterator

import pytest

from agent_tui import words
from agent_tui.backends.registry import PROOFS
from agent_tui.cli import argparse_words
from agent_tui.domain.account import Capability
from agent_tui.widgets import labels
from tests.cli.conftest import Run

TO_PROGRAMMERS = {
    ".__call__() not defined",
    "%r is not callable",
    "'required' is an invalid argument for positionals",
    "cannot have multiple subparser arguments",
    "cannot merge actions - two groups are named %r",
    "conflicting option string: %s",
    "conflicting option strings: %s",
    "conflicting subparser alias: %s",
    "conflicting subparser: %s",
    "dest= is required for options like %r",
    "invalid conflict_resolution value: %r",
    "invalid option string %(option)r: must start with a character %(prefix_chars)r",
    "mutually exclusive arguments must be optional",
}


@pytest.fixture
def _pseudo() -> Iterator[None]:
    words.set_language("pseudo")
    yield
    words.set_language("")


def said_by(source: str) -> set[str]:
    """The texts that a module has translated."""
    return {
        str(one.value)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_", "ngettext"}
        for given in node.args
        for one in ast.walk(given)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def test_catalogues_hold_all_that_argparse_says() -> None:
    missing = said_by(inspect.getsource(argparse)) - said_by(inspect.getsource(argparse_words)) - TO_PROGRAMMERS
    assert missing <= {"title", "description"}, "keys of what a caller gives"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("account", "add", "imap", "--help"),
        ("bogus",),
        ("list", "--view", "nope"),
        ("list", "-n"),
        ("reply",),
        ("reply", "1", "--text", "a", "--text-file", "b"),
        ("show", "1", "2"),
    ],
)
@pytest.mark.usefixtures("_pseudo")
def test_its_frame_speaks_the_language(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    said = ran.out + ran.err
    assert said.count("‹") == said.count("›") > 0
    for bare in ("usage: ", "options", "positional arguments", "commands", "show this help", "show program"):
        assert not re.search(rf"(?m)^[^‹]*{bare}", re.sub(r"(?s)‹.*?›", "", said)), bare
    if ran.code:
        assert re.match(r"agent-tui[a-z ]*: ‹", ran.err)


@pytest.mark.usefixtures("_pseudo")
def test_backends_are_told_in_words(run: Run) -> None:
    told = run("backend", "list").out
    assert set(labels.CAPABILITIES) == set(Capability)
    assert set(labels.PROOFS) == set(PROOFS)
    assert words.stretched("real server") in told
    assert words.stretched("sends files") in told
    assert not re.search(r"fetch_body|new_conversation|: (real|simulated)", told)
