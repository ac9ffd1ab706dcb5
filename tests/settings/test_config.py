"""Settings: what is understood, what is reported with its line, and how they are written."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent_tui import config
from agent_tui.cli.workspace import problem_in_words
from agent_tui.config import Hours, Notify, Problem, Sending, Settings, SettingsUnreadable, ZoneName, load, save


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o600)


def test_no_file_gives_the_defaults(path: Path) -> None:
    assert load(path) == (Settings(), ())


def test_everything_that_can_be_set(path: Path) -> None:
    _write(
        path,
        """
        agent = "dana"
        colleagues = ["petro", "olha"]
        theme = "light"
        keymap = "vim"
        cursor = "row"
        ascii = true
        secrets = "vault"
        [sending]
        hold_seconds = 0
        quote = "above"
        signature = "below_quote"
        [notify]
        bell = true
        [hours]
        zone = "Europe/Kyiv"
        [keys]
        solve = "e,ctrl+e"
        """,
    )
    settings, problems = load(path)
    assert problems == ()
    assert settings == Settings(
        agent="dana",
        colleagues=("petro", "olha"),
        theme="light",
        keymap="vim",
        cursor="row",
        ascii=True,
        secrets="vault",
        sending=Sending(hold_seconds=0, quote="above", signature="below_quote"),
        notify=Notify(bell=True),
        hours=Hours(ZoneName("Europe/Kyiv")),
        keys={"solve": "e,ctrl+e"},
    )
    assert settings.me == "dana"


def test_without_a_name_one_is_who_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "oksana")
    assert Settings().me == "oksana"


@pytest.mark.parametrize(
    ("text", "line", "code", "parameters"),
    [
        ('agent = "x"\nthem = "dark"', 2, "unknown_key", {"key": "them", "meant": "theme"}),
        ("[sending]\n\nhold_second = 3", 3, "unknown_key", {"key": "sending.hold_second", "meant": "hold_seconds"}),
        ("[zebra]\na = 1", 1, "unknown_key", {"key": "zebra", "meant": ""}),
        ("theme = 3", 1, "wrong_type", {"key": "theme", "expected": "text"}),
        ('[sending]\nhold_seconds = "5"', 2, "wrong_type", {"key": "sending.hold_seconds", "expected": "number"}),
        ("[sending]\nhold_seconds = true", 2, "wrong_type", {"key": "sending.hold_seconds", "expected": "number"}),
        (
            "[sending]\nhold_seconds = -1",
            2,
            "not_allowed",
            {"key": "sending.hold_seconds", "value": "-1", "allowed": "0…3600"},
        ),
        (
            "[sending]\nhold_seconds = 9000000000000",
            2,
            "not_allowed",
            {"key": "sending.hold_seconds", "value": "9000000000000", "allowed": "0…3600"},
        ),
        (
            'keymap = "emacs"',
            1,
            "not_allowed",
            {"key": "keymap", "value": "emacs", "allowed": "default, gmail, vim, mutt"},
        ),
        ('[hours]\nzone = "Mars/Base"', 2, "unknown_zone", {"key": "hours.zone", "value": "Mars/Base"}),
        ('language = "xx"', 1, "unknown_language", {"key": "language", "value": "xx", "known": "auto, en"}),
        ("language = 3", 1, "wrong_type", {"key": "language", "expected": "text"}),
        ('colleagues = "petro"', 1, "wrong_type", {"key": "colleagues", "expected": "list"}),
        ("[keys]\nsolve = 3", 1, "wrong_type", {"key": "keys", "expected": "table"}),
        ("sending = 3", 1, "wrong_type", {"key": "sending", "expected": "table"}),
        ('smtp_password = "x"', 1, "secret_here", {"key": "smtp_password"}),
        ("agent = \n", 1, "syntax", {}),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(
    path: Path, text: str, line: int, code: str, parameters: dict[str, str]
) -> None:
    _write(path, text)
    settings, problems = load(path)
    assert list(problems) == [Problem(line, code, parameters)]
    assert dataclasses.replace(settings, agent="") == Settings(), "the rest keeps its defaults"


def test_a_value_that_may_be_a_secret_is_not_repeated(path: Path) -> None:
    _write(path, 'password = "canary-7731"')
    assert "canary-7731" not in str(load(path))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a = " + "[" * 1_900, "syntax"),
        ("a = " + "{a = " * 390, "syntax"),
        ("a = [\n" + "[\n" * 30_000, "syntax"),
        ("keymap = [\n" + "[\n" * 240 + "]\n" * 240 + "]", "not_allowed"),
        ("[sending]\nhold_seconds = " + "9" * 1_900, "not_allowed"),
        ("[sending]\nhold_seconds = 0x" + "f" * 1_900, "not_allowed"),
        ("a" + ".a" * 100_000 + " = 1", "too_large"),
        ("".join(f"a{n}" + ".a" * 980 + " = 1\n" for n in range(32)), "unknown_key"),
        ("".join(f"[a{n}" + ".a" * 980 + "]\n" for n in range(32)), "unknown_key"),
        ("# " + "x" * 300_000, "too_large"),
        ("#\n" * 200_000, "too_large"),
        ("".join(f"a{n} = 1\n" for n in range(5_000)), "unknown_key"),
    ],
    ids=lambda value: value[:12],
)
def test_a_hostile_file_is_told_soon_and_the_defaults_are_used(path: Path, text: str, code: str) -> None:
    _write(path, text)
    began = time.process_time()
    settings, problems = load(path)
    assert time.process_time() - began < 3
    assert settings == Settings()
    assert problems[0].code == code
    assert len(problems) <= config.MOST_PROBLEMS + 1
    assert all(len(str(problem.parameters.get("value", ""))) <= 40 for problem in problems)
    if code == "too_large":
        with pytest.raises(SettingsUnreadable):
            save(path, {"theme": "light"})


def test_not_everything_that_is_wrong_is_told(path: Path) -> None:
    _write(path, "".join(f"a{n} = 1\n" for n in range(50)))
    problems = load(path)[1]
    assert [problem.code for problem in problems] == ["unknown_key"] * config.MOST_PROBLEMS + ["more"]
    assert all("{" not in problem_in_words(problem) for problem in problems)


def test_a_file_that_is_no_text_is_told(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    settings, problems = load(path)
    assert settings == Settings()
    assert problems[0].code == "unreadable"


@pytest.mark.parametrize("kind", ["pipe", "folder", "link to a device"])
def test_what_is_no_file_is_told_and_not_waited_for(path: Path, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero")
    settings, problems = load(path)
    assert (settings, problems) == (Settings(), (Problem(0, "unreadable", {"reason": "NotAFile"}),))
    assert "(NotAFile)" in problem_in_words(problems[0])
    with pytest.raises(SettingsUnreadable):
        save(path, {"theme": "light"})


def test_settings_may_lie_elsewhere(path: Path) -> None:
    """Many keep theirs in a folder of their own, with a link to it."""
    elsewhere = path.parent / "elsewhere.toml"
    _write(elsewhere, 'agent = "dana"')
    path.symlink_to(elsewhere)
    assert load(path)[0].agent == "dana"


def test_loose_permissions_are_told(path: Path) -> None:
    path.write_text('agent = "dana"')
    path.chmod(0o644)
    settings, problems = load(path)
    assert settings.agent == "dana"
    assert [problem.code for problem in problems] == ["loose_permissions"]


def test_writing_keeps_comments_and_order(path: Path) -> None:
    _write(path, '# mine\ntheme = "dark"  # easy on the eyes\n\n[sending]\n# not so fast\nhold_seconds = 10\n')
    save(path, {"theme": "light", "sending.hold_seconds": 5, "colleagues": ("petro",), "hours.zone": "Europe/Kyiv"})
    text = path.read_text()
    assert text.startswith('# mine\ntheme = "light"  # easy on the eyes\n')
    assert "# not so fast\nhold_seconds = 5" in text
    settings, problems = load(path)
    assert problems == ()
    assert (settings.theme, settings.sending.hold_seconds, settings.colleagues) == ("light", 5, ("petro",))
    assert settings.hours.zone == "Europe/Kyiv"
    save(path, {"theme": None})
    assert load(path)[0].theme == "dark"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_broken_file_is_not_written_over(path: Path) -> None:
    _write(path, "theme = ")
    with pytest.raises(SettingsUnreadable):
        save(path, {"theme": "light"})
    assert path.read_text() == "theme = "


def test_every_setting_has_its_manual() -> None:
    source = Path(config.__file__).read_text("utf-8")
    for name in ("agent", "colleagues", "hold_seconds", "quote", "keymap", "cursor", "zone", "keys", "secrets"):
        assert re.search(rf'^    {name}: .*\n    """', source, re.MULTILINE), name


def test_reading_needs_nothing_heavy() -> None:
    code = (
        "import sys; from pathlib import Path; from agent_tui.config import load; load(Path('/nonexistent'));"
        "import agent_tui.credentials;"
        "print(*[m for m in ('tomlkit', 'pydantic', 'platformdirs', 'keyring', 'cryptography', 'httpx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split() == []
