"""Words that begin with `-`, words too many, and values that cannot be meant: told as they were typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_tui.cli.parser import read
from tests.cli.conftest import Run

ADD = ("account", "add", "imap", "--host", "imap.example.com", "--no-check", "--password-env")


@pytest.mark.parametrize(
    "typed",
    [
        ("refund", "-jacket"),
        ("-refund",),
        ("-noise", "-hello"),
        ("-from:olena", "refund"),
        ("-not", "-jacket", "--best", "is:open"),
        ("refund", "--", "-n", "--best"),
    ],
)
def test_a_search_takes_words_that_are_left_out(typed: tuple[str, ...]) -> None:
    given = read(["search", *typed])
    flags = () if "--" in typed else ("--best",)
    assert given.query == [word for word in typed if word != "--" and word not in flags]
    assert given.best is ("--best" in typed and "--" not in typed)
    assert read(["list", *(word for word in typed if word not in flags)]).query == given.query


def test_flags_of_a_search_stay_flags() -> None:
    for limit in (("-n", "5"), ("-n5",), ("-n=5",), ("--limit", "5"), ("--limit=5",)):
        given = read(["search", "-jacket", *limit, "refund"])
        assert (given.limit, given.query) == (5, ["-jacket", "refund"]), limit


def test_what_is_left_out_is_not_found(run: Run, demo: Path) -> None:
    some = {row["conversation"] for row in run("search", "order", "--json", "-n", "5000").lines}
    left = {row["conversation"] for row in run("search", "order", "-refund", "--json", "-n", "5000").lines}
    assert left
    assert left < some
    assert run("search", "order", "--jsn").code == 2


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("outbox --all -n 3", "-n 3"),
        ("export 1", "1"),
        ("export 1 -x", "1 -x"),
        ("export -- 1", "-- 1"),
        ("show 1 2 --json 3", "2 3"),
        ("search refund --foo", "--foo"),
    ],
)
def test_words_too_many_are_told_as_they_were_typed(run: Run, typed: str, told: str) -> None:
    ran = run(*typed.split())
    assert ran.code == 2
    assert ran.err.splitlines()[0] == f"agent-tui: unrecognized arguments: {told}"


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--user", "a@b\nc"), ("--name", "x\ny"), ("--label", "x\x1b[2J"), ("--host", "x\u2028y")],
)
def test_a_value_with_a_line_break_is_told(run: Run, tmp_path: Path, flag: str, value: str) -> None:
    ran = run("--home", str(tmp_path), *ADD, *(() if flag == "--user" else ("--user", "a")), flag, value)
    assert ran.code == 2
    assert f"argument {flag}: must not have line breaks or control characters" in ran.err
    assert "must be one of" not in ran.err


@pytest.mark.parametrize(
    "typed", [("--home", ""), ("--home=",), ("--home", "", "list"), ("list", "--home", ""), ("--home", "", "demo")]
)
def test_an_empty_home_is_not_the_usual_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    monkeypatch.delenv("AGENT_TUI_HOME", raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    ran = run(*typed)
    assert ran.code == 2
    assert "argument --home: it needs the name of a folder" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_empty_variable_is_none(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("AGENT_TUI_HOME", "")
    assert run("locate", "data").out == f"{tmp_path / 'agent-tui'}\n"
