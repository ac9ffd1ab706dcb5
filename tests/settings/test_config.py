"""Settings: what is understood, what is reported with its line, and how they are written."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent_tui import config
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
            {"key": "sending.hold_seconds", "value": "-1", "allowed": "0…"},
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


def test_a_file_that_is_no_text_is_told(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    settings, problems = load(path)
    assert settings == Settings()
    assert problems[0].code == "unreadable"


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
